/* fft.c - planning a transform: its factors, tables and order.
 *
 * The length is split into factors 8 and 4 first (fewest passes over memory), then 2, 3, 5 and other primes up to
 * NUM_MAX_RADIX. A length with a larger prime goes through Bluestein's chirp transform of a power of two. Real
 * transforms of even length run as complex ones of half the length. All tables are computed in double and rounded
 * once; the circle's points come from one octant, so that symmetric entries are exactly symmetric. */
#include "num/kernel/kernel.h"
#include <math.h>

/* --- tables ------------------------------------------------------------------------------------------------- */

/* exp(-2 pi i k / n), k < n, with the angle reduced to [0, pi/4] before sine and cosine are taken. */
static void root(size_t k, size_t n, double *re, double *im) {
    size_t eighths = 8 * k / n, quarter = (eighths + 1) / 2;        /* nearest multiple of pi / 2, 0 .. 4 */
    double angle = 6.28318530717958647692 * (((double)k * 4 - (double)quarter * (double)n) / (double)(4 * n));
    double c = cos(angle), s = sin(angle);
    switch (quarter % 4) {
    case 0: *re = c; *im = -s; break;
    case 1: *re = -s; *im = -c; break;
    case 2: *re = -c; *im = s; break;
    default: *re = s; *im = c;
    }
}

/* All n roots as pairs. For n divisible by 4 only an octant is computed and the rest reflected. */
static double *circle(sori_ctx *c, size_t n) {
    double *w = base_alloc_raw(c, n, 2 * sizeof *w);
    size_t octant = n % 4 ? n : n / 8 + 1;
    for (size_t k = 0; w && k < octant; k++) root(k, n, &w[2 * k], &w[2 * k + 1]);
    for (size_t k = octant; w && k < n; k++) {
        if (k <= n / 4) {                                         /* reflect at pi / 4 */
            w[2 * k] = -w[2 * (n / 4 - k) + 1];
            w[2 * k + 1] = -w[2 * (n / 4 - k)];
        } else {                                                  /* turn by -pi / 2 */
            w[2 * k] = w[2 * (k - n / 4) + 1];
            w[2 * k + 1] = -w[2 * (k - n / 4)];
        }
    }
    return w;
}

/* The circle in two tables, so that a long one takes n / FINE + FINE sines and no memory to speak of; points are
 * products, an ulp or two off where n is above FINE. */
#define FINE 4096

bool num_roots_open(sori_ctx *c, num_roots *r, size_t n) {
    *r = (num_roots){ base_alloc_raw(c, n / FINE + 1, 2 * sizeof(double)),
                      base_alloc_raw(c, FINE, 2 * sizeof(double)) };
    if (!r->coarse || !r->fine) return false;
    for (size_t i = 0; i <= (n - 1) / FINE; i++) root(i * FINE, n, &r->coarse[2 * i], &r->coarse[2 * i + 1]);
    for (size_t i = 0; i < BASE_MIN(n, FINE); i++) root(i, n, &r->fine[2 * i], &r->fine[2 * i + 1]);
    return true;
}

void num_roots_close(sori_ctx *c, num_roots *r) {
    base_free(c, r->coarse);
    base_free(c, r->fine);
}

void num_root(const num_roots *r, size_t k, double *re, double *im) {
    const double *a = r->coarse + 2 * (k / FINE), *b = r->fine + 2 * (k % FINE);
    *re = a[0] * b[0] - a[1] * b[1];
    *im = a[0] * b[1] + a[1] * b[0];
}

static void put(const num_kernels *k, void *table, size_t i, double re, double im) {
    if (k->real_size == sizeof(double)) {
        ((double *)table)[2 * i] = re;
        ((double *)table)[2 * i + 1] = im;
    } else {
        ((float *)table)[2 * i] = (float)re;
        ((float *)table)[2 * i + 1] = (float)im;
    }
}

static void put_root(const num_kernels *k, void *table, size_t i, const double *w, size_t at) {
    put(k, table, i, w[2 * at], w[2 * at + 1]);
}

static void *new_table(sori_ctx *c, const num_kernels *k, size_t n) { return base_alloc_raw(c, n, 2 * k->real_size); }

/* --- factors ------------------------------------------------------------------------------------------------ */

static size_t small_factor(size_t n) {
    static const size_t known[] = { 3, 5, 7, 11, 13, 17, 19, 23, 29, 31 };
    for (size_t i = 0; i < BASE_COUNT(known); i++)
        if (n % known[i] == 0) return known[i];
    return 0;
}

/* The radices of n in the order of the passes; 0 if n has a prime factor that is too large. Powers of two become
 * eights, and one or two fours, or a two where nothing else is left; fours go first and last, where they cost least. */
static int factorize(size_t n, size_t *radix) {
    int count = 0, twos = 0;
    for (; n % 2 == 0; n /= 2) twos++;
    int fours = twos % 3 == 1 && twos > 1 ? 2 : twos % 3 == 2, eights = (twos - 2 * fours) / 3;
    if (fours) radix[count++] = 4;
    for (int i = 0; i < eights; i++) radix[count++] = 8;
    if (fours == 2) radix[count++] = 4;
    if (twos == 1) radix[count++] = 2;
    for (size_t f; n > 1; n /= f) {
        f = small_factor(n);
        if (!f) return 0;
        radix[count++] = f;
    }
    return count;
}

/* Twiddles of all passes are every so many-th point of one circle. */
static bool make_pass(sori_ctx *c, num_fft *f, num_pass *p, const double *w) {
    size_t n = f->rows, step = n / p->length;
    p->roots = new_table(c, f->k, p->radix);
    p->twiddle = new_table(c, f->k, p->sub * (p->radix - 1));
    if (!p->roots || !p->twiddle) return false;
    for (size_t q = 0; q < p->radix; q++) put_root(f->k, p->roots, q, w, q * (n / p->radix));
    for (size_t j = 0, i = 0; j < p->sub; j++)
        for (size_t q = 1; q < p->radix; q++, i++) put_root(f->k, p->twiddle, i, w, j * q * step);
    return true;
}

static bool make_passes(sori_ctx *c, num_fft *f, const size_t *radix, const double *w) {
    size_t length = f->rows;
    for (int i = 0; i < f->passes; i++) {
        num_pass *p = &f->pass[i];
        *p = (num_pass){ .radix = radix[i], .length = length, .sub = length / radix[i] };
        length = p->sub;
        if (!make_pass(c, f, p, w)) return false;
    }
    return true;
}

/* Frequency k = q0 + r0 (q1 + r1 (q2 + ...)) ends in group q0 of the first pass, group q1 within it, and so on. */
static void make_order(num_fft *f) {
    for (size_t k = 0; k < f->rows; k++) {
        size_t rest = k, row = 0;
        for (int i = 0; i < f->passes; i++) {
            row += rest % f->pass[i].radix * f->pass[i].sub;
            rest /= f->pass[i].radix;
        }
        f->row_of[k] = (uint32_t)(f->passes ? row : k);
    }
}

/* What a plan is made for: the tables of the other are left out. */
typedef enum use { BLOCKS = 1, ONE = 2 } use;
static num_fft *new_plan(sori_ctx *c, const num_kernels *k, size_t n, bool real, use uses);

/* --- Bluestein ---------------------------------------------------------------------------------------------- */

/* c[j] = exp(-pi i j^2 / n): the square modulo 2n as an index of the circle of 2n points. */
static void chirp_at(size_t j, size_t n, double *re, double *im) {
    root((size_t)((unsigned __int128)j * j % (2 * n)), 2 * n, re, im);
}

/* The transform of conj(c[|j|]), wrapped around, over its number of points; computed in double whatever the plan. */
static bool make_chirp_spectrum(sori_ctx *c, num_fft *f) {
    size_t m = f->inner->rows;
    num_fft *exact = new_plan(c, num_kernels_find("portable", true), m, false, ONE);
    double *b = base_alloc(c, 2 * m, sizeof *b);
    void *work = exact ? base_alloc_raw(c, num_fft_single_work(exact), 1) : NULL;
    for (size_t j = 0; b && j < f->rows; j++) {
        double re, im;
        chirp_at(j, f->rows, &re, &im);
        size_t at[2] = { j, (m - j) % m };
        for (int i = 0; i < 2; i++) {
            b[2 * at[i]] = re / (double)m;
            b[2 * at[i] + 1] = -im / (double)m;
        }
    }
    bool ok = b && work;
    if (ok) num_fft_one(exact, false, b, b, work);
    for (size_t k = 0; ok && k < m; k++) put(f->k, f->chirp_spectrum, k, b[2 * k], b[2 * k + 1]);
    base_free(c, work);
    base_free(c, b);
    num_fft_free(c, exact);
    return ok;
}

/* uses: of the inner plan. */
static bool make_bluestein(sori_ctx *c, num_fft *f, use uses) {
    size_t m = 1;
    while (m < 2 * f->rows - 1) m *= 2;
    f->inner = new_plan(c, f->k, m, false, uses);
    f->chirp = base_alloc(c, f->rows + NUM_LANES, 2 * f->k->real_size);
    f->chirp_spectrum = new_table(c, f->k, m);
    if (!f->inner || !f->chirp || !f->chirp_spectrum) return false;
    f->work = 2 * m;
    for (size_t j = 0; j < f->rows; j++) {
        double re, im;
        chirp_at(j, f->rows, &re, &im);
        put(f->k, f->chirp, j, re, im);
    }
    return make_chirp_spectrum(c, f);
}

/* --- the plan ----------------------------------------------------------------------------------------------- */

static bool make_unpack(sori_ctx *c, num_fft *f, const num_roots *roots) {
    size_t count = f->n / 4 + NUM_LANES;
    f->unpack = new_table(c, f->k, count);
    for (size_t k = 0; f->unpack && k < count; k++) {
        double re, im;
        num_root(roots, k % f->n, &re, &im);
        put(f->k, f->unpack, k, re, im);
    }
    return f->unpack != NULL;
}

/* The circle of the rows: every second point of the packed transform's. */
static void thin_out(double *w, size_t rows) {
    for (size_t k = 0; k < rows; k++) {
        w[2 * k] = w[4 * k];
        w[2 * k + 1] = w[4 * k + 1];
    }
}

static bool make_block(sori_ctx *c, num_fft *f, use inner) {
    size_t radix[NUM_MAX_PASSES];
    double *w = circle(c, f->n);
    f->row_of = base_alloc_raw(c, f->rows, sizeof *f->row_of);
    if (w && f->packed) thin_out(w, f->rows);
    f->passes = factorize(f->rows, radix);
    bool ok = w && f->row_of
           && (f->passes || f->rows == 1 ? make_passes(c, f, radix, w) : make_bluestein(c, f, inner));
    base_free(c, w);
    if (ok) make_order(f);
    return ok;
}

static bool make(sori_ctx *c, num_fft *f, use uses) {
    bool columns = (uses & ONE) && num_single_columns(f->rows), alone = columns && !(uses & BLOCKS);
    num_roots roots;
    bool ok = num_roots_open(c, &roots, f->n) && (!f->packed || make_unpack(c, f, &roots));
    if (ok && !alone) ok = make_block(c, f, columns ? BLOCKS : uses);
    if (ok && columns) ok = num_single_make(c, f, &roots);
    num_roots_close(c, &roots);
    return ok;
}

static num_fft *new_plan(sori_ctx *c, const num_kernels *k, size_t n, bool real, use uses) {
    if (base_failed(c)) return NULL;
    if (n < 1 || n > (size_t)1 << 30) {
        sori_fail(c, SORI_EINVAL, "fft: length %zu is outside 1 to 2^30", n);
        return NULL;
    }
    num_fft *f = base_alloc(c, 1, sizeof *f);
    if (!f) return NULL;
    f->k = k;
    f->n = n;
    f->real = real;
    f->packed = real && n % 2 == 0;
    f->rows = f->work = f->packed ? n / 2 : n;
    if (make(c, f, uses)) return f;
    num_fft_free(c, f);
    return NULL;
}

num_fft *num_fft_new(sori_ctx *c, const num_kernels *k, size_t n, bool real) {
    return new_plan(c, k, n, real, BLOCKS | ONE);
}

size_t num_fft_length(size_t n, size_t unit) {
    for (size_t m = n > unit ? (n + unit - 1) / unit : 1;; m++) {
        size_t rest = m;
        while (rest % 2 == 0) rest /= 2;
        while (rest % 3 == 0) rest /= 3;
        while (rest % 5 == 0) rest /= 5;
        if (rest == 1) return m * unit;
    }
}

num_fft *num_fft_new_one(sori_ctx *c, const num_kernels *k, size_t n, bool real) {
    return new_plan(c, k, n, real, ONE);
}

num_fft *num_fft_new_block(sori_ctx *c, const num_kernels *k, size_t n) { return new_plan(c, k, n, false, BLOCKS); }

void num_fft_free(sori_ctx *c, num_fft *f) {
    if (!f) return;
    for (int i = 0; i < f->passes; i++) {
        base_free(c, f->pass[i].twiddle);
        base_free(c, f->pass[i].roots);
    }
    num_single_free(c, f);
    num_fft_free(c, f->inner);
    base_free(c, f->chirp);
    base_free(c, f->chirp_spectrum);
    base_free(c, f->unpack);
    base_free(c, f->row_of);
    base_free(c, f);
}

double num_fft_window_scale(const num_fft *f) { return f->packed ? 0.5 : 1; }
