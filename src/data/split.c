/* split.c - train, val, test: stratified, grouped, the same for the same seed.
 *
 * A unit is what must not part: the recordings of one group, or one recording. Units are shuffled, large ones first,
 * and each goes where it brings the labels nearest to their wanted counts: to the split of least growth of
 * sum over labels of (have - want)^2 / count. Without groups this ends exactly at the wanted counts, which are whole
 * numbers of at least 1; with groups as near as a greedy choice comes. */
#include "data/data.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct unit {
    const uint32_t *items;   /* into members */
    uint32_t count, order;   /* order: its place after shuffling */
} unit;

typedef struct splitter {
    sori_ctx *c;
    const sori_list *list;
    sori_item *items;        /* the list's, to be written */
    bool *loose;             /* [items] not placed by a pattern or the CSV */
    bool open[SORI_SPLIT_COUNT];          /* splits to be filled with loose items */
    double fraction[SORI_SPLIT_COUNT];    /* of the loose items */
    uint32_t *members;       /* item indices, one unit's behind the other's */
    unit *units;
    size_t unit_count;
    double *want, *have;     /* [split][label] items */
    uint32_t *count;         /* [label] loose items */
    uint32_t *in_unit;       /* [label] items of the unit at hand */
} splitter;

static const char *const split_names[SORI_SPLIT_COUNT] = { "train", "val", "test" };

/* --- patterns --------------------------------------------------------------------------------------------------- */

static void place_pattern(splitter *s, const char *pattern, sori_split split) {
    size_t hits = 0;
    for (size_t i = 0; i < s->list->count; i++) {
        const char *name = base_path_name(s->items[i].path);
        if (!s->loose[i] || !data_match(pattern, name, strlen(name), NULL, NULL)) continue;
        s->items[i].split = split;
        s->loose[i] = false;
        hits++;
    }
    if (hits == 0)
        sori_fail(s->c, SORI_EFORMAT, "split: no recording's name fits the %s pattern \"%s\"",
                  split_names[split], pattern);
}

/* --- units ------------------------------------------------------------------------------------------------------ */

typedef struct member { const char *group; uint32_t item; } member;

static int by_group(const void *a, const void *b) {
    const member *x = a, *y = b;
    int order = x->group && y->group ? strcmp(x->group, y->group) : !!x->group - !!y->group;
    return order ? order : (x->item > y->item) - (x->item < y->item);
}

static bool together(const member *a, const member *b) {
    return a->group && b->group && !strcmp(a->group, b->group);
}

/* The units of the loose items; others are only looked at: a group in two splits is an error. */
static void make_units(splitter *s) {
    size_t n = s->list->count;
    member *m = base_alloc_raw(s->c, n, sizeof *m);
    s->members = base_alloc_raw(s->c, n, sizeof *s->members);
    s->units = base_alloc_raw(s->c, n, sizeof *s->units);
    if (base_failed(s->c)) {
        base_free(s->c, m);
        return;
    }
    for (size_t i = 0; i < n; i++) m[i] = (member){ s->items[i].group, (uint32_t)i };
    qsort(m, n, sizeof *m, by_group);
    size_t used = 0;
    for (size_t i = 0, end; i < n; i = end) {
        unit *u = &s->units[s->unit_count];
        *u = (unit){ .items = s->members + used };
        sori_split first = s->items[m[i].item].split;
        bool loose = s->loose[m[i].item];
        for (end = i; end < n && (end == i || together(&m[i], &m[end])); end++) {
            uint32_t item = m[end].item;
            if (s->loose[item] != loose || (!loose && s->items[item].split != first))
                sori_fail(s->c, SORI_EFORMAT, "split: recordings of group \"%s\" fall into different splits",
                          m[i].group);
            s->members[used + u->count++] = item;
        }
        if (!loose) continue;
        used += u->count;
        s->unit_count++;
    }
    base_free(s->c, m);
}

static int by_size(const void *a, const void *b) {
    const unit *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void shuffle_units(splitter *s, uint64_t seed) {
    uint32_t *order = base_alloc_raw(s->c, s->unit_count, sizeof *order);
    if (!order) return;
    for (size_t i = 0; i < s->unit_count; i++) order[i] = (uint32_t)i;
    base_rng r = base_rng_new(seed, BASE_RNG_SPLIT, 0, 0);
    base_rng_shuffle(&r, order, s->unit_count);
    for (size_t i = 0; i < s->unit_count; i++) s->units[i].order = order[i];
    base_free(s->c, order);
    qsort(s->units, s->unit_count, sizeof *s->units, by_size);
}

/* --- assignment ------------------------------------------------------------------------------------------------- */

/* Whole numbers that add up to the label's count: at least 1 each, train the rest. */
static void want_counts(splitter *s, size_t l) {
    size_t labels = s->list->label_count, rest = s->count[l], left = 0;
    for (int k = 0; k < SORI_SPLIT_COUNT; k++) left += s->open[k];
    if (rest == 0) return;
    if (rest < left) {
        sori_fail(s->c, SORI_EFORMAT, "split: class \"%s\" has %zu recording%s, too few for %zu splits",
                  s->list->labels[l], rest, rest == 1 ? "" : "s", left);
        return;
    }
    for (int k = SORI_SPLIT_COUNT - 1; k > SORI_TRAIN; k--) {
        if (!s->open[k]) continue;
        size_t want = (size_t)(s->fraction[k] * (double)s->count[l] + 0.5);
        left--;   /* one recording at least for each split still to come */
        want = want < 1 ? 1 : BASE_MIN(want, rest - left);
        s->want[(size_t)k * labels + l] = (double)want;
        rest -= want;
    }
    s->want[l] = (double)rest;
}

/* What the unit at hand adds to the sum of (have - want)^2 / count. g items of one label add
 * (h + g - w)^2 - (h - w)^2 = g (2 (h - w) + g), written here as a sum over the items. */
static double growth(const splitter *s, const unit *u, int split) {
    size_t offset = (size_t)split * s->list->label_count;
    double sum = 0;
    for (uint32_t i = 0; i < u->count; i++) {
        size_t l = (size_t)s->items[u->items[i]].label;
        sum += (2 * (s->have[offset + l] - s->want[offset + l]) + s->in_unit[l]) / s->count[l];
    }
    return sum;
}

/* The best split; when as many units are left as splits are empty, one of these. */
static int best_split(const splitter *s, const unit *u, const size_t filled[SORI_SPLIT_COUNT], size_t left) {
    size_t empty = 0;
    for (int k = 0; k < SORI_SPLIT_COUNT; k++) empty += s->open[k] && filled[k] == 0;
    int best = -1;
    double least = INFINITY;
    for (int k = 0; k < SORI_SPLIT_COUNT; k++) {
        if (!s->open[k] || (left <= empty && filled[k] > 0)) continue;
        double g = growth(s, u, k);
        if (g < least) {
            least = g;
            best = k;
        }
    }
    return best;
}

static void assign_units(splitter *s) {
    size_t filled[SORI_SPLIT_COUNT] = { 0 };
    for (size_t n = 0; n < s->unit_count; n++) {
        const unit *u = &s->units[n];
        for (uint32_t i = 0; i < u->count; i++) s->in_unit[s->items[u->items[i]].label]++;
        int k = best_split(s, u, filled, s->unit_count - n);
        filled[k]++;
        for (uint32_t i = 0; i < u->count; i++) {
            sori_item *item = &s->items[u->items[i]];
            item->split = (sori_split)k;
            s->have[(size_t)k * s->list->label_count + (size_t)item->label]++;
            s->in_unit[item->label] = 0;
        }
    }
    for (int k = 0; k < SORI_SPLIT_COUNT; k++)
        if (s->open[k] && filled[k] == 0)
            sori_fail(s->c, SORI_EFORMAT, "split: %zu group%s cannot fill train, val and test", s->unit_count,
                      s->unit_count == 1 ? "" : "s");
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

/* Every label that occurs is trained on; one missing from val or test is worth a word. */
static void check_coverage(splitter *s) {
    size_t labels = s->list->label_count, present[SORI_SPLIT_COUNT] = { 0 };
    uint32_t *seen = base_alloc(s->c, labels * SORI_SPLIT_COUNT, sizeof *seen);
    if (!seen) return;
    for (size_t i = 0; i < s->list->count; i++) {
        seen[(size_t)s->items[i].split * labels + (size_t)s->items[i].label]++;
        present[s->items[i].split]++;
    }
    for (size_t l = 0; l < labels; l++) {
        const char *name = s->list->labels[l];
        uint32_t train = seen[l], val = seen[SORI_VAL * labels + l], test = seen[SORI_TEST * labels + l];
        if (!train && val + test) sori_fail(s->c, SORI_EFORMAT, "split: class \"%s\" has no training recordings", name);
        if (train && !val && present[SORI_VAL]) base_warn(s->c, "split: class \"%s\" is not in val", name);
        if (train && !test && present[SORI_TEST]) base_warn(s->c, "split: class \"%s\" is not in test", name);
    }
    base_free(s->c, seen);
}

/* Fractions and patterns to open splits and loose items; false on error. */
static bool plan(splitter *s, const sori_split_config *config) {
    double val = config->val == 0 ? 0.15 : config->val, test = config->test == 0 ? 0.15 : config->test;
    bool given = s->list->split_given, has_val = config->val_pattern != NULL;
    if (given && (config->test_pattern || config->val_pattern))
        sori_fail(s->c, SORI_EINVAL, "split: the CSV names the splits; patterns cannot be given as well");
    for (size_t i = 0; i < s->list->count; i++) {
        s->loose[i] = !given || s->items[i].split == SORI_TRAIN;
        has_val |= given && s->items[i].split == SORI_VAL;
    }
    s->open[SORI_TRAIN] = true;
    s->open[SORI_VAL] = val > 0 && !has_val;
    s->open[SORI_TEST] = test > 0 && !given && !config->test_pattern;
    s->fraction[SORI_VAL] = s->open[SORI_VAL] ? val : 0;
    s->fraction[SORI_TEST] = s->open[SORI_TEST] ? test : 0;
    if (!(s->fraction[SORI_VAL] + s->fraction[SORI_TEST] < 1))
        sori_fail(s->c, SORI_EINVAL, "split: val %g and test %g leave no training data", val, test);
    if (base_failed(s->c)) return false;
    if (config->test_pattern) place_pattern(s, config->test_pattern, SORI_TEST);
    if (config->val_pattern) place_pattern(s, config->val_pattern, SORI_VAL);
    return !base_failed(s->c);
}

static void run(splitter *s, const sori_split_config *config) {
    size_t n = s->list->count, labels = s->list->label_count;
    s->loose = base_alloc(s->c, n, sizeof *s->loose);
    s->want = base_alloc(s->c, labels * SORI_SPLIT_COUNT, sizeof *s->want);
    s->have = base_alloc(s->c, labels * SORI_SPLIT_COUNT, sizeof *s->have);
    s->count = base_alloc(s->c, labels, sizeof *s->count);
    s->in_unit = base_alloc(s->c, labels, sizeof *s->in_unit);
    if (base_failed(s->c) || !plan(s, config)) return;
    make_units(s);
    if (base_failed(s->c)) return;
    for (size_t i = 0; i < n; i++) s->count[s->items[i].label] += s->loose[i];
    for (size_t l = 0; l < labels; l++) want_counts(s, l);
    shuffle_units(s, config->seed);
    if (!base_failed(s->c) && s->unit_count) assign_units(s);
    if (!base_failed(s->c)) check_coverage(s);
}

const sori_list *sori_split_list(sori_ctx *c, const sori_list *list, const sori_split_config *config) {
    static const sori_split_config defaults;
    if (base_failed(c)) return NULL;
    if (!list || list->count > UINT32_MAX) {
        sori_fail(c, SORI_EINVAL, list ? "split: more than 2^32 recordings" : "split: no list given");
        return NULL;
    }
    sori_list *result = data_list_copy(c, list);
    if (!result) return NULL;
    splitter s = { .c = c, .list = result, .items = (sori_item *)result->items };
    run(&s, config ? config : &defaults);
    base_free(c, s.loose);
    base_free(c, s.want);
    base_free(c, s.have);
    base_free(c, s.count);
    base_free(c, s.in_unit);
    base_free(c, s.members);
    base_free(c, s.units);
    return base_failed(c) ? NULL : result;
}
