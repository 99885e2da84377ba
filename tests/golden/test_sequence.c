/* Viterbi decoders, transition matrices and energy at harmonics against librosa. */
#include "golden/golden.h"
#include <sori/pitch.h>

/* --- decoders ---------------------------------------------------------------------------------------------------- */

/* Columns of sum 1, in double, added up row by row. */
static void normalize(sori_array *p) {
    size_t n = p->shape[p->ndim - 2], steps = p->shape[p->ndim - 1];
    for (size_t i = 0; i < p->size / n; i++) {
        double *x = (double *)p->data + i / steps * n * steps + i % steps, sum = 0;
        for (size_t s = 0; s < n; s++) sum += x[s * steps];
        for (size_t s = 0; s < n; s++) x[s * steps] /= sum;
    }
}

static sori_array *probabilities(golden_call *g) {
    sori_array *p = golden_array(g, "prob");
    bool sum = golden_unusual(g, "normalize", false);
    if (!golden_unusual(g, "single", false)) p = sori_array_cast(g->c, p, SORI_F64);
    if (sum) normalize(p);
    return p;
}

/* The matrix whose rows stand one after the other; [n, 2, 2] if binary and more than one. */
static sori_array *matrix(golden_call *g, bool binary) {
    sori_array *a = golden_array(g, "transition");
    size_t side = binary ? 2 : (size_t)lround(sqrt((double)a->size));
    if (binary && a->size > 4) return sori_array_from(g->c, SORI_F64, 3, (size_t[]){ a->size / 4, 2, 2 }, a->data);
    return sori_array_from(g->c, SORI_F64, 2, (size_t[]){ side, side }, a->data);
}

typedef sori_viterbi_result decoder(sori_ctx *, const sori_array *, const sori_array *, const sori_viterbi_config *);

static sori_viterbi_result decode(golden_call *g, decoder *f) {
    sori_viterbi_config config = { .p_init = golden_array(g, "p_init"), .p_state = golden_array(g, "p_state") };
    return f(g->c, probabilities(g), matrix(g, f == sori_viterbi_binary), &config);
}

static sori_array *viterbi_states(golden_call *g) { return decode(g, sori_viterbi).states; }
static sori_array *viterbi_logp(golden_call *g) { return decode(g, sori_viterbi).logp; }
static sori_array *discriminative_states(golden_call *g) { return decode(g, sori_viterbi_discriminative).states; }
static sori_array *discriminative_logp(golden_call *g) { return decode(g, sori_viterbi_discriminative).logp; }
static sori_array *binary_states(golden_call *g) { return decode(g, sori_viterbi_binary).states; }
static sori_array *binary_logp(golden_call *g) { return decode(g, sori_viterbi_binary).logp; }

/* --- matrices ----------------------------------------------------------------------------------------------------- */

static sori_array *run_uniform(golden_call *g) { return sori_transition_uniform(g->c, golden_int(g, "n_states")); }

static sori_array *of_prob(golden_call *g, sori_array *(*f)(sori_ctx *, int, double, const double *)) {
    const json_t *p = golden_arg(g, "prob");
    const sori_array *each = golden_array(g, "prob");
    return f(g->c, golden_int(g, "n_states"), json_number_value(p), each ? each->data : NULL);
}

static sori_array *run_loop(golden_call *g) { return of_prob(g, sori_transition_loop); }
static sori_array *run_cycle(golden_call *g) { return of_prob(g, sori_transition_cycle); }

static sori_array *run_local(golden_call *g) {
    return sori_transition_local(g->c, golden_int(g, "n_states"), golden_int(g, "width"), NULL,
                                 golden_string(g, "window"), golden_unusual(g, "wrap", false));
}

/* --- harmonics ---------------------------------------------------------------------------------------------------- */

static sori_harmonics_config harmonics(golden_call *g) {
    const sori_array *h = golden_array(g, "harmonics"), *weights = golden_array(g, "weights");
    return (sori_harmonics_config){
        .freqs = golden_array(g, "freqs"), .harmonics = h->data, .n_harmonics = h->size,
        .weights = weights ? weights->data : NULL, .unfiltered = golden_unusual(g, "filter_peaks", true),
        .fill_na = golden_opt(g, "fill_value"), .fill_value = golden_number(g, "fill_value"),
    };
}

static sori_array *run_interp(golden_call *g) {
    sori_harmonics_config config = harmonics(g);
    return sori_interp_harmonics(g->c, golden_array(g, "x"), &config);
}

static sori_array *run_salience(golden_call *g) {
    sori_harmonics_config config = harmonics(g);
    return sori_salience(g->c, golden_array(g, "S"), &config);
}

static sori_array *run_f0(golden_call *g) {
    sori_harmonics_config config = harmonics(g);
    return sori_f0_harmonics(g->c, golden_array(g, "x"), golden_array(g, "f0"), &config);
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "viterbi_states", viterbi_states }, { "viterbi_logp", viterbi_logp },
        { "discriminative_states", discriminative_states }, { "discriminative_logp", discriminative_logp },
        { "binary_states", binary_states }, { "binary_logp", binary_logp }, { "transition_uniform", run_uniform },
        { "transition_loop", run_loop }, { "transition_cycle", run_cycle }, { "transition_local", run_local },
        { "interp_harmonics", run_interp }, { "salience", run_salience }, { "f0_harmonics", run_f0 },
    };
    return golden_main("sequence", adapters, BASE_COUNT(adapters));
}
