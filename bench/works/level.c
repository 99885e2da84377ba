/* level.c - levels and effects that need no transform, and polynomials of spectra. */
#include "works.h"
#include <sori/fx.h>
#include <sori/level.h>

static sori_array *mel_of(const work_input *in) {
    sori_array *S = sori_melspectrogram(in->c, in->y, NULL);
    for (size_t i = 0; S && i < S->size; i++) ((float *)S->data)[i] *= 0x1p31f;   /* as librosa's example has it */
    return S;
}

static sori_array *unit_of(const work_input *in) { return sori_normalize_peak(in->c, in->y, 1).y; }

static sori_array *spectrogram_of(const work_input *in) { return sori_spectrogram(in->c, in->y, NULL); }

static sori_array *pcen(const work_input *in) {
    return sori_pcen(in->c, in->prepared, &(sori_pcen_config){ .exact = in->exact });
}

static sori_array *mu_compress(const work_input *in) { return sori_mu_compress(in->c, in->prepared, NULL); }

static sori_array *mu_expand(const work_input *in) {
    return sori_mu_expand(in->c, in->prepared, &(sori_mu_config){ .continuous = true });
}

static sori_array *trim(const work_input *in) {
    return sori_trim(in->c, in->y, &(sori_silence_config){ .top_db = SORI_VALUE(10) }).y.y;
}

static sori_array *lpc(const work_input *in) { return sori_lpc(in->c, in->y.y, 16, (sori_opt){ 0 }); }
static sori_array *preemphasis(const work_input *in) { return sori_preemphasis(in->c, in->y, NULL).y; }
static sori_array *deemphasis(const work_input *in) { return sori_deemphasis(in->c, in->y, NULL).y; }
static sori_array *normalize(const work_input *in) { return sori_normalize(in->c, in->prepared, NULL); }

static sori_array *stack_memory(const work_input *in) {
    return sori_stack_memory(in->c, in->prepared, &(sori_memory_config){ .n_steps = 3 });
}

static sori_array *poly_features(const work_input *in) {
    return sori_poly_features(in->c, in->y, &(sori_poly_config){ .stft.exact = in->exact });
}

static sori_array *poly_of_S(const work_input *in) {
    return sori_poly_features(in->c, in->y, &(sori_poly_config){ .S = in->prepared });
}

const work works_level[] = {
    { "pcen", pcen, mel_of }, { "mu_compress", mu_compress, unit_of }, { "mu_expand", mu_expand, unit_of },
    { "trim", trim }, { "lpc", lpc }, { "preemphasis", preemphasis }, { "deemphasis", deemphasis },
    { "normalize", normalize, spectrogram_of }, { "stack_memory", stack_memory, mel_of },
    { "poly_features", poly_features }, { "poly_of_S", poly_of_S, spectrogram_of }, { NULL },
};
