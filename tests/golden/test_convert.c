/* Frequencies, mels, frames, samples and seconds against librosa. */
#include "golden/golden.h"

/* One argument's values; the result has as many. */
static sori_array *run_hz_to_mel(golden_call *g) {
    sori_array *out;
    double *v = golden_values(g, "frequencies", &out);
    bool htk = golden_unusual(g, "htk", false);
    for (size_t i = 0; i < out->size; i++) v[i] = sori_hz_to_mel(v[i], htk);
    return out;
}

static sori_array *run_mel_to_hz(golden_call *g) {
    sori_array *out;
    double *v = golden_values(g, "mels", &out);
    bool htk = golden_unusual(g, "htk", false);
    for (size_t i = 0; i < out->size; i++) v[i] = sori_mel_to_hz(v[i], htk);
    return out;
}

static sori_array *run_fft_frequencies(golden_call *g) {
    double sr = golden_number(g, "sr");
    int n_fft = golden_int(g, "n_fft");
    return sori_fft_frequencies(g->c, sr > 0 ? sr : 22050, n_fft ? n_fft : 2048);
}

static sori_array *run_mel_frequencies(golden_call *g) {
    double fmin = golden_number(g, "fmin"), fmax = golden_number(g, "fmax");
    int n = golden_int(g, "n_mels");
    return sori_mel_frequencies(g->c, n ? n : 128, fmin, fmax > 0 ? fmax : 11025, golden_unusual(g, "htk", false));
}

/* The six conversions share their arguments; the argument that is converted is named after what it is. */
static sori_array *convert(golden_call *g, const char *from, double (*f)(double, double, int, int)) {
    sori_array *out;
    double *v = golden_values(g, from, &out), sr = golden_number(g, "sr");
    int hop_length = golden_int(g, "hop_length"), n_fft = golden_int(g, "n_fft");
    for (size_t i = 0; i < out->size; i++) v[i] = f(v[i], sr, hop_length, n_fft);
    return out;
}

static double frames_to_samples(double v, double sr, int hop, int n_fft) {
    (void)sr;
    return (double)sori_frames_to_samples((int64_t)v, hop, n_fft);
}
static double samples_to_frames(double v, double sr, int hop, int n_fft) {
    (void)sr;
    return (double)sori_samples_to_frames((int64_t)v, hop, n_fft);
}
static double samples_to_time(double v, double sr, int hop, int n_fft) {
    (void)hop, (void)n_fft;
    return sori_samples_to_time((int64_t)v, sr);
}
static double time_to_samples(double v, double sr, int hop, int n_fft) {
    (void)hop, (void)n_fft;
    return (double)sori_time_to_samples(v, sr);
}
static double time_to_frames(double v, double sr, int hop, int n_fft) {
    return (double)sori_time_to_frames(v, sr, hop, n_fft);
}

static sori_array *run_frames_to_samples(golden_call *g) { return convert(g, "frames", frames_to_samples); }
static sori_array *run_samples_to_frames(golden_call *g) { return convert(g, "samples", samples_to_frames); }
static sori_array *run_frames_to_time(golden_call *g) { return convert(g, "frames", sori_frames_to_time); }
static sori_array *run_time_to_frames(golden_call *g) { return convert(g, "times", time_to_frames); }
static sori_array *run_samples_to_time(golden_call *g) { return convert(g, "samples", samples_to_time); }
static sori_array *run_time_to_samples(golden_call *g) { return convert(g, "times", time_to_samples); }

int main(void) {
    static const golden_adapter adapters[] = {
        { "hz_to_mel", run_hz_to_mel }, { "mel_to_hz", run_mel_to_hz },
        { "fft_frequencies", run_fft_frequencies }, { "mel_frequencies", run_mel_frequencies },
        { "frames_to_samples", run_frames_to_samples }, { "samples_to_frames", run_samples_to_frames },
        { "frames_to_time", run_frames_to_time }, { "time_to_frames", run_time_to_frames },
        { "samples_to_time", run_samples_to_time }, { "time_to_samples", run_time_to_samples },
    };
    return golden_main("convert", adapters, BASE_COUNT(adapters));
}
