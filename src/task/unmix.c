/* unmix.c - a mixture factorised by the spectra of single notes.
 *
 *     S [bins, frames] = |STFT|^power of the mean of all channels, its percussive part to the drums if there are any
 *     slices of S, each half over the one before:  S_s ~ W_s H_s, W_s from the templates
 *     H of the whole: those of the slices, cross-faded
 *
 * A slice lets W follow what changes over time (another touch, another string), and bounds what one factorisation
 * holds; with fixed templates and no penalty over time frames do not see each other, so slices change nothing but
 * where sweeps end.
 * The idea is the notebook's: Smaragdis and Brown's factorisation, begun where music is known to be. */
#include "task/unmix.h"
#include <math.h>
#include <string.h>

/* --- what is given ---------------------------------------------------------------------------------------------- */

typedef struct call {
    const sori_unmix_config *g;
    const sori_templates *t;      /* NULL: none */
    size_t given, more;           /* components from templates, and beside them */
    size_t drums;
} call;

bool task_unmix_check_sound(sori_ctx *c, const unmix_transform *f, const sori_array *y, double sr) {
    char text[128];
    if (!array_check(c, "unmix", y, SORI_F32, 1)) return false;
    if (y->ndim > 2)
        sori_fail(c, SORI_EINVAL, "unmix: sound of shape %s (needs [n] or [channels, n])",
                  array_shape_text(y, text, sizeof text));
    else if (y->size == 0) sori_fail(c, SORI_EINVAL, "unmix: no samples");
    else if (sr != f->sr) sori_fail(c, SORI_EINVAL, "unmix: sound at %g Hz, templates at %g", sr, f->sr);
    return !base_failed(c);
}

static bool check_options(sori_ctx *c, const call *k) {
    const sori_unmix_config *g = k->g;
    if ((unsigned)g->use > SORI_UNMIX_NAMES) sori_fail(c, SORI_EINVAL, "unmix: no such use of templates");
    else if (g->n_components < 0 || g->n_components > 4096)
        sori_fail(c, SORI_EINVAL, "unmix: n_components %d is outside 0 to 4096", g->n_components);
    else if (k->given + k->more == 0)
        sori_fail(c, SORI_EINVAL, "unmix: neither templates of notes nor n_components");
    else if (g->use == SORI_UNMIX_NAMES && !k->t)
        sori_fail(c, SORI_EINVAL, "unmix: there are no templates to name components after");
    else if (g->adapt < 0 || g->adapt > 1000000)
        sori_fail(c, SORI_EINVAL, "unmix: adapt %d is outside 0 to 1000000", g->adapt);
    else if (g->drums < -1 || g->drums > UNMIX_MAX_DRUMS)
        sori_fail(c, SORI_EINVAL, "unmix: drums %d is outside -1 to %d", g->drums, UNMIX_MAX_DRUMS);
    else if (!(g->slice_s >= 0 && g->slice_s <= 1e6))
        sori_fail(c, SORI_EINVAL, "unmix: slice_s %g is outside 0 to 1e6", g->slice_s);
    return !base_failed(c);
}

static call call_of(const sori_unmix_config *g) {
    call k = { .g = g, .t = g->templates, .more = g->n_components > 0 ? (size_t)g->n_components : 0 };
    if (k.t && g->use == SORI_UNMIX_NAMES) k.more = k.more ? k.more : k.t->count;
    else if (k.t) k.given = k.t->count;
    k.drums = g->drums >= 0 ? (size_t)g->drums : k.t ? k.t->drum_count : 0;
    return k;
}

/* Frames of a slice, even; and how many slices. */
static bool cut(sori_unmix *u, double slice_s) {
    double wanted = slice_s * u->f.sr / (double)u->f.hop;
    u->slice = u->frames;
    u->slices = 1;
    if (slice_s == 0 || wanted >= (double)u->frames) return true;
    u->slice = 2 * (size_t)rint(wanted / 2);
    if (u->slice < 4) {
        sori_fail(u->c, SORI_EINVAL, "unmix: a slice of %g s has %zu frames, fewer than 4", slice_s, u->slice);
        return false;
    }
    size_t half = u->slice / 2;
    u->slices = 1 + (u->frames - u->slice + half - 1) / half;
    return true;
}

/* --- names ------------------------------------------------------------------------------------------------------ */

static const char *part_name(sori_unmix *u, const call *k, size_t p) {
    size_t named = k->t ? k->t->parts : k->more;
    char number[16];
    base_format(number, sizeof number, k->more < 100 ? "%02zu" : "%04zu", p + 1);
    if (p < named) return k->t ? k->t->instruments[p] : base_intern(u->c, number);
    return (int)p == u->drum_part ? "drums" : "others";
}

static bool name_parts(sori_unmix *u, const call *k) {
    size_t named = k->t ? k->t->parts : k->more;
    u->drum_part = k->drums ? (int)named : -1;
    u->parts = named + (k->drums > 0) + (k->given && k->more);
    u->part_names = base_alloc(u->c, u->parts, sizeof *u->part_names);
    for (size_t p = 0; u->part_names && p < u->parts; p++) u->part_names[p] = part_name(u, k, p);
    return !base_failed(u->c);
}

/* The template most like the sum of a component's spectra in all slices: by the cosine between them. */
static unmix_name nearest_name(const sori_unmix *u, const sori_templates *t, size_t j) {
    size_t bins = u->f.bins;
    unmix_name best = { 0, 60 };
    double most = -1;
    for (size_t i = 0; i < t->count; i++) {
        double dot = 0, square = 0;
        for (size_t b = 0; b < bins; b++) {
            double v = (double)t->columns[i * bins + b], w = 0;
            for (size_t s = 0; s < u->slices; s++) w += (double)u->W[s][j * bins + b];
            dot += v * w;
            square += v * v;
        }
        if (dot / sqrt(square) <= most) continue;
        most = dot / sqrt(square);
        best = t->names[i];
    }
    return best;
}

static void name_components(sori_unmix *u, const call *k) {
    for (size_t j = 0; j < u->k; j++)
        if (j < k->given) u->names[j] = k->t->names[j];
        else if (k->given) u->names[j] = (unmix_name){ (int)u->parts - 1, -1 };
        else if (k->t) u->names[j] = nearest_name(u, k->t, j);
        else u->names[j] = (unmix_name){ (int)j, task_unmix_pitch_of(&u->f, u->W[0] + j * u->f.bins, 1) };
}

/* --- one slice -------------------------------------------------------------------------------------------------- */

/* [bins, k] from [k][bins]. */
static sori_array *turned(sori_ctx *c, const float *W, size_t k, size_t bins) {
    sori_array *a = array_new_raw(c, SORI_F32, 2, (size_t[]){ bins, k });
    for (size_t j = 0; a && j < k; j++)
        for (size_t b = 0; b < bins; b++) ((float *)a->data)[b * k + j] = W[j * bins + b];
    return a;
}

/* Where W begins: templates, then random spectra of sum 1. NULL without templates. */
static float *first_W(sori_unmix *u, const call *k) {
    size_t bins = u->f.bins;
    float *W = k->given ? base_alloc_raw(u->c, u->k * bins, sizeof *W) : NULL;
    if (!W) return NULL;
    memcpy(W, k->t->columns, k->given * bins * sizeof *W);
    for (size_t j = k->given; j < u->k; j++) {
        base_rng r = base_rng_new(sori_seed(u->c), BASE_RNG_INIT, (uint32_t)j, 4);
        double sum = 0;
        for (size_t b = 0; b < bins; b++) sum += W[j * bins + b] = (float)(1 - base_rng_uniform(&r));
        for (size_t b = 0; b < bins; b++) W[j * bins + b] /= (float)sum;
    }
    return W;
}

/* Columns [first, first + n) of S. */
static sori_array *columns_of(sori_ctx *c, const sori_array *S, size_t first, size_t n) {
    sori_array *a = array_new_raw(c, SORI_F32, 2, (size_t[]){ S->shape[0], n });
    for (size_t b = 0; a && b < S->shape[0]; b++)
        memcpy((float *)a->data + b * n, (const float *)S->data + b * S->shape[1] + first, n * sizeof(float));
    return a;
}

static float largest(const sori_array *S) {
    float most = 0;
    for (size_t i = 0; i < S->size; i++) most = BASE_MAX(most, ((const float *)S->data)[i]);
    return most;
}

/* Keep a factorisation of slice s, every spectrum of sum 1; W NULL: it is held already. */
static void keep(sori_unmix *u, size_t s, const sori_nmf_result *r, float *W) {
    size_t bins = u->f.bins, n = unmix_length(u, s);
    const float *from = r->W->data, *H = r->H->data;
    for (size_t j = 0; j < u->k; j++) {
        double sum = 0;
        for (size_t b = 0; b < bins; b++) sum += (double)from[b * u->k + j];
        float scale = W && sum > 0 ? (float)sum : 1;
        for (size_t b = 0; W && b < bins; b++) W[j * bins + b] = from[b * u->k + j] / scale;
        for (size_t t = 0; t < n; t++) u->H_of[s][j * n + t] = H[j * n + t] * scale;
    }
    u->loss += ((const double *)r->loss->data)[r->loss->size - 1];
}

/* Both factors free, from where H was found for the templates: with an H that knows nothing yet, W would first take in
 * a bit of everything, and no longer be one note's. */
static sori_nmf_result adapt(sori_ctx *c, const sori_array *S, sori_nmf_config g, const sori_nmf_result *r,
                             int sweeps) {
    g.W = r->W;
    g.H = r->H;
    g.fixed = 0;
    g.max_iter = sweeps ? sweeps : 3;
    g.tol = SORI_NONE;
    return sori_nmf(c, S, &g);
}

/* W [k][bins] where this slice begins, NULL for sori_nmf's own start; held: it stays. */
static void factorise(sori_unmix *u, const call *k, const sori_array *S, size_t s, const float *W, bool held) {
    sori_ctx *c = u->c;
    sori_array *part = columns_of(c, S, unmix_first(u, s), unmix_length(u, s));
    sori_nmf_config g = k->g->nmf;
    g.n_components = (int)u->k;
    g.W = W ? turned(c, W, u->k, u->f.bins) : NULL;
    g.H = NULL;
    g.fixed = k->g->use == SORI_UNMIX_FIXED ? (int)k->given : 0;
    if (base_failed(c)) return;
    if (largest(part) == 0) {   /* silence: W as it began, H zero, which is what it is allocated as */
        if (W && !held) memcpy(u->W[s], W, u->k * u->f.bins * sizeof *W);
        return;
    }
    if (k->given && k->g->use == SORI_UNMIX_START) g.fixed = (int)k->given;
    sori_nmf_result r = sori_nmf(c, part, &g);
    if (k->given && k->g->use == SORI_UNMIX_START) r = adapt(c, part, g, &r, k->g->adapt);
    if (r.W) keep(u, s, &r, held ? NULL : u->W[s]);
}

static bool open_slices(sori_unmix *u, bool held, float *W) {
    u->W = base_alloc(u->c, u->slices, sizeof *u->W);
    u->H_of = base_alloc(u->c, u->slices, sizeof *u->H_of);
    for (size_t s = 0; s < u->slices && !base_failed(u->c); s++) {
        u->W[s] = held ? W : base_alloc(u->c, u->k * u->f.bins, sizeof **u->W);
        u->H_of[s] = base_alloc(u->c, u->k * unmix_length(u, s), sizeof **u->H_of);
    }
    return !base_failed(u->c);
}

/* H of the whole. */
static void cross_fade(sori_unmix *u) {
    for (size_t s = 0; s < u->slices; s++) {
        size_t n = unmix_length(u, s), first = unmix_first(u, s);
        for (size_t j = 0; j < u->k; j++)
            for (size_t t = 0; t < n; t++)
                u->H[j * u->frames + first + t] += (float)(unmix_weight(u, s, t) * (double)u->H_of[s][j * n + t]);
    }
}

static void factorise_all(sori_unmix *u, const call *k, const sori_array *S) {
    bool held = k->given && !k->more && k->g->use == SORI_UNMIX_FIXED;
    float *start = first_W(u, k);
    bool ok = !base_failed(u->c) && open_slices(u, held, start);
    for (size_t s = 0; ok && s < u->slices && !base_failed(u->c) && !base_interrupted(u->c); s++) {
        int scope = sori_begin(u->c);
        factorise(u, k, S, s, k->given ? start : s ? u->W[s - 1] : NULL, held);
        sori_end(u->c, scope, NULL);
    }
    if (!(ok && held)) base_free(u->c, start);
    if (!base_failed(u->c)) cross_fade(u);
    if (!base_failed(u->c)) name_components(u, k);
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

/* The Itakura-Saito loss has no zeros: everywhere a value of 100 dB (of power) below the loudest is added. */
static void lift(const sori_array *S) {
    float least = 1e-10f * largest(S) + 1e-30f;
    for (size_t i = 0; i < S->size; i++) ((float *)S->data)[i] += least;
}

static void run(sori_unmix *u, const call *k, sori_audio y) {
    sori_ctx *c = u->c;
    sori_audio mono = y.y->ndim == 2 ? sori_to_mono(c, y) : y;
    sori_array *S = mono.y ? task_unmix_spectrogram(c, &u->f, mono) : NULL;
    if (!S) return;
    u->samples = mono.y->size;
    u->frames = S->shape[1];
    u->k = k->given + k->more;
    u->names = base_alloc(c, u->k, sizeof *u->names);
    u->H = base_alloc(c, u->k * u->frames, sizeof *u->H);
    if (base_failed(c) || !cut(u, k->g->slice_s) || !name_parts(u, k)) return;
    if (k->drums) S = task_unmix_drums(u, S, k->g, k->drums);
    if (S && k->g->nmf.loss == SORI_NMF_ITAKURA_SAITO && largest(S) > 0) lift(S);
    if (S) factorise_all(u, k, S);
}

sori_unmix *sori_unmix_new(sori_ctx *c, sori_audio y, const sori_unmix_config *config) {
    static const sori_unmix_config defaults;
    const sori_unmix_config *g = config ? config : &defaults;
    unmix_transform f = g->templates ? g->templates->f : (unmix_transform){ 0 };
    if (base_failed(c) || (!g->templates && !task_unmix_transform_of(c, &g->transform, &f))) return NULL;
    call k = call_of(g);
    if (!check_options(c, &k) || !task_unmix_check_sound(c, &f, y.y, y.sr)) return NULL;
    sori_unmix *u = base_alloc(c, 1, sizeof *u);
    if (!u) return NULL;
    u->c = c;
    u->f = f;
    int scope = sori_begin(c);
    run(u, &k, y);
    sori_end(c, scope, NULL);
    if (!base_failed(c)) return u;
    sori_unmix_free(u);
    return NULL;
}

void sori_unmix_free(sori_unmix *u) {
    if (!u) return;
    for (size_t s = 0; s < u->slices; s++) {
        if (u->W && (s == 0 || u->W[s] != u->W[s - 1])) base_free(u->c, u->W[s]);
        if (u->H_of) base_free(u->c, u->H_of[s]);
    }
    void *const blocks[] = { u->W, u->H_of, u->part_names, u->names, u->H, u->drum_keys, u->drum_W, u->drum_H };
    for (size_t i = 0; i < BASE_COUNT(blocks); i++) base_free(u->c, blocks[i]);
    base_free(u->c, u);
}

/* --- what it says ----------------------------------------------------------------------------------------------- */

size_t sori_unmix_parts(const sori_unmix *u) { return u ? u->parts : 0; }
size_t sori_unmix_drum_part(const sori_unmix *u) { return u && u->drum_part >= 0 ? (size_t)u->drum_part : SIZE_MAX; }
double sori_unmix_frame_s(const sori_unmix *u) { return u ? (double)u->f.hop / u->f.sr : (double)NAN; }
double sori_unmix_loss(const sori_unmix *u) { return u ? u->loss : (double)NAN; }
const char *sori_unmix_part_name(const sori_unmix *u, size_t part) {
    return u && part < u->parts ? u->part_names[part] : NULL;
}

bool task_unmix_check_part(sori_unmix *u, size_t part) {
    if (!u || base_failed(u->c)) return false;
    if (part >= u->parts) sori_fail(u->c, SORI_EINVAL, "unmix: part %zu of %zu", part, u->parts);
    return !base_failed(u->c);
}

sori_array *sori_unmix_activations(sori_unmix *u, size_t part) {
    if (!task_unmix_check_part(u, part)) return NULL;
    sori_array *a = sori_array_new(u->c, SORI_F32, 2, (size_t[]){ UNMIX_PITCHES, u->frames });
    bool drums = (int)part == u->drum_part;
    for (size_t j = 0; a && j < (drums ? u->drums : u->k); j++) {
        int row = drums ? u->drum_keys[j] : u->names[j].part == (int)part ? u->names[j].pitch : -1;
        const float *H = (drums ? u->drum_H : u->H) + j * u->frames;
        for (size_t t = 0; row >= 0 && t < u->frames; t++) ((float *)a->data)[(size_t)row * u->frames + t] += H[t];
    }
    return a;
}
