/* The losses of waveforms: their gradients, and their values against definitions in plain loops in double. */
#include "law/gradient.h"

#define PI 3.14159265358979323846

static void noise(double *x, size_t n, uint32_t key) {
    base_rng r = base_rng_new(2, BASE_RNG_TEST, key, 0);
    for (size_t i = 0; i < n; i++) x[i] = 0.2 * base_rng_normal(&r) + 0.1;
}

/* One sample's loss of the kernels of a precision, and its gradient dp (NULL: not wanted). */
static double loss_of(bool exact, sori_loss kind, bool keep_mean, const double *p, const double *t, double *dp,
                      size_t samples, size_t channels) {
    sori_ctx *c = sori_open(NULL);
    const nn_kernels *k = nn_kernels_find(exact, NULL);
    size_t n = samples * channels, work;
    void *a = base_alloc(c, n, k->real_size), *b = base_alloc(c, n, k->real_size), *g = base_alloc(c, n, k->real_size);
    void *tables;
    k->from_f64(a, p, n);
    k->from_f64(b, t, n);
    assert_true(k->loss_open(c, kind, samples, &tables, &work));
    nn_loss_run r = { .loss = kind, .scale = 1, .n = 1, .width = n, .samples = samples, .channels = channels,
                      .keep_mean = keep_mean, .tables = tables, .work = base_alloc(c, work, k->real_size), .p = a,
                      .t = b, .dp = dp ? g : NULL };
    k->loss(&r);
    if (dp) k->to_f64(dp, g, n);
    base_free(c, r.work);
    k->loss_close(c, tables);
    base_free(c, a);
    base_free(c, b);
    base_free(c, g);
    sori_close(c);
    return r.loss_sum;
}

/* --- gradients ------------------------------------------------------------ */

/* The gradient by about 40 samples against central differences. What is far from the target's multiples has a loss that
 * bends too sharply for them, and so has a magnitude that passes the target's: so p is t, louder first, softer then,
 * with some noise. Differences with h = 1e-6 of a loss of order 10 are right to 1e-9. */
static void check_gradient(sori_loss kind, bool keep_mean, size_t samples, size_t channels) {
    size_t n = samples * channels;
    double *p = malloc(n * sizeof *p), *t = malloc(n * sizeof *t), *dp = malloc(n * sizeof *dp), h = 1e-6;
    noise(t, n, 5);
    noise(p, n, 6);
    for (size_t i = 0; i < n; i++) p[i] = (i < n / 2 ? 3 : 0.3) * t[i] + 0.02 * p[i];
    loss_of(true, kind, keep_mean, p, t, dp, samples, channels);
    for (size_t i = 0; i < n; i += n / 40 + 1) {
        double kept = p[i], up, down;
        p[i] = kept + h;
        up = loss_of(true, kind, keep_mean, p, t, NULL, samples, channels);
        p[i] = kept - h;
        down = loss_of(true, kind, keep_mean, p, t, NULL, samples, channels);
        p[i] = kept;
        assert_close(dp[i], (up - down) / (2 * h), 2e-8, 1e-6);
    }
    free(p);
    free(t);
    free(dp);
}

static void gradient_si_sdr(void **state) {
    (void)state;
    for (size_t channels = 1; channels <= 3; channels++)
        for (int keep = 0; keep < 2; keep++) check_gradient(SORI_SI_SDR, keep, 203, channels);
}

static void gradient_multi_res_stft(void **state) {
    (void)state;
    check_gradient(SORI_MULTI_RES_STFT, false, 1500, 1);
    check_gradient(SORI_MULTI_RES_STFT, false, 700, 2);
}

/* Through the engine, several samples and shards. */
static void gradient_of_a_model(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .threads = 2, .seed = 7 });
    sori_model *m = sori_sequential(c, SORI_SHAPE(600, 3), SORI_LAYERS({ .op = SORI_DENSE, .units = 40 },
                                                                       { .op = SORI_ACTIVATION, .act = SORI_TANH },
                                                                       { .op = SORI_DENSE, .units = 2 }));
    sori_compile(m, &(sori_compile_config){ .loss = SORI_SI_SDR, .exact = true });
    enum { BATCH = 9 };
    nn_plan *p = nn_plan_get(m, BATCH, true);
    assert_ok(c);
    assert_true(p->shards > 1);
    base_rng r = base_rng_new(3, BASE_RNG_TEST, 0, 0);
    double *t = (double *)p->target, *g = malloc(m->param_count * sizeof *g), loss, correct;
    move_weights(m, &r);
    fill((double *)p->value[0].at, BATCH * m->input.size, &r, 0);
    nn_forward(m, p, BATCH);
    for (size_t i = 0; i < BATCH * 1200; i++) t[i] = ((double *)p->value[m->n_nodes].at)[i] + 0.2 * base_rng_normal(&r);
    nn_loss(m, p, BATCH, true, &loss, &correct);
    nn_backward(m, p, BATCH);
    memcpy(g, p->dw, m->param_count * sizeof *g);
    compare_gradients(m, p, BATCH, g);
    free(g);
    sori_model_free(m);
    sori_close(c);
}

/* --- definitions ------------------------------------------------------------ */

static double si_sdr(const double *p, const double *t, size_t n, size_t stride, bool keep_mean) {
    double mp = 0, mt = 0, pt = 0, tt = 0, target = 0, error = 0;
    for (size_t i = 0; i < n && !keep_mean; i++) {
        mp += p[i * stride] / (double)n;
        mt += t[i * stride] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        pt += (p[i * stride] - mp) * (t[i * stride] - mt);
        tt += (t[i * stride] - mt) * (t[i * stride] - mt);
    }
    for (size_t i = 0; i < n; i++) {
        double wanted = pt / tt * (t[i * stride] - mt), got = p[i * stride] - mp;
        target += wanted * wanted;
        error += (got - wanted) * (got - wanted);
    }
    return -10 * log10(target / error);
}

static void definition_si_sdr(void **state) {
    (void)state;
    enum { N = 999 };
    double p[2 * N], t[2 * N];
    noise(t, 2 * N, 1);
    noise(p, 2 * N, 2);
    for (int i = 0; i < 2 * N; i++) p[i] = 3 * t[i] + 0.05 * p[i];
    for (int keep = 0; keep < 2; keep++) {
        double expected = (si_sdr(p, t, N, 2, keep) + si_sdr(p + 1, t + 1, N, 2, keep)) / 2;
        assert_close(loss_of(true, SORI_SI_SDR, keep, p, t, NULL, N, 2), expected, 1e-6, 0);   /* the epsilons */
        assert_close(loss_of(false, SORI_SI_SDR, keep, p, t, NULL, N, 2), expected, 1e-4, 0);
        assert_close(loss_of(true, SORI_SI_SDR, keep, p, t, NULL, N, 1), si_sdr(p, t, N, 1, keep), 1e-6, 0);
    }
    double quiet[N] = { 0 };   /* silence: finite, whichever of the two it is */
    assert_true(isfinite(loss_of(false, SORI_SI_SDR, false, quiet, t, NULL, N, 1)));
    assert_true(isfinite(loss_of(false, SORI_SI_SDR, false, p, quiet, NULL, N, 1)));
    double best = -10 * log10(40 / 1e-8);   /* of about 40 of energy: bounded by the epsilon */
    assert_close(loss_of(true, SORI_SI_SDR, false, t, t, NULL, N, 1), best, 3, 0);
}

/* |X| of frame m: a Hann window of `length` samples in the middle of n_fft. */
static double magnitude(const double *x, size_t n, size_t n_fft, size_t hop, size_t length, size_t m, size_t k) {
    double re = 0, im = 0;
    for (size_t i = 0; i < length; i++) {
        size_t at = (n_fft - length) / 2 + i;
        long j = (long)(m * hop + at) - (long)(n_fft / 2);
        if (j < 0 || j >= (long)n) continue;
        double w = 0.5 - 0.5 * cos(2 * PI * (double)i / (double)length), angle = 2 * PI * (double)(k * at % n_fft) /
                   (double)n_fft;
        re += w * x[j] * cos(angle);
        im -= w * x[j] * sin(angle);
    }
    return sqrt(fmax(re * re + im * im, 1e-7));
}

static double resolution(const double *p, const double *t, size_t n, size_t n_fft, size_t hop, size_t length) {
    double apart = 0, all = 0, logs = 0;
    size_t frames = 1 + n / hop, bins = n_fft / 2 + 1;
    for (size_t m = 0; m < frames; m++)
        for (size_t k = 0; k < bins; k++) {
            double a = magnitude(p, n, n_fft, hop, length, m, k), b = magnitude(t, n, n_fft, hop, length, m, k);
            apart += (a - b) * (a - b);
            all += b * b;
            logs += fabs(log(b) - log(a));
        }
    return sqrt(apart / all) + logs / (double)(frames * bins);
}

static void definition_multi_res_stft(void **state) {
    (void)state;
    enum { N = 700 };
    double p[N], t[N];
    noise(t, N, 3);
    noise(p, N, 4);
    for (int i = 0; i < N / 3; i++) p[i] = t[i] = 0;   /* where nothing is, the least magnitude counts */
    double expected = (resolution(p, t, N, 1024, 120, 600) + resolution(p, t, N, 2048, 240, 1200) +
                       resolution(p, t, N, 512, 50, 240)) / 3;
    assert_close(loss_of(true, SORI_MULTI_RES_STFT, false, p, t, NULL, N, 1), expected, 1e-9, 0);
    assert_close(loss_of(false, SORI_MULTI_RES_STFT, false, p, t, NULL, N, 1), expected, 1e-4, 0);
    assert_close(loss_of(false, SORI_MULTI_RES_STFT, false, t, t, NULL, N, 1), 0, 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_si_sdr), cmocka_unit_test(gradient_multi_res_stft),
        cmocka_unit_test(gradient_of_a_model),
        cmocka_unit_test(definition_si_sdr), cmocka_unit_test(definition_multi_res_stft),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
