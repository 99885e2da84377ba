/* ellip.c - elliptic band-pass filters, the narrowest a given order allows, as second-order sections.
 *
 * The analogue low pass has ripples of equal height in its pass band and in its stop band; its poles and zeros lie at
 * Jacobi's elliptic functions of evenly spaced arguments (Cauer; Orfanidis, "Lecture notes on elliptic filter design",
 * 2006). It becomes a band pass by s -> (s^2 + w^2) / (b s), and digital by the bilinear transform. Complete integrals
 * by the arithmetic-geometric mean, the incomplete one by Carlson's duplication, the functions by descending Landen
 * transformations (Abramowitz and Stegun 16.4, 17.6).   scipy.signal.ellipord, iirfilter, zpk2sos; librosa's filters */
#include "num/num.h"
#include <complex.h>
#include <float.h>
#include <math.h>

#define PI 3.14159265358979323846
#define MAX_ORDER NUM_ELLIP_SECTIONS

/* --- elliptic functions ----------------------------------------------------------------------------------------- */

/* K of parameter m, given 1 - m. */
static double complete(double complement) {
    double a = 1, b = sqrt(complement);
    while (fabs(a - b) > 1e-15 * a) {
        double mean = (a + b) / 2;
        b = sqrt(a * b);
        a = mean;
    }
    return PI / (a + b);
}

/* sn, cn, dn of u, parameter m in [0, 1]. */
static void jacobi(double u, double m, double *sn, double *cn, double *dn) {
    double a[16] = { 1 }, c[16] = { sqrt(m) }, b = sqrt(1 - m), scale = 1, phi;
    int n = 0;
    while (fabs(c[n] / a[n]) > DBL_EPSILON && n < 15) {
        a[n + 1] = (a[n] + b) / 2;
        c[n + 1] = (a[n] - b) / 2;
        b = sqrt(a[n] * b);
        scale *= 2;
        n++;
    }
    phi = scale * a[n] * u;
    for (; n > 0; n--) phi = (asin(c[n] * sin(phi) / a[n]) + phi) / 2;
    *sn = sin(phi);
    *cn = cos(phi);
    *dn = sqrt(1 - m * *sn * *sn);
}

/* Carlson's R_F(x, y, 1). */
static double carlson(double x, double y) {
    double z = 1;
    for (int i = 0; i < 60; i++) {
        double step = sqrt(x * y) + sqrt(y * z) + sqrt(z * x);
        x = (x + step) / 4;
        y = (y + step) / 4;
        z = (z + step) / 4;
    }
    return 1 / sqrt((x + y + z) / 3);
}

/* u with sc(u, 1 - m) = w: the integral up to atan w. */
static double inverse_sc(double w, double m) {
    double sine = w / sqrt(1 + w * w), cosine = 1 / sqrt(1 + w * w);
    return sine * carlson(cosine * cosine, cosine * cosine + m * sine * sine);
}

/* The parameter m of order n whose ratio K'/K is 1/n of that of m1: through the nome. */
static double degree(int n, double m1) {
    double q = exp(-PI * complete(m1) / complete(1 - m1) / n), up = 0, down = 1;
    for (int i = 0; i <= 7; i++) up += pow(q, i * (i + 1));
    for (int i = 1; i <= 8; i++) down += 2 * pow(q, i * i);
    double r = up / down;
    return 16 * q * r * r * r * r;
}

/* --- the analogue low pass ---------------------------------------------------------------------------------------- */

typedef struct poles {
    int n_zeros, n_poles;
    double complex zero[2 * MAX_ORDER], pole[2 * MAX_ORDER];
    double gain;
} poles;

static double ripple(double db) { return expm1(0.1 * db * log(10)); }   /* 10^(db/10) - 1 */

static void put_pair(double complex *list, int *n, double complex x) {
    list[(*n)++] = x;
    list[(*n)++] = conj(x);
}

static void low_pass(int order, double pass_db, double stop_db, poles *f) {
    double eps2 = ripple(pass_db), m1 = eps2 / ripple(stop_db), m = degree(order, m1), k = complete(1 - m);
    double v = k * inverse_sc(1 / sqrt(eps2), m1) / (order * complete(1 - m1)), sv, cv, dv;
    double complex gain = 1;
    jacobi(v, 1 - m, &sv, &cv, &dv);
    *f = (poles){ .n_zeros = 0 };
    for (int j = 1 - order % 2; j < order; j += 2) {
        double s, c, d;
        jacobi(j * k / order, m, &s, &c, &d);
        double complex p = -(c * d * sv * cv + I * s * dv) / (1 - (d * sv) * (d * sv));
        if (j == 0) f->pole[f->n_poles++] = creal(p);
        else put_pair(f->pole, &f->n_poles, p);
        if (j > 0) put_pair(f->zero, &f->n_zeros, I / (sqrt(m) * s));
    }
    for (int i = 0; i < f->n_poles; i++) gain *= -f->pole[i];
    for (int i = 0; i < f->n_zeros; i++) gain /= -f->zero[i];
    f->gain = creal(gain) / (order % 2 ? 1 : sqrt(1 + eps2));
}

/* --- band pass, digital ------------------------------------------------------------------------------------------- */

static int spread_roots(double complex *x, int n, double centre, double width) {
    for (int i = 0; i < n; i++) {
        double complex low = x[i] * width / 2, root = csqrt(low * low - centre * centre);
        x[i] = low + root;
        x[n + i] = low - root;
    }
    return 2 * n;
}

/* Edges in warped rad/s of rate 2. */
static void band_pass(poles *f, double low, double high) {
    int missing = f->n_poles - f->n_zeros;
    double centre = sqrt(low * high), width = high - low;
    f->n_zeros = spread_roots(f->zero, f->n_zeros, centre, width);
    f->n_poles = spread_roots(f->pole, f->n_poles, centre, width);
    for (int i = 0; i < missing; i++) f->zero[f->n_zeros++] = 0;
    f->gain *= pow(width, missing);
}

static void bilinear(poles *f) {
    double complex gain = 1;
    for (int i = 0; i < f->n_zeros; i++) {
        gain *= 4 - f->zero[i];
        f->zero[i] = (4 + f->zero[i]) / (4 - f->zero[i]);
    }
    for (int i = 0; i < f->n_poles; i++) {
        gain /= 4 - f->pole[i];
        f->pole[i] = (4 + f->pole[i]) / (4 - f->pole[i]);
    }
    while (f->n_zeros < f->n_poles) f->zero[f->n_zeros++] = -1;
    f->gain *= creal(gain);
}

/* --- second-order sections: poles nearest the unit circle last, each pair with the zeros next to it --------------- */

/* Upper halves of conjugate pairs, and real numbers; returns how many. */
static int upper_half(double complex *x, int n) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
        bool real = fabs(cimag(x[i])) <= 100 * DBL_EPSILON * cabs(x[i]);
        if (real) x[kept++] = creal(x[i]);
        else if (cimag(x[i]) > 0) x[kept++] = x[i];
    }
    return kept;
}

static double complex take(double complex *x, int *n, int i) {
    double complex taken = x[i];
    for ((*n)--; i < *n; i++) x[i] = x[i + 1];
    return taken;
}

static int nearest_root(const double complex *x, int n, double complex to, bool real_only) {
    int best = -1;
    for (int i = 0; i < n; i++)
        if ((!real_only || cimag(x[i]) == 0) && (best < 0 || cabs(x[i] - to) < cabs(x[best] - to))) best = i;
    return best;
}

static int worst_pole(const double complex *p, int n) {
    int worst = 0;
    for (int i = 1; i < n; i++)
        if (fabs(1 - cabs(p[i])) < fabs(1 - cabs(p[worst]))) worst = i;
    return worst;
}

static int sections_of(poles *f, double sos[][6]) {
    int sections = f->n_poles / 2;
    f->n_zeros = upper_half(f->zero, f->n_zeros);
    f->n_poles = upper_half(f->pole, f->n_poles);
    for (int i = sections - 1; i >= 0; i--) {
        double complex p = take(f->pole, &f->n_poles, worst_pole(f->pole, f->n_poles));
        double complex z = take(f->zero, &f->n_zeros, nearest_root(f->zero, f->n_zeros, p, false)), other = conj(z);
        if (cimag(z) == 0) other = take(f->zero, &f->n_zeros, nearest_root(f->zero, f->n_zeros, p, true));
        double gain = i == 0 ? f->gain : 1;
        sos[i][0] = gain;
        sos[i][1] = -gain * creal(z + other);
        sos[i][2] = gain * creal(z * other);
        sos[i][3] = 1;
        sos[i][4] = -2 * creal(p);
        sos[i][5] = creal(p * conj(p));
    }
    return sections;
}

/* --- design ------------------------------------------------------------------------------------------------------- */

/* The least order that keeps both bands: edges as tangents. */
static int order_for(const double pass[2], const double stop[2], double pass_db, double stop_db) {
    double nat = INFINITY, m1 = ripple(pass_db) / ripple(stop_db);
    for (int i = 0; i < 2; i++)
        nat = fmin(nat, fabs((stop[i] * stop[i] - pass[0] * pass[1]) / (stop[i] * (pass[0] - pass[1]))));
    double m = 1 / (nat * nat);
    return (int)ceil(complete(1 - m) * complete(m1) / (complete(m) * complete(1 - m1)));
}

int num_ellip_bandpass(const double pass[2], const double stop[2], double pass_db, double stop_db, double sos[][6]) {
    double p[2], s[2];
    poles f;
    for (int i = 0; i < 2; i++) {
        p[i] = tan(PI * pass[i] / 2);
        s[i] = tan(PI * stop[i] / 2);
    }
    int order = order_for(p, s, pass_db, stop_db);
    if (order < 1 || order > MAX_ORDER) return 0;
    low_pass(order, pass_db, stop_db, &f);
    band_pass(&f, 4 * p[0], 4 * p[1]);
    bilinear(&f);
    return sections_of(&f, sos);
}
