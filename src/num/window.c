/* window.c - the windows of scipy.signal.get_window, by name.
 *
 * Every window is a symmetric one of m samples. A periodic window of n samples, the one for spectral analysis, is the
 * symmetric window of n + 1 with the last sample left off, so m = n + 1 or n. Most windows are a formula for sample i
 * of m; the few that are not (Chebyshev, Slepian, Kaiser-Bessel derived) fill the row themselves, in place: no window
 * needs memory. To add one, write its formula and its line in the table. One sample is 1, whatever the window.
 *
 * Formulas as in SciPy 1.17, scipy/signal/windows; Harris, "On the use of windows for harmonic analysis with the
 * discrete Fourier transform", Proc. IEEE 66 (1978). */
#include "num/num.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PI 3.14159265358979323846
#define MAX_PARAMS 16

/* What the name said: "kaiser(8.6)". A parameter written "none" is NaN. */
typedef struct params {
    double v[MAX_PARAMS];
    int n;
} params;

/* Position of sample i in -1 .. 1. */
static double centred(size_t i, size_t m) { return (2.0 * (double)i - (double)(m - 1)) / (double)(m - 1); }

/* The k-th parameter, or what SciPy takes when it is missing. */
static double param(const params *p, int k, double otherwise) { return k < p->n ? p->v[k] : otherwise; }

/* --- sums of cosines: a0 + a1 cos x + a2 cos 2x ..., x = -pi .. pi ---------------------------------------------- */

static double cosines(size_t i, size_t m, const double *a, int n) {
    double x = i == m - 1 ? PI : (double)i * (2 * PI / (double)(m - 1)) - PI, w = 0;
    for (int k = 0; k < n; k++) w += a[k] * cos(k * x);
    return w;
}

static double general_cosine(size_t i, size_t m, const params *p) { return cosines(i, m, p->v, p->n); }

static double general_hamming(size_t i, size_t m, const params *p) {
    return cosines(i, m, (double[]){ p->v[0], 1 - p->v[0] }, 2);
}

static double hann(size_t i, size_t m, const params *p) {
    (void)p;
    return cosines(i, m, (const double[]){ 0.5, 0.5 }, 2);
}

static double hamming(size_t i, size_t m, const params *p) {
    (void)p;
    return cosines(i, m, (const double[]){ 0.54, 1 - 0.54 }, 2);
}

static double blackman(size_t i, size_t m, const params *p) {
    (void)p;
    return cosines(i, m, (const double[]){ 0.42, 0.50, 0.08 }, 3);
}

/* Nuttall, "Some windows with very good sidelobe behavior", IEEE Trans. ASSP 29 (1981). */
static double nuttall(size_t i, size_t m, const params *p) {
    (void)p;
    return cosines(i, m, (const double[]){ 0.3635819, 0.4891775, 0.1365995, 0.0106411 }, 4);
}

static double blackmanharris(size_t i, size_t m, const params *p) {
    (void)p;
    return cosines(i, m, (const double[]){ 0.35875, 0.48829, 0.14128, 0.01168 }, 4);
}

/* D'Antona and Ferrero, "Digital Signal Processing for Measurement Systems", 2006. */
static double flattop(size_t i, size_t m, const params *p) {
    (void)p;
    return cosines(i, m, (const double[]){ 0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368 }, 5);
}

/* --- polygons, arcs and bells ----------------------------------------------------------------------------------- */

static double boxcar(size_t i, size_t m, const params *p) {
    (void)i, (void)m, (void)p;
    return 1;
}

/* Rises from above zero: no sample is wasted at the ends, unlike bartlett. */
static double triangle(size_t i, size_t m, const params *p) {
    (void)p;
    double k = (double)(BASE_MIN(i, m - 1 - i) + 1);
    return m % 2 ? 2 * k / ((double)m + 1) : (2 * k - 1) / (double)m;
}

static double bartlett(size_t i, size_t m, const params *p) {
    (void)p;
    double r = 2.0 * (double)i / (double)(m - 1);
    return 2 * i <= m - 1 ? r : 2 - r;
}

static double barthann(size_t i, size_t m, const params *p) {
    (void)p;
    double r = fabs((double)i / (double)(m - 1) - 0.5);
    return 0.62 - 0.48 * r + 0.38 * cos(2 * PI * r);
}

static double bohman(size_t i, size_t m, const params *p) {
    (void)p;
    double r = fabs(centred(i, m));
    return i == 0 || i == m - 1 ? 0 : (1 - r) * cos(PI * r) + sin(PI * r) / PI;
}

static double parzen(size_t i, size_t m, const params *p) {
    (void)p;
    double d = fabs((double)i - (double)(m - 1) / 2), r = d / ((double)m / 2);
    return d <= (double)(m - 1) / 4 ? 1 - 6 * r * r + 6 * r * r * r : 2 * (1 - r) * (1 - r) * (1 - r);
}

static double cosine(size_t i, size_t m, const params *p) {
    (void)p;
    return sin(PI / (double)m * ((double)i + 0.5));
}

/* sin(pi x) / (pi x) over its main lobe. */
static double lanczos(size_t i, size_t m, const params *p) {
    (void)p;
    double x = PI * fabs(centred(i, m));
    return x == 0 ? 1 : sin(x) / x;
}

/* A flat top with cosine flanks that take the share alpha of the length (default 0.5). */
static double tukey(size_t i, size_t m, const params *p) {
    double alpha = param(p, 0, 0.5), edge = (double)BASE_MIN(i, m - 1 - i), last = (double)(m - 1);
    if (alpha <= 0) return 1;
    if (alpha >= 1) return hann(i, m, p);
    if (edge > floor(alpha * last / 2)) return 1;
    return 0.5 * (1 + cos(PI * (-1 + 2 * edge / alpha / last)));
}

static double gaussian(size_t i, size_t m, const params *p) {
    double d = (double)i - (double)(m - 1) / 2;
    return exp(-d * d / (2 * p->v[0] * p->v[0]));
}

static double general_gaussian(size_t i, size_t m, const params *p) {
    double d = (double)i - (double)(m - 1) / 2;
    return exp(-0.5 * pow(fabs(d / p->v[1]), 2 * p->v[0]));
}

/* exp(-|i - centre| / tau); the centre, allowed in periodic windows only, is the middle by default. */
static double exponential(size_t i, size_t m, const params *p) {
    double centre = param(p, 0, NAN), tau = param(p, 1, 1);
    if (isnan(centre)) centre = (double)(m - 1) / 2;
    return exp(-fabs((double)i - centre) / tau);
}

/* The modified Bessel function I0 by its power series, whose terms are all positive: no cancellation. */
double num_bessel_i0(double x) {
    double q = x * x / 4, term = 1, sum = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
        term *= q / ((double)k * k);
        sum += term;
    }
    return sum;
}

static double kaiser(size_t i, size_t m, const params *p) {
    double half = (double)(m - 1) / 2, r = ((double)i - half) / half;
    return num_bessel_i0(p->v[0] * sqrt(fmax(0, 1 - r * r))) / num_bessel_i0(p->v[0]);
}

/* Taylor, "Design of line-source antennas for narrow beamwidth and low side lobes", IRE Trans. 3 (1955): coefficient
 * number k of nbar - 1, for side lobes sll dB down. */
static double taylor_coefficient(int k, int nbar, double sll) {
    double a = acosh(pow(10, sll / 20)) / PI, a2 = a * a;
    double s2 = nbar * nbar / (a2 + (nbar - 0.5) * (nbar - 0.5)), over = k % 2 ? 1 : -1, under = 2;
    for (int j = 1; j < nbar; j++) {
        over *= 1 - k * k / s2 / (a2 + (j - 0.5) * (j - 0.5));
        if (j != k) under *= 1 - (double)(k * k) / (j * j);
    }
    return over / under;
}

static double taylor(size_t i, size_t m, const params *p) {
    int nbar = (int)param(p, 0, 4);
    double x = 2 * PI * ((double)i - (double)m / 2 + 0.5) / (double)m, w = 1, middle = 1;
    for (int k = 1; k < nbar; k++) {
        double f = 2 * taylor_coefficient(k, nbar, param(p, 1, 30));
        w += f * cos(k * x);
        middle += f;
    }
    return param(p, 2, 1) != 0 ? w / middle : w;
}

/* --- windows that fill themselves: the first n of m samples, n = m or m - 1 ------------------------------------- */

/* Kaiser-Bessel derived: running sums of a Kaiser window of m/2 + 1. Princen-Bradley: w[i]^2 + w[i + m/2]^2 = 1. */
static void kaiser_bessel_derived(double *w, size_t n, size_t m, const params *p) {
    size_t half = m / 2;
    double sum = 0;
    for (size_t i = 0; i < half; i++) w[i] = sum += kaiser(i, half + 1, p);
    sum += kaiser(half, half + 1, p);
    for (size_t i = 0; i < half; i++) w[i] = sqrt(w[i] / sum);
    for (size_t i = half; i < n; i++) w[i] = w[m - 1 - i];
}

/* Sample k of the Dolph-Chebyshev window's transform: the Chebyshev polynomial T of degree m - 1 at beta cos(pi k/m),
 * beta chosen so that side lobes are `at` dB down. k <= m/2, so the argument is never negative. */
static double chebyshev(size_t k, size_t m, double at) {
    double order = (double)(m - 1), beta = cosh(acosh(pow(10, fabs(at) / 20)) / order);
    double x = beta * cos(PI * (double)k / (double)m);
    return x > 1 ? cosh(order * acosh(x)) : cos(order * acos(x));
}

/* The inverse transform as a sum of cosines, O(m^2). The spectrum is (anti)symmetric for odd (even) m, so its first
 * half waits in the left half of w while the right half is made; then the left half mirrors it. `last` is what does
 * not fit: the outermost sample of a periodic window, which only its mirror image shows. */
static void chebwin(double *w, size_t n, size_t m, const params *p) {
    size_t half = m / 2;              /* spectrum samples in w; odd m has one more, in the middle */
    double middle = m % 2 ? chebyshev(half, m, p->v[0]) : 0, last = 0, largest = 0;
    for (size_t k = 0; k < half; k++) w[k] = chebyshev(k, m, p->v[0]);
    for (size_t i = half; i < m; i++) {
        size_t turn = m % 2 ? 2 * (i - half) : 2 * (i - half) + 1;   /* cos(pi k turn / m) */
        double sum = w[0];
        for (size_t k = 1; k < half; k++) sum += 2 * w[k] * cos(PI * (double)(k * turn % (2 * m)) / (double)m);
        if (half > 0 && m % 2) sum += 2 * middle * cos(PI * (double)(half * turn % (2 * m)) / (double)m);
        largest = fmax(largest, sum);
        if (i < n) w[i] = sum;
        last = sum;
    }
    for (size_t i = half; i < n; i++) w[i] /= largest;
    w[0] = last / largest;
    for (size_t i = 1; i < half; i++) w[i] = w[m - 1 - i];
}

/* The tridiagonal matrix whose top eigenvector is the Slepian window (Percival and Walden 1993, section 8.3). */
static double slepian_diagonal(size_t i, size_t m, double nw) {
    double d = ((double)m - 1 - 2 * (double)i) / 2;
    return d * d * cos(2 * PI * nw / (double)m);
}
static double slepian_beside(size_t i, size_t m) { return (double)i * (double)(m - i) / 2; }   /* rows i - 1 and i */

/* True if an eigenvalue is above x: then a pivot of x - B is not positive (Sylvester's law of inertia). */
static bool slepian_above(double x, size_t m, double nw) {
    double pivot = 1;
    for (size_t i = 0; i < m; i++) {
        double e = i ? slepian_beside(i, m) : 0;
        pivot = x - slepian_diagonal(i, m, nw) - e * e / pivot;
        if (pivot <= 0) return true;
    }
    return false;
}

/* The first discrete prolate spheroidal sequence: the largest eigenvalue by bisection, then its vector row by row
 * from the left end to the middle, the direction in which it grows and errors do not; the right half mirrors it. */
static void dpss(double *w, size_t n, size_t m, const params *p) {
    double nw = p->v[0], lo = 0, hi = (double)m * (double)m;
    for (double x = hi / 2; x > lo && x < hi; x = (lo + hi) / 2)
        if (slepian_above(x, m, nw)) lo = x;
        else hi = x;
    size_t middle = (m - 1) / 2;
    w[0] = 1e-300;                    /* the ends are tiny beside the middle, never the other way round */
    for (size_t i = 0; i < middle; i++) {
        double before = i ? slepian_beside(i, m) * w[i - 1] : 0;
        w[i + 1] = ((lo - slepian_diagonal(i, m, nw)) * w[i] - before) / slepian_beside(i + 1, m);
    }
    /* Even m: no sample hits the maximum; SciPy's norm='approximate' corrects for it. */
    double mm = (double)m * (double)m, scale = (m % 2 ? 1 : mm / (mm + nw)) / w[middle];
    for (size_t i = 0; i <= middle; i++) w[i] *= scale;
    for (size_t i = middle + 1; i < n; i++) w[i] = w[m - 1 - i];
}

/* --- the table -------------------------------------------------------------------------------------------------- */

typedef struct window {
    const char *names[5];          /* the first is the one in messages */
    int min_params, max_params;
    double (*at)(size_t i, size_t m, const params *p);
    void (*fill)(double *w, size_t n, size_t m, const params *p);
} window;

static const window windows[] = {
    { { "hann", "han" }, 0, 0, hann, NULL },
    { { "hamming", "hamm", "ham" }, 0, 0, hamming, NULL },
    { { "blackman", "black", "blk" }, 0, 0, blackman, NULL },
    { { "blackmanharris", "blackharr", "bkh" }, 0, 0, blackmanharris, NULL },
    { { "nuttall", "nutl", "nut" }, 0, 0, nuttall, NULL },
    { { "flattop", "flat", "flt" }, 0, 0, flattop, NULL },
    { { "general_cosine", "general cosine" }, 1, MAX_PARAMS, general_cosine, NULL },
    { { "general_hamming", "general hamming" }, 1, 1, general_hamming, NULL },
    { { "boxcar", "box", "ones", "rect", "rectangular" }, 0, 0, boxcar, NULL },
    { { "triangle", "triang", "tri" }, 0, 0, triangle, NULL },
    { { "bartlett", "bart", "brt" }, 0, 0, bartlett, NULL },
    { { "barthann", "brthan", "bth" }, 0, 0, barthann, NULL },
    { { "bohman", "bman", "bmn" }, 0, 0, bohman, NULL },
    { { "parzen", "parz", "par" }, 0, 0, parzen, NULL },
    { { "cosine", "halfcosine" }, 0, 0, cosine, NULL },
    { { "lanczos", "sinc" }, 0, 0, lanczos, NULL },
    { { "tukey", "tuk" }, 0, 1, tukey, NULL },
    { { "gaussian", "gauss", "gss" }, 1, 1, gaussian, NULL },
    { { "general_gaussian", "general gaussian", "general_gauss", "general gauss", "ggs" }, 2, 2,
      general_gaussian, NULL },
    { { "exponential", "poisson" }, 0, 2, exponential, NULL },
    { { "kaiser", "ksr" }, 1, 1, kaiser, NULL },
    { { "taylor", "taylorwin" }, 0, 3, taylor, NULL },
    { { "kaiser_bessel_derived", "kaiser bessel derived", "kbd" }, 1, 1, NULL, kaiser_bessel_derived },
    { { "chebwin", "cheb" }, 1, 1, NULL, chebwin },
    { { "dpss" }, 1, 1, NULL, dpss },
};

static const window *find(const char *name) {
    for (size_t i = 0; i < BASE_COUNT(windows); i++)
        for (int k = 0; k < 5 && windows[i].names[k]; k++)
            if (strcmp(windows[i].names[k], name) == 0) return &windows[i];
    return NULL;
}

/* --- reading the name ------------------------------------------------------------------------------------------- */

/* One parameter of length n: a number, "none", "true" or "false". */
static bool read_param(const char *s, size_t n, double *out) {
    char text[64];
    while (n && isspace((unsigned char)*s)) s++, n--;
    while (n && isspace((unsigned char)s[n - 1])) n--;
    if (n == 0 || n >= sizeof text) return false;
    for (size_t i = 0; i < n; i++) text[i] = (char)tolower((unsigned char)s[i]);
    text[n] = 0;
    if (strcmp(text, "none") == 0) *out = NAN;
    else if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) *out = text[0] == 't';
    else return base_parse_double(text, out) && isfinite(*out);
    return true;
}

/* "name(1, 2)" into name and p. */
static bool read_name(const char *s, char *name, size_t size, params *p) {
    size_t n = strcspn(s, "(");
    if (n >= size) return false;
    memcpy(name, s, n);
    name[n] = 0;
    p->n = 0;
    if (!s[n]) return true;
    for (s += n; *s != ')';) {
        size_t length = strcspn(++s, ",)");
        if (p->n == MAX_PARAMS || !s[length] || !read_param(s, length, &p->v[p->n++])) return false;
        s += length;
    }
    return s[1] == 0;
}

/* The endings _symmetric and _periodic override the argument. */
static void read_ending(char *name, bool *symmetric) {
    static const char *const endings[] = { "_periodic", "_symmetric" };
    size_t n = strlen(name);
    for (int i = 0; i < 2; i++) {
        size_t k = strlen(endings[i]);
        if (n <= k || strcmp(name + n - k, endings[i]) != 0) continue;
        name[n - k] = 0;
        *symmetric = i == 1;
    }
}

/* What is wrong with these parameters, or NULL. */
static const char *refuse(const window *w, const params *p, size_t n, bool symmetric) {
    size_t m = symmetric ? n : n + 1;
    if (w->at == taylor && p->n && !(p->v[0] >= 1 && p->v[0] <= 100 && p->v[0] == floor(p->v[0])))
        return "nbar must be a whole number from 1 to 100";
    if (w->at == exponential && symmetric && p->n && !isnan(p->v[0]))
        return "a symmetric one has its centre in the middle";
    if (w->fill == kaiser_bessel_derived && (!symmetric || n % 2))
        return "it is defined for symmetric windows of even length only";
    if (w->fill == dpss && n > 1 && !(p->v[0] > 0 && p->v[0] < (double)n / 2))
        return "NW must be above 0 and below n/2";
    if (w->fill == dpss && m > 94906265) return "it is too long";   /* m^2 must be exact in double */
    for (int i = 0; i < p->n; i++)
        if (isnan(p->v[i]) && w->at != exponential) return "a parameter is missing";
    return NULL;
}

static bool fail(char *why, size_t size, const char *name, const char *reason) {
    base_format(why, size, "window '%s': %s", name, reason);
    return false;
}

bool num_window(const char *text, size_t n, bool symmetric, double *out, char *why, size_t why_size) {
    char name[64];
    params p;
    double beta;
    if (base_parse_double(text, &beta)) {   /* SciPy: a number alone is a Kaiser window */
        base_format(name, sizeof name, "kaiser");
        p = (params){ { beta }, 1 };
    } else if (!read_name(text, name, sizeof name, &p))
        return fail(why, why_size, text, "cannot be read; write a name, or name(parameter, ...)");
    read_ending(name, &symmetric);
    const window *w = find(name);
    if (!w) return fail(why, why_size, text, "there is no window of this name");
    if (p.n < w->min_params || p.n > w->max_params)
        return fail(why, why_size, text,
                    w->max_params == 0 ? "takes no parameters" : "has too few or too many parameters");
    const char *reason = refuse(w, &p, n, symmetric);
    if (reason) return fail(why, why_size, text, reason);
    size_t m = symmetric ? n : n + 1;
    if (n == 1) out[0] = 1;
    else if (w->fill) w->fill(out, n, m, &p);
    else
        for (size_t i = 0; i < n; i++) out[i] = w->at(i, m, &p);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(out[i])) return fail(why, why_size, text, "these parameters do not give finite values");
    return true;
}
