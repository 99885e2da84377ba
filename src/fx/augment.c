/* augment.c - chains carried out: what is drawn, what it does to sound, labels and spectrograms, and what is logged.
 *
 * Model: audiomentations' Compose, OneOf, SomeOf; draws counter-based, so that they need no state and no order. */
#include "fx/augment.h"
#include "array/array.h"
#include <math.h>
#include <string.h>

/* One carrying out. */
typedef struct run {
    sori_ctx *c;
    const sori_augment *a;
    sori_augment_stage stage;
    uint64_t seed;
    uint32_t epoch, sample;
    sori_audio y;               /* SORI_AUGMENT_WAVEFORM */
    sori_labels *labels;
    sori_array *S;              /* SORI_AUGMENT_SPECTROGRAM */
    float *scratch;
    const float *fill;
    char *log;                  /* [room], n used; NULL: none */
    size_t n, room;
    bool logged;
} run;

/* --- draws ------------------------------------------------------------------------------------------------------ */

static base_rng rng_of(const run *r, const augment_node *node) {
    uint64_t place = (uint64_t)node->place << 32 | node->place;
    return base_rng_new(r->seed ^ place, BASE_RNG_CHAIN, r->epoch, r->sample);
}

static double draw(base_rng *g, const sori_augment_parameter *q, double low, double high) {
    double u = base_rng_uniform(g);
    if (low == high) return low;
    if (q->whole) return low + floor(u * (high - low + 1));
    return q->log ? BASE_MIN(low * exp(u * log(high / low)), high) : low + u * (high - low);
}

/* --- the log ---------------------------------------------------------------------------------------------------- */

static void say(run *r, const char *text) {
    size_t n = strlen(text), room = 2 * r->room + n + 256;
    if (r->n + n + 1 > r->room) {
        char *grown = base_grow(r->c, r->log, r->room, room, 1);
        if (!grown) return;
        r->log = grown;
        r->room = room;
    }
    memcpy(r->log + r->n, text, n + 1);
    r->n += n;
}

static void log_change(run *r, const augment_transform *t, const double *v, bool skipped) {
    char text[80];
    base_format(text, sizeof text, "{\"change\": \"%s\"", t->is.name);
    say(r, text);
    for (int i = 0; i < SORI_AUGMENT_PARAMETERS && t->is.parameters[i].name; i++) {
        const sori_augment_parameter *q = &t->is.parameters[i];
        base_format(text, sizeof text, ", \"%s\": ", q->name);
        say(r, text);
        const char *s = q->words;
        for (int k = 0; s && k < (int)v[i]; k++) s = strchr(s, '|') + 1;
        if (s) base_format(text, sizeof text, "\"%.*s\"", (int)strcspn(s, "|"), s);
        else base_format(text, sizeof text, "%.17g", v[i]);
        say(r, text);
    }
    say(r, skipped ? ", \"skipped\": true}\n" : "}\n");
}

static void log_give(run *r, sori_array **log) {
    if (!log) return;
    say(r, "");
    size_t n = r->n + 1;
    *log = base_failed(r->c) ? NULL : array_new_raw(r->c, SORI_U8, 1, &n);
    if (*log) memcpy((*log)->data, r->log, n);
    base_free(r->c, r->log);
}

/* --- labels ----------------------------------------------------------------------------------------------------- */

/* The part of a label that lies within 0 .. length; an instant at the end has left. */
static size_t keep(sori_label *out, sori_label l, double start, double end, double length) {
    bool instant = start == end;
    if (instant ? start < 0 || start >= length : end <= 0 || start >= length) return 0;
    l.start_s = BASE_MAX(start, 0);
    l.end_s = BASE_MIN(end, length);
    *out = l;
    return 1;
}

static size_t move_label(sori_label *out, sori_label l, const augment_move *m, double length) {
    double start = l.start_s * m->scale + m->shift, end = l.end_s * m->scale + m->shift;
    if (!m->circular || length <= 0) return keep(out, l, start, end, length);
    double turn = floor(start / length) * length;
    size_t n = keep(out, l, start - turn, end - turn, length);
    double over = BASE_MIN(end - turn - length, start - turn);
    if (over > 0 && end > start) n += keep(out + n, l, 0, over, length);
    return n;
}

/* All labels moved into memory of their own, with their texts. */
static void move_labels(run *r, const augment_move *m) {
    const sori_labels *old = r->labels;
    size_t head = 2 * old->n * sizeof *old->items, bytes = head, n = 0;
    double length = (double)fx_samples(r->y.y) / r->y.sr;
    for (size_t i = 0; i < old->n; i++) bytes += old->items[i].text ? strlen(old->items[i].text) + 1 : 0;
    sori_array *memory = array_new_raw(r->c, SORI_U8, 1, &bytes);
    if (!memory) return;
    sori_label *items = memory->data;
    char *text = (char *)memory->data + head;
    for (size_t i = 0; i < old->n; i++) {
        sori_label l = old->items[i];
        if (l.text) {
            size_t size = strlen(l.text) + 1;
            l.text = memcpy(text, l.text, size);
            text += size;
        }
        n += move_label(items + n, l, m, length);
    }
    *r->labels = (sori_labels){ memory, items, n };
}

/* --- changes ---------------------------------------------------------------------------------------------------- */

static void change(run *r, const augment_node *node, base_rng *g) {
    const augment_transform *t = node->transform;
    double v[SORI_AUGMENT_PARAMETERS];
    for (int i = 0; i < SORI_AUGMENT_PARAMETERS; i++) v[i] = draw(g, &t->is.parameters[i], node->low[i], node->high[i]);
    augment_move move = { 1, 0, false };
    bool skipped = false;
    if (r->stage == SORI_AUGMENT_WAVEFORM) {
        sori_audio y = t->wave(r->c, r->y, v, g, &move, node->files);
        skipped = !y.y;
        if (y.y) r->y = y;
        bool moved = move.scale != 1 || move.shift != 0;
        if (y.y && moved && r->labels && r->labels->n) move_labels(r, &move);
    } else {
        t->image(r->S->data, r->S->shape[0], r->S->shape[1], r->scratch, r->fill, v, g);
    }
    if (r->logged && !base_failed(r->c)) log_change(r, t, v, skipped);
}

/* Choose n of the members, every set equally likely: chosen[i] for the i-th. */
static void choose(base_rng *g, size_t members, size_t n, bool *chosen) {
    uint32_t order[AUGMENT_NODES];
    for (size_t i = 0; i < members; i++) order[i] = (uint32_t)i;
    base_rng_shuffle(g, order, members);
    for (size_t i = 0; i < members; i++) chosen[order[i]] = i < n;
}

static void carry_out(run *r, size_t from, size_t end, const bool *chosen);

static void carry_out_group(run *r, size_t at, base_rng *g) {
    const augment_node *node = &r->a->nodes[at];
    bool chosen[AUGMENT_NODES];
    size_t members = 0, wanted = SIZE_MAX;
    for (size_t i = at + 1; i < node->end; i = r->a->nodes[i].end) members++;
    if (!strcmp(node->transform->is.name, "one_of")) wanted = 1;
    const sori_augment_parameter *q = &node->transform->is.parameters[0];
    if (q->name) wanted = (size_t)draw(g, q, node->low[0], node->high[0]);
    choose(g, members, wanted, chosen);
    carry_out(r, at + 1, node->end, chosen);
}

static void carry_out(run *r, size_t from, size_t end, const bool *chosen) {
    for (size_t i = from; i < end && !base_failed(r->c); i = r->a->nodes[i].end) {
        const augment_node *node = &r->a->nodes[i];
        base_rng g = rng_of(r, node);
        bool happens = base_rng_uniform(&g) < node->p;
        if (chosen) happens &= *chosen++;
        if (!happens) continue;
        if (node->transform->is.stage == SORI_AUGMENT_GROUP) carry_out_group(r, i, &g);
        else if (node->transform->is.stage == r->stage) change(r, node, &g);
    }
}

/* --- for datasets ----------------------------------------------------------------------------------------------- */

static bool has(const sori_augment *a, sori_augment_stage stage) {
    for (size_t i = 0; a && i < a->n; i++)
        if (a->nodes[i].transform->is.stage == stage) return true;
    return false;
}

bool fx_augments_waves(const sori_augment *a) { return has(a, SORI_AUGMENT_WAVEFORM); }
bool fx_augments_spectra(const sori_augment *a) { return has(a, SORI_AUGMENT_SPECTROGRAM); }

void fx_augment_spectrum(sori_ctx *c, const sori_augment *a, float *S, size_t bins, size_t frames, const float *fill,
                         float *scratch, uint64_t seed, uint32_t epoch, uint32_t sample) {
    sori_array image = { .dtype = SORI_F32, .ndim = 2, .shape = { bins, frames }, .size = bins * frames, .data = S };
    run r = { .c = c, .a = a, .stage = SORI_AUGMENT_SPECTROGRAM, .seed = seed, .epoch = epoch, .sample = sample,
              .S = &image, .scratch = scratch, .fill = fill };
    carry_out(&r, 0, a->n, NULL);
}

uint64_t fx_augment_hash(const sori_augment *a) {
    uint64_t h = base_hash(BASE_HASH_START, a->text, strlen(a->text));
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; a->nodes[i].files && k < a->nodes[i].files->n; k++) {
            const augment_sound *s = &a->nodes[i].files->sounds[k];
            h = base_hash(base_hash(h, &s->sr, sizeof s->sr), s->y, s->n * sizeof *s->y);
        }
    return h;
}

double sori_augment_alpha(const sori_augment *a, const char *name) {
    for (size_t i = 0; a && i < a->n; i++)
        if (a->nodes[i].transform->is.stage == SORI_AUGMENT_BATCH && !strcmp(a->nodes[i].transform->is.name, name))
            return a->nodes[i].low[0];
    return 0;
}

/* --- gates ------------------------------------------------------------------------------------------------------ */

sori_audio sori_augment_apply(sori_ctx *c, const sori_augment *a, sori_audio y, sori_labels *labels, uint64_t seed,
                              uint32_t epoch, uint32_t sample, sori_array **log) {
    if (base_failed(c)) return (sori_audio){ 0 };
    if (!a) sori_fail(c, SORI_EINVAL, "augment: no chain given");
    if (!a || !fx_check(c, "augment", &y)) return (sori_audio){ 0 };
    run r = { .c = c, .a = a, .stage = SORI_AUGMENT_WAVEFORM, .seed = seed, .epoch = epoch, .sample = sample, .y = y,
              .labels = labels, .logged = log };
    if (y.y->size) carry_out(&r, 0, a->n, NULL);
    log_give(&r, log);
    return base_failed(c) ? (sori_audio){ 0 } : r.y;
}

sori_status sori_augment_spectrum(sori_ctx *c, const sori_augment *a, sori_array *S, float fill, uint64_t seed,
                                  uint32_t epoch, uint32_t sample, sori_array **log) {
    if (base_failed(c)) return sori_error(c);
    if (!a) return sori_fail(c, SORI_EINVAL, "augment: no chain given");
    if (!array_check(c, "augment", S, SORI_F32, 2)) return sori_error(c);
    if (S->ndim != 2 || S->shape[0] > INT32_MAX || S->shape[1] > INT32_MAX)
        return sori_fail(c, SORI_EINVAL, "augment: needs one [bins, frames] spectrogram");
    if (!isfinite(fill)) return sori_fail(c, SORI_EINVAL, "augment: fill is not a number");
    run r = { .c = c, .a = a, .stage = SORI_AUGMENT_SPECTROGRAM, .seed = seed, .epoch = epoch, .sample = sample, .S = S,
              .logged = log };
    size_t bins = S->shape[0];
    float *fills = base_alloc_raw(c, bins, sizeof *fills);
    if (fills) r.scratch = base_alloc_raw(c, BASE_MAX(bins, S->shape[1]), sizeof *r.scratch);
    for (size_t b = 0; r.scratch && b < bins; b++) fills[b] = fill;
    r.fill = fills;
    if (r.scratch && S->size) carry_out(&r, 0, a->n, NULL);
    log_give(&r, log);
    base_free(c, r.scratch);
    base_free(c, fills);
    return sori_error(c);
}
