/* activation.h - activations, and back: dy becomes the gradient before the activation.
 *
 *   name          f(x)                          f'(x), from the output where it can be had from it
 *   ReLU          max(x, 0)                     y > 0
 *   leaky ReLU    x > 0 ? x : alpha x           y > 0 ? 1 : alpha
 *   ReLU6         min(max(x, 0), 6)             0 < y < 6
 *   sigmoid       1 / (1 + e^-x)                y (1 - y)
 *   hard sigmoid  relu6(x + 3) / 6              0 < y < 1 ? 1/6 : 0
 *   tanh          1 - 2 / (e^2x + 1)            1 - y^2
 *   ELU           x > 0 ? x : alpha (e^x - 1)   y > 0 ? 1 : y + alpha
 *   softplus      ln(1 + e^x)                   1 - e^-y
 *   SiLU          x s, s = sigmoid(x)           s + x s (1 - s)
 *   GELU          x Phi(x), Phi normal's        Phi(x) + x e^(-x^2/2) / sqrt(2 pi)
 *   softmax       e^x_i / sum e^x               dx_i = y_i (dy_i - sum_j y_j dy_j)
 *
 * SiLU's and GELU's slope is not a function of the output: where it will be needed the engine keeps x. tanh loses
 * digits near 0 in the form above, where its series in x takes over. */

INLINE real exp_real(real x) { return sizeof(real) == 4 ? (real)expf((float)x) : (real)exp((double)x); }
INLINE real log_real(real x) { return sizeof(real) == 4 ? (real)logf((float)x) : (real)log((double)x); }
INLINE real erf_real(real x) { return sizeof(real) == 4 ? (real)erff((float)x) : (real)erf((double)x); }

INLINE vector splat(real x) { return (vector){ 0 } + x; }
INLINE vector positive(vector x) { return choose((int_vector)(x > 0), x, splat(0)); }

INLINE vector sigmoid_vector(vector x) { return 1 / (1 + exp_vector(-x)); }
INLINE vector tanh_vector(vector x) {
    vector large = 1 - 2 / (exp_vector(2 * x) + 1), x2 = x * x;
    /* |x| < 1/8: x - x^3/3 + 2 x^5/15 - 17 x^7/315 + ..., x^17's term is below double's rounding */
    static const double term[] = { 6404582.0 / 10854718875.0, -929569.0 / 638512875.0, 21844.0 / 6081075.0,
                                   -1382.0 / 155925.0, 62.0 / 2835.0, -17.0 / 315.0, 2.0 / 15.0, -1.0 / 3.0 };
    vector series = splat((real)term[0]);
    for (size_t i = 1; i < BASE_COUNT(term); i++) series = series * x2 + (real)term[i];
    return choose((int_vector)(x2 < (real)(1.0 / 64)), x + x * x2 * series, large);
}

INLINE real sigmoid(real x) { return 1 / (1 + exp_real(-x)); }

static void softmax(const real *x, real *y, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++, x += width, y += width) {
        real top = x[0], sum = 0;
        for (size_t i = 1; i < width; i++) top = x[i] > top ? x[i] : top;
        for (size_t i = 0; i < width; i++) sum += y[i] = exp_real(x[i] - top);
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

INLINE real phi(real x) { return (real)0.5 * (1 + erf_real(x * (real)0.70710678118654752440)); }

INLINE vector relu6_vector(vector x) { return choose((int_vector)(x < 6), positive(x), splat(6)); }
INLINE vector hard_sigmoid_vector(vector x) { return relu6_vector(x + 3) / 6; }
INLINE vector silu_vector(vector x) { return x * sigmoid_vector(x); }
INLINE vector softplus_vector(vector x) {
    return positive(x) + log1p_vector(exp_vector(choose((int_vector)(x > 0), -x, x)));
}

/* y of x; they may be the same memory. */
static void activate(sori_act act, double alpha, const void *in, void *out, size_t rows, size_t width) {
    const real *x = in;
    real *y = out, a = (real)alpha;
    size_t n = rows * width;
#define LEAKY(x) choose((int_vector)((x) > 0), x, (x) * a)
#define ELU(x) choose((int_vector)((x) > 0), x, expm1_vector(x) * a)
    switch (act) {
    case SORI_LINEAR: if (x != y) memcpy(y, x, n * sizeof *y); break;
    case SORI_RELU: for (size_t i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : 0; break;
    case SORI_LEAKY_RELU: EACH(n, x, y, LEAKY); break;
    case SORI_SIGMOID: EACH(n, x, y, sigmoid_vector); break;
    case SORI_TANH: EACH(n, x, y, tanh_vector); break;
    case SORI_SOFTMAX: softmax(x, y, rows, width); break;
    case SORI_ELU: EACH(n, x, y, ELU); break;
    case SORI_GELU: for (size_t i = 0; i < n; i++) y[i] = x[i] * phi(x[i]); break;
    case SORI_SILU: EACH(n, x, y, silu_vector); break;
    case SORI_SOFTPLUS: EACH(n, x, y, softplus_vector); break;
    case SORI_HARD_SIGMOID: EACH(n, x, y, hard_sigmoid_vector); break;
    case SORI_RELU6: EACH(n, x, y, relu6_vector); break;
    case SORI_ACT_COUNT: break;
    }
#undef LEAKY
#undef ELU
}

INLINE vector silu_back(vector x, vector dy) {
    vector s = sigmoid_vector(x);
    return dy * (s + x * s * (1 - s));
}
INLINE vector softplus_back(vector y, vector dy) { return dy * (1 - exp_vector(-y)); }

/* x, the input, is read by SiLU and GELU only. */
static void activate_back(sori_act act, double alpha, const void *in, const void *out, void *grad, size_t rows,
                          size_t width) {
    const real *x = in, *y = out;
    real *dy = grad, a = (real)alpha;
    size_t n = rows * width;
    switch (act) {
    case SORI_LINEAR: break;
    case SORI_RELU: for (size_t i = 0; i < n; i++) dy[i] = y[i] > 0 ? dy[i] : 0; break;
    case SORI_LEAKY_RELU: for (size_t i = 0; i < n; i++) dy[i] = y[i] > 0 ? dy[i] : a * dy[i]; break;
    case SORI_SIGMOID: for (size_t i = 0; i < n; i++) dy[i] *= y[i] * (1 - y[i]); break;
    case SORI_TANH: for (size_t i = 0; i < n; i++) dy[i] *= 1 - y[i] * y[i]; break;
    case SORI_SOFTMAX: softmax_back(y, dy, rows, width); break;
    case SORI_ELU: for (size_t i = 0; i < n; i++) dy[i] *= y[i] > 0 ? 1 : y[i] + a; break;
    case SORI_GELU:
        for (size_t i = 0; i < n; i++)   /* 0.3989...: 1 / sqrt(2 pi) */
            dy[i] *= phi(x[i]) + x[i] * exp_real(-x[i] * x[i] / 2) * (real)0.39894228040143267794;
        break;
    case SORI_SILU: EACH2(n, x, dy, dy, silu_back); break;
    case SORI_SOFTPLUS: EACH2(n, y, dy, dy, softplus_back); break;
    case SORI_HARD_SIGMOID: for (size_t i = 0; i < n; i++) dy[i] = y[i] > 0 && y[i] < 1 ? dy[i] / 6 : 0; break;
    case SORI_RELU6: for (size_t i = 0; i < n; i++) dy[i] = y[i] > 0 && y[i] < 6 ? dy[i] : 0; break;
    case SORI_ACT_COUNT: break;
    }
}
