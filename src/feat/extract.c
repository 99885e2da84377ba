/* extract.c - several features by name, for one STFT.
 *
 * One pass computes all features of frames, and the spectrograms that the features of the whole sound want; then those
 * run one after the other and find them in feat_shared. */
#include "feat/pipeline.h"

#define NEEDS (FEAT_NEED_MEL_DB + 1)

struct feat_shared {
    sori_ctx *c;
    sori_audio y;
    const sori_feature_config *g;
    sori_array *S[NEEDS];    /* what the pass left */
};

/* --- opening -------------------------------------------------------------------------------------------------- */

static bool open_one(sori_ctx *c, feat_input *in, feat_use *u, const char *name, const sori_feature_config *config) {
    u->op = feat_find(name);
    in->who = u->op->info.name;   /* messages name the feature */
    return u->op->open(c, u, in, config);
}

bool feat_open_named(sori_ctx *c, feat_input *in, feat_use *uses, const char *const *names, size_t n,
                     const sori_feature_config *config) {
    const char *who = in->who;
    if (n == 0) sori_fail(c, SORI_EINVAL, "%s: no feature asked for", who);
    for (size_t i = 0; i < n && !base_failed(c); i++) {
        if (feat_find(names[i])) open_one(c, in, &uses[i], names[i], config);
        else if (feat_whole_find(names[i])) sori_fail(c, SORI_EINVAL, "%s: %s needs the whole sound", who, names[i]);
        else sori_fail(c, SORI_EINVAL, "%s: unknown feature \"%s\"", who, names[i] ? names[i] : "");
    }
    return !base_failed(c);
}

static bool check_names(sori_ctx *c, sori_audio y, const char *const *names, size_t n) {
    bool one = !y.y || y.y->ndim < 2;
    if (n == 0) sori_fail(c, SORI_EINVAL, "extract: no feature asked for");
    for (size_t i = 0; i < n && !base_failed(c); i++) {
        const sori_feature_info *f = sori_feature_find(names[i]);
        if (!f) sori_fail(c, SORI_EINVAL, "extract: unknown feature \"%s\"", names[i] ? names[i] : "");
        else if (f->kind == SORI_FEATURE_EVENTS && !one)
            sori_fail(c, SORI_EINVAL, "%s: one list of events is of one channel; mix the channels down first", f->name);
    }
    return !base_failed(c);
}

/* --- what features of the whole sound share ---------------------------------------------------------------------- */

const sori_array *feat_shared_S(const feat_shared *s, feat_need need) { return s->S[need]; }

/* Which spectrograms the named features want. In double a spectrogram kept in float is not enough. */
static void find_needs(const char *const *names, size_t n, bool exact, bool *needs) {
    for (size_t i = 0; i < n && !exact; i++) {
        const feat_whole *w = feat_whole_find(names[i]);
        if (w && w->need) needs[w->need] = true;
    }
}

/* --- the pass --------------------------------------------------------------------------------------------------- */

/* One thing the pass computes: a named feature, or a spectrogram that is needed. */
typedef struct item {
    const char *name;
    feat_need need;          /* FEAT_NEED_SOUND: a feature */
    sori_array **to;
} item;

static size_t list_items(feat_shared *s, const char *const *names, size_t n, const bool *needs, item *items,
                         sori_array **out) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (feat_find(names[i])) items[count++] = (item){ names[i], FEAT_NEED_SOUND, &out[i] };
    for (feat_need k = FEAT_NEED_MAGNITUDE; k < NEEDS; k++)
        if (needs[k]) items[count++] = (item){ k == FEAT_NEED_MEL_DB ? "mel" : "spectrogram", k, &s->S[k] };
    return count;
}

static bool open_item(feat_shared *s, feat_input *in, feat_use *u, const item *it) {
    sori_feature_config g = *s->g;
    if (it->need) {
        g.db = it->need == FEAT_NEED_MEL_DB;
        g.top_db = (sori_opt){ 0 };
        g.power = it->need == FEAT_NEED_MAGNITUDE ? 1 : 2;
    }
    return open_one(s->c, in, u, it->name, &g);
}

/* Features of frames to out, spectrograms to s->S. */
static void run_pass(feat_shared *s, const char *const *names, size_t n, const bool *needs, sori_array **out) {
    feat_input in = { 0 };
    item *items = base_alloc(s->c, n + NEEDS, sizeof *items);
    feat_use *uses = base_alloc(s->c, n + NEEDS, sizeof *uses);
    sori_array **results = base_alloc(s->c, n + NEEDS, sizeof *results);
    size_t count = base_failed(s->c) ? 0 : list_items(s, names, n, needs, items, out);
    if (count > 0) {
        bool ok = feat_input_open(s->c, &in, "extract", s->y, NULL, &s->g->stft);
        for (size_t i = 0; i < count && ok; i++) ok = open_item(s, &in, &uses[i], &items[i]);
        feat_run_many(s->c, &in, uses, count, results);
    }
    for (size_t i = 0; i < count; i++) *items[i].to = results[i];
    base_free(s->c, results);
    base_free(s->c, uses);
    base_free(s->c, items);
}

sori_status sori_extract(sori_ctx *c, sori_audio y, const char *const *names, size_t n,
                         const sori_feature_config *config, sori_array **out) {
    static const sori_feature_config defaults;
    sori_feature_config g = config ? *config : defaults;
    feat_shared shared = { .c = c, .y = y, .g = &g };
    bool needs[NEEDS] = { false };
    for (size_t i = 0; i < n; i++) out[i] = NULL;
    if (base_failed(c) || !check_names(c, y, names, n)) return sori_error(c);
    if (!g.stft.hop_length) g.stft.hop_length = 512;   /* every feature's here, whatever its own default */
    int scope = sori_begin(c);
    find_needs(names, n, shared.g->stft.exact, needs);
    run_pass(&shared, names, n, needs, out);
    for (size_t i = 0; i < n && !base_failed(c); i++) {
        const feat_whole *w = feat_whole_find(names[i]);
        if (w) out[i] = w->run(c, y, shared.g, &shared);
    }
    for (size_t i = 0; i < n; i++) {
        if (base_failed(c)) out[i] = NULL;
        else sori_keep(c, out[i]);
    }
    sori_end(c, scope, NULL);
    return sori_error(c);
}
