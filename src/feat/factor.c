/* factor.c - a spectrogram times a few vectors and back, in one pass.
 *
 * A strip of columns that fits the second cache is projected on vectors, and what came of it, perhaps changed, expanded
 * again before it leaves the cache: these products have few operations a value, and memory is what they wait for.
 * Strips are dealt to at most GROUPS groups, which add up their part of the expansion each, and the groups in their
 * order: the number of threads is not seen in the results. */
#include "feat/factor.h"
#include <string.h>

#define STRIP_VALUES (1 << 18)   /* a megabyte: about the second cache */
#define GROUPS 16

feat_matrix feat_matrix_of(const float *S, size_t rows, size_t columns, size_t k, bool exact) {
    return (feat_matrix){ .S = S, .rows = rows, .columns = columns, .tall = base_round_up(rows, NUM_LANES),
                          .wide = base_round_up(columns, NUM_LANES), .k = k, .room = base_round_up(k, NUM_FACTORS),
                          .kernels = num_kernels_find(NULL, exact) };
}

static void *zeros(sori_ctx *c, const feat_matrix *m, size_t vectors, size_t length) {
    size_t n;
    if (!base_mul_overflows(vectors, length, &n)) return base_alloc(c, n, m->kernels->real_size);
    sori_fail(c, SORI_ENOMEM, "out of memory");
    return NULL;
}

void *feat_tall(sori_ctx *c, const feat_matrix *m) { return zeros(c, m, m->room, m->tall); }
void *feat_wide(sori_ctx *c, const feat_matrix *m) { return zeros(c, m, m->room, m->wide); }

/* --- strips ----------------------------------------------------------------------------------------------------- */

static size_t strip_columns(const feat_matrix *m) {
    size_t columns = STRIP_VALUES / m->rows / 64 * 64;   /* a multiple of what project takes at once */
    return BASE_MIN(BASE_MAX(columns, 64), 1024);
}

size_t feat_strips(const feat_matrix *m) { return (m->columns + strip_columns(m) - 1) / strip_columns(m); }

static size_t groups_of(const feat_matrix *m) { return BASE_MIN(feat_strips(m), GROUPS); }

void *feat_parts(sori_ctx *c, const feat_matrix *m) { return zeros(c, m, m->room * groups_of(m), m->tall); }

static void one_strip(const feat_sweep *s, size_t strip, char *part) {
    const feat_matrix *m = s->m;
    size_t real = m->kernels->real_size, first = strip * strip_columns(m);
    size_t n = BASE_MIN(m->columns - first, strip_columns(m));
    const float *S = m->S + first;
    m->kernels->project(m->rows, n, S, m->columns, m->room, s->tall, m->tall, (char *)s->products + first * real,
                        m->wide);
    if (s->change) s->change(s->arg, strip, first, n);
    if (s->sums)
        m->kernels->expand(m->rows, n, S, m->columns, m->room, (char *)s->wide + first * real, m->wide, part, m->tall);
}

static void one_group(void *arg, size_t g) {
    const feat_sweep *s = arg;
    size_t strips = feat_strips(s->m), groups = groups_of(s->m), size = s->m->room * s->m->tall;
    char *part = (char *)s->parts + g * size * s->m->kernels->real_size;
    if (s->sums) memset(part, 0, size * s->m->kernels->real_size);
    for (size_t i = strips * g / groups; i < strips * (g + 1) / groups; i++) one_strip(s, i, part);
}

void feat_sweep_run(sori_ctx *c, const feat_sweep *s) {
    feat_sweep copy = *s;
    size_t groups = groups_of(s->m), size = s->m->room * s->m->tall, bytes = size * s->m->kernels->real_size;
    base_parallel(c, groups, one_group, &copy);
    if (!s->sums) return;
    memcpy(s->sums, s->parts, bytes);
    for (size_t g = 1; g < groups; g++)
        s->m->kernels->add_scaled(size, 1, (char *)s->parts + g * bytes, s->sums);
}

/* --- scalar products -------------------------------------------------------------------------------------------- */

typedef struct job {
    const feat_matrix *m;
    const char *vectors;
    double *gram;
    size_t length;
} job;

static void gram_row(void *arg, size_t i) {
    const job *j = arg;
    size_t k = j->m->k, step = j->length * j->m->kernels->real_size;
    for (size_t r = 0; r <= i; r++) {
        double product = j->m->kernels->dot(j->length, j->vectors + i * step, j->vectors + r * step);
        j->gram[i * k + r] = j->gram[r * k + i] = product;
    }
}

void feat_gram(sori_ctx *c, const feat_matrix *m, const void *vectors, size_t length, double *gram) {
    job j = { m, vectors, gram, length };
    base_parallel(c, m->k, gram_row, &j);
}
