/* median.c - a value by its rank, without sorting the others. Hoare, "Algorithm 65: find", Comm. ACM 4, 1961. */
#include "feat/feat.h"
#include <math.h>

double feat_select(double *x, size_t n, size_t k) {
    size_t lo = 0, hi = n - 1;
    while (lo < hi) {
        double pivot = x[lo + (hi - lo) / 2];
        size_t i = lo, j = hi;
        for (;; i++, j--) {
            while (x[i] < pivot) i++;
            while (x[j] > pivot) j--;
            if (i >= j) break;
            double swap = x[i];
            x[i] = x[j], x[j] = swap;
        }
        if (k <= j) hi = j;
        else lo = j + 1;
    }
    return x[k];
}

double feat_median(double *x, size_t n) {
    double above = feat_select(x, n, n / 2), below = x[0];
    if (n % 2) return above;
    for (size_t i = 1; i < n / 2; i++) below = fmax(below, x[i]);
    return (below + above) / 2;
}
