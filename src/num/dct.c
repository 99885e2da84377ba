/* dct.c - the discrete cosine transforms of scipy.fft, types 1, 2 and 3, by their definition.
 *
 * Features need a few coefficients of many short vectors (20 of 128), where a matrix that is built once beats any fast
 * algorithm; so there is no other. Every entry is scale(row, column) * cos(pi * a / b) with whole a and b, and a is
 * reduced before the cosine is taken: entries are right to the last bit or two at any size.
 *
 * Ahmed, Natarajan, Rao, "Discrete cosine transform", IEEE Trans. Computers 23 (1974); scipy.fft.dct, idct. */
#include "num/num.h"
#include <math.h>

#define PI 3.14159265358979323846

/* cos(pi a / b). */
static double turn(size_t a, size_t b) { return cos(PI * (double)(a % (2 * b)) / (double)b); }

/* An end of type 1's interval, where its basis counts half. */
static bool at_end(size_t i, size_t n) { return i == 0 || i == n - 1; }

/* Row k, column j of the plain transform (norm=None). */
static double plain(int type, size_t n, size_t k, size_t j) {
    if (type == 1) return (at_end(j, n) ? 1 : 2) * turn(k * j, n - 1);
    if (type == 2) return 2 * turn(k * (2 * j + 1), 2 * n);
    return j == 0 ? 1 : 2 * turn(j * (2 * k + 1), 2 * n);
}

/* The same scaled so that the matrix is orthogonal (norm='ortho'). */
static double orthonormal(int type, size_t n, size_t k, size_t j) {
    double half = sqrt(0.5), unit = sqrt(2.0 / (double)(type == 1 ? n - 1 : n));
    if (type == 1) return unit * turn(k * j, n - 1) * (at_end(j, n) ? half : 1) * (at_end(k, n) ? half : 1);
    if (type == 2) return unit * turn(k * (2 * j + 1), 2 * n) * (k == 0 ? half : 1);
    return unit * turn(j * (2 * k + 1), 2 * n) * (j == 0 ? half : 1);
}

/* Types 2 and 3 are each other's inverse, type 1 its own; without ortho up to the factor 2n, or 2(n - 1). */
static double entry(int type, bool inverse, bool ortho, size_t n, size_t k, size_t j) {
    int forward = inverse && type != 1 ? 5 - type : type;
    if (ortho) return orthonormal(forward, n, k, j);
    return plain(forward, n, k, j) / (inverse ? 2.0 * (double)(type == 1 ? n - 1 : n) : 1);
}

void num_dct_matrix(int type, bool inverse, bool ortho, size_t n, size_t rows, double *m) {
    for (size_t k = 0; k < rows; k++)
        for (size_t j = 0; j < n; j++) m[k * n + j] = entry(type, inverse, ortho, n, k, j);
}

void num_dct(int type, bool inverse, bool ortho, size_t n, const double *in, double *out) {
    for (size_t k = 0; k < n; k++) {
        out[k] = 0;
        for (size_t j = 0; j < n; j++) out[k] += entry(type, inverse, ortho, n, k, j) * in[j];
    }
}
