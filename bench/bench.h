/* bench.h - what the benchmarks share: processor time, medians, test sound. Header only. */
#ifndef BENCH_H
#define BENCH_H

#include <sori/sori.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BENCH_REPEATS 15

/* Processor time of the whole process, ms: what other programs do beside it is left out. */
static inline double bench_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static inline double bench_wall_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static inline int bench_by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double bench_median(double *v, int n) {
    qsort(v, (size_t)n, sizeof *v, bench_by_value);
    return v[n / 2];
}

/* Median ms of n calls of run(arg), after one that warms up. */
static inline double bench_median_ms(void (*run)(void *arg), void *arg, int n) {
    double v[101];
    run(arg);
    for (int i = 0; i < n; i++) {
        double started = bench_ms();
        run(arg);
        v[i] = bench_ms() - started;
    }
    return bench_median(v, n);
}

/* A chord under noise, n samples at 22050 Hz; freed by free. NULL when out of memory. */
static inline float *bench_sound(size_t n) {
    float *x = malloc(n * sizeof *x);
    unsigned state = 1;
    for (size_t i = 0; x && i < n; i++) {
        double t = (double)i / 22050;
        state = state * 1664525u + 1013904223u;
        x[i] = (float)(0.2 * sin(6.2832 * 220 * t) + 0.2 * sin(6.2832 * 277.2 * t) + 0.1 * sin(6.2832 * 1318.5 * t)
                       + 0.05 * ((double)(state >> 8) / (1 << 24) - 0.5));
    }
    return x;
}

#endif
