/* golden.h - runs the golden cases of one family against librosa's stored answers.
 *
 * tests/golden/<family>.json, made by tools/golden/make.py, is the one table: a case names the function, its arguments
 * in librosa's words, the input and the tolerance, whose rule, limit and reason stand in the same file. A test program
 * brings a list of adapters, each of which turns librosa's words into a call of sori:
 *
 *     static sori_array *run_rms(golden_call *g) { ... return sori_rms(g->c, golden_audio(g), &config); }
 *     static const golden_adapter adapters[] = { { "rms", run_rms }, ... };
 *     int main(void) { return golden_main("levels", adapters, BASE_COUNT(adapters)); }
 *
 * A case passes when the shape, a sample of up to some hundred values, and the sum over all values agree. An argument
 * an adapter does not read fails the case: nothing is passed over. The largest errors are left in parity.tsv, from
 * which tools/golden/parity.sh writes docs/parity.md. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include "golden/golden_input.h"

typedef struct golden_call {
    sori_ctx *c;
    const json_t *args;      /* librosa's arguments by name */
    const json_t *inputs;    /* the manifest's table of inputs */
    const char *librosa;     /* "librosa.feature.rms" */
    bool exact;
    bool no_data;            /* an input is not on this machine */
    bool other_data;         /* an input was decoded to other last bits than the answers' */
    json_t *read;            /* the arguments that were asked for */
} golden_call;

typedef struct golden_adapter {
    const char *function;
    sori_array *(*run)(golden_call *g);
} golden_adapter;

/* --- arguments -------------------------------------------------------------------------------------------------- */

static inline const json_t *golden_arg(golden_call *g, const char *name) {
    json_object_set_new(g->read, name, json_true());
    return json_object_get(g->args, name);
}

/* A number, also one that JSON does not have: "numpy.inf", "numpy.nan". */
static inline double golden_value(const json_t *v) {
    const char *word = json_string_value(v);
    if (!word) return json_number_value(v);
    if (strncmp(word, "numpy.", 6) == 0) word += 6;
    if (strcmp(word, "nan") == 0) return NAN;
    if (strcmp(word, "inf") != 0 && strcmp(word, "-inf") != 0) fail_msg("%s: not a number", word);
    return word[0] == '-' ? -INFINITY : INFINITY;
}

/* 0, which is sori's word for the default, when missing or None. */
static inline double golden_number(golden_call *g, const char *name) {
    const json_t *v = golden_arg(g, name);
    assert_true(!v || json_is_null(v) || json_is_number(v) || json_is_string(v));
    return v ? golden_value(v) : 0;
}

static inline int golden_int(golden_call *g, const char *name) { return (int)golden_number(g, name); }

/* A boolean that is `usual` in librosa: true if it differs from that. */
static inline bool golden_unusual(golden_call *g, const char *name, bool usual) {
    const json_t *v = golden_arg(g, name);
    assert_true(!v || json_is_boolean(v));
    return v && json_is_true(v) != usual;
}

static inline const char *golden_string(golden_call *g, const char *name) {
    return json_string_value(golden_arg(g, name));
}

/* A number, None, or left out. */
static inline sori_opt golden_opt(golden_call *g, const char *name) {
    const json_t *v = golden_arg(g, name);
    return !v ? (sori_opt){ 0 } : json_is_null(v) ? SORI_NONE : SORI_VALUE(golden_value(v));
}

/* The place of a word in a list; 0 when left out. "None" is the word for None. */
static inline int golden_choice(golden_call *g, const char *name, const char *const *words, int n) {
    const json_t *v = golden_arg(g, name);
    const char *word = !v ? NULL : json_is_null(v) ? "None" : json_string_value(v);
    if (!v) return 0;
    for (int i = 0; i < n; i++)
        if (word && strcmp(words[i], word) == 0) return i;
    fail_msg("%s: no such choice of %s", word ? word : "?", name);
    return 0;
}

/* librosa's aggregate=numpy.median, or another of sori_aggregate's words; None is `none`, False no aggregate. */
static inline sori_aggregate golden_aggregate(golden_call *g, const char *name, sori_aggregate none) {
    static const char *const words[] = { "", "mean", "median", "min", "max", "sum", "average" };
    const json_t *v = golden_arg(g, name);
    if (!v) return SORI_AGGREGATE_DEFAULT;
    if (!json_is_string(v)) return json_is_false(v) ? SORI_AGGREGATE_NONE : none;
    const char *word = json_string_value(v);
    if (strncmp(word, "numpy.", 6) == 0) word += 6;
    for (int i = 1; i < (int)BASE_COUNT(words); i++)
        if (strcmp(words[i], word) == 0) return (sori_aggregate)i;
    fail_msg("%s: no such aggregate", word);
    return none;
}

/* An array argument: the name of an input, or numbers; NULL if left out or None. */
static inline sori_array *golden_array(golden_call *g, const char *name) {
    const json_t *v = golden_arg(g, name), *item;
    if (json_is_string(v)) {
        bool same = true;
        sori_array *a = golden_input(g->c, json_object_get(g->inputs, json_string_value(v)), &same);
        if (!a) g->no_data = true;
        if (!same) g->other_data = true;
        return a;
    }
    if (!json_is_array(v)) return NULL;
    size_t n = json_array_size(v), i;
    sori_array *a = sori_array_new(g->c, SORI_F64, 1, &n);
    json_array_foreach(v, i, item) ((double *)a->data)[i] = json_number_value(item);
    return a;
}

/* The numbers of an array argument in a new array [n] f64, to be changed in place. */
static inline double *golden_values(golden_call *g, const char *name, sori_array **out) {
    const sori_array *a = sori_array_cast(g->c, golden_array(g, name), SORI_F64);
    *out = sori_array_from(g->c, SORI_F64, 1, &a->size, a->data);
    return (*out)->data;
}

/* The argument y at rate sr (22050 if left out). */
static inline sori_audio golden_audio(golden_call *g) {
    double sr = golden_number(g, "sr");
    return (sori_audio){ golden_array(g, "y"), sr > 0 ? sr : 22050 };
}

/* SciPy's window argument: a name, a number, or [name, parameter, ...], as the text sori takes; NULL if left out. */
static inline const char *golden_window(golden_call *g, const char *name, char *text, size_t size) {
    const json_t *v = golden_arg(g, name), *item;
    size_t i, k;
    int n = 0;
    if (!v || json_is_string(v)) return v ? json_string_value(v) : NULL;
    if (json_is_number(v)) return base_format(text, size, "%.17g", json_number_value(v)), text;
    json_array_foreach(v, i, item) {
        char *end = text + n;
        size_t left = size - (size_t)n;
        const json_t *coefficient;
        if (i == 0) n += base_format(end, left, "%s", json_string_value(item));
        else if (json_is_array(item))
            json_array_foreach(item, k, coefficient)
                n += base_format(text + n, size - (size_t)n, k ? ",%.17g" : "(%.17g", json_number_value(coefficient));
        else if (json_is_null(item)) n += base_format(end, left, i == 1 ? "(none" : ",none");
        else {
            double p = json_is_boolean(item) ? json_is_true(item) : json_number_value(item);
            n += base_format(end, left, i == 1 ? "(%.17g" : ",%.17g", p);
        }
    }
    if (json_array_size(v) > 1) base_format(text + n, size - (size_t)n, ")");
    return text;
}

/* --- stored answers: a safetensors file, read here so that the library does not check itself -------------------- */

typedef struct golden_answers {
    char *bytes;
    json_t *header;
    size_t data;             /* where the tensors begin */
} golden_answers;

static inline golden_answers golden_open_answers(sori_ctx *c, const char *family) {
    char path[512];
    golden_answers a = { 0 };
    uint64_t n;
    size_t size;
    base_format(path, sizeof path, TEST_SOURCE_DIR "/tests/golden/%s.safetensors", family);
    a.bytes = base_read_file(c, path, 1 << 24, &size);
    assert_ok(c);
    memcpy(&n, a.bytes, 8);
    assert_true(n <= size - 8);
    a.header = json_loadb(a.bytes + 8, n, 0, NULL);
    a.data = 8 + n;
    return a;
}

/* Value i (im: of its imaginary part) of the tensor `key`, and how many it has. */
static inline size_t golden_count(const golden_answers *a, const char *key) {
    const json_t *t = json_object_get(a->header, key);
    assert_non_null(t);
    return (size_t)json_integer_value(json_array_get(json_object_get(t, "shape"), 0));
}

static inline double golden_answer(const golden_answers *a, const char *key, size_t i, bool complex, bool im) {
    const json_t *t = json_object_get(a->header, key);
    const char *p = a->bytes + a->data + json_integer_value(json_array_get(json_object_get(t, "data_offsets"), 0));
    size_t k = complex ? 2 * i + im : i;
    float f;
    double d;
    if (strcmp(json_text(t, "dtype"), "F64") == 0) return memcpy(&d, p + k * 8, 8), d;
    return memcpy(&f, p + k * 4, 4), f;
}

/* Value k of a result, as complex. */
static inline void golden_result(const sori_array *a, size_t k, double *re, double *im) {
    *re = *im = 0;
    switch (a->dtype) {
    case SORI_F32: *re = ((float *)a->data)[k]; break;
    case SORI_F64: *re = ((double *)a->data)[k]; break;
    case SORI_I32: *re = (double)((int32_t *)a->data)[k]; break;
    case SORI_I64: *re = (double)((int64_t *)a->data)[k]; break;
    case SORI_U8: *re = (double)((uint8_t *)a->data)[k]; break;
    case SORI_C64: *re = ((float *)a->data)[2 * k], *im = ((float *)a->data)[2 * k + 1]; break;
    case SORI_C128: *re = ((double *)a->data)[2 * k], *im = ((double *)a->data)[2 * k + 1]; break;
    default: fail_msg("dtype %s is not compared", sori_dtype_name(a->dtype));
    }
}

/* --- comparing -------------------------------------------------------------------------------------------------- */

/* The tolerance rules. Each gives an error to hold against the limit:
 *   max    the largest |a - b|, relative to the largest |b| of the whole answer
 *   each   the largest |a - b|, relative to that |b| itself (plus floor times the largest |b|: below that there is only
 *          the rounding noise of a double FFT)
 *   mixed  the same, plus floor itself
 *   abs    the largest |a - b|
 *   share  the share of values that differ by more than `step` */
static inline double golden_error(const json_t *tolerance, double difference, double b, double peak) {
    const char *rule = json_text(tolerance, "rule");
    double floor = json_number(tolerance, "floor", 0) / json_number(tolerance, "limit", 1);
    if (difference == 0) return 0;
    if (strcmp(rule, "max") == 0) return difference / peak;
    if (strcmp(rule, "each") == 0) return difference / (fabs(b) + floor * peak);
    if (strcmp(rule, "mixed") == 0) return difference / (fabs(b) + floor);
    if (strcmp(rule, "share") == 0) return difference > json_number(tolerance, "step", 0);
    assert_string_equal(rule, "abs");
    return difference;
}

static inline void golden_check_shape(const json_t *item, const sori_array *a) {
    const json_t *dims = json_object_get(item, "shape"), *dim;
    size_t i;
    if ((size_t)a->ndim != json_array_size(dims)) fail_msg("%s: %d dimensions", json_text(item, "id"), a->ndim);
    json_array_foreach(dims, i, dim) if (a->shape[i] != (size_t)json_integer_value(dim))
        fail_msg("%s: axis %zu has %zu", json_text(item, "id"), i, a->shape[i]);
}

/* The sum of |values|, which also sees the values that are not stored. Errors of either sign mostly cancel in it, so
 * half the rule's own limit is far more than enough. */
static inline bool golden_check_sum(const json_t *item, const json_t *tolerance, const sori_array *a) {
    double sum = 0, re, im, want = json_number(item, "sum", 0), slack = json_number(tolerance, "limit", 0);
    double all = (double)a->size, peaks = all * json_number(item, "peak", 0);
    double floor = json_number(tolerance, "floor", 0);
    for (size_t i = 0; i < a->size; i++) {
        golden_result(a, i, &re, &im);
        if (!isnan(re)) sum += hypot(re, im);
    }
    const char *rule = json_text(tolerance, "rule");
    if (strcmp(rule, "max") == 0) slack *= peaks;
    else if (strcmp(rule, "each") == 0) slack = slack * want + floor * peaks;
    else if (strcmp(rule, "share") == 0) slack = 2e-3 * want;
    else slack *= all;
    if (fabs(sum - want) <= slack / 2 + 1e-12 * want) return true;
    print_error("%s: the sum is %.9g, not %.9g\n", json_text(item, "id"), sum, want);
    return false;
}

/* The case's error under its rule. */
static inline double golden_compare(const json_t *item, const json_t *tolerance, const golden_answers *answers,
                                    const sori_array *a) {
    const char *key = json_text(item, "id");
    bool complex = a->dtype == SORI_C64 || a->dtype == SORI_C128;
    bool share = strcmp(json_text(tolerance, "rule"), "share") == 0;
    size_t n = golden_count(answers, key), stride = (size_t)json_number(item, "stride", 1);
    double worst = 0, sum = 0, peak = json_number(item, "peak", 0);
    golden_check_shape(item, a);
    for (size_t i = 0; i < n; i++) {
        double re, im, b = golden_answer(answers, key, i, complex, false);
        double b_im = complex ? golden_answer(answers, key, i, complex, true) : 0;
        golden_result(a, i * stride % a->size, &re, &im);
        if (isnan(b) && isnan(re)) continue;   /* both say: nothing here (pyin's unvoiced frames) */
        if (!isfinite(re) || !isfinite(im) || isnan(b)) fail_msg("%s: value %zu is %g, not %g", key, i, re, b);
        double e = golden_error(tolerance, hypot(re - b, im - b_im), hypot(b, b_im), peak);
        worst = fmax(worst, e);
        sum += e;
    }
    return share ? sum / (double)n : worst;
}

/* --- running ---------------------------------------------------------------------------------------------------- */

typedef struct golden_run {
    sori_ctx *c;
    json_t *manifest;
    golden_answers answers;
    const golden_adapter *adapters;
    size_t count;
    const char *family;
    FILE *report;            /* parity.tsv */
    int failed;
} golden_run;

static inline const golden_adapter *golden_find(const golden_run *r, const char *function) {
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->adapters[i].function, function) == 0) return &r->adapters[i];
    fail_msg("no adapter for %s", function);
    return NULL;
}

/* Call the case's function; every argument must have been read, unless an input is missing, which may end the call. */
static inline sori_array *golden_do(golden_run *r, const json_t *item, const json_t *args, bool exact,
                                    const char **skip) {
    golden_call g = { r->c, args, json_object_get(r->manifest, "inputs"), json_text(item, "librosa"), exact, false,
                      false, json_object() };
    sori_array *a = golden_find(r, json_text(item, "function"))->run(&g);
    const char *name;
    json_t *value;
    *skip = g.no_data ? "no data" : exact && g.other_data ? "another decoder" : NULL;
    json_object_foreach((json_t *)args, name, value)
        if (!g.no_data && !json_object_get(g.read, name))
            fail_msg("%s: argument %s was not read", json_text(item, "id"), name);
    json_decref(g.read);
    return a;
}

/* One case in one precision. */
static inline void golden_one(golden_run *r, const json_t *item, bool exact) {
    const char *named = json_text(item, exact ? "exact" : "default");
    const json_t *tolerance = json_object_get(json_object_get(r->manifest, "tolerances"), named);
    const char *skip;
    if (!*named) return;
    assert_non_null(tolerance);
    int scope = sori_begin(r->c);
    sori_array *a = golden_do(r, item, json_object_get(item, "args"), exact, &skip);
    const char *id = json_text(item, "id"), *precision = exact ? "exact" : "default";
    const json_t *names = json_object_get(r->manifest, "functions");
    double limit = json_number(tolerance, "limit", 0);
    if (!skip) {
        if (sori_error(r->c)) fail_msg("%s: %s", id, sori_message(r->c));
        double error = golden_compare(item, tolerance, &r->answers, a);
        fprintf(r->report, "case\t%s\t%s\t%s\t%s\t%.9g\n", json_text(names, json_text(item, "function")),
                json_text(item, "librosa"), precision, named, error);
        if (!golden_check_sum(item, tolerance, a)) r->failed++;
        if (!(error <= limit)) {
            print_error("%s (%s): error %.3g, limit %.3g (%s)\n", id, precision, error, limit,
                        json_text(tolerance, "rule"));
            r->failed++;
        }
    } else print_message("%s (%s): skipped: %s\n", id, precision, skip);
    sori_clear(r->c);
    sori_end(r->c, scope, NULL);
}

/* What parity.sh needs besides the errors: versions and tolerances. */
static inline void golden_report_head(golden_run *r) {
    const char *name;
    json_t *t;
    json_object_foreach(json_object_get(r->manifest, "versions"), name, t)
        fprintf(r->report, "version\t%s\t%s\n", name, json_string_value(t));
    json_object_foreach(json_object_get(r->manifest, "tolerances"), name, t)
        fprintf(r->report, "tolerance\t%s\t%s\t%g\t%g\t%g\t%s\n", name, json_text(t, "rule"),
                json_number(t, "limit", 0), json_number(t, "floor", 0), json_number(t, "step", 0), json_text(t, "why"));
}

static inline void golden_cases(void **state) {
    golden_run *r = *state;
    size_t i, done = 0;
    json_t *item;
    golden_report_head(r);
    json_array_foreach(json_object_get(r->manifest, "cases"), i, item) {
        golden_one(r, item, false);
        golden_one(r, item, true);
        done++;
    }
    assert_true(done > 0);
    assert_int_equal(r->failed, 0);
}

/* A call without arguments is the call with librosa's defaults (inspect.signature) spelled out, bit for bit. */
static inline void golden_defaults(void **state) {
    golden_run *r = *state;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(r->manifest, "defaults"), i, item) {
        const char *skip;
        int scope = sori_begin(r->c);
        json_t *spelled = json_copy(json_object_get(item, "args"));
        json_object_update(spelled, json_object_get(item, "signature"));
        sori_array *a = golden_do(r, item, json_object_get(item, "args"), false, &skip);
        sori_array *b = skip ? NULL : golden_do(r, item, spelled, false, &skip);
        if (skip) {
            print_message("defaults of %s: skipped: %s\n", json_text(item, "function"), skip);
            sori_clear(r->c);
        } else assert_ok(r->c);
        if (!skip && (a->size != b->size || memcmp(a->data, b->data, a->size * sori_dtype_size(a->dtype)) != 0))
            fail_msg("%s: its defaults are not librosa's", json_text(item, "function"));
        json_decref(spelled);
        sori_end(r->c, scope, NULL);
    }
}

/* 0 when all cases of the family passed. */
static inline int golden_main(const char *family, const golden_adapter *adapters, size_t count) {
    golden_run r = { .c = sori_open(NULL), .adapters = adapters, .count = count, .family = family };
    char path[512];
    base_format(path, sizeof path, TEST_SOURCE_DIR "/tests/golden/%s.json", family);
    r.manifest = json_load_file(path, 0, NULL);
    r.answers = golden_open_answers(r.c, family);
    r.report = fopen(TEST_SCRATCH "/parity.tsv", "w");
    if (!r.manifest || !r.answers.header || !r.report) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(golden_cases, &r), cmocka_unit_test_prestate(golden_defaults, &r),
    };
    int failed = cmocka_run_group_tests_name(family, tests, NULL, NULL);
    fclose(r.report);
    json_decref(r.manifest);
    json_decref(r.answers.header);
    base_free(r.c, r.answers.bytes);
    sori_close(r.c);
    return failed;
}

#endif
