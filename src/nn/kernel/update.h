/* update.h - the optimisers, in Keras's form, and small vector arithmetic.
 *
 *   SGD      v = momentum v - lr g; w += v, or with Nesterov w += momentum v - lr g
 *   RMSprop  v = rho v + (1 - rho) g^2; u = lr g / sqrt(v + eps); w -= u, or m = momentum m + u, w -= m; centered: the
 *            square of the gradient's own average, a = rho a + (1 - rho) g, is taken from v (Hinton, Coursera lecture
 *            6e, 2012; eps under the root as Keras, not behind it as torch)
 *   Adam     m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps)
 *            (Kingma & Ba, ICLR 2015, the form at the end of its section 2, which Keras uses)
 *
 * Before that the gradient is scaled and held within +- limit (accumulation and clipping), and with weight decay
 * w -= lr decay w (Loshchilov & Hutter, 2019: AdamW). One pass over memory each. */

/* What is the same for all elements. */
typedef struct rates { real lr, decay, scale, limit; } rates;

INLINE rates rates_of(const nn_update *u) {
    return (rates){ (real)u->learning_rate, (real)(1 - u->learning_rate * u->o.weight_decay), (real)u->scale,
                    (real)u->limit };
}

INLINE real gradient_of(rates k, real g) {
    g *= k.scale;
    return g > k.limit ? k.limit : g < -k.limit ? -k.limit : g;
}

static void sgd(const nn_update *u, size_t n) {
    real *restrict w = u->w, *restrict v = u->m, momentum = (real)u->o.momentum;
    const real *restrict gradient = u->g;
    rates k = rates_of(u);
    if (!v) {
        for (size_t i = 0; i < n; i++) w[i] = k.decay * w[i] - k.lr * gradient_of(k, gradient[i]);
        return;
    }
    real ahead = u->o.nesterov ? momentum : 1, again = u->o.nesterov ? k.lr : 0;
    for (size_t i = 0; i < n; i++) {
        real g = gradient_of(k, gradient[i]);
        v[i] = momentum * v[i] - k.lr * g;
        w[i] = k.decay * w[i] + (ahead * v[i] - again * g);
    }
}

INLINE real sqrt_real(real x) { return sizeof(real) == 4 ? (real)sqrtf((float)x) : (real)sqrt((double)x); }

INLINE void rmsprop_as(const nn_update *u, size_t n, bool with_momentum, bool centered) {
    real *restrict w = u->w, *restrict m = u->m, *restrict v = u->v, *restrict a = u->average;
    const real *restrict gradient = u->g;
    real fresh = (real)(1 - u->o.rho), momentum = (real)u->o.momentum, eps = (real)u->o.epsilon;
    rates k = rates_of(u);
    for (size_t i = 0; i < n; i++) {
        real g = gradient_of(k, gradient[i]);
        v[i] += fresh * (g * g - v[i]);
        real under = v[i] + eps;
        if (centered) {
            a[i] += fresh * (g - a[i]);
            real variance = v[i] - a[i] * a[i];   /* below 0 by rounding */
            under = (variance > 0 ? variance : 0) + eps;
        }
        real step = k.lr * g / sqrt_real(under);
        if (with_momentum) step = m[i] = momentum * m[i] + step;
        w[i] = k.decay * w[i] - step;
    }
}

static void rmsprop(const nn_update *u, size_t n) {
    if (u->m && u->average) rmsprop_as(u, n, true, true);
    else if (u->m) rmsprop_as(u, n, true, false);
    else if (u->average) rmsprop_as(u, n, false, true);
    else rmsprop_as(u, n, false, false);
}

static void adam(const nn_update *u, size_t n) {
    real *restrict w = u->w, *restrict m = u->m, *restrict v = u->v;
    const real *restrict gradient = u->g;
    real b1 = (real)(1 - u->o.beta_1), b2 = (real)(1 - u->o.beta_2), eps = (real)u->o.epsilon;
    real lr = (real)(u->learning_rate * u->correct1 / sqrt(u->correct2));
    rates k = rates_of(u);
    for (size_t i = 0; i < n; i++) {
        real g = gradient_of(k, gradient[i]);
        m[i] += b1 * (g - m[i]);
        v[i] += b2 * (g * g - v[i]);
        w[i] = k.decay * w[i] - lr * m[i] / (sqrt_real(v[i]) + eps);
    }
}

static void update(const nn_update *u, size_t n) {
    switch (u->o.kind) {
    case SORI_SGD: sgd(u, n); break;
    case SORI_RMSPROP: rmsprop(u, n); break;
    case SORI_ADAM:
    case SORI_ADAMW: adam(u, n); break;
    }
}

static void blend(void *to, const void *from, double factor, size_t n) {
    real *restrict a = to, f = (real)factor;
    const real *restrict b = from;
    for (size_t i = 0; i < n; i++) a[i] += f * (b[i] - a[i]);
}

static void mix(void *to, const void *a, const void *b, double share, size_t n) {
    real *restrict y = to, own = (real)share, other = (real)(1 - share);
    const real *p = a, *q = b;
    for (size_t i = 0; i < n; i++) y[i] = own * p[i] + other * q[i];
}

static void add(void *to, const void *from, size_t n) {
    real *restrict a = to;
    const real *restrict b = from;
    for (size_t i = 0; i < n; i++) a[i] += b[i];
}

/* to [n] += the sum of the rows of x [rows, n], in two sums that do not wait for each other. */
static void add_rows(real *to, const real *x, size_t rows, size_t n) {
    size_t i = 0, pairs = rows / 2 * 2;
    for (; i + LANES <= n; i += LANES) {
        vec even = { 0 }, odd = { 0 };
        for (size_t r = 0; r < pairs; r += 2) {
            even += load(x + r * n + i);
            odd += load(x + (r + 1) * n + i);
        }
        if (pairs < rows) even += load(x + pairs * n + i);
        store(to + i, load(to + i) + (even + odd));
    }
    for (size_t r = 0; i < n && r < rows; r++) add(to + i, x + r * n + i, n - i);
}

static void add_scaled(void *to, const void *from, double factor, size_t n) {
    real *restrict a = to, f = (real)factor;
    const real *restrict b = from;
    for (size_t i = 0; i < n; i++) a[i] += f * b[i];
}

/* Eight running sums, which the compiler keeps in vectors; they are added in a fixed order. */
static double sum_magnitudes(const void *x, size_t n) {
    const real *p = x;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += fabs((double)p[i]);
    return sum;
}

static void add_signs(void *to, const void *from, double factor, size_t n) {
    real *restrict a = to, f = (real)factor;
    const real *restrict b = from;
    for (size_t i = 0; i < n; i++) a[i] += b[i] > 0 ? f : b[i] < 0 ? -f : 0;
}

static void from_f64(void *to, const double *from, size_t n) {
    for (size_t i = 0; i < n; i++) ((real *)to)[i] = (real)from[i];
}
static void to_f64(double *to, const void *from, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = (double)((const real *)from)[i];
}
static void from_f32(void *to, const float *from, size_t n) {
    for (size_t i = 0; i < n; i++) ((real *)to)[i] = (real)from[i];
}
static void to_f32(float *to, const void *from, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = (float)((const real *)from)[i];
}
