/* Every layer and loss against PyTorch, forward and backward: tables, weights and answers of tools/golden/make_nn.py.
 *
 * In front of the table stands a dense layer with the identity as its kernel: the gradient by its output, which is the
 * case's input, is then computed as that by any inner value is. In double and in float, from the same float weights. */
#include "golden/golden.h"
#include "nn/nn.h"
#include "nn/table.h"

#define MOST_LAYERS 8

typedef struct nn_case {
    golden_run *run;
    const json_t *item;
    const char *id;
    const json_t *tolerance;
    sori_model *m;
    nn_plan *p;
    size_t batch;
    double worst;
} nn_case;

/* --- stored tensors ----------------------------------------------------------------------------------------------- */

static const json_t *tensor(const nn_case *k, const char *name) {
    char key[160];
    base_format(key, sizeof key, "%s/%s", k->id, name);
    return json_object_get(k->run->answers.header, key);
}

static size_t tensor_size(const json_t *t) {
    size_t size = 1, i;
    json_t *dim;
    json_array_foreach(json_object_get(t, "shape"), i, dim) size *= (size_t)json_integer_value(dim);
    return size;
}

/* The tensor's values, for free(); size must be right. */
static double *values(const nn_case *k, const char *name, size_t size) {
    char key[160];
    const json_t *t = tensor(k, name);
    if (!t || tensor_size(t) != size) fail_msg("%s: %s has %zu values, not %zu", k->id, name, tensor_size(t), size);
    double *v = malloc(size * sizeof *v);
    base_format(key, sizeof key, "%s/%s", k->id, name);
    for (size_t i = 0; i < size; i++) v[i] = golden_answer(&k->run->answers, key, i, false, false);
    return v;
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

static void compare(nn_case *k, const char *name, const void *block, size_t size) {
    double *want = values(k, name, size), *got = malloc(size * sizeof *got);
    double limit = json_number(k->tolerance, "limit", 0);
    k->m->k->to_f64(got, block, size);
    for (size_t i = 0; i < size; i++) {
        double e = golden_error(k->tolerance, fabs(got[i] - want[i]), want[i], 0);
        if (!(e <= limit)) {
            print_error("%s: %s[%zu] is %.9g, not %.9g\n", k->id, name, i, got[i], want[i]);
            k->run->failed++;
            i = size - 1;
        }
        k->worst = fmax(k->worst, e);
    }
    free(want);
    free(got);
}

/* --- the model ---------------------------------------------------------------------------------------------------- */

/* Whether a gradient by the input is asked for. */
static bool has_front(const nn_case *k) { return tensor(k, "dx") != NULL; }

static void make_model(nn_case *k, bool exact) {
    static const char *const losses[] = { "mse", "categorical_crossentropy", "binary_crossentropy" };
    sori_ctx *c = k->run->c;
    sori_layer table[MOST_LAYERS + 2] = { { 0 } };
    const json_t *rows = json_object_get(k->item, "layers"), *dims = json_object_get(k->item, "input");
    sori_shape input = { { 0 } };
    size_t n = 0, i;
    json_t *row, *dim;
    json_array_foreach(dims, i, dim) input.dim[i] = (int)json_integer_value(dim);
    if (has_front(k))
        table[n++] = (sori_layer){ .op = SORI_DENSE, .name = "before", .no_bias = true,
                                   .units = input.dim[json_array_size(dims) - 1] };
    assert_true(json_array_size(rows) <= MOST_LAYERS);
    json_array_foreach(rows, i, row) nn_layer_from_json(c, row, i, &table[n++]);
    k->m = sori_sequential(c, input, table);
    sori_compile_config config = { .exact = exact };
    config.label_smoothing = json_number(json_object_get(k->item, "settings"), "label_smoothing", 0);
    for (size_t l = 0; l < BASE_COUNT(losses); l++)
        if (!strcmp(json_text(k->item, "loss"), losses[l])) config.loss = (sori_loss)l;
    sori_compile(k->m, &config);
    if (sori_error(c)) fail_msg("%s: %s", k->id, sori_message(c));
}

static void set_weights(nn_case *k) {
    for (size_t i = 0; i < nn_param_total(k->m); i++) {
        const nn_param *p = nn_param_at(k->m, i);
        char name[128];
        base_format(name, sizeof name, "w/%s", p->name);
        double *v = calloc(p->shape.size, sizeof *v);
        if (!strcmp(p->name, "before/kernel")) {
            for (size_t d = 0; d < p->shape.dim[0]; d++) v[d * (p->shape.dim[0] + 1)] = 1;
        } else {
            free(v);
            v = values(k, name, p->shape.size);
        }
        k->m->k->from_f64(nn_at(k->m, k->m->w, p->offset), v, p->shape.size);
        free(v);
    }
}

static void put(const nn_case *k, const char *name, char *block, size_t size) {
    double *v = values(k, name, size);
    k->m->k->from_f64(block, v, size);
    free(v);
}

/* --- running ------------------------------------------------------------------------------------------------------ */

static size_t out_size(const nn_case *k) { return k->batch * k->m->nodes[k->m->n_nodes - 1].y.size; }

/* Inference, before training has moved any statistics. */
static void check_prediction(nn_case *k) {
    nn_plan *p = nn_plan_get(k->m, k->batch, false);
    assert_ok(k->run->c);
    put(k, "x", p->value[0].at, k->batch * k->m->input.size);
    nn_forward(k->m, p, k->batch);
    compare(k, tensor(k, "predicted") ? "predicted" : "y", p->value[k->m->n_nodes].at, out_size(k));
}

static void check_gradients(nn_case *k) {
    if (has_front(k)) compare(k, "dx", k->p->grad[1].at, k->batch * k->m->input.size);
    for (size_t i = 0; i < nn_param_total(k->m); i++) {
        const nn_param *p = nn_param_at(k->m, i);
        char name[128];
        base_format(name, sizeof name, p->trainable ? "dw/%s" : "moved/%s", p->name);
        const char *block = p->trainable ? k->p->dw : k->m->w;
        if (strcmp(p->name, "before/kernel") != 0)
            compare(k, name, block + p->offset * k->m->k->real_size, p->shape.size);
    }
}

static void run_layers(nn_case *k) {
    check_prediction(k);
    nn_forward(k->m, k->p, k->batch);
    compare(k, "y", k->p->value[k->m->n_nodes].at, out_size(k));
    put(k, "dy", k->p->grad[k->m->n_nodes].at, out_size(k));
    nn_backward(k->m, k->p, k->batch);
    check_gradients(k);
}

/* The loss, which computes the last activation itself. */
static void run_loss(nn_case *k) {
    double sum, correct, mean;
    put(k, "t", k->p->target, out_size(k));
    nn_forward(k->m, k->p, k->batch);
    nn_loss(k->m, k->p, k->batch, true, &sum, &correct);
    mean = sum / (double)k->batch;
    char loss[8];
    k->m->k->from_f64(loss, &mean, 1);
    compare(k, "y", loss, 1);
    nn_backward(k->m, k->p, k->batch);
    check_gradients(k);
}

static void run_case(golden_run *r, const json_t *item, bool exact) {
    nn_case k = { .run = r, .item = item, .id = json_text(item, "id") };
    const char *tolerance = json_text(item, exact ? "exact" : "default");
    k.tolerance = json_object_get(json_object_get(r->manifest, "tolerances"), tolerance);
    int scope = sori_begin(r->c);
    make_model(&k, exact);
    set_weights(&k);
    k.batch = tensor_size(tensor(&k, "x")) / k.m->input.size;
    k.p = nn_plan_get(k.m, k.batch, true);
    assert_ok(r->c);
    assert_int_equal(k.p->shards, 1);   /* so gradients lie side by side */
    put(&k, "x", k.p->value[0].at, k.batch * k.m->input.size);
    if (*json_text(item, "loss")) run_loss(&k);
    else run_layers(&k);
    fprintf(r->report, "case\t%s\t%s\t%s\t%s\t%.9g\n",
            json_text(json_object_get(r->manifest, "functions"), json_text(item, "function")),
            json_text(item, "librosa"), exact ? "exact" : "default", tolerance, k.worst);
    sori_model_free(k.m);
    sori_end(r->c, scope, NULL);
}

static void all_cases(void **state) {
    golden_run *r = *state;
    size_t i;
    json_t *item;
    golden_report_head(r);
    json_array_foreach(json_object_get(r->manifest, "cases"), i, item) {
        run_case(r, item, false);
        run_case(r, item, true);
    }
    assert_true(i > 70);
    assert_int_equal(r->failed, 0);
}

int main(void) {
    golden_run r = { .c = sori_open(NULL), .family = "nn" };
    r.manifest = json_load_file(TEST_SOURCE_DIR "/tests/golden/nn.json", 0, NULL);
    r.answers = golden_open_answers(r.c, "nn");
    r.report = fopen(TEST_SCRATCH "/parity.tsv", "w");
    if (!r.manifest || !r.answers.header || !r.report) return 1;
    const struct CMUnitTest tests[] = { cmocka_unit_test_prestate(all_cases, &r) };
    int failed = cmocka_run_group_tests_name("nn", tests, NULL, NULL);
    fclose(r.report);
    json_decref(r.manifest);
    json_decref(r.answers.header);
    base_free(r.c, r.answers.bytes);
    sori_close(r.c);
    return failed;
}
