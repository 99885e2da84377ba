/* Sweeps: rows and margins against plain loops, a run is a training, what is found done, every refusal. */
#include "test.h"
#include "task/sweep.h"
#include <sori/audio.h>
#include <unistd.h>

#define DATA TEST_SCRATCH "/sounds"
#define DIR TEST_SCRATCH "/sweep"
#define SR 8000.0
#define FILES 24

static void make_sounds(void) {
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(system("rm -rf '" DATA "' '" DIR "' && mkdir -p '" DATA "/a' '" DATA "/b'"), 0);
    for (int i = 0; i < FILES; i++) {
        float y[2400];
        for (int t = 0; t < 2400; t++) y[t] = (float)(0.1 * sin(t * (i % 2 ? 0.3 : 0.5) + i) + 0.05 * sin(t * 0.1 * i));
        char path[256];
        snprintf(path, sizeof path, "%s/%s/%d.wav", DATA, i % 2 ? "a" : "b", i);
        sori_save(c, path, sori_audio_from(c, y, 1, 2400, SR), NULL);
    }
    assert_ok(c);
    sori_close(c);
}

#define AXIS(name, ...) { name, (const char *const[]){ __VA_ARGS__ }, \
                          sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *) }
#define FAST AXIS("n_fft", "128"), AXIS("hop_length", "200"), AXIS("epochs", "2"), AXIS("model", "mlp")
#define AXES(list) .axes = list, .axis_count = sizeof list / sizeof list[0]

/* --- tables: made-up runs ---------------------------------------------------------------------------------------- */

/* 2 x 3 rows and 3 seeds; the row (0, 2) fails with one seed. */
static const sori_sweep_axis made_up[] = { AXIS("sr", "8000", "16000"), AXIS("n_mels", "10", "20", "30") };

static double accuracy_at(size_t seed, size_t row) { return 0.5 + 0.05 * (double)row + 0.01 * (double)(seed * seed); }

static void tables_are_plain_means(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_sweep_config config = { AXES(made_up), .seeds = 3 };
    sweep s = { .c = c, .config = &config, .compared = SORI_TEST };
    sweep_run runs[18];
    char small_error[] = "too small";
    assert_true(task_sweep_check(&s));
    assert_int_equal(s.rows, 6);
    for (size_t i = 0; i < 18; i++)
        runs[i] = (sweep_run){ .row = i % 6, .ok = i != 8, .error = i == 8 ? small_error : NULL, .seconds = 2,
                               .accuracy = { 0, NAN, accuracy_at(i / 6, i % 6) } };
    s.runs = runs;
    sori_sweep_result r = { 0 };
    task_sweep_tabulate(&s, &r);
    assert_ok(c);
    const double spread = sqrt((0 - 5. / 3) * (0 - 5. / 3) + 4. / 9 + (4 - 5. / 3) * (4 - 5. / 3)) / sqrt(2) * 0.01;
    for (size_t i = 0; i < 6; i++) {         /* accuracies rise with the row */
        const sori_sweep_row *row = &r.rows[i];
        size_t at = 5 - i;
        assert_string_equal(row->values[0], made_up[0].values[at / 3]);
        assert_string_equal(row->values[1], made_up[1].values[at % 3]);
        assert_int_equal(row->runs, at == 2 ? 2 : 3);
        if (at == 2) assert_string_equal(row->error, "too small");
        else assert_close(row->accuracy, accuracy_at(0, at) + 0.05 / 3, 1e-12, 0);
        if (at != 2) assert_close(row->spread, spread, 1e-12, 0);
        assert_true(isnan(row->val_accuracy));
    }
    /* n_mels=30 succeeded with 16000 only, so only 16000 is fair company for bands; for rates, 10 and 20 bands. */
    const double want[5] = { 0.5 + 0.025, 0.5 + 0.175, 0.5 + 0.15, 0.5 + 0.2, 0.5 + 0.25 };
    const size_t rows[5] = { 2, 2, 1, 1, 1 };
    assert_int_equal(r.margin_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(r.margins[i].axis, i >= 2);
        assert_int_equal(r.margins[i].rows, rows[i]);
        assert_close(r.margins[i].accuracy, want[i] + 0.05 / 3, 1e-12, 0);
        assert_close(r.margins[i].spread, spread, 1e-12, 0);
        assert_close(r.margins[i].seconds, 2, 1e-12, 0);
    }
    base_free(c, s.parameters);
    sori_close(c);
}

/* --- real runs ---------------------------------------------------------------------------------------------------- */

static const sori_sweep_axis small[] = { AXIS("segment", "0.2", "0.001e1"), AXIS("n_mels", "4", "8"), FAST };

static size_t told;
static void count_run(void *user, const sori_sweep_run *r) {
    assert_null(user);
    assert_true(strstr(r->name, "seed=") && r->done <= r->total);
    told++;
}

static void a_run_is_a_training(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .seed = 7, .threads = 2 });
    sori_sweep_result r;
    sori_sweep_config config = { AXES(small), .seeds = 2, .on_run = count_run };
    assert_int_equal(sori_sweep(c, DATA, DIR, &config, &r), SORI_OK);
    assert_int_equal(r.trained, 8);
    assert_int_equal(told, 8);
    assert_int_equal(r.row_count, 4);
    assert_int_equal(r.failed, 0);
    double mean = 0;
    for (uint64_t seed = 7; seed < 9; seed++) {
        sori_ctx *one = sori_open(&(sori_options){ .seed = seed, .threads = 1 });
        sori_train_config t = { .model = "mlp", .epochs = 2, .split.seed = seed, .input = { .segment_s = 0.2,
                                .config = { .n_mels = 8, .stft = { .n_fft = 128, .hop_length = 200 } } } };
        sori_train_result result;
        assert_int_equal(sori_train_classifier(one, DATA, TEST_SCRATCH "/one.safetensors", &t, &result), SORI_OK);
        mean += result.test_accuracy / 2;
        sori_close(one);
    }
    for (size_t i = 0; i < 4; i++)
        if (!strcmp(r.rows[i].values[0], "0.2") && !strcmp(r.rows[i].values[1], "8"))
            assert_close(r.rows[i].test_accuracy, mean, 1e-12, 0);
    for (size_t i = 1; i < 4; i++) assert_true(r.rows[i - 1].accuracy >= r.rows[i].accuracy);
    assert_int_equal(sori_sweep(c, DATA, DIR, &config, &r), SORI_OK);
    assert_int_equal(r.kept, 8);
    assert_int_equal(sori_sweep(c, DATA, DIR, NULL, NULL), SORI_OK);   /* the defaults, once */
    sori_close(c);
}

static void an_interruption_is_one(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .seed = 100, .threads = 2 });
    sori_interrupt(c);
    assert_int_equal(sori_sweep(c, DATA, DIR, &(sori_sweep_config){ AXES(small) }, NULL), SORI_EINTR);
    sori_clear(c);
    assert_int_equal(sori_sweep(c, DATA, DIR, &(sori_sweep_config){ AXES(small) }, NULL), SORI_OK);
    sori_close(c);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void refused(const char *sentence, sori_sweep_axis axis, int seeds, int jobs) {
    sori_ctx *c = sori_open(NULL);
    sori_sweep_config config = { .axes = &axis, .axis_count = 1, .seeds = seeds, .jobs = jobs };
    SAYS(c, sori_sweep(c, DATA, TEST_SCRATCH "/none", &config, NULL), sentence);
    assert_int_equal(access(TEST_SCRATCH "/none", F_OK), -1);
    sori_close(c);
}

static void bad_grids_are_refused(void **state) {
    (void)state;
    const char *many[501];
    for (size_t i = 0; i < 501; i++) many[i] = "1";
    refused("sweep: no parameter \"taste\"; there are model, feature, sr, segment, overlap, n_fft, hop_length, n_mels, "
            "n_mfcc, fmin, fmax, augment, epochs, batch_size, learning_rate",
            (sori_sweep_axis)AXIS("taste", "1"), 1, 0);
    refused("sweep: sr has 0 values (1 to 500)", (sori_sweep_axis){ "sr", NULL, 0 }, 1, 0);
    refused("sweep: sr has 501 values (1 to 500)", (sori_sweep_axis){ "sr", many, 501 }, 1, 0);
    refused("sweep: sr=x: not a number", (sori_sweep_axis)AXIS("sr", "x"), 1, 0);
    refused("sweep: sr=nan is outside 100..768000", (sori_sweep_axis)AXIS("sr", "nan"), 1, 0);
    refused("sweep: n_fft=1.5: not a whole number", (sori_sweep_axis)AXIS("n_fft", "1.5"), 1, 0);
    refused("sweep: n_fft=8 is outside 16..1048576", (sori_sweep_axis)AXIS("n_fft", "8"), 1, 0);
    refused("sweep: overlap=0.99 is outside 0..0.95", (sori_sweep_axis)AXIS("overlap", "0", "0.99"), 1, 0);
    refused("sweep: augment=2: must be yes or no", (sori_sweep_axis)AXIS("augment", "2"), 1, 0);
    refused("sweep: no feature \"x\" that comes in frames", (sori_sweep_axis)AXIS("feature", "x"), 1, 0);
    refused("sweep: sr=8e3 is given twice", (sori_sweep_axis)AXIS("sr", "8000", "8e3"), 1, 0);
    refused("sweep: 1001 seeds are outside 1..1000", (sori_sweep_axis)AXIS("sr", "8000"), 1001, 0);
    refused("sweep: -1 seeds are outside 1..1000", (sori_sweep_axis)AXIS("sr", "8000"), -1, 0);
    refused("sweep: -2 jobs", (sori_sweep_axis)AXIS("sr", "8000"), 1, -2);
    sori_ctx *c = sori_open(NULL);
    SAYS(c, sori_sweep(c, NULL, DIR, NULL, NULL), "sweep: no data given");
    SAYS(c, sori_sweep(c, DATA, NULL, NULL, NULL), "sweep: no folder to write");
    const sori_sweep_axis twice[] = { AXIS("sr", "8000"), AXIS("sr", "16000") };
    SAYS(c, sori_sweep(c, DATA, DIR, &(sori_sweep_config){ AXES(twice) }, NULL),
         "sweep: the parameter sr is given twice");
    SAYS(c, sori_sweep(c, DATA, DIR, &(sori_sweep_config){ .split = { .val = -1, .test = -1 } }, NULL),
         "sweep: there are no validation or test recordings to compare the runs by");
    SAYS(c, sori_sweep(c, DATA, DIR, &(sori_sweep_config){ .split = { .val = -1 }, .by_validation = true }, NULL),
         "sweep: there are no validation recordings to compare the runs by");
    sori_close(c);
}

/* No parameter's summary is missing, and each can be set. */
static void parameters_are_listed(void **state) {
    (void)state;
    size_t n = 0;
    for (const sori_sweep_parameter *p; (p = sori_sweep_parameter_at(n)); n++) assert_true(p->name[0] && p->summary[0]);
    assert_int_equal(n, 15);
    sori_ctx *c = sori_open(NULL);
    const sori_sweep_axis axes[] = {
        AXIS("segment", "2", "4"), AXIS("overlap", "0.25"), AXIS("augment", "yes", "no"), AXIS("batch_size", "8"),
        AXIS("feature", "mfcc"), AXIS("fmin", "50"), AXIS("learning_rate", "0.1"),
    };
    sweep s = { .c = c, .config = &(sori_sweep_config){ AXES(axes) } };
    assert_true(task_sweep_check(&s));
    sori_train_config t = task_sweep_settings(c, &s, 3);
    assert_close(t.input.segment_s, 4, 0, 0);
    assert_close(t.input.hop_s, 3, 1e-12, 0);
    assert_true(t.no_augment && t.batch_size == 8 && !strcmp(t.input.feature, "mfcc"));
    assert_close(t.input.config.fmin, 50, 0, 0);
    assert_close(t.optimizer.learning_rate, 0.1, 0, 0);
    assert_int_equal(t.optimizer.kind, SORI_ADAMW);
    t = task_sweep_settings(c, &s, 0);
    assert_close(t.input.hop_s, 1.5, 1e-12, 0);
    assert_false(t.no_augment);
    base_free(c, s.parameters);
    sori_close(c);
}

int main(void) {
    make_sounds();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_plain_means), cmocka_unit_test(a_run_is_a_training),
        cmocka_unit_test(an_interruption_is_one), cmocka_unit_test(bad_grids_are_refused),
        cmocka_unit_test(parameters_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
