/* dataset.c - one split of a list as network inputs.
 *
 * Recordings are loaded on all threads, each a job of its own; a file that cannot be read becomes a message. Then
 * everything is laid out in the list's order, so threads, cache and the order of loading leave no trace. fill() cuts a
 * segment, augments it in training epochs, normalises it: the steps of classification and, between, augmentation; then
 * mixup.
 *
 * A chain's waveform changes are too slow for every epoch: each recording is rendered through them a few times when it
 * is loaded, and every epoch draws one of these renderings for each segment. */
#include "data/data.h"
#include "fx/fx.h"
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BAD 0.01
#define SHARDS 32         /* of the statistics */
#define MAX_MIXUP 100.0
#define VARIANTS 4
#define MAX_VARIANTS 10000

typedef struct matrix {
    float *features;         /* [bins, frames] */
    size_t frames;
} matrix;

typedef struct recording {
    matrix clean;            /* features NULL: could not be read */
    matrix *rendered;        /* [variants], of the dataset's `renderings` */
    size_t item;             /* in the list */
    int label;
    char *why;               /* it could not be read */
} recording;

typedef struct segment { uint32_t recording, start; } segment;

struct sori_dataset {
    sori_ctx *c;
    data_geometry g;
    recording *recordings;
    size_t recording_count;
    uint32_t *bad;           /* recordings that could not be read */
    size_t bad_count;
    segment *segments;
    size_t count, label_count;
    sori_array mean, scale;  /* [bins] f32, their data owned here */
    sori_spec_augment_config augment;
    const sori_augment *chain;
    matrix *renderings;      /* [recordings, variants] */
    size_t variants;         /* 0: waveforms are not changed */
    uint64_t seed;
    double mixup;
    float *scratch;          /* [max(bins, frames)] for fx; fill runs one call at a time */
    float *partner;          /* [bins * frames] what a segment is mixed with */
};

/* --- loading ---------------------------------------------------------------------------------------------------- */

typedef struct loader {
    const sori_list *list;
    const sori_dataset_config *config;
    sori_dataset *d;
    char *key;
    uint64_t chain_hash;
    atomic_size_t done;
    atomic_bool unwritten;
    atomic_flag reporting;   /* held while progress is called */
    size_t reported;         /* of done; guarded by reporting */
} loader;

/* Whoever finds another thread reporting leaves it to that one or a later one: nobody waits for a terminal. */
static void report(loader *l) {
    if (!l->config->progress || atomic_flag_test_and_set(&l->reporting)) return;
    size_t done = atomic_load(&l->done);
    if (done > l->reported) l->config->progress(l->config->progress_user, done, l->d->recording_count);
    l->reported = done;
    atomic_flag_clear(&l->reporting);
}

/* The file's fault, not the configuration's or the machine's. */
static bool is_bad_file(sori_status s) { return s == SORI_EIO || s == SORI_EFORMAT || s == SORI_EUNSUP; }

static void keep_features(sori_ctx *job, const data_geometry *g, matrix *m, const sori_array *a, const char *path) {
    if (a->shape[0] != g->bins || a->shape[1] == 0 || a->shape[1] > UINT32_MAX) {
        sori_fail(job, SORI_EFORMAT, "%s: features of %zu bins and %zu frames", path, a->shape[0], a->shape[1]);
        return;
    }
    m->features = base_alloc_raw(job, a->size, sizeof *m->features);
    if (!m->features) return;
    memcpy(m->features, a->data, a->size * sizeof *m->features);
    m->frames = a->shape[1];
}

static void load_matrix(sori_ctx *job, loader *l, const recording *r, const data_rendering *rendering, matrix *out) {
    const char *path = l->list->items[r->item].path;
    bool unwritten = false;
    if (base_failed(job)) return;
    int scope = sori_begin(job);
    const sori_array *a = data_cached_features(job, l->config->cache, l->key, &l->d->g.input, path, rendering,
                                               &unwritten);
    if (a) keep_features(job, &l->d->g, out, a, path);
    sori_end(job, scope, NULL);
    if (unwritten) atomic_store(&l->unwritten, true);
}

static void load_one(sori_ctx *job, void *arg, size_t i) {
    loader *l = arg;
    recording *r = &l->d->recordings[i];
    load_matrix(job, l, r, &(data_rendering){ 0 }, &r->clean);
    for (size_t k = 0; k < l->d->variants; k++)
        load_matrix(job, l, r, &(data_rendering){ .chain = l->d->chain, .hash = l->chain_hash, .seed = l->d->seed,
                                                  .variant = (uint32_t)k, .sample = (uint32_t)r->item },
                    &r->rendered[k]);
    if (is_bad_file(sori_error(job))) {
        char why[1024];
        base_format(why, sizeof why, "%s", sori_message(job));
        sori_clear(job);
        r->why = base_strdup(job, why);
    }
    if (base_failed(job)) return;
    atomic_fetch_add(&l->done, 1);
    report(l);
}

static void list_bad(sori_dataset *d, const sori_list *list, double max_bad) {
    double limit = max_bad == 0 ? MAX_BAD : BASE_MAX(max_bad, 0);
    d->bad = base_alloc_raw(d->c, d->recording_count, sizeof *d->bad);
    for (size_t i = 0; d->bad && i < d->recording_count; i++)
        if (d->recordings[i].why) d->bad[d->bad_count++] = (uint32_t)i;
    if (!d->bad || d->bad_count == 0) return;
    if ((double)d->bad_count > limit * (double)list->count)
        sori_fail(d->c, SORI_EFORMAT, "%zu of %zu recordings cannot be read, more than %g %%; the first: %s",
                  d->bad_count, list->count, 100 * limit, d->recordings[d->bad[0]].why);
    else if (d->bad_count == d->recording_count)
        sori_fail(d->c, SORI_EFORMAT, "none of %zu recordings can be read; the first: %s", d->bad_count,
                  d->recordings[d->bad[0]].why);
}

static void load_all(sori_dataset *d, const sori_list *list, const sori_dataset_config *config) {
    loader l = { .list = list, .config = config, .d = d, .key = data_input_key(d->c, &d->g.input) };
    if (!l.key) return;
    if (d->variants) l.chain_hash = fx_augment_hash(d->chain);
    if (!config->cache || sori_make_dirs(d->c, config->cache) == SORI_OK) {
        atomic_flag_clear(&l.reporting);
        if (base_each(d->c, d->recording_count, load_one, &l) == SORI_OK) report(&l);
        if (atomic_load(&l.unwritten)) base_warn(d->c, "%s: cannot write; features are not kept", config->cache);
    }
    base_free(d->c, l.key);
    if (!base_failed(d->c)) list_bad(d, list, config->max_bad);
}

static void choose_items(sori_dataset *d, const sori_list *list, sori_split split) {
    d->recordings = base_alloc(d->c, list->count, sizeof *d->recordings);
    if (!d->recordings) return;
    for (size_t i = 0; i < list->count; i++)
        if (split == SORI_SPLIT_COUNT || list->items[i].split == split)
            d->recordings[d->recording_count++] = (recording){ .item = i, .label = list->items[i].label };
    if (d->recording_count == 0) sori_fail(d->c, SORI_EFORMAT, "dataset: the split has no recordings");
    if (base_failed(d->c) || !d->variants) return;
    d->renderings = base_alloc(d->c, d->recording_count * d->variants, sizeof *d->renderings);
    for (size_t i = 0; d->renderings && i < d->recording_count; i++)
        d->recordings[i].rendered = d->renderings + i * d->variants;
}

/* --- segments --------------------------------------------------------------------------------------------------- */

static void make_segments(sori_dataset *d) {
    for (size_t i = 0; i < d->recording_count; i++)
        if (!d->recordings[i].why) d->count += data_segment_count(&d->g, d->recordings[i].clean.frames);
    if (d->count > UINT32_MAX) {
        sori_fail(d->c, SORI_EINVAL, "dataset: %zu segments, more than 2^32; use a longer hop", d->count);
        return;
    }
    d->segments = base_alloc_raw(d->c, d->count, sizeof *d->segments);
    segment *s = d->segments;
    for (size_t i = 0; s && i < d->recording_count; i++) {
        size_t frames = d->recordings[i].clean.frames;
        size_t n = d->recordings[i].why ? 0 : data_segment_count(&d->g, frames);
        for (size_t k = 0; k < n; k++)
            *s++ = (segment){ (uint32_t)i, (uint32_t)data_segment_start(&d->g, frames, k) };
    }
}

/* --- standardisation -------------------------------------------------------------------------------------------- */

static void cut(const sori_dataset *d, size_t i, float *x) {
    const segment *s = &d->segments[i];
    const matrix *m = &d->recordings[s->recording].clean;
    data_segment_cut(&d->g, m->features, m->frames, s->start, x);
}

/* A segment of the rendering drawn for it in this epoch. A rendering's length may be another: the segment begins at
 * the same share of it. */
static void cut_rendered(const sori_dataset *d, uint32_t epoch, uint32_t i, float *x) {
    base_rng r = base_rng_new(d->seed, BASE_RNG_RENDERING, epoch, i);
    const segment *s = &d->segments[i];
    const recording *of = &d->recordings[s->recording];
    const matrix *m = &of->rendered[base_rng_below(&r, (uint32_t)d->variants)];
    double share = (double)m->frames / (double)of->clean.frames;
    data_segment_cut(&d->g, m->features, m->frames, BASE_MIN((size_t)(s->start * share), m->frames - 1), x);
}

/* Sums over the network's inputs before standardisation, in SHARDS parts that depend on the data only. In double one
 * pass will do: levels span some 100 dB, so squares lose 4 of 16 digits. */
typedef struct statistics {
    const sori_dataset *d;
    float *neutral;          /* [2][bins] mean 0, scale 1 */
    float *x;                /* [SHARDS][bins * frames] */
    double *sums;            /* [SHARDS][2][bins] of x and of x^2 */
} statistics;

static void sum_shard(void *arg, size_t shard) {
    const statistics *s = arg;
    const sori_dataset *d = s->d;
    size_t bins = d->g.bins, frames = d->g.frames;
    float *x = s->x + shard * bins * frames;
    double *sum = s->sums + shard * 2 * bins, *squares = sum + bins;
    for (size_t i = d->count * shard / SHARDS; i < d->count * (shard + 1) / SHARDS; i++) {
        cut(d, i, x);
        data_segment_normalise(&d->g, s->neutral, s->neutral + bins, x);
        for (size_t b = 0; b < bins; b++)
            for (size_t t = 0; t < frames; t++) {
                double v = x[b * frames + t];
                sum[b] += v;
                squares[b] += v * v;
            }
    }
}

/* A bin that never changes keeps its scale. */
static void finish_statistics(sori_dataset *d, const double *sums) {
    double n = (double)d->count * (double)d->g.frames;
    for (size_t b = 0; b < d->g.bins; b++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < SHARDS; i++) {
            sum += sums[i * 2 * d->g.bins + b];
            squares += sums[(i * 2 + 1) * d->g.bins + b];
        }
        double mean = sum / n, deviation = sqrt(fmax(squares / n - mean * mean, 0));
        ((float *)d->mean.data)[b] = (float)mean;
        ((float *)d->scale.data)[b] = deviation > 1e-5 * (1 + fabs(mean)) ? (float)(1 / deviation) : 1;
    }
}

static void measure(sori_dataset *d) {
    size_t bins = d->g.bins;
    statistics s = { .d = d, .neutral = base_alloc(d->c, 2 * bins, sizeof(float)) };
    s.x = base_alloc_raw(d->c, SHARDS * bins * d->g.frames, sizeof *s.x);
    s.sums = base_alloc(d->c, SHARDS * 2 * bins, sizeof *s.sums);
    for (size_t b = 0; s.neutral && b < bins; b++) s.neutral[bins + b] = 1;
    if (!base_failed(d->c)) {
        base_parallel(d->c, SHARDS, sum_shard, &s);
        finish_statistics(d, s.sums);
    }
    base_free(d->c, s.neutral);
    base_free(d->c, s.x);
    base_free(d->c, s.sums);
}

static void own_vector(sori_ctx *c, sori_array *a, size_t n) {
    *a = (sori_array){ .dtype = SORI_F32, .ndim = 1, .shape = { n }, .size = n };
    a->data = base_alloc(c, n, sizeof(float));
}

static bool given_vector(sori_ctx *c, const sori_array *from, sori_array *to, const char *name) {
    if (!array_check(c, name, from, SORI_F32, 1)) return false;
    if (from->size != to->size)
        return sori_fail(c, SORI_EINVAL, "dataset: %s has %zu values, the feature %zu bins", name, from->size,
                         to->size), false;
    memcpy(to->data, from->data, to->size * sizeof(float));
    return true;
}

static void set_standardisation(sori_dataset *d, const sori_dataset_config *config) {
    own_vector(d->c, &d->mean, d->g.bins);
    own_vector(d->c, &d->scale, d->g.bins);
    if (base_failed(d->c)) return;
    if (config->mean || config->scale) {
        if (given_vector(d->c, config->mean, &d->mean, "mean")) given_vector(d->c, config->scale, &d->scale, "scale");
    } else {
        measure(d);
    }
}

/* --- open and close --------------------------------------------------------------------------------------------- */

static void build(sori_dataset *d, const sori_list *list, sori_split split, const sori_dataset_config *config) {
    sori_input_config input = config->input;
    d->label_count = list->label_count;
    d->augment = config->augment;
    d->mixup = config->mixup;
    d->chain = config->chain;
    if (fx_augments_waves(d->chain)) d->variants = config->variants ? (size_t)config->variants : VARIANTS;
    d->seed = config->seed;
    if (!(config->mixup >= 0 && config->mixup <= MAX_MIXUP))
        sori_fail(d->c, SORI_EINVAL, "dataset: mixup %g is outside 0..%g", config->mixup, MAX_MIXUP);
    if (config->variants < 0 || config->variants > MAX_VARIANTS)
        sori_fail(d->c, SORI_EINVAL, "dataset: %d variants are outside 0..%d", config->variants, MAX_VARIANTS);
    if (!fx_spec_check(d->c, &config->augment) || sori_input_resolve(d->c, list, &input) != SORI_OK) return;
    if (!data_geometry_open(d->c, &d->g, &input)) return;
    if (d->g.waveform && fx_augments_spectra(d->chain))
        sori_fail(d->c, SORI_EINVAL, "dataset: the chain changes spectrograms, the input is a waveform");
    if (base_failed(d->c)) return;
    choose_items(d, list, split);
    if (!base_failed(d->c)) load_all(d, list, config);
    if (!base_failed(d->c)) make_segments(d);
    if (!base_failed(d->c)) set_standardisation(d, config);
    if (!base_failed(d->c)) d->scratch = base_alloc_raw(d->c, BASE_MAX(d->g.bins, d->g.frames), sizeof *d->scratch);
    if (!base_failed(d->c) && d->mixup > 0)
        d->partner = base_alloc_raw(d->c, d->g.bins * d->g.frames, sizeof *d->partner);
}

sori_dataset *sori_dataset_new(sori_ctx *c, const sori_list *list, sori_split split,
                               const sori_dataset_config *config) {
    static const sori_dataset_config defaults;
    if (base_failed(c)) return NULL;
    if (!list || list->count > UINT32_MAX || (unsigned)split > SORI_SPLIT_COUNT) {
        sori_fail(c, SORI_EINVAL, list ? "dataset: no such split" : "dataset: no list given");
        return NULL;
    }
    sori_dataset *d = base_alloc(c, 1, sizeof *d);
    if (!d) return NULL;
    d->c = c;
    build(d, list, split, config ? config : &defaults);
    if (!base_failed(c)) return d;
    sori_dataset_free(d);
    return NULL;
}

void sori_dataset_free(sori_dataset *d) {
    if (!d) return;
    for (size_t i = 0; d->renderings && i < d->recording_count * d->variants; i++)
        base_free(d->c, d->renderings[i].features);
    base_free(d->c, d->renderings);
    for (size_t i = 0; i < d->recording_count; i++) {
        base_free(d->c, d->recordings[i].clean.features);
        base_free(d->c, d->recordings[i].why);
    }
    base_free(d->c, d->recordings);
    base_free(d->c, d->bad);
    base_free(d->c, d->segments);
    base_free(d->c, d->mean.data);
    base_free(d->c, d->scale.data);
    base_free(d->c, d->scratch);
    base_free(d->c, d->partner);
    data_geometry_close(d->c, &d->g);
    base_free(d->c, d);
}

/* --- looking in ------------------------------------------------------------------------------------------------- */

size_t sori_dataset_count(const sori_dataset *d) { return d ? d->count : 0; }
size_t sori_dataset_bad(const sori_dataset *d) { return d ? d->bad_count : 0; }

const char *sori_dataset_bad_message(const sori_dataset *d, size_t i) {
    return d && i < d->bad_count ? d->recordings[d->bad[i]].why : NULL;
}

int sori_dataset_label(const sori_dataset *d, size_t i) {
    return d && i < d->count ? d->recordings[d->segments[i].recording].label : -1;
}

size_t sori_dataset_item(const sori_dataset *d, size_t i) {
    return d && i < d->count ? d->recordings[d->segments[i].recording].item : SIZE_MAX;
}

sori_shape sori_dataset_shape(const sori_dataset *d) {
    return d ? data_geometry_shape(&d->g) : (sori_shape){ { 0 } };
}

const sori_input_config *sori_dataset_input(const sori_dataset *d) { return d ? &d->g.input : NULL; }
const sori_array *sori_dataset_mean(const sori_dataset *d) { return d ? &d->mean : NULL; }
const sori_array *sori_dataset_scale(const sori_dataset *d) { return d ? &d->scale : NULL; }

/* --- batches ---------------------------------------------------------------------------------------------------- */

/* Of augmentation all that is meant for waveforms: a shift, by whole samples, as a fraction would blur them. */
static void shift_waveform(const sori_dataset *d, float *x, uint32_t epoch, uint32_t index) {
    base_rng r = base_rng_new(d->seed, BASE_RNG_AUGMENT, epoch, index);
    size_t n = d->g.frames;
    long shift = lround(d->augment.time_shift * (2 * base_rng_uniform(&r) - 1) * (double)n);
    size_t by = (size_t)labs(shift);
    memmove(shift > 0 ? x + by : x, shift > 0 ? x : x + by, (n - by) * sizeof *x);
    memset(shift > 0 ? x : x + n - by, 0, by * sizeof *x);
}

static void augment(const sori_dataset *d, float *x, uint32_t epoch, uint32_t index) {
    size_t bins = d->g.bins, frames = d->g.frames;
    if (d->g.waveform) shift_waveform(d, x, epoch, index);
    else fx_spec_augment(x, bins, frames, &d->augment, d->g.silence, d->scratch, d->seed, epoch, index);
    if (fx_augments_spectra(d->chain))
        fx_augment_spectrum(d->c, d->chain, x, bins, frames, d->g.silence, d->scratch, d->seed, epoch, index);
}

/* Segment i as the network sees it in an epoch; UINT32_MAX: clean. */
static void input(const sori_dataset *d, uint32_t epoch, uint32_t i, float *x) {
    bool clean = epoch == UINT32_MAX;
    if (clean || !d->variants) cut(d, i, x);
    else cut_rendered(d, epoch, i, x);
    if (!clean) augment(d, x, epoch, i);
    data_segment_normalise(&d->g, d->mean.data, d->scale.data, x);
}

/* The partner is changed as it is in its own turn of this epoch. */
static void mix(const sori_dataset *d, uint32_t epoch, uint32_t i, float *x, float *y) {
    base_rng r = base_rng_new(d->seed, BASE_RNG_MIXUP, epoch, i);
    double share = base_rng_beta(&r, d->mixup);
    uint32_t other = base_rng_below(&r, (uint32_t)d->count);
    float a = (float)share, b = (float)(1 - share);
    input(d, epoch, other, d->partner);
    for (size_t k = 0; k < d->g.bins * d->g.frames; k++) x[k] = a * x[k] + b * d->partner[k];
    y[sori_dataset_label(d, i)] += a;
    y[sori_dataset_label(d, other)] += b;
}

static void fill(sori_ctx *worker, void *user, uint32_t epoch, const uint32_t *indices, size_t n, float *x, float *y) {
    (void)worker;
    sori_dataset *d = user;
    size_t size = d->g.bins * d->g.frames;
    memset(y, 0, n * d->label_count * sizeof *y);
    for (size_t i = 0; i < n; i++, x += size, y += d->label_count) {
        input(d, epoch, indices[i], x);
        if (d->mixup > 0 && epoch != UINT32_MAX) mix(d, epoch, indices[i], x, y);
        else y[sori_dataset_label(d, indices[i])] = 1;
    }
}

sori_source sori_dataset_source(sori_dataset *d) {
    return d ? (sori_source){ .count = d->count, .fill = fill, .user = d } : (sori_source){ 0 };
}
