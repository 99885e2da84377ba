/* svd.c - the largest singular values of a spectrogram and their vectors.
 *
 * Subspace iteration: a few more vectors than are wanted are multiplied by S and back, which turns them towards the
 * largest singular vectors; within the space they span, the eigenvectors of a small matrix sort them out
 * (Rayleigh-Ritz). Shifts make that turn faster.
 * Repeated until S S^T u = value^2 u to TOLERANCE, in double. Vectors of nearly equal values, which noise has, turn
 * slowly into each other: after MAX_ROUNDS they are taken as they are, any mixture of them being as good.
 * scikit-learn's randomized_svd is the same with random vectors and a fixed 4 or 7 rounds, so on clear spectra both
 * agree to rounding.
 * Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM Review 53, 2011. */
#include "feat/factor.h"
#include <math.h>
#include <string.h>

#define EXTRA 10            /* vectors beside those that are wanted, as scikit-learn's n_oversamples */
#define TOLERANCE 1e-8      /* of S S^T u - value^2 u, relative to value^2 */
#define MAX_ROUNDS 40
#define NONE 1e-14          /* of the largest value^2: rounding */

typedef struct iteration {
    feat_matrix m;                /* its k is all vectors in work */
    size_t wanted;
    double *left, *image;         /* [room][tall]: U, and S S^T U */
    double *spare, *right;        /* [room][tall], [room][wide] */
    void *parts;
    double *gram, *vectors, *squares, *work;  /* [k][k], [k][k], [k], [tall or 2 k] */
} iteration;

/* Vector i orthogonal to those before it and of length 1; zeros if nothing is left. Twice is enough (Kahan). */
static void orthogonalize(const iteration *v, size_t i) {
    size_t n = v->m.tall;
    double *x = v->left + i * n, before = v->m.kernels->dot(n, x, x);
    for (int twice = 0; twice < 2; twice++)
        for (size_t j = 0; j < i; j++) {
            const double *u = v->left + j * n;
            v->m.kernels->add_scaled(n, -v->m.kernels->dot(n, u, x), u, x);
        }
    double square = v->m.kernels->dot(n, x, x), scale = square > 1e-24 * before ? 1 / sqrt(square) : 0;
    for (size_t t = 0; t < n; t++) x[t] *= scale;
}

/* x [k][tall] to combinations of its rows, as vectors says. */
static void combine(iteration *v, double **x) {
    size_t k = v->m.k, n = v->m.tall;
    double *from = *x, *to = v->spare;
    memset(to, 0, k * n * sizeof *to);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++) v->m.kernels->add_scaled(n, v->vectors[j * k + i], from + i * n, to + j * n);
    *x = to;
    v->spare = from;
}

/* U^T S S^T U: its eigenvalues are squared singular values, if U spans their vectors. */
static void sort_out(iteration *v) {
    size_t k = v->m.k, n = v->m.tall;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++)
            v->gram[i * k + j] = v->gram[j * k + i] = v->m.kernels->dot(n, v->left + i * n, v->image + j * n);
    num_eigen(k, v->gram, v->squares, v->vectors, v->work);
    combine(v, &v->left);
    combine(v, &v->image);
}

/* Largest |S S^T u - value^2 u| / value^2 of the vectors wanted. */
static double residual(iteration *v) {
    double worst = 0, *difference = v->work;
    size_t n = v->m.tall;
    for (size_t j = 0; j < v->wanted && v->squares[j] > NONE * v->squares[0]; j++) {
        memcpy(difference, v->image + j * n, n * sizeof *difference);
        v->m.kernels->add_scaled(n, -v->squares[j], v->left + j * n, difference);
        worst = fmax(worst, sqrt(v->m.kernels->dot(n, difference, difference)) / v->squares[j]);
    }
    return worst;
}

/* Left to (S S^T - shift) left. Values that are not looked for lie between 0 and `least`, the smallest of those in
 * work; shifts at the zeros of a Chebyshev polynomial on that stretch damp them all most: rounds that would gain a
 * factor g each gain e^acosh(2 g - 1), 2.3 for 1.2. They alternate so that the others are not weakened for long. */
static void advance(iteration *v, int round) {
    static const double zero[] = {   /* cos((2 j - 1) pi / 16) */
        0.98078528040323044913, -0.98078528040323044913, -0.19509032201612826785, 0.55557023301960222474,
        -0.83146961230254523708, 0.83146961230254523708, 0.19509032201612826785, -0.55557023301960222474,
    };
    size_t n = v->m.room * v->m.tall;
    bool some_extra = v->m.k == v->wanted + EXTRA;   /* if not, the vectors span all there is */
    double least = some_extra ? fmax(v->squares[v->m.k - 1], 0) : 0;
    double shift = least / 2 * (1 + zero[round % (int)BASE_COUNT(zero)]);
    v->m.kernels->add_scaled(n, -shift, v->left, v->image);
    memcpy(v->left, v->image, n * sizeof *v->left);
}

/* Left vectors sorted out are in left, right ones, times their values, in right. */
static void iterate(sori_ctx *c, iteration *v) {
    feat_sweep sweep = { .m = &v->m, .products = v->right, .wide = v->right, .parts = v->parts };
    for (int round = 0; round < MAX_ROUNDS && !base_interrupted(c); round++) {
        if (round > 0) advance(v, round);
        for (size_t i = 0; i < v->m.k; i++) orthogonalize(v, i);
        sweep.tall = v->left;
        sweep.sums = v->image;
        feat_sweep_run(c, &sweep);
        sort_out(v);
        if (residual(v) <= TOLERANCE) break;
    }
    sweep.tall = v->left;
    sweep.sums = NULL;
    feat_sweep_run(c, &sweep);
}

/* Any vectors will do that no sound is orthogonal to; the same ones every time. */
static void start(iteration *v) {
    for (size_t i = 0; i < v->m.k; i++) {
        base_rng r = base_rng_new(0, BASE_RNG_INIT, (uint32_t)i, 1);
        for (size_t t = 0; t < v->m.rows; t++) v->left[i * v->m.tall + t] = base_rng_normal(&r);
    }
}

static bool prepare(sori_ctx *c, iteration *v) {
    size_t k = v->m.k;
    v->left = feat_tall(c, &v->m);
    v->image = feat_tall(c, &v->m);
    v->spare = feat_tall(c, &v->m);
    v->right = feat_wide(c, &v->m);
    v->parts = feat_parts(c, &v->m);
    v->gram = base_alloc(c, k * k, sizeof *v->gram);
    v->vectors = base_alloc(c, k * k, sizeof *v->vectors);
    v->squares = base_alloc(c, k, sizeof *v->squares);
    v->work = base_alloc(c, BASE_MAX(2 * k, v->m.tall), sizeof *v->work);
    return !base_failed(c);
}

static void release(sori_ctx *c, iteration *v) {
    base_free(c, v->image);
    base_free(c, v->spare);
    base_free(c, v->parts);
    base_free(c, v->gram);
    base_free(c, v->vectors);
    base_free(c, v->squares);
    base_free(c, v->work);
}

/* left and right become the result; values and the right vectors' lengths come from squares. */
static void hand_over(sori_ctx *c, iteration *v, feat_svd *out) {
    *out = (feat_svd){ base_alloc(c, v->wanted, sizeof *out->values), v->left, v->right, v->m.tall, v->m.wide };
    for (size_t j = 0; out->values && !base_failed(c) && j < v->wanted; j++) {
        bool some = v->squares[j] > NONE * v->squares[0] && v->squares[0] > 0;
        out->values[j] = some ? sqrt(v->squares[j]) : 0;
        for (size_t t = 0; t < v->m.columns; t++) out->right[j * out->wide + t] *= some ? 1 / out->values[j] : 0;
        for (size_t t = 0; t < v->m.rows && !some; t++) out->left[j * out->tall + t] = 0;
    }
}

bool feat_svd_open(sori_ctx *c, feat_svd *out, const float *S, size_t rows, size_t columns, size_t k) {
    iteration v = { .m = feat_matrix_of(S, rows, columns, BASE_MIN(k + EXTRA, BASE_MIN(rows, columns)), true),
                    .wanted = k };
    if (prepare(c, &v)) {
        start(&v);
        iterate(c, &v);
    }
    hand_over(c, &v, out);
    release(c, &v);
    return !base_failed(c);
}

void feat_svd_free(sori_ctx *c, feat_svd *v) {
    base_free(c, v->values);
    base_free(c, v->left);
    base_free(c, v->right);
}
