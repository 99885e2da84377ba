/* task/sweep.h - what the files of a sweep share.
 *
 * A grid's combinations are its rows, numbered with the last axis running fastest; runs are [seeds][rows]. */
#ifndef TASK_SWEEP_H
#define TASK_SWEEP_H

#include "task/task.h"
#include <stdatomic.h>

typedef struct sweep_parameter sweep_parameter;

typedef struct sweep_run {
    size_t row;
    uint64_t seed;
    bool done, ok;                 /* ok: it has accuracies, else an error */
    double accuracy[SORI_SPLIT_COUNT];   /* of val and test; NaN without such a split */
    double seconds;
    size_t bad_files;
    char *error;
} sweep_run;

typedef struct sweep {
    sori_ctx *c;
    const char *data, *dir;
    const sori_sweep_config *config;
    const sweep_parameter **parameters;  /* [axis_count] */
    size_t rows, seeds;
    sori_split compared;           /* whose accuracy decides */
    char *folder, *cache;          /* of runs, of features */
    uint64_t *content;             /* [seeds] hash of the recordings as they are split */
    sweep_run *runs;               /* [seeds][rows] */
    size_t *pending, pending_count;/* runs to train */
    atomic_size_t next;            /* of pending */
    atomic_bool stopped;
    atomic_flag reporting;
    size_t finished;               /* of pending; guarded by reporting */
} sweep;

static inline size_t sweep_run_count(const sweep *s) { return s->rows * s->seeds; }

/* --- sweep_grid.c ------------------------------------------------------------------------------------------------- */

/* Gate: all axes; sets parameters, rows and seeds. */
bool task_sweep_check(sweep *s);
/* What axis a's parameter is, in a phrase. */
const char *task_sweep_summary(const sweep *s, size_t a);
/* Index of axis a's value in that row. */
size_t task_sweep_value_at(const sweep *s, size_t row, size_t a);
/* The settings of a row. */
sori_train_config task_sweep_settings(sori_ctx *c, const sweep *s, size_t row);
/* The same as a JSON object. */
struct json_t *task_sweep_settings_json(const sweep *s, size_t row);
/* "sr=8000 n_mels=40 seed=1" of the axes with several values; freed by base_free. */
char *task_sweep_run_name(sori_ctx *c, const sweep *s, const sweep_run *r);

/* --- sweep_run.c -------------------------------------------------------------------------------------------------- */

/* Whether the run is found done in the folder; then it has its result. */
bool task_sweep_find_run(sweep *s, sweep_run *r);
/* Train it and leave its result in the folder. What its settings are to blame for is a result, else job fails. */
void task_sweep_train_run(sori_ctx *job, const sweep *s, sweep_run *r);

/* --- sweep_table.c, sweep_report.c -------------------------------------------------------------------------------- */

/* Rows and margins, in the innermost scope. */
void task_sweep_tabulate(const sweep *s, sori_sweep_result *out);
/* results.csv, pictures and page. */
void task_sweep_report(const sweep *s, const sori_sweep_result *r);

#endif
