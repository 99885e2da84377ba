/* update.h - the optimisers, in Keras's form, and small vector arithmetic.
 *
 *   SGD     v = momentum v - lr g; w += v, or with Nesterov w += momentum v - lr g
 *   Adam    m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps)
 *           (Kingma & Ba, ICLR 2015, the form at the end of its section 2, which Keras uses)
 *   AdamW   first w -= lr decay w (Loshchilov & Hutter, 2019) */

static void sgd(const nn_update *u, size_t n) {
    real *w = u->w, *v = u->m, lr = (real)u->learning_rate, momentum = (real)u->o.momentum;
    const real *g = u->g;
    if (!v) {
        for (size_t i = 0; i < n; i++) w[i] -= lr * g[i];
        return;
    }
    for (size_t i = 0; i < n; i++) {
        v[i] = momentum * v[i] - lr * g[i];
        w[i] += u->o.nesterov ? momentum * v[i] - lr * g[i] : v[i];
    }
}

INLINE real sqrt_real(real x) { return sizeof(real) == 4 ? (real)sqrtf((float)x) : (real)sqrt((double)x); }

static void adam(const nn_update *u, size_t n) {
    real *restrict w = u->w, *restrict m = u->m, *restrict v = u->v;
    const real *restrict g = u->g;
    real b1 = (real)(1 - u->o.beta_1), b2 = (real)(1 - u->o.beta_2), eps = (real)u->o.epsilon;
    real lr = (real)(u->learning_rate * u->correct1 / sqrt(u->correct2));
    real decay = u->o.kind == SORI_ADAMW ? (real)(1 - u->learning_rate * u->o.weight_decay) : 1;
    for (size_t i = 0; i < n; i++) {
        m[i] += b1 * (g[i] - m[i]);
        v[i] += b2 * (g[i] * g[i] - v[i]);
        w[i] = decay * w[i] - lr * m[i] / (sqrt_real(v[i]) + eps);
    }
}

static void update(const nn_update *u, size_t n) {
    if (u->o.kind == SORI_SGD) sgd(u, n);
    else adam(u, n);
}

static void add(void *to, const void *from, size_t n) {
    real *restrict a = to;
    const real *restrict b = from;
    for (size_t i = 0; i < n; i++) a[i] += b[i];
}

static void add_scaled(void *to, const void *from, double factor, size_t n) {
    real *restrict a = to, f = (real)factor;
    const real *restrict b = from;
    for (size_t i = 0; i < n; i++) a[i] += f * b[i];
}

/* Eight running sums, which the compiler keeps in vectors; they are added in a fixed order. */
static double sum_squares(const void *x, size_t n) {
    const real *p = x;
    double sum[8] = { 0 };
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; k++) sum[k] += (double)p[i + k] * (double)p[i + k];
    for (; i < n; i++) sum[0] += (double)p[i] * (double)p[i];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

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
