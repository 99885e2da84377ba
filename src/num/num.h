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

/* The modified Bessel function I0, of the Kaiser window. */
double num_bessel_i0(double x);

/* --- discrete cosine transforms ----------------------------------------------------------------------------- */

/* The first `rows` rows of the n x n matrix of scipy.fft.dct (or idct) of type 1, 2 or 3: m [rows][n], y = m x.
 * ortho is norm='ortho'; type 1 needs n >= 2.   cost O(rows * n) cosines */
void num_dct_matrix(int type, bool inverse, bool ortho, size_t n, size_t rows, double *m);

/* scipy.fft.dct (idct) of n values, in double.   cost O(n^2) cosines; for single vectors */
void num_dct(int type, bool inverse, bool ortho, size_t n, const double *in, double *out);

/* --- NumPy's old generator ------------------------------------------------------------------------------------ */

/* numpy.random.RandomState(seed), for what librosa draws with a seed. Everything else draws from base_rng. */
typedef struct num_mt {
    uint32_t state[624];
    int at;                /* words of state already given */
} num_mt;
void num_mt_seed(num_mt *r, uint32_t seed);
uint32_t num_mt_u32(num_mt *r);
double num_mt_uniform(num_mt *r);   /* [0, 1), 53 bits: RandomState.random_sample */
/* --- symmetric matrices ------------------------------------------------------------------------------------- */

/* Eigenvalues of a symmetric matrix a [n][n], largest first, and an orthonormal eigenvector in each row of vectors
 * [n][n]. a is overwritten; work [2 n].   cost about 9 n^3 */
void num_eigen(size_t n, double *a, double *values, double *vectors, double *work);

/* --- kernels: the same source compiled per instruction set, chosen at run time ---------------------------------
 * Every kernel works on a block of NUM_LANES = 16 signals side by side: sample i of all of them is one row of 16
 * values; one row of a complex transform is 16 real parts, then 16 imaginary parts. So each arithmetic step is a plain
 * vector operation on neighbouring signals, and nothing ever shuffles within a vector but transpose and store_complex,
 * the doors in and out of that layout. Lanes never mix. Data pointers are void: they hold float or, if exact, double,
 * unless said otherwise. */

#define NUM_LANES 16                 /* one AVX-512 register of floats */
#define NUM_ROW (2 * NUM_LANES)      /* values in a complex row */
#define NUM_FACTORS 4                /* vectors that project and expand take at once */
#define NUM_TALL 4                   /* rows, and components, that the nmf kernels take at once */
#define NUM_PANEL 64                 /* columns that they take at once */
#define NUM_POINTS 4                 /* columns that distances compares with all others at once */
#define NUM_GROUP 64                 /* frames of the neighbouring blocks that are stored at once: 4 blocks */

enum { NUM_EUCLIDEAN, NUM_KULLBACK_LEIBLER, NUM_ITAKURA_SAITO };   /* losses of a factorisation */
enum { NUM_SQUARES, NUM_SIZES, NUM_PRODUCTS };   /* what distances sums */

typedef struct num_fft num_fft;
typedef struct num_kernels num_kernels;

#define NUM_PCEN_FRAMES 64           /* what pcen takes at once */

/* out = (S / (eps + mean)^gain + bias)^power - bias^power; power 0: ln(1 + S / (eps + mean)^gain). */
typedef struct num_pcen {
    double b;                    /* the mean moves by this share of what is new */
    double gain, bias, power, eps;
    double scale;                /* bias^power */
} num_pcen;

/* The kernels of isa "portable", "avx2" or "avx512", in double if exact; NULL if this machine has not that set.
 * isa NULL: the fastest it has. */
const num_kernels *num_kernels_find(const char *isa, bool exact);

struct num_kernels {
    const char *name;            /* the instruction set */
    size_t real_size;            /* 4 or 8 */

    /* t[r * stride + m] = x[m * hop + r] for r < rows, m < columns. x is always float. */
    void (*transpose)(size_t rows, size_t columns, size_t hop, const float *x, size_t stride, void *t);

    /* Windowed frames to complex rows, and the passes. Sample i of the 16 frames is the 16 values t + offset[i],
     * of any alignment. work [fft->work] complex rows; the result is in the order row_of. */
    void (*fft_frames)(const num_fft *fft, const void *t, const uint32_t *offset, const void *window, void *work);

    /* The passes alone, in place. */
    void (*fft_rows)(const num_fft *fft, void *work);

    /* Half spectrum of a real transform: x [n / 2 + 1] complex rows, or power [n / 2 + 1] rows of |x|^2. The window
     * of a packed transform must carry a factor 1/2: see unpack in fft.inc. */
    void (*fft_spectrum)(const num_fft *fft, const void *work, void *x);
    void (*fft_power)(const num_fft *fft, const void *work, void *power);

    /* Half spectra to real signals, not divided by n: x [n / 2 + 1] complex rows -> y [n] rows. */
    void (*fft_inverse)(const num_fft *fft, const void *x, void *work, void *y);

    /* The way back from frames: the 16 values t + offset[i] += rows[i] * window[i], i < n. */
    void (*add_frames)(size_t n, const void *rows, const uint32_t *offset, const void *window, void *t);

    /* In place square root of n values (a multiple of 16). */
    void (*sqrt)(size_t n, void *values);

    /* out[f * stride + m] = sum over i < count[f] of weight[..] * rows[start[f] + i][m], m < lanes; the weights of
     * the bands lie one after the other. out is float. */
    void (*bank)(size_t bands, const uint32_t *start, const uint32_t *count, const void *weight, const void *rows,
                 size_t lanes, float *out, size_t stride);

    /* The same with a full matrix: out[r] = sum over j < columns of matrix[r][j] * rows[j]. */
    void (*matrix)(size_t n, size_t columns, const void *matrix, const void *rows, size_t lanes, float *out,
                   size_t stride);

    /* rows[r][m] = max(10 log10(max(amin, in[r * stride + m])), floor), m < lanes; the others are finite. in is float;
     * amin a normal number. */
    void (*decibel)(size_t n, const float *in, size_t stride, size_t lanes, double amin, double floor, void *rows);

    /* The means, lane by lane and in double, of the `share` smallest and of the `share` largest of n >= share rows, the
     * rows index[..]. list [2 * share] rows of scratch, smallest [16], largest [16].   cost O(n * share) */
    void (*extremes)(size_t n, const uint32_t *index, const void *rows, size_t share, void *list, double *smallest,
                     double *largest);

    /* Rows of several neighbouring blocks to their place: out[r * stride + m] = value m % 16 of row r of block m / 16,
     * m < frames <= NUM_GROUP; block b begins `block` values behind block b - 1. Complex rows as pairs re, im (and the
     * stride counts pairs). bypass writes past the caches: for results larger than those, which nobody reads soon. */
    void (*store)(size_t n, const void *rows, size_t block, size_t frames, float *out, size_t stride, bool bypass);
    void (*store_complex)(size_t n, const void *rows, size_t block, size_t frames, float *out, size_t stride,
                          bool bypass);

    /* The first `lanes` pairs of each row of in to complex rows of one block; zeros in the other lanes. */
    void (*load_complex)(size_t n, const float *in, size_t stride, size_t lanes, void *rows);

    /* --- exponentials (explog.inc) ------------------------------------------------------------------------------- */

    /* In place, n values: e^x, e^x - 1, ln x, ln(1 + x), x^exponent (x >= 0). Within 3 units in the last place; pow
     * within 3 + 2 |ln of the result|. Below the smallest normal number exp gives 0; see explog.inc. */
    void (*exp)(size_t n, void *values);
    void (*expm1)(size_t n, void *values);
    void (*log)(size_t n, void *values);
    void (*log1p)(size_t n, void *values);
    void (*pow)(size_t n, void *values, double exponent);

    /* --- recursions over time (explog.inc) ----------------------------------------------------------------------- */

    /* Per-channel energy normalisation of 16 bands over n <= NUM_PCEN_FRAMES frames: S, ref, out [n][16] float, values
     * >= 0; state [16] the filter's memory, (1 - b) times the last mean. */
    void (*pcen)(const num_pcen *p, size_t n, const float *S, const float *ref, double *state, float *out);

    /* One order of Burg's recursion on n >= 1 forward and backward errors, in place: f += k b, b += k f.
     * -> the sum over i < n - 1 of f[i + 1] b[i] */
    double (*lattice)(size_t n, double k, void *f, void *b);

    /* --- pitch (pitch.inc) --------------------------------------------------------------------------------------- */

    /* Autocorrelation of windowed frames (see fft_frames) by a packed transform, circular: zeros in the window keep its
     * ends apart. work holds twice fft->rows complex rows; out lags rows, rounded up to an even number. */
    void (*autocorrelate)(const num_fft *fft, const void *t, const uint32_t *offset, const void *window, void *work,
                          size_t lags, void *out);

    /* YIN's difference of lags first..last over its mean so far, from the autocorrelation acf [last + 1] rows:
     *     d[k] = 2 (acf[0] - acf[k]) - sum over i < k of y[i]^2,   out[k - first] = d[k] k / (d[1] + ... + d[k])
     * with samples as in fft_frames; d[1] keeps its y[0]^2, as in librosa. 0 / 0 is 0. out may be acf. */
    void (*yin_difference)(size_t first, size_t last, const void *t, const uint32_t *offset, const void *acf,
                           void *out);

    /* Local minima of n >= 2 rows: flags[k * 16 + m] is not 0 where row k of lane m is below row k - 1 and not above
     * row k + 1; the first row counts if it is below the second. least [16]: the first row of the smallest value. */
    void (*troughs)(size_t n, const void *rows, uint8_t *flags, uint32_t *least);

    /* best[j] = max over q < width of value[j + q] + weight[q], from[j] the first such q; j < n, a multiple of 64.
     * width at most 65536. -infinity is allowed. */
    void (*max_plus)(size_t n, size_t width, const void *value, const void *weight, void *best, uint16_t *from);

    /* --- order (order.inc) --------------------------------------------------------------------------------------- */

    /* Each lane of n rows in rising order, in place. NaN is not allowed.   cost O(n log^2 n) */
    void (*sort)(size_t n, void *rows);

    /* --- octaves (halve.inc) ------------------------------------------------------------------------------------- */
    /* 16 cascades of second-order sections over rows [n], in place, from the first or, backwards, from the last: b0 b1
     * b2 a1 a2 of a section are coefficient [sections][5][16], its memory state [sections][2][16]. */
    void (*sos)(size_t n, size_t sections, const void *coefficient, void *state, bool backwards, void *rows);

    /* Half spectra at twice the rate to those of every second sample, and back: in and out [low + 1] and [low / 2 + 1]
     * complex rows, low even. gain [low + 1] is multiplied at the higher rate. */
    void (*fold)(size_t low, const void *gain, const void *in, void *out);
    void (*unfold)(size_t low, const void *gain, const void *in, void *out);

    /* bank with complex weights (pairs) and complex rows; out [bands] complex rows. */
    void (*bank_complex)(size_t bands, const uint32_t *start, const uint32_t *count, const void *weight,
                         const void *rows, void *out);

    /* The way back: every band's row, times its weights, is added to rows start .. start + count of out. */
    void (*spread_complex)(size_t bands, const uint32_t *start, const uint32_t *count, const void *weight,
                           const void *rows, void *out);

    /* out [n] rows of |x| of complex rows. out may be rows: a result lies before what is still to be read. */
    void (*row_magnitude)(size_t n, const void *rows, void *out);

    /* --- angles (trig.inc) --------------------------------------------------------------------------------------- */

    /* Sines and cosines of n angles, any n; a result may take the place of the angles. Within 2e-7 of the truth in
     * float, 4e-16 in double, for angles up to 8192 in float, 10^6 in double. */
    void (*sincos)(size_t n, const void *angle, void *sine, void *cosine);

    /* atan2(y, x), any n, in -pi .. pi as C's, signed zeros included; within 3 units in the last place. Sizes up to
     * half the largest number. */
    void (*atan2)(size_t n, const void *y, const void *x, void *angle);

    /* n complex rows to [n][16] magnitudes and phases, and back: accurate as sqrt(re^2 + im^2) (zero below 1e-19 in
     * float), atan2 and sincos. */
    void (*to_polar)(size_t n, const void *rows, void *magnitude, void *phase);
    void (*from_polar)(size_t n, const void *magnitude, const void *phase, void *rows);

    /* --- phase (phase.inc) --------------------------------------------------------------------------------------- */

    /* Complex rows to 16 columns and back: frame m's real parts to columns + m * stride, its imaginary parts `im`
     * values behind them. */
    void (*to_columns)(size_t bins, const void *rows, size_t stride, size_t im, void *columns);
    void (*from_columns)(size_t bins, const void *columns, size_t stride, size_t im, void *rows);

    /* A column is [3][n]: real parts, imaginary parts, magnitudes; n a multiple of 16. unit fills in the magnitudes and
     * leaves phases, z / |z|, in the place of z: 1 for z = 0 (in float |z| below 1e-19 is 0). turn multiplies phase
     * [2][n] by the phase difference of two columns; blend gives out [2][n], phase times the magnitudes of two columns,
     * share of the second and 1 - share of the first. */
    void (*unit)(size_t n, void *column);
    void (*turn)(size_t n, const void *from, const void *to, void *phase);
    void (*blend)(size_t n, double share, const void *from, const void *to, const void *phase, void *out);

    /* n complex rows: z = now - momentum before (NULL: none), out = z / |z| size; size is [n][16]. */
    void (*keep_phase)(size_t n, const void *now, const void *before, double momentum, const void *size, void *out);

    /* --- alignment (structure.inc) ------------------------------------------------------------------------------- */

    /* Likeness of 4 frames with others: out[r * stride + j] = the sum over k < features of f(x[4 * k + r],
     * y[k * stride + j]), r < 4, j < stride, a multiple of 16. kind 0: (x - y)^2, 1: |x - y|, 2: x y. */
    void (*dtw_costs)(int kind, size_t features, const void *x, const void *y, size_t stride, void *out);

    /* 4 rows of accumulated cost, D[r][m] = cost[r][m] + the least of D[r - 1][m - 1], D[r][m - 1], D[r - 1][m], m < n;
     * above [n] is row -1, and left of a row is infinity. cost holds no NaN. */
    void (*dtw_rows)(size_t n, const void *above, const void *cost, size_t cost_stride, void *rows, size_t stride);

    /* Which of the three (0, 1, 2; the first of equals) each cell of such a row came from; 0 where all are infinite. */
    void (*dtw_steps)(size_t n, const void *above, const void *cost, const void *row, uint8_t *steps);

    /* A row of librosa.sequence.rqa's scores from column 2 on: sim1, score1 are the row above, sim2, score2 the one
     * above that. */
    void (*rqa_row)(size_t n, bool knight, double onset, double extend, const void *sim, const void *sim1,
                    const void *sim2, const void *score1, const void *score2, void *score);

    /* out[j] = the sum over t < count of weight[t] * in[offset[t] + j], j < n. */
    void (*taps)(size_t n, size_t count, const ptrdiff_t *offset, const void *weight, const void *in, void *out);

    /* --- medians (median.inc) ------------------------------------------------------------------------------------ */

    /* Sliding medians: row i of out is, lane by lane, value window / 2 (counted from 0) of the sorted rows i .. i +
     * window - 1 of n + window - 1 rows that lie `stride` values apart. list [window] rows of scratch. Of zeros of both
     * signs any may be found.   cost 28 operations a row for window 31, 4 * window for others */
    void (*median)(size_t n, size_t window, const void *rows, size_t stride, void *list, void *out, size_t out_stride);

    /* --- masks (mask.inc) ---------------------------------------------------------------------------------------- */

    /* n magnitudes of pairs re, im; always in float. */
    void (*magnitude)(size_t n, const float *pairs, float *out);

    /* mask = x^power / (x^power + (margin ref)^power) for x, ref >= 0, power > 0; where both are below the least normal
     * number, `neither`; with infinite power 1 where x > margin ref, else 0. Always in float. */
    void (*soft_mask)(size_t n, const float *x, const float *ref, double margin, double power, double neither,
                      float *mask);

    /* out = x mask, n values, and n pairs. Always in float. */
    void (*mask_real)(size_t n, const float *x, const float *mask, float *out);
    void (*mask_complex)(size_t n, const float *pairs, const float *mask, float *out);

    /* --- factors of a matrix (factor.inc) ------------------------------------------------------------------------ */

    /* Products of a float matrix S [rows][columns] with k vectors, k a multiple of NUM_FACTORS: project is out[j][t] =
     * sum over r of basis[j][r] S[r][t], expand is out[j][r] += sum over t of weight[j][t] S[r][t]. Rows of vectors and
     * results lie their strides apart, multiples of 16. project writes whole vectors, zeros behind the last column;
     * expand wants zeros there in weight. */
    void (*project)(size_t rows, size_t columns, const float *S, size_t stride, size_t k, const void *basis,
                    size_t basis_stride, void *out, size_t out_stride);
    void (*expand)(size_t rows, size_t columns, const float *S, size_t stride, size_t k, const void *weight,
                   size_t weight_stride, void *out, size_t out_stride);

    /* a . b, and b += scale a; n a multiple of 16. */
    double (*dot)(size_t n, const void *a, const void *b);
    void (*add_scaled)(size_t n, double scale, const void *a, void *b);

    /* A sweep of coordinate descent: every column of factor [k][n] >= 0 nearer to where |S - basis factor|^2 is least,
     * given gram [k][k] = basis . basis and products [k][n] = basis . S; n a multiple of 16. Returns the sum of the
     * projected gradients' sizes before each move (scikit-learn's violation). Rows before `from` stay. */
    double (*descend)(size_t n, size_t from, size_t k, size_t stride, const double *gram, const void *products,
                      size_t products_stride, void *factor);

    /* --- multiplicative updates (nmf.inc) ------------------------------------------------------------------------
     * X [rows][NUM_PANEL] is about basis [rows][step] times factor [k][NUM_PANEL], all in the kernels' precision; rows
     * and k are multiples of NUM_TALL, the last ones zero where there is no such row or component. */

    /* out[j][t] += sum over r of basis[r][j] x[r][t], j < k, t < columns, a multiple of 16. */
    void (*nmf_gather)(size_t rows, size_t k, const void *basis, size_t step, const void *x, size_t stride,
                       size_t columns, void *out, size_t out_stride);

    /* quotient = X / V, V = basis factor; unless reciprocal is NULL, X / V^2, and reciprocal = 1 / V. */
    void (*nmf_quotients)(size_t rows, size_t k, const void *basis, size_t step, const void *factor, const void *X,
                          void *quotient, void *reciprocal);

    /* factor *= up / down, or its square root; what is next to nothing then is zero, if flush. n a multiple of 16. */
    void (*nmf_multiply)(size_t n, bool root, bool flush, const void *up, const void *down, void *factor);

    /* The panel's share of the loss NUM_EUCLIDEAN (half the squared distance), NUM_KULLBACK_LEIBLER or
     * NUM_ITAKURA_SAITO; to the last, zeros of X are nothing. */
    double (*nmf_loss)(int loss, size_t rows, size_t k, const void *basis, size_t step, const void *factor,
                       const void *X);

    /* --- neighbours (neighbour.inc) ------------------------------------------------------------------------------ */

    /* out[p][t] = sum over f < d of (x[f][t] - points[f][p])^2, of |x[f][t] - points[f][p]|, or of x[f][t]
     * points[f][p], for p < NUM_POINTS, t < columns. x and points are float; whole vectors are written. */
    void (*distances)(int metric, size_t d, size_t columns, const float *x, size_t stride, const float *points,
                      size_t points_stride, void *out, size_t out_stride);

    /* The mean (weighted, unless weight is NULL) and the median (of an even number the mean of the middle two) of the
     * n > 0 rows index[..], lane by lane: out [16]. list [n] rows of scratch. */
    void (*rows_mean)(size_t n, const uint32_t *index, const double *weight, const void *rows, void *out);
    void (*rows_median)(size_t n, const uint32_t *index, const void *rows, void *list, void *out);

    /* --- one signal (single.inc, fir.inc) ------------------------------------------------------------------------ */

    /* One signal along the lanes: what num_fft_one, _real and _real_inverse are for lengths that divide so. */
    void (*single_complex)(const num_fft *fft, bool inverse, const void *in, void *out, void *work);
    void (*single_real)(const num_fft *fft, const void *x, void *spectrum, void *work);
    void (*single_inverse)(const num_fft *fft, const void *spectrum, void *x, void *work);

    /* out[m] = sum over j < taps, in order, of weight[j] * t[offset[j] + m], m < n, a multiple of 16. */
    void (*fir)(size_t taps, const uint32_t *offset, const void *weight, const void *t, size_t n, void *out);
    /* The same of a matrix: best[j] = max over q < sources of value[q] + matrix[q * stride + j]. */
    void (*best_source)(size_t n, size_t sources, const void *value, const void *matrix, size_t stride, void *best,
                        uint16_t *from);
};

/* Value i of an array in the precision of k. */
static inline double num_get(const num_kernels *k, const void *values, size_t i) {
    return k->real_size == sizeof(double) ? ((const double *)values)[i] : (double)((const float *)values)[i];
}
static inline void num_put(const num_kernels *k, void *values, size_t i, double v) {
    if (k->real_size == sizeof(double)) ((double *)values)[i] = v;
    else ((float *)values)[i] = (float)v;
}

/* --- FFT of every length ------------------------------------------------------------------------------------ */

/* A transform of n >= 1 points, on real samples or complex values, in the precision of k. Read-only once made: any
 * number of threads may use it, each with work space of its own.
 *   cost O(n) sines and table entries; lengths with a prime factor above 31 cost 4 to 8 times as much to run */
num_fft *num_fft_new(sori_ctx *c, const num_kernels *k, size_t n, bool real);
void num_fft_free(sori_ctx *c, num_fft *fft);

/* The same for num_fft_one, _real and _real_inverse alone, with num_fft_single_work: the tables of blocks, which for a
 * long signal take several times as long to make as its transform, are left out. */
num_fft *num_fft_new_one(sori_ctx *c, const num_kernels *k, size_t n, bool real);

/* The least multiple of `unit`, at least n and above 0, that is unit times a number without prime factors above 5. */
size_t num_fft_length(size_t n, size_t unit);

/* The smallest length >= n whose single transforms are fastest: a multiple of 16 (real: 32) without prime factors above
 * 5. */
size_t num_fft_one_length(size_t n, bool real);

/* What the window given to fft_frames must be multiplied by: 1/2 or 1. */
double num_fft_window_scale(const num_fft *fft);

/* Bytes of 64-byte aligned work space that num_fft_one, _real and the kernels' fft_* need. */
size_t num_fft_work(const num_fft *fft);

/* The same for num_fft_one, _real and _real_inverse alone, which is far less: two to four values a point. */
size_t num_fft_single_work(const num_fft *fft);

/* One complex transform [n] of pairs re, im, forward (exp(-i)) or inverse (not divided by n), in the plan's precision.
 * in may be out.   cost: a tenth of a block of 16, mostly: see single.c */
void num_fft_one(const num_fft *fft, bool inverse, const void *in, void *out, void *work);

/* One real transform x [n] <-> half spectrum [n / 2 + 1] of pairs; the inverse is not divided by n. */
void num_fft_real(const num_fft *fft, const void *x, void *spectrum, void *work);
void num_fft_real_inverse(const num_fft *fft, const void *spectrum, void *x, void *work);

/* --- half and double rate ----------------------------------------------------------------------------------- */

/* Sound to half its sampling rate (up: to twice), equal to soxr's quality "hq" to its own rounding; samples times
 * `scale`. Read-only once made: any number of threads may use it, each with scratch of its own. */
typedef struct num_halve num_halve;
num_halve *num_halve_new(sori_ctx *c, const num_kernels *k, bool up, double scale);
void num_halve_free(sori_ctx *c, num_halve *h);

/* The most results of one call, and its bytes of 64-byte aligned scratch. */
size_t num_halve_group(const num_halve *h);
size_t num_halve_scratch(const num_halve *h);

/* Results [first, first + count) of the sound x [n], which is silent outside; up: first is even.
 *   cost  the same whatever count: 32 transforms of 1024 points and 32 of half that */
void num_halve_run(const num_halve *h, const float *x, size_t n, int64_t first, size_t count, float *out,
                   void *scratch);

/* --- changing the rate by up / down ------------------------------------------------------------------------- */

/* y[t] = sum over j < taps of weight[phase][j] * x[floor(t down / up) + first + j], where t down mod up / up is the
 * phase's fraction and phase = t mod up. Done in blocks of `outputs`; read-only once its weights are filled in. */
typedef struct num_polyphase {
    size_t up, down, taps;       /* up and down without a common factor */
    int64_t first;               /* where the sum begins, relative to the output's place */
    float *weight;               /* [up][taps], zero at first; the row of phase t mod up */
    size_t outputs, inputs;      /* of a block */
    size_t scratch;              /* bytes a thread needs, 64-byte aligned */
    size_t columns, stride;      /* the inside: see polyphase.c */
    uint32_t *offset;
    const num_kernels *k;
} num_polyphase;

num_polyphase *num_polyphase_new(sori_ctx *c, size_t up, size_t down, size_t taps, int64_t first);
void num_polyphase_free(sori_ctx *c, num_polyphase *p);   /* NULL is allowed */

/* The first input sample that a block reads; it reads p->inputs of them. */
static inline int64_t num_polyphase_from(const num_polyphase *p, size_t block) {
    return (int64_t)(block * p->columns * p->down) + p->first;
}

/* Outputs [block * outputs, + outputs) into y. x holds input samples [start, start + held); all others are zero. */
void num_polyphase_block(const num_polyphase *p, const float *x, int64_t start, size_t held, size_t block, float *y,
                         void *scratch);
/* --- recursive filters -------------------------------------------------------------------------------------- */

#define NUM_ELLIP_SECTIONS 16   /* the most */

/* scipy.signal.iirdesign(pass, stop, pass_db, stop_db, ftype="ellip", output="sos") for band passes: edges as shares of
 * sr/2. Returns the number of sections, b0 b1 b2 1 a1 a2 each; 0 if more than NUM_ELLIP_SECTIONS would be needed. */
int num_ellip_bandpass(const double pass[2], const double stop[2], double pass_db, double stop_db, double sos[][6]);

#endif
