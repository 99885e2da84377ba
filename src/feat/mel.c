/* mel.c - mel spectrogram: power summed in triangles that are evenly spaced to the ear.
 *
 * The model: the ear tells high pitches apart less finely than low ones. The mel scale maps frequency so that equal
 * steps sound equal (linear below 1000 Hz, logarithmic above). n_mels triangles overlap by half on that scale; each
 * sums the power of the bins below it, weighted by its height. By default a triangle has area 1 ("slaney"), so white
 * noise gives equal values.
 *
 * How it works: mel_open checks the settings and builds the bank, keeping only weights that are not zero; mel_block
 * sums them over 16 frames at once; with db, feat_post_db turns the sums into decibels below the loudest one.
 *
 * Slaney, "Auditory Toolbox", TR 1998-010, Interval Research, 1998.   librosa.feature.melspectrogram, filters.mel
 *
 * This file is the example for every feature: a state, open, block, (post,) close, the constant, the public function,
 * in this order. docs/howto-feature.md goes through it line by line. */
#include "feat/mel.h"
#include <math.h>
#include <string.h>

/* --- the filter bank ---------------------------------------------------------------------------------------- */

/* What the bank is built from. */
typedef struct bank_plan {
    double sr, fmin, fmax;     /* Hz */
    size_t n_mels, n_fft, bins;
    sori_norm norm;
    const double *edge;        /* [n_mels + 2] Hz: band i rises from edge[i], peaks at edge[i+1], ends at edge[i+2] */
} bank_plan;

static bool check_bank(sori_ctx *c, const char *who, const bank_plan *p, int n_mels) {
    if (n_mels < 1) sori_fail(c, SORI_EINVAL, "%s: n_mels %d is below 1", who, n_mels);
    else if (!(p->fmin >= 0)) sori_fail(c, SORI_EINVAL, "%s: fmin %g Hz is below 0", who, p->fmin);
    else if (!(p->fmax <= p->sr / 2))
        sori_fail(c, SORI_EINVAL, "%s: fmax %g Hz is above sr/2 %g Hz", who, p->fmax, p->sr / 2);
    else if (!(p->fmax > p->fmin))
        sori_fail(c, SORI_EINVAL, "%s: fmax %g Hz is not above fmin %g Hz", who, p->fmax, p->fmin);
    else if ((int)p->norm < 0 || p->norm > SORI_NORM_INF)
        sori_fail(c, SORI_EINVAL, "%s: unknown norm %d", who, (int)p->norm);
    return !base_failed(c);
}

/* Height of band i at a frequency: the lower of its two slopes. Rounded to float, as librosa's matrix is. */
static float height(const double *edge, size_t i, double hz) {
    double rising = (hz - edge[i]) / (edge[i + 1] - edge[i]);
    double falling = (edge[i + 2] - hz) / (edge[i + 2] - edge[i + 1]);
    return (float)fmax(0, fmin(rising, falling));
}

/* What the n heights of band i are multiplied by, so that their area, sum, length or maximum is 1. */
static double scale_of(const bank_plan *p, size_t i, const float *w, size_t n) {
    double sum = 0, squares = 0, largest = 0;
    for (size_t k = 0; k < n; k++) {
        sum += (double)w[k];
        squares += (double)w[k] * (double)w[k];
        largest = fmax(largest, (double)w[k]);
    }
    if (p->norm == SORI_NORM_SLANEY) return 2 / (p->edge[i + 2] - p->edge[i]);
    if (p->norm == SORI_NORM_NONE || largest == 0) return 1;
    return 1 / (p->norm == SORI_NORM_L1 ? sum : p->norm == SORI_NORM_L2 ? sqrt(squares) : largest);
}

/* Fill start, count and w (room for 2 weights a bin: a frequency lies under at most two triangles); returns the number
 * of weights. */
static size_t build_bands(const bank_plan *p, feat_bank *b, float *w) {
    double hz = 1 / ((double)p->n_fft * (1 / p->sr));   /* between bins, as numpy.fft.rfftfreq rounds it */
    size_t total = 0, start = 0;
    for (size_t i = 0; i < p->n_mels; i++) {
        while (start < p->bins && (double)start * hz <= p->edge[i]) start++;
        size_t n = 0;
        for (; start + n < p->bins && (double)(start + n) * hz < p->edge[i + 2]; n++)
            w[total + n] = height(p->edge, i, (double)(start + n) * hz);
        double scale = scale_of(p, i, w + total, n);
        for (size_t k = 0; k < n; k++) w[total + k] = (float)((double)w[total + k] * scale);
        b->start[i] = (uint32_t)start;
        b->count[i] = (uint32_t)n;
        total += n;
    }
    return total;
}

/* librosa's warning: more bands than the transform can tell apart. */
static void warn_empty(sori_ctx *c, const char *who, const bank_plan *p, const feat_bank *b) {
    size_t empty = 0;
    for (size_t i = 0; i < b->bands; i++) empty += b->count[i] == 0 && p->edge[i] > 0;
    if (empty)
        base_warn(c, "%s: %zu of %zu mel bands are empty; use a larger n_fft or fewer n_mels", who, empty, b->bands);
}

static bool build(sori_ctx *c, feat_bank *b, const feat_input *in, const bank_plan *p) {
    float *w = base_alloc_raw(c, 2 * p->bins, sizeof *w);
    b->bands = p->n_mels;
    b->start = base_alloc_raw(c, p->n_mels, sizeof *b->start);
    b->count = base_alloc_raw(c, p->n_mels, sizeof *b->count);
    b->weight = base_alloc_raw(c, 2 * p->bins, in->exact ? sizeof(double) : sizeof(float));
    bool ok = w && b->start && b->count && b->weight;
    size_t n = ok ? build_bands(p, b, w) : 0;
    for (size_t i = 0; i < n; i++) {
        if (in->exact) ((double *)b->weight)[i] = (double)w[i];
        else ((float *)b->weight)[i] = w[i];
    }
    if (ok) warn_empty(c, in->who, p, b);
    base_free(c, w);
    return ok;
}

bool feat_bank_open(sori_ctx *c, feat_bank *b, const feat_input *in, const sori_mel_config *g) {
    int n_mels = g->n_mels ? g->n_mels : 128;
    bank_plan p = { .sr = in->sr, .fmin = g->fmin, .fmax = g->fmax != 0 ? g->fmax : in->sr / 2, .n_fft = in->n_fft,
                    .n_mels = (size_t)n_mels, .bins = in->bins, .norm = g->norm };
    *b = (feat_bank){ 0 };
    if (base_failed(c) || !check_bank(c, in->who, &p, n_mels)) return false;
    sori_array *edge = sori_mel_frequencies(c, n_mels + 2, p.fmin, p.fmax, g->htk);
    if (edge) p.edge = edge->data;
    bool ok = edge && build(c, b, in, &p);
    sori_array_free(c, edge);
    if (!ok) feat_bank_close(c, b);
    return ok;
}

void feat_bank_close(sori_ctx *c, feat_bank *b) {
    base_free(c, b->start);
    base_free(c, b->count);
    base_free(c, b->weight);
    *b = (feat_bank){ 0 };
}

sori_array *sori_mel_filters(sori_ctx *c, double sr, const sori_mel_config *config) {
    static const sori_mel_config defaults;
    feat_input in;
    feat_bank b;
    if (!config) config = &defaults;
    if (!feat_input_settings(c, &in, "mel_filters", sr, &config->stft)) return NULL;
    in.exact = false;
    if (!feat_bank_open(c, &b, &in, config)) return NULL;
    sori_array *m = sori_array_new(c, SORI_F32, 2, (size_t[]){ b.bands, in.bins });
    const float *w = b.weight;
    for (size_t i = 0; m && i < b.bands; w += b.count[i], i++)
        memcpy((float *)m->data + i * in.bins + b.start[i], w, b.count[i] * sizeof *w);
    feat_bank_close(c, &b);
    return m;
}

/* --- the feature -------------------------------------------------------------------------------------------- */

static bool mel_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_mel_config *g) {
    feat_bank *b = u->state = base_alloc(c, 1, sizeof *b);
    if (!b || !feat_bank_open(c, b, in, g)) return false;
    u->domain = FEAT_S;
    u->power = g->power != 0 ? g->power : 2;
    u->rows = b->bands;
    return feat_check_power(c, in->who, u->power);
}

/* By name there may also be decibels: then block() stores power, and post() finishes. */
static bool mel_open_named(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *f) {
    sori_mel_config g = { .power = f->power, .n_mels = f->n_mels, .fmin = f->fmin, .fmax = f->fmax, .htk = f->htk,
                          .norm = f->mel_norm };
    return mel_open(c, u, in, &g) && (!f->db || feat_want_db(c, u, in, f->top_db));
}

static void mel_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    (void)scratch;
    feat_bank_apply(u->state, u->k, b, out, stride);
}

static void mel_close(sori_ctx *c, feat_use *u) {
    feat_bank_close(c, u->state);
    base_free(c, u->state);
}

const feat_op feat_op_mel = {
    .info = { "mel", "librosa.feature.melspectrogram", "power in bands spaced as the ear hears", "power" },
    .open = mel_open_named,
    .block = mel_block,
    .post = feat_post_db,
    .close = mel_close,
};

sori_array *sori_melspectrogram(sori_ctx *c, sori_audio y, const sori_mel_config *config) {
    static const sori_mel_config defaults;
    feat_input in;
    feat_use u = { .op = &feat_op_mel };
    if (!config) config = &defaults;
    if (feat_input_open(c, &in, "mel", y, config->S, &config->stft)) mel_open(c, &u, &in, config);
    return feat_run(c, &in, &u);
}
