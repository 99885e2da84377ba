/* Factorisations against scikit-learn's from the same start, sweep for sweep: tools/golden/make_nmf.py. In float after
 * 25 sweeps, each of which multiplies by sums that are rounded to 6e-8; in double to the rounding of the result. */
#include "test.h"
#include "base/base.h"
#include <sori/decompose.h>

static sori_ctx *ctx;
static const sori_named *items;
static size_t n_items;

static int setup(void **state) {
    (void)state;
    ctx = sori_open(NULL);
    items = sori_load_safetensors(ctx, TEST_SOURCE_DIR "/tests/golden/nmf/nmf.safetensors", &n_items, NULL);
    return items ? 0 : -1;
}
static int teardown(void **state) { (void)state; sori_close(ctx); return 0; }

static const sori_array *named(const char *name, const char *ending) {
    char text[64];
    snprintf(text, sizeof text, "%s%s", name, ending);
    for (size_t i = 0; i < n_items; i++)
        if (!strcmp(items[i].name, text)) return items[i].array;
    fail_msg("no %s", text);
    return NULL;
}

static void same(const char *name, const sori_array *got, const sori_array *want, double slack) {
    double largest = 0;
    assert_int_equal(got->size, want->size);
    for (size_t i = 0; i < want->size; i++) largest = fmax(largest, ((double *)want->data)[i]);
    for (size_t i = 0; i < want->size; i++) {
        double g = (double)((float *)got->data)[i], w = ((double *)want->data)[i];
        if (!(fabs(g - w) <= slack * (0.01 * largest + w))) fail_msg("%s: value %zu is %.9g, not %.9g", name, i, g, w);
    }
}

/* Once in float and once in double. */
static void check(const char *name, sori_nmf_config g) {
    const sori_array *end = named(name, ".end");
    g.W = named("W", "");
    g.fixed = strstr(name, "activations") ? 6 : 0;
    g.H = g.fixed ? NULL : named("H", "");
    for (int exact = 0; exact < 2; exact++) {
        g.exact = exact;
        double slack = exact ? 2e-7 : 1e-4;
        sori_nmf_result r = sori_nmf(ctx, named(g.loss == SORI_NMF_ITAKURA_SAITO ? "positive" : "zeros", ""), &g);
        assert_ok(ctx);
        same(name, r.W, named(name, ".W"), slack);
        same(name, r.H, named(name, ".H"), slack);
        assert_close(((double *)r.loss->data)[r.loss->size - 1], ((double *)end->data)[0], 0, exact ? 1e-11 : 2e-5);
        assert_int_equal(r.n_iter, ((double *)end->data)[1]);
    }
}

static void multiplicative_updates(void **state) {
    (void)state;
    static const char *const words[] = { "frobenius", "kullback", "itakura" };
    char name[64];
#define CHECK(ending, ...) do { \
        snprintf(name, sizeof name, "%s" ending, words[loss]); \
        check(name, (sori_nmf_config){ .loss = (sori_nmf_loss)loss, __VA_ARGS__ }); \
    } while (0)
    for (int loss = 0; loss < 3; loss++) {
        CHECK("", .max_iter = 25, .tol = SORI_NONE);
        CHECK(".penalties", .max_iter = 25, .tol = SORI_NONE, .alpha_W = 0.003, .alpha_H = SORI_VALUE(0.02),
              .l1_ratio = 0.6);
        CHECK(".same", .max_iter = 25, .tol = SORI_NONE, .alpha_W = 0.01);
        CHECK(".tol", .max_iter = 400, .tol = SORI_VALUE(2e-3));
        CHECK(".activations", .max_iter = 30, .tol = SORI_NONE);
    }
}

static void coordinate_descent(void **state) {
    (void)state;
    sori_nmf_config g = { .solver = SORI_NMF_HALS, .max_iter = 25, .tol = SORI_NONE };
    check("hals", g);
    g.alpha_W = 0.003;
    g.alpha_H = SORI_VALUE(0.02);
    g.l1_ratio = 0.6;
    check("hals.penalties", g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multiplicative_updates), cmocka_unit_test(coordinate_descent),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
