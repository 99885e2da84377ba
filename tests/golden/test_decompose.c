/* Factorisation, recurrence and nearest neighbours against librosa and scikit-learn. */
#include "golden/golden.h"
#include <sori/decompose.h>

/* The argument `name`, or the magnitudes of the sound y. */
static sori_array *spectrogram(golden_call *g, const char *name) {
    sori_array *y = golden_array(g, "y"), *S = golden_array(g, name);
    sori_spectrogram_config config = { .stft = { .n_fft = 512, .hop_length = 128, .exact = true } };
    return y ? sori_spectrogram(g->c, (sori_audio){ y, 22050 }, &config) : S;
}

/* --- factorisation --------------------------------------------------------------------------------------------- */

static sori_decompose_result decompose(golden_call *g, sori_array **S) {
    *S = spectrogram(g, "S");
    sori_decompose_config config = {
        .n_components = golden_int(g, "n_components"), .sort = golden_unusual(g, "sort", false),
        .components = golden_array(g, "components"), .max_iter = golden_int(g, "max_iter"),
        .tol = golden_opt(g, "tol"), .exact = g->exact,
    };
    golden_arg(g, "random_svd");
    return sori_decompose(g->c, *S, &config);
}

static sori_array *run_components(golden_call *g) {
    sori_array *S;
    return decompose(g, &S).components;
}

static sori_array *run_activations(golden_call *g) {
    sori_array *S;
    return decompose(g, &S).activations;
}

/* Where singular vectors are alike, components are any mixture of each other; their product with the activations is
 * what counts. */
static sori_array *run_product(golden_call *g) {
    sori_array *S;
    sori_decompose_result r = decompose(g, &S);
    if (!r.components) return NULL;
    size_t k = r.activations->shape[0], n = r.activations->shape[1];
    sori_array *out = sori_array_new(g->c, SORI_F32, S->ndim, S->shape);
    const float *W = r.components->data, *H = r.activations->data;
    for (size_t i = 0; i < out->size; i++) {
        double sum = 0;
        for (size_t j = 0; j < k; j++) sum += (double)W[i / n * k + j] * (double)H[j * n + i % n];
        ((float *)out->data)[i] = (float)sum;
    }
    return out;
}

/* --- recurrence ------------------------------------------------------------------------------------------------- */

static sori_recurrence_config settings(golden_call *g) {
    static const char *const metrics[] = { "euclidean", "sqeuclidean", "cityblock", "cosine" };
    static const char *const modes[] = { "connectivity", "distance", "affinity" };
    static const char *const bandwidths[] = { "med_k_scalar", "mean_k", "gmean_k", "mean_k_avg", "gmean_k_avg",
                                              "mean_k_avg_and_pair" };
    sori_recurrence_config config = {
        .k = golden_int(g, "k"), .width = golden_int(g, "width"), .exact = g->exact,
        .metric = (sori_metric)golden_choice(g, "metric", metrics, 4), .sym = golden_unusual(g, "sym", false),
        .mode = (sori_recurrence_mode)golden_choice(g, "mode", modes, 3), .self = golden_unusual(g, "self", false),
        .axis = golden_opt(g, "axis"), .full = golden_unusual(g, "full", false),
        .first_k = golden_unusual(g, "first_k", false),
    };
    const json_t *bandwidth = golden_arg(g, "bandwidth");
    if (json_is_number(bandwidth)) config.bandwidth_value = json_number_value(bandwidth);
    else if (json_is_string(bandwidth)) config.bandwidth = (sori_bandwidth)golden_choice(g, "bandwidth", bandwidths, 6);
    return config;
}

static sori_array *run_recurrence(golden_call *g) {
    sori_recurrence_config config = settings(g);
    return sori_recurrence_matrix(g->c, spectrogram(g, "data"), &config);
}

static sori_array *run_cross(golden_call *g) {
    sori_recurrence_config config = settings(g);
    return sori_cross_similarity(g->c, golden_array(g, "data"), golden_array(g, "data_ref"), &config);
}

static sori_array *run_nn_filter(golden_call *g) {
    sori_nn_filter_config config = { .rec = golden_array(g, "rec"), .recurrence = settings(g) };
    config.aggregate = golden_aggregate(g, "aggregate", SORI_AGGREGATE_DEFAULT);
    return sori_nn_filter(g->c, spectrogram(g, "S"), &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "components", run_components }, { "activations", run_activations }, { "product", run_product },
        { "recurrence", run_recurrence }, { "cross", run_cross }, { "nn_filter", run_nn_filter },
    };
    return golden_main("decompose", adapters, BASE_COUNT(adapters));
}
