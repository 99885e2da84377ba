/* The whole job on synthetic sounds: train, save, load, evaluate, classify; interrupt, resume; hostile files. */
#include "test.h"
#include "task/task.h"
#include <jansson.h>
#include <unistd.h>

#define DATA TEST_SCRATCH "/sounds"
#define OUT TEST_SCRATCH "/model.safetensors"
#define FILES 48
#define SR 8000.0

static const char *const classes[] = { "falling", "level", "rising" };

/* Tones that glide down, stay, or glide up, at many pitches and levels. */
static void make_sounds(void) {
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(system("rm -rf '" DATA "' && cd '" TEST_SCRATCH "' && mkdir -p sounds/falling sounds/level "
                            "sounds/rising"), 0);
    for (size_t i = 0; i < FILES; i++) {
        size_t n = (size_t)(SR * (0.3 + 0.02 * (double)(i % 20)));
        float *y = malloc(n * sizeof *y);
        double phase = 0, glide = (double)(i % 3) - 1;
        base_rng r = base_rng_new(i, BASE_RNG_TEST, 0, 0);
        for (size_t t = 0; t < n; t++) {
            double at = (double)t / (double)n - 0.5;
            phase += 2 * M_PI * (700 + 17 * (double)i) * exp2(1.5 * glide * at) / SR;
            y[t] = (float)((0.02 + 0.01 * (double)(i % 7)) * sin(phase) + 0.0005 * base_rng_normal(&r));
        }
        char path[256];
        snprintf(path, sizeof path, "%s/%s/%02zu.wav", DATA, classes[i % 3], i);
        sori_save(c, path, sori_audio_from(c, y, 1, n, SR), NULL);
        free(y);
    }
    assert_ok(c);
    sori_close(c);
}

/* Small enough for a test: 20 mel bands, half a second. */
static const sori_train_config quick = {
    .input = { .segment_s = 0.5, .config = { .n_mels = 20, .stft = { .hop_length = 160 } } },
    .split = { .val = 0.15, .test = 0.25 },
    .epochs = 12, .batch_size = 8,
};

static char *slurp(sori_ctx *c, const char *path, size_t *n) { return base_read_file(c, path, 1 << 24, n); }

static void train_evaluate_classify(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .seed = 3, .threads = 2 });
    sori_train_result r;
    assert_int_equal(sori_train_classifier(c, DATA, OUT, &quick, &r), SORI_OK);
    assert_true(r.train_segments + r.val_segments + r.test_segments >= FILES);
    assert_true(r.test_accuracy >= 0.75);   /* chance is 0.33 */
    assert_int_equal(access(OUT ".checkpoint", F_OK), -1);
    sori_classifier *k = sori_classifier_load(c, OUT);
    assert_ok(c);
    const char *const *labels;
    assert_int_equal(sori_classifier_labels(k, &labels), 3);
    assert_string_equal(labels[2], "rising");
    sori_evaluation e;
    assert_int_equal(sori_evaluate_classifier(k, DATA, NULL, NULL, false, SORI_TEST, 0, &e), SORI_OK);
    assert_close(e.accuracy, r.test_accuracy, 0, 0);
    uint64_t sum = 0;
    for (int i = 0; i < 9; i++) sum += e.confusion[i];
    assert_int_equal(sum, e.recordings);
    for (size_t i = 0; i < e.recordings; i++) {
        const sori_prediction *p = &e.predictions[i];
        sori_array *probability = sori_classify_file(k, p->path);
        assert_ok(c);
        const float *x = probability->data;
        assert_close(x[0] + x[1] + x[2], 1, 1e-5, 0);
        assert_int_equal(task_argmax(x, 3), p->predicted);
        assert_true(x[p->predicted] == p->probability);   /* the same way, the same bits */
        sori_array *loaded = sori_classify(k, sori_load(c, p->path, &(sori_load_config){ .sr = SORI_SR_NATIVE }));
        assert_memory_equal(loaded->data, x, 3 * sizeof *x);
    }
    assert_int_equal(sori_evaluate_classifier(k, DATA, NULL, NULL, true, SORI_TEST, 0, &e), SORI_OK);
    assert_int_equal(e.recordings, FILES);
    sori_classifier_free(k);
    sori_close(c);
}

/* m5 hears the samples themselves, in evaluation and in use the same; how loud they are does not matter. */
static void waveforms_go_one_way(void **state) {
    (void)state;
    const char *path = TEST_SCRATCH "/m5.safetensors";
    sori_ctx *c = sori_open(&(sori_options){ .seed = 3, .threads = 2 });
    sori_train_config config = quick;
    config.model = "m5";
    config.epochs = 1;
    assert_int_equal(sori_train_classifier(c, DATA, path, &config, NULL), SORI_OK);
    sori_classifier *k = sori_classifier_load(c, path);
    assert_ok(c);
    assert_string_equal(sori_classifier_input(k)->feature, "waveform");
    assert_int_equal(sori_model_input(sori_classifier_model(k)).dim[0], SR / 2);
    sori_evaluation e;
    assert_int_equal(sori_evaluate_classifier(k, DATA, NULL, NULL, false, SORI_TEST, 0, &e), SORI_OK);
    for (size_t i = 0; i < e.recordings; i++) {
        const sori_prediction *p = &e.predictions[i];
        sori_audio y = sori_load(c, p->path, &(sori_load_config){ .sr = SORI_SR_NATIVE });
        sori_array *a = sori_classify(k, y);
        assert_ok(c);
        assert_true(((float *)a->data)[p->predicted] == p->probability);
        for (size_t t = 0; t < y.y->size; t++) ((float *)y.y->data)[t] *= 0.25f;
        sori_array *quiet = sori_classify(k, y);
        assert_memory_equal(quiet->data, a->data, 3 * sizeof(float));
    }
    const float silence[2] = { 0 };
    sori_array *p = sori_classify(k, sori_audio_from(c, silence, 1, 2, SR));
    assert_ok(c);
    assert_true(isfinite(((float *)p->data)[0]));
    sori_classifier_free(k);
    sori_close(c);
}

static void refused_to_train(const char *model, const char *feature, const char *sentence) {
    sori_ctx *c = sori_open(NULL);
    sori_train_config config = { .model = model, .input = { .feature = feature } };
    SAYS(c, sori_train_classifier(c, DATA, TEST_SCRATCH "/none.safetensors", &config, NULL), sentence);
    sori_close(c);
}

static void models_and_features_must_fit(void **state) {
    (void)state;
    refused_to_train("m5", "mel", "train: the model m5 is for the feature waveform, not mel");
    refused_to_train(NULL, "waveform", "train: the model maxcnn is for the feature mel, not waveform");
    refused_to_train("mlp_sum", NULL, "train: mlp_sum is no classifier of sounds");
}

/* One epoch as config says, and the model that comes of it. */
static sori_classifier *trained(sori_ctx *c, sori_train_config config) {
    config.input.config.n_mels = 16;
    config.epochs = 1;
    sori_train_classifier(c, DATA, TEST_SCRATCH "/recipe.safetensors", &config, NULL);
    sori_classifier *k = sori_classifier_load(c, TEST_SCRATCH "/recipe.safetensors");
    assert_ok(c);
    return k;
}

/* A recipe fills in what was not asked for, and no more. */
static void recipes_fill_in(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .seed = 3 });
    const struct { sori_train_config config; double segment_s; int n_fft; } cases[] = {
        { { 0 }, 1, 256 },
        { { .recipe = "voice", .input = { .segment_s = 0.7 } }, 0.7, 256 },
        { { .recipe = "sounds" }, 5, 512 },
        { { .recipe = "sounds", .model = "maxcnn", .input = { .segment_s = 1.5 }, .mixup = -1 }, 1.5, 256 },
    };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        sori_classifier *k = trained(c, cases[i].config);
        assert_close(sori_classifier_input(k)->segment_s, cases[i].segment_s, 0, 0);
        assert_int_equal(sori_classifier_input(k)->config.stft.n_fft, cases[i].n_fft);
        sori_classifier_free(k);
    }
    SAYS(c, sori_train_classifier(c, DATA, OUT, &(sori_train_config){ .recipe = "cake" }, NULL),
         "train: no recipe 'cake'; there are voice, sounds");
    SAYS(c, sori_train_classifier(c, DATA, OUT, &(sori_train_config){ .mixup = 101 }, NULL),
         "dataset: mixup 101 is outside 0..100");
    sori_close(c);
}

static void scores_follow_from_the_confusion(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .seed = 3 });
    sori_classifier *k = sori_classifier_load(c, OUT);
    sori_evaluation e;
    sori_evaluate_classifier(k, DATA, NULL, NULL, true, SORI_TEST, 0, &e);
    assert_ok(c);
    for (int l = 0; l < 3; l++) {
        double right = (double)e.confusion[l * 4], row = 0, column = 0;
        for (int i = 0; i < 3; i++) {
            row += (double)e.confusion[l * 3 + i];
            column += (double)e.confusion[i * 3 + l];
        }
        assert_int_equal(e.scores[l].support, FILES / 3);
        assert_close(e.scores[l].recall, right / row, 1e-12, 0);
        assert_close(e.scores[l].precision, column > 0 ? right / column : 0, 1e-12, 0);
        assert_close(e.scores[l].f1, right > 0 ? 2 * right / (row + column) : 0, 1e-12, 0);
    }
    sori_classifier_free(k);
    sori_close(c);
}

/* The sound's level is not what decides: a quarter of the amplitude gives the same inputs but for the noise. */
static void level_does_not_matter(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_classifier *k = sori_classifier_load(c, OUT);
    sori_audio y = sori_load(c, DATA "/rising/02.wav", &(sori_load_config){ .sr = SORI_SR_NATIVE });
    sori_array *a = sori_classify(k, y);
    for (size_t i = 0; i < y.y->size; i++) ((float *)y.y->data)[i] *= 0.25f;
    sori_array *b = sori_classify(k, y);
    assert_ok(c);
    for (int l = 0; l < 3; l++) assert_close(((float *)b->data)[l], ((float *)a->data)[l], 1e-3, 0);
    sori_classifier_free(k);
    sori_close(c);
}

static void silence_and_a_sample_are_classified(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_classifier *k = sori_classifier_load(c, OUT);
    const size_t lengths[] = { 1, 100, 8000, 40000 };
    float *zeros = calloc(40000, sizeof *zeros);
    for (size_t i = 0; i < BASE_COUNT(lengths); i++) {
        sori_array *p = sori_classify(k, sori_audio_from(c, zeros, 1, lengths[i], 44100));
        assert_ok(c);
        assert_true(isfinite(((float *)p->data)[0]));
    }
    free(zeros);
    sori_classifier_free(k);
    sori_close(c);
}

/* --- interruption ----------------------------------------------------------------------------------------------- */

typedef struct stopper { sori_ctx *c; int steps, when; } stopper;

static void stop_later(void *user, sori_model *m, const sori_logs *logs) {
    (void)m;
    (void)logs;
    stopper *s = user;
    if (++s->steps == s->when) sori_interrupt(s->c);
}

/* Train with threads, stopping after that many batches (0: never), with or without resuming; the weights' bytes. */
static sori_status train_to(const char *out, int threads, int when, bool resume) {
    sori_ctx *c = sori_open(&(sori_options){ .seed = 5, .threads = threads });
    stopper s = { c, 0, when };
    sori_callback stop = { .user = &s, .on_batch_end = stop_later };
    sori_train_config config = quick;
    config.epochs = 4;
    config.resume = resume;
    config.callbacks = &stop;
    config.callback_count = 1;
    sori_status status = sori_train_classifier(c, DATA, out, &config, NULL);
    if (status == SORI_EINTR) assert_non_null(strstr(sori_message(c), "interrupted"));
    else assert_ok(c);
    sori_close(c);
    return status;
}

static void same_weights(const char *a, const char *b) {
    sori_ctx *c = sori_open(NULL);
    sori_model *x = sori_model_load(c, a, NULL), *y = sori_model_load(c, b, NULL);
    assert_ok(c);
    for (size_t i = 0; i < sori_weight_count(x); i++) {
        sori_array *p = sori_get_weight(x, sori_weight_name(x, i)), *q = sori_get_weight(y, sori_weight_name(y, i));
        assert_memory_equal(p->data, q->data, p->size * 4);
    }
    sori_model_free(x);
    sori_model_free(y);
    sori_close(c);
}

static void interrupted_and_resumed_is_unbroken(void **state) {
    (void)state;
    const char *whole = TEST_SCRATCH "/whole.safetensors", *parts = TEST_SCRATCH "/parts.safetensors";
    assert_int_equal(train_to(whole, 1, 0, false), SORI_OK);
    unlink(parts);
    assert_int_equal(train_to(parts, 2, 6, false), SORI_EINTR);
    assert_int_equal(access(TEST_SCRATCH "/parts.safetensors.checkpoint", F_OK), 0);
    assert_int_equal(access(parts, F_OK), -1);   /* an older model there would have been kept */
    sori_ctx *c = sori_open(NULL);
    sori_classifier *k = sori_classifier_load(c, TEST_SCRATCH "/parts.safetensors.checkpoint");   /* usable as it is */
    assert_non_null(sori_classify_file(k, DATA "/level/01.wav"));
    assert_ok(c);
    sori_classifier_free(k);
    assert_int_equal(train_to(parts, 3, 0, true), SORI_OK);
    same_weights(whole, parts);
    assert_int_equal(access(TEST_SCRATCH "/parts.safetensors.checkpoint", F_OK), -1);
    sori_close(c);
}

static void a_checkpoint_of_another_run_is_refused(void **state) {
    (void)state;
    const char *out = TEST_SCRATCH "/other.safetensors";
    assert_int_equal(train_to(out, 2, 3, false), SORI_EINTR);
    sori_ctx *c = sori_open(&(sori_options){ .seed = 5 });
    sori_train_config config = quick;
    config.epochs = 9;
    config.resume = true;
    assert_int_equal(sori_train_classifier(c, DATA, out, &config, NULL), SORI_EINVAL);
    assert_non_null(strstr(sori_message(c), "the checkpoint is of other data or settings"));
    sori_close(c);
}

static void out_is_checked_first(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(sori_train_classifier(c, DATA, TEST_SCRATCH "/no/folder/m.safetensors", &quick, NULL), SORI_EIO);
    sori_clear(c);
    assert_int_equal(sori_train_classifier(c, TEST_SCRATCH "/none", OUT ".x", &quick, NULL), SORI_EIO);
    assert_int_equal(access(OUT ".x", F_OK), -1);
    sori_close(c);
}

/* --- hostile files ---------------------------------------------------------------------------------------------- */

/* The good model with its metadata changed by edit. */
static void write_with(sori_ctx *c, const char *path, void (*edit)(json_t *user)) {
    const char *text;
    sori_model *m = sori_model_load(c, OUT, &text);
    json_t *user = json_loads(text, 0, NULL);
    edit(user);
    char *changed = json_dumps(user, JSON_COMPACT);
    sori_model_save(m, path, changed);
    assert_ok(c);
    free(changed);
    json_decref(user);
    sori_model_free(m);
}

static json_t *input_of(json_t *u) { return json_object_get(u, "input"); }
static void no_labels(json_t *u) { json_object_del(u, "labels"); }
static void one_label_less(json_t *u) { json_array_remove(json_object_get(u, "labels"), 0); }
static void label_is_number(json_t *u) { json_array_set_new(json_object_get(u, "labels"), 0, json_integer(3)); }
static void huge_fft(json_t *u) { json_object_set_new(input_of(u), "n_fft", json_integer(1 << 30)); }
static void hop_zero(json_t *u) { json_object_set_new(input_of(u), "hop_length", json_integer(0)); }
static void rate_text(json_t *u) { json_object_set_new(input_of(u), "sr", json_string("8000")); }
static void odd_window(json_t *u) { json_object_set_new(input_of(u), "window", json_string("hamster")); }
static void odd_feature(json_t *u) { json_object_set_new(input_of(u), "feature", json_string("/etc/passwd")); }
static void complex_feature(json_t *u) { json_object_set_new(input_of(u), "feature", json_string("stft")); }
static void long_segment(json_t *u) { json_object_set_new(input_of(u), "segment_s", json_real(3000)); }
static void short_mean(json_t *u) { json_array_remove(json_object_get(u, "mean"), 0); }
static void huge_scale(json_t *u) { json_array_set_new(json_object_get(u, "scale"), 1, json_real(1e300)); }
static void another_kind(json_t *u) { json_object_set_new(u, "kind", json_string("separator")); }
static void next_format(json_t *u) { json_object_set_new(u, "format", json_integer(2)); }
static void no_split(json_t *u) { json_object_del(u, "split"); }
static void everything(json_t *u) { json_object_clear(u); }

static void hostile_metadata_are_rejected(void **state) {
    (void)state;
    static void (*const edits[])(json_t *) = {
        no_labels, one_label_less, label_is_number, huge_fft, hop_zero, rate_text, odd_window, odd_feature,
        complex_feature, long_segment, short_mean, huge_scale, another_kind, next_format, no_split, everything,
    };
    const char *path = TEST_SCRATCH "/hostile.safetensors";
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(edits); i++) {
        write_with(c, path, edits[i]);
        assert_null(sori_classifier_load(c, path));
        if (sori_error(c) != SORI_EMODEL || !strstr(sori_message(c), path) ||
            !strstr(sori_message(c), "not a usable classifier"))
            fail_msg("edit %zu: %s: %s", i, sori_status_name(sori_error(c)), sori_message(c));
        sori_clear(c);
    }
    size_t n;
    char *bytes = slurp(c, OUT, &n);
    for (size_t cut = 0; cut < n; cut += n / 7) {
        base_file *f = base_file_new(c, path);
        base_file_write(f, bytes, cut);
        base_file_commit(f);
        assert_null(sori_classifier_load(c, path));
        assert_int_equal(sori_error(c), SORI_EMODEL);
        sori_clear(c);
    }
    base_free(c, bytes);
    assert_null(sori_classifier_load(c, TEST_SCRATCH "/missing.safetensors"));
    assert_int_equal(sori_error(c), SORI_EIO);
    sori_close(c);
}

static int setup(void **state) {
    (void)state;
    make_sounds();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(train_evaluate_classify), cmocka_unit_test(waveforms_go_one_way),
        cmocka_unit_test(models_and_features_must_fit),
        cmocka_unit_test(recipes_fill_in), cmocka_unit_test(scores_follow_from_the_confusion),
        cmocka_unit_test(level_does_not_matter), cmocka_unit_test(silence_and_a_sample_are_classified),
        cmocka_unit_test(interrupted_and_resumed_is_unbroken),
        cmocka_unit_test(a_checkpoint_of_another_run_is_refused), cmocka_unit_test(out_is_checked_first),
        cmocka_unit_test(hostile_metadata_are_rejected),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
