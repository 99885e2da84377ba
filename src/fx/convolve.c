/* convolve.c - sound through an impulse response.   audiomentations ApplyImpulseResponse; scipy.signal.oaconvolve
 *
 * Overlap-save: of a circular convolution of N points the last N - (m - 1) are those of the plain one, m the response's
 * length. So every N - (m - 1) results come from N samples by two transforms, whatever is done elsewhere, on any
 * thread. N is about four times m: three quarters of each transform are results. Transforms are in double, so that
 * quiet passages are not lost beside loud ones. */
#include "feat/feat.h"
#include "fx/fx.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define SHORTEST 2048   /* of a transform */

typedef struct job {
    size_t n, m, length;          /* samples of y, of the response, of a result */
    size_t points, step, blocks;  /* of a transform; results a block, blocks a channel */
    size_t channels, responses;   /* of y; 1 or as many */
    const float *y, *ir;
    float *out;                   /* [channels][length] */
    const num_fft *fft;
    double *spectra;              /* [responses][points + 2], divided by points */
    char *work;
    size_t scratch;               /* bytes a worker */
    atomic_size_t next;
} job;

/* a *= b, n complex values. */
static void multiply(double *a, const double *b, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double re = a[2 * i] * b[2 * i] - a[2 * i + 1] * b[2 * i + 1];
        a[2 * i + 1] = a[2 * i] * b[2 * i + 1] + a[2 * i + 1] * b[2 * i];
        a[2 * i] = re;
    }
}

/* Samples [start, start + points) of a channel, silent outside. */
static void take(const job *j, const float *y, int64_t start, double *x) {
    size_t skip = start < 0 ? BASE_MIN((size_t)-start, j->points) : 0, from = (size_t)(start + (int64_t)skip);
    size_t count = from < j->n ? BASE_MIN(j->n - from, j->points - skip) : 0;
    memset(x, 0, skip * sizeof *x);
    for (size_t i = 0; i < count; i++) x[skip + i] = (double)y[from + i];
    memset(x + skip + count, 0, (j->points - skip - count) * sizeof *x);
}

static void run_block(const job *j, size_t channel, size_t block, double *x) {
    double *X = x + base_round_up(j->points, NUM_LANES), *work = X + base_round_up(j->points + 2, NUM_LANES);
    size_t first = block * j->step, count = BASE_MIN(j->step, j->length - first);
    take(j, j->y + channel * j->n, (int64_t)first - (int64_t)(j->m - 1), x);
    num_fft_real(j->fft, x, X, work);
    multiply(X, j->spectra + (j->responses > 1 ? channel : 0) * base_round_up(j->points + 2, NUM_LANES),
             j->points / 2 + 1);
    num_fft_real_inverse(j->fft, X, x, work);
    float *out = j->out + channel * j->length + first;
    for (size_t i = 0; i < count; i++) out[i] = (float)x[j->m - 1 + i];
}

static void worker(void *arg, size_t w) {
    job *j = arg;
    double *x = (double *)(j->work + w * j->scratch);
    for (size_t i; (i = atomic_fetch_add(&j->next, 1)) < j->channels * j->blocks;)
        run_block(j, i / j->blocks, i % j->blocks, x);
}

/* The responses' spectra, made with the first worker's scratch. ir_n is their length before it was cut to m. */
static void transform_responses(const job *j, size_t ir_n) {
    double *x = (double *)j->work, *work = x + base_round_up(j->points, NUM_LANES);
    for (size_t r = 0; r < j->responses; r++) {
        memset(x, 0, j->points * sizeof *x);
        for (size_t i = 0; i < j->m; i++) x[i] = (double)j->ir[r * ir_n + i] / (double)j->points;
        num_fft_real(j->fft, x, j->spectra + r * base_round_up(j->points + 2, NUM_LANES), work);
    }
}

static void plan(job *j) {
    size_t wanted = BASE_MIN(j->n + j->m - 1, BASE_MAX(4 * j->m, (size_t)SHORTEST));
    j->points = num_fft_one_length(wanted, true);
    j->step = j->points - (j->m - 1);
    j->blocks = (j->length + j->step - 1) / j->step;
}

static void run(sori_ctx *c, job *j, size_t ir_n) {
    plan(j);
    size_t workers = BASE_MIN((size_t)sori_threads(c), j->channels * j->blocks);
    size_t row = base_round_up(j->points + 2, NUM_LANES);
    num_fft *fft = num_fft_new_one(c, num_kernels_find(NULL, true), j->points, true);
    j->fft = fft;
    j->scratch = fft ? base_aligned(2 * row * sizeof(double) + num_fft_single_work(fft)) : 0;
    j->spectra = fft ? base_alloc_raw(c, j->responses, row * sizeof(double)) : NULL;
    j->work = j->spectra ? base_alloc_raw(c, workers, j->scratch) : NULL;
    if (j->work) {
        transform_responses(j, ir_n);
        base_parallel(c, workers, worker, j);
    }
    base_free(c, j->work);
    base_free(c, j->spectra);
    num_fft_free(c, fft);
}

sori_audio sori_convolve(sori_ctx *c, sori_audio y, sori_audio ir, const sori_convolve_config *config) {
    sori_convolve_config g = config ? *config : (sori_convolve_config){ 0 };
    double wet = feat_option(g.wet, 1, 1);
    sori_audio out = { NULL, y.sr };
    if (!fx_check(c, "convolve", &y) || !fx_check_other(c, "convolve", "response", y, &ir) ||
        !fx_check_share(c, "convolve", "wet", wet))
        return out;
    size_t n = fx_samples(y.y), m = fx_samples(ir.y), length = n;
    if (m == 0 || ir.y->size == 0) sori_fail(c, SORI_EINVAL, "convolve: the response has no samples");
    else if (g.keep_tail && n && base_add_overflows(n, m - 1, &length))
        sori_fail(c, SORI_EINVAL, "convolve: %zu and %zu samples are too many", n, m);
    sori_array *result = base_failed(c) ? NULL : fx_result(c, y.y, length);
    if (!result) return out;
    job j = { .n = n, .m = g.keep_tail ? m : BASE_MIN(m, n), .length = length, .channels = fx_channels(y.y),
              .responses = ir.y->ndim > 1 ? fx_channels(ir.y) : 1, .y = y.y->data, .ir = ir.y->data,
              .out = result->data };
    if (result->size) run(c, &j, m);
    for (size_t i = 0; wet < 1 && i < j.channels; i++)
        fx_blend(j.out + i * length, length, j.y + i * n, n, wet);
    if (!base_failed(c)) out.y = result;
    else sori_array_free(c, result);
    return out;
}
