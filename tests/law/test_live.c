/* Laws of the live callback: blocks of any size give the bits of the whole sound; nothing is allocated after set-up. */
#include "test.h"
#include "base/base.h"
#include <sori/feat.h>
#include <stdlib.h>

static const char *const names[] = {
    "stft", "spectrogram", "mel", "mfcc", "rms", "zcr", "centroid", "bandwidth", "rolloff", "flatness", "chroma_440",
    "poly_features", "yin",
};
enum { NAMES = BASE_COUNT(names), MOST = 700 };

typedef struct setting {
    size_t n;
    int channels;
    sori_feature_config config;
} setting;

static const setting settings[] = {
    { 60000, 1, { .db = true, .top_db = { 2, 0 } } },
    { 20000, 2, { .stft = { .n_fft = 512, .hop_length = 100, .pad_mode = SORI_PAD_REFLECT }, .top_db = { 2, 0 } } },
    { 9000, 1, { .stft = { .n_fft = 400, .hop_length = 160, .uncentered = true }, .n_mels = 40, .top_db = { 2, 0 } } },
    { 5000, 1, { .stft = { .n_fft = 255, .hop_length = 300, .exact = true }, .n_mels = 20, .top_db = { 2, 0 } } },
    { 700, 1, { .stft = { .n_fft = 64, .hop_length = 1 }, .n_mels = 8, .top_db = { 2, 0 } } },
    { 500, 2, { .stft = { .pad_mode = SORI_PAD_REFLECT }, .top_db = { 2, 0 } } },
    { 1, 1, { .top_db = { 2, 0 } } },
};

/* Yin comes last: its lowest pitch needs a long frame. */
static size_t names_for(const setting *s) { return s->config.stft.n_fft ? NAMES - 1 : NAMES; }

/* malloc that counts. */
static void *counted_alloc(void *user, size_t size) {
    ++*(size_t *)user;
    return aligned_alloc(64, (size + 63) / 64 * 64);
}
static void counted_free(void *user, void *p) {
    if (p) ++*(size_t *)user;
    free(p);
}

static sori_audio sound(sori_ctx *c, const setting *s) {
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ (size_t)s->channels, s->n });
    base_rng r = base_rng_new(5, BASE_RNG_TEST, (uint32_t)s->n, 0);
    for (size_t i = 0; i < a->size; i++) ((float *)a->data)[i] = (float)base_rng_uniform(&r) - 0.5f;
    return (sori_audio){ a, 22050 };
}

/* The last call's `frames` frames against frame `first` on of the whole. */
static void compare(const sori_live *l, const setting *s, sori_array **whole, size_t first, size_t frames) {
    for (size_t k = 0; k < names_for(s); k++)
        for (size_t channel = 0; channel < (size_t)s->channels; channel++) {
            size_t rows, stride, all = whole[k]->shape[2], floats = whole[k]->dtype == SORI_C64 ? 2 : 1;
            const float *v = sori_live_values(l, k, channel, &rows, &stride);
            const float *w = (const float *)whole[k]->data + channel * rows * all * floats;
            assert_int_equal(rows, whole[k]->shape[1]);
            assert_true(first + frames <= all);
            for (size_t r = 0; r < rows; r++)
                if (memcmp(v + r * stride * floats, w + (r * all + first) * floats, frames * floats * sizeof *v) != 0)
                    fail_msg("%s: frames %zu to %zu differ in row %zu", names[k], first, first + frames, r);
        }
}

static void follow(sori_ctx *c, const setting *s, size_t *calls) {
    sori_array *whole[NAMES];
    sori_audio y = sound(c, s);
    sori_extract(c, y, names, names_for(s), &s->config, whole);
    sori_live *l = sori_live_new(c, y.sr, s->channels, names, names_for(s), MOST, &s->config);
    assert_ok(c);
    float piece[2 * MOST];
    size_t done = 0, before = *calls, channels = (size_t)s->channels;
    base_rng r = base_rng_new(6, BASE_RNG_TEST, (uint32_t)s->n, 1);
    for (size_t at = 0, n; at < s->n; at += n) {
        n = base_rng_below(&r, 2) ? base_rng_below(&r, 64) : base_rng_below(&r, MOST + 1);
        n = BASE_MIN(n, s->n - at);
        for (size_t i = 0; i < n * channels; i++)
            piece[i] = ((float *)y.y->data)[i % channels * s->n + at + i / channels];
        size_t frames = sori_live_process(l, piece, n);
        compare(l, s, whole, done, frames);
        done += frames;
    }
    size_t rest = sori_live_finish(l);
    assert_int_equal(*calls, before);
    assert_ok(c);
    compare(l, s, whole, done, rest);
    assert_int_equal(done + rest, whole[0]->shape[2]);
    sori_live_free(l);
}

static void live_is_the_whole_and_allocates_nothing(void **state) {
    (void)state;
    size_t calls = 0;
    const sori_allocator counting = { counted_alloc, counted_free, &calls };
    sori_ctx *c = sori_open(&(sori_options){ .threads = 1, .allocator = &counting });
    for (size_t i = 0; i < BASE_COUNT(settings); i++) {
        int scope = sori_begin(c);
        follow(c, &settings[i], &calls);
        sori_end(c, scope, NULL);
    }
    sori_close(c);
}

/* A new feature of frames comes into the list above, unless it has a floor, as contrast has. */
static void every_feature_is_live(void **state) {
    (void)state;
    const sori_feature_info *f;
    for (size_t i = 0; (f = sori_feature_at(i)); i++) {
        size_t k = 0;
        while (k < NAMES && strcmp(names[k], f->name) != 0) k++;
        if (k == NAMES && !f->whole && strcmp(f->name, "contrast") != 0) fail_msg("%s is not tested", f->name);
    }
}

static void live_refuses(void **state) {
    (void)state;
    static const char *const mfcc[] = { "mfcc" }, *const mel[] = { "mel" };
    const float odd[] = { 0, NAN, INFINITY };
    sori_ctx *c = sori_open(NULL);
    assert_null(sori_live_new(c, 22050, 1, mfcc, 1, 64, NULL));
    assert_string_equal(sori_message(c), "live: mfcc has a floor below the loudest value of the whole sound, which is "
                        "not known yet; switch it off with top_db none");
    sori_clear(c);
    assert_null(sori_live_new(c, 22050, 1, mel, 1, 0, NULL));
    assert_string_equal(sori_message(c), "live: max_block 0 is outside 1 to 16777216 samples");
    sori_clear(c);
    sori_live *l = sori_live_new(c, 22050, 1, mel, 1, 3, NULL);
    assert_int_equal(sori_live_latency(l), 1024);
    assert_int_equal(sori_live_process(l, odd, 3), 0);
    assert_int_equal(sori_live_nonfinite(l), 2);
    assert_int_equal(sori_live_process(l, odd, 4), 0);
    assert_string_equal(sori_message(c), "live: 4 samples at once, max_block is 3");
    sori_clear(c);
    assert_null(sori_live_values(l, 1, 0, NULL, NULL));
    assert_null(sori_live_values(l, 0, 1, NULL, NULL));
    assert_int_equal(sori_live_finish(l), 1);
    assert_int_equal(sori_live_finish(l), 0);
    assert_string_equal(sori_message(c), "live: already finished");
    sori_live_free(l);
    sori_live_free(NULL);
    assert_int_equal(sori_live_process(NULL, odd, 1), 0);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_is_the_whole_and_allocates_nothing),
        cmocka_unit_test(every_feature_is_live),
        cmocka_unit_test(live_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
