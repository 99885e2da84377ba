/* yin.c - fundamental frequency by YIN: the lag at which a frame differs least from itself.
 *
 * The difference of a frame and itself k samples later, d[k], is 0 where k is its period (and at 2, 3, ... periods, and
 * at 0). Divided by its mean over the lags so far it starts at 1, stays above 1 until it dips, and its first dip below
 * the threshold is taken: d'[k] = d[k] / mean(d[1] .. d[k]). If there is none, the deepest is. A parabola through the
 * dip and its neighbours places it between samples.
 *
 * As librosa, d[k] = 2 (r[0] - r[k]) - (y[0]^2 + ... + y[k-1]^2) with r the autocorrelation of the frame; the energy of
 * the frame's end stays in (and in d[1] that of its first sample, which librosa has overwritten by then). r comes from
 * two transforms of 16 frames at a time, which are no longer than the lags in use need: frame + longest lag, not twice
 * the frame. All of it in float by default, as librosa (whose NumPy transforms float32 in float32), or in double.
 *
 * De Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music", J. Acoust. Soc. Am. 111,
 * 2002.   librosa.yin */
#include "feat/yin.h"
#include "feat/pipeline.h"
#include <math.h>
#include <string.h>

/* --- set-up ------------------------------------------------------------------------------------------------- */

void feat_yin_range(double *fmin, double *fmax) {
    if (*fmin == 0) *fmin = 440 * exp2((36 - 69) / 12.0);    /* MIDI notes */
    if (*fmax == 0) *fmax = 440 * exp2((96 - 69) / 12.0);
}

bool feat_yin_input(sori_ctx *c, feat_input *in, const char *who, sori_audio y, int frame_length, int hop_length,
                    bool uncentered, sori_pad_mode pad) {
    int length = frame_length ? frame_length : 2048, hop = hop_length ? hop_length : BASE_MAX(length / 4, 1);
    return feat_input_frames(c, in, who, y, length, hop, uncentered, pad);
}

static bool check(sori_ctx *c, const feat_input *in, double fmin, double fmax) {
    double n = (double)in->n_fft, period = in->sr / fmin;
    if (!(fmin > 0)) sori_fail(c, SORI_EINVAL, "%s: fmin %g Hz is not above 0", in->who, fmin);
    else if (!(fmax <= in->sr / 2))
        sori_fail(c, SORI_EINVAL, "%s: fmax %g Hz is above sr/2 %g Hz", in->who, fmax, in->sr / 2);
    else if (!(fmin < fmax)) sori_fail(c, SORI_EINVAL, "%s: fmin %g Hz is not below fmax %g Hz", in->who, fmin, fmax);
    else if (period >= n - 1)
        sori_fail(c, SORI_EINVAL, "%s: a period of fmin %g Hz, %g samples, does not fit into frame_length %g; use fmin "
                  "%.3f Hz or frame_length %g", in->who, fmin, period, n, in->sr / (n - 1), ceil(period) + 1);
    else if (period >= floor(n / 2))
        base_warn(c, "%s: less than two periods of fmin %g Hz fit into frame_length %g; fmin %.3f Hz or frame_length "
                  "%g would do", in->who, fmin, n, in->sr / (n / 2), 2 * ceil(period) + 1);
    return !base_failed(c);
}

/* The shortest even length, at least n, of the factors the transform has passes for. */
static size_t fast_length(size_t n) {
    static const size_t odd[] = { 1, 3, 5, 9, 15 };
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < BASE_COUNT(odd); i++) {
        size_t m = 2 * odd[i];
        while (m < n) m *= 2;
        best = BASE_MIN(best, m);
    }
    return best;
}

static void lay_out(feat_yin *y) {
    size_t real = y->k->real_size, lags = y->last - y->first + 1;
    y->rows = y->step;
    y->stride = base_round_up(NUM_LANES + (y->n - 1) / y->step, NUM_LANES);
    y->at_work = base_aligned(y->rows * y->stride * real);
    y->at_difference = y->at_work + num_fft_work(y->fft);
    y->at_flags = y->at_difference + (y->last + 2) * NUM_LANES * real;
    y->scratch = y->at_flags + base_aligned(lags * NUM_LANES);
}

static void fill_tables(feat_yin *y, size_t length) {
    double one = num_fft_window_scale(y->fft);
    for (size_t i = 0; i < length; i++) {
        bool inside = i < y->n;
        num_put(y->k, y->window, i, inside ? one : 0);
        y->offset[i] = inside ? (uint32_t)(i % y->step * y->stride + i / y->step) : 0;
    }
}

bool feat_yin_open(sori_ctx *c, feat_yin *y, const feat_input *in, double fmin, double fmax) {
    *y = (feat_yin){ .sr = in->sr, .n = in->n_fft, .step = BASE_MIN(in->hop, in->n_fft),
                     .k = num_kernels_find(NULL, in->exact) };
    if (base_failed(c) || !check(c, in, fmin, fmax)) return false;
    y->first = (size_t)floor(in->sr / fmax);
    y->last = BASE_MIN((size_t)ceil(in->sr / fmin), y->n - 1);
    size_t length = fast_length(y->n + y->last);
    y->fft = num_fft_new(c, y->k, length, true);
    y->window = base_alloc_raw(c, length, y->k->real_size);
    y->offset = base_alloc_raw(c, length, sizeof *y->offset);
    if (!y->fft || !y->window || !y->offset) return false;
    lay_out(y);
    fill_tables(y, length);
    return true;
}

void feat_yin_close(sori_ctx *c, feat_yin *y) {
    num_fft_free(c, y->fft);
    base_free(c, y->window);
    base_free(c, y->offset);
    *y = (feat_yin){ 0 };
}

/* --- one block ---------------------------------------------------------------------------------------------- */

/* Samples across lanes; idle lanes are zero. */
static void transpose(const feat_yin *y, const feat_block *b, char *layout) {
    size_t over = (y->n - 1) / y->step, last = b->frames - 1 + over, real = y->k->real_size;
    size_t short_rows = y->n - over * y->step;   /* the last column ends with the last frame */
    for (size_t r = 0; b->frames < NUM_LANES && r < y->rows; r++)
        memset(layout + (r * y->stride + last) * real, 0, (NUM_LANES + over - last) * real);
    y->k->transpose(y->rows, last, y->step, b->y, y->stride, layout);
    y->k->transpose(short_rows, 1, y->step, b->y + last * y->step, y->stride, layout + last * real);
}

feat_difference feat_yin_block(const feat_yin *y, const feat_block *b, char *scratch) {
    char *rows = scratch + y->at_difference, *flags = scratch + y->at_flags;
    feat_difference d = { .rows = rows, .flags = (uint8_t *)flags };
    transpose(y, b, scratch);
    y->k->autocorrelate(y->fft, scratch, y->offset, y->window, scratch + y->at_work, y->last + 1, rows);
    y->k->yin_difference(y->first, y->last, scratch, y->offset, rows, rows);
    y->k->troughs(y->last - y->first + 1, rows, (uint8_t *)flags, d.least);
    return d;
}

double feat_yin_period(const feat_yin *y, const feat_difference *d, size_t k, size_t m) {
    double shift = 0;
    if (k > 0 && k < y->last - y->first) {
        double before = feat_yin_value(y, d, k - 1, m), here = feat_yin_value(y, d, k, m);
        double after = feat_yin_value(y, d, k + 1, m), a = after + before - 2 * here, b = (after - before) / 2;
        if (fabs(b) < fabs(a)) shift = -b / a;   /* else the bottom lies elsewhere */
    }
    return (double)(y->first + k) + shift;
}

/* --- the feature -------------------------------------------------------------------------------------------- */

typedef struct tracker {
    feat_yin yin;
    double threshold;
    double *f0;              /* [channels][frames] for sori_yin; NULL by name */
    size_t frames;
} tracker;

/* The first trough of each frame below the threshold; else the smallest value. */
static void choose(const tracker *p, const feat_difference *d, uint32_t row[NUM_LANES]) {
    unsigned found = 0;
    memcpy(row, d->least, sizeof d->least);
    for (size_t k = 0; k <= p->yin.last - p->yin.first && found != (1u << NUM_LANES) - 1; k++) {
        uint64_t flags[2];
        memcpy(flags, d->flags + k * NUM_LANES, sizeof flags);
        if (!(flags[0] | flags[1])) continue;
        for (size_t m = 0; m < NUM_LANES; m++) {
            if (!d->flags[k * NUM_LANES + m] || found >> m & 1) continue;
            if (!(feat_yin_value(&p->yin, d, k, m) < p->threshold)) continue;
            found |= 1u << m;
            row[m] = (uint32_t)k;
        }
    }
}

static void yin_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const tracker *p = u->state;
    feat_difference d = feat_yin_block(&p->yin, b, scratch);
    uint32_t row[NUM_LANES];
    (void)stride;
    choose(p, &d, row);
    for (size_t m = 0; m < b->frames; m++) {
        double f0 = p->yin.sr / feat_yin_period(&p->yin, &d, row[m], m);
        out[m] = (float)f0;
        if (p->f0) p->f0[b->channel * p->frames + b->first + m] = f0;
    }
}

static tracker *yin_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_yin_config *g) {
    double fmin = g->fmin, fmax = g->fmax, threshold = g->trough_threshold;
    tracker *p = u->state = base_alloc(c, 1, sizeof *p);
    feat_yin_range(&fmin, &fmax);
    if (!p || !feat_yin_open(c, &p->yin, in, fmin, fmax)) return NULL;
    p->threshold = threshold != 0 ? threshold : 0.1;
    p->frames = in->frames;
    u->domain = FEAT_SAMPLES;
    u->pad = g->pad_mode;
    u->rows = 1;
    u->scratch = p->yin.scratch;
    if (isfinite(threshold)) return p;
    sori_fail(c, SORI_EINVAL, "%s: trough_threshold is not finite", in->who);
    return NULL;
}

static bool yin_by_name(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *f) {
    return yin_open(c, u, in, &(sori_yin_config){ .fmin = f->fmin, .fmax = f->fmax, .pad_mode = f->stft.pad_mode });
}

static void yin_close(sori_ctx *c, feat_use *u) {
    feat_yin_close(c, &((tracker *)u->state)->yin);
    base_free(c, u->state);
}

const feat_op feat_op_yin = {
    .info = { "yin", "librosa.yin", "fundamental frequency of one voice or instrument", "Hz" },
    .open = yin_by_name, .block = yin_block, .close = yin_close,
};

sori_array *sori_yin(sori_ctx *c, sori_audio y, const sori_yin_config *config) {
    static const sori_yin_config defaults;
    const sori_yin_config *g = config ? config : &defaults;
    sori_array *f0 = NULL;
    tracker *p;
    feat_input in;
    feat_use u = { .op = &feat_op_yin };
    int scope = sori_begin(c);
    if (feat_yin_input(c, &in, "yin", y, g->frame_length, g->hop_length, g->uncentered, g->pad_mode)) {
        in.exact = g->exact;
        if ((p = yin_open(c, &u, &in, g)) && (f0 = feat_result(c, &in, SORI_F64, 0, in.frames))) p->f0 = f0->data;
    }
    sori_array *done = feat_run(c, &in, &u);
    return sori_end(c, scope, done ? f0 : NULL);
}
