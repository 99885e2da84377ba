/* bench_stft - the power spectrogram of 30 s at 22050 Hz, one thread: sori against FFTW with its best plan.
 *
 * The same job on both sides: sound in, |STFT|^2 of Hann-windowed frames, hop n_fft / 4, into new memory. FFTW (single
 * precision, FFTW_PATIENT, aligned buffers) transforms frame by frame and writes [frame][bin], the order that is best
 * for it; sori writes librosa's [bin][frame]. Medians of processor time. */
#include "bench.h"
#include <fftw3.h>
#include <string.h>

#define SECONDS 30

typedef struct job {
    sori_ctx *c;
    sori_audio y;
    const float *x;
    size_t n, n_fft, hop, frames, bins;
    float *window, *in;
    fftwf_complex *out;
    fftwf_plan plan;
    double error;      /* the largest difference, relative to the largest value */
} job;

static float *fftw_power(const job *j) {
    float *power = malloc(j->frames * j->bins * sizeof *power);
    for (size_t t = 0; power && t < j->frames; t++) {
        const float *x = j->x + t * j->hop;
        for (size_t i = 0; i < j->n_fft; i++) j->in[i] = x[i] * j->window[i];
        fftwf_execute(j->plan);
        float *row = power + t * j->bins;
        for (size_t k = 0; k < j->bins; k++) row[k] = j->out[k][0] * j->out[k][0] + j->out[k][1] * j->out[k][1];
    }
    return power;
}

static sori_array *sori_power(const job *j) {
    sori_stft_config stft = { .n_fft = (int)j->n_fft, .hop_length = (int)j->hop, .uncentered = true };
    return sori_spectrogram(j->c, j->y, &(sori_spectrogram_config){ .stft = stft, .power = 2 });
}

static void run_fftw(void *arg) { free(fftw_power(arg)); }

static void run_sori(void *arg) {
    const job *j = arg;
    sori_array_free(j->c, sori_power(j));
}

static void compare(job *j) {
    float *f = fftw_power(j);
    sori_array *s = sori_power(j);
    double largest = 0, difference = 0;
    for (size_t k = 0; f && s && k < j->bins; k++)
        for (size_t t = 0; t < j->frames; t++) {
            double a = (double)f[t * j->bins + k], b = (double)((float *)s->data)[k * j->frames + t];
            largest = fmax(largest, a);
            difference = fmax(difference, fabs(a - b));
        }
    j->error = difference / largest;
    sori_array_free(j->c, s);
    free(f);
}

static void prepare(job *j, size_t n_fft) {
    j->n_fft = n_fft;
    j->hop = n_fft / 4;
    j->bins = n_fft / 2 + 1;
    j->frames = 1 + (j->n - n_fft) / j->hop;
    j->window = fftwf_alloc_real(n_fft);
    j->in = fftwf_alloc_real(n_fft);
    j->out = fftwf_alloc_complex(j->bins);
    j->plan = fftwf_plan_dft_r2c_1d((int)n_fft, j->in, j->out, FFTW_PATIENT);
    for (size_t i = 0; i < n_fft; i++)
        j->window[i] = (float)(0.5 - 0.5 * cos(6.283185307179586 * (double)i / (double)n_fft));
}

static void release(job *j) {
    fftwf_destroy_plan(j->plan);
    fftwf_free(j->window);
    fftwf_free(j->in);
    fftwf_free(j->out);
}

int main(void) {
    static const size_t lengths[] = { 256, 400, 512, 720, 882, 960, 1000, 1024, 1103, 1200, 1536, 2000, 2048,
                                      2205, 3000, 4096, 4410, 8192 };
    job j = { .c = sori_open(&(sori_options){ .threads = 1 }), .n = SECONDS * 22050 };
    float *x = bench_sound(j.n);
    j.x = x;
    j.y = sori_audio_from(j.c, x, 1, j.n, 22050);
    printf("power spectrogram of %d s, hop n_fft/4, one thread, us a frame\n", SECONDS);
    printf("%6s %8s %8s %8s %12s\n", "n_fft", "sori", "FFTW", "ratio", "difference");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths && !sori_error(j.c); i++) {
        prepare(&j, lengths[i]);
        compare(&j);
        double ours = bench_median_ms(run_sori, &j, BENCH_REPEATS);
        double theirs = bench_median_ms(run_fftw, &j, BENCH_REPEATS);
        printf("%6zu %8.3f %8.3f %8.2f %12.1e\n", lengths[i], 1e3 * ours / (double)j.frames,
               1e3 * theirs / (double)j.frames, theirs / ours, j.error);
        release(&j);
    }
    int failed = sori_error(j.c) != SORI_OK;
    if (failed) fprintf(stderr, "%s\n", sori_message(j.c));
    sori_close(j.c);
    free(x);
    return failed;
}
