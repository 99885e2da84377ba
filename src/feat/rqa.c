/* rqa.c - recurrence quantification: the best diagonal paths through a similarity matrix, with gaps.
 *
 * A path comes to a cell diagonally, from (i-1, j-1) or by a knight's move from (i-1, j-2) or (i-2, j-1). A match adds
 * its similarity; a miss costs gap_onset after a match and gap_extend after a miss, and a score below 0 ends the path.
 * A row needs only the two above it, so it is computed all at once (num_kernels.rqa_row). The way back is found again
 * from the scores: no pointers are stored. Serra, Serra, Andrzejak 2009. librosa.sequence.rqa. */
#include "feat/feat.h"
#include <math.h>
#include <sori/structure.h>

typedef struct job {
    const num_kernels *k;    /* in the precision of sim */
    const void *sim;         /* [rows][columns] */
    void *score;
    bool wide;               /* double */
    size_t rows, columns;
    double onset, extend;
    bool knight;
} job;

static double get(const job *j, const void *a, size_t i, size_t m) {
    size_t at = i * j->columns + m;
    return j->wide ? ((const double *)a)[at] : (double)((const float *)a)[at];
}

static void put(const job *j, size_t i, size_t m, double v) {
    if (j->wide) ((double *)j->score)[i * j->columns + m] = v;
    else ((float *)j->score)[i * j->columns + m] = (float)v;
}

static char *row(const job *j, const void *a, size_t i) { return (char *)a + i * j->columns * j->k->real_size; }

/* --- one cell ------------------------------------------------------------------------------------------------- */

static const size_t moves[3][2] = { { 1, 1 }, { 1, 2 }, { 2, 1 } };

/* The best score before cell (i, m), i, m >= 1, and the move that comes from it: the first of equals. The second row
 * and column allow only the knight's move that stays inside, the cell (1, 1) none. */
static double before(const job *j, size_t i, size_t m, int *move) {
    bool match = get(j, j->sim, i, m) > 0;
    double best = -INFINITY;
    for (int k = 0; k < (j->knight ? 3 : 1); k++) {
        if (moves[k][0] > i || moves[k][1] > m) continue;
        double v = get(j, j->score, i - moves[k][0], m - moves[k][1]);
        bool matched = get(j, j->sim, i - moves[k][0], m - moves[k][1]) > 0;
        if (!match) v -= matched ? j->onset : j->extend;
        if (v > best) best = v, *move = k;
    }
    return best;
}

static void one_cell(const job *j, size_t i, size_t m) {
    double here = get(j, j->sim, i, m);
    int move = 0;
    if (i == 0 || m == 0) {
        put(j, i, m, here);
        return;
    }
    double best = before(j, i, m, &move);
    put(j, i, m, here > 0 ? best + here : fmax(best, 0));
}

static void one_row(const job *j, size_t i) {
    for (size_t m = 0; m < (i < 2 ? j->columns : BASE_MIN(j->columns, 2)); m++) one_cell(j, i, m);
    if (i < 2) return;
    j->k->rqa_row(j->columns, j->knight, j->onset, j->extend, row(j, j->sim, i), row(j, j->sim, i - 1),
                  row(j, j->sim, i - 2), row(j, j->score, i - 1), row(j, j->score, i - 2), row(j, j->score, i));
}

/* --- the way back --------------------------------------------------------------------------------------------- */

static size_t best_cell(const job *j) {
    size_t at = 0;
    for (size_t i = 1; i < j->rows * j->columns; i++)
        if (get(j, j->score, 0, i) > get(j, j->score, 0, at)) at = i;
    return at;
}

/* From the best cell to the first of its path; cells to path, if not NULL, from behind. Returns their number. */
static size_t walk(const job *j, size_t at, int64_t *path, size_t length) {
    size_t i = at / j->columns, m = at % j->columns, n = 0;
    for (;;) {
        double here = get(j, j->sim, i, m);
        bool edge = i == 0 || m == 0;
        if (edge ? here == 0 : !(here > 0) && get(j, j->score, i, m) == 0) return n;   /* no path comes here */
        n++;
        if (path) path[2 * (length - n)] = (int64_t)i, path[2 * (length - n) + 1] = (int64_t)m;
        if (edge) return n;
        int move = 0;
        before(j, i, m, &move);
        i -= moves[move][0];
        m -= moves[move][1];
    }
}

static sori_array *path_of(sori_ctx *c, const job *j) {
    size_t at = best_cell(j), n = walk(j, at, NULL, 0);
    sori_array *a = array_new_raw(c, SORI_I64, 2, (size_t[]){ n, 2 });
    if (a) walk(j, at, a->data, n);
    return a;
}

/* --- the gate ------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, const sori_array *sim, const job *j) {
    if (base_failed(c)) return false;
    if (!sim) sori_fail(c, SORI_EINVAL, "rqa: no similarity matrix given");
    else if (sim->ndim != 2 || !array_is_real(sim))
        sori_fail(c, SORI_EINVAL, "rqa: the similarity matrix must be float32 or float64 of two axes");
    else if (sim->size == 0) sori_fail(c, SORI_EINVAL, "rqa: the similarity matrix has no cells");
    else if (!(j->onset >= 0 && isfinite(j->onset)))
        sori_fail(c, SORI_EINVAL, "rqa: gap_onset %g is not 0 or above", j->onset);
    else if (!(j->extend >= 0 && isfinite(j->extend)))
        sori_fail(c, SORI_EINVAL, "rqa: gap_extend %g is not 0 or above", j->extend);
    for (size_t i = 0; !base_failed(c) && i < sim->size; i++)
        if (!isfinite(array_get(sim, i)))
            sori_fail(c, SORI_EINVAL, "rqa: value %zu of the similarity matrix is not finite", i);
    return !base_failed(c);
}

sori_rqa_result sori_rqa(sori_ctx *c, const sori_array *sim, const sori_rqa_config *config) {
    static const sori_rqa_config defaults;
    const sori_rqa_config *g = config ? config : &defaults;
    job j = { .knight = !g->no_knight_moves, .onset = feat_option(g->gap_onset, 1, 1),
              .extend = feat_option(g->gap_extend, 1, 1) };
    sori_rqa_result r = { NULL };
    if (!check(c, sim, &j)) return r;
    r.score = array_new_raw(c, sim->dtype, 2, sim->shape);
    if (!r.score) return r;
    j.wide = sim->dtype == SORI_F64;
    j.k = num_kernels_find(NULL, j.wide);
    j.sim = sim->data;
    j.score = r.score->data;
    j.rows = sim->shape[0];
    j.columns = sim->shape[1];
    for (size_t i = 0; i < j.rows && !base_interrupted(c); i++) one_row(&j, i);
    if (!g->no_backtrack && !base_failed(c)) r.path = path_of(c, &j);
    if (!base_failed(c)) return r;
    sori_array_free(c, r.score);
    return (sori_rqa_result){ NULL };
}
