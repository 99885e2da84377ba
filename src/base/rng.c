/* rng.c - counter-based random numbers, Philox4x32-10.
 *
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. A draw is a function of
 * (key, counter) alone, so any thread can make any draw and the result depends on neither order nor thread count.
 * The key is the seed; the counter holds the purpose, two indices and the block number. */
#include "base/base.h"
#include <math.h>

void base_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * x0, p1 = (uint64_t)0xCD9E8D57u * x2;
        uint32_t y0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0, y2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
        x0 = y0;
        x1 = (uint32_t)p1;
        x2 = y2;
        x3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;   /* golden ratio and sqrt(3) - 1, the paper's Weyl constants */
        k1 += 0xBB67AE85u;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

base_rng base_rng_new(uint64_t seed, base_purpose purpose, uint32_t a, uint32_t b) {
    return (base_rng){ .key = { (uint32_t)seed, (uint32_t)(seed >> 32) }, .counter = { 0, (uint32_t)purpose, a, b } };
}

uint32_t base_rng_u32(base_rng *r) {
    if (r->left == 0) {
        base_philox(r->counter, r->key, r->out);
        r->counter[0]++;
        r->left = 4;
    }
    return r->out[4 - r->left--];
}

double base_rng_uniform(base_rng *r) {
    uint64_t hi = base_rng_u32(r), lo = base_rng_u32(r);
    return (double)(hi << 21 | lo >> 11) * 0x1p-53;
}

double base_rng_normal(base_rng *r) {
    double u = 1.0 - base_rng_uniform(r), v = base_rng_uniform(r);   /* u in (0, 1] */
    return sqrt(-2.0 * log(u)) * cos(2.0 * 3.14159265358979323846 * v);
}

/* Devroye, "Random variate generation in one line of code", WSC 1996, is 1/2 + t / sqrt(1 + t^2) / 2, with
 * t^2 = (1/p - 1) c^2; p = u^(1/a) may underflow to 0. */
double base_rng_beta(base_rng *r, double a) {
    double p = pow(1.0 - base_rng_uniform(r), 1 / a), c = cos(2.0 * 3.14159265358979323846 * base_rng_uniform(r));
    double part = c * sqrt(1 - p);
    return 0.5 + 0.5 * part / sqrt(part * part + p);
}

/* Lemire's method with rejection of the short interval, so that every value is equally likely. */
uint32_t base_rng_below(base_rng *r, uint32_t n) {
    uint32_t reject = n ? -n % n : 0;
    for (;;) {
        uint64_t m = (uint64_t)base_rng_u32(r) * n;
        if ((uint32_t)m >= reject) return (uint32_t)(m >> 32);
    }
}

void base_rng_shuffle(base_rng *r, uint32_t *items, size_t n) {
    for (size_t i = n; i > 1; i--) {
        size_t j = base_rng_below(r, (uint32_t)i);
        uint32_t t = items[i - 1];
        items[i - 1] = items[j];
        items[j] = t;
    }
}

uint64_t base_hash(uint64_t h, const void *data, size_t n) {
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    return h;
}
