/* What the effects on waveforms refuse, and the sentence they say. */
#include "arrays.h"
#include <sori/fx.h>

static sori_audio quiet(sori_ctx *c) { return (sori_audio){ filled(c, 2, 100, 0.1f), 22050 }; }

/* Every one says who it is and refuses what is no sound. */
static void no_sound(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio none = { NULL, 22050 }, y = quiet(c), bad = quiet(c), odd = quiet(c);
    const sori_band band = { .frequency_hz = 1000 };
    ((float *)bad.y->data)[7] = NAN;
    odd.sr = -1;
    REFUSES(c, sori_gain(c, none, 1).y, "gain: no array given");
    REFUSES(c, sori_gain(c, bad, 1).y, "gain: value 7 of the input is not finite");
    REFUSES(c, sori_gain(c, odd, 1).y, "gain: sampling rate -1 Hz is not positive");
    REFUSES(c, sori_invert_polarity(c, bad).y, "invert_polarity: value 7 of the input is not finite");
    REFUSES(c, sori_mix(c, &bad, 1, NULL).y, "mix: value 7 of the input is not finite");
    REFUSES(c, sori_shift(c, bad, 1, NULL).y, "shift: value 7 of the input is not finite");
    REFUSES(c, sori_add_noise(c, bad, y, 1).y, "add_noise: value 7 of the input is not finite");
    REFUSES(c, sori_add_noise(c, y, bad, 1).y, "add_noise: value 7 of the input is not finite");
    REFUSES(c, sori_filter(c, bad, &band, NULL).y, "filter: value 7 of the input is not finite");
    REFUSES(c, sori_equalize(c, bad, &band, 1, NULL).y, "equalize: value 7 of the input is not finite");
    REFUSES(c, sori_compress(c, bad, NULL).y, "compress: value 7 of the input is not finite");
    REFUSES(c, sori_clip(c, bad, NULL).y, "clip: value 7 of the input is not finite");
    REFUSES(c, sori_convolve(c, bad, y, NULL).y, "convolve: value 7 of the input is not finite");
    REFUSES(c, sori_reverb(c, bad, NULL).y, "reverb: value 7 of the input is not finite");
    REFUSES(c, sori_mp3(c, bad, NULL).y, "mp3: value 7 of the input is not finite");
    assert_null(sori_gain(NULL, y, 1).y);
    sori_close(c);
}

static void levels(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = quiet(c), other = { filled(c, 3, 100, 0.1f), 22050 }, slow = { filled(c, 2, 100, 0.1f), 8000 };
    REFUSES(c, sori_gain(c, y, 201).y, "gain: gain_db 201 is not within -200 .. 200 dB");
    REFUSES(c, sori_gain(c, y, NAN).y, "gain: gain_db nan is not within -200 .. 200 dB");
    REFUSES(c, sori_mix(c, &y, 0, NULL).y, "mix: no sounds given");
    REFUSES(c, sori_mix(c, NULL, 1, NULL).y, "mix: no sounds given");
    REFUSES(c, sori_mix(c, &y, 1, (double[]){ -300 }).y, "mix: gain_db -300 is not within -200 .. 200 dB");
    REFUSES(c, sori_mix(c, ((sori_audio[]){ y, slow }), 2, NULL).y,
            "mix: sound 1 is at 8000 Hz, the first at 22050 Hz");
    REFUSES(c, sori_mix(c, ((sori_audio[]){ y, other }), 2, NULL).y,
            "mix: sound 1 of shape [3, 100] has other channels than the first");
    REFUSES(c, sori_shift(c, y, INFINITY, NULL).y, "shift: inf seconds is not finite");
    sori_close(c);
}

static void noises(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = quiet(c), other = { filled(c, 3, 100, 0.1f), 22050 }, slow = { filled(c, 2, 100, 0.1f), 8000 };
    REFUSES(c, sori_noise(c, (sori_noise_color)3, 10, 0, 1).y, "noise: color 3 is unknown");
    REFUSES(c, sori_noise(c, SORI_PINK_NOISE, 10, 0.5, 1).y, "noise: sr 0.5 Hz is not within 1 .. 1e9");
    REFUSES(c, sori_noise(c, SORI_PINK_NOISE, 10, NAN, 1).y, "noise: sampling rate nan Hz is not positive");
    REFUSES(c, sori_add_noise(c, y, y, -201).y, "add_noise: snr_db -201 is not within -200 .. 200 dB");
    REFUSES(c, sori_add_noise(c, y, slow, 1).y, "add_noise: the noise is at 8000 Hz, the sound at 22050 Hz");
    REFUSES(c, sori_add_noise(c, y, other, 1).y,
            "add_noise: noise of shape [3, 100] for sound of shape [2, 100]: one channel is needed, or the same");
    sori_close(c);
}

static void filters(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = quiet(c);
    sori_array *flat = filled(c, 2, 2, 0), *zi = sori_array_new(c, SORI_F64, 3, (size_t[]){ 2, 1, 2 }), *zf = flat;
    const sori_band good = { .frequency_hz = 1000 }, high = { .frequency_hz = 11025 };
    REFUSES(c, sori_filter(c, y, NULL, NULL).y, "filter: no band given");
    REFUSES(c, sori_equalize(c, y, &good, 0, NULL).y, "equalize: no band given");
    REFUSES(c, sori_filter(c, y, &high, &(sori_filter_config){ .zf = &zf }).y,
            "filter: frequency_hz 11025 is not between 0 and sr/2, 11025 Hz");
    assert_null(zf);
    REFUSES(c, sori_filter(c, y, &(sori_band){ 0 }, NULL).y,
            "filter: frequency_hz 0 is not between 0 and sr/2, 11025 Hz");
    REFUSES(c, sori_filter(c, y, &(sori_band){ .frequency_hz = 9, .kind = (sori_band_kind)7 }, NULL).y,
            "filter: kind 7 is unknown");
    REFUSES(c, sori_filter(c, y, &(sori_band){ .frequency_hz = 9, .q = -1 }, NULL).y, "filter: q -1 is not above 0");
    REFUSES(c, sori_filter(c, y, &(sori_band){ .frequency_hz = 9, .gain_db = 999 }, NULL).y,
            "filter: gain_db 999 is not within -200 .. 200 dB");
    REFUSES(c, sori_filter(c, y, &good, &(sori_filter_config){ .zi = flat }).y,
            "filter: zi [2, 2] must be real numbers of shape [2, 1, 2]");
    ((double *)zi->data)[2] = INFINITY;
    REFUSES(c, sori_filter(c, y, &good, &(sori_filter_config){ .zi = zi }).y, "filter: value 2 of zi is not finite");
    REFUSES(c, sori_filter_sos(c, &high, 1, 0), "filter_sos: frequency_hz 11025 is not between 0 and sr/2, 11025 Hz");
    REFUSES(c, sori_filter_sos(c, &good, 1, -1), "filter_sos: sampling rate -1 Hz is not positive");
    sori_close(c);
}

static void dynamics(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = quiet(c);
#define PRESS(...) sori_compress(c, y, &(sori_compress_config){ __VA_ARGS__ }).y
#define CLIP(...) sori_clip(c, y, &(sori_clip_config){ __VA_ARGS__ }).y
    REFUSES(c, PRESS(.ratio = 0.5), "compress: ratio 0.5 is below 1");
    REFUSES(c, PRESS(.threshold_db = SORI_VALUE(-201)), "compress: threshold_db -201 is not within -200 .. 200 dB");
    REFUSES(c, PRESS(.knee_db = SORI_VALUE(-1)), "compress: knee_db -1 is below 0");
    REFUSES(c, PRESS(.knee_db = SORI_VALUE(300)), "compress: knee_db 300 is not within -200 .. 200 dB");
    REFUSES(c, PRESS(.attack_s = SORI_VALUE(-1)), "compress: attack_s -1 is below 0");
    REFUSES(c, PRESS(.release_s = SORI_VALUE(NAN)), "compress: release_s nan is below 0");
    REFUSES(c, PRESS(.makeup_db = INFINITY), "compress: makeup_db inf is not within -200 .. 200 dB");
    REFUSES(c, PRESS(.zi = y.y), "compress: zi [2, 100] must be real numbers of shape [2]");
    REFUSES(c, PRESS(.zi = y.y, .separate = true), "compress: zi [2, 100] must be real numbers of shape [2, 2]");
    assert_non_null(PRESS(.ratio = INFINITY, .knee_db = SORI_VALUE(0), .attack_s = SORI_VALUE(0)));
    assert_ok(c);
    REFUSES(c, CLIP(.level = -1), "clip: level -1 is not above 0");
    REFUSES(c, CLIP(.percentile = 101), "clip: percentile 101 is not within 0 .. 100");
    REFUSES(c, CLIP(.percentile = 10, .level = 1), "clip: a percentile goes with neither level nor soft");
    REFUSES(c, CLIP(.percentile = 10, .soft = true), "clip: a percentile goes with neither level nor soft");
    sori_close(c);
}

static void rooms(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = quiet(c), none = { sori_array_new(c, SORI_F32, 1, (size_t[]){ 0 }), 22050 };
    sori_audio slow = { y.y, 8000 }, fast = { y.y, 2e6 };
#define ROOM(...) sori_reverb(c, y, &(sori_reverb_config){ __VA_ARGS__ }).y
    REFUSES(c, sori_convolve(c, y, none, NULL).y, "convolve: the response has no samples");
    REFUSES(c, sori_convolve(c, y, (sori_audio){ NULL, 0 }, NULL).y, "convolve: no array given");
    REFUSES(c, sori_convolve(c, y, slow, NULL).y, "convolve: the response is at 8000 Hz, the sound at 22050 Hz");
    REFUSES(c, sori_convolve(c, y, y, &(sori_convolve_config){ .wet = SORI_VALUE(2) }).y,
            "convolve: wet 2 is not within 0 .. 1");
    REFUSES(c, ROOM(.decay_s = 101), "reverb: decay_s 101 is not within 0.01 .. 100");
    REFUSES(c, ROOM(.room_size = 1.5), "reverb: room_size 1.5 is not above 0 and at most 1");
    REFUSES(c, ROOM(.damping = SORI_VALUE(-1)), "reverb: damping -1 is not within 0 .. 1");
    REFUSES(c, ROOM(.wet = SORI_VALUE(NAN)), "reverb: wet nan is not within 0 .. 1");
    REFUSES(c, sori_reverb(c, fast, NULL).y, "reverb: 2e+06 Hz is above 1e6");
    sori_close(c);
}

static void coding(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = quiet(c);
#define CODE(...) sori_mp3(c, y, &(sori_mp3_config){ __VA_ARGS__ }).y
    REFUSES(c, CODE(.bit_rate = 7), "mp3: bit_rate 7 is not within 8 .. 320 kbit/s");
    REFUSES(c, CODE(.bit_rate = NAN), "mp3: bit_rate nan is not within 8 .. 320 kbit/s");
    REFUSES(c, CODE(.quality = SORI_VALUE(9.5)), "mp3: quality 9.5 is not within 0 .. 9");
    REFUSES(c, CODE(.quality = SORI_VALUE(-1)), "mp3: quality -1 is not within 0 .. 9");
    REFUSES(c, CODE(.quality = SORI_VALUE(1), .bit_rate = 64), "mp3: both bit_rate and quality are given");
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_sound), cmocka_unit_test(levels), cmocka_unit_test(noises), cmocka_unit_test(filters),
        cmocka_unit_test(dynamics), cmocka_unit_test(rooms), cmocka_unit_test(coding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
