/* Augmentation chains: what text means, that draws depend on nothing they should not, and that labels move along. */
#include "test.h"
#include "array/array.h"
#include "base/base.h"
#include <sori/sori.h>

static sori_audio tone(sori_ctx *c, size_t n) {
    if (n == 0) return (sori_audio){ array_new_raw(c, SORI_F32, 1, &n), 8000 };
    float *y = malloc((n + 1) * sizeof *y);
    for (size_t i = 0; i < n; i++) y[i] = 0.5f * sinf(0.1f * (float)i);
    sori_audio out = sori_audio_from(c, y, 1, n, 8000);
    free(y);
    return out;
}

static const char *log_of(sori_ctx *c, const char *text, sori_audio y, uint32_t epoch, uint32_t sample) {
    sori_array *log = NULL;
    sori_augment *a = sori_augment_new(c, text);
    sori_augment_apply(c, a, y, NULL, 7, epoch, sample, &log);
    assert_ok(c);
    sori_augment_free(c, a);
    return log->data;
}

static void canonical(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_augment *a = sori_augment_new(c, "pitch_shift(-2..2,p=0.5) noise(snr=10..30, color=pink) one_of(gain(-6..6) "
                                          "clip(0.5..0.9)) some_of(2, polarity, shift(circular=1) harmonic)");
    assert_ok(c);
    assert_string_equal(sori_augment_text(a),
                        "pitch_shift(steps=-2..2,p=0.5) noise(snr=10..30,color=pink,p=1) one_of(p=1,gain(db=-6..6,p=1) "
                        "clip(level=0.5..0.9,p=1)) some_of(n=2,p=1,polarity(p=1) "
                        "shift(fraction=-0.25..0.25,circular=1,p=1) harmonic(p=1))");
    sori_augment *b = sori_augment_new(c, sori_augment_text(a));
    assert_ok(c);
    assert_string_equal(sori_augment_text(a), sori_augment_text(b));
    sori_augment_free(c, a);
    sori_augment_free(c, b);
    sori_close(c);
}

static void sentences(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    REFUSES(c, sori_augment_new(c, NULL), "augment: no chain given");
    REFUSES(c, sori_augment_new(c, "nois(3)"), "augment: there is no change nois");
    REFUSES(c, sori_augment_new(c, "noise(level=3)"), "augment: noise has no parameter level");
    REFUSES(c, sori_augment_new(c, "noise(color=red)"), "augment: color is not red but one of white|pink|brown");
    REFUSES(c, sori_augment_new(c, "gain(6..-6)"), "augment: gain: db 6..-6 ends before it starts");
    REFUSES(c, sori_augment_new(c, "gain(p=2)"), "augment: gain: p 2 is outside 0..1");
    REFUSES(c, sori_augment_new(c, "time_mask(count=1.5)"), "augment: time_mask: count must be whole");
    REFUSES(c, sori_augment_new(c, "gain(1"), "augment: a comma or ) is missing at \"\"");
    REFUSES(c, sori_augment_new(c, "gain(1))"), "augment: a ) too many at \")\"");
    REFUSES(c, sori_augment_new(c, "one_of(gain"), "augment: a ) is missing at \"\"");
    REFUSES(c, sori_augment_new(c, "one_of"), "augment: a group needs its list at \"\"");
    REFUSES(c, sori_augment_new(c, "gain(1,2)"), "augment: a parameter's name is needed at \"2)\"");
    REFUSES(c, sori_augment_new(c, "gain(x)"), "augment: a number is needed at \"x)\"");
    REFUSES(c, sori_augment_new(c, "compose(compose(compose(compose(compose(gain)))))"),
            "augment: groups are more than 4 deep at \"gain)))))\"");
    sori_close(c);
}

/* Another change, before or behind, does not alter a draw. */
static void independent(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = tone(c, 4000);
    for (uint32_t sample = 0; sample < 20; sample++) {
        const char *alone = log_of(c, "gain(-6..6,p=0.5)", y, 3, sample);
        const char *with = log_of(c, "clip(0.5) gain(-6..6,p=0.5)", y, 3, sample);
        assert_string_equal(alone, strchr(with, '\n') + 1);
        assert_string_equal(alone, log_of(c, "gain(-6..6,p=0.5)", y, 3, sample));
    }
    assert_string_not_equal(log_of(c, "gain", y, 1, 1), log_of(c, "gain", y, 2, 1));
    assert_string_not_equal(log_of(c, "gain", y, 1, 1), log_of(c, "gain", y, 1, 2));
    sori_close(c);
}

static size_t lines(const char *s) {
    size_t n = 0;
    for (; *s; s++) n += *s == '\n';
    return n;
}

/* Probabilities are kept, and groups carry out as many as they say. */
static void shares(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = tone(c, 16);
    size_t happened = 0, clipped = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        int scope = sori_begin(c);
        happened += lines(log_of(c, "gain(p=0.3)", y, 0, i));
        const char *one = log_of(c, "one_of(gain clip polarity)", y, 0, i);
        clipped += strstr(one, "clip") != NULL;
        assert_int_equal(lines(one), 1);
        assert_int_equal(lines(log_of(c, "some_of(2,gain clip polarity)", y, 0, i)), 2);
        sori_end(c, scope, NULL);
    }
    assert_in_range(happened, 540, 660);
    assert_in_range(clipped, 600, 733);
    sori_close(c);
}

/* Labels follow speed and shift, and leave with the sound. */
static void labels_move(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = tone(c, 8000);
    const sori_label items[] = { { .start_s = 0.2, .end_s = 0.4, .text = "a" },
                                 { .start_s = 0.7, .end_s = 0.9, .text = "b" } };
    sori_labels l = { NULL, items, 2 };
    sori_augment *a = sori_augment_new(c, "speed(2)");
    sori_audio fast = sori_augment_apply(c, a, y, &l, 0, 0, 0, NULL);
    assert_ok(c);
    assert_int_equal(fast.y->size, 4000);
    assert_close(l.items[1].start_s, 0.35, 1e-12, 0);
    assert_string_equal(l.items[1].text, "b");
    sori_augment_free(c, a);
    l = (sori_labels){ NULL, items, 2 };
    a = sori_augment_new(c, "shift(0.5)");
    sori_augment_apply(c, a, y, &l, 0, 0, 0, NULL);
    assert_int_equal(l.n, 1);
    assert_close(l.items[0].start_s, 0.7, 1e-12, 0);
    sori_augment_free(c, a);
    l = (sori_labels){ NULL, items, 2 };
    a = sori_augment_new(c, "shift(0.2,circular=1)");
    sori_augment_apply(c, a, y, &l, 0, 0, 0, NULL);
    assert_int_equal(l.n, 3);
    assert_close(l.items[1].end_s, 1, 1e-12, 0);
    assert_close(l.items[2].end_s, 0.1, 1e-9, 0);
    sori_augment_free(c, a);
    assert_ok(c);
    sori_close(c);
}

/* Every change works on sound of no, one, few and many samples, and on silence. */
static void edges(void **state) {
    (void)state;
    static const char *const all =
        "gain noise(color=brown) pitch_shift time_stretch(10) speed shift polarity reverb filter "
        "equalizer compress clip harmonic percussive";
    static const size_t sizes[] = { 0, 1, 2, 100, 5000 };
    sori_ctx *c = sori_open(NULL);
    sori_augment *a = sori_augment_new(c, all);
    for (size_t i = 0; i < BASE_COUNT(sizes); i++) {
        sori_audio y = sori_augment_apply(c, a, tone(c, sizes[i]), NULL, 1, 2, 3, NULL);
        assert_ok(c);
        assert_true((y.y->size > 0) == (sizes[i] > 0));
    }
    static const float silence[50];
    sori_augment_free(c, a);
    a = sori_augment_new(c, "noise(snr=0)");
    sori_audio still = sori_augment_apply(c, a, sori_audio_from(c, silence, 1, 50, 8000), NULL, 1, 2, 3, NULL);
    assert_ok(c);
    for (size_t i = 0; i < 50; i++) assert_true(((float *)still.y->data)[i] == 0);
    assert_non_null(strstr(log_of(c, "time_stretch(10)", tone(c, 2), 0, 0), "\"skipped\": true"));
    sori_augment_free(c, a);
    sori_close(c);
}

/* Masks hold fill; the crop and the warp invent no values; bins and frames of one stay. */
static void spectrum(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const size_t shapes[][2] = { { 20, 30 }, { 1, 1 }, { 5, 0 }, { 1, 9 } };
    sori_augment *a = sori_augment_new(c, "gain time_warp random_resized_crop time_mask(0.5,count=3) freq_mask(0.5)");
    for (size_t k = 0; k < BASE_COUNT(shapes); k++) {
        sori_array *S = array_new_raw(c, SORI_F32, 2, shapes[k]), *log;
        for (size_t i = 0; i < S->size; i++) ((float *)S->data)[i] = (float)(i % 7);
        sori_augment_spectrum(c, a, S, -80, 1, 2, 3, &log);
        assert_ok(c);
        for (size_t i = 0; i < S->size; i++) {
            float x = ((float *)S->data)[i];
            assert_true(x == -80 || (x >= 0 && x <= 6));
        }
        assert_int_equal(lines(log->data), S->size ? 4 : 0);
    }
    sori_augment_free(c, a);
    sori_close(c);
}

/* JSON says what text says. */
static void json(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_augment *a = sori_augment_new(c, "noise(snr=10..30,color=pink,p=0.5) "
                                          "some_of(2,gain(-3) clip polarity) mixup(0.4)");
    sori_augment *b = sori_augment_new(c, " [{\"name\": \"noise\", \"snr\": [10, 30], \"color\": \"pink\", \"p\": 0.5},"
                                          "{\"name\": \"some_of\", \"n\": 2, \"of\": [{\"name\": \"gain\", \"db\": -3},"
                                          "{\"name\": \"clip\"}, {\"name\": \"polarity\"}]},"
                                          "{\"name\": \"mixup\", \"alpha\": 0.4}]");
    assert_ok(c);
    assert_string_equal(sori_augment_text(a), sori_augment_text(b));
    assert_true(sori_augment_alpha(b, "mixup") == 0.4 && sori_augment_alpha(b, "cutmix") == 0);
    sori_augment_free(c, a);
    sori_augment_free(c, b);
    REFUSES(c, sori_augment_new(c, "[{\"name\": 3}]"), "augment: a change without \"name\"");
    REFUSES(c, sori_augment_new(c, "[{\"name\": \"gain\", \"db\": [1]}]"),
            "augment: db is no number, list of two numbers or word");
    REFUSES(c, sori_augment_new(c, "[{\"name\": \"gain\", \"a b\": 1}]"), "augment: gain has no parameter a b");
    REFUSES(c, sori_augment_new(c, "[{\"name\": \"one_of\", \"of\": 1}]"), "augment: \"of\" is no list of changes");
    REFUSES(c, sori_augment_new(c, "[1"), "augment: no JSON: line 1: ']' expected near end of file");
    REFUSES(c, sori_augment_new(c, "one_of(mixup)"), "augment: mixup cannot be in a group");
    REFUSES(c, sori_augment_new(c, "mixup(p=0.5)"), "augment: mixup is for every batch, p must be 1");
    REFUSES(c, sori_augment_new(c, "mixup(0.1..0.2)"), "augment: mixup has one alpha, not a range");
    REFUSES(c, sori_augment_new(c, "mixup mixup"), "augment: mixup twice");
    sori_close(c);
}

/* Backgrounds keep their ratio wherever in their file they begin; an impulse is the sound itself. */
static void files(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(system("rm -rf '" TEST_SCRATCH "/noises' && mkdir -p '" TEST_SCRATCH "/noises'"), 0);
    sori_save(c, TEST_SCRATCH "/noises/a.wav", sori_noise(c, SORI_WHITE_NOISE, 9000, 8000, 1),
              &(sori_save_config){ .subtype = SORI_FLOAT });
    sori_save(c, TEST_SCRATCH "/noises/b.wav", sori_noise(c, SORI_PINK_NOISE, 100, 8000, 2), NULL);
    sori_save(c, TEST_SCRATCH "/one.wav", sori_audio_from(c, (float[]){ 1 }, 1, 1, 8000),
              &(sori_save_config){ .subtype = SORI_FLOAT });
    sori_augment *a = sori_augment_new(c, "background(files=" TEST_SCRATCH "/noises,snr=10)");
    sori_augment *again = sori_augment_new(c, sori_augment_text(a));
    sori_augment *one = sori_augment_new(c, "impulse(files=\"" TEST_SCRATCH "/one.wav\")");
    assert_ok(c);
    assert_string_equal(sori_augment_text(a), sori_augment_text(again));
    sori_audio y = tone(c, 4000);
    for (uint32_t i = 0; i < 20; i++) {
        sori_audio z = sori_augment_apply(c, a, y, NULL, 1, 0, i, NULL);
        double sound = 0, noise = 0;
        assert_ok(c);
        for (size_t t = 0; t < 4000; t++) {
            double s = ((float *)y.y->data)[t], d = ((float *)z.y->data)[t] - s;
            sound += s * s;
            noise += d * d;
        }
        assert_close(10 * log10(sound / noise), 10, 1e-3, 0);
    }
    sori_audio same = sori_augment_apply(c, one, y, NULL, 1, 0, 0, NULL);
    assert_ok(c);
    for (size_t t = 0; t < 4000; t++) assert_close(((float *)same.y->data)[t], ((float *)y.y->data)[t], 1e-7, 0);
    sori_augment_free(c, a);
    sori_augment_free(c, again);
    sori_augment_free(c, one);
    REFUSES(c, sori_augment_new(c, "background"), "augment: background needs files=FOLDER");
    REFUSES(c, sori_augment_new(c, "gain(files=x)"), "augment: gain takes no files");
    REFUSES(c, sori_augment_new(c, "background(files=)"), "augment: a path is needed at \")\"");
    assert_null(sori_augment_new(c, "background(files=/none)"));
    assert_int_equal(sori_error(c), SORI_EIO);
    assert_string_equal(sori_message(c), "/none: cannot open: No such file or directory");
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical),   cmocka_unit_test(sentences), cmocka_unit_test(independent),
        cmocka_unit_test(shares),      cmocka_unit_test(json),      cmocka_unit_test(files),
        cmocka_unit_test(labels_move), cmocka_unit_test(edges),     cmocka_unit_test(spectrum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
