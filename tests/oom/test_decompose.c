/* Out of memory while spectrograms are taken apart. */
#include "oom.h"
#include <sori/fx.h>

static sori_array *noise(sori_ctx *c, sori_dtype dtype, size_t rows, size_t columns) {
    sori_array *a = sori_array_new(c, dtype, 2, (size_t[]){ rows, columns });
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    size_t n = a ? a->size * (dtype == SORI_C64 ? 2 : 1) : 0;
    for (size_t i = 0; i < n; i++) ((float *)a->data)[i] = (float)base_rng_uniform(&r);
    return a;
}

static uint64_t separate(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_hpss_result a = sori_hpss(c, noise(c, SORI_C64, 20, 30), NULL);
    sori_array *S = noise(c, SORI_F32, 20, 30);
    sori_hpss_result b = sori_hpss(c, S, &(sori_hpss_config){ .kernel_size = { 5 }, .mask = true });
    uint64_t h = hash(a.harmonic) ^ hash(a.percussive) ^ hash(b.harmonic) ^ hash(sori_softmask(c, S, S, NULL));
    sori_array *y = sori_array_new(c, SORI_F32, 1, (size_t[]){ 3000 });
    if (y) ((float *)y->data)[1500] = 1;
    sori_effects_hpss_config g = { .stft.n_fft = 256 };
    sori_effects_hpss_result r = sori_effects_hpss(c, (sori_audio){ y, 22050 }, &g);
    h ^= hash(r.harmonic.y) ^ hash(r.percussive.y) ^ hash(sori_harmonic(c, (sori_audio){ y, 22050 }, &g).y);
    g.hpss.mask = true;
    return h ^ hash(sori_percussive(c, (sori_audio){ y, 22050 }, &g).y);
}

static uint64_t factorise(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *S = noise(c, SORI_F32, 20, 30);
    sori_decompose_result r = sori_decompose(c, S, &(sori_decompose_config){ .n_components = 3, .sort = true });
    sori_decompose_config g = { .components = r.components, .max_iter = 5 };
    sori_decompose_result fixed = sori_decompose(c, S, &g);
    sori_decompose_result many = sori_decompose(c, S, &(sori_decompose_config){ .n_components = 33, .max_iter = 2 });
    uint64_t h = hash(r.components) ^ hash(r.activations) ^ hash(many.components);
    return h ^ (r.components ? hash(fixed.activations) : 0);
}

static uint64_t factorise_by_divergence(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *S = noise(c, SORI_F32, 20, 30);
    sori_nmf_config g = { .n_components = 3, .max_iter = 11, .loss = SORI_NMF_KULLBACK_LEIBLER, .smooth = 0.1 };
    sori_nmf_result a = sori_nmf(c, S, &g), b = sori_nmfd(c, S, &(sori_nmfd_config){ .nmf = g, .T = 4 });
    sori_nmf_result h = sori_nmf(c, S, &(sori_nmf_config){ .W = a.W, .fixed = 2, .solver = SORI_NMF_HALS });
    return hash(a.W) ^ hash(a.H) ^ hash(a.loss) ^ 3 * hash(b.W) ^ (a.W ? 5 * hash(h.H) : 0);
}

static uint64_t compare(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *S = noise(c, SORI_F32, 20, 30), *T = noise(c, SORI_F32, 20, 11);
    sori_recurrence_config g = { .metric = SORI_METRIC_COSINE, .mode = SORI_RECURRENCE_AFFINITY, .sym = true,
                                 .self = true };
    sori_array *R = sori_recurrence_matrix(c, S, &g);
    uint64_t h = hash(R) ^ hash(sori_cross_similarity(c, S, T, NULL));
    h ^= hash(sori_nn_filter(c, S, NULL)) * 3;
    h ^= R ? hash(sori_nn_filter(c, S, &(sori_nn_filter_config){ .rec = R, .aggregate = SORI_AGGREGATE_MEDIAN })) : 0;
    g = (sori_recurrence_config){ .axis = SORI_VALUE(0), .k = 2 };
    return h ^ hash(sori_nn_filter(c, S, &(sori_nn_filter_config){ .recurrence = g })) * 5;
}

static void separation(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = separate });
    oom_every(&(oom_job){ .run = separate, .threads = 2, .most = 40 });
}

static void factorisation(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = factorise });
    oom_every(&(oom_job){ .run = factorise_by_divergence });
    oom_every(&(oom_job){ .run = factorise_by_divergence, .threads = 2, .most = 30 });
}

static void neighbours(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = compare });
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separation), cmocka_unit_test(factorisation), cmocka_unit_test(neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
