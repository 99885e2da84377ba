/* loss.h - the losses, their gradients, and the count of correct answers.
 *
 *   MSE, MAE                   mean over outputs of d^2, |d|; d = p - t
 *   Huber                      mean of d^2 / 2, beyond |d| = delta of delta (|d| - delta / 2)
 *   categorical cross-entropy  -sum_i t_i log p_i; with the softmax inside (fused) the gradient is p - t, and the loss
 *                              log sum e^x - sum t x cannot overflow; unfused p is clipped to 1e-7, as Keras
 *   binary cross-entropy       mean of -t log p - (1 - t) log(1 - p); fused: max(x, 0) - x t + log(1 + e^-|x|)
 *   KL divergence              sum_i t_i log(t_i / p_i), both clipped to 1e-7 .. 1, as Keras
 *
 * A sample's outputs are rows of classes (several where the output has several axes); the sums over classes are
 * averaged over the rows. Correct, row by row: the largest output is the largest target, or with one class both lie on
 * the same side of 1/2. A sample's weight multiplies its loss, not its count of correct rows. */

#define CLIP ((real)1e-7)

/* --- outputs one by one ------------------------------------------------------------ */

typedef struct point { vector loss, slope; } point;   /* of some outputs: what they add, and its slope by p */
typedef point point_loss(const nn_loss_run *r, vector p, vector t);

INLINE real sum_of(vector v) {
    real sum = 0;
    for (size_t k = 0; k < LANES; k++) sum += v[k];
    return sum;
}

/* The mean of f over a sample's outputs; dp is back times its slope. */
INLINE double mean_of(const nn_loss_run *r, double back, const real *p, const real *t, real *dp, point_loss *f) {
    size_t n = r->rows * r->width, i = 0;
    vector sum = splat(0);
    real each = (real)(back / (double)n), rest = 0;
    for (; i + LANES <= n; i += LANES) {
        point v = f(r, (vector)load(p + i), (vector)load(t + i));
        sum += v.loss;
        if (dp) store(dp + i, v.slope * each);
    }
    if (i < n) {
        point v = f(r, (vector)load_some(p + i, n - i), (vector)load_some(t + i, n - i));
        for (size_t k = 0; k < n - i; k++) rest += v.loss[k];
        if (dp) store_some(dp + i, v.slope * each, n - i);
    }
    return (double)(n < LANES ? rest : sum_of(sum) + rest) / (double)n;
}

INLINE vector sign_of(vector d) {
    return choose((int_vector)(d > 0), splat(1), choose((int_vector)(d < 0), splat(-1), splat(0)));
}

INLINE point square_point(const nn_loss_run *r, vector p, vector t) {
    (void)r;
    vector d = p - t;
    return (point){ d * d, 2 * d };
}

INLINE point magnitude_point(const nn_loss_run *r, vector p, vector t) {
    (void)r;
    vector d = p - t, sign = sign_of(d);
    return (point){ d * sign, sign };
}

INLINE point huber_point(const nn_loss_run *r, vector p, vector t) {
    vector d = p - t, sign = sign_of(d), size = d * sign, delta = splat((real)r->delta);
    int_vector small = (int_vector)(size <= delta);
    return (point){ choose(small, d * d / 2, delta * (size - delta / 2)), choose(small, d, delta * sign) };
}

/* Halfway between the two classes: t (1 - s) + s / 2. */
INLINE vector smooth_binary(const nn_loss_run *r, vector t) {
    return t * (real)(1 - r->label_smoothing) + (real)(r->label_smoothing / 2);
}

INLINE point logit_point(const nn_loss_run *r, vector x, vector target) {
    vector t = smooth_binary(r, target);
    int_vector above = (int_vector)(x > 0);
    vector e = exp_vector(choose(above, -x, x));   /* e^-|x| */
    vector p = choose(above, splat(1), e) / (1 + e);
    return (point){ positive(x) - x * t + log1p_vector(e), p - t };
}

INLINE point probability_point(const nn_loss_run *r, vector p, vector target) {
    vector t = smooth_binary(r, target), low = splat(CLIP), high = splat(1 - CLIP);
    vector q = choose((int_vector)(p < low), low, choose((int_vector)(p > high), high, p));
    vector slope = choose((int_vector)(q == p), (q - t) / (q * (1 - q)), splat(0));
    return (point){ -t * log_vector(q) - (1 - t) * log_vector(1 - q), slope };
}

static double mse(const nn_loss_run *r, double back, const real *p, const real *t, real *dp) {
    return mean_of(r, back, p, t, dp, square_point);
}
static double mae(const nn_loss_run *r, double back, const real *p, const real *t, real *dp) {
    return mean_of(r, back, p, t, dp, magnitude_point);
}
static double huber(const nn_loss_run *r, double back, const real *p, const real *t, real *dp) {
    return mean_of(r, back, p, t, dp, huber_point);
}
static double binary(const nn_loss_run *r, double back, const real *p, const real *t, real *dp) {
    return mean_of(r, back, p, t, dp, probability_point);
}
static double binary_fused(const nn_loss_run *r, double back, const real *x, const real *t, real *dp) {
    return mean_of(r, back, x, t, dp, logit_point);
}

/* --- rows of classes ------------------------------------------------------------ */

INLINE real smooth(const nn_loss_run *r, real t) {
    return t * (real)(1 - r->label_smoothing) + (real)(r->label_smoothing / (double)r->width);
}

static real categorical_fused_row(const nn_loss_run *r, real back, const real *x, const real *t, real *dp) {
    real top = x[0], sum = 0, loss = 0, total = 0;
    for (size_t i = 1; i < r->width; i++) top = x[i] > top ? x[i] : top;
    for (size_t i = 0; i < r->width; i++) sum += exp_real(x[i] - top);
    real log_sum = log_real(sum);
    for (size_t i = 0; i < r->width; i++) {
        real target = smooth(r, t[i]);
        loss += target * (log_sum - (x[i] - top));
        total += target;
    }
    for (size_t i = 0; dp && i < r->width; i++)
        dp[i] = (total * exp_real(x[i] - top) / sum - smooth(r, t[i])) * back;
    return loss;
}

static real categorical_row(const nn_loss_run *r, real back, const real *p, const real *t, real *dp) {
    real loss = 0;
    for (size_t i = 0; i < r->width; i++) {
        real target = smooth(r, t[i]), q = p[i] < CLIP ? CLIP : p[i];
        loss -= target * log_real(q);
        if (dp) dp[i] = p[i] < CLIP ? 0 : -target / q * back;
    }
    return loss;
}

INLINE real clip(real x) { return x < CLIP ? CLIP : x > 1 ? 1 : x; }

static real kl_row(const nn_loss_run *r, real back, const real *p, const real *t, real *dp) {
    real loss = 0;
    for (size_t i = 0; i < r->width; i++) {
        real target = clip(t[i]), q = clip(p[i]);
        loss += target * log_real(target / q);
        if (dp) dp[i] = q == p[i] ? -target / q * back : 0;
    }
    return loss;
}

typedef real row_loss(const nn_loss_run *r, real back, const real *p, const real *t, real *dp);

INLINE double mean_row(const nn_loss_run *r, double back, const real *p, const real *t, real *dp, row_loss *f) {
    double sum = 0;
    for (size_t i = 0; i < r->rows; i++, p += r->width, t += r->width) {
        sum += (double)f(r, (real)(back / (double)r->rows), p, t, dp);
        if (dp) dp += r->width;
    }
    return sum / (double)r->rows;
}

static double categorical(const nn_loss_run *r, double back, const real *p, const real *t, real *dp) {
    return mean_row(r, back, p, t, dp, categorical_row);
}
static double categorical_fused(const nn_loss_run *r, double back, const real *x, const real *t, real *dp) {
    return mean_row(r, back, x, t, dp, categorical_fused_row);
}
static double kl_divergence(const nn_loss_run *r, double back, const real *p, const real *t, real *dp) {
    return mean_row(r, back, p, t, dp, kl_row);
}

/* --- a batch ------------------------------------------------------------ */

static size_t largest(const real *x, size_t n) {
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}

static bool is_correct(const nn_loss_run *r, const real *p, const real *t) {
    real middle = r->fused ? 0 : (real)0.5;
    if (r->width == 1) return (p[0] > middle) == (t[0] > (real)0.5);
    return largest(p, r->width) == largest(t, r->width);
}

/* The part of a sample's rows that are. */
static double correct_part(const nn_loss_run *r, const real *p, const real *t) {
    size_t count = 0;
    for (size_t i = 0; i < r->rows; i++) count += is_correct(r, p + i * r->width, t + i * r->width);
    return (double)count / (double)r->rows;
}

typedef double sample_loss(const nn_loss_run *r, double back, const real *p, const real *t, real *dp);

/* Of the probabilities, and of what stands before the last activation. */
static sample_loss *const losses[SORI_LOSS_COUNT][2] = {
    [SORI_MSE] = { mse, mse },
    [SORI_MAE] = { mae, mae },
    [SORI_HUBER] = { huber, huber },
    [SORI_CATEGORICAL_CROSSENTROPY] = { categorical, categorical_fused },
    [SORI_BINARY_CROSSENTROPY] = { binary, binary_fused },
    [SORI_KL_DIVERGENCE] = { kl_divergence, kl_divergence },
    [SORI_SI_SDR] = { si_sdr, si_sdr },
    [SORI_MULTI_RES_STFT] = { multi_res_stft, multi_res_stft },
};

static void loss(nn_loss_run *r) {
    const real *p = r->p, *t = r->t;
    size_t size = r->rows * r->width;
    sample_loss *f = losses[r->loss][r->fused];
    r->loss_sum = r->correct = 0;
    for (size_t i = 0; i < r->n; i++) {
        double weight = r->weight ? r->weight[i] : 1;
        real *dp = r->dp ? (real *)r->dp + i * size : NULL;
        r->loss_sum += weight * f(r, r->scale * weight, p + i * size, t + i * size, dp);
        if (r->counts) r->correct += correct_part(r, p + i * size, t + i * size);
    }
}
