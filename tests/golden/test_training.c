/* Losses, optimisers and schedules against Keras's and PyTorch's, in double: tools/golden/make_training.py.
 *
 * Both sides are double arithmetic; they differ in the order of operations, so 1e-12 relative, for ten steps of an
 * optimiser 1e-10. But Keras clips, and takes a loss's mean, in float32: 2e-7. */
#include "golden/golden_input.h"
#include "nn/nn.h"

static json_t *manifest;

static const char *const loss_names[SORI_LOSS_COUNT] = {
    "mse", "categorical_crossentropy", "binary_crossentropy", "si_sdr", "multi_res_stft", "mae", "huber",
    "kl_divergence"
};
static const char *const kinds[] = { "sgd", "adam", "adamw", "rmsprop" };
static const char *const schedules[SORI_SCHEDULE_COUNT] = { "constant", "cosine", "step", "exponential", "one_cycle" };

static int place(const char *const *words, int n, const char *word) {
    for (int i = 0; i < n; i++)
        if (strcmp(words[i], word) == 0) return i;
    fail_msg("unknown word %s", word);
    return 0;
}

static size_t numbers(const json_t *list, double *out) {
    for (size_t i = 0; i < json_array_size(list); i++) out[i] = json_number_value(json_array_get(list, i));
    return json_array_size(list);
}

static sori_array *floats(sori_ctx *c, const json_t *list, size_t rows) {
    double v[64];
    size_t n = numbers(list, v);
    sori_array *a = sori_array_from(c, SORI_F64, 2, (size_t[]){ rows, n / rows }, v);
    return sori_array_cast(c, a, SORI_F32);
}

static bool truth(const json_t *o, const char *key) { return json_is_true(json_object_get(o, key)); }

static sori_optimizer optimizer_of(const json_t *item) {
    const json_t *o = json_object_get(item, "config");
    return (sori_optimizer){
        .kind = (sori_optimizer_kind)place(kinds, BASE_COUNT(kinds), json_text(item, "kind")),
        .learning_rate = json_number(o, "learning_rate", 0), .momentum = json_number(o, "momentum", 0),
        .nesterov = truth(o, "nesterov"), .beta_1 = json_number(o, "beta_1", 0), .beta_2 = json_number(o, "beta_2", 0),
        .rho = json_number(o, "rho", 0), .centered = truth(o, "centered"), .epsilon = json_number(o, "epsilon", 0),
        .weight_decay = json_number(o, "weight_decay", 0), .clipnorm = json_number(o, "clipnorm", 0),
        .global_clipnorm = json_number(o, "global_clipnorm", 0), .clipvalue = json_number(o, "clipvalue", 0),
        .gradient_accumulation_steps = (int)json_number(o, "gradient_accumulation_steps", 0),
        .use_ema = truth(o, "use_ema"), .ema_momentum = json_number(o, "ema_momentum", 0),
    };
}

static sori_fit_config fit_of(const json_t *o) {
    const char *name = json_text(o, "schedule");
    return (sori_fit_config){
        .schedule = *name ? (sori_schedule)place(schedules, SORI_SCHEDULE_COUNT, name) : SORI_CONSTANT,
        .alpha = json_number(o, "alpha", 0), .decay_rate = json_number(o, "decay_rate", 0),
        .decay_epochs = (int)json_number(o, "decay_epochs", 0), .pct_start = json_number(o, "pct_start", 0),
        .div_factor = json_number(o, "div_factor", 0), .final_div_factor = json_number(o, "final_div_factor", 0),
        .base_momentum = json_number(o, "base_momentum", 0), .max_momentum = json_number(o, "max_momentum", 0),
    };
}

/* The weights, kernel then bias, after so many epochs of a case. */
static void train(const json_t *item, int epochs, double *out) {
    const json_t *problem = json_object_get(manifest, "problem");
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2 });
    sori_model *m = sori_sequential(c, SORI_SHAPE(3), SORI_LAYERS({ .op = SORI_DENSE, .name = "d", .units = 2 }));
    sori_compile(m, &(sori_compile_config){ .optimizer = optimizer_of(item), .exact = true });
    sori_set_weight(m, "d/kernel", floats(c, json_object_get(problem, "kernel"), 3));
    double bias[2];
    numbers(json_object_get(problem, "bias"), bias);
    sori_set_weight(m, "d/bias", sori_array_from(c, SORI_F64, 1, (size_t[]){ 2 }, bias));
    sori_fit_config fit = fit_of(json_object_get(item, "fit"));
    fit.epochs = epochs;
    fit.batch_size = (int)json_number(item, "batch_size", 0);
    fit.no_shuffle = true;
    sori_fit(m, floats(c, json_object_get(problem, "x"), 6), floats(c, json_object_get(problem, "y"), 6), &fit);
    assert_ok(c);
    memcpy(out, sori_get_weight(m, "d/kernel")->data, 6 * sizeof *out);
    memcpy(out + 6, sori_get_weight(m, "d/bias")->data, 2 * sizeof *out);
    sori_model_free(m);
    sori_close(c);
}

static void optimizers(void **state) {
    (void)state;
    size_t i, k;
    json_t *item, *epochs;
    json_array_foreach(json_object_get(manifest, "optimizers"), i, item) {
        json_array_foreach(json_object_get(item, "epochs"), k, epochs) {
            double got[8], expected[8], limit = strstr(json_text(item, "name"), "clip") ? 2e-7 : 1e-10;
            numbers(json_array_get(json_object_get(item, "weights"), k), expected);
            train(item, (int)json_integer_value(epochs), got);
            for (int j = 0; j < 8; j++)
                if (!(fabs(got[j] - expected[j]) <= limit * fabs(expected[j]) + 1e-13))
                    fail_msg("%s %s of %s, %d epochs: weight %d is %.15g, expected %.15g", json_text(item, "kind"),
                             json_text(item, "name"), json_text(item, "peer"), (int)json_integer_value(epochs), j,
                             got[j], expected[j]);
        }
    }
}

static void rates(void **state) {
    (void)state;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(manifest, "schedules"), i, item) {
        double expected[64], momentum[64], steps = json_number(item, "steps", 1);
        double all = json_number(item, "epochs", 1) * steps;
        size_t n = numbers(json_object_get(item, "rates"), expected);
        size_t momenta = numbers(json_object_get(item, "momentum"), momentum);
        sori_fit_config fit = fit_of(json_object_get(item, "config"));
        sori_optimizer o = { .learning_rate = 0.5, .momentum = momenta ? 0.9 : 0 };
        assert_true((double)n == all);
        for (size_t t = 0; t < n; t++) {
            nn_rate r = nn_schedule_rate(&o, &fit, (double)t, all, steps);
            assert_close(r.learning_rate, expected[t], 1e-15, 1e-12);
            if (momenta) assert_close(r.momentum, momentum[t], 0, 1e-12);
        }
    }
}

static void losses(void **state) {
    (void)state;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(manifest, "losses"), i, item) {
        double p[64], t[64], weight[8], shape[4];
        size_t axes = numbers(json_object_get(item, "shape"), shape), size = numbers(json_object_get(item, "p"), p);
        numbers(json_object_get(item, "t"), t);
        bool weighted = numbers(json_object_get(item, "weight"), weight) > 0;
        const json_t *config = json_object_get(item, "config");
        nn_loss_run r = { .loss = (sori_loss)place(loss_names, SORI_LOSS_COUNT, json_text(item, "loss")), .scale = 1,
                          .label_smoothing = json_number(config, "label_smoothing", 0),
                          .delta = json_number(config, "delta", 1), .n = (size_t)shape[0],
                          .width = (size_t)shape[axes - 1], .weight = weighted ? weight : NULL, .p = p, .t = t };
        r.rows = size / r.n / r.width;
        nn_kernels_find(true, NULL)->loss(&r);
        assert_close(r.loss_sum / shape[0], json_number(item, "value", NAN), 0, 2e-7);
    }
}

int main(void) {
    manifest = json_load_file(TEST_SOURCE_DIR "/tests/golden/training/training.json", 0, NULL);
    const struct CMUnitTest tests[] = { cmocka_unit_test(losses), cmocka_unit_test(optimizers),
                                        cmocka_unit_test(rates) };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(manifest);
    return failed;
}
