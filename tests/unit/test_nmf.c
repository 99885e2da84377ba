/* What sori_nmf and sori_nmfd refuse, the sentence they say, and what they make of next to nothing. */
#include "arrays.h"
#include <sori/decompose.h>

static const float *values(const sori_array *a) { return a->data; }

#define NMF(S_, ...) sori_nmf(c, S_, &(sori_nmf_config){ __VA_ARGS__ }).W
#define NMFD(S_, T_, ...) sori_nmfd(c, S_, &(sori_nmfd_config){ .nmf = { __VA_ARGS__ }, .T = T_ }).W

static void sizes(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = filled(c, 4, 6, 1), *stereo = sori_array_new(c, SORI_F32, 3, (size_t[]){ 2, 3, 4 });
    sori_array *none = sori_array_new(c, SORI_F32, 2, (size_t[]){ 4, 0 });
    REFUSES(c, NMF(NULL, .every = 1), "nmf: no array given");
    REFUSES(c, NMF(stereo, .every = 1), "nmf: the spectrogram has 3 axes, not 2");
    REFUSES(c, NMF(none, .every = 1), "nmf: the spectrogram is empty");
    REFUSES(c, NMF(S, .n_components = -2), "nmf: n_components -2 is outside 1 to 65536");
    REFUSES(c, NMF(S, .n_components = 65537), "nmf: n_components 65537 is outside 1 to 65536");
    REFUSES(c, NMF(S, .W = filled(c, 5, 2, 1)), "nmf: W is [5, 2], which does not fit [4, 2]");
    REFUSES(c, NMF(S, .W = filled(c, 4, 3, 1), .n_components = 2), "nmf: W is [4, 3], which does not fit [4, 2]");
    REFUSES(c, NMF(S, .W = filled(c, 4, 2, 1), .H = filled(c, 2, 5, 1)), "nmf: H is [2, 5], which does not fit [2, 6]");
    REFUSES(c, NMF(S, .W = sori_array_new(c, SORI_F64, 2, (size_t[]){ 4, 2 })), "nmf: needs float32, got float64");
    REFUSES(c, NMF(S, .W = filled(c, 4, 2, 1), .fixed = 3), "nmf: fixed 3 is outside 0 to 2, the components of W");
    REFUSES(c, NMF(S, .fixed = 1), "nmf: fixed 1 is outside 0 to 0, the components of W");
    REFUSES(c, NMF(S, .H = filled(c, 2, 6, NAN)), "nmf: a value of H is negative or not finite");
    REFUSES(c, NMF(S, .W = filled(c, 4, 2, -1)), "nmf: a value of W is negative or not finite");
    REFUSES(c, NMFD(S, -1, .every = 1), "nmfd: T -1 is below 1");
    REFUSES(c, NMFD(S, 7, .every = 1), "nmfd: T 7 is outside 1 to 6, the frames of S");
    REFUSES(c, NMFD(S, 5, .n_components = 20000), "nmfd: 20000 components of 5 frames are more than 65536");
    REFUSES(c, NMFD(S, 0, .W = filled(c, 4, 2, 1), .n_components = 2),
            "nmfd: T 10 is outside 1 to 6, the frames of S");
    REFUSES(c, NMFD(S, 2, .W = filled(c, 4, 2, 1)), "nmfd: W is [4, 2], which does not fit [4, 2, 2]");
    sori_close(c);
}

static void options(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = filled(c, 4, 6, 1);
    REFUSES(c, NMF(S, .alpha_W = -1), "nmf: alpha_W -1 is outside 0 to 1e+30");
    REFUSES(c, NMF(S, .alpha_H = SORI_VALUE((double)NAN)), "nmf: alpha_H nan is outside 0 to 1e+30");
    REFUSES(c, NMF(S, .l1_ratio = 1.5), "nmf: l1_ratio 1.5 is outside 0 to 1");
    REFUSES(c, NMF(S, .smooth = (double)INFINITY), "nmf: smooth inf is outside 0 to 1e+30");
    REFUSES(c, NMF(S, .tol = SORI_VALUE(-1)), "nmf: tol -1 is outside 0 to 1e+30");
    REFUSES(c, NMF(S, .max_iter = -1), "nmf: max_iter -1 is outside 1 to 1000000");
    REFUSES(c, NMF(S, .every = -5), "nmf: every -5 is outside 1 to 1000000");
    REFUSES(c, NMF(S, .loss = (sori_nmf_loss)3), "nmf: no such loss");
    REFUSES(c, NMF(S, .solver = (sori_nmf_solver)-1), "nmf: no such solver");
    REFUSES(c, NMF(S, .init = (sori_nmf_init)3), "nmf: no such init");
    REFUSES(c, NMF(S, .solver = SORI_NMF_HALS, .loss = SORI_NMF_ITAKURA_SAITO),
            "nmf: HALS is for the Frobenius loss alone");
    REFUSES(c, NMF(S, .solver = SORI_NMF_HALS, .smooth = 1), "nmf: smooth is for multiplicative updates alone");
    REFUSES(c, NMF(S, .init = SORI_NMF_INIT_NNDSVDA, .n_components = 5),
            "nmf: NNDSVDA has no more components than S rows or columns");
    REFUSES(c, NMFD(S, 2, .solver = SORI_NMF_HALS), "nmfd: HALS is for components of one frame: sori_nmf");
    REFUSES(c, NMFD(S, 2, .init = SORI_NMF_INIT_NNDSVDA), "nmfd: NNDSVDA is for components of one frame: sori_nmf");
    sori_close(c);
}

static void values_out_of_range(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = filled(c, 4, 6, 1);
    float *s = S->data;
    s[5] = 0;
    REFUSES(c, NMF(S, .loss = SORI_NMF_ITAKURA_SAITO),
            "nmf: value 5 of the spectrogram is 0, where the Itakura-Saito loss is infinite: add a small value");
    s[5] = -1;
    REFUSES(c, NMF(S, .every = 1), "nmf: value 5 of the spectrogram is negative");
    s[5] = NAN;
    REFUSES(c, NMF(S, .every = 1), "nmf: value 5 of the input is not finite");
    for (size_t i = 0; i < S->size; i++) s[i] = 1e30f;
    REFUSES(c, NMF(S, .n_components = 2, .init = SORI_NMF_INIT_RANDOM),
            "nmf: the loss is not finite after 0 sweeps: scale the spectrogram");
    assert_non_null(NMF(S, .n_components = 2, .init = SORI_NMF_INIT_RANDOM, .exact = true));
    assert_ok(c);
    sori_close(c);
}

/* Silence, one value, more components than values, all components fixed. */
static void next_to_nothing(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *silence = filled(c, 4, 6, 0), *one = filled(c, 1, 1, 3);
    for (int loss = 0; loss < 2; loss++) {
        sori_nmf_config g = { .n_components = 2, .loss = (sori_nmf_loss)loss };
        sori_nmf_result r = sori_nmf(c, silence, &g);
        assert_ok(c);
        assert_true(((double *)r.loss->data)[r.loss->size - 1] < 1e-12);
        assert_non_null(sori_nmfd(c, silence, &(sori_nmfd_config){ .nmf = g, .T = 6 }).W);
    }
    sori_nmf_result r = sori_nmf(c, one, NULL);
    assert_ok(c);
    assert_close((double)values(r.W)[0] * (double)values(r.H)[0], 3, 1e-5, 0);
    r = sori_nmf(c, one, &(sori_nmf_config){ .n_components = 70, .loss = SORI_NMF_ITAKURA_SAITO, .max_iter = 1 });
    assert_ok(c);
    assert_int_equal(r.W->shape[1], 70);
    assert_int_equal(r.loss->size, 2);
    r = sori_nmf(c, one, &(sori_nmf_config){ .W = one, .fixed = 1, .tol = SORI_NONE, .max_iter = 25, .every = 10 });
    assert_ok(c);
    assert_int_equal(r.n_iter, 25);
    assert_int_equal(r.loss->size, 4);
    assert_close((double)values(r.H)[0], 1, 1e-6, 0);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes), cmocka_unit_test(options), cmocka_unit_test(values_out_of_range),
        cmocka_unit_test(next_to_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
