/* bench_feat - ms that one work on one sound takes: the sori half of bench/against_peers.py.
 *
 *     bench_feat WORK fast|exact THREADS REPEATS SOUND.npy RESULT.npy      sound [n] f32 at 22050 Hz
 *     bench_feat --list
 *
 * Prints the medians of processor time and of wall time of the call from sound to array, and writes the array. */
#include "bench.h"
#include "works.h"
#include <string.h>

static const work *const tables[] = {
    works_spectrum, works_cqt, works_phase, works_decompose, works_level,
    works_pitch, works_rhythm, works_structure, works_resample,
};

static const work *find(const char *name) {
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const work *w = tables[t]; w->name; w++)
            if (strcmp(w->name, name) == 0) return w;
    return NULL;
}

static int list(void) {
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const work *w = tables[t]; w->name; w++) puts(w->name);
    return 0;
}

/* The result of the last call. */
static sori_array *repeat(const work *w, const work_input *in, int n, double *cpu, double *wall) {
    double cpus[101], walls[101];
    sori_array *result = w->run(in);
    for (int i = 0; i < n; i++) {
        sori_array_free(in->c, result);
        double started = bench_ms(), began = bench_wall_ms();
        result = w->run(in);
        cpus[i] = bench_ms() - started;
        walls[i] = bench_wall_ms() - began;
    }
    *cpu = bench_median(cpus, n);
    *wall = bench_median(walls, n);
    return result;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--list") == 0) return list();
    int repeats = argc == 7 ? atoi(argv[4]) : 0;
    const work *w = argc == 7 ? find(argv[1]) : NULL;
    if (!w || repeats < 1 || repeats > 101) {
        fprintf(stderr, "usage: bench_feat WORK fast|exact THREADS REPEATS(1..101) SOUND.npy RESULT.npy\n");
        return 2;
    }
    double cpu, wall;
    work_input in = { .c = sori_open(&(sori_options){ .threads = atoi(argv[3]) }),
                      .exact = strcmp(argv[2], "exact") == 0 };
    in.y = (sori_audio){ sori_load_npy(in.c, argv[5]), 22050 };
    if (w->prepare) in.prepared = w->prepare(&in);
    sori_array *result = repeat(w, &in, repeats, &cpu, &wall);
    sori_save_npy(in.c, argv[6], result);
    int failed = sori_error(in.c) != SORI_OK;
    if (failed) fprintf(stderr, "%s\n", sori_message(in.c));
    else printf("%.3f %.3f\n", cpu, wall);
    sori_close(in.c);
    return failed;
}
