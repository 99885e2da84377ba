/* Laws of features of the whole sound, by name: what a feature gives does not depend on what else is asked for, nor on
 * the number of threads; and no stream gives it. */
#include "test.h"
#include "base/base.h"
#include <sori/cqt.h>
#include <sori/decompose.h>
#include <sori/pitch.h>
#include <sori/rhythm.h>

enum { MOST = 64 };

typedef struct setting {
    const char *what;
    size_t n;
    int channels;
    sori_feature_config config;
} setting;

static const setting settings[] = {
    { "defaults", 50000, 1, { .n_mels = 0 } },
    { "exact", 30000, 1, { .stft.exact = true } },
    { "two channels", 30000, 2, { .stft.hop_length = 256 } },
};

/* Notes with clicks every half second: there is a tuning, there are onsets and beats. [channels][n] */
static sori_audio sound(sori_ctx *c, const setting *s) {
    size_t shape[2] = { (size_t)s->channels, s->n };
    sori_array *a = sori_array_new(c, SORI_F32, s->channels > 1 ? 2 : 1, shape + (s->channels == 1));
    base_rng r = base_rng_new(8, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; a && i < a->size; i++) {
        double t = (double)(i % s->n) / 22050, beat = fmod(t, 0.5);
        ((float *)a->data)[i] = (float)(0.3 * sin(6.2832 * 448 * t) * exp(-3 * beat)
                                        + (base_rng_uniform(&r) - 0.5) * exp(-60 * beat));
    }
    return (sori_audio){ a, 22050 };
}

/* The names of the table that are of the whole sound, or not; events only of one channel. */
static size_t list(const setting *s, bool whole, const char **names) {
    size_t n = 0;
    const sori_feature_info *f;
    for (size_t i = 0; (f = sori_feature_at(i)); i++)
        if (f->whole == whole && (s->channels == 1 || f->kind != SORI_FEATURE_EVENTS)) names[n++] = f->name;
    assert_true(n > 0 && n <= MOST / 2);
    return n;
}

static void assert_same(const char *what, const char *name, const sori_array *a, const sori_array *b) {
    if (a->size != b->size || a->dtype != b->dtype) fail_msg("%s, %s: another size or dtype", what, name);
    if (memcmp(a->data, b->data, a->size * sori_dtype_size(a->dtype)) != 0) fail_msg("%s, %s: other bits", what, name);
}

static void together_is_as_alone(void **state) {
    (void)state;
    static const int threads[] = { 1, 2, 8 };
    for (size_t k = 0; k < BASE_COUNT(settings) * BASE_COUNT(threads); k++) {
        const setting *s = &settings[k / BASE_COUNT(threads)];
        const char *names[MOST];
        sori_array *out[MOST], *alone;
        sori_ctx *c = sori_open(&(sori_options){ .threads = threads[k % BASE_COUNT(threads)] });
        sori_ctx *one = sori_open(&(sori_options){ .threads = 1 });
        size_t n = list(s, true, names);
        n += list(s, false, names + n);
        sori_extract(c, sound(c, s), names, n, &s->config, out);
        assert_ok(c);
        for (size_t i = 0; i < n; i++) {
            sori_extract(one, sound(one, s), &names[i], 1, &s->config, &alone);
            assert_ok(one);
            assert_same(s->what, names[i], out[i], alone);
        }
        sori_close(one);
        sori_close(c);
    }
}

/* What the function gives that a name stands for, with its defaults. */
static void a_name_is_its_function(void **state) {
    (void)state;
    static const char *const names[] = { "chroma", "chroma_cqt", "tonnetz", "cqt", "harmonic", "onset_strength",
                                         "onsets", "beats", "tempo", "tempogram", "plp", "pyin" };
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, &settings[0]);
    sori_array *out[BASE_COUNT(names)], *S = sori_spectrogram(c, y, NULL), *harmonic = sori_hpss(c, S, NULL).harmonic;
    sori_array *alone[BASE_COUNT(names)] = {
        sori_chroma_stft(c, y, NULL), sori_chroma_cqt(c, y, NULL), sori_tonnetz(c, y, NULL), sori_cqt(c, y, NULL),
        harmonic, sori_onset_strength(c, y, NULL),
        sori_onset_detect(c, y, &(sori_onset_detect_config){ .units = SORI_UNITS_TIME }),
        sori_beat_track(c, y, &(sori_beat_config){ .units = SORI_UNITS_TIME }).beats, sori_tempo(c, y, NULL),
        sori_tempogram(c, y, NULL), sori_plp(c, y, NULL), sori_pyin(c, y, NULL).f0,
    };
    sori_extract(c, y, names, BASE_COUNT(names), NULL, out);
    assert_ok(c);
    for (size_t i = 0; i < BASE_COUNT(names); i++) assert_same("defaults", names[i], out[i], alone[i]);
    sori_close(c);
}

static void no_stream_gives_them(void **state) {
    (void)state;
    const char *names[MOST];
    sori_ctx *c = sori_open(NULL);
    size_t n = list(&settings[0], true, names);
    for (size_t i = 0; i < n; i++) {
        assert_null(sori_stream_new(c, 22050, 1, &names[i], 1, NULL));
        assert_non_null(strstr(sori_message(c), "needs the whole sound"));
        sori_clear(c);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(together_is_as_alone),
        cmocka_unit_test(a_name_is_its_function),
        cmocka_unit_test(no_stream_gives_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
