/* bench_feat - ms that one feature of one sound takes, one thread: the sori half of bench/against_librosa.py.
 *
 *     bench_feat stft|power|mel|mfcc|istft|... fast|exact SOUND.npy RESULT.npy      sound [n] f32 at 22050 Hz
 *
 * Prints the median of processor time of the call from sound to array, and writes the array for comparison. */
#include "bench.h"
#include <string.h>

typedef struct job {
    sori_ctx *c;
    sori_audio y;
    const char *name;
    sori_feature_config config;
    sori_array *spectrum;   /* istft's input */
} job;

static sori_array *compute(const job *j) {
    sori_array *out = NULL;
    if (strcmp(j->name, "istft") == 0)
        return sori_istft(j->c, j->spectrum, j->y.sr, &(sori_istft_config){ .stft = j->config.stft }).y;
    sori_extract(j->c, j->y, &j->name, 1, &j->config, &out);
    return out;
}

static void run(void *arg) {
    job *j = arg;
    sori_array_free(j->c, compute(j));
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: bench_feat FEATURE fast|exact SOUND.npy RESULT.npy\n");
        return 2;
    }
    job j = { .c = sori_open(&(sori_options){ .threads = 1 }), .name = argv[1] };
    j.config.stft.exact = strcmp(argv[2], "exact") == 0;
    if (strcmp(j.name, "power") == 0) {
        j.name = "spectrogram";
        j.config.power = 2;
    }
    j.y = (sori_audio){ sori_load_npy(j.c, argv[3]), 22050 };
    if (strcmp(j.name, "istft") == 0) j.spectrum = sori_stft(j.c, j.y, &j.config.stft);
    int repeats = j.y.y && j.y.y->size > 3000000 ? 7 : 31;
    double ms = bench_median_ms(run, &j, repeats);
    sori_save_npy(j.c, argv[4], compute(&j));
    int failed = sori_error(j.c) != SORI_OK;
    if (failed) fprintf(stderr, "%s\n", sori_message(j.c));
    else printf("%.3f\n", ms);
    sori_close(j.c);
    return failed;
}
