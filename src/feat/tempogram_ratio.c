/* tempogram_ratio.c - a tempogram at simple multiples of the tempo: how strong the eighth notes, the triplets, the half
 * notes are. Whatever the tempo, row i means the same note value.
 *
 * For each frame the tempogram is interpolated over frequency at bpm * factor.
 * Peeters, "Rhythm classification using spectral rhythm patterns", ISMIR 2005; Prockup et al., "Modeling musical rhythm
 * at scale with the music genome project", WASPAA 2015. librosa.feature.tempogram_ratio. */
#include "feat/rhythm.h"
#include <math.h>

static const double prockup[] = { 4, 8.0 / 3, 3, 2, 4.0 / 3, 3.0 / 2, 1, 2.0 / 3, 3.0 / 4, 1.0 / 2, 1.0 / 3, 3.0 / 8,
                                  1.0 / 4 };

typedef struct ratio {
    const float *tg;             /* [channels][lags][frames] */
    const double *bpm;           /* [channels][frames] */
    size_t channels, lags, frames, points, factors;
    double *freq;                /* [points] rising, finite */
    size_t *lag;                 /* [points] where they lie in tg */
    const double *factor;
    sori_ratio_kind kind;
    double fill;
    float *out;                  /* [channels][factors][frames] */
} ratio;

/* scipy's interp1d: the first pair of neighbours whose upper one is not below hz. */
static float interpolate(const ratio *r, const float *tg, double hz) {
    if (!(r->points > 0 && hz >= r->freq[0] && hz <= r->freq[r->points - 1])) return (float)r->fill;
    size_t lo = 0, hi = r->points - 1;   /* freq[lo] < hz <= freq[hi], but at the ends */
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (r->freq[mid] < hz) lo = mid;
        else hi = mid;
    }
    double below = (double)tg[r->lag[lo] * r->frames], above = (double)tg[r->lag[hi] * r->frames];
    if (lo == hi) return (float)below;
    if (r->kind == SORI_RATIO_PREVIOUS) return (float)(hz == r->freq[hi] ? above : below);
    if (r->kind == SORI_RATIO_NEXT) return (float)(hz == r->freq[lo] ? below : above);
    if (r->kind == SORI_RATIO_NEAREST) return (float)(hz <= r->freq[lo] / 2 + r->freq[hi] / 2 ? below : above);
    return (float)((above - below) / (r->freq[hi] - r->freq[lo]) * (hz - r->freq[lo]) + below);
}

static void one_row(void *arg, size_t i) {
    const ratio *r = arg;
    size_t channel = i / r->factors;
    const float *tg = r->tg + channel * r->lags * r->frames;
    for (size_t t = 0; t < r->frames; t++)
        r->out[i * r->frames + t] = interpolate(r, tg + t, r->bpm[channel * r->frames + t] * r->factor[i % r->factors]);
}

/* The finite frequencies in rising order. They nearly always come falling: insertion from behind is O(lags) then. */
static bool sort_frequencies(sori_ctx *c, ratio *r, const double *freq) {
    r->freq = base_alloc_raw(c, r->lags, sizeof *r->freq);
    r->lag = base_alloc_raw(c, r->lags, sizeof *r->lag);
    if (!r->freq || !r->lag) return false;
    for (size_t k = r->lags; k-- > 0;) {
        if (!isfinite(freq[k])) continue;
        size_t at = r->points++;
        for (; at > 0 && r->freq[at - 1] > freq[k]; at--) {
            r->freq[at] = r->freq[at - 1];
            r->lag[at] = r->lag[at - 1];
        }
        r->freq[at] = freq[k];
        r->lag[at] = k;
    }
    for (size_t i = 1; i < r->points; i++)
        if (r->freq[i] == r->freq[i - 1]) {
            sori_fail(c, SORI_EINVAL, "tempogram_ratio: frequency %g BPM stands twice in freqs", r->freq[i]);
            return false;
        }
    return true;
}

static bool check_vector(sori_ctx *c, const char *what, const sori_array *a, size_t n) {
    if (!a || (a->dtype == SORI_F64 && a->ndim == 1 && a->size > 0 && (n == 0 || a->size == n))) return true;
    if (n) sori_fail(c, SORI_EINVAL, "tempogram_ratio: %s must be %zu values f64", what, n);
    else sori_fail(c, SORI_EINVAL, "tempogram_ratio: %s must be values f64 on one axis", what);
    return false;
}

static bool check_bpm(sori_ctx *c, const sori_array *bpm, const feat_envelope *e) {
    if (!bpm || (bpm->dtype == SORI_F64 && bpm->ndim == e->lead + 1 && bpm->size == e->channels * e->n)) return true;
    sori_fail(c, SORI_EINVAL, "tempogram_ratio: bpm must be f64, one for each of %zu frames", e->channels * e->n);
    return false;
}

/* [.., factors, frames] to [.., factors]. */
static sori_array *aggregate(sori_ctx *c, const feat_envelope *e, const sori_array *a, size_t factors, bool median) {
    sori_array *out = feat_envelope_result(c, e, SORI_F32, factors, 0);
    double *row = base_alloc_raw(c, e->n, sizeof *row);
    for (size_t i = 0; out && row && i < out->size; i++) {
        double sum = 0;
        for (size_t t = 0; t < e->n; t++) sum += row[t] = (double)((const float *)a->data)[i * e->n + t];
        ((float *)out->data)[i] = (float)(median ? feat_median(row, e->n) : sum / (double)e->n);
    }
    base_free(c, row);
    return row ? out : NULL;
}

static sori_array *compute(sori_ctx *c, const feat_envelope *e, const sori_array *tg,
                           const sori_tempogram_ratio_config *g) {
    ratio r = { .tg = tg->data, .channels = e->channels, .lags = tg->shape[tg->ndim - 2], .frames = e->n,
                .factors = g->factors ? g->factors->size : BASE_COUNT(prockup), .fill = g->fill_value,
                .factor = g->factors ? g->factors->data : prockup, .kind = g->kind };
    sori_tempo_config t = { .tg = tg, .start_bpm = g->start_bpm, .std_bpm = g->std_bpm, .max_tempo = g->max_tempo,
                            .logprior = g->logprior, .aggregate = SORI_AGGREGATE_NONE };
    if (!check_vector(c, "freqs", g->freqs, r.lags) || !check_vector(c, "factors", g->factors, 0)
        || !check_bpm(c, g->bpm, e))
        return NULL;
    const sori_array *bpm = g->bpm ? g->bpm : feat_tempo(c, e, &t);
    const sori_array *freqs = g->freqs ? g->freqs : sori_tempo_frequencies(c, (int)r.lags, e->hop, e->sr);
    sori_array *out = bpm && freqs ? feat_envelope_result(c, e, SORI_F32, r.factors, r.frames) : NULL;
    if (out && sort_frequencies(c, &r, freqs->data)) {
        r.bpm = bpm->data;
        r.out = out->data;
        base_parallel(c, r.channels * r.factors, one_row, &r);
    }
    base_free(c, r.freq);
    base_free(c, r.lag);
    bool all = g->aggregate == SORI_AGGREGATE_DEFAULT || g->aggregate == SORI_AGGREGATE_NONE;
    if (base_failed(c) || all) return base_failed(c) ? NULL : out;
    return aggregate(c, e, out, r.factors, g->aggregate == SORI_AGGREGATE_MEDIAN);
}

/* The tempogram: given, or computed. e gets its channels and frames. */
static const sori_array *tempogram_of(sori_ctx *c, feat_envelope *e, sori_audio y,
                                      const sori_tempogram_ratio_config *g) {
    const sori_tempogram_config *t = &g->tempogram;
    const char *who = "tempogram_ratio";
    if (g->tg) return feat_tempogram_shape(c, e, who, y.sr, t->hop_length, g->tg) ? g->tg : NULL;
    feat_envelope_plan plan = { t->onset_envelope, t->hop_length, SORI_AGGREGATE_MEAN, t->exact };
    if (!feat_envelope_open(c, e, who, y, &plan)) return NULL;
    sori_array *tg = feat_tempogram(c, e, t);
    if (tg) e->n = tg->shape[tg->ndim - 1];   /* fewer, if uncentred */
    return tg;
}

sori_array *sori_tempogram_ratio(sori_ctx *c, sori_audio y, const sori_tempogram_ratio_config *config) {
    static const sori_tempogram_ratio_config defaults;
    const sori_tempogram_ratio_config *g = config ? config : &defaults;
    feat_envelope e;
    if (base_failed(c)) return NULL;
    int scope = sori_begin(c);
    feat_aggregate(c, "tempogram_ratio", g->aggregate, SORI_AGGREGATE_NONE,
                   FEAT_AGGREGATE(MEAN) | FEAT_AGGREGATE(MEDIAN) | FEAT_AGGREGATE(NONE));
    if ((int)g->kind < 0 || g->kind > SORI_RATIO_NEXT)
        sori_fail(c, SORI_EINVAL, "tempogram_ratio: unknown kind %d", (int)g->kind);
    const sori_array *tg = base_failed(c) ? NULL : tempogram_of(c, &e, y, g);
    return sori_end(c, scope, tg ? compute(c, &e, tg, g) : NULL);
}
