/* log_mel.c - sound to the mel power spectrogram in decibels, as a layer.     librosa.feature.melspectrogram,
 *                                                                             librosa.power_to_db(top_db=None)
 *   x [s, n] or [s, n, 1]   ->   y [s, n_mels, frames, 1] = 10 log10(max(1e-10, S)),  S = W |X|^2
 *   dX = 2 X W^T dS, dS = dy 10 / (ln 10 S) where S is above 1e-10, else 0; dx from dX as the STFT's
 *
 * The filters W [n_mels, 1 + n_fft/2] are Slaney's, a parameter that is not trained, so that a model file holds all it
 * needs. Almost all of W is zero: prepare finds where each filter begins and ends. In the backward pass the spectrum is
 * computed again, which is cheaper than to keep it. */
#include <sori/feat.h>

#define LOG_MEL_LEAST ((real)1e-10)   /* of the power, librosa's amin */
#define LOG_MEL_ROW (NUM_LANES / LANES)

typedef struct log_mel_band { uint32_t from, to; } log_mel_band;

static bool log_mel_shape(sori_ctx *c, nn_node *n) {
    sori_layer *l = &n->layer;
    const nn_shape *x = &n->x[0];
    size_t count = 0;
    if (x->ndim > 2 || (x->ndim == 2 && x->dim[1] != 1)) return nn_fail(c, n, "needs [samples] or [samples, 1]");
    if (!frames_numbers(c, n) || !frames_count(c, n, x->dim[0], &count)) return false;
    if (l->n_mels == 0) l->n_mels = 128;
    if (l->sr == 0) l->sr = 22050;
    if (l->fmax == 0) l->fmax = l->sr / 2;
    if (l->n_mels < 1 || l->n_mels > 65536) return nn_fail(c, n, "n_mels %d is outside 1..65536", l->n_mels);
    if (!(l->sr > 0 && l->sr < 1e9)) return nn_fail(c, n, "sr %g Hz must be above 0", l->sr);
    if (!(l->fmin >= 0 && l->fmax > l->fmin && l->fmax <= l->sr / 2))
        return nn_fail(c, n, "fmin %g and fmax %g Hz must rise within 0..sr/2 %g", l->fmin, l->fmax, l->sr / 2);
    size_t bins = (size_t)l->n_fft / 2 + 1, mels = (size_t)l->n_mels;
    nn_param *w = nn_add_param(c, n, "filters", 2, (size_t[]){ mels, bins });
    if (!w) return false;
    w->trainable = false;
    w->by_rows = true;   /* no gradient: nobody need clear and add one */
    nn_shape_set(&n->y, 3, (size_t[]){ mels, count, 1 });
    n->packed = mels * sizeof(log_mel_band) / sizeof(real);
    n->cost = frames_cost(n, count) + (double)count * (double)(2 * bins);
    return true;
}

/* Scratch: as the STFT's, then powers [bins] and bands [n_mels] of 16 frames and another sound, for gradients. */
static bool log_mel_open(sori_ctx *c, nn_node *n) {
    if (!stft_open_for(c, n, n->y.dim[1])) return false;
    const stft_tables *t = n->tables;
    n->work += 2 * (n->param[0].shape.dim[0] + n->param[0].shape.dim[1]) * NUM_LANES + t->room;
    return true;
}

static bool log_mel_init(sori_ctx *c, const nn_node *n, void *const *param) {
    const sori_layer *l = &n->layer;
    int scope = sori_begin(c);
    sori_array *w = sori_mel_filters(c, l->sr, &(sori_mel_config){ .stft.n_fft = l->n_fft, .n_mels = l->n_mels,
                                                                   .fmin = l->fmin, .fmax = l->fmax });
    if (w) from_f32(param[0], w->data, w->size);
    sori_end(c, scope, NULL);
    return w != NULL;
}

static void log_mel_prepare(const nn_run *r) {
    const nn_shape *s = &r->node->param[0].shape;
    size_t mels = s->dim[0], bins = s->dim[1];
    const real *w = r->param[0];
    log_mel_band *band = r->packed;
    for (size_t f = 0; f < mels; f++, w += bins) {
        size_t from = 0, to = bins;
        while (from < to && w[from] == 0) from++;
        while (to > from && w[to - 1] == 0) to--;
        band[f] = (log_mel_band){ (uint32_t)from, (uint32_t)to };
    }
}

/* What a block works in. */
typedef struct log_mel_scratch {
    real *sound, *frames, *power, *dpower, *mel, *dmel, *dsound;
} log_mel_scratch;

static log_mel_scratch log_mel_scratch_of(const nn_run *r) {
    const stft_tables *t = r->node->tables;
    size_t mels = r->node->y.dim[0] * NUM_LANES, bins = t->f.bins * NUM_LANES;
    real *sound = r->work, *scratch = sound + t->room, *power = scratch + t->f.size, *mel = power + 2 * bins;
    return (log_mel_scratch){ sound, scratch, power, power + bins, mel, mel + mels, mel + 2 * mels };
}

/* mel [n_mels] rows of 16 = W power. */
static void log_mel_bank(const nn_run *r, const real *power, real *mel) {
    size_t mels = r->node->y.dim[0], bins = r->node->param[0].shape.dim[1];
    const real *w = r->param[0];
    const log_mel_band *band = r->packed;
    for (size_t f = 0; f < mels; f++, w += bins) {
        vec sum[LOG_MEL_ROW] = { { 0 } };
        for (size_t k = band[f].from; k < band[f].to; k++)
#pragma GCC unroll 8
            for (size_t v = 0; v < LOG_MEL_ROW; v++) sum[v] += w[k] * load(power + k * NUM_LANES + v * LANES);
        for (size_t v = 0; v < LOG_MEL_ROW; v++) store(mel + f * NUM_LANES + v * LANES, sum[v]);
    }
}

/* dpower [bins] rows of 16 = W^T dmel. */
static void log_mel_bank_back(const nn_run *r, const real *dmel, real *dpower) {
    size_t mels = r->node->y.dim[0], bins = r->node->param[0].shape.dim[1];
    const real *w = r->param[0];
    const log_mel_band *band = r->packed;
    memset(dpower, 0, bins * NUM_LANES * sizeof *dpower);
    for (size_t f = 0; f < mels; f++, w += bins)
        for (size_t k = band[f].from; k < band[f].to; k++)
            for (size_t v = 0; v < LOG_MEL_ROW; v++) {
                real *at = dpower + k * NUM_LANES + v * LANES;
                store(at, load(at) + w[k] * load(dmel + f * NUM_LANES + v * LANES));
            }
}

INLINE vector log_mel_db(vector s) {
    vector least = splat(LOG_MEL_LEAST);
    return log_vector(choose((int_vector)(s > least), s, least)) * (real)4.34294481903251827651;   /* 10 / ln 10 */
}

static void log_mel_forward(const nn_run *r) {
    const nn_node *n = r->node;
    const stft_tables *t = n->tables;
    log_mel_scratch w = log_mel_scratch_of(r);
    for (size_t s = r->n0; s < r->n1; s++) {
        real *y = (real *)r->y + s * n->y.size;
        frames_pad((const real *)r->x[0] + s * n->x[0].size, n->x[0].size, 1, frames_padding(n), w.sound, t->room);
        for (size_t i = 0; i < t->frames; i += NUM_LANES) {
            frames_transform(&t->f, w.sound + i * t->f.hop, w.frames);
            t->f.k->fft_power(t->f.fft, w.frames + t->f.at_work, w.power);
            log_mel_bank(r, w.power, w.mel);
            EACH(n->y.dim[0] * NUM_LANES, w.mel, w.mel, log_mel_db);
            for (size_t f = 0; f < n->y.dim[0]; f++)
                memcpy(y + f * t->frames + i, w.mel + f * NUM_LANES,
                       BASE_MIN(t->frames - i, NUM_LANES) * sizeof *y);
        }
    }
}

/* The gradient by the bands of a block, from that by the decibels of `lanes` frames; zeros in the other lanes. */
static void log_mel_db_back(const nn_run *r, const real *dy, size_t lanes, const real *mel, real *dmel) {
    const stft_tables *t = r->node->tables;
    memset(dmel, 0, r->node->y.dim[0] * NUM_LANES * sizeof *dmel);
    for (size_t f = 0; f < r->node->y.dim[0]; f++, dy += t->frames, mel += NUM_LANES, dmel += NUM_LANES)
        for (size_t m = 0; m < lanes; m++)
            dmel[m] = mel[m] > LOG_MEL_LEAST ? dy[m] * (real)4.34294481903251827651 / mel[m] : 0;
}

/* X to the gradient by it, as frames_back wants it: the inner bins halved. */
static void log_mel_spectrum_back(const framing *f, real *rows, const real *dpower) {
    for (size_t k = 0; k < f->bins; k++, rows += NUM_ROW, dpower += NUM_LANES) {
        real scale = frames_edge(f, k) ? 2 : 1;
        for (size_t m = 0; m < NUM_ROW; m++) rows[m] *= scale * dpower[m % NUM_LANES];
    }
}

static void log_mel_backward(const nn_run *r) {
    const nn_node *n = r->node;
    const stft_tables *t = n->tables;
    log_mel_scratch w = log_mel_scratch_of(r);
    for (size_t s = r->n0; r->dx[0] && s < r->n1; s++) {
        const real *dy = (const real *)r->dy + s * n->y.size;
        frames_pad((const real *)r->x[0] + s * n->x[0].size, n->x[0].size, 1, frames_padding(n), w.sound, t->room);
        memset(w.dsound, 0, t->room * sizeof *w.dsound);
        for (size_t i = 0; i < t->frames; i += NUM_LANES) {
            real *rows = frames_spectra(&t->f, w.sound + i * t->f.hop, w.frames);
            t->f.k->fft_power(t->f.fft, w.frames + t->f.at_work, w.power);
            log_mel_bank(r, w.power, w.mel);
            log_mel_db_back(r, dy + i, BASE_MIN(t->frames - i, NUM_LANES), w.mel, w.dmel);
            log_mel_bank_back(r, w.dmel, w.dpower);
            log_mel_spectrum_back(&t->f, rows, w.dpower);
            frames_back(&t->f, w.frames, w.dsound + i * t->f.hop);
        }
        frames_unpad(w.dsound, t->room, frames_padding(n), (real *)r->dx[0] + s * n->x[0].size, n->x[0].size, 1);
    }
}

static const nn_op log_mel_op = {
    .name = "log_mel", .title = "LogMel", .min_in = 1, .max_in = 1,
    .shape = log_mel_shape, .open = log_mel_open, .close = stft_close, .init = log_mel_init,
    .prepare = log_mel_prepare, .forward = log_mel_forward, .backward = log_mel_backward,
};
