/* istft.c - sound from a complex spectrum by least-squares overlap-add.   librosa.istft
 *
 * Griffin and Lim, "Signal estimation from modified short-time Fourier transform", IEEE Trans. ASSP 32, 1984. The
 * work is done in inverse.c; here are the gate, and frames read from an array. */
#include "feat/inverse.h"

typedef struct spectrum {
    const float *D;              /* [channels][bins][stride] pairs */
    size_t bins, stride;
    const num_kernels *k;
} spectrum;

/* The state is where the channel begins. */
static void begin_channel(const void *source, void *state, size_t channel, size_t shard, size_t first) {
    const spectrum *s = source;
    (void)shard, (void)first;
    *(const float **)state = s->D + 2 * channel * s->bins * s->stride;
}

static void load_frames(const void *source, void *state, size_t first, size_t lanes, void *rows) {
    const spectrum *s = source;
    s->k->load_complex(s->bins, *(const float **)state + 2 * first, s->stride, lanes, rows);
}

static bool check_spectrum(sori_ctx *c, const sori_array *D, const feat_input *in) {
    size_t bins = D->shape[D->ndim - 2];
    if (bins != in->bins)
        sori_fail(c, SORI_EINVAL, "istft: n_fft %zu has %zu bins, the spectrum %zu", in->n_fft, in->bins, bins);
    else if (D->shape[D->ndim - 1] == 0) sori_fail(c, SORI_EINVAL, "istft: the spectrum has no frames");
    return !base_failed(c);
}

/* The window is taken over. */
static sori_array *run(sori_ctx *c, const sori_array *D, const feat_input *in, double *window, size_t length) {
    spectrum s = { D->data, in->bins, D->shape[D->ndim - 1], num_kernels_find(NULL, in->exact) };
    feat_inverse v = { .window = window, .begin = begin_channel, .load = load_frames, .source = &s,
                       .state_size = BASE_ALIGN, .channels = 1 };
    if (!window) return NULL;
    feat_inverse_measure(&v, in, s.stride, length);
    for (int i = 0; i < D->ndim - 2; i++) v.channels *= D->shape[i];
    sori_array *y = array_new_lead(c, SORI_F32, D->ndim - 2, D->shape, 1, &v.n);
    if (y) v.y = y->data;
    if (y && feat_inverse_open(c, &v)) feat_inverse_run(c, &v);
    feat_inverse_close(c, &v);
    return base_failed(c) ? NULL : y;
}

sori_audio sori_istft(sori_ctx *c, const sori_array *D, double sr, const sori_istft_config *config) {
    static const sori_istft_config defaults;
    sori_audio out = { NULL, sr };
    if (!config) config = &defaults;
    if (!array_check(c, "istft", D, SORI_C64, 2)) return out;
    sori_stft_config g = config->stft;
    if (g.n_fft == 0) g.n_fft = 2 * ((int)BASE_MIN(D->shape[D->ndim - 2], (size_t)1 << 24) - 1);
    g = feat_stft_defaults(&g);
    feat_input in;
    if (!feat_input_settings(c, &in, "istft", sr, &g) || !check_spectrum(c, D, &in)) return out;
    out.y = run(c, D, &in, feat_window(c, "istft", &g, in.n_fft, in.win_length), config->length);
    return out;
}
