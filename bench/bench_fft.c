/* bench_fft - the FFT of one real signal, and back: sori against FFTW with its best plan, one thread.
 *
 * Both in single precision, from one aligned buffer to another (FFTW_PATIENT). Transforms of 16 signals side by side,
 * which the features use, are measured by bench_stft. Single transforms have no public face, so this program looks
 * inside (see tools/lint/layers.txt). Medians of processor time; the difference is relative to the largest value. */
#include "bench.h"
#include "num/num.h"
#include <fftw3.h>

typedef struct job {
    sori_ctx *c;
    size_t n, runs;
    num_fft *fft;
    void *work;
    float *x, *X, *back;              /* ours */
    float *in, *spoilt;               /* FFTW's; its inverse overwrites what it reads */
    fftwf_complex *out;
    fftwf_plan plan, inverse;
} job;

static void run_sori(void *arg) {
    const job *j = arg;
    for (size_t i = 0; i < j->runs; i++) num_fft_real(j->fft, j->x, j->X, j->work);
}

static void run_fftw(void *arg) {
    const job *j = arg;
    for (size_t i = 0; i < j->runs; i++) fftwf_execute(j->plan);
}

static void run_sori_inverse(void *arg) {
    const job *j = arg;
    for (size_t i = 0; i < j->runs; i++) num_fft_real_inverse(j->fft, j->X, j->back, j->work);
}

static void run_fftw_inverse(void *arg) {
    const job *j = arg;
    for (size_t i = 0; i < j->runs; i++) fftwf_execute(j->inverse);
}

static void prepare(job *j, size_t n) {
    j->n = n;
    j->runs = 1 + 4000000 / n / 10;
    j->fft = num_fft_new(j->c, num_kernels_find(NULL, false), n, true);
    j->work = base_alloc(j->c, num_fft_work(j->fft), 1);
    j->x = base_alloc(j->c, n, sizeof *j->x);
    j->back = base_alloc(j->c, n, sizeof *j->back);
    j->X = base_alloc(j->c, n + 2, sizeof *j->X);
    j->in = fftwf_alloc_real(n);
    j->spoilt = fftwf_alloc_real(n);
    j->out = fftwf_alloc_complex(n / 2 + 1);
    j->plan = fftwf_plan_dft_r2c_1d((int)n, j->in, j->out, FFTW_PATIENT);
    j->inverse = fftwf_plan_dft_c2r_1d((int)n, j->out, j->spoilt, FFTW_PATIENT | FFTW_PRESERVE_INPUT);
    float *sound = bench_sound(n);
    for (size_t i = 0; i < n; i++) j->x[i] = j->in[i] = sound[i];
    free(sound);
}

static void release(job *j) {
    fftwf_destroy_plan(j->plan);
    fftwf_destroy_plan(j->inverse);
    fftwf_free(j->in);
    fftwf_free(j->spoilt);
    fftwf_free(j->out);
    base_free(j->c, j->x);
    base_free(j->c, j->back);
    base_free(j->c, j->X);
    base_free(j->c, j->work);
    num_fft_free(j->c, j->fft);
}

static double difference(const job *j) {
    double largest = 0, error = 0;
    const float *theirs = (const float *)j->out;
    for (size_t i = 0; i < 2 * (j->n / 2 + 1); i++) {
        largest = fmax(largest, fabs((double)theirs[i]));
        error = fmax(error, fabs((double)theirs[i] - (double)j->X[i]));
    }
    return error / largest;
}

static double microseconds(const job *j, void (*run)(void *)) {
    return 1e3 * bench_median_ms(run, (void *)j, BENCH_REPEATS) / (double)j->runs;
}

int main(void) {
    static const size_t lengths[] = { 256, 400, 480, 512, 1000, 1024, 1536, 2000, 2048, 3000, 4096, 8192, 16384,
                                      65536, 44100, 1023, 2047, 1021 };
    job j = { .c = sori_open(&(sori_options){ .threads = 1 }) };
    printf("%6s %9s %9s %6s   %9s %9s %6s %12s\n", "n", "sori us", "FFTW us", "ratio", "inverse", "FFTW us", "ratio",
           "difference");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths && !sori_error(j.c); i++) {
        prepare(&j, lengths[i]);
        double ours = microseconds(&j, run_sori), theirs = microseconds(&j, run_fftw), error = difference(&j);
        double back = microseconds(&j, run_sori_inverse), their_back = microseconds(&j, run_fftw_inverse);
        printf("%6zu %9.3f %9.3f %6.2f   %9.3f %9.3f %6.2f %12.1e\n", j.n, ours, theirs, theirs / ours, back,
               their_back, their_back / back, error);
        release(&j);
    }
    int failed = sori_error(j.c) != SORI_OK;
    if (failed) fprintf(stderr, "%s\n", sori_message(j.c));
    sori_close(j.c);
    return failed;
}
