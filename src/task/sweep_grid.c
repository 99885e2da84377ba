/* sweep_grid.c - the parameters that can be swept, and the combinations of their values.
 *
 * A parameter is a row of a table: its name, what its values are, and where they go in the settings of a training. All
 * values are checked before the first run, so that a slip of the pen is not found out after a night. */
#include "task/sweep.h"
#include <jansson.h>
#include <math.h>
#include <string.h>

#define MOST_RUNS 10000
#define MOST_SEEDS 1000
#define MOST_VALUES 500        /* of a parameter: what a picture has room for */
#define PROBE_SR 22050         /* any rate: the segment's default length does not depend on it */

typedef enum value_kind { REAL, WHOLE, MODEL, FEATURE, SWITCH_OFF } value_kind;

/* A training's settings, and those that follow from several parameters. */
typedef struct settings {
    sori_train_config train;
    double overlap;            /* of segments, a share of one; negative: not given */
} settings;

struct sweep_parameter {
    sori_sweep_parameter is;
    value_kind kind;
    size_t offset;             /* in settings */
    double low, high;
};

#define AT(member) offsetof(settings, member)

static const sweep_parameter parameters[] = {
    { { "model", "of the zoo" }, MODEL, AT(train.model), 0, 0 },
    { { "feature", "what the network sees: mel, mfcc, waveform, ..." }, FEATURE, AT(train.input.feature), 0, 0 },
    { { "sr", "sampling rate, Hz" }, REAL, AT(train.input.sr), 100, 768000 },
    { { "segment", "length of a segment, seconds" }, REAL, AT(train.input.segment_s), 0.01, 3600 },
    { { "overlap", "of neighbouring segments, a share of one" }, REAL, AT(overlap), 0, 0.95 },
    { { "n_fft", "samples in a frame" }, WHOLE, AT(train.input.config.stft.n_fft), 16, 1 << 20 },
    { { "hop_length", "samples from frame to frame" }, WHOLE, AT(train.input.config.stft.hop_length), 1, 1 << 20 },
    { { "n_mels", "mel bands" }, WHOLE, AT(train.input.config.n_mels), 1, 4096 },
    { { "n_mfcc", "cepstral coefficients" }, WHOLE, AT(train.input.config.n_mfcc), 1, 4096 },
    { { "fmin", "lowest frequency of the mel bands, Hz" }, REAL, AT(train.input.config.fmin), 0, 1e6 },
    { { "fmax", "highest frequency of the mel bands, Hz" }, REAL, AT(train.input.config.fmax), 0, 1e6 },
    { { "augment", "yes or no" }, SWITCH_OFF, AT(train.no_augment), 0, 0 },
    { { "epochs", "passes over the training split" }, WHOLE, AT(train.epochs), 1, 1000000 },
    { { "batch_size", "segments a step" }, WHOLE, AT(train.batch_size), 1, 65536 },
    { { "learning_rate", "of AdamW" }, REAL, AT(train.optimizer.learning_rate), 1e-9, 10 },
};

const sori_sweep_parameter *sori_sweep_parameter_at(size_t i) {
    return i < BASE_COUNT(parameters) ? &parameters[i].is : NULL;
}

/* --- checks ----------------------------------------------------------------------------------------------------- */

static const sweep_parameter *find(sori_ctx *c, const char *name) {
    char known[512] = "";
    for (size_t i = 0; i < BASE_COUNT(parameters); i++) {
        if (!strcmp(name, parameters[i].is.name)) return &parameters[i];
        size_t used = strlen(known);
        base_format(known + used, sizeof known - used, "%s%s", i ? ", " : "", parameters[i].is.name);
    }
    sori_fail(c, SORI_EINVAL, "sweep: no parameter \"%.60s\"; there are %s", name, known);
    return NULL;
}

static void check_number(sori_ctx *c, const sweep_parameter *p, const char *text) {
    double v = 0;
    int64_t whole = 0;
    if (!(p->kind == WHOLE ? base_parse_i64(text, &whole) : base_parse_double(text, &v)))
        sori_fail(c, SORI_EINVAL, "sweep: %s=%.60s: not a %snumber", p->is.name, text,
                  p->kind == WHOLE ? "whole " : "");
    if (p->kind == WHOLE) v = (double)whole;
    if (!(v >= p->low && v <= p->high))
        sori_fail(c, SORI_EINVAL, "sweep: %s=%.60s is outside %g..%.7g", p->is.name, text, p->low, p->high);
}

static void check_value(sori_ctx *c, const sweep_parameter *p, const char *text) {
    switch (p->kind) {
    case REAL: case WHOLE: check_number(c, p, text); return;
    case MODEL:
        sori_zoo_find(c, text);
        return;
    case FEATURE:
        if (!data_is_input(text)) sori_fail(c, SORI_EINVAL, "sweep: no feature \"%.60s\" that comes in frames", text);
        return;
    case SWITCH_OFF:
        if (strcmp(text, "yes") && strcmp(text, "no"))
            sori_fail(c, SORI_EINVAL, "sweep: %s=%.60s: must be yes or no", p->is.name, text);
        return;
    }
}

/* Two ways to write one number are one value. */
static bool same_value(const sweep_parameter *p, const char *a, const char *b) {
    double x, y;
    if (p->kind > WHOLE) return !strcmp(a, b);
    return base_parse_double(a, &x) && base_parse_double(b, &y) && x == y;
}

static void check_axis(sori_ctx *c, const sweep_parameter *p, const sori_sweep_axis *axis) {
    if (axis->count < 1 || axis->count > MOST_VALUES)
        sori_fail(c, SORI_EINVAL, "sweep: %s has %zu values (1 to %d)", p->is.name, axis->count, MOST_VALUES);
    for (size_t i = 0; i < axis->count && !base_failed(c); i++) {
        check_value(c, p, axis->values[i]);
        for (size_t k = 0; k < i && !base_failed(c); k++)
            if (same_value(p, axis->values[i], axis->values[k]))
                sori_fail(c, SORI_EINVAL, "sweep: %s=%.60s is given twice", p->is.name, axis->values[i]);
    }
}

/* Axes one by one: the product is bounded after each, so that none can overflow. */
bool task_sweep_check(sweep *s) {
    const sori_sweep_config *k = s->config;
    if (k->seeds < 0 || k->seeds > MOST_SEEDS)
        sori_fail(s->c, SORI_EINVAL, "sweep: %d seeds are outside 1..%d", k->seeds, MOST_SEEDS);
    else if (k->jobs < 0) sori_fail(s->c, SORI_EINVAL, "sweep: %d jobs", k->jobs);
    s->seeds = k->seeds ? (size_t)k->seeds : 1;
    s->rows = 1;
    s->parameters = base_alloc(s->c, k->axis_count, sizeof *s->parameters);
    for (size_t a = 0; a < k->axis_count && !base_failed(s->c); a++) {
        s->parameters[a] = find(s->c, k->axes[a].name);
        for (size_t b = 0; b < a && s->parameters[a]; b++)
            if (s->parameters[a] == s->parameters[b])
                sori_fail(s->c, SORI_EINVAL, "sweep: the parameter %s is given twice", k->axes[a].name);
        if (s->parameters[a]) check_axis(s->c, s->parameters[a], &k->axes[a]);
        s->rows *= k->axes[a].count;
        if (s->rows * s->seeds > MOST_RUNS)
            sori_fail(s->c, SORI_EINVAL, "sweep: the grid asks for more than %d runs (combinations times seeds); give "
                      "fewer values, or sweep in several steps", MOST_RUNS);
    }
    return !base_failed(s->c);
}

const char *task_sweep_summary(const sweep *s, size_t a) { return s->parameters[a]->is.summary; }

/* --- rows ------------------------------------------------------------------------------------------------------- */

size_t task_sweep_value_at(const sweep *s, size_t row, size_t a) {
    for (size_t b = s->config->axis_count; --b > a;) row /= s->config->axes[b].count;
    return row % s->config->axes[a].count;
}

static const char *text_at(const sweep *s, size_t row, size_t a) {
    return s->config->axes[a].values[task_sweep_value_at(s, row, a)];
}

static void put(const sweep_parameter *p, const char *text, settings *out) {
    void *at = (char *)out + p->offset;
    int64_t whole = 0;
    switch (p->kind) {
    case REAL: base_parse_double(text, at); break;
    case WHOLE:
        base_parse_i64(text, &whole);
        *(int *)at = (int)whole;
        break;
    case MODEL: case FEATURE: *(const char **)at = text; break;
    case SWITCH_OFF: *(bool *)at = !strcmp(text, "no"); break;
    }
}

/* A segment's hop from the overlap, whose length may be the default one. */
static void set_hop(sori_ctx *c, settings *v) {
    sori_input_config in = v->train.input;
    if (v->overlap < 0) return;
    if (in.sr == 0) in.sr = PROBE_SR;
    sori_input_resolve(c, NULL, &in);
    v->train.input.hop_s = in.segment_s * (1 - v->overlap);
}

sori_train_config task_sweep_settings(sori_ctx *c, const sweep *s, size_t row) {
    const sori_sweep_config *k = s->config;
    settings v = { .train = { .scan = k->scan, .split = k->split, .max_bad = k->max_bad, .cache = s->cache,
                              .optimizer = { .kind = SORI_ADAMW } }, .overlap = -1 };
    for (size_t a = 0; a < k->axis_count; a++) put(s->parameters[a], text_at(s, row, a), &v);
    set_hop(c, &v);
    return v.train;
}

json_t *task_sweep_settings_json(const sweep *s, size_t row) {
    json_t *o = json_object();
    for (size_t a = 0; a < s->config->axis_count; a++) {
        const char *text = text_at(s, row, a);
        double v = 0;
        bool number = s->parameters[a]->kind <= WHOLE && base_parse_double(text, &v);
        json_object_set_new(o, s->parameters[a]->is.name, number ? json_real(v) : json_string(text));
    }
    return o;
}

char *task_sweep_run_name(sori_ctx *c, const sweep *s, const sweep_run *r) {
    char *name = base_strdup(c, "");
    for (size_t a = 0; a < s->config->axis_count && name; a++) {
        if (s->config->axes[a].count < 2) continue;
        char *longer = base_printf(c, "%s%s=%s ", name, s->config->axes[a].name, text_at(s, r->row, a));
        base_free(c, name);
        name = longer;
    }
    char *whole = name ? base_printf(c, "%sseed=%llu", name, (unsigned long long)r->seed) : NULL;
    base_free(c, name);
    return whole;
}
