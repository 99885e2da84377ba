/* What decompositions, recurrence and filters refuse, the sentence they say, and what they make of next to nothing. */
#include "arrays.h"
#include <sori/fx.h>

/* Frames 0, 1, 2, ... in one feature. */
static sori_array *counting(sori_ctx *c, size_t n) {
    sori_array *a = filled(c, 1, n, 0);
    for (size_t i = 0; i < n; i++) ((float *)a->data)[i] = (float)i;
    return a;
}

static const float *values(const sori_array *a) { return a->data; }

static void harmonic_and_percussive(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = filled(c, 4, 6, 1);
#define HPSS(...) sori_hpss(c, S, &(sori_hpss_config){ __VA_ARGS__ }).harmonic
    REFUSES(c, sori_hpss(c, NULL, NULL).percussive, "hpss: no array given");
    REFUSES(c, HPSS(.power = -1), "hpss: power -1 is not above 0");
    REFUSES(c, HPSS(.kernel_size = { 31, -2 }), "hpss: percussive kernel_size -2 is outside 1 to 1048576");
    REFUSES(c, HPSS(.margin = { 0.5 }), "hpss: harmonic margin 0.5 is below 1");
    REFUSES(c, HPSS(.margin = { 1, (double)NAN }), "hpss: percussive margin nan is below 1");
    ((float *)S->data)[5] = -1;
    REFUSES(c, HPSS(.mask = true), "hpss: value 5 of the spectrogram is negative");
    ((float *)S->data)[5] = NAN;
    REFUSES(c, HPSS(.mask = true), "hpss: value 5 of the input is not finite");
    sori_array *y = filled(c, 1, 1, 0.5f);
    REFUSES(c, sori_harmonic(c, (sori_audio){ y, 22050 }, &(sori_effects_hpss_config){ .hpss.power = -2 }).y,
            "harmonic: power -2 is not above 0");
    REFUSES(c, sori_percussive(c, (sori_audio){ y, 22050 }, &(sori_effects_hpss_config){ .stft.n_fft = -1 }).y,
            "percussive: stft: n_fft -1 is outside 1 to 16777216");
    REFUSES(c, sori_effects_hpss(c, (sori_audio){ NULL, 22050 }, NULL).percussive.y, "hpss: stft: no array given");
    sori_array *empty = sori_array_new(c, SORI_F32, 2, (size_t[]){ 5, 0 });
    assert_int_equal(sori_hpss(c, empty, NULL).harmonic->size, 0);
    assert_ok(c);
    sori_close(c);
}

static void soft_masks(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *a = filled(c, 2, 3, 1), *b = filled(c, 3, 2, 1), *d = filled(c, 2, 3, 2);
    REFUSES(c, sori_softmask(c, a, b, NULL), "softmask: X is [2, 3], X_ref [3, 2]");
    REFUSES(c, sori_softmask(c, a, d, &(sori_softmask_config){ .power = -1 }), "softmask: power -1 is not above 0");
    sori_softmask_config hard = { .power = (double)INFINITY };
    assert_true(values(sori_softmask(c, a, d, &hard))[0] == 0);
    assert_true(values(sori_softmask(c, d, a, &hard))[0] == 1);
    assert_true(values(sori_softmask(c, a, a, &hard))[0] == 0);
    ((float *)d->data)[1] = -2;
    REFUSES(c, sori_softmask(c, a, d, NULL), "softmask: value 1 of the spectrogram is negative");
    sori_close(c);
}

static void factorisation(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = filled(c, 4, 6, 1), *stereo = sori_array_new(c, SORI_F32, 3, (size_t[]){ 2, 3, 4 });
#define NMF(S_, ...) sori_decompose(c, S_, &(sori_decompose_config){ __VA_ARGS__ }).components
    REFUSES(c, NMF(NULL, .sort = true), "decompose: no array given");
    REFUSES(c, NMF(S, .n_components = -1), "decompose: n_components -1 is outside 1 to 65536");
    REFUSES(c, NMF(S, .max_iter = -1), "decompose: max_iter -1 is below 1");
    REFUSES(c, NMF(S, .tol = SORI_VALUE(-1)), "decompose: tol -1 is below 0");
    REFUSES(c, NMF(stereo, .sort = true), "decompose: sort is for one [features, frames] spectrogram, as in librosa");
    REFUSES(c, NMF(S, .components = filled(c, 5, 2, 1)),
            "decompose: components are [5, 2], which do not fit S, [4, 6]");
    REFUSES(c, NMF(S, .components = filled(c, 4, 2, 1), .n_components = 3),
            "decompose: 2 components are given, n_components is 3");
    REFUSES(c, NMF(sori_array_new(c, SORI_F32, 2, (size_t[]){ 4, 0 }), .n_components = 1),
            "decompose: the spectrogram is empty");
    sori_decompose_result r = sori_decompose(c, filled(c, 1, 1, 9), &(sori_decompose_config){ .n_components = 1 });
    assert_ok(c);
    assert_close((double)values(r.components)[0] * (double)values(r.activations)[0], 9, 1e-5, 0);
    r = sori_decompose(c, filled(c, 3, 5, 0), NULL);          /* silence */
    for (size_t i = 0; i < 15; i++) assert_true(values(r.activations)[i] == 0);
    r = sori_decompose(c, S, &(sori_decompose_config){ .n_components = 9 });   /* more than bins: from the seed */
    sori_decompose_result again = sori_decompose(c, S, &(sori_decompose_config){ .n_components = 9 });
    assert_ok(c);
    assert_memory_equal(r.components->data, again.components->data, 36 * sizeof(float));
    sori_interrupt(c);
    assert_null(sori_decompose(c, S, NULL).components);
    assert_int_equal(sori_error(c), SORI_EINTR);
    sori_close(c);
}

static void recurrence(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = counting(c, 12), *flat = filled(c, 3, 12, 1);
#define REC(S_, ...) sori_recurrence_matrix(c, S_, &(sori_recurrence_config){ __VA_ARGS__ })
    REFUSES(c, REC(NULL, .k = 1), "recurrence_matrix: no array given");
    REFUSES(c, REC(S, .k = -1), "recurrence_matrix: k -1 is below 1");
    REFUSES(c, REC(S, .width = 5), "recurrence_matrix: width 5 is not at least 1 and below 5, half of the 12 frames");
    REFUSES(c, REC(S, .width = -1), "recurrence_matrix: width -1 is not at least 1 and below 5, half of the 12 frames");
    REFUSES(c, REC(counting(c, 1), .k = 1),
            "recurrence_matrix: width 1 is not at least 1 and below 0, half of the 1 frames");
    REFUSES(c, REC(S, .metric = (sori_metric)9), "recurrence_matrix: there is no metric 9");
    REFUSES(c, REC(S, .mode = (sori_recurrence_mode)9), "recurrence_matrix: there is no mode 9");
    REFUSES(c, REC(S, .bandwidth = (sori_bandwidth)9), "recurrence_matrix: there is no bandwidth 9");
    REFUSES(c, REC(S, .bandwidth_value = -1), "recurrence_matrix: bandwidth_value -1 is not above 0");
    REFUSES(c, REC(S, .axis = SORI_VALUE(2)), "recurrence_matrix: there is no axis 2 of 2");
    REFUSES(c, REC(flat, .mode = SORI_RECURRENCE_AFFINITY),
            "recurrence_matrix: no frame has neighbours, which the bandwidth needs");
    REFUSES(c, REC(flat, .mode = SORI_RECURRENCE_AFFINITY, .bandwidth = SORI_BANDWIDTH_MEAN_K),
            "recurrence_matrix: frame 0 has no neighbours, which its bandwidth needs");
    REFUSES(c, sori_cross_similarity(c, S, flat, NULL),
            "cross_similarity: data is [1, 12], data_ref [3, 12]: their features differ");
    sori_recurrence_config pairs = { .mode = SORI_RECURRENCE_AFFINITY, .bandwidth = SORI_BANDWIDTH_MEAN_K };
    REFUSES(c, sori_cross_similarity(c, S, S, &pairs),
            "cross_similarity: a bandwidth of pairs needs the frames of one sound");
    sori_array *R = REC(S, .k = 1);                           /* of two frames equally far the earlier one */
    assert_ok(c);
    assert_int_equal(R->dtype, SORI_U8);
    for (size_t i = 0; i < 12; i++)
        for (size_t j = 0; j < 12; j++) assert_int_equal(((uint8_t *)R->data)[j * 12 + i], j == (i ? i - 1 : 1));
    R = sori_cross_similarity(c, counting(c, 1), counting(c, 1), NULL);
    assert_int_equal(((uint8_t *)R->data)[0], 1);
    ((float *)S->data)[3] = INFINITY;
    REFUSES(c, REC(S, .k = 2), "recurrence_matrix: value 3 of the input is not finite");
    sori_close(c);
}

static void filters(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_array *S = counting(c, 8), *rec = filled(c, 8, 8, 0);
#define FILTER(...) sori_nn_filter(c, S, &(sori_nn_filter_config){ __VA_ARGS__ })
    REFUSES(c, sori_nn_filter(c, NULL, NULL), "nn_filter: no array given");
    REFUSES(c, FILTER(.aggregate = (sori_aggregate)7), "nn_filter: there is no aggregate 7");
    REFUSES(c, FILTER(.rec = filled(c, 8, 7, 0)), "nn_filter: rec is [8, 7], S has 8 frames");
    REFUSES(c, FILTER(.rec = sori_array_new(c, SORI_C64, 2, (size_t[]){ 8, 8 })),
            "nn_filter: rec is complex64, not uint8, float32 or float64");
    REFUSES(c, FILTER(.recurrence.width = 3), "nn_filter: width 3 is not at least 1 and below 3, half of the 8 frames");
    sori_array *F = FILTER(.rec = rec);                       /* no neighbours: nothing changes */
    assert_ok(c);
    assert_memory_equal(F->data, S->data, 8 * sizeof(float));
    ((float *)rec->data)[2 * 8 + 5] = 1;                      /* frame 5 becomes frame 2 */
    ((float *)rec->data)[3 * 8 + 6] = 1;
    ((float *)rec->data)[1 * 8 + 6] = -1;
    F = FILTER(.rec = rec);
    assert_true(values(F)[5] == 2 && values(F)[6] == 2 && values(F)[7] == 7);
    REFUSES(c, FILTER(.rec = rec, .aggregate = SORI_AGGREGATE_AVERAGE), "nn_filter: the weights of frame 6 sum to 0");
    ((float *)rec->data)[1] = NAN;
    REFUSES(c, FILTER(.rec = rec), "nn_filter: value 1 of rec is not finite");
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harmonic_and_percussive), cmocka_unit_test(soft_masks), cmocka_unit_test(factorisation),
        cmocka_unit_test(recurrence), cmocka_unit_test(filters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
