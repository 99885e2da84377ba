/* autocorrelate.c - autocorrelation of the last axis by FFT.   librosa.autocorrelate
 *
 * Padded with zeros to twice the length, transformed, squared in magnitude, transformed back: no lag wraps around.
 * Real float input is transformed in float by default, as everywhere. */
#include "array/array.h"
#include "num/num.h"
#include <sori/rhythm.h>
#include <string.h>

typedef struct correlator {
    num_long *fft;
    bool real, exact;            /* real input; arithmetic in double */
    bool narrow;                 /* float input and output */
    size_t n_fft, n, lags, parts;   /* parts of a value: 1, or 2 if complex */
    const void *in;
    void *out;
    void *x, *spectrum, *work;   /* scratch */
} correlator;

static double get(const void *p, bool narrow, size_t i) {
    return narrow ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static void set(void *p, bool narrow, size_t i, double v) {
    if (narrow) ((float *)p)[i] = (float)v;
    else ((double *)p)[i] = v;
}

static void square(const correlator *r) {
    size_t n = r->real ? r->n_fft / 2 + 1 : r->n_fft;
    for (size_t k = 0; k < n; k++) {
        double re = get(r->spectrum, !r->exact, 2 * k), im = get(r->spectrum, !r->exact, 2 * k + 1);
        set(r->spectrum, !r->exact, 2 * k, (re * re + im * im) / (double)r->n_fft);
        set(r->spectrum, !r->exact, 2 * k + 1, 0);
    }
}

static void one_row(const correlator *r, size_t row) {
    size_t values = r->n * r->parts, real_size = r->exact ? sizeof(double) : sizeof(float);
    memset(r->x, 0, r->n_fft * r->parts * real_size);
    for (size_t i = 0; i < values; i++) set(r->x, !r->exact, i, get(r->in, r->narrow, row * values + i));
    num_long_forward(r->fft, r->x, r->spectrum, r->work);
    square(r);
    num_long_inverse(r->fft, r->spectrum, r->x, r->work);
    for (size_t i = 0; i < r->lags * r->parts; i++)
        set(r->out, r->narrow, row * r->lags * r->parts + i, get(r->x, !r->exact, i));
}

static bool prepare(sori_ctx *c, correlator *r) {
    size_t real_size = r->exact ? sizeof(double) : sizeof(float);
    r->n_fft = num_long_length(2 * r->n - 1, r->real);
    r->fft = num_long_new(c, num_kernels_find(NULL, r->exact), r->n_fft, r->real);
    r->x = base_alloc_raw(c, r->parts * r->n_fft, real_size);
    r->spectrum = base_alloc_raw(c, r->real ? r->n_fft + 2 : 2 * r->n_fft, real_size);
    r->work = r->fft ? base_alloc_raw(c, num_long_work(r->fft), 1) : NULL;
    return r->fft && r->x && r->spectrum && r->work;
}

static bool check(sori_ctx *c, const sori_array *y, int max_size) {
    if (!y || y->ndim < 1) sori_fail(c, SORI_EINVAL, y ? "autocorrelate: a scalar has no axis"
                                                       : "autocorrelate: no array given");
    else if (y->dtype > SORI_C128)
        sori_fail(c, SORI_EINVAL, "autocorrelate: %s is neither real nor complex", sori_dtype_name(y->dtype));
    else if (y->size == 0) sori_fail(c, SORI_EINVAL, "autocorrelate: the array is empty");
    else if (y->shape[y->ndim - 1] > (size_t)1 << 28)
        sori_fail(c, SORI_EINVAL, "autocorrelate: %zu values are above 2^28", y->shape[y->ndim - 1]);
    else if (max_size < 0) sori_fail(c, SORI_EINVAL, "autocorrelate: max_size %d is below 1", max_size);
    return !base_failed(c);
}

sori_array *sori_autocorrelate(sori_ctx *c, const sori_array *y, const sori_autocorrelate_config *config) {
    sori_autocorrelate_config g = config ? *config : (sori_autocorrelate_config){ 0 };
    if (base_failed(c) || !check(c, y, g.max_size)) return NULL;
    size_t n = y->shape[y->ndim - 1], lags = g.max_size ? BASE_MIN((size_t)g.max_size, n) : n;
    correlator r = { .real = y->dtype < SORI_C64, .narrow = y->dtype == SORI_F32 || y->dtype == SORI_C64,
                     .n = n, .lags = lags, .parts = y->dtype < SORI_C64 ? 1 : 2, .in = y->data };
    r.exact = g.exact || !r.narrow;
    sori_array *out = array_new_lead(c, y->dtype, y->ndim - 1, y->shape, 1, &lags);
    if (out && prepare(c, &r)) {
        r.out = out->data;
        for (size_t i = 0; i < y->size / n && !base_interrupted(c); i++) one_row(&r, i);
    }
    base_free(c, r.work);
    base_free(c, r.spectrum);
    base_free(c, r.x);
    num_long_free(c, r.fft);
    return base_failed(c) ? NULL : out;
}
