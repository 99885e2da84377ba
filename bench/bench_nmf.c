/* bench_nmf - milliseconds of factorisations: the sori half of bench/nmf_against_sklearn.py, which leaves S.npy, W.npy
 * and H.npy, a spectrogram and where its factors begin, in the folder named, and says on standard input what to time:
 *
 *   run LOSS THREADS SWEEPS EXACT   ->  wall and processor time, ms, of one call, and the loss after it
 *   peak                            ->  GFLOP/s that one core does at most
 *
 * LOSS is 0 to 2, sori_nmf_loss, and 3 is HALS. */
#include "bench.h"
#include "peak.h"

static sori_array *array(sori_ctx *c, const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    return sori_load_npy(c, path);
}

static bool run(const char *folder, int loss, int threads, int sweeps, int exact) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads });
    sori_array *S = array(c, folder, "S");
    sori_nmf_config g = { .W = array(c, folder, "W"), .H = array(c, folder, "H"), .tol = SORI_NONE, .every = sweeps,
                          .loss = loss < 3 ? (sori_nmf_loss)loss : SORI_NMF_FROBENIUS, .exact = exact != 0,
                          .solver = loss < 3 ? SORI_NMF_MU : SORI_NMF_HALS, .max_iter = sweeps };
    double wall = bench_wall_ms(), cpu = bench_ms();
    sori_nmf_result r = sori_nmf(c, S, &g);
    wall = bench_wall_ms() - wall;
    cpu = bench_ms() - cpu;
    bool ok = !sori_error(c);
    if (ok) printf("%.6f %.6f %.9g\n", wall, cpu, ((double *)r.loss->data)[1]);
    else fprintf(stderr, "bench_nmf: %s\n", sori_message(c));
    sori_close(c);
    return ok;
}

int main(int argc, char **argv) {
    char line[200];
    int loss, threads, sweeps, exact;
    if (argc != 2) {
        fprintf(stderr, "usage: bench_nmf FOLDER\n");
        return 2;
    }
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "run %d %d %d %d", &loss, &threads, &sweeps, &exact) == 4) {
            if (!run(argv[1], loss, threads, sweeps, exact)) return 1;
        } else if (line[0] == 'p') printf("%.1f\n", bench_peak());
        else return 2;
        fflush(stdout);
    }
    return 0;
}
