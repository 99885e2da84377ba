/* long.c - one long transform on all 16 lanes whose tables take little longer to make than it takes to run: for
 * signals that are transformed once, where those of num_fft_new_one would cost more than they save.
 *
 * Four steps (Bailey, "FFTs in external or hierarchical memory", J. Supercomputing 4, 1990). With n = 16 m, sample
 * 16 j + l lies in lane l of row j as it comes:
 *     1. m-point transforms of all lanes at once: frequency k of lane l, in row k
 *     2. times exp(-2 pi i k l / n)
 *     3. a 16-point transform along each row: frequencies k, k + m, k + 2m, ...
 * A real signal is a complex one of half the length, even samples real, odd ones imaginary, unpacked as in fft.inc. The
 * inverse exchanges real and imaginary parts on the way in and out. Roots come from two tables, exp(-2 pi i k / n) as
 * coarse[k / FINE] * fine[k % FINE], all in double, as are steps 2 and 3. */
#include "num/kernel/kernel.h"
#include <math.h>

#define FINE 1024

typedef struct complex_number { double re, im; } complex_number;

struct num_long {
    const num_kernels *k;
    num_fft *fft;                /* of m complex points */
    bool real;
    size_t n, points, m;         /* points: of the complex transform, n or n / 2, = 16 m */
    complex_number *coarse, *fine;
};

size_t num_long_length(size_t n, bool real) { return num_fft_length(n, real ? 2 * NUM_LANES : NUM_LANES); }

static complex_number times(complex_number a, complex_number b) {
    return (complex_number){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

static complex_number root(const num_long *t, size_t k) { return times(t->coarse[k / FINE], t->fine[k % FINE]); }

static complex_number turn(size_t k, size_t n) {
    double angle = -6.28318530717958647692 * (double)k / (double)n;
    return (complex_number){ cos(angle), sin(angle) };
}

num_long *num_long_new(sori_ctx *c, const num_kernels *k, size_t n, bool real) {
    num_long *t = base_alloc(c, 1, sizeof *t);
    if (!t) return NULL;
    *t = (num_long){ .k = k, .real = real, .n = n, .points = real ? n / 2 : n };
    t->m = t->points / NUM_LANES;
    t->fft = num_fft_new(c, k, t->m, false);
    t->coarse = base_alloc_raw(c, n / FINE + 1, sizeof *t->coarse);
    t->fine = base_alloc_raw(c, FINE, sizeof *t->fine);
    if (!t->fft || !t->coarse || !t->fine) {
        num_long_free(c, t);
        return NULL;
    }
    for (size_t i = 0; i <= n / FINE; i++) t->coarse[i] = turn(i * FINE, n);
    for (size_t i = 0; i < FINE; i++) t->fine[i] = turn(i, n);
    return t;
}

void num_long_free(sori_ctx *c, num_long *t) {
    if (!t) return;
    num_fft_free(c, t->fft);
    base_free(c, t->coarse);
    base_free(c, t->fine);
    base_free(c, t);
}

size_t num_long_work(const num_long *t) { return num_fft_work(t->fft); }

/* --- pairs ------------------------------------------------------------------------------------------------------ */

static complex_number get_pair(const num_long *t, const void *p, size_t i) {
    return (complex_number){ num_get(t->k, p, 2 * i), num_get(t->k, p, 2 * i + 1) };
}

static void put_pair(const num_long *t, void *p, size_t i, complex_number v) {
    num_put(t->k, p, 2 * i, v.re);
    num_put(t->k, p, 2 * i + 1, v.im);
}

/* --- the complex transform ---------------------------------------------------------------------------------------- */

/* 4 points, `step` apart, in place. */
static void four(complex_number *a, size_t step) {
    complex_number *b = a + step, *c = b + step, *d = c + step;
    complex_number p = { a->re + c->re, a->im + c->im }, q = { a->re - c->re, a->im - c->im };
    complex_number r = { b->re + d->re, b->im + d->im }, s = { b->im - d->im, d->re - b->re };   /* -i (b - d) */
    *a = (complex_number){ p.re + r.re, p.im + r.im };
    *b = (complex_number){ q.re + s.re, q.im + s.im };
    *c = (complex_number){ p.re - r.re, p.im - r.im };
    *d = (complex_number){ q.re - s.re, q.im - s.im };
}

/* 16 points: frequency p + 4 q is left at 4 p + q. */
static void sixteen(complex_number a[NUM_LANES], const complex_number w[NUM_LANES]) {
    for (size_t i = 0; i < 4; i++) four(a + i, 4);
    for (size_t p = 1; p < 4; p++)
        for (size_t i = 1; i < 4; i++) a[4 * p + i] = times(a[4 * p + i], w[p * i]);
    for (size_t p = 0; p < 4; p++) four(a + 4 * p, 1);
}

/* Row k of the lanes' transforms to frequencies k, k + m, ... of the whole. */
static void last_steps(const num_long *t, const void *work, size_t k, bool inverse, const complex_number *w,
                       void *out) {
    size_t at = t->fft->row_of[k] * (size_t)NUM_ROW;
    complex_number a[NUM_LANES], step = root(t, k * (t->n / t->points)), power = step;
    for (size_t l = 0; l < NUM_LANES; l++) {
        a[l] = (complex_number){ num_get(t->k, work, at + l), num_get(t->k, work, at + NUM_LANES + l) };
        if (l == 0) continue;
        a[l] = times(a[l], power);
        power = times(power, step);
    }
    sixteen(a, w);
    for (size_t p = 0; p < 4; p++)
        for (size_t q = 0; q < 4; q++) {
            complex_number v = a[4 * p + q];
            put_pair(t, out, k + (p + 4 * q) * t->m, inverse ? (complex_number){ v.im, v.re } : v);
        }
}

static void transform(const num_long *t, bool inverse, const void *in, void *out, void *work) {
    complex_number w[NUM_LANES];
    for (size_t l = 0; l < NUM_LANES; l++) w[l] = turn(l, NUM_LANES);
    for (size_t i = 0; i < t->points; i++) {
        size_t at = i / NUM_LANES * NUM_ROW + i % NUM_LANES;
        num_put(t->k, work, at + (inverse ? NUM_LANES : 0), num_get(t->k, in, 2 * i));
        num_put(t->k, work, at + (inverse ? 0 : NUM_LANES), num_get(t->k, in, 2 * i + 1));
    }
    t->k->fft_rows(t->fft, work);
    for (size_t k = 0; k < t->m; k++) last_steps(t, work, k, inverse, w, out);
}

/* --- real signals --------------------------------------------------------------------------------------------------
 * E and O, the transforms of the even and the odd samples, from Z = E + i O and back; X[k] = E[k] + w^k O[k],
 * X[points - k] = conj(E[k] - w^k O[k]). */

static void unpack(const num_long *t, void *x) {
    complex_number z = get_pair(t, x, 0);
    put_pair(t, x, 0, (complex_number){ z.re + z.im, 0 });
    put_pair(t, x, t->points, (complex_number){ z.re - z.im, 0 });
    for (size_t k = 1; k <= t->points / 2; k++) {
        complex_number a = get_pair(t, x, k), b = get_pair(t, x, t->points - k);
        complex_number even = { (a.re + b.re) / 2, (a.im - b.im) / 2 };
        complex_number odd = times((complex_number){ (a.im + b.im) / 2, (b.re - a.re) / 2 }, root(t, k));
        put_pair(t, x, t->points - k, (complex_number){ even.re - odd.re, odd.im - even.im });
        put_pair(t, x, k, (complex_number){ even.re + odd.re, even.im + odd.im });
    }
}

/* Twice Z, which makes up for the half length. */
static void pack(const num_long *t, const void *x, void *z) {
    complex_number first = get_pair(t, x, 0), last = get_pair(t, x, t->points);
    put_pair(t, z, 0, (complex_number){ first.re + last.re, first.re - last.re });
    for (size_t k = 1; k <= t->points / 2; k++) {
        complex_number a = get_pair(t, x, k), b = get_pair(t, x, t->points - k), w = root(t, k);
        complex_number even = { a.re + b.re, a.im - b.im };
        complex_number odd = times((complex_number){ a.re - b.re, a.im + b.im }, (complex_number){ w.re, -w.im });
        put_pair(t, z, t->points - k, (complex_number){ even.re + odd.im, odd.re - even.im });
        put_pair(t, z, k, (complex_number){ even.re - odd.im, even.im + odd.re });
    }
}

void num_long_forward(const num_long *t, const void *in, void *out, void *work) {
    transform(t, false, in, out, work);
    if (t->real) unpack(t, out);
}

void num_long_inverse(const num_long *t, const void *in, void *out, void *work) {
    if (t->real) pack(t, in, out);
    transform(t, true, t->real ? out : in, out, work);
}
