/* compare.c - two sounds side by side: made alike in what does not matter, then measured.
 *
 * What people hear as the same note may differ in rate, in channels, in the silence before it and in level; these are
 * taken away first, and told. The rest is compared as ears do, by the levels of mel bands over time, by MFCCs (which
 * may run ahead of each other: dynamic time warping), and by the words for timbre: attack, brightness, noisiness,
 * strengths of harmonics (compare_partials.c). */
#include "array/array.h"
#include "base/base.h"
#include "feat/feat.h"
#include "task/compare.h"
#include <math.h>
#include <sori/structure.h>
#include <string.h>

#define WHO "compare"
#define MOST_S 60.0          /* compared, unless more is asked for */
#define LEVEL 0.1            /* RMS that both get */
#define N_MELS 64
#define N_MFCC 20
#define TOP_DB 80
#define ONSET_DB 30          /* a sound begins where it comes so near to its loudest */
#define WINDOW_S 0.01        /* of levels over time, */
#define STEP_S 0.001         /* and from one to the next */
#define ENVELOPE_FLOOR 1e-10 /* power: -100 dB */

int task_power_of_two(double v) {
    int n = 64;
    while (n < v && n < 1 << 24) n *= 2;
    return n;
}

static size_t length_of(sori_audio y) { return y.y->shape[y.y->ndim - 1]; }

/* --- made alike -------------------------------------------------------------------------------------------------- */

static bool check_sound(sori_ctx *c, sori_audio *y) {
    if (!array_check(c, WHO, y->y, SORI_F32, 1) || !feat_check_rate(c, WHO, &y->sr)) return false;
    if (y->y->size == 0) sori_fail(c, SORI_EINVAL, "compare: a sound without samples");
    return !base_failed(c) && feat_check_finite(c, WHO, y->y->data, y->y->size);
}

static bool check_config(sori_ctx *c, const sori_compare_config *g) {
    if (!(g->sr >= 0 && g->sr <= 1e6)) sori_fail(c, SORI_EINVAL, "compare: sr %g Hz is not within 0 .. 1e6", g->sr);
    else if (!(g->duration_s >= 0 && g->duration_s <= 1e6))
        sori_fail(c, SORI_EINVAL, "compare: duration_s %g is not within 0 .. 1e6", g->duration_s);
    else if (!(g->f0_hz >= 0 && isfinite(g->f0_hz)))
        sori_fail(c, SORI_EINVAL, "compare: f0_hz %g must be a frequency, or 0", g->f0_hz);
    else if (g->n_partials < 0 || g->n_partials > SORI_COMPARE_PARTIALS)
        sori_fail(c, SORI_EINVAL, "compare: n_partials %d is not within 1 .. %d", g->n_partials, SORI_COMPARE_PARTIALS);
    return !base_failed(c);
}

/* Sums of squares of the samples before each, [n + 1]; freed by base_free. */
static double *energies(sori_ctx *c, sori_audio y) {
    size_t n = length_of(y);
    double *sum = base_alloc_raw(c, n + 1, sizeof *sum);
    if (sum) sum[0] = 0;
    for (size_t i = 0; sum && i < n; i++) {
        double v = ((const float *)y.y->data)[i];
        sum[i + 1] = sum[i] + v * v;
    }
    return sum;
}

static size_t samples(double seconds, double sr) { return (size_t)fmax(1, rint(seconds * sr)); }

/* Windows end where they are looked at: a sudden onset is found to the sample. Silence begins at once. */
static size_t find_onset(sori_ctx *c, sori_audio y) {
    size_t n = length_of(y), window = samples(WINDOW_S, y.sr), onset = 0;
    double *sum = energies(c, y), most = 0;
    for (size_t e = 1; sum && e <= n; e++) most = fmax(most, sum[e] - sum[e - BASE_MIN(e, window)]);
    double enough = most * pow(10, -ONSET_DB / 10.0);
    while (most > 0 && sum[onset + 1] - sum[onset + 1 - BASE_MIN(onset + 1, window)] < enough) onset++;
    base_free(c, sum);
    return onset;
}

/* [n] at the common rate. */
static sori_audio plain(sori_ctx *c, sori_audio y, double sr) {
    if (y.y->ndim > 1) y = sori_to_mono(c, y);
    return y.y && y.sr != sr ? sori_resample(c, y, sr, NULL) : y;
}

/* n samples from `onset` on, at the common level. */
static bool cut(sori_ctx *c, sori_compared *s, sori_audio whole, size_t onset, size_t n, bool keep_level) {
    s->onset_s = (double)onset / whole.sr;
    s->length_s = (double)(length_of(whole) - onset) / whole.sr;
    s->y = (sori_audio){ sori_array_from(c, SORI_F32, 1, &n, (const float *)whole.y->data + onset), whole.sr };
    double *sum = s->y.y ? energies(c, s->y) : NULL, rms = sum ? sqrt(sum[n] / (double)n) : 0;
    base_free(c, sum);
    if (base_failed(c)) return false;
    double gain = rms > 0 && !keep_level ? LEVEL / rms : 1;
    s->gain_db = 20 * log10(gain);
    for (size_t i = 0; i < n; i++) ((float *)s->y.y->data)[i] = (float)(gain * (double)((float *)s->y.y->data)[i]);
    return true;
}

static bool make_alike(sori_ctx *c, sori_comparison *r, sori_audio a, sori_audio b, const sori_compare_config *g) {
    r->sr = g->sr > 0 ? g->sr : fmin(a.sr, b.sr);
    a = plain(c, a, r->sr);
    b = a.y ? plain(c, b, r->sr) : b;
    if (base_failed(c)) return false;
    size_t from_a = g->unaligned ? 0 : find_onset(c, a), from_b = g->unaligned ? 0 : find_onset(c, b);
    size_t n = BASE_MIN(length_of(a) - from_a, length_of(b) - from_b);
    double most = (g->duration_s > 0 ? g->duration_s : MOST_S) * r->sr;
    if (most < (double)n) n = (size_t)fmax(1, rint(most));
    r->duration_s = (double)n / r->sr;
    return cut(c, &r->a, a, from_a, n, g->keep_level) && cut(c, &r->b, b, from_b, n, g->keep_level);
}

/* --- measured ---------------------------------------------------------------------------------------------------- */

/* RMS in dB of windows centred on every step. */
static void take_envelope(sori_ctx *c, sori_compared *s) {
    size_t n = length_of(s->y), step = samples(STEP_S, s->y.sr), half = samples(WINDOW_S / 2, s->y.sr);
    size_t m = 1 + n / step;
    double *sum = energies(c, s->y);
    s->envelope_db = sori_array_new(c, SORI_F32, 1, &m);
    for (size_t i = 0; sum && s->envelope_db && i < m; i++) {
        size_t at = i * step, from = at - BASE_MIN(at, half), to = BASE_MIN(n, at + half);
        double power = (sum[to] - sum[from]) / (double)(2 * half);
        ((float *)s->envelope_db->data)[i] = (float)(10 * log10(fmax(power, ENVELOPE_FLOOR)));
    }
    base_free(c, sum);
}

static double attack_of(const sori_array *envelope_db, double step_s) {
    const float *v = envelope_db->data;
    size_t at = 0, tenth, most = 0;
    for (size_t i = 0; i < envelope_db->size; i++) most = v[i] > v[most] ? i : most;
    while (v[at] < v[most] - 20) at++;                   /* a tenth of the amplitude */
    tenth = at;
    while (v[at] < v[most] + 20 * log10(0.9)) at++;
    return (double)(at - tenth) * step_s;
}

/* Mean power of the frames of S [bins, frames], magnitudes, in dB, and each frame's energy into weight [frames]. */
static sori_array *mean_spectrum(sori_ctx *c, const sori_array *S, int n_fft, double *weight) {
    size_t frames = S->shape[1];
    sori_array *out = sori_array_new(c, SORI_F32, 1, S->shape);
    double sine = n_fft / 4.0;                           /* what Hann's window leaves of amplitude 1 */
    for (size_t k = 0; out && k < S->shape[0]; k++) {
        double sum = 0;
        for (size_t t = 0; t < frames; t++) {
            double v = ((const float *)S->data)[k * frames + t];
            weight[t] += v * v;
            sum += v * v;
        }
        double power = sum / (double)frames / (sine * sine);
        ((float *)out->data)[k] = (float)(10 * log10(fmax(power, ENVELOPE_FLOOR)));
    }
    return out;
}

/* NaN where there is no energy. */
static double weighted_mean(const sori_array *v, const double *weight) {
    double sum = 0, all = 0;
    for (size_t t = 0; t < v->size; t++) {
        sum += weight[t] * (double)((const float *)v->data)[t];
        all += weight[t];
    }
    return sum / all;
}

static bool take_spectra(sori_ctx *c, const sori_comparison *r, sori_compared *s) {
    static const char *const names[] = { "spectrogram", "mel", "centroid", "rolloff", "flatness" };
    sori_feature_config config = { .stft = { .n_fft = r->n_fft, .hop_length = r->hop_length }, .n_mels = N_MELS };
    sori_array *out[BASE_COUNT(names)];
    if (sori_extract(c, s->y, names, BASE_COUNT(names), &config, out) != SORI_OK) return false;
    double *weight = base_alloc(c, out[0]->shape[1], sizeof *weight);
    if (weight) s->spectrum_db = mean_spectrum(c, out[0], r->n_fft, weight);
    if (s->spectrum_db) {
        s->centroid_hz = weighted_mean(out[2], weight);
        s->rolloff_hz = weighted_mean(out[3], weight);
        s->flatness = weighted_mean(out[4], weight);
    }
    base_free(c, weight);
    s->mel_db = sori_power_to_db(c, out[1], &(sori_db_config){ .top_db = SORI_NONE });
    take_envelope(c, s);
    if (base_failed(c)) return false;
    double silence = 10 * log10(ENVELOPE_FLOOR), loudest = silence;
    for (size_t i = 0; i < s->envelope_db->size; i++)
        loudest = fmax(loudest, (double)((float *)s->envelope_db->data)[i]);
    s->attack_s = loudest > silence ? attack_of(s->envelope_db, r->envelope_step_s) : NAN;
    return true;
}

/* --- compared ---------------------------------------------------------------------------------------------------- */

static float peak_of(const sori_array *a) {
    float most = ((const float *)a->data)[0];
    for (size_t i = 1; i < a->size; i++) most = fmaxf(most, ((const float *)a->data)[i]);
    return most;
}

/* The MFCCs of both from levels with a common floor. */
static bool take_mfcc(sori_ctx *c, sori_comparison *r) {
    float floor_db = fmaxf(peak_of(r->a.mel_db), peak_of(r->b.mel_db)) - TOP_DB;
    sori_compared *const both[] = { &r->a, &r->b };
    for (int i = 0; i < 2 && !base_failed(c); i++) {
        float *v = both[i]->mel_db->data;
        for (size_t j = 0; j < both[i]->mel_db->size; j++) v[j] = fmaxf(v[j], floor_db);
        sori_mfcc_config config = { .mel = { .S = both[i]->mel_db }, .n_mfcc = N_MFCC };
        both[i]->mfcc = sori_mfcc(c, both[i]->y, &config);
    }
    return !base_failed(c);
}

static double rms_difference(const sori_array *a, const sori_array *b) {
    double sum = 0;
    for (size_t i = 0; i < a->size; i++) {
        double d = (double)((const float *)a->data)[i] - (double)((const float *)b->data)[i];
        sum += d * d;
    }
    return sqrt(sum / (double)a->size);
}

static double mean_of(const float *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    return sum / (double)n;
}

static double mean_distance(const sori_array *a, const sori_array *b) {
    double sum = 0;
    size_t n = a->shape[1];
    for (size_t k = 1; k < N_MFCC; k++) {
        double d = mean_of((const float *)a->data + k * n, n) - mean_of((const float *)b->data + k * n, n);
        sum += d * d;
    }
    return sqrt(sum);
}

/* Rows but the first. */
static sori_array *without_level(sori_ctx *c, const sori_array *mfcc) {
    size_t shape[2] = { mfcc->shape[0] - 1, mfcc->shape[1] };
    return sori_array_from(c, SORI_F32, 2, shape, (const float *)mfcc->data + mfcc->shape[1]);
}

static double warped_distance(sori_ctx *c, const sori_array *a, const sori_array *b) {
    sori_array *x = without_level(c, a), *y = without_level(c, b);
    sori_dtw_result d = sori_dtw(c, x, y, NULL);
    return d.wp ? ((const double *)d.D->data)[d.D->size - 1] / (double)d.wp->shape[0] : 0;
}

static double partials_distance(const sori_comparison *r) {
    double sum = 0, count = 0;
    for (int k = 0; k < r->n_partials; k++) {
        double d = r->a.partials[k].db - r->b.partials[k].db;
        if (isnan(d)) continue;
        sum += d * d;
        count++;
    }
    return sqrt(sum / count);
}

static bool measure(sori_ctx *c, sori_comparison *r, const sori_compare_config *g) {
    r->n_fft = task_power_of_two(r->sr * 0.0657);     /* 93 ms, less or more by half an octave: 2048 at 22050 Hz */
    r->hop_length = r->n_fft / 4;
    r->envelope_step_s = (double)samples(STEP_S, r->sr) / r->sr;
    r->n_partials = g->n_partials ? g->n_partials : 10;
    bool ok = take_spectra(c, r, &r->a) && take_spectra(c, r, &r->b) && take_mfcc(c, r) &&
              task_partials(c, &r->a, r->n_partials, g->f0_hz) &&
              task_partials(c, &r->b, r->n_partials, g->f0_hz);
    if (!ok) return false;
    r->log_mel_db = rms_difference(r->a.mel_db, r->b.mel_db);
    r->mfcc_mean = mean_distance(r->a.mfcc, r->b.mfcc);
    r->mfcc_dtw = warped_distance(c, r->a.mfcc, r->b.mfcc);
    r->partials_db = partials_distance(r);
    return !base_failed(c);
}

static void keep(sori_ctx *c, const sori_compared *s) {
    sori_keep(c, s->y.y);
    sori_keep(c, s->spectrum_db);
    sori_keep(c, s->mel_db);
    sori_keep(c, s->mfcc);
    sori_keep(c, s->envelope_db);
}

sori_comparison sori_compare(sori_ctx *c, sori_audio a, sori_audio b, const sori_compare_config *config) {
    static const sori_compare_config defaults;
    const sori_compare_config *g = config ? config : &defaults;
    sori_comparison r = { 0 }, none = { 0 };
    if (base_failed(c) || !check_sound(c, &a) || !check_sound(c, &b) || !check_config(c, g)) return none;
    int scope = sori_begin(c);
    bool ok = make_alike(c, &r, a, b, g) && measure(c, &r, g);
    if (ok) keep(c, &r.a);
    if (ok) keep(c, &r.b);
    sori_end(c, scope, NULL);
    return ok ? r : none;
}
