/* loss.h - the losses, their gradients, and the count of correct answers.
 *
 *   MSE                        mean over outputs of (p - t)^2
 *   categorical cross-entropy  -sum_i t_i log p_i; with the softmax inside (fused) the gradient is p - t, and the loss
 *                              log sum e^x - sum t x cannot overflow; unfused p is clipped to 1e-7, as Keras
 *   binary cross-entropy       mean of -t log p - (1 - t) log(1 - p); fused: max(x, 0) - x t + log(1 + e^-|x|)
 *
 * Correct: the largest output is the largest target, or with one output both lie on the same side of 1/2. */

#define CLIP ((real)1e-7)

static real mse(const nn_loss_run *r, const real *p, const real *t, real *dp) {
    real sum = 0, back = (real)(2 * r->scale / (double)r->width);
    for (size_t i = 0; i < r->width; i++) {
        real d = p[i] - t[i];
        sum += d * d;
        if (dp) dp[i] = d * back;
    }
    return sum / (real)r->width;
}

INLINE real smooth(const nn_loss_run *r, real t) {
    return t * (real)(1 - r->label_smoothing) + (real)(r->label_smoothing / (double)r->width);
}

static real categorical_fused(const nn_loss_run *r, const real *x, const real *t, real *dp) {
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
        dp[i] = (total * exp_real(x[i] - top) / sum - smooth(r, t[i])) * (real)r->scale;
    return loss;
}

static real categorical(const nn_loss_run *r, const real *p, const real *t, real *dp) {
    real loss = 0;
    for (size_t i = 0; i < r->width; i++) {
        real target = smooth(r, t[i]), q = p[i] < CLIP ? CLIP : p[i];
        loss -= target * log_real(q);
        if (dp) dp[i] = p[i] < CLIP ? 0 : -target / q * (real)r->scale;
    }
    return loss;
}

static real binary_fused(const nn_loss_run *r, const real *x, const real *t, real *dp) {
    real sum = 0, back = (real)(r->scale / (double)r->width);
    for (size_t i = 0; i < r->width; i++) {
        real e = exp_real(x[i] > 0 ? -x[i] : x[i]);   /* e^-|x| */
        sum += (x[i] > 0 ? x[i] : 0) - x[i] * t[i] + log_real(1 + e);
        if (dp) dp[i] = (sigmoid(x[i]) - t[i]) * back;
    }
    return sum / (real)r->width;
}

static real binary(const nn_loss_run *r, const real *p, const real *t, real *dp) {
    real sum = 0, back = (real)(r->scale / (double)r->width);
    for (size_t i = 0; i < r->width; i++) {
        real q = p[i] < CLIP ? CLIP : p[i] > 1 - CLIP ? 1 - CLIP : p[i];
        sum -= t[i] * log_real(q) + (1 - t[i]) * log_real(1 - q);
        if (dp) dp[i] = q == p[i] ? (q - t[i]) / (q * (1 - q)) * back : 0;
    }
    return sum / (real)r->width;
}

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

static void loss(nn_loss_run *r) {
    const real *p = r->p, *t = r->t;
    real *dp = r->dp;
    r->loss_sum = r->correct = 0;
    for (size_t i = 0; i < r->n; i++, p += r->width, t += r->width) {
        real v = 0;
        switch (r->loss) {
        case SORI_MSE: v = mse(r, p, t, dp); break;
        case SORI_CATEGORICAL_CROSSENTROPY: v = (r->fused ? categorical_fused : categorical)(r, p, t, dp); break;
        case SORI_BINARY_CROSSENTROPY: v = (r->fused ? binary_fused : binary)(r, p, t, dp); break;
        case SORI_SI_SDR: v = (real)si_sdr(r, r->scale, p, t, dp); break;
        case SORI_MULTI_RES_STFT: v = (real)multi_res_stft(r, r->scale, p, t, dp); break;
        }
        r->loss_sum += (double)v;
        if (nn_has_accuracy(r->loss)) r->correct += is_correct(r, p, t);
        if (dp) dp += r->width;
    }
}
