/* num/num.h - transforms on raw pointers: windows, DCT, FFT of every length, and the kernels behind the features.
 *
 * Nothing here knows arrays, files or sound. What cannot fail returns void and trusts its arguments; what allocates
 * takes the context and returns NULL with the error recorded. */
#ifndef NUM_NUM_H
#define NUM_NUM_H

#include "base/base.h"

/* --- windows ------------------------------------------------------------------------------------------------ */

/* scipy.signal.get_window: n samples of the named window into out; periodic (fftbins=True) unless symmetric.
 *   name  "hann", "hamming", ...; parameters in parentheses: "kaiser(8.6)", "general_hamming(0.54)"
 *   ->    false, with one clear sentence in why, for an unknown name or a parameter missing or out of range */
bool num_window(const char *name, size_t n, bool symmetric, double *out, char *why, size_t why_size);

/* --- discrete cosine transforms ----------------------------------------------------------------------------- */

/* The first `rows` rows of the n x n matrix of scipy.fft.dct (or idct) of type 1, 2 or 3: m [rows][n], y = m x.
 * ortho is norm='ortho'; type 1 needs n >= 2.   cost O(rows * n) cosines */
void num_dct_matrix(int type, bool inverse, bool ortho, size_t n, size_t rows, double *m);

/* scipy.fft.dct (idct) of n values, in double.   cost O(n^2) cosines; for single vectors */
void num_dct(int type, bool inverse, bool ortho, size_t n, const double *in, double *out);

/* --- kernels: the same source compiled per instruction set, chosen at run time ------------------------------ */

#define NUM_LANES 16                         /* frames side by side in a block: one AVX-512 register of floats */
typedef struct num_kernels num_kernels;      /* num/kernel/kernel.h */

/* The kernels of isa "portable", "avx2" or "avx512", in double if exact; NULL if this machine has not that set.
 * isa NULL: the fastest it has. */
const num_kernels *num_kernels_find(const char *isa, bool exact);

/* --- FFT of every length ------------------------------------------------------------------------------------ */

typedef struct num_fft num_fft;

/* A transform of n >= 1 points, on real samples or complex values, in the precision of k. Read-only once made: any
 * number of threads may use it, each with work space of its own.
 *   cost O(n) sines and table entries; lengths with a prime factor above 31 cost 4 to 8 times as much to run */
num_fft *num_fft_new(sori_ctx *c, const num_kernels *k, size_t n, bool real);
void num_fft_free(sori_ctx *c, num_fft *fft);

/* Bytes of 64-byte aligned work space that num_fft_one and the kernels' fft_* need. */
size_t num_fft_work(const num_fft *fft);

/* One complex transform [n] of pairs re, im, forward (exp(-i)) or inverse (not divided by n), in the plan's precision.
 * in may be out.   cost: as a block of 16 */
void num_fft_one(const num_fft *fft, bool inverse, const void *in, void *out, void *work);

/* One real transform x [n] <-> half spectrum [n / 2 + 1] of pairs; the inverse is not divided by n. */
void num_fft_real(const num_fft *fft, const void *x, void *spectrum, void *work);
void num_fft_real_inverse(const num_fft *fft, const void *spectrum, void *x, void *work);

#endif
