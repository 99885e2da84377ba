/* picture_overlays.c - what --overlay draws over panels: events as lines, frequencies as curves, labels of a file. */
#include "picture.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct overlay {
    const char *name, *feature;
    unsigned bit;
    bool events;                 /* lines on every panel over time; else a curve where the y axis is frequency */
    int color;
    bool dashed;
} overlay;

/* Beats are dashed, because they often fall on onsets, and both should be seen. */
static const overlay table[] = {
    { "onsets", "onsets", DRAW_ONSETS, true, 3, false },
    { "beats", "beats", DRAW_BEATS, true, 2, true },
    { "f0", "pyin", DRAW_F0, false, 1, false },
    { "centroid", "centroid", DRAW_CENTROID, false, 5, false },
    { "rolloff", "rolloff", DRAW_ROLLOFF, false, 5, true },
};
static const char labels_word[] = "labels=";

/* --- choosing ---------------------------------------------------------------------------------------------------- */

static bool choose_one(cli *k, picture *p, const char *word) {
    cli_nearest near = { .typed = word };
    for (size_t i = 0; i < CLI_COUNT(table); i++) {
        if (!strcmp(word, table[i].name)) {
            p->overlays |= table[i].bit;
            return true;
        }
        cli_nearest_try(&near, table[i].name);
    }
    if (!strncmp(word, labels_word, sizeof labels_word - 1) && word[sizeof labels_word - 1]) {
        p->overlays |= DRAW_LABELS;
        p->labels_path = word + sizeof labels_word - 1;
        return true;
    }
    if (!strncmp(word, labels_word, 6)) cli_usage(k, "--overlay %s: write labels=FILE, with a label file's name", word);
    else if (near.best) cli_usage(k, "--overlay %s: did you mean %s?", word, near.best);
    else cli_usage(k, "--overlay %s: must be onsets, beats, f0, centroid, rolloff or labels=FILE", word);
    return false;
}

/* Is there a panel for everything that is to be drawn? */
static bool check_places(cli *k, const picture *p) {
    bool time = false, hz = false;
    for (size_t i = 0; i < p->kind_count; i++) time |= !p->kinds[i]->untimed, hz |= p->kinds[i]->hz;
    if (p->overlays && !time) {
        cli_usage(k, "--overlay needs a panel over time; %s is none", p->kinds[0]->name);
        return false;
    }
    for (size_t i = 0; i < CLI_COUNT(table); i++) {
        if (!(p->overlays & table[i].bit) || table[i].events || hz) continue;
        cli_usage(k, "--overlay %s needs a panel whose y axis is frequency, as spectrogram, mel or cqt", table[i].name);
        return false;
    }
    return true;
}

bool picture_choose_overlays(cli *k, picture *p, char **words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!choose_one(k, p, words[i])) return false;
    return check_places(k, p);
}

void picture_need_overlays(picture *p) {
    for (size_t i = 0; i < CLI_COUNT(table); i++)
        if (p->overlays & table[i].bit) picture_need(p, table[i].feature);
}

/* --- drawing ----------------------------------------------------------------------------------------------------- */

static void add_events(const picture *p, const overlay *o) {
    const sori_array *events = picture_feature(p, o->feature);
    size_t n = events ? events->size : 0;
    double *t = cli_alloc(n, sizeof *t);
    for (size_t i = 0; i < n; i++) t[i] = p->start_s + ((const double *)events->data)[i];
    sori_plot_overlay(p->plot, &(sori_overlay){ .label = o->name, .x = t, .n = n, .color = o->color,
                                                .dashed = o->dashed }, 1);
    free(t);
}

static void add_frequencies(const picture *p, const overlay *o) {
    const sori_array *S = picture_feature(p, o->feature);
    size_t n = S ? S->shape[S->ndim - 1] : 0;
    double *t = picture_times(p, n), *y = cli_alloc(n, sizeof *y);
    for (size_t i = 0; i < n; i++) y[i] = S->dtype == SORI_F64 ? ((double *)S->data)[i] : ((float *)S->data)[i];
    sori_plot_overlay(p->plot, &(sori_overlay){ .label = o->name, .x = t, .y = y, .n = n, .color = o->color,
                                                .dashed = o->dashed }, 1);
    free(t);
    free(y);
}

static int compare_starts(const void *a, const void *b) {
    const sori_label *s = a, *t = b;
    return (s->start_s > t->start_s) - (s->start_s < t->start_s);
}

/* A line where each begins, with its text, and where one ends that lasts. */
static void add_labels(const picture *p) {
    size_t n = p->labels.n, count = 0;
    sori_label *sorted = cli_alloc(n, sizeof *sorted);
    double *t = cli_alloc(2 * n, sizeof *t);
    const char **names = cli_alloc(2 * n, sizeof *names);
    if (n) memcpy(sorted, p->labels.items, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_starts);
    for (size_t i = 0; i < n; i++) t[count] = sorted[i].start_s, names[count++] = sorted[i].text;
    for (size_t i = 0; i < n; i++)
        if (sorted[i].end_s > sorted[i].start_s) t[count++] = sorted[i].end_s;
    sori_plot_overlay(p->plot, &(sori_overlay){ .label = "labels", .x = t, .n = count, .color = 4, .names = names }, 1);
    free(sorted);
    free(t);
    free(names);
}

void picture_add_overlays(cli *k, const picture *p, const picture_kind *kind) {
    if (sori_error(k->c) || kind->untimed) return;
    for (size_t i = 0; i < CLI_COUNT(table); i++) {
        const overlay *o = &table[i];
        if (o->events && ((p->overlays | kind->draws) & o->bit)) add_events(p, o);
        if (!o->events && kind->hz && (p->overlays & o->bit)) add_frequencies(p, o);
    }
    if (p->overlays & DRAW_LABELS) add_labels(p);
}
