/* resample.c - the sampling rate of sound in memory, by any of librosa's methods.          librosa.resample
 *
 * soxr is fed in blocks, as a stream would be; weighted sums (fir.c) go block by block over the threads; the Fourier
 * method transforms a row as a whole; libsamplerate's two simplest converters are a loop each. The result is cut or
 * zero-padded to ceil(n * target / orig) samples. */
#include "array/array.h"
#include "io/io.h"
#include "num/num.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define BLOCK 16384   /* frames handed to soxr at once */

typedef struct job {
    sori_res_type type;
    double from, to;
    size_t rows, n, m, own;       /* samples of a row, before and after; those the method makes */
    const float *x;               /* [rows][n] */
    float *y;                     /* [rows][m], zeros behind what the method makes */
    const io_fir *fir;
    size_t blocks, scratch;       /* of a row; bytes for one worker */
    char *work;
    atomic_size_t next;
} job;

/* --- soxr -------------------------------------------------------------------------------------------------------- */

static void soxr_row(sori_ctx *c, void *arg, size_t row) {
    const job *j = arg;
    io_resampler *r = io_resampler_new(c, j->from, j->to, 1, j->type);
    const float *x = j->x + row * j->n;
    float *y = j->y + row * j->m;
    size_t at = 0, done = 0, used, got = 1;
    while (r && at < j->n && done < j->m && !base_failed(c)) {
        done += io_resampler_run(r, x + at, BASE_MIN(j->n - at, (size_t)BLOCK), &used, y + done, j->m - done);
        at += used;
    }
    while (r && done < j->m && got > 0) done += got = io_resampler_run(r, NULL, 0, &used, y + done, j->m - done);
    if (r) memset(y + done, 0, (j->m - done) * sizeof *y);
    io_resampler_free(r);
}

/* --- weighted sums ----------------------------------------------------------------------------------------------- */

static void fir_worker(void *arg, size_t w) {
    job *j = arg;
    size_t outputs = io_fir_outputs(j->fir), last = BASE_MIN(j->own, j->m);
    float *whole = (float *)(j->work + w * j->scratch);
    void *scratch = whole + outputs;
    for (size_t i; (i = atomic_fetch_add(&j->next, 1)) < j->rows * j->blocks;) {
        size_t row = i / j->blocks, block = i % j->blocks, first = block * outputs, n = BASE_MIN(outputs, last - first);
        float *y = j->y + row * j->m + first, *to = n < outputs ? whole : y;
        io_fir_block(j->fir, j->x + row * j->n, 0, j->n, block, to, scratch);
        if (to == whole) memcpy(y, whole, n * sizeof *y);
    }
}

static void run_fir(sori_ctx *c, job *j) {
    io_fir *fir = io_fir_new(c, j->from, j->to, j->type);
    if (!fir) return;
    size_t outputs = io_fir_outputs(fir), workers = (size_t)sori_threads(c);
    j->fir = fir;
    j->blocks = (BASE_MIN(j->own, j->m) + outputs - 1) / outputs;
    j->scratch = base_aligned(outputs * sizeof(float) + io_fir_scratch(fir));
    workers = BASE_MIN(workers, j->rows * j->blocks);
    j->work = base_alloc_raw(c, workers, j->scratch);
    if (j->work) base_parallel(c, workers, fir_worker, j);
    base_free(c, j->work);
    io_fir_free(fir);
}

/* --- Fourier: scipy.signal.resample, in double ------------------------------------------------------------------- */

/* The spectrum of n samples as that of m. The bin at half the lower rate stands for two where the other has both. */
static void fit_spectrum(double *X, size_t n, size_t m) {
    size_t least = BASE_MIN(n, m), bins = least / 2 + 1, all = m / 2 + 1;
    double half = m < n ? 2 : 0.5;
    if (least % 2 == 0) X[2 * (bins - 1)] *= half, X[2 * (bins - 1) + 1] *= half;
    for (size_t i = 2 * bins; i < 2 * all; i++) X[i] = 0;
}

static void run_fourier(sori_ctx *c, job *j) {
    const num_kernels *k = num_kernels_find(NULL, true);
    num_fft *forward = num_fft_new_one(c, k, j->n, true), *back = num_fft_new_one(c, k, j->own, true);
    size_t work = forward && back ? BASE_MAX(num_fft_single_work(forward), num_fft_single_work(back)) : 0;
    size_t room = (BASE_MAX(j->n, j->own) + 2 + NUM_LANES) / NUM_LANES * NUM_LANES;   /* samples, or a spectrum */
    double *x = base_alloc_raw(c, 2 * room + work / sizeof(double), sizeof *x);   /* one block, for huge pages */
    double *X = x ? x + room : NULL, *scratch = x ? X + room : NULL;
    for (size_t row = 0; !base_failed(c) && row < j->rows && !base_interrupted(c); row++) {
        for (size_t i = 0; i < j->n; i++) x[i] = (double)j->x[row * j->n + i];
        num_fft_real(forward, x, X, scratch);
        fit_spectrum(X, j->n, j->own);
        num_fft_real_inverse(back, X, x, scratch);
        for (size_t i = 0; i < BASE_MIN(j->own, j->m); i++) j->y[row * j->m + i] = (float)(x[i] / (double)j->n);
    }
    base_free(c, x);
    num_fft_free(c, forward);
    num_fft_free(c, back);
}

/* --- libsamplerate's simplest ------------------------------------------------------------------------------------ */

/* Its clock: the place between samples `at - 1` and `at` advances by from / to, its whole part moves on. The sound is
 * one sample late, and what comes before it is its first sample. Returns how many outputs there are. */
static size_t simple_row(const job *j, const float *x, float *y) {
    double place = 0, step = 1 / (j->to / j->from);
    size_t at = 0, t = 0;
    for (; t < j->own && (double)at + place < (double)j->n; t++) {
        double before = (double)x[at ? at - 1 : 0], here = (double)x[at];
        if (t < j->m) y[t] = (float)(j->type == SORI_RES_LINEAR ? before + place * (here - before) : before);
        place += step;
        double whole = floor(place);
        at += (size_t)whole;
        place -= whole;
    }
    return t;
}

static void run_simple(job *j) {
    for (size_t row = 0; row < j->rows; row++) {
        float *y = j->y + row * j->m;
        size_t n = simple_row(j, j->x + row * j->n, y);
        for (size_t i = n; i < j->m; i++) y[i] = 0;
    }
}

/* --- finite input, by all threads: a long sound takes longer to read than to resample ---------------------------- */

#define SHARD ((size_t)1 << 18)

typedef struct search {
    const float *x;
    size_t n;
    atomic_size_t first;          /* the first that is not finite, n if none */
} search;

static void search_shard(void *arg, size_t shard) {
    search *s = arg;
    size_t at = shard * SHARD, n = BASE_MIN(SHARD, s->n - at), found = io_nonfinite(s->x + at, n);
    size_t before = atomic_load(&s->first);
    while (found < n && at + found < before && !atomic_compare_exchange_weak(&s->first, &before, at + found)) {}
}

static bool check_finite(sori_ctx *c, const sori_array *x) {
    search s = { .x = x->data, .n = x->size };
    atomic_store(&s.first, x->size);
    base_parallel(c, (x->size + SHARD - 1) / SHARD, search_shard, &s);
    if (s.first < x->size) sori_fail(c, SORI_EINVAL, "resample: sample %zu is not finite", (size_t)s.first);
    return !base_failed(c);
}

/* --- the gate ---------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, sori_audio audio, double target_sr, const sori_resample_config *k) {
    if (!array_check(c, "resample", audio.y, SORI_F32, 1)) return false;
    const sori_array *x = audio.y;
    double n = (double)x->shape[x->ndim - 1], length = ceil(n * (target_sr / audio.sr));
    if (!(target_sr > 0) || !(audio.sr > 0) || !isfinite(target_sr) || !isfinite(audio.sr))
        sori_fail(c, SORI_EINVAL, "resample: %g Hz to %g Hz: rates must be above 0", audio.sr, target_sr);
    else if (length > (double)(SIZE_MAX / 8))
        sori_fail(c, SORI_EINVAL, "resample: %g Hz to %g Hz makes %g samples", audio.sr, target_sr, length);
    else if (k->res_type < 0 || k->res_type > SORI_RES_ZERO_ORDER_HOLD)
        sori_fail(c, SORI_EINVAL, "resample: res_type %d is unknown", (int)k->res_type);
    return !base_failed(c) && check_finite(c, x);
}

/* As numpy: the quotient in double, rounded once. */
static void scale(float *y, size_t n, double ratio) {
    double root = sqrt(ratio);
    for (size_t i = 0; i < n; i++) y[i] = (float)((double)y[i] / root);
}

static void run(sori_ctx *c, job *j) {
    for (size_t row = 0; row < j->rows; row++)
        for (size_t i = j->own; i < j->m; i++) j->y[row * j->m + i] = 0;
    if (io_is_fir(j->type)) run_fir(c, j);
    else if (j->type == SORI_RES_FFT) run_fourier(c, j);
    else if (j->type > SORI_RES_FFT) run_simple(j);
    else base_each(c, j->rows, soxr_row, j);
}

sori_audio sori_resample(sori_ctx *c, sori_audio audio, double target_sr, const sori_resample_config *config) {
    static const sori_resample_config defaults;
    const sori_resample_config *k = config ? config : &defaults;
    sori_audio out = { .sr = target_sr };
    if (base_failed(c) || !check(c, audio, target_sr, k)) return out;
    const sori_array *x = audio.y;
    size_t n = x->shape[x->ndim - 1];
    if (audio.sr == target_sr) {
        out.y = sori_array_from(c, SORI_F32, x->ndim, x->shape, x->data);
        return out;
    }
    job j = { .type = k->res_type, .from = audio.sr, .to = target_sr, .n = n, .rows = n ? x->size / n : 0,
              .x = x->data };
    j.own = (size_t)io_own_length(j.type, n, j.from, j.to);
    j.m = k->unfixed ? j.own : (size_t)io_resampled_length(n, j.from, j.to);
    if (n && !j.own && io_is_fir(j.type))
        sori_fail(c, SORI_EINVAL, "resample: %zu samples are too few for %g Hz to %g Hz", n, j.from, j.to);
    sori_array *y = array_new_lead(c, SORI_F32, x->ndim - 1, x->shape, 1, &j.m);
    if (!y) return out;
    j.y = y->data;
    if (j.rows && j.m) run(c, &j);
    if (k->scale) scale(j.y, y->size, target_sr / audio.sr);
    if (!base_failed(c)) out.y = y;
    else sori_array_free(c, y);
    return out;
}
