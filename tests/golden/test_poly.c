/* Polynomials of spectra, stacked frames, the Mellin transform, frames and lengths against librosa. */
#include "golden/golden_stft.h"

static sori_array *poly(golden_call *g, const sori_array *freq) {
    char window[256];
    sori_poly_config config = { .stft = golden_stft(g, window), .S = golden_array(g, "S"),
                                .order = golden_opt(g, "order"), .freq = freq };
    return sori_poly_features(g->c, golden_audio(g), &config);
}

static sori_array *run_poly_features(golden_call *g) { return poly(g, golden_array(g, "freq")); }

/* Row `row` of the coefficients, without its axis. */
static sori_array *row_of(golden_call *g, const sori_array *all) {
    size_t row = (size_t)golden_int(g, "row"), shape[SORI_MAX_DIMS];
    if (!all) return NULL;
    size_t rows = all->shape[all->ndim - 2], frames = all->shape[all->ndim - 1];
    for (int i = 0; i < all->ndim - 1; i++) shape[i] = i < all->ndim - 2 ? all->shape[i] : frames;
    sori_array *out = sori_array_new(g->c, SORI_F32, all->ndim - 1, shape);
    for (size_t i = 0; i < out->size; i++)
        ((float *)out->data)[i] = ((float *)all->data)[(i / frames * rows + row) * frames + i % frames];
    return out;
}

static sori_array *run_poly_row(golden_call *g) { return row_of(g, run_poly_features(g)); }

/* The centres of reference_poly.moving. */
static sori_array *run_poly_moving(golden_call *g) {
    const sori_array *S = golden_array(g, "S");
    sori_array *freq = sori_array_new(g->c, SORI_F32, 2, S->shape);
    for (size_t i = 0; i < freq->size; i++) {
        size_t k = i / S->shape[1], t = i % S->shape[1];
        ((float *)freq->data)[i] = (float)(k * 64 + t * 8 + k % 3 * 4);
    }
    return row_of(g, poly(g, freq));
}

static sori_array *run_stack_memory(golden_call *g) {
    sori_memory_config config = {
        .n_steps = golden_int(g, "n_steps"), .delay = golden_int(g, "delay"),
        .mode = (sori_pad_mode)golden_choice(g, "mode", golden_pad_modes, 6),
        .constant_values = golden_number(g, "constant_values"),
    };
    return sori_stack_memory(g->c, golden_array(g, "data"), &config);
}

static sori_array *run_fmt(golden_call *g) {
    static const char *const kinds[] = { "cubic", "linear", "slinear" };
    int kind = golden_choice(g, "kind", kinds, 3);
    sori_fmt_config config = {
        .t_min = golden_number(g, "t_min"), .n_fmt = golden_int(g, "n_fmt"), .beta = golden_opt(g, "beta"),
        .kind = kind ? SORI_FMT_LINEAR : SORI_FMT_CUBIC, .over_sample = golden_number(g, "over_sample"),
        .axis = golden_opt(g, "axis"),
    };
    return sori_fmt(g->c, golden_array(g, "y"), &config);
}

static sori_array *run_frame(golden_call *g) {
    int frame_length = golden_int(g, "frame_length"), hop_length = golden_int(g, "hop_length");
    return sori_frame(g->c, golden_array(g, "x"), frame_length, hop_length, golden_opt(g, "axis"));
}

typedef sori_array *length_function(sori_ctx *c, const sori_array *data, size_t size, const sori_length_config *config);

static sori_array *length(golden_call *g, length_function *f) {
    sori_length_config config = { .axis = golden_opt(g, "axis"),
                                  .mode = (sori_pad_mode)golden_choice(g, "mode", golden_pad_modes, 6) };
    return f(g->c, golden_array(g, "data"), (size_t)golden_int(g, "size"), &config);
}

static sori_array *run_fix_length(golden_call *g) { return length(g, sori_fix_length); }
static sori_array *run_pad_center(golden_call *g) { return length(g, sori_pad_center); }

int main(void) {
    static const golden_adapter adapters[] = {
        { "poly_features", run_poly_features }, { "poly_row", run_poly_row }, { "poly_moving", run_poly_moving },
        { "stack_memory", run_stack_memory }, { "fmt", run_fmt }, { "frame", run_frame },
        { "fix_length", run_fix_length }, { "pad_center", run_pad_center },
    };
    return golden_main("poly", adapters, BASE_COUNT(adapters));
}
