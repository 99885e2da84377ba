/* fmt.c - fast Mellin transform: the spectrum of a signal over the logarithm of time.
 *
 * Stretching a signal moves it along log t, and moving leaves the magnitude of a Fourier transform alone. So the
 * signal is read at n_fmt places that are spaced evenly in log t, from t_min samples to the last one, between samples
 * by a cubic spline; weighted by t^beta; and transformed. 16 lines go through the FFT side by side, in double.
 *
 * The spline. Second derivatives M at samples of distance 1 fulfil
 *
 *     M[i-1] + 4 M[i] + M[i+1] = 6 (y[i-1] - 2 y[i] + y[i+1])
 *
 * and not-a-knot ends, M[0] - 2 M[1] + M[2] = 0, make that M[1] = y[0] - 2 y[1] + y[2], and so at the other end: what
 * is left is a tridiagonal system with known ends.
 *
 * De Sena and Rocchesso, "A fast Mellin and scale transform", EURASIP J. Adv. Sig. Proc., 2007; de Boor, A Practical
 * Guide to Splines, 1978. librosa.fmt. */
#include "feat/feat.h"
#include <math.h>
#include <stdatomic.h>

#define MAX_PLACES (1 << 24)

typedef struct place {
    size_t sample;            /* between this one and the next */
    double part;              /* 0 .. 1 of the way */
} place;

typedef struct job {
    feat_lines lines;
    sori_fmt_kind kind;
    size_t n_fmt, bins;
    place *places;            /* [n_fmt] */
    double *window;           /* [n_fmt] t^beta, scaled */
    uint32_t *offset;         /* [n_fmt] */
    double *pivot;            /* [n] of the tridiagonal system */
    num_fft *fft;
    const num_kernels *k;
    const float *in;
    float *out;
    size_t groups, workers, scratch;   /* scratch: bytes a worker has */
    size_t at_work, at_spectrum, at_line;
    char *memory;
    atomic_size_t next;
} job;

/* --- between samples ---------------------------------------------------------------------------------------- */

static double bend(const float *y, size_t i) { return (double)y[i - 1] - 2 * (double)y[i] + (double)y[i + 1]; }

/* Second derivatives M [n], n >= 4. */
static void spline(const float *y, size_t n, const double *pivot, double *M) {
    M[1] = bend(y, 1);
    M[n - 2] = bend(y, n - 2);
    for (size_t i = 2; i + 2 < n; i++) M[i] = (6 * bend(y, i) - M[i - 1]) * pivot[i];
    for (size_t i = n - 3; i >= 2; i--) M[i] -= pivot[i] * M[i + 1];
    M[0] = 2 * M[1] - M[2];
    M[n - 1] = 2 * M[n - 2] - M[n - 3];
}

static double between(const place *p, const float *y, const double *M) {
    double u = p->part, v = 1 - u, line = v * (double)y[p->sample] + u * (double)y[p->sample + 1];
    if (!M) return line;
    return line + ((v * v * v - v) * M[p->sample] + (u * u * u - u) * M[p->sample + 1]) / 6;
}

static void run_group(const job *j, size_t group, char *scratch) {
    double *rows = (double *)scratch, *spectrum = (double *)(scratch + j->at_spectrum);
    double *M = (double *)(scratch + j->at_line);
    float *line = (float *)(M + j->lines.n);
    size_t first = group * NUM_LANES, lines = BASE_MIN(j->lines.outer * j->lines.inner - first, NUM_LANES);
    for (size_t m = 0; m < NUM_LANES; m++) {
        if (m < lines) feat_line_read(&j->lines, j->in, first + m, line);
        if (m < lines && j->kind == SORI_FMT_CUBIC) spline(line, j->lines.n, j->pivot, M);
        for (size_t i = 0; i < j->n_fmt; i++)
            rows[i * NUM_LANES + m] = m >= lines ? 0 : between(&j->places[i], line, j->kind ? NULL : M);
    }
    j->k->fft_frames(j->fft, rows, j->offset, j->window, scratch + j->at_work);
    j->k->fft_spectrum(j->fft, scratch + j->at_work, spectrum);
    size_t inner = j->lines.inner;
    for (size_t m = 0; m < lines; m++) {
        float *out = j->out + 2 * ((first + m) / inner * j->bins * inner + (first + m) % inner);
        for (size_t k = 0; k < j->bins; k++, out += 2 * inner) {
            out[0] = (float)spectrum[k * NUM_ROW + m];
            out[1] = (float)spectrum[k * NUM_ROW + NUM_LANES + m];
        }
    }
}

static void work(void *arg, size_t w) {
    job *j = arg;
    for (size_t i; (i = atomic_fetch_add(&j->next, 1)) < j->groups;) run_group(j, i, j->memory + w * j->scratch);
}

/* --- places ------------------------------------------------------------------------------------------------- */

/* The logarithm of the ratio of neighbouring places, and their number if it is not given. */
static double log_ratio(const sori_fmt_config *g, size_t n, double *n_fmt) {
    *n_fmt = g->n_fmt;
    if (g->n_fmt) return (log(*n_fmt - 1) - log(*n_fmt - 2)) / g->over_sample;
    double ratio = log((double)n - 1) - log((double)n - 2);
    *n_fmt = ceil(g->over_sample * (log((double)n - 1) - log(g->t_min)) / ratio);
    return ratio;
}

/* Places and window. Place i is base^(start (1 - i / all)) of the whole, all = n_fmt + ceil(over_sample), limited to
 * what lies between the first place and the last sample. */
static bool find_places(sori_ctx *c, job *j, const sori_fmt_config *g, double ratio) {
    double n = (double)j->lines.n, all = (double)j->n_fmt + ceil(g->over_sample), before = -1;
    double base = exp(ratio), start = (log(g->t_min) - log(n)) / ratio, step = -start / all;
    double beta = feat_option(g->beta, 0.5, 0.5);
    double scale = sqrt(n) / (double)j->n_fmt * num_fft_window_scale(j->fft);
    for (size_t i = 0; i < j->n_fmt; i++) {
        double x = fmin(fmax(pow(base, (double)i * step + start), g->t_min / n), (n - 1) * (1 / n)), at = x * n;
        if (!(x > before)) {
            sori_fail(c, SORI_EINVAL, "fmt: places %zu and %zu of n_fmt %zu are at the same time", i - 1, i, j->n_fmt);
            return false;
        }
        j->places[i].sample = BASE_MIN((size_t)at, j->lines.n - 2);
        j->places[i].part = at - (double)j->places[i].sample;
        j->window[i] = pow(x, beta) * scale;
        j->offset[i] = (uint32_t)(i * NUM_LANES);
        before = x;
    }
    return true;
}

/* --- the gate ----------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, const sori_array *y, const sori_fmt_config *g, size_t n) {
    size_t least = g->kind == SORI_FMT_CUBIC ? 4 : 3;
    if ((unsigned)g->kind > SORI_FMT_LINEAR) sori_fail(c, SORI_EINVAL, "fmt: there is no kind %d", (int)g->kind);
    else if (n < least) sori_fail(c, SORI_EINVAL, "fmt: %zu samples are below the %zu needed", n, least);
    else if (!(g->t_min > 0 && g->t_min < (double)n - 1))
        sori_fail(c, SORI_EINVAL, "fmt: t_min %g is outside 0 to %zu", g->t_min, n - 1);
    else if (g->n_fmt && g->n_fmt < 3) sori_fail(c, SORI_EINVAL, "fmt: n_fmt %d is below 3", g->n_fmt);
    else if (!(g->over_sample >= 1 && g->over_sample <= 1e6))
        sori_fail(c, SORI_EINVAL, "fmt: over_sample %g is outside 1 to 10^6", g->over_sample);
    else if (g->beta.mode == 1 && !isfinite(g->beta.value)) sori_fail(c, SORI_EINVAL, "fmt: beta is not finite");
    return !base_failed(c) && feat_check_finite(c, "fmt", y->data, y->size);
}

static bool allocate(sori_ctx *c, job *j) {
    size_t n = j->lines.n, lines = j->lines.outer * j->lines.inner;
    j->fft = num_fft_new(c, j->k, j->n_fmt, true);
    if (!j->fft) return false;
    j->groups = (lines + NUM_LANES - 1) / NUM_LANES;
    j->workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), j->groups), 1);
    j->at_work = j->n_fmt * NUM_LANES * sizeof(double);
    j->at_spectrum = (j->at_work + num_fft_work(j->fft) + 63) / 64 * 64;
    j->at_line = j->at_spectrum + j->bins * NUM_ROW * sizeof(double);
    j->scratch = (j->at_line + n * (sizeof(double) + sizeof(float)) + 63) / 64 * 64;
    j->places = base_alloc_raw(c, j->n_fmt, sizeof *j->places);
    j->window = base_alloc_raw(c, j->n_fmt, sizeof *j->window);
    j->offset = base_alloc_raw(c, j->n_fmt, sizeof *j->offset);
    j->pivot = base_alloc(c, n, sizeof *j->pivot);
    j->memory = base_alloc_raw(c, j->workers, j->scratch);
    for (size_t i = 2; j->pivot && i < n; i++) j->pivot[i] = 1 / (4 - j->pivot[i - 1]);
    return j->places && j->window && j->offset && j->pivot && j->memory;
}

static void release(sori_ctx *c, job *j) {
    base_free(c, j->memory);
    base_free(c, j->pivot);
    base_free(c, j->offset);
    base_free(c, j->window);
    base_free(c, j->places);
    num_fft_free(c, j->fft);
}

sori_array *sori_fmt(sori_ctx *c, const sori_array *y, const sori_fmt_config *config) {
    sori_fmt_config g = config ? *config : (sori_fmt_config){ 0 };
    job j = { .kind = g.kind, .k = num_kernels_find(NULL, true) };
    double n_fmt;
    g.t_min = g.t_min != 0 ? g.t_min : 0.5;
    g.over_sample = g.over_sample != 0 ? g.over_sample : 1;
    if (base_failed(c) || !array_check(c, "fmt", y, SORI_F32, 1)) return NULL;
    if (!feat_lines_open(c, "fmt", y, g.axis, -1, &j.lines) || !check(c, y, &g, j.lines.n)) return NULL;
    double ratio = log_ratio(&g, j.lines.n, &n_fmt);
    if (!(n_fmt >= 1 && n_fmt <= MAX_PLACES)) {
        sori_fail(c, SORI_EINVAL, "fmt: %g places are outside 1 to %d", n_fmt, MAX_PLACES);
        return NULL;
    }
    j.n_fmt = (size_t)n_fmt;
    j.bins = j.n_fmt / 2 + 1;
    j.in = y->data;
    sori_array *out = feat_line_results(c, &j.lines, y, SORI_C64, j.bins);
    if (out && allocate(c, &j) && find_places(c, &j, &g, ratio) && y->size > 0) {
        j.out = out->data;
        base_parallel(c, j.workers, work, &j);
    }
    release(c, &j);
    return base_failed(c) ? NULL : out;
}
