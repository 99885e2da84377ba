/* piptrack.c - peaks of the spectrum, placed between the bins by a parabola.
 *
 * A sinusoid between two bins shows as a peak whose top the bins miss. The parabola through the largest bin and its
 * neighbours a, b, c tops out at (a - c) / (2 (a - 2 b + c)) bins from the middle one, and that much higher.
 *
 * A peak is a bin between fmin and fmax that is larger than the one below, not smaller than the one above, and above
 * threshold times the loudest bin of its frame (or above ref). 16 frames are compared at once; what little arithmetic
 * peaks need is done as librosa does it, in float, so pitches are equal when the spectra are. Peaks are few, so they
 * are written one by one: into arrays that hold zeros (sori_piptrack), or to a list (estimate_tuning). The feature's
 * rows are a single one, the number of peaks.
 *
 * J. O. Smith, "Spectral Audio Signal Processing", https://ccrma.stanford.edu/~jos/sasp/.   librosa.piptrack */
#include "feat/piptrack.h"
#include "feat/pipeline.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

typedef struct tracker {
    size_t first, last;      /* bins looked at, first <= k < last */
    double sr, n_fft;        /* bin k is k * sr / n_fft Hz */
    float threshold;         /* of the loudest bin, or of `one` */
    bool relative;
    bool absolute;           /* magnitudes are a user's, and may be negative */
    size_t frames;           /* of a channel */
    float *pitches, *magnitudes;   /* where a peak goes: sori_piptrack's arrays [channels][bins][frames] ... */
    feat_peaks *list;        /* ... or this */
    atomic_size_t listed;    /* peaks in it */
} tracker;

/* A block's peaks on their way to the list. */
typedef struct found {
    size_t n;
    float *hz, *magnitude;   /* [n] */
} found;

#define PEAKS(bins) ((bins) / 2 + 1)   /* the most in a frame: no two neighbours are peaks */

/* --- one block ---------------------------------------------------------------------------------------------- */

/* The block's magnitudes in float: its own, or rounded (and made positive, if they are a user's) in scratch. */
static const float *magnitudes(const tracker *p, const feat_block *b, float *scratch) {
    const double *d = b->S;
    const float *f = b->S;
    if (!b->exact && !p->absolute) return b->S;
    for (size_t i = 0; i < b->bins * NUM_LANES; i++) scratch[i] = b->exact ? (float)fabs(d[i]) : fabsf(f[i]);
    return scratch;
}

/* What a peak must be above, a frame. */
static void find_limits(const tracker *p, size_t bins, const float *S, float limit[NUM_LANES]) {
    for (int m = 0; m < NUM_LANES; m++) limit[m] = p->relative ? 0 : p->threshold;
    for (size_t k = 0; p->relative && k < bins; k++, S += NUM_LANES)
        for (int m = 0; m < NUM_LANES; m++) limit[m] = S[m] > limit[m] ? S[m] : limit[m];
    for (int m = 0; p->relative && m < NUM_LANES; m++) limit[m] *= p->threshold;
}

/* Is there a peak in bin k of any of the 16 frames? */
static bool any_peak(const float *row, const float limit[NUM_LANES], bool last) {
    const float *below = row - NUM_LANES, *above = last ? row : row + NUM_LANES;
    int any = 0;
    for (int m = 0; m < NUM_LANES; m++) any |= (row[m] > limit[m]) & (row[m] > below[m]) & (row[m] >= above[m]);
    return any;
}

/* Pitch and height of the peak of lane m, in librosa's own roundings; the topmost bin has no parabola. */
static void refine(const tracker *p, size_t k, const float *row, bool last, float *hz, float *magnitude) {
    float shift = 0, mean = 0;
    if (!last) {
        float below = row[-NUM_LANES], above = row[NUM_LANES];
        double a = (double)(above + below) - 2 * (double)row[0], b = (double)(above - below) / 2;
        if (fabs(b) < fabs(a)) shift = (float)(-b / a);
        mean = (above - below) / 2;
    }
    *hz = (float)(((double)k + (double)shift) * p->sr / p->n_fft);
    *magnitude = row[0] + 0.5f * mean * shift;
}

static void put(const tracker *p, const feat_block *b, size_t k, size_t m, found *f, float hz, float magnitude) {
    if (p->list) {
        f->hz[f->n] = hz;
        f->magnitude[f->n++] = magnitude;
    } else {
        size_t at = (b->channel * b->bins + k) * p->frames + b->first + m;
        p->pitches[at] = hz;
        p->magnitudes[at] = magnitude;
    }
}

static void append(tracker *p, const found *f) {
    size_t at = atomic_fetch_add(&p->listed, f->n);
    memcpy(p->list->hz + at, f->hz, f->n * sizeof *f->hz);
    memcpy(p->list->magnitude + at, f->magnitude, f->n * sizeof *f->magnitude);
}

static void piptrack_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    tracker *p = u->state;
    const float *S = magnitudes(p, b, scratch);
    float count[NUM_LANES] = { 0 }, limit[NUM_LANES], hz, magnitude;
    found f = { 0, (float *)scratch + b->bins * NUM_LANES, NULL };
    f.magnitude = f.hz + PEAKS(b->bins) * NUM_LANES;
    (void)stride;
    find_limits(p, b->bins, S, limit);
    for (size_t k = p->first; k < p->last; k++) {
        const float *row = S + k * NUM_LANES;
        bool last = k + 1 == b->bins;
        if (!any_peak(row, limit, last)) continue;
        for (size_t m = 0; m < b->frames; m++) {
            if (!(row[m] > limit[m] && row[m] > (row - NUM_LANES)[m] && (last || row[m] >= (row + NUM_LANES)[m])))
                continue;
            refine(p, k, row + m, last, &hz, &magnitude);
            put(p, b, k, m, &f, hz, magnitude);
            count[m]++;
        }
    }
    if (p->list) append(p, &f);
    memcpy(out, count, b->frames * sizeof *out);
}

static const feat_op op = { .info = { "piptrack", "librosa.piptrack", "spectral peaks", "Hz" },
                            .block = piptrack_block };

/* --- set-up ------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, const char *who, const sori_piptrack_config *g, double fmin, double fmax) {
    double threshold = feat_option(g->threshold, 0.1, 0.1), ref = feat_option(g->ref, 0, 0);
    if (!(fmin >= 0)) sori_fail(c, SORI_EINVAL, "%s: fmin %g Hz is below 0", who, fmin);
    else if (!(fmax > fmin)) sori_fail(c, SORI_EINVAL, "%s: fmax %g Hz is not above fmin %g Hz", who, fmax, fmin);
    else if (!(threshold >= 0) || isinf(threshold))
        sori_fail(c, SORI_EINVAL, "%s: threshold %g is below 0", who, threshold);
    else if (!isfinite(ref)) sori_fail(c, SORI_EINVAL, "%s: ref is not finite", who);
    return !base_failed(c);
}

/* The bins k with low <= k * hz < high; bin 0 has none below it, so it is never a peak. */
static void find_bins(tracker *p, const feat_input *in, double low, double high) {
    double hz = 1 / ((double)in->n_fft * (1 / in->sr));   /* between bins, as numpy.fft.rfftfreq rounds it */
    high = fmin(high, in->sr / 2);
    for (p->first = 1; p->first < in->bins && (double)p->first * hz < low;) p->first++;
    for (p->last = p->first; p->last < in->bins && (double)p->last * hz < high;) p->last++;
}

static tracker *tracker_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_piptrack_config *g) {
    double low = feat_option(g->fmin, 150, 150), high = g->fmax != 0 ? g->fmax : 4000;
    tracker *p = u->state = base_alloc(c, 1, sizeof *p);
    if (!p || !check(c, in->who, g, low, high)) return NULL;
    find_bins(p, in, low, high);
    p->sr = in->sr;
    p->n_fft = (double)in->n_fft;
    p->relative = g->ref.mode != 1;
    p->threshold = (float)(p->relative ? feat_option(g->threshold, 0.1, 0.1) : fabs(g->ref.value));
    p->absolute = in->S != NULL;
    p->frames = in->frames;
    u->domain = FEAT_S;
    u->power = 1;
    u->rows = 1;
    u->scratch = (in->bins + 2 * PEAKS(in->bins)) * NUM_LANES * sizeof(float);   /* magnitudes, peaks */
    return p;
}

static bool input_open(sori_ctx *c, feat_input *in, const char *who, sori_audio y, const sori_piptrack_config *g) {
    sori_stft_config stft = feat_stft_defaults(&g->stft);
    return feat_input_open(c, in, who, y, g->S, &stft);
}

/* --- peaks in their place ----------------------------------------------------------------------------------- */

#define PIECE ((size_t)1 << 20)   /* values a thread clears at a time, 4 MB */

static void clear_piece(void *arg, size_t i) {
    const sori_array *a = arg;
    memset((float *)a->data + i * PIECE, 0, BASE_MIN(a->size - i * PIECE, PIECE) * sizeof(float));
}

static float *new_zeros(sori_ctx *c, const feat_input *in, sori_array **out) {
    *out = feat_result(c, in, SORI_F32, in->bins, in->frames);
    if (!*out) return NULL;
    base_parallel(c, ((*out)->size + PIECE - 1) / PIECE, clear_piece, *out);
    return (*out)->data;
}

sori_piptrack_result sori_piptrack(sori_ctx *c, sori_audio y, const sori_piptrack_config *config) {
    static const sori_piptrack_config defaults;
    sori_piptrack_result r = { NULL, NULL };
    feat_input in;
    feat_use u = { .op = &op };
    tracker *p;
    if (!config) config = &defaults;
    int scope = sori_begin(c);
    if (input_open(c, &in, "piptrack", y, config) && (p = tracker_open(c, &u, &in, config))) {
        p->pitches = new_zeros(c, &in, &r.pitches);
        p->magnitudes = new_zeros(c, &in, &r.magnitudes);
    }
    if (feat_run(c, &in, &u)) {
        sori_keep(c, r.pitches);
        sori_keep(c, r.magnitudes);
    } else r = (sori_piptrack_result){ NULL, NULL };
    sori_end(c, scope, NULL);
    return r;
}

/* --- peaks in a list ---------------------------------------------------------------------------------------- */

static bool make_list(sori_ctx *c, const feat_input *in, tracker *p, feat_peaks *list) {
    size_t frames = in->channels * in->frames;
    if (base_mul_overflows(frames, PEAKS(p->last - p->first), &list->room)) list->room = SIZE_MAX;
    list->hz = base_alloc_raw(c, list->room, sizeof(float));
    list->magnitude = base_alloc_raw(c, list->room, sizeof(float));
    p->list = list;
    return list->hz && list->magnitude;
}

bool feat_peaks_open(sori_ctx *c, feat_peaks *list, const char *who, sori_audio y, const sori_piptrack_config *config,
                     double power) {
    feat_input in;
    feat_use u = { .op = &op };
    tracker *p;
    *list = (feat_peaks){ 0 };
    if (input_open(c, &in, who, y, config) && (p = tracker_open(c, &u, &in, config))) make_list(c, &in, p, list);
    u.power = power;
    sori_array *count = feat_run(c, &in, &u);
    if (!count) return false;
    const float *n = count->data;
    for (size_t t = 0; t < count->size; t++) list->n += (size_t)n[t];
    sori_array_free(c, count);
    return true;
}

void feat_peaks_close(sori_ctx *c, feat_peaks *list) {
    base_free(c, list->hz);
    base_free(c, list->magnitude);
    *list = (feat_peaks){ 0 };
}
