/* peak.h - what one core of this processor does at most: multiply-adds in its widest registers, in GFLOP/s. Header
 * only; NAN where it is not known how to ask. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

#include "bench.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define PEAK_CHAINS 12   /* latency 4 x 2 units, and some */
#define PEAK_LOOP 2000000

__attribute__((target("avx512f"))) static inline void bench_fma_512(void *sink) {
    __m512 a[PEAK_CHAINS], x = _mm512_set1_ps(0.999f);
    for (int i = 0; i < PEAK_CHAINS; i++) a[i] = x;
    for (int k = 0; k < PEAK_LOOP; k++)
        for (int i = 0; i < PEAK_CHAINS; i++) a[i] = _mm512_fmadd_ps(a[i], x, x);
    for (int i = 1; i < PEAK_CHAINS; i++) a[0] = _mm512_add_ps(a[0], a[i]);
    _mm512_storeu_ps(sink, a[0]);
}

__attribute__((target("avx2,fma"))) static inline void bench_fma_256(void *sink) {
    __m256 a[PEAK_CHAINS], x = _mm256_set1_ps(0.999f);
    for (int i = 0; i < PEAK_CHAINS; i++) a[i] = x;
    for (int k = 0; k < PEAK_LOOP; k++)
        for (int i = 0; i < PEAK_CHAINS; i++) a[i] = _mm256_fmadd_ps(a[i], x, x);
    for (int i = 1; i < PEAK_CHAINS; i++) a[0] = _mm256_add_ps(a[0], a[i]);
    _mm256_storeu_ps(sink, a[0]);
}

static inline double bench_peak(void) {
    float sink[16];
    bool wide = __builtin_cpu_supports("avx512f");
    if (!wide && !__builtin_cpu_supports("fma")) return NAN;
    double ms = bench_median_ms(wide ? bench_fma_512 : bench_fma_256, sink, 9);
    return 2.0 * PEAK_CHAINS * PEAK_LOOP * (wide ? 16 : 8) / ms * 1e-6;
}
#else
static inline double bench_peak(void) { return NAN; }
#endif

#endif
