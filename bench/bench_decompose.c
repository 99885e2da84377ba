/* bench_decompose - does it help to know what notes sound like? Mixtures of piano, guitar and bass are composed from
 * seeds, played by a SoundFont, and taken apart by sori_unmix in several ways, each judged against the truth:
 *
 *   F1          notes found: onset within 50 ms, pitch within 50 cents (mir_eval's rule); and of the right instrument
 *   SDR         dB of the three instruments' sounds, their mean; above it the mixture's own
 *
 *     bench_decompose [MIXTURES [OTHER.sf2 [WORDS]]]   Markdown on standard output
 *
 * - is no other SoundFont; WORDS: only ways with these in their name.
 * Templates are single notes of the mixture's SoundFont, or of the other one. Every way has the threshold that is best
 * for it over all mixtures, of seven, so that none suffers from a default chosen for another. */
#include "bench.h"
#include <string.h>

#define PARTS 3
#define MOST 64                  /* mixtures */
#define SECONDS 12.0
#define NOTES 400                /* of a part, at most */

static const char *const names[PARTS] = { "piano", "guitar", "bass" };
static const int low[PARTS] = { 48, 40, 28 }, high[PARTS] = { 84, 76, 55 };
static const double thresholds[] = { 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3 };
#define THRESHOLDS (sizeof thresholds / sizeof *thresholds)

/* --- composing -------------------------------------------------------------------------------------------------- */

typedef struct draw { uint64_t state; } draw;

static double uniform(draw *d) {   /* Knuth's MMIX; its upper bits */
    d->state = d->state * 6364136223846793005u + 1442695040888963407u;
    return (double)(d->state >> 11) / 9007199254740992.0;
}
static int below(draw *d, int n) { return (int)(uniform(d) * n); }

typedef struct part { sori_score_note notes[NOTES]; size_t n; } part;

static void put(part *p, double onset, double duration, int pitch, int velocity) {
    if (p->n < NOTES && onset + duration < SECONDS)
        p->notes[p->n++] = (sori_score_note){ .onset_s = onset, .duration_s = duration, .pitch = pitch,
                                              .velocity = velocity };
}

/* The pitch of that class, counted from C, at or above `from`. */
static int above(int from, int class) { return from + ((class - from) % 12 + 12) % 12; }

/* A bar of four beats: chords and a melody of the piano, broken chords of the guitar, roots and fifths of the bass. */
static void compose_bar(draw *d, part parts[PARTS], double at, double beat, int key, bool last) {
    static const int scale[7] = { 0, 2, 4, 5, 7, 9, 11 };
    int degree = last ? 0 : below(d, 6), chord[3];
    for (int i = 0; i < 3; i++) chord[i] = key + scale[(degree + 2 * i) % 7];
    for (int half = 0; half < 2; half++) {
        for (int i = 0; i < 3 && uniform(d) < 0.8; i++)
            put(&parts[0], at + 2 * half * beat, 1.8 * beat, above(55, chord[i]), 60 + below(d, 30));
        put(&parts[2], at + 2 * half * beat, beat * (1 + 0.8 * uniform(d)), above(29, chord[uniform(d) < 0.3 ? 2 : 0]),
            80 + below(d, 30));
    }
    for (int i = 0; i < 8; i++) {
        if (uniform(d) < 0.75)
            put(&parts[1], at + i * beat / 2, beat * (0.4 + uniform(d)),
                above(45 + 5 * below(d, 4), chord[below(d, 3)]), 70 + below(d, 40));
        if (i % 2 == 1 && uniform(d) < 0.5)
            put(&parts[0], at + i * beat / 2, 0.6 * beat, above(70, key + scale[below(d, 7)]), 80 + below(d, 30));
    }
}

static void compose(uint64_t seed, part parts[PARTS]) {
    draw d = { seed * 7919 + 17 };
    double beat = 60 / (80 + 50 * uniform(&d));
    int key = below(&d, 12);
    for (int i = 0; i < 10; i++) uniform(&d);
    for (int p = 0; p < PARTS; p++) parts[p].n = 0;
    for (int bar = 0; (bar + 1) * 4 * beat < SECONDS; bar++)
        compose_bar(&d, parts, bar * 4 * beat, beat, key, bar == 0);
}

/* --- a mixture and its truth ------------------------------------------------------------------------------------ */

typedef struct mixture {
    sori_audio sum, stems[PARTS];
    sori_array *notes, *tagged;    /* [n, 3]; tagged: an instrument's pitches 200 above those of the one before */
} mixture;

static void put_note(sori_array *a, size_t i, double start, double end, double pitch) {
    double *row = (double *)a->data + 3 * i;
    row[0] = start, row[1] = end, row[2] = pitch;
}

static mixture make(sori_ctx *c, sori_synth *s, uint64_t seed) {
    mixture m = { .sum = { NULL, 22050 } };
    part parts[PARTS];
    size_t total = 0, at = 0, n = (size_t)((SECONDS + 1) * 22050);
    compose(seed, parts);
    for (int p = 0; p < PARTS; p++) total += parts[p].n;
    m.sum.y = sori_array_new(c, SORI_F32, 1, &n);
    m.notes = sori_array_new(c, SORI_F64, 2, (size_t[]){ total, 3 });
    m.tagged = sori_array_new(c, SORI_F64, 2, (size_t[]){ total, 3 });
    for (int p = 0; p < PARTS && !sori_error(c); p++) {
        sori_humanise_config human = { .seed = seed, .first = 1000u * (unsigned)p };
        sori_humanise(c, parts[p].notes, parts[p].n, &human);
        sori_audio y = sori_play(c, s, parts[p].notes, parts[p].n, &(sori_note_config){ .instrument = names[p] });
        if (y.y) m.stems[p] = (sori_audio){ sori_fix_length(c, y.y, n, NULL), y.sr };
        for (size_t i = 0; !sori_error(c) && i < n; i++)
            ((float *)m.sum.y->data)[i] += ((float *)m.stems[p].y->data)[i];
        for (size_t i = 0; !sori_error(c) && i < parts[p].n; i++, at++) {
            const sori_score_note *e = &parts[p].notes[i];
            put_note(m.notes, at, e->onset_s, e->onset_s + e->duration_s, e->pitch);
            put_note(m.tagged, at, e->onset_s, e->onset_s + e->duration_s, e->pitch + 200 * p);
        }
    }
    return m;
}

static sori_templates *learn(sori_ctx *c, const char *soundfont, int per_note) {
    sori_synth *s = sori_synth_open(c, soundfont);
    sori_templates *t = sori_templates_new(c, &(sori_templates_config){ .per_note = per_note });
    for (int p = 0; p < PARTS && s; p++)
        for (int pitch = low[p]; pitch <= high[p]; pitch++) {
            int scope = sori_begin(c);
            sori_templates_add(t, names[p], pitch,
                               sori_note(c, s, &(sori_note_config){ .instrument = names[p], .pitch = pitch }));
            sori_end(c, scope, NULL);
        }
    sori_synth_close(s);
    return t;
}

/* --- ways to take it apart -------------------------------------------------------------------------------------- */

typedef struct way {
    const char *name;
    bool other, one;               /* templates of the other SoundFont; one spectrum a note */
    bool nameless;                 /* components without templates, told apart by the truth */
    sori_unmix_config config;
} way;

#define SWEEPS .max_iter = 100, .tol = { 2, 0 }, .every = 100
#define KL(...) .nmf = { .loss = SORI_NMF_KULLBACK_LEIBLER, SWEEPS, __VA_ARGS__ }
static const way ways[] = {
    { "**informed start**", .config = { .use = SORI_UNMIX_START, KL() } },
    { "**informed, fixed**", .config = { .use = SORI_UNMIX_FIXED, KL() } },
    { "random start, as many components, named by templates", .config = { .use = SORI_UNMIX_NAMES, KL() } },
    { "random start, 48 components, named by templates",
      .config = { .use = SORI_UNMIX_NAMES, .n_components = 48, KL(.init = SORI_NMF_INIT_RANDOM) } },
    { "NNDSVDA start, 48 components, named by templates",
      .config = { .use = SORI_UNMIX_NAMES, .n_components = 48, KL() } },
    { "random start, 48 components, given to instruments by the truth",
      .nameless = true, .config = { .n_components = 48, KL(.init = SORI_NMF_INIT_RANDOM) } },
    { "informed start, one spectrum a note", .one = true, .config = { .use = SORI_UNMIX_START, KL() } },
    { "informed, fixed, one spectrum a note", .one = true, .config = { .use = SORI_UNMIX_FIXED, KL() } },
    { "informed, fixed, Euclidean",
      .config = { .use = SORI_UNMIX_FIXED, .nmf = { SWEEPS } } },
    { "informed, fixed, Euclidean, sparse",
      .config = { .use = SORI_UNMIX_FIXED, .nmf = { SWEEPS, .alpha_H = { 1, 1e-5 }, .l1_ratio = 1 } } },
    { "informed, fixed, smooth", .config = { .use = SORI_UNMIX_FIXED, KL(.smooth = 1) } },
    { "informed start, slices of 2 s", .config = { .use = SORI_UNMIX_START, .slice_s = 2, KL() } },
    { "informed start, slices of 6 s", .config = { .use = SORI_UNMIX_START, .slice_s = 6, KL() } },
    { "informed, fixed, slices of 2 s", .config = { .use = SORI_UNMIX_FIXED, .slice_s = 2, KL() } },
    { "informed start, the other SoundFont's notes", .other = true, .config = { .use = SORI_UNMIX_START, KL() } },
    { "informed, fixed, the other SoundFont's notes", .other = true, .config = { .use = SORI_UNMIX_FIXED, KL() } },
    { "random start, 48 components, named by the other SoundFont's notes", .other = true,
      .config = { .use = SORI_UNMIX_NAMES, .n_components = 48, KL(.init = SORI_NMF_INIT_RANDOM) } },
};
#define WAYS (sizeof ways / sizeof *ways)

typedef struct score { double f1[THRESHOLDS], tagged[THRESHOLDS], sdr, seconds; } score;

static double sdr_of(sori_ctx *c, const mixture *m, const sori_array *const parts[PARTS]) {
    double sum = 0;
    for (int p = 0; p < PARTS && !sori_error(c); p++) {
        sori_array *each = sori_sdr(c, m->stems[p].y, parts[p]);
        if (each) sum += *(double *)each->data / PARTS;
    }
    return sum;
}

/* Which stem a sound is most like. */
static int most_like(const mixture *m, const sori_array *y) {
    double most = -1;
    int best = 0;
    for (int p = 0; p < PARTS; p++) {
        double dot = 0, square = 0;
        for (size_t i = 0; i < y->size; i++) {
            double s = ((float *)m->stems[p].y->data)[i];
            dot += s * (double)((float *)y->data)[i];
            square += s * s;
        }
        if (square > 0 && dot / sqrt(square) > most) {
            most = dot / sqrt(square);
            best = p;
        }
    }
    return best;
}

/* Parts of u to instruments: its own, or those they are most like; owner [parts]. */
static void sounds(sori_ctx *c, sori_unmix *u, const mixture *m, bool nameless, sori_array *out[PARTS], int *owner) {
    for (size_t p = 0; p < sori_unmix_parts(u) && !sori_error(c); p++) {
        int scope = sori_begin(c);
        sori_audio y = sori_unmix_part(u, m->sum, p);
        owner[p] = y.y && nameless ? most_like(m, y.y) : (int)p;
        for (size_t i = 0; y.y && i < y.y->size; i++)
            ((float *)out[owner[p]]->data)[i] += ((float *)y.y->data)[i];
        sori_end(c, scope, NULL);
    }
}

static void count(sori_ctx *c, sori_unmix *u, const mixture *m, const int *owner, score *s) {
    for (size_t k = 0; k < THRESHOLDS && !sori_error(c); k++) {
        int scope = sori_begin(c);
        sori_note_events e = sori_unmix_notes(u, &(sori_notes_config){ .threshold = thresholds[k] });
        sori_array *found = sori_array_new(c, SORI_F64, 2, (size_t[]){ e.n, 3 });
        sori_array *tagged = sori_array_new(c, SORI_F64, 2, (size_t[]){ e.n, 3 });
        for (size_t i = 0; tagged && i < e.n; i++) {
            put_note(found, i, e.items[i].start_s, e.items[i].end_s, e.items[i].pitch);
            put_note(tagged, i, e.items[i].start_s, e.items[i].end_s, e.items[i].pitch + 200 * owner[e.items[i].part]);
        }
        s->f1[k] = sori_note_f1(c, m->notes, found, NULL).f1;
        s->tagged[k] = sori_note_f1(c, m->tagged, tagged, NULL).f1;
        sori_end(c, scope, NULL);
    }
}

static score take_apart(sori_ctx *c, const way *w, const sori_templates *t, const mixture *m) {
    score s = { .sdr = NAN };
    int owner[4096] = { 0 };
    sori_unmix_config config = w->config;
    config.templates = w->nameless ? NULL : t;
    double began = bench_ms();
    sori_unmix *u = sori_unmix_new(c, m->sum, &config);
    s.seconds = (bench_ms() - began) / 1e3;
    sori_array *parts[PARTS];
    for (int p = 0; p < PARTS; p++) parts[p] = sori_array_new(c, SORI_F32, 1, &m->sum.y->size);
    if (u && !sori_error(c)) {
        sounds(c, u, m, w->nameless, parts, owner);
        count(c, u, m, owner, &s);
        s.sdr = sdr_of(c, m, (const sori_array *const *)parts);
    }
    sori_unmix_free(u);
    return s;
}

/* --- the table -------------------------------------------------------------------------------------------------- */

static void quartiles(const double *from, int n, double scale, int digits) {
    double v[MOST];
    memcpy(v, from, (size_t)n * sizeof *v);
    double middle = bench_median(v, n);
    printf(" %.*f (%.*f to %.*f) |", digits, scale * middle, digits, scale * v[n / 4], digits,
           scale * v[n - 1 - n / 4]);
}

static void put_row(const way *w, const score *s, int n) {
    double v[MOST], sums[THRESHOLDS] = { 0 };
    size_t best = 0;
    for (size_t k = 0; k < THRESHOLDS; k++) {
        for (int i = 0; i < n; i++) sums[k] += s[i].f1[k] + s[i].tagged[k];
        if (sums[k] > sums[best]) best = k;
    }
    printf("| %s |", w->name);
    for (int i = 0; i < n; i++) v[i] = s[i].f1[best];
    quartiles(v, n, 100, 1);
    for (int i = 0; i < n; i++) v[i] = s[i].tagged[best];
    quartiles(v, n, 100, 1);
    for (int i = 0; i < n; i++) v[i] = s[i].sdr;
    quartiles(v, n, 1, 1);
    for (int i = 0; i < n; i++) v[i] = s[i].seconds;
    printf(" %g | %.1f |\n", thresholds[best], bench_median(v, n));
    fflush(stdout);
}

static void put_untouched(sori_ctx *c, mixture *m, int n) {
    double v[MOST];
    for (int i = 0; i < n; i++) {
        const sori_array *same[PARTS] = { m[i].sum.y, m[i].sum.y, m[i].sum.y };
        v[i] = sdr_of(c, &m[i], same);
    }
    printf("| the mixture itself | - | - |");
    quartiles(v, n, 1, 1);
    printf(" - | - |\n");
}

int main(int argc, char **argv) {
    sori_ctx *c = sori_open(NULL);
    int n = argc > 1 ? atoi(argv[1]) : 12;
    const char *other = argc > 2 && strcmp(argv[2], "-") ? argv[2] : NULL, *only = argc > 3 ? argv[3] : NULL;
    static mixture m[MOST];
    n = n < 1 ? 1 : n > MOST ? MOST : n;
    sori_synth *s = sori_synth_open(c, NULL);
    for (int i = 0; i < n && s; i++) m[i] = make(c, s, (uint64_t)i + 1);
    sori_synth_close(s);
    sori_templates *own = learn(c, NULL, 2), *one = learn(c, NULL, 1), *others = other ? learn(c, other, 2) : NULL;
    printf("| how | note F1 %%, any instrument | note F1 %%, the right instrument | SDR dB | threshold | seconds |\n"
           "|---|--:|--:|--:|--:|--:|\n");
    if (!sori_error(c)) put_untouched(c, m, n);
    for (size_t w = 0; w < WAYS && !sori_error(c); w++) {
        score scores[MOST];
        if ((ways[w].other && !others) || (only && !strstr(ways[w].name, only))) continue;
        for (int i = 0; i < n && !sori_error(c); i++) {
            int scope = sori_begin(c);
            scores[i] = take_apart(c, &ways[w], ways[w].other ? others : ways[w].one ? one : own, &m[i]);
            sori_end(c, scope, NULL);
        }
        if (!sori_error(c)) put_row(&ways[w], scores, n);
    }
    if (sori_error(c)) fprintf(stderr, "bench_decompose: %s\n", sori_message(c));
    int code = sori_error(c) != SORI_OK;
    sori_templates_free(own);
    sori_templates_free(one);
    sori_templates_free(others);
    sori_close(c);
    return code;
}
