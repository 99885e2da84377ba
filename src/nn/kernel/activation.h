/* activation.h - activations in place, and back from the output: dy becomes the gradient before the activation.
 *
 *   ReLU f = max(x, 0); leaky ReLU f = x > 0 ? x : alpha x; sigmoid f = 1 / (1 + e^-x), f' = f (1 - f);
 *   tanh f' = 1 - f^2; softmax f_i = e^x_i / sum e^x, dx_i = f_i (dy_i - sum_j f_j dy_j). */

INLINE real exp_real(real x) { return sizeof(real) == 4 ? (real)expf((float)x) : (real)exp((double)x); }
INLINE real tanh_real(real x) { return sizeof(real) == 4 ? (real)tanhf((float)x) : (real)tanh((double)x); }
INLINE real log_real(real x) { return sizeof(real) == 4 ? (real)logf((float)x) : (real)log((double)x); }

INLINE real sigmoid(real x) { return 1 / (1 + exp_real(-x)); }

static void softmax(real *y, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++, y += width) {
        real top = y[0], sum = 0;
        for (size_t i = 1; i < width; i++) top = y[i] > top ? y[i] : top;
        for (size_t i = 0; i < width; i++) sum += y[i] = exp_real(y[i] - top);
        for (size_t i = 0; i < width; i++) y[i] /= sum;
    }
}

static void softmax_back(const real *y, real *dy, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++, y += width, dy += width) {
        real dot = 0;
        for (size_t i = 0; i < width; i++) dot += y[i] * dy[i];
        for (size_t i = 0; i < width; i++) dy[i] = y[i] * (dy[i] - dot);
    }
}

static void activate(sori_act act, double alpha, void *data, size_t rows, size_t width) {
    real *y = data, slope = (real)alpha;
    size_t n = rows * width;
    switch (act) {
    case SORI_LINEAR: break;
    case SORI_RELU: for (size_t i = 0; i < n; i++) y[i] = y[i] > 0 ? y[i] : 0; break;
    case SORI_LEAKY_RELU: for (size_t i = 0; i < n; i++) y[i] = y[i] > 0 ? y[i] : slope * y[i]; break;
    case SORI_SIGMOID: for (size_t i = 0; i < n; i++) y[i] = sigmoid(y[i]); break;
    case SORI_TANH: for (size_t i = 0; i < n; i++) y[i] = tanh_real(y[i]); break;
    case SORI_SOFTMAX: softmax(y, rows, width); break;
    }
}

static void activate_back(sori_act act, double alpha, const void *out, void *grad, size_t rows, size_t width) {
    const real *y = out;
    real *dy = grad, slope = (real)alpha;
    size_t n = rows * width;
    switch (act) {
    case SORI_LINEAR: break;
    case SORI_RELU: for (size_t i = 0; i < n; i++) dy[i] = y[i] > 0 ? dy[i] : 0; break;
    case SORI_LEAKY_RELU: for (size_t i = 0; i < n; i++) dy[i] = y[i] > 0 ? dy[i] : slope * dy[i]; break;
    case SORI_SIGMOID: for (size_t i = 0; i < n; i++) dy[i] *= y[i] * (1 - y[i]); break;
    case SORI_TANH: for (size_t i = 0; i < n; i++) dy[i] *= 1 - y[i] * y[i]; break;
    case SORI_SOFTMAX: softmax_back(y, dy, rows, width); break;
    }
}
