/* num/num.h - transforms on raw pointers: windows, DCT, FFT of every length, and the kernels behind the features.
 *
 * Nothing here knows arrays, files or sound. What cannot fail returns void and trusts its arguments; what allocates
 * takes the context and returns NULL with the error recorded. */
#ifndef NUM_NUM_H
#define NUM_NUM_H

#include "base/base.h"

/* --- windows ------------------------------------------------------------------------------------------------- */

/* scipy.signal.get_window: n samples of the named window into out; periodic (fftbins=True) unless symmetric.
 *   name  "hann", "hamming", ...; parameters in parentheses: "kaiser(8.6)", "general_hamming(0.54)"
 *   ->    false, with one clear sentence in why, for an unknown name or a parameter missing or out of range */
bool num_window(const char *name, size_t n, bool symmetric, double *out, char *why, size_t why_size);

/* --- discrete cosine transforms ------------------------------------------------------------------------------ */

/* The first `rows` rows of the n x n matrix of scipy.fft.dct (or idct) of type 1, 2 or 3: m [rows][n], y = m x.
 * ortho is norm='ortho'.   cost O(n) cosines, then O(rows * n) copies */
void num_dct_matrix(int type, bool inverse, bool ortho, size_t n, size_t rows, double *m);

/* scipy.fft.dct (idct) of n values, in double.   cost O(n^2); for single vectors */
void num_dct(int type, bool inverse, bool ortho, size_t n, const double *in, double *out);

/* --- kernels: the same source compiled per instruction set, chosen at run time ------------------------------------ */

#define NUM_LANES 16                         /* frames side by side in a block: one AVX-512 register of floats */
typedef struct num_kernels num_kernels;      /* num/kernel/kernel.h */

#endif
