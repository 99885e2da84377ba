/* autocorrelate.c - autocorrelation of the last axis by FFT.   librosa.autocorrelate
 *
 * Padded with zeros to twice the length, transformed, squared in magnitude, transformed back: no lag wraps around.
 * Real float input is transformed in float by default, as everywhere. Channels go to as many workers as there are
 * threads; one channel is one transform, on one. */
#include "array/array.h"
#include "num/num.h"
#include <sori/rhythm.h>
#include <stdatomic.h>
#include <string.h>

typedef struct correlator {
    num_fft *fft;
    bool real, exact;            /* real input; arithmetic in double */
    bool narrow;                 /* float input and output */
    size_t n_fft, n, lags, parts;   /* parts of a value: 1, or 2 if complex */
    size_t rows, workers;
    const char *in;
    char *out;
    char *scratch;               /* a worker: its values and their spectrum, and what the transform needs */
    size_t at_spectrum, at_work, bytes;
    atomic_size_t next;
} correlator;

static size_t real_size(bool narrow) { return narrow ? sizeof(float) : sizeof(double); }

/* n values of one precision to another. */
static void convert(size_t n, const void *in, bool in_narrow, void *out, bool out_narrow) {
    const float *f = in;
    const double *d = in;
    if (in_narrow == out_narrow) memcpy(out, in, n * real_size(in_narrow));
    else if (in_narrow) for (size_t i = 0; i < n; i++) ((double *)out)[i] = (double)f[i];
    else for (size_t i = 0; i < n; i++) ((float *)out)[i] = (float)d[i];
}

/* n pairs to their squared magnitudes over n_fft, and 0. */
static void square_float(size_t n, float by, float *x) {
    for (size_t k = 0; k < n; k++) {
        x[2 * k] = (x[2 * k] * x[2 * k] + x[2 * k + 1] * x[2 * k + 1]) * by;
        x[2 * k + 1] = 0;
    }
}

static void square_double(size_t n, double by, double *x) {
    for (size_t k = 0; k < n; k++) {
        x[2 * k] = (x[2 * k] * x[2 * k] + x[2 * k + 1] * x[2 * k + 1]) * by;
        x[2 * k + 1] = 0;
    }
}

static void square(const correlator *r, void *spectrum) {
    size_t n = r->real ? r->n_fft / 2 + 1 : r->n_fft;
    if (r->exact) square_double(n, 1 / (double)r->n_fft, spectrum);
    else square_float(n, 1 / (float)r->n_fft, spectrum);
}

static void one_row(const correlator *r, size_t row, char *x) {
    size_t values = r->n * r->parts, kept = r->lags * r->parts, size = real_size(!r->exact);
    char *spectrum = x + r->at_spectrum, *work = x + r->at_work;
    convert(values, r->in + row * values * real_size(r->narrow), r->narrow, x, !r->exact);
    memset(x + values * size, 0, (r->n_fft * r->parts - values) * size);
    if (r->real) num_fft_real(r->fft, x, spectrum, work);
    else num_fft_one(r->fft, false, x, spectrum, work);
    square(r, spectrum);
    if (r->real) num_fft_real_inverse(r->fft, spectrum, x, work);
    else num_fft_one(r->fft, true, spectrum, x, work);
    convert(kept, x, !r->exact, r->out + row * kept * real_size(r->narrow), r->narrow);
}

static void run_worker(void *arg, size_t w) {
    correlator *r = arg;
    for (size_t row; (row = atomic_fetch_add(&r->next, 1)) < r->rows;) one_row(r, row, r->scratch + w * r->bytes);
}

static size_t aligned(size_t bytes) { return (bytes + BASE_ALIGN - 1) / BASE_ALIGN * BASE_ALIGN; }

static bool prepare(sori_ctx *c, correlator *r) {
    size_t size = real_size(!r->exact), spectrum;
    r->n_fft = num_fft_one_length(2 * r->n - 1, r->real);
    r->fft = num_fft_new_one(c, num_kernels_find(NULL, r->exact), r->n_fft, r->real);
    spectrum = (r->real ? r->n_fft + 2 : 2 * r->n_fft) * size;
    r->at_spectrum = aligned(r->parts * r->n_fft * size);
    r->at_work = r->at_spectrum + aligned(spectrum);
    r->bytes = r->fft ? r->at_work + aligned(num_fft_single_work(r->fft)) : 0;
    r->workers = BASE_MIN((size_t)sori_threads(c), r->rows);
    r->scratch = r->fft ? base_alloc_raw(c, r->workers, r->bytes) : NULL;
    return r->scratch != NULL;
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
                     .n = n, .lags = lags, .parts = y->dtype < SORI_C64 ? 1 : 2, .in = y->data,
                     .rows = y->size / n };
    r.exact = g.exact || !r.narrow;
    sori_array *out = array_new_lead(c, y->dtype, y->ndim - 1, y->shape, 1, &lags);
    if (out && prepare(c, &r)) {
        r.out = out->data;
        base_parallel(c, r.workers, run_worker, &r);
    }
    base_free(c, r.scratch);
    num_fft_free(c, r.fft);
    return base_failed(c) ? NULL : out;
}
