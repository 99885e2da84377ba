/* Out of memory in levels and effects. */
#include "oom.h"
#include <sori/fx.h>
#include <sori/level.h>

static sori_array *noise(sori_ctx *c, size_t rows, size_t n) {
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ rows, n });
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; a && i < a->size; i++) ((float *)a->data)[i] = (float)base_rng_uniform(&r);
    return a;
}

static uint64_t levels(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *S = noise(c, 5, 90), *zf = NULL, *again = NULL;
    uint64_t h = hash(sori_pcen(c, S, &(sori_pcen_config){ .max_size = 3, .zf = &zf }));
    h ^= hash(sori_pcen(c, S, &(sori_pcen_config){ .zi = zf, .zf = &again })) ^ hash(again) ^ hash(zf);
    sori_array *hz = sori_fft_frequencies(c, 22050, 8);
    h ^= hash(sori_multi_frequency_weighting(c, hz, NULL, (sori_opt){ 0 }));
    h ^= hash(sori_perceptual_weighting(c, S, hz, NULL));
    sori_array *steps = sori_mu_compress(c, S, NULL);
    h ^= hash(sori_mu_expand(c, steps, NULL)) ^ hash(steps) ^ hash(sori_quantize(c, S, 8, true));
    h ^= hash(sori_normalize(c, S, NULL));
    double loudness = sori_loudness(c, (sori_audio){ noise(c, 2, 900), 2000 });
    h = base_hash(h, &loudness, sizeof loudness);
    return h ^ hash(sori_normalize_peak(c, (sori_audio){ S, 22050 }, 0.5).y);
}

static uint64_t features(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *S = noise(c, 9, 40), *freq = noise(c, 9, 40);
    sori_audio y = { S, 22050 };
    uint64_t h = hash(sori_poly_features(c, y, &(sori_poly_config){ .S = S, .order = SORI_VALUE(2) }));
    h ^= hash(sori_poly_features(c, y, &(sori_poly_config){ .S = S, .freq = freq }));
    h ^= hash(sori_poly_features(c, y, &(sori_poly_config){ .stft.n_fft = 64 }));
    h ^= hash(sori_frame(c, S, 7, 3, (sori_opt){ 0 })) ^ hash(sori_fix_length(c, S, 50, NULL));
    h ^= hash(sori_pad_center(c, S, 50, NULL));
    h ^= hash(sori_stack_memory(c, S, NULL)) ^ hash(sori_zero_crossings(c, S, NULL));
    return h ^ hash(sori_fmt(c, S, NULL)) ^ hash(sori_fmt(c, S, &(sori_fmt_config){ .n_fmt = 37 }));
}

static uint64_t effects(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_array *x = noise(c, 2, 3000), *zf = NULL;
    sori_audio y = { x, 22050 };
    sori_array *pieces = sori_array_new(c, SORI_I64, 2, (size_t[]){ 2, 2 });
    if (pieces) memcpy(pieces->data, (int64_t[]){ 900, 2000, 0, 700 }, 32);
    sori_trim_result t = sori_trim(c, y, NULL);
    uint64_t h = hash(t.y.y) ^ hash(t.index) ^ hash(sori_split_silence(c, y, NULL));
    h ^= hash(sori_remix(c, y, pieces, NULL).y) ^ hash(sori_lpc(c, x, 5, (sori_opt){ 0 }));
    h ^= hash(sori_preemphasis(c, y, &(sori_emphasis_config){ .zf = &zf }).y) ^ hash(zf);
    return h ^ hash(sori_deemphasis(c, y, &(sori_emphasis_config){ .zi = zf }).y);
}

static void of_levels(void **state) { (void)state; oom_every(&(oom_job){ .run = levels }); }
static void of_features(void **state) { (void)state; oom_every(&(oom_job){ .run = features }); }
static void of_effects(void **state) { (void)state; oom_every(&(oom_job){ .run = effects }); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_levels), cmocka_unit_test(of_features), cmocka_unit_test(of_effects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
