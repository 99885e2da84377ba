/* distortion.c - how far an estimated signal is from the true one: SDR and scale-invariant SDR, in double.
 *
 *     SDR     10 log10(<s, s> / <s - e, s - e>)
 *     SI-SDR  the same with a s for s, a = <e, s> / <s, s>: what is left of e is at right angles to s
 */
#include "array/array.h"
#include <math.h>
#include <sori/metrics.h>

static bool check_signals(sori_ctx *c, const char *who, const sori_array *s, const sori_array *e) {
    char a[128], b[128];
    if (base_failed(c)) return false;
    if (!array_is_real(s) || !array_is_real(e)) {
        sori_fail(c, SORI_EINVAL, "%s: reference and estimate must be float32 or float64", who);
        return false;
    }
    bool same = s->ndim == e->ndim && s->ndim > 0 && s->size > 0;
    for (int i = 0; same && i < s->ndim; i++) same = s->shape[i] == e->shape[i];
    if (!same)
        sori_fail(c, SORI_EINVAL, "%s: reference %s, estimate %s: must be one shape, not empty", who,
                  array_shape_text(s, a, sizeof a), array_shape_text(e, b, sizeof b));
    return same;
}

static double mean(const sori_array *a, size_t first, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += array_get(a, first + i);
    return sum / (double)n;
}

/* Of samples [first, first + n), the means taken off; fit scales the reference. */
static double ratio_db(const sori_array *s, const sori_array *e, size_t first, size_t n, double s_mean, double e_mean,
                       bool fit) {
    double ss = 0, es = 0, signal = 0, noise = 0;
    for (size_t i = first; i < first + n; i++) {
        double v = array_get(s, i) - s_mean;
        ss += v * v;
        es += v * (array_get(e, i) - e_mean);
    }
    double scale = fit ? es / ss : 1;
    for (size_t i = first; i < first + n; i++) {
        double v = scale * (array_get(s, i) - s_mean), d = v - (array_get(e, i) - e_mean);
        signal += v * v;
        noise += d * d;
    }
    return ss > 0 ? 10 * log10(signal / noise) : NAN;
}

static sori_array *each_row(sori_ctx *c, const char *who, const sori_array *s, const sori_array *e, bool fit,
                            bool zero_mean) {
    if (!check_signals(c, who, s, e)) return NULL;
    size_t n = s->shape[s->ndim - 1];
    sori_array *out = sori_array_new(c, SORI_F64, s->ndim - 1, s->shape);
    for (size_t i = 0; out && i < out->size; i++) {
        double s_mean = zero_mean ? mean(s, i * n, n) : 0, e_mean = zero_mean ? mean(e, i * n, n) : 0;
        ((double *)out->data)[i] = ratio_db(s, e, i * n, n, s_mean, e_mean, fit);
    }
    return out;
}

sori_array *sori_sdr(sori_ctx *c, const sori_array *reference, const sori_array *estimate) {
    return each_row(c, "sdr", reference, estimate, false, false);
}

sori_array *sori_si_sdr(sori_ctx *c, const sori_array *reference, const sori_array *estimate, bool zero_mean) {
    return each_row(c, "si_sdr", reference, estimate, true, zero_mean);
}
