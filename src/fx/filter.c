/* filter.c - second-order filters: tone controls, band limits, notches.
 *
 * Bristow-Johnson, "Audio EQ cookbook": analogue prototypes brought to samples by the bilinear transform, its warping
 * undone at the corner. They run in direct form II transposed, whose state is two numbers a filter:
 *
 *     out = b0 x + z0      z0' = b1 x - a1 out + z1      z1' = b2 x - a2 out
 *
 * scipy.signal.sosfilt; audiomentations LowPassFilter, PeakingFilter, SevenBandParametricEQ and others. */
#include "feat/feat.h"
#include "fx/fx.h"
#include <math.h>

/* --- design ------------------------------------------------------------------------------------------------------ */

/* The cookbook's shelf; side is 1 for the low one, -1 for the high one. A is the square root of the gain. */
static void shelf(double A, double cosine, double alpha, double side, double s[6]) {
    double k = side * cosine, root = 2 * sqrt(A) * alpha;
    s[0] = A * (A + 1 - (A - 1) * k + root);
    s[1] = side * 2 * A * (A - 1 - (A + 1) * k);
    s[2] = A * (A + 1 - (A - 1) * k - root);
    s[3] = A + 1 + (A - 1) * k + root;
    s[4] = side * -2 * (A - 1 + (A + 1) * k);
    s[5] = A + 1 + (A - 1) * k - root;
}

static void pass(double side, double cosine, double s[6]) {
    s[0] = s[2] = (1 - side * cosine) / 2;
    s[1] = side * (1 - side * cosine);
}

/* b0 b1 b2 1 a1 a2 of one filter. */
static void design(const sori_band *band, double sr, double s[6]) {
    double turn = 2 * M_PI * band->frequency_hz / sr, cosine = cos(turn), A = pow(10, band->gain_db / 40);
    double alpha = sin(turn) / (2 * (band->q != 0 ? band->q : M_SQRT1_2));
    s[3] = 1 + alpha;
    s[4] = -2 * cosine;
    s[5] = 1 - alpha;
    switch (band->kind) {
    case SORI_LOWPASS: pass(1, cosine, s); break;
    case SORI_HIGHPASS: pass(-1, cosine, s); break;
    case SORI_BANDPASS: s[0] = alpha, s[1] = 0, s[2] = -alpha; break;
    case SORI_NOTCH: s[0] = s[2] = 1, s[1] = -2 * cosine; break;
    case SORI_PEAKING:
        s[0] = 1 + alpha * A, s[1] = -2 * cosine, s[2] = 1 - alpha * A;
        s[3] = 1 + alpha / A, s[5] = 1 - alpha / A;
        break;
    case SORI_LOW_SHELF: shelf(A, cosine, alpha, 1, s); break;
    case SORI_HIGH_SHELF: shelf(A, cosine, alpha, -1, s); break;
    }
    double a0 = s[3];
    for (int i = 0; i < 6; i++) s[i] /= a0;
}

static bool check_band(sori_ctx *c, const char *who, const sori_band *b, double sr) {
    if ((unsigned)b->kind > SORI_HIGH_SHELF) sori_fail(c, SORI_EINVAL, "%s: kind %d is unknown", who, (int)b->kind);
    else if (!(b->frequency_hz > 0 && b->frequency_hz < sr / 2))
        sori_fail(c, SORI_EINVAL, "%s: frequency_hz %g is not between 0 and sr/2, %g Hz", who, b->frequency_hz, sr / 2);
    else if (!(b->q >= 0 && isfinite(b->q))) sori_fail(c, SORI_EINVAL, "%s: q %g is not above 0", who, b->q);
    return fx_check_db(c, who, "gain_db", b->gain_db) && !base_failed(c);
}

static sori_array *sections(sori_ctx *c, const char *who, const sori_band *bands, size_t count, double sr) {
    if (!bands || count == 0) sori_fail(c, SORI_EINVAL, "%s: no band given", who);
    for (size_t i = 0; !base_failed(c) && i < count; i++) check_band(c, who, &bands[i], sr);
    sori_array *sos = base_failed(c) ? NULL : array_new_raw(c, SORI_F64, 2, (size_t[]){ count, 6 });
    for (size_t i = 0; sos && i < count; i++) design(&bands[i], sr, (double *)sos->data + 6 * i);
    return sos;
}

sori_array *sori_filter_sos(sori_ctx *c, const sori_band *bands, size_t count, double sr) {
    if (base_failed(c) || !feat_check_rate(c, "filter_sos", &sr)) return NULL;
    return sections(c, "filter_sos", bands, count, sr);
}

/* --- filtering --------------------------------------------------------------------------------------------------- */

typedef struct job {
    size_t n, count;
    const double *sos;        /* [count][6] */
    const float *y;
    float *out;
    double *state;            /* [channels][count][2] */
} job;

/* Filters take turns at every sample: while one waits for its last result the processor is at the next. */
static void run_channel(void *arg, size_t i) {
    const job *j = arg;
    const float *y = j->y + i * j->n;
    float *out = j->out + i * j->n;
    double *z = j->state + i * j->count * 2;
    for (size_t t = 0; t < j->n; t++) {
        double v = (double)y[t];
        for (size_t k = 0; k < j->count; k++) {
            const double *s = j->sos + 6 * k;
            double in = v;
            v = s[0] * in + z[2 * k];
            z[2 * k] = s[1] * in - s[4] * v + z[2 * k + 1];
            z[2 * k + 1] = s[2] * in - s[5] * v;
        }
        out[t] = (float)v;
    }
}

static sori_audio filtered(sori_ctx *c, const char *who, sori_audio y, const sori_band *bands, size_t count,
                           const sori_filter_config *config) {
    sori_filter_config g = config ? *config : (sori_filter_config){ 0 };
    sori_audio out = { NULL, y.sr };
    if (g.zf) *g.zf = NULL;
    if (!fx_check(c, who, &y)) return out;
    int scope = sori_begin(c);
    sori_array *sos = sections(c, who, bands, count, y.sr);
    sori_array *z = sos ? fx_state(c, who, g.zi, y.y, y.y->ndim - 1, 2, (size_t[]){ count, 2 }) : NULL;
    sori_array *result = z ? fx_result(c, y.y, fx_samples(y.y)) : NULL;
    if (result) {
        job j = { fx_samples(y.y), count, sos->data, y.y->data, result->data, z->data };
        base_parallel(c, fx_channels(y.y), run_channel, &j);
        if (g.zf) sori_keep(c, *g.zf = z);
    }
    out.y = sori_end(c, scope, result);
    return out;
}

sori_audio sori_filter(sori_ctx *c, sori_audio y, const sori_band *band, const sori_filter_config *config) {
    return filtered(c, "filter", y, band, 1, config);
}

sori_audio sori_equalize(sori_ctx *c, sori_audio y, const sori_band *bands, size_t count,
                         const sori_filter_config *config) {
    return filtered(c, "equalize", y, bands, count, config);
}
