/* pyin.c - fundamental frequency by probabilistic YIN: every trough is a candidate, and the path through them decides.
 *
 * YIN's threshold is not known, so it is given a distribution, Beta(2, 18) with mean 0.1. Each of n_thresholds values
 * takes the troughs below it, and shares its probability among them, the shorter periods getting more (a Boltzmann
 * distribution over their rank). Where no trough lies below, a little goes to the deepest. So each trough gets a
 * probability, and what is missing to 1 is that of a frame without pitch. A hidden Markov model over pitch bins, voiced
 * or not, finds the most probable path: see pyin_path.c.
 *
 * The troughs below a threshold are the same up to the next trough's height, so thresholds are taken in groups, one for
 * each height. Frames are looked at in blocks of 16, on all threads; channels are decoded in parallel.
 *
 * Mauch and Dixon, "pYIN: a fundamental frequency estimator using probabilistic threshold distributions", ICASSP 2014.
 * librosa.pyin */
#include "feat/pyin.h"
#include "feat/yin.h"
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

typedef struct watcher {
    feat_yin yin;
    size_t thresholds, room;         /* the most troughs a frame can have */
    double *mass;                    /* [thresholds + 1] probability of the first i of them */
    double *decay;                   /* [room] exp(-lambda i) */
    double *share;                   /* [room + 1] (1 - exp(-lambda)) / (1 - exp(-lambda n)), n troughs */
    double no_trough, fmin, per_octave;
    size_t bins, frames, blocks;     /* frames and blocks of a channel */
    feat_candidate *candidates;      /* [channels * blocks][16 * room] */
    const feat_candidate **first;    /* [channels * frames] */
    uint32_t *count;                 /* [channels * frames] */
    double *unvoiced;                /* [channels * frames] */
    double *voiced_prob;             /* [channels][frames] */
    size_t at_troughs;               /* in scratch */
} watcher;

typedef struct trough {
    double height, prob;
    uint32_t row, level;             /* the first threshold, from 1, that is above it; thresholds + 1: none */
} trough;

/* --- one frame ---------------------------------------------------------------------------------------------- */

/* Threshold i, as numpy.linspace(0, 1) rounds it. */
static double threshold_at(const watcher *w, size_t i) {
    return i == w->thresholds ? 1 : (double)i * (1 / (double)w->thresholds);
}

static uint32_t level_of(const watcher *w, double height) {
    if (!(height < 1)) return (uint32_t)w->thresholds + 1;
    size_t i = (size_t)(fmax(height, 0) * (double)w->thresholds);
    while (i > 1 && height < threshold_at(w, i - 1)) i--;
    while (i < 1 || !(height < threshold_at(w, i))) i++;
    return (uint32_t)i;
}

/* Probability `mass` to the troughs of level up to `level`. Returns the next level there is. */
static size_t share_out(const watcher *w, trough *list, size_t n, size_t level) {
    size_t below = 0, next = w->thresholds + 1, rank = 0;
    for (size_t i = 0; i < n; i++) {
        if (list[i].level <= level) below++;
        else next = BASE_MIN(next, list[i].level);
    }
    double mass = (w->mass[next - 1] - w->mass[level - 1]) * w->share[below];
    for (size_t i = 0; mass > 0 && i < n; i++)
        if (list[i].level <= level) list[i].prob += mass * w->decay[rank++];
    return next;
}

static void weigh(const watcher *w, trough *list, size_t n) {
    size_t deepest = 0, level = w->thresholds + 1;
    for (size_t i = 0; i < n; i++) {
        list[i].prob = 0;
        level = BASE_MIN(level, list[i].level);
        if (list[i].height < list[deepest].height) deepest = i;
    }
    while (level <= w->thresholds) level = share_out(w, list, n, level);
    if (n > 0) list[deepest].prob += w->no_trough * w->mass[list[deepest].level - 1];
}

/* Candidates from troughs, by rising bin; of two in one bin the longer period stays, as in librosa. Their number. */
static uint32_t make_candidates(const watcher *w, const feat_difference *d, const trough *list, size_t n, size_t m,
                                feat_candidate *out) {
    uint32_t count = 0;
    for (size_t i = n; i > 0; i--) {
        const trough *t = &list[i - 1];
        if (t->prob == 0) continue;
        double hz = w->yin.sr / feat_yin_period(&w->yin, d, t->row, m);
        double bin = fmax(rint(w->per_octave * log2(hz / w->fmin)), 0);
        if (bin >= (double)w->bins || (count > 0 && out[count - 1].bin == (uint32_t)bin)) continue;
        out[count++] = (feat_candidate){ t->prob, (uint32_t)bin };
    }
    return count;
}

/* --- one block ---------------------------------------------------------------------------------------------- */

static void watch_frame(const watcher *w, const feat_difference *d, size_t at, size_t m, trough *list, size_t n,
                        feat_candidate *out) {
    double sum = 0;
    weigh(w, list, n);
    w->first[at] = out;
    w->count[at] = make_candidates(w, d, list, n, m, out);
    for (size_t i = 0; i < w->count[at]; i++) {
        sum += out[i].log_prob;                      /* still a probability */
        out[i].log_prob = log(out[i].log_prob + DBL_MIN);
    }
    w->voiced_prob[at] = fmin(sum, 1);
    w->unvoiced[at] = log((1 - w->voiced_prob[at]) / (double)w->bins + DBL_MIN);
}

/* The troughs of every lane: lists [16][room], n [16]. */
static void find_troughs(const watcher *w, const feat_difference *d, trough *lists, size_t n[NUM_LANES]) {
    for (size_t k = 0; k <= w->yin.last - w->yin.first; k++) {
        uint64_t flags[2];
        memcpy(flags, d->flags + k * NUM_LANES, sizeof flags);
        if (!(flags[0] | flags[1])) continue;
        for (size_t m = 0; m < NUM_LANES; m++) {
            if (!d->flags[k * NUM_LANES + m]) continue;
            trough *t = &lists[m * w->room + n[m]++];
            t->height = feat_yin_value(&w->yin, d, k, m);
            t->row = (uint32_t)k;
            t->level = level_of(w, t->height);
        }
    }
}

static void pyin_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const watcher *w = u->state;
    feat_difference d = feat_yin_block(&w->yin, b, scratch);
    trough *lists = (trough *)((char *)scratch + w->at_troughs);
    size_t n[NUM_LANES] = { 0 }, at = b->channel * w->frames + b->first;
    feat_candidate *candidates = w->candidates + (b->channel * w->blocks + b->first / NUM_LANES) * NUM_LANES * w->room;
    (void)stride;
    find_troughs(w, &d, lists, n);
    for (size_t m = 0; m < b->frames; m++) {
        watch_frame(w, &d, at + m, m, lists + m * w->room, n[m], candidates);
        candidates += w->count[at + m];
        out[m] = (float)w->voiced_prob[at + m];
    }
}

/* --- the distribution of thresholds ------------------------------------------------------------------------- */

/* The continued fraction of the incomplete beta function, by Lentz's method: DLMF 8.17.22. */
static double beta_fraction(double x, double a, double b) {
    double f = 1, c = 1, d = 0;
    for (int i = 0; i < 10000; i++) {
        double m = i / 2, numerator = 1;   /* m: the whole part */
        if (i > 0 && i % 2 == 0) numerator = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        if (i % 2) numerator = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + numerator * d;
        c = 1 + numerator / c;
        d = 1 / (fabs(d) < DBL_MIN ? DBL_MIN : d);
        c = fabs(c) < DBL_MIN ? DBL_MIN : c;
        f *= c * d;
        if (i > 0 && fabs(c * d - 1) < DBL_EPSILON) break;
    }
    return f - 1;
}

/* scipy.stats.beta.cdf */
static double beta_cdf(double x, double a, double b) {
    int sign;
    if (x <= 0 || x >= 1) return x >= 1;
    double front = exp(lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2)) return front / a * beta_fraction(x, a, b);
    return 1 - front / b * beta_fraction(1 - x, b, a);
}

/* --- set-up ------------------------------------------------------------------------------------------------- */

/* The settings with librosa's defaults filled in. */
typedef struct settings {
    double fmin, fmax, a, b, lambda, resolution, rate, switch_prob, no_trough;
    int thresholds;
} settings;

static settings fill_in(const sori_pyin_config *g) {
    settings s = { .fmin = g->fmin, .fmax = g->fmax, .a = g->beta_parameters[0], .b = g->beta_parameters[1],
                   .lambda = g->boltzmann_parameter != 0 ? g->boltzmann_parameter : 2,
                   .resolution = g->resolution != 0 ? g->resolution : 0.1,
                   .rate = g->max_transition_rate != 0 ? g->max_transition_rate : 35.92,
                   .switch_prob = feat_option(g->switch_prob, 0.01, 0.01),
                   .no_trough = feat_option(g->no_trough_prob, 0.01, 0.01),
                   .thresholds = g->n_thresholds ? g->n_thresholds : 100 };
    if (s.a == 0 && s.b == 0) s.a = 2, s.b = 18;
    feat_yin_range(&s.fmin, &s.fmax);
    return s;
}

static bool is_probability(double p) { return p >= 0 && p <= 1; }

static bool check(sori_ctx *c, const settings *s, const sori_pyin_config *g) {
    if (s->thresholds < 1 || s->thresholds > 1000000)
        sori_fail(c, SORI_EINVAL, "pyin: n_thresholds %d is outside 1 to 1000000", s->thresholds);
    else if (!(s->a > 0 && s->b > 0 && isfinite(s->a) && isfinite(s->b)))
        sori_fail(c, SORI_EINVAL, "pyin: beta_parameters %g, %g are not above 0", s->a, s->b);
    else if (!(s->lambda > 0 && isfinite(s->lambda)))
        sori_fail(c, SORI_EINVAL, "pyin: boltzmann_parameter %g is not above 0", s->lambda);
    else if (!(s->resolution > 0 && s->resolution <= 1))
        sori_fail(c, SORI_EINVAL, "pyin: resolution %g is not within 0 to 1", s->resolution);
    else if (!(s->rate >= 0 && isfinite(s->rate)))
        sori_fail(c, SORI_EINVAL, "pyin: max_transition_rate %g is below 0", s->rate);
    else if (!is_probability(s->switch_prob))
        sori_fail(c, SORI_EINVAL, "pyin: switch_prob %g is not within 0 to 1", s->switch_prob);
    else if (!is_probability(s->no_trough))
        sori_fail(c, SORI_EINVAL, "pyin: no_trough_prob %g is not within 0 to 1", s->no_trough);
    else if (g->fill_na.mode == 1 && isinf(g->fill_na.value))
        sori_fail(c, SORI_EINVAL, "pyin: fill_na is infinite");
    return !base_failed(c);
}

static bool make_tables(sori_ctx *c, watcher *w, const settings *s) {
    w->thresholds = (size_t)s->thresholds;
    w->room = (w->yin.last - w->yin.first + 1) / 2 + 1;   /* no two neighbours are troughs */
    w->mass = base_alloc_raw(c, w->thresholds + 1, sizeof *w->mass);
    w->decay = base_alloc_raw(c, w->room, sizeof *w->decay);
    w->share = base_alloc_raw(c, w->room + 1, sizeof *w->share);
    if (!w->mass || !w->decay || !w->share) return false;
    for (size_t i = 0; i <= w->thresholds; i++) w->mass[i] = beta_cdf(threshold_at(w, i), s->a, s->b);
    for (size_t i = 0; i < w->room; i++) w->decay[i] = exp(-s->lambda * (double)i);
    for (size_t n = 0; n <= w->room; n++)
        w->share[n] = n ? (1 - exp(-s->lambda)) / (1 - exp(-s->lambda * (double)n)) : 0;
    return true;
}

static bool make_bins(sori_ctx *c, watcher *w, const settings *s) {
    w->no_trough = s->no_trough;
    w->fmin = s->fmin;
    w->per_octave = 12 * ceil(1 / s->resolution);
    double bins = floor(w->per_octave * log2(s->fmax / s->fmin)) + 1;
    w->bins = (size_t)fmin(bins, FEAT_MOST_BINS + 1);
    if (w->bins <= FEAT_MOST_BINS) return true;
    sori_fail(c, SORI_EINVAL, "pyin: resolution %g makes %.0f pitch bins (at most %d)", s->resolution, bins,
              FEAT_MOST_BINS);
    return false;
}

static bool make_lists(sori_ctx *c, watcher *w, const feat_input *in) {
    size_t n = 0;
    w->frames = in->frames;
    w->blocks = (in->frames + NUM_LANES - 1) / NUM_LANES;
    if (base_mul_overflows(in->channels * w->blocks, NUM_LANES * w->room, &n)) n = SIZE_MAX;
    w->candidates = base_alloc_raw(c, n, sizeof *w->candidates);
    w->first = base_alloc_raw(c, in->channels * in->frames, sizeof *w->first);
    w->count = base_alloc_raw(c, in->channels * in->frames, sizeof *w->count);
    w->unvoiced = base_alloc_raw(c, in->channels * in->frames, sizeof *w->unvoiced);
    return w->candidates && w->first && w->count && w->unvoiced;
}

static bool watcher_open(sori_ctx *c, watcher *w, const feat_input *in, const settings *s) {
    return feat_yin_open(c, &w->yin, in, s->fmin, s->fmax) && make_bins(c, w, s) && make_tables(c, w, s)
        && make_lists(c, w, in);
}

static void watcher_close(sori_ctx *c, watcher *w) {
    feat_yin_close(c, &w->yin);
    base_free(c, w->mass);
    base_free(c, w->decay);
    base_free(c, w->share);
    base_free(c, w->candidates);
    base_free(c, w->first);
    base_free(c, w->count);
    base_free(c, w->unvoiced);
}

static void keep_state(sori_ctx *c, feat_use *u) { (void)c, (void)u; }   /* it is the caller's */

static const feat_op op = { .info = { "pyin", "librosa.pyin", "fundamental frequency and voicing", "Hz" },
                            .block = pyin_block, .close = keep_state };

/* --- the path ----------------------------------------------------------------------------------------------- */

typedef struct decoding {
    const watcher *w;
    feat_voicing voicing;
    size_t channels, memory_size;
    char *memory;            /* [workers] */
    uint16_t *states;        /* [channels][frames] */
    atomic_size_t next;
} decoding;

static void decode_worker(void *arg, size_t i) {
    decoding *d = arg;
    const watcher *w = d->w;
    for (size_t channel; (channel = atomic_fetch_add(&d->next, 1)) < d->channels;) {
        size_t at = channel * w->frames;
        feat_observations o = { .frames = w->frames, .candidates = w->first + at, .count = w->count + at,
                                .unvoiced = w->unvoiced + at };
        feat_voicing_decode(&d->voicing, &o, d->memory + i * d->memory_size, d->states + at);
    }
}

static void write_results(const decoding *d, const settings *s, sori_opt fill_na, const sori_pyin_result *r) {
    double *f0 = r->f0->data;
    uint8_t *voiced = r->voiced_flag->data;
    for (size_t i = 0; i < r->f0->size; i++) {
        size_t bin = d->states[i] % d->w->bins;
        voiced[i] = d->states[i] < d->w->bins;
        f0[i] = s->fmin * exp2((double)bin / d->w->per_octave);
        if (!voiced[i] && fill_na.mode != 2) f0[i] = fill_na.mode == 1 ? fill_na.value : (double)NAN;
    }
}

static void decode(sori_ctx *c, const watcher *w, const feat_input *in, const settings *s, sori_opt fill_na,
                   const sori_pyin_result *r) {
    double semitones = rint(s->rate * 12 * (double)in->hop / in->sr);
    size_t width = (size_t)fmin(semitones * (w->per_octave / 12), 2.0 * FEAT_MOST_BINS) + 1;
    size_t workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), in->channels), 1);
    decoding d = { .w = w, .channels = in->channels };
    bool ok = feat_voicing_open(c, &d.voicing, w->bins, width, s->switch_prob);
    if (ok) d.memory_size = feat_voicing_memory(&d.voicing, in->frames);
    d.memory = ok ? base_alloc_raw(c, workers, d.memory_size) : NULL;
    d.states = base_alloc_raw(c, in->channels * in->frames, sizeof *d.states);
    if (d.memory && d.states && !base_interrupted(c)) {
        base_parallel(c, workers, decode_worker, &d);
        write_results(&d, s, fill_na, r);
    }
    base_free(c, d.memory);
    base_free(c, d.states);
    feat_voicing_close(c, &d.voicing);
}

static bool make_results(sori_ctx *c, const feat_input *in, sori_pyin_result *r) {
    r->f0 = feat_result(c, in, SORI_F64, 0, in->frames);
    r->voiced_flag = feat_result(c, in, SORI_U8, 0, in->frames);
    r->voiced_prob = feat_result(c, in, SORI_F64, 0, in->frames);
    return r->f0 && r->voiced_flag && r->voiced_prob;
}

static bool prepare(sori_ctx *c, const feat_input *in, feat_use *u, watcher *w, const settings *s,
                    const sori_pyin_config *g, sori_pyin_result *r) {
    if (!check(c, s, g) || !watcher_open(c, w, in, s) || !make_results(c, in, r)) return false;
    w->voiced_prob = r->voiced_prob->data;
    w->at_troughs = w->yin.scratch;
    u->domain = FEAT_SAMPLES;
    u->pad = g->pad_mode;
    u->rows = 1;
    u->scratch = w->at_troughs + NUM_LANES * w->room * sizeof(trough);
    u->state = w;
    return true;
}

sori_pyin_result sori_pyin(sori_ctx *c, sori_audio y, const sori_pyin_config *config) {
    static const sori_pyin_config defaults;
    const sori_pyin_config *g = config ? config : &defaults;
    sori_pyin_result r = { NULL, NULL, NULL };
    settings s = fill_in(g);
    watcher w = { .thresholds = 0 };
    feat_input in;
    feat_use u = { .op = &op };
    int scope = sori_begin(c);
    if (feat_yin_input(c, &in, "pyin", y, g->frame_length, g->hop_length, g->uncentered, g->pad_mode)) {
        in.exact = g->exact;
        prepare(c, &in, &u, &w, &s, g, &r);
    }
    if (feat_run(c, &in, &u)) decode(c, &w, &in, &s, g->fill_na, &r);
    watcher_close(c, &w);
    if (base_failed(c)) r = (sori_pyin_result){ NULL, NULL, NULL };
    else {
        sori_keep(c, r.f0);
        sori_keep(c, r.voiced_flag);
        sori_keep(c, r.voiced_prob);
    }
    sori_end(c, scope, NULL);
    return r;
}
