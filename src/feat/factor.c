/* factor.c - a spectrogram times a few vectors, cut into shards of columns or of rows.
 *
 * A shard belongs to one thread and its sums to no other, so their number is not seen in the results. */
#include "feat/factor.h"

#define COLUMNS 256   /* of a shard: 1 KB of a row */
#define ROWS 64

typedef struct job {
    const feat_matrix *m;
    const char *from;
    char *to;
    double *gram;
    size_t length;        /* of the vectors of gram */
} job;

static size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

feat_matrix feat_matrix_of(const float *S, size_t rows, size_t columns, size_t k, bool exact) {
    return (feat_matrix){ .S = S, .rows = rows, .columns = columns, .tall = round_up(rows, NUM_LANES),
                          .wide = round_up(columns, NUM_LANES), .k = k, .room = round_up(k, NUM_FACTORS),
                          .kernels = num_kernels_find(NULL, exact) };
}

static void *zeros(sori_ctx *c, const feat_matrix *m, size_t length) {
    size_t n;
    if (!base_mul_overflows(m->room, length, &n)) return base_alloc(c, n, m->kernels->real_size);
    sori_fail(c, SORI_ENOMEM, "out of memory");
    return NULL;
}

void *feat_tall(sori_ctx *c, const feat_matrix *m) { return zeros(c, m, m->tall); }
void *feat_wide(sori_ctx *c, const feat_matrix *m) { return zeros(c, m, m->wide); }

static void project_shard(void *arg, size_t i) {
    const job *j = arg;
    const feat_matrix *m = j->m;
    size_t first = i * COLUMNS, n = BASE_MIN(m->columns - first, COLUMNS);
    m->kernels->project(m->rows, n, m->S + first, m->columns, m->room, j->from, m->tall,
                        j->to + first * m->kernels->real_size, m->wide);
}

void feat_project(sori_ctx *c, const feat_matrix *m, const void *tall, void *wide) {
    job j = { .m = m, .from = tall, .to = wide };
    base_parallel(c, (m->columns + COLUMNS - 1) / COLUMNS, project_shard, &j);
}

static void expand_shard(void *arg, size_t i) {
    const job *j = arg;
    const feat_matrix *m = j->m;
    size_t first = i * ROWS, n = BASE_MIN(m->rows - first, ROWS);
    m->kernels->expand(n, m->columns, m->S + first * m->columns, m->columns, m->room, j->from, m->wide,
                       j->to + first * m->kernels->real_size, m->tall);
}

void feat_expand(sori_ctx *c, const feat_matrix *m, const void *wide, void *tall) {
    job j = { .m = m, .from = wide, .to = tall };
    base_parallel(c, (m->rows + ROWS - 1) / ROWS, expand_shard, &j);
}

static void gram_row(void *arg, size_t i) {
    const job *j = arg;
    size_t k = j->m->k, step = j->length * j->m->kernels->real_size;
    for (size_t r = 0; r <= i; r++)
        j->gram[i * k + r] = j->gram[r * k + i] = j->m->kernels->dot(j->length, j->from + i * step, j->from + r * step);
}

void feat_gram(sori_ctx *c, const feat_matrix *m, const void *vectors, size_t length, double *gram) {
    job j = { .m = m, .from = vectors, .gram = gram, .length = length };
    base_parallel(c, m->k, gram_row, &j);
}
