/* Notes as numbers, and the places of blocks and frames, against librosa. Names are in test_names.c. */
#include "golden/golden.h"
#include <sori/notation.h>

/* One argument's values; the result has as many. */
static sori_array *simple(golden_call *g, const char *name, double (*f)(double)) {
    sori_array *out;
    double *v = golden_values(g, name, &out);
    for (size_t i = 0; i < out->size; i++) v[i] = f(v[i]);
    return out;
}
static sori_array *run_hz_to_midi(golden_call *g) { return simple(g, "frequencies", sori_hz_to_midi); }
static sori_array *run_midi_to_hz(golden_call *g) { return simple(g, "notes", sori_midi_to_hz); }

static sori_array *octaves(golden_call *g, const char *name, double (*f)(double, double, int)) {
    sori_array *out;
    double *v = golden_values(g, name, &out), tuning = golden_number(g, "tuning");
    int bins = golden_int(g, "bins_per_octave");
    for (size_t i = 0; i < out->size; i++) v[i] = f(v[i], tuning, bins);
    return out;
}
static sori_array *run_hz_to_octs(golden_call *g) { return octaves(g, "frequencies", sori_hz_to_octs); }
static sori_array *run_octs_to_hz(golden_call *g) { return octaves(g, "octs", sori_octs_to_hz); }

static sori_array *tunings(golden_call *g, const char *name, double (*f)(double, int)) {
    sori_array *out;
    double *v = golden_values(g, name, &out);
    int bins = golden_int(g, "bins_per_octave");
    for (size_t i = 0; i < out->size; i++) v[i] = f(v[i], bins);
    return out;
}
static sori_array *run_A4_to_tuning(golden_call *g) { return tunings(g, "A4", sori_A4_to_tuning); }
static sori_array *run_tuning_to_A4(golden_call *g) { return tunings(g, "tuning", sori_tuning_to_A4); }

static sori_array *run_blocks_to_frames(golden_call *g) {
    sori_array *out;
    double *v = golden_values(g, "blocks", &out);
    int length = golden_int(g, "block_length");
    for (size_t i = 0; i < out->size; i++) v[i] = (double)sori_blocks_to_frames((int64_t)v[i], length);
    return out;
}
static sori_array *run_blocks_to_samples(golden_call *g) {
    sori_array *out;
    double *v = golden_values(g, "blocks", &out);
    int length = golden_int(g, "block_length"), hop = golden_int(g, "hop_length");
    for (size_t i = 0; i < out->size; i++) v[i] = (double)sori_blocks_to_samples((int64_t)v[i], length, hop);
    return out;
}
static sori_array *run_blocks_to_time(golden_call *g) {
    sori_array *out;
    double *v = golden_values(g, "blocks", &out), sr = golden_number(g, "sr");
    int length = golden_int(g, "block_length"), hop = golden_int(g, "hop_length");
    for (size_t i = 0; i < out->size; i++) v[i] = sori_blocks_to_time((int64_t)v[i], length, hop, sr);
    return out;
}

static sori_array *run_samples_like(golden_call *g) {
    size_t frames = (size_t)golden_int(g, "X");
    int hop = golden_int(g, "hop_length"), n_fft = golden_int(g, "n_fft");
    return sori_samples_like(g->c, frames, hop, n_fft);
}
static sori_array *run_times_like(golden_call *g) {
    size_t frames = (size_t)golden_int(g, "X");
    double sr = golden_number(g, "sr");
    int hop = golden_int(g, "hop_length"), n_fft = golden_int(g, "n_fft");
    return sori_times_like(g->c, frames, sr, hop, n_fft);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "hz_to_midi", run_hz_to_midi }, { "midi_to_hz", run_midi_to_hz }, { "hz_to_octs", run_hz_to_octs },
        { "octs_to_hz", run_octs_to_hz }, { "A4_to_tuning", run_A4_to_tuning }, { "tuning_to_A4", run_tuning_to_A4 },
        { "blocks_to_frames", run_blocks_to_frames }, { "blocks_to_samples", run_blocks_to_samples },
        { "blocks_to_time", run_blocks_to_time }, { "samples_like", run_samples_like },
        { "times_like", run_times_like },
    };
    return golden_main("notation", adapters, BASE_COUNT(adapters));
}
