/* sweep_table.c - what the runs of a sweep say together: a row for every combination, a margin for every value.
 *
 * The mean over everything a value was combined with is fair only if the other values had the same company: a model
 * that needs long segments would otherwise make long segments look good. So a combination of the other parameters
 * counts only when it succeeded with every value of this one (values that never succeed aside). The spread of a margin
 * is over the seeds, which is the noise of the comparison; that the combinations differ is not noise. */
#include "task/sweep.h"
#include <math.h>
#include <stdlib.h>

typedef struct moments {
    double mean, spread;         /* spread: of a sample, n - 1; NaN for fewer than two */
} moments;

static moments moments_of(const double *x, size_t n) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    double mean = n ? sum / (double)n : NAN;
    for (size_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    return (moments){ mean, n > 1 ? sqrt(squares / (double)(n - 1)) : NAN };
}

static const sweep_run *run_at(const sweep *s, size_t seed, size_t row) { return &s->runs[seed * s->rows + row]; }

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* Mean of one split's accuracy over the seeds that succeeded; scratch [seeds]. */
static moments row_accuracy(const sweep *s, size_t row, sori_split split, double *scratch) {
    size_t n = 0;
    for (size_t i = 0; i < s->seeds; i++)
        if (run_at(s, i, row)->ok) scratch[n++] = run_at(s, i, row)->accuracy[split];
    return moments_of(scratch, n);
}

static void fill_row(const sweep *s, size_t row, const char **values, double *scratch, sori_sweep_row *out) {
    const sori_sweep_config *k = s->config;
    moments compared = row_accuracy(s, row, s->compared, scratch);
    *out = (sori_sweep_row){ .values = values, .accuracy = compared.mean, .spread = compared.spread,
                             .val_accuracy = row_accuracy(s, row, SORI_VAL, scratch).mean,
                             .test_accuracy = row_accuracy(s, row, SORI_TEST, scratch).mean };
    for (size_t a = 0; a < k->axis_count; a++) values[a] = k->axes[a].values[task_sweep_value_at(s, row, a)];
    for (size_t i = 0; i < s->seeds; i++) {
        const sweep_run *r = run_at(s, i, row);
        out->runs += r->ok;
        out->seconds += r->seconds;
        if (r->error && !out->error) out->error = base_intern(s->c, r->error);
    }
    out->seconds = out->runs ? out->seconds / (double)out->runs : NAN;
}

/* The best first; equals in the order of the grid, which the addresses of their values have. */
static int by_accuracy(const void *a, const void *b) {
    const sori_sweep_row *x = a, *y = b;
    if ((x->runs > 0) != (y->runs > 0)) return x->runs > 0 ? -1 : 1;
    if (x->runs > 0 && x->accuracy != y->accuracy) return x->accuracy > y->accuracy ? -1 : 1;
    return (x->values > y->values) - (x->values < y->values);
}

static void fill_rows(const sweep *s, sori_sweep_result *out) {
    size_t axes = s->config->axis_count, width = axes ? axes : 1;   /* addresses differ also without axes */
    sori_sweep_row *rows = task_scoped(s->c, s->rows, sizeof *rows);
    const char **values = task_scoped(s->c, s->rows * width, sizeof *values);
    double *scratch = base_alloc(s->c, s->seeds, sizeof *scratch);
    for (size_t r = 0; scratch && r < s->rows && !base_failed(s->c); r++)
        fill_row(s, r, values + r * width, scratch, &rows[r]);
    if (!base_failed(s->c)) qsort(rows, s->rows, sizeof *rows, by_accuracy);
    base_free(s->c, scratch);
    out->rows = rows;
    out->row_count = s->rows;
}

/* --- margins ------------------------------------------------------------------------------------------------------ */

static bool succeeded(const sweep *s, size_t row) {
    for (size_t i = 0; i < s->seeds; i++)
        if (!run_at(s, i, row)->ok) return false;
    return true;
}

/* Rows from one value of the axis to the next. */
static size_t stride_of(const sweep *s, size_t a) {
    size_t stride = 1;
    for (size_t b = s->config->axis_count; --b > a;) stride *= s->config->axes[b].count;
    return stride;
}

static bool ever_succeeded(const sweep *s, size_t a, size_t value) {
    for (size_t r = 0; r < s->rows; r++)
        if (task_sweep_value_at(s, r, a) == value && succeeded(s, r)) return true;
    return false;
}

/* comparable [rows]: whether the row's company succeeded with every value of axis a that ever does. */
static void find_comparable(const sweep *s, size_t a, bool *comparable) {
    size_t n = s->config->axes[a].count, stride = stride_of(s, a);
    for (size_t r = 0; r < s->rows; r++) comparable[r] = true;
    for (size_t v = 0; v < n; v++) {
        if (!ever_succeeded(s, a, v)) continue;
        for (size_t r = 0; r < s->rows; r++) {
            size_t twin = r - task_sweep_value_at(s, r, a) * stride + v * stride;
            comparable[r] = comparable[r] && succeeded(s, twin);
        }
    }
}

/* scratch [seeds] */
static void fill_margin(const sweep *s, size_t a, size_t value, const bool *comparable, double *scratch,
                        sori_sweep_margin *out) {
    *out = (sori_sweep_margin){ .axis = a, .value = s->config->axes[a].values[value] };
    for (size_t i = 0; i < s->seeds; i++) scratch[i] = 0;
    for (size_t r = 0; r < s->rows; r++) {
        if (task_sweep_value_at(s, r, a) != value || !comparable[r] || !succeeded(s, r)) continue;
        out->rows++;
        for (size_t i = 0; i < s->seeds; i++) {
            scratch[i] += run_at(s, i, r)->accuracy[s->compared];
            out->seconds += run_at(s, i, r)->seconds;
        }
    }
    for (size_t i = 0; i < s->seeds; i++) scratch[i] /= (double)out->rows;
    moments m = moments_of(scratch, out->rows ? s->seeds : 0);
    out->accuracy = m.mean;
    out->spread = m.spread;
    out->seconds = out->rows ? out->seconds / (double)(out->rows * s->seeds) : NAN;
}

static void fill_margins(const sweep *s, sori_sweep_result *out) {
    size_t count = 0, at = 0;
    for (size_t a = 0; a < s->config->axis_count; a++) count += s->config->axes[a].count;
    sori_sweep_margin *margins = task_scoped(s->c, count, sizeof *margins);
    bool *comparable = base_alloc(s->c, s->rows, sizeof *comparable);
    double *scratch = base_alloc(s->c, s->seeds, sizeof *scratch);
    for (size_t a = 0; a < s->config->axis_count && !base_failed(s->c); a++) {
        find_comparable(s, a, comparable);
        for (size_t v = 0; v < s->config->axes[a].count; v++)
            fill_margin(s, a, v, comparable, scratch, &margins[at++]);
    }
    base_free(s->c, comparable);
    base_free(s->c, scratch);
    out->margins = margins;
    out->margin_count = count;
}

void task_sweep_tabulate(const sweep *s, sori_sweep_result *out) {
    fill_rows(s, out);
    fill_margins(s, out);
}
