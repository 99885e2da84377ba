/* dtw.c - dynamic time warping: the cheapest way to walk through two sequences at once.
 *
 *     D[i][j] = the least, over the steps, of D[i - rows of the step][j - columns] + mul C[i][j] + add
 *
 * Costs are made in blocks of rows, on all threads; then the rows are accumulated in order. The three usual steps take
 * four rows at once (num_kernels.dtw_rows) and find out afterwards which step it was. Other steps go row by row: those
 * from rows above along the whole row, those within the row cell by cell. Of equal steps the first wins, as in librosa.
 * Without D (path_only) only as many rows are kept as a step spans. Sakoe and Chiba 1978. librosa.sequence.dtw. */
#include "feat/dtw.h"
#include <math.h>
#include <string.h>

enum { BLOCK_QUADS = 8 };    /* quads of rows whose costs are made together, one a job */

typedef struct job {
    sori_ctx *c;
    dtw_cost cost;
    dtw_steps steps;
    size_t rows, columns;
    bool subseq;
    sori_array *D;           /* NULL: rows go to ring */
    double *ring;            /* [ring_rows][columns], ring_rows a multiple of 4 */
    size_t ring_rows;
    uint8_t *step;           /* [rows][columns], or NULL */
    double *block;           /* [BLOCK_QUADS][4][stride] costs */
    size_t first_quad;       /* of the block */
} job;

static double *row_of(const job *j, size_t i) {
    return j->D ? (double *)j->D->data + i * j->columns : j->ring + i % j->ring_rows * j->columns;
}

static void make_costs(void *arg, size_t i) {
    job *j = arg;
    feat_dtw_cost_rows(&j->cost, j->first_quad + i, j->block + i * DTW_QUAD * j->cost.stride);
}

/* --- one row, any steps --------------------------------------------------------------------------------------- */

/* Step k from a row above, along the whole row. */
static void step_down(const job *j, size_t k, const double *from, const double *cost, double *here, uint8_t *step) {
    size_t across = (size_t)j->steps.size[k][1];
    double add = j->steps.add[k], mul = j->steps.mul[k];
    for (size_t m = across; m < j->columns; m++) {
        double d = from[m - across] + (mul * cost[m] + add);
        if (!(d < here[m])) continue;
        here[m] = d;
        if (step) step[m] = (uint8_t)k;
    }
}

/* The best step within the row to cell m, of those that come before the one found so far if they are as good. */
static void step_along(const job *j, size_t m, const double *cost, double *here, uint8_t *number) {
    const dtw_steps *s = &j->steps;
    for (size_t k = s->first; k < s->n; k++) {
        size_t across = (size_t)s->size[k][1];
        if (s->size[k][0] != 0 || across > m) continue;
        double d = here[m - across] + (s->mul[k] * cost[m] + s->add[k]);
        if (!(d < here[m]) && !(d == here[m] && k < number[m] && d < INFINITY)) continue;
        here[m] = d;
        number[m] = (uint8_t)k;
    }
}

/* number [columns] is where steps go: the result's row, or scratch. */
static void any_row(const job *j, size_t i, const double *cost, uint8_t *number) {
    const dtw_steps *s = &j->steps;
    double *here = row_of(j, i);
    bool along = false;
    memset(number, 0, j->columns);
    for (size_t m = 0; m < j->columns; m++) here[m] = i == 0 && (m == 0 || j->subseq) ? cost[m] : INFINITY;
    for (size_t k = s->first; k < s->n; k++) {
        size_t down = (size_t)s->size[k][0];
        along |= down == 0;
        if (down > 0 && down <= i) step_down(j, k, row_of(j, i - down), cost, here, number);
    }
    for (size_t m = 0; along && m < j->columns; m++) step_along(j, m, cost, here, number);
}

/* --- four rows, the usual steps ------------------------------------------------------------------------------- */

static void plain_quad(const job *j, size_t i, const double *cost) {
    const double *above = row_of(j, i - 1);
    double *rows = row_of(j, i);
    size_t n = j->columns, stride = j->cost.stride;
    j->cost.k->dtw_rows(n, above, cost, stride, rows, n);
    for (size_t r = 0; j->step && r < DTW_QUAD; r++) {
        j->cost.k->dtw_steps(n, above, cost + r * stride, rows + r * n, j->step + (i + r) * n);
        above = rows + r * n;
    }
}

/* The first quad holds the edge, the last may be short: those go row by row. */
static void one_quad(const job *j, size_t quad, const double *cost, uint8_t *scratch) {
    size_t i = quad * DTW_QUAD, end = BASE_MIN(i + DTW_QUAD, j->rows);
    if (j->steps.plain && quad > 0 && end - i == DTW_QUAD) {
        plain_quad(j, i, cost);
        return;
    }
    for (size_t r = 0; i + r < end; r++)
        any_row(j, i + r, cost + r * j->cost.stride, j->step ? j->step + (i + r) * j->columns : scratch);
}

static bool accumulate(job *j) {
    size_t quads = (j->rows + DTW_QUAD - 1) / DTW_QUAD;
    uint8_t *scratch = base_alloc(j->c, j->columns, 1);
    j->block = base_alloc(j->c, j->cost.stride, BLOCK_QUADS * DTW_QUAD * sizeof(double));
    for (size_t q = 0; scratch && j->block && q < quads && !base_interrupted(j->c); q += BLOCK_QUADS) {
        size_t n = BASE_MIN(quads - q, BLOCK_QUADS);
        j->first_quad = q;
        base_parallel(j->c, n, make_costs, j);
        for (size_t i = 0; i < n; i++) one_quad(j, q + i, j->block + i * DTW_QUAD * j->cost.stride, scratch);
    }
    base_free(j->c, j->block);
    base_free(j->c, scratch);
    return !base_failed(j->c);
}

/* --- results -------------------------------------------------------------------------------------------------- */

static bool prepare(job *j, const sori_dtw_config *g) {
    sori_ctx *c = j->c;
    size_t shape[2] = { j->rows, j->columns };
    j->ring_rows = (j->steps.reach + 2 * DTW_QUAD - 1) / DTW_QUAD * DTW_QUAD;
    if (g->path_only) j->ring = base_alloc_raw(c, j->columns, j->ring_rows * sizeof(double));
    else j->D = array_new_raw(c, SORI_F64, 2, shape);
    if (!g->no_backtrack || g->return_steps) j->step = base_alloc_raw(c, j->rows, j->columns);
    return !base_failed(c);
}

static sori_array *wide_steps(const job *j) {
    sori_array *a = array_new_raw(j->c, SORI_I32, 2, (size_t[]){ j->rows, j->columns });
    for (size_t i = 0; a && i < a->size; i++) ((int32_t *)a->data)[i] = j->step[i];
    return a;
}

static sori_array *path(const job *j) {
    const double *last = row_of(j, j->rows - 1);
    size_t at = j->columns - 1, shape[2] = { j->rows, j->columns };
    if (j->subseq) at = 0;
    for (size_t m = 1; j->subseq && m < j->columns; m++)
        if (last[m] < last[at]) at = m;
    if (!(last[at] < INFINITY)) {
        sori_fail(j->c, SORI_EINVAL, "dtw: these steps lead to no path through %zu x %zu cells", j->rows, j->columns);
        return NULL;
    }
    bool flip = j->cost.exchanged || (j->subseq && j->rows > j->columns);
    return feat_dtw_path(j->c, &j->steps, j->step, false, shape, j->subseq, at, flip);
}

static void close(job *j) {
    feat_dtw_cost_close(j->c, &j->cost);
    base_free(j->c, j->ring);
    base_free(j->c, j->step);
}

sori_dtw_result sori_dtw(sori_ctx *c, const sori_array *X, const sori_array *Y, const sori_dtw_config *config) {
    static const sori_dtw_config defaults;
    const sori_dtw_config *g = config ? config : &defaults;
    job j = { .c = c, .subseq = g->subseq };
    sori_dtw_result r = { NULL };
    bool ok = feat_dtw_steps(c, "dtw", g->step_sizes_sigma, g->n_steps, g->weights_add, g->weights_mul, &j.steps)
           && feat_dtw_cost_open(c, &j.cost, X, Y, g);
    j.rows = j.cost.rows;
    j.columns = j.cost.columns;
    ok = ok && prepare(&j, g) && accumulate(&j);
    if (ok && !g->no_backtrack) r.wp = path(&j);
    if (ok && g->return_steps) r.steps = wide_steps(&j);
    r.D = j.D;
    close(&j);
    if (!base_failed(c)) return r;
    sori_array_free(c, r.D);
    sori_array_free(c, r.wp);
    sori_array_free(c, r.steps);
    return (sori_dtw_result){ NULL };
}
