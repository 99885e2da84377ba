/* Laws of filters, the compressor, clipping, convolution, reverberation and the MP3 round trip. */
#include "arrays.h"
#include <sori/fx.h>

static sori_audio sound(sori_ctx *c, uint32_t key, size_t channels, size_t n) {
    sori_array *a = sori_array_new(c, SORI_F32, channels > 1 ? 2 : 1,
                                   channels > 1 ? (size_t[]){ channels, n } : (size_t[]){ n });
    base_rng r = base_rng_new(32, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < a->size; i++) ((float *)a->data)[i] = (float)(base_rng_uniform(&r) - 0.5);
    return (sori_audio){ a, 22050 };
}

static float *samples(sori_audio y) {
    assert_non_null(y.y);
    return y.y->data;
}

/* Samples [first, end) of every channel. */
static sori_audio slice(sori_ctx *c, sori_audio y, size_t first, size_t end) {
    sori_array *a = sori_array_new(c, SORI_I64, 2, (size_t[]){ 1, 2 });
    memcpy(a->data, (int64_t[]){ (int64_t)first, (int64_t)end }, 16);
    return sori_remix(c, y, a, &(sori_remix_config){ .unaligned = true });
}

static sori_audio impulse(sori_ctx *c, size_t n, double sr) {
    sori_audio y = { sori_array_new(c, SORI_F32, 1, &n), sr };
    samples(y)[0] = 1;
    return y;
}

/* --- filters ----------------------------------------------------------------------------------------------------- */

/* Gain at hz in dB, from the impulse response. */
static double gain_at(sori_ctx *c, const sori_band *band, double hz) {
    enum { N = 60000 };
    sori_audio h = sori_filter(c, impulse(c, N, 22050), band, NULL);
    double re = 0, im = 0;
    assert_ok(c);
    for (size_t t = 0; t < N; t++) {
        re += (double)samples(h)[t] * cos(2 * M_PI * hz * (double)t / 22050);
        im -= (double)samples(h)[t] * sin(2 * M_PI * hz * (double)t / 22050);
    }
    return 10 * log10(re * re + im * im + 1e-30);
}

/* Each kind's gain at 0 Hz, at its frequency and at sr/2; -100: as good as nothing. */
static void gains_are_those_named(void **state) {
    (void)state;
    static const struct { sori_band_kind kind; double gain_db, zero, at, top; } laws[] = {
        { SORI_LOWPASS, 0, 0, -3.0103, -100 }, { SORI_HIGHPASS, 0, -100, -3.0103, 0 },
        { SORI_BANDPASS, 0, -100, 0, -100 }, { SORI_NOTCH, 0, 0, -100, 0 }, { SORI_PEAKING, -9, 0, -9, 0 },
        { SORI_LOW_SHELF, 8, 8, 4, 0 }, { SORI_HIGH_SHELF, -8, 0, -4, -8 },
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(laws); i++) {
        sori_band band = { .kind = laws[i].kind, .frequency_hz = 1200, .gain_db = laws[i].gain_db };
        double hz[] = { 0, 1200, 11025 }, wanted[] = { laws[i].zero, laws[i].at, laws[i].top };
        for (int k = 0; k < 3; k++) {
            double got = gain_at(c, &band, hz[k]);
            if (wanted[k] == -100) assert_true(got < -90);
            else assert_close(got, wanted[k], 1e-3, 0);
        }
    }
    sori_close(c);
}

static void blocks_are_the_whole(void **state) {
    (void)state;
    enum { N = 5000 };
    static const sori_band bands[] = { { SORI_PEAKING, 500, 3, 9 }, { SORI_HIGHPASS, 50, 0, 0 } };
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 1, 2, N);
    for (int kind = 0; kind < 3; kind++) {
        sori_array *zi = NULL, *zf = NULL;
        sori_compress_config press = { .separate = kind == 2, .threshold_db = SORI_VALUE(-30) };
        sori_audio whole = kind ? sori_compress(c, y, &press) : sori_equalize(c, y, bands, 2, NULL);
        for (size_t at = 0, step = 1; at < N; at += step, step = 3 * step + 1) {
            size_t end = BASE_MIN(at + step, (size_t)N);
            sori_audio block = slice(c, y, at, end);
            press.zi = zi;
            press.zf = &zf;
            sori_audio out = kind ? sori_compress(c, block, &press)
                                  : sori_equalize(c, block, bands, 2, &(sori_filter_config){ .zi = zi, .zf = &zf });
            assert_ok(c);
            assert_same(out.y, slice(c, whole, at, end).y);
            zi = zf;
        }
        sori_audio none = slice(c, y, 0, 0);   /* nothing changes the state by nothing */
        press.zi = zi;
        if (kind) sori_compress(c, none, &press);
        else sori_equalize(c, none, bands, 2, &(sori_filter_config){ .zi = zi, .zf = &zf });
        assert_ok(c);
        assert_same(zf, zi);
    }
    sori_close(c);
}

/* --- dynamics ---------------------------------------------------------------------------------------------------- */

/* A level that lasts is brought to what the curve says. */
static void the_curve_is_reached(void **state) {
    (void)state;
    enum { N = 22050 };
    sori_ctx *c = sori_open(NULL);
    for (double db = -60; db <= 0; db += 3)
        for (double ratio = 1; ratio <= 20; ratio *= 4.4) {
            sori_audio y = { sori_array_new(c, SORI_F32, 1, (size_t[]){ N }), 22050 };
            for (size_t i = 0; i < N; i++) samples(y)[i] = (float)pow(10, db / 20) * (i % 2 ? 1 : -1);
            sori_audio z = sori_compress(c, y, &(sori_compress_config){ .ratio = ratio, .makeup_db = 3 });
            double over = db + 20, wanted = db;
            if (over > 3) wanted = -20 + over / ratio;
            else if (over > -3) wanted = db + (1 / ratio - 1) * (over + 3) * (over + 3) / 12;
            assert_ok(c);
            assert_close(20 * log10(fabs((double)samples(z)[N - 1])), wanted + 3, 1e-3, 0);
        }
    sori_close(c);
}

static void the_loudest_channel_rules(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 2, 2, 2000);
    for (size_t i = 0; i < 2000; i++) samples(y)[i] *= 0.01f;
    sori_audio z = sori_compress(c, y, NULL), apart = sori_compress(c, y, &(sori_compress_config){ .separate = true });
    assert_ok(c);
    for (size_t i = 0; i < 2000; i++) {   /* the balance stays; alone, the quiet one is left as it is */
        double left = (double)samples(z)[i] / (double)samples(y)[i];
        double right = (double)samples(z)[2000 + i] / (double)samples(y)[2000 + i];
        assert_close(left, right, 0, 1e-6);
        assert_close((double)samples(apart)[i], (double)samples(y)[i], 0, 1e-6);
    }
    sori_close(c);
}

static int compare(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void clipping_is_as_told(void **state) {
    (void)state;
    enum { N = 1001 };
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 3, 1, N), sorted = sori_gain(c, y, 0);
    qsort(samples(sorted), N, sizeof(float), compare);
    sori_audio hard = sori_clip(c, y, &(sori_clip_config){ .level = 0.2 });
    sori_audio share = sori_clip(c, y, &(sori_clip_config){ .percentile = 20 });   /* whole places: 100 and 900 */
    sori_audio soft = sori_clip(c, y, &(sori_clip_config){ .level = 0.2, .soft = true });
    sori_audio wild = sori_clip(c, sori_gain(c, y, 200), &(sori_clip_config){ .soft = true });
    assert_ok(c);
    for (size_t i = 0; i < N; i++) {
        float x = samples(y)[i];
        assert_true(samples(hard)[i] == fmaxf(-0.2f, fminf(x, 0.2f)));
        assert_true(samples(share)[i] == fmaxf(samples(sorted)[100], fminf(x, samples(sorted)[900])));
        assert_close((double)samples(soft)[i], 0.2 * tanh((double)x / 0.2), 0, 1e-7);
        assert_close((double)samples(wild)[i], x > 0 ? 1 : -1, 1e-7, 0);
    }
    sori_close(c);
}

/* --- rooms ------------------------------------------------------------------------------------------------------- */

static void check_convolution(sori_ctx *c, sori_audio y, sori_audio ir, bool keep_tail) {
    size_t n = y.y->shape[y.y->ndim - 1], m = ir.y->shape[ir.y->ndim - 1], length = keep_tail ? n + m - 1 : n;
    sori_audio z = sori_convolve(c, y, ir, &(sori_convolve_config){ .keep_tail = keep_tail });
    assert_ok(c);
    assert_int_equal(z.y->shape[z.y->ndim - 1], length);
    for (size_t ch = 0; ch < y.y->size / n; ch++)
        for (size_t t = 0; t < length; t++) {
            double sum = 0;
            const float *x = samples(y) + ch * n, *h = samples(ir) + (ir.y->ndim > 1 ? ch * m : 0);
            for (size_t k = t < n ? 0 : t - n + 1; k < m && k <= t; k++) sum += (double)h[k] * (double)x[t - k];
            assert_close((double)samples(z)[ch * length + t], sum, 1e-11, 6.1e-8);
        }
}

static void convolution_is_the_sum(void **state) {
    (void)state;
    static const size_t lengths[] = { 1, 2, 63, 500, 2500 };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(lengths); i++)
        for (size_t j = 0; j < BASE_COUNT(lengths); j++)
            for (size_t channels = 1; channels < 3; channels++)
                for (int tail = 0; tail < 2; tail++) {
                    int scope = sori_begin(c);
                    check_convolution(c, sound(c, 4, 2, lengths[i]), sound(c, 5, channels, lengths[j]), tail);
                    sori_end(c, scope, NULL);
                }
    sori_audio y = sound(c, 6, 1, 9000), ir = sound(c, 7, 1, 40);   /* many blocks */
    check_convolution(c, y, ir, true);
    sori_audio wet = sori_convolve(c, y, ir, NULL);
    sori_audio half = sori_convolve(c, y, ir, &(sori_convolve_config){ .wet = SORI_VALUE(0.25) });
    for (size_t t = 0; t < 9000; t++)
        assert_close((double)samples(half)[t], 0.75 * (double)samples(y)[t] + 0.25 * (double)samples(wet)[t], 1e-7, 0);
    assert_same(sori_convolve(c, y, ir, &(sori_convolve_config){ .wet = SORI_VALUE(0) }).y, y.y);
    sori_close(c);
}

/* RT60 by Schroeder's integration: the fall from -5 to -35 dB of the energy still to come, doubled. ISO 3382. */
static double decay_of(sori_audio h) {
    size_t n = h.y->size, first = 0, last = 0;
    double total = 0, left, squares;
    for (size_t t = 0; t < n; t++) total += (double)samples(h)[t] * (double)samples(h)[t];
    left = total;
    for (size_t t = 0; t < n; t++) {
        squares = (double)samples(h)[t] * (double)samples(h)[t];
        if (10 * log10(left / total) > -5) first = t;
        if (10 * log10(left / total) > -35) last = t;
        left = fmax(left - squares, total * 1e-12);
    }
    return 2 * (double)(last - first) / h.sr;
}

static sori_audio room(sori_ctx *c, double sr, double decay_s, double damping, double room_size) {
    return sori_reverb(c, impulse(c, (size_t)(1.5 * decay_s * sr), sr),
                       &(sori_reverb_config){ .decay_s = decay_s, .damping = SORI_VALUE(damping),
                                              .room_size = room_size, .wet = SORI_VALUE(1) });
}

/* Without damping all frequencies decay in decay_s, with an energy of about 1; with it the low ones do. */
static void rooms_decay_in_time(void **state) {
    (void)state;
    static const double decays[] = { 0.3, 1, 4 }, rates[] = { 8000, 22050, 48000 }, sizes[] = { 0.1, 0.5, 1 };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < 27; i++) {
        int scope = sori_begin(c);
        double decay = decays[i % 3], sr = rates[i / 3 % 3], size = sizes[i / 9], energy = 0;
        sori_audio h = room(c, sr, decay, 0, size);
        assert_ok(c);
        for (size_t t = 0; t < h.y->size; t++) energy += (double)samples(h)[t] * (double)samples(h)[t];
        assert_close(decay_of(h), decay, 0, 0.05);
        assert_close(10 * log10(energy), 0, 0.5, 0);
        sori_audio damped = room(c, sr, decay, 0.7, size);
        sori_band low = { SORI_LOWPASS, 150, 0, 0 }, high = { SORI_HIGHPASS, sr / 3, 0, 0 };
        double dull = decay_of(sori_filter(c, sori_filter(c, damped, &low, NULL), &low, NULL));
        double bright = decay_of(sori_filter(c, sori_filter(c, damped, &high, NULL), &high, NULL));
        assert_ok(c);
        assert_close(dull, decay, 0, 0.12);
        assert_true(bright < 0.75 * decay);
        sori_end(c, scope, NULL);
    }
    sori_close(c);
}

static void dry_rooms_change_nothing(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio y = sound(c, 8, 2, 3000);
    assert_same(sori_reverb(c, y, &(sori_reverb_config){ .wet = SORI_VALUE(0) }).y, y.y);
    sori_audio z = sori_reverb(c, y, &(sori_reverb_config){ .decay_s = 0.25, .keep_tail = true });
    sori_audio cut = sori_reverb(c, y, &(sori_reverb_config){ .decay_s = 0.25 });
    assert_ok(c);
    assert_int_equal(z.y->shape[1], 3000 + 5513);
    assert_same(slice(c, z, 0, 3000).y, cut.y);
    y.sr = 4;   /* paths longer than the decay: nothing is heard of them */
    z = sori_reverb(c, y, &(sori_reverb_config){ .decay_s = 0.01, .wet = SORI_VALUE(1) });
    for (size_t i = 0; i < z.y->size; i++) assert_true(samples(z)[i] == 0);
    sori_close(c);
}

/* --- MP3 --------------------------------------------------------------------------------------------------------- */

/* Noise below a fourth of the rate, which MP3 keeps. */
static sori_audio codable(sori_ctx *c, size_t channels, size_t n, double sr) {
    sori_audio y = sound(c, 9, channels, n);
    y.sr = sr;
    sori_band low = { .frequency_hz = sr / 16 };
    return sori_filter(c, sori_filter(c, y, &low, NULL), &low, NULL);
}

/* Signal to error in dB when z is taken to be y moved by `by` samples. */
static double likeness(sori_audio y, sori_audio z, int by) {
    double signal = 0, error = 0;
    for (size_t t = 2000; t + 2000 < y.y->size; t++) {
        double a = (double)samples(y)[t], b = (double)samples(z)[(size_t)((int)t + by)];
        signal += a * a;
        error += (a - b) * (a - b);
    }
    return 10 * log10(signal / error);
}

static void mp3_returns_in_place(void **state) {
    (void)state;
    static const double rates[] = { 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 6000, 20000, 96000 };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(rates); i++)
        for (int variable = 0; variable < 2; variable++) {
            int scope = sori_begin(c);
            sori_audio y = codable(c, 1, 30011, rates[i]);
            sori_mp3_config config = { .quality = variable ? SORI_VALUE(0) : (sori_opt){ 0 },
                                       .bit_rate = variable ? 0 : 320 };
            sori_audio z = sori_mp3(c, y, &config);
            if (sori_error(c) == SORI_EUNSUP) skip();
            assert_ok(c);
            assert_int_equal(z.y->size, 30011);
            assert_true(z.sr == rates[i]);
            double here = likeness(y, z, 0);
            if (here < 15) fail_msg("%g Hz, variable %d: %.1f dB", rates[i], variable, here);
            for (int by = -1200; by <= 1200; by += by == -1 ? 2 : 1) assert_true(likeness(y, z, by) < here);
            sori_end(c, scope, NULL);
        }
    sori_close(c);
}

static void mp3_of_any_shape(void **state) {
    (void)state;
    static const size_t lengths[] = { 0, 1, 5, 1152, 30000 };
    sori_ctx *c = sori_open(&(sori_options){ .threads = 1 }), *many = sori_open(&(sori_options){ .threads = 4 });
    for (size_t i = 0; i < BASE_COUNT(lengths); i++)
        for (size_t channels = 1; channels < 5; channels++) {
            sori_audio z = sori_mp3(c, sound(c, 10, channels, lengths[i]), NULL);
            sori_audio again = sori_mp3(many, sound(many, 10, channels, lengths[i]), NULL);
            if (sori_error(c) == SORI_EUNSUP) skip();
            assert_ok(c);
            assert_same(z.y, again.y);
            assert_int_equal(z.y->size, channels * lengths[i]);
        }
    sori_close(c);
    sori_close(many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gains_are_those_named), cmocka_unit_test(blocks_are_the_whole),
        cmocka_unit_test(the_curve_is_reached), cmocka_unit_test(the_loudest_channel_rules),
        cmocka_unit_test(clipping_is_as_told), cmocka_unit_test(convolution_is_the_sum),
        cmocka_unit_test(rooms_decay_in_time), cmocka_unit_test(dry_rooms_change_nothing),
        cmocka_unit_test(mp3_returns_in_place), cmocka_unit_test(mp3_of_any_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
