/* Pitch by other hands: YIN's and pYIN's original programs on a chirp (the fixtures of librosa's own tests), and
 * singers whose pitch people have marked every 20 ms (MIR-1K). They lie in the data folder; where that is missing these
 * tests are skipped. */
#include "golden/golden_input.h"
#include <sori/audio.h>
#include <sori/pitch.h>

/* librosa.chirp: a second from 220 to 640 Hz, the octaves evenly in time; `silence` samples before and after. */
static sori_audio chirp(sori_ctx *c, size_t silence) {
    const double sr = 22050, turn = 6.283185307179586, rate = log(640.0 / 220);
    sori_array *a = sori_array_new(c, SORI_F32, 1, (size_t[]){ 22050 + 2 * silence });
    for (size_t i = 0; i < 22050; i++)
        ((float *)a->data)[silence + i] = (float)sin(turn * 220 / rate * (exp(rate * (double)i / sr) - 1));
    return (sori_audio){ a, sr };
}

/* The originals look at 1024 samples from where a frame starts, librosa and we at 2048, whose middle is a hop later. */
static double octaves_off(double f0, double reference) { return fabs(log2(f0) - log2(reference)); }

static void yin_on_a_chirp(void **state) {
    (void)state;
    need_data("reference/matlab/pitch-yin.npy");
    sori_ctx *c = sori_open(NULL);
    const sori_array *want = sori_load_npy(c, data_path("reference/matlab/pitch-yin.npy"));
    const sori_array *f0 = sori_yin(c, chirp(c, 0), &(sori_yin_config){ .fmin = 110, .fmax = 880, .uncentered = true });
    assert_ok(c);
    assert_int_equal(f0->size, want->size);
    for (size_t t = 0; t + 1 < f0->size; t++)
        if (octaves_off(((double *)f0->data)[t], (double)((float *)want->data)[t + 1]) > 0.01) fail_msg("frame %zu", t);
    sori_close(c);
}

static void pyin_on_a_chirp(void **state) {
    (void)state;
    need_data("reference/matlab/pitch-pyin.npy");
    sori_ctx *c = sori_open(NULL);
    const sori_array *want = sori_load_npy(c, data_path("reference/matlab/pitch-pyin.npy"));
    sori_pyin_result r = sori_pyin(c, chirp(c, 22050),
                                   &(sori_pyin_config){ .fmin = 110, .fmax = 880, .uncentered = true });
    size_t differ = 0;
    assert_ok(c);
    assert_int_equal(r.f0->size, want->size);
    for (size_t t = 0; t + 1 < want->size; t++) {
        double f0 = ((double *)r.f0->data)[t], reference = (double)((float *)want->data)[t + 1];   /* < 0: unvoiced */
        bool voiced = ((uint8_t *)r.voiced_flag->data)[t], whole = t * 512 >= 22050 && t * 512 + 2048 <= 44100;
        if (voiced != (reference > 0)) differ++;
        else if (voiced && whole && octaves_off(f0, reference) > 0.01)
            fail_msg("frame %zu: %g, not %g", t, f0, reference);
    }
    assert_true(differ <= 2);   /* where it begins and ends */
    sori_close(c);
}

/* --- singers ------------------------------------------------------------------------------------------------------ */

/* The right channel is the voice. */
static sori_audio voice(sori_ctx *c, const char *name) {
    char file[128];
    base_format(file, sizeof file, "separation/mir1k/train/%s.flac", name);
    sori_audio y = sori_load(c, data_path(file), &(sori_load_config){ .sr = SORI_SR_NATIVE, .multichannel = true });
    assert_ok(c);
    size_t n = y.y->shape[1];
    return (sori_audio){ sori_array_from(c, SORI_F32, 1, &n, (float *)y.y->data + n), y.sr };
}

/* Share of the frames marked as voiced in which pyin is within half a semitone of the mark. */
static double recall(sori_ctx *c, const char *name) {
    char file[128], line[64];
    base_format(file, sizeof file, "separation/mir1k/PitchLabel/%s.pv", name);
    FILE *f = fopen(data_path(file), "r");
    assert_non_null(f);
    sori_audio y = voice(c, name);
    sori_pyin_result r = sori_pyin(c, y, &(sori_pyin_config){ .fmax = 1000, .hop_length = 320 });
    size_t marked = 0, right = 0;
    assert_ok(c);
    for (size_t t = 1; fgets(line, sizeof line, f) && t < r.f0->size; t++) {   /* the first mark is at 20 ms */
        double note = atof(line), f0 = ((double *)r.f0->data)[t];
        if (note == 0) continue;
        marked++;
        right += fabs(69 + 12 * log2(f0 / 440) - note) < 0.5;   /* false for NaN */
    }
    fclose(f);
    assert_true(marked > 100);
    return (double)right / (double)marked;
}

static void singers(void **state) {
    (void)state;
    static const char *const names[] = { "amy_4_01", "abjones_1_02", "amy_15_05" };
    need_data("separation/mir1k/PitchLabel/amy_4_01.pv");
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
        double share = recall(c, names[i]);
        if (share < 0.85) fail_msg("%s: only %.3f of the marked pitches", names[i], share);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yin_on_a_chirp), cmocka_unit_test(pyin_on_a_chirp), cmocka_unit_test(singers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
