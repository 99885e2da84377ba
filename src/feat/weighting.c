/* weighting.c - how loud a frequency sounds: the curves A, B, C, D and Z, in dB against 1000 Hz.
 *
 * Each curve is the magnitude of an analogue filter: a power of f^2 over factors f^2 + pole^2, and a constant that
 * makes it 0 dB at 1000 Hz. A to C share their outer poles; D has a resonance, where the ear is most sensitive.
 * IEC 61672-1:2013, IEC 537:1976. librosa.A_weighting ... Z_weighting, frequency_weighting, perceptual_weighting. */
#include "feat/feat.h"
#include <ctype.h>
#include <math.h>
#include <sori/level.h>
#include <string.h>

/* --- the curves: f2 is the square of a frequency in Hz ---------------------------------------------------------- */

/* The poles, Hz. */
#define LOW 20.598997
#define A_LOWER 107.65265
#define A_UPPER 737.86223
#define B_MIDDLE 158.48932
#define HIGH 12194.217

static double square(double x) { return x * x; }
static double pole(double f2, double hz) { return log10(f2 + square(hz)); }

/* 20 log10 of f^(2 zeros) over both poles LOW and HIGH. */
static double outer(double f2, double zeros) {
    return log10(square(HIGH)) + zeros * log10(f2) - pole(f2, HIGH) - pole(f2, LOW);
}

static double curve_a(double f2) {
    return 2.0 + 20 * (outer(f2, 2) - 0.5 * pole(f2, A_LOWER) - 0.5 * pole(f2, A_UPPER));
}

static double curve_b(double f2) { return 0.17 + 20 * (outer(f2, 1.5) - 0.5 * pole(f2, B_MIDDLE)); }
static double curve_c(double f2) { return 0.062 + 20 * outer(f2, 1); }

static double curve_d(double f2) {
    double resonance = log10(square(square(1018.7) - f2) + square(1039.6) * f2)
                     - log10(square(square(3136.5) - f2) + square(3424) * f2) - pole(f2, 282.7) - pole(f2, 1160);
    return 20 * (0.5 * log10(f2) - log10(square(8.3046305e-3)) + 0.5 * resonance);
}

static double curve_z(double f2) {
    (void)f2;
    return 0;
}

typedef struct weighting {
    char kind;
    double (*curve)(double f2);
    double usual_min;         /* min_db's default; -infinity: none */
} weighting;

static const weighting weightings[] = {
    { 'A', curve_a, -80 }, { 'B', curve_b, -80 }, { 'C', curve_c, -80 }, { 'D', curve_d, -80 },
    { 'Z', curve_z, -INFINITY },
};

static const weighting *find(sori_ctx *c, const char *who, char kind) {
    int letter = kind ? toupper((unsigned char)kind) : 'A';
    for (size_t i = 0; i < BASE_COUNT(weightings); i++)
        if (weightings[i].kind == letter) return &weightings[i];
    sori_fail(c, SORI_EINVAL, "%s: there is no weighting of kind %c (A, B, C, D, Z)", who,
              isprint(letter) ? letter : '?');
    return NULL;
}

/* --- on arrays -------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, const char *who, const sori_array *hz) {
    if (base_failed(c)) return false;
    if (hz && hz->dtype == SORI_F64) return true;
    return array_check(c, who, hz, SORI_F32, 0);
}

/* The weights of hz into out. */
static void weigh(sori_ctx *c, const char *who, const weighting *w, const sori_array *hz, sori_opt min_db,
                  double *out) {
    double least = feat_option(min_db, w->usual_min, -INFINITY);
    for (size_t i = 0; i < hz->size; i++) {
        double f = array_get(hz, i);
        if (!isfinite(f)) sori_fail(c, SORI_EINVAL, "%s: frequency %zu is not finite", who, i);
        out[i] = fmax(w->curve(f * f), least);
    }
}

static sori_array *one(sori_ctx *c, const char *who, const sori_array *hz, char kind, sori_opt min_db) {
    const weighting *w = check(c, who, hz) ? find(c, who, kind) : NULL;
    sori_array *out = w ? array_new_raw(c, SORI_F64, hz->ndim, hz->shape) : NULL;
    if (out) weigh(c, who, w, hz, min_db, out->data);
    return base_failed(c) ? NULL : out;
}

sori_array *sori_A_weighting(sori_ctx *c, const sori_array *frequencies, sori_opt min_db) {
    return one(c, "A_weighting", frequencies, 'A', min_db);
}

sori_array *sori_B_weighting(sori_ctx *c, const sori_array *frequencies, sori_opt min_db) {
    return one(c, "B_weighting", frequencies, 'B', min_db);
}

sori_array *sori_C_weighting(sori_ctx *c, const sori_array *frequencies, sori_opt min_db) {
    return one(c, "C_weighting", frequencies, 'C', min_db);
}

sori_array *sori_D_weighting(sori_ctx *c, const sori_array *frequencies, sori_opt min_db) {
    return one(c, "D_weighting", frequencies, 'D', min_db);
}

sori_array *sori_Z_weighting(sori_ctx *c, const sori_array *frequencies, sori_opt min_db) {
    return one(c, "Z_weighting", frequencies, 'Z', min_db);
}

sori_array *sori_frequency_weighting(sori_ctx *c, const sori_array *frequencies, char kind, sori_opt min_db) {
    return one(c, "frequency_weighting", frequencies, kind, min_db);
}

sori_array *sori_multi_frequency_weighting(sori_ctx *c, const sori_array *frequencies, const char *kinds,
                                           sori_opt min_db) {
    static const char who[] = "multi_frequency_weighting";
    size_t n = strlen(kinds = kinds ? kinds : "ZAC");
    if (!check(c, who, frequencies)) return NULL;
    if (n == 0 || frequencies->ndim == SORI_MAX_DIMS) {
        sori_fail(c, SORI_EINVAL, n ? "%s: the frequencies have too many axes" : "%s: no kinds", who);
        return NULL;
    }
    sori_array *out = array_new_lead(c, SORI_F64, 1, &n, frequencies->ndim, frequencies->shape);
    for (size_t i = 0; out && i < n; i++) {
        const weighting *w = find(c, who, kinds[i]);
        if (w) weigh(c, who, w, frequencies, min_db, (double *)out->data + i * frequencies->size);
    }
    return base_failed(c) ? NULL : out;
}

/* --- of spectra ------------------------------------------------------------------------------------------------- */

sori_array *sori_perceptual_weighting(sori_ctx *c, const sori_array *S, const sori_array *frequencies,
                                      const sori_perceptual_config *config) {
    static const sori_perceptual_config defaults;
    static const char who[] = "perceptual_weighting";
    if (!config) config = &defaults;
    if (base_failed(c) || !array_check(c, who, S, SORI_F32, 2) || !check(c, who, frequencies)) return NULL;
    size_t bins = S->shape[S->ndim - 2], frames = S->shape[S->ndim - 1];
    if (frequencies->size != bins) {
        sori_fail(c, SORI_EINVAL, "%s: %zu frequencies, but %zu bins", who, frequencies->size, bins);
        return NULL;
    }
    int scope = sori_begin(c);
    const sori_array *weights = one(c, who, frequencies, config->kind, (sori_opt){ 0 });
    sori_array *db = sori_power_to_db(c, S, &config->db);
    for (size_t r = 0; weights && db && frames && r < db->size / frames; r++) {
        float *row = (float *)db->data + r * frames;
        double w = ((const double *)weights->data)[r % bins];
        for (size_t t = 0; t < frames; t++) row[t] = (float)(w + (double)row[t]);
    }
    return sori_end(c, scope, weights ? db : NULL);
}
