/* sweep.c - which settings pay: every combination of a grid trained, with as many seeds as are asked for.
 *
 *   check the grid -> hash the recordings -> what is done already? -> train the rest, several at once -> tables, pages
 *
 * Runs are jobs on contexts of one thread and share nothing but the feature cache, whose entries are the bits that
 * would be computed; so neither the number of jobs nor the order in which runs end changes a result. */
#include "task/sweep.h"
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* --- recordings --------------------------------------------------------------------------------------------------- */

typedef struct hashing {
    const sweep *s;
    const sori_list *list;
    uint64_t (*hash)[2];           /* [count] */
    atomic_size_t done;
    atomic_flag reporting;
} hashing;

/* One that cannot be read counts as empty: the datasets say more about it. */
static void hash_one(sori_ctx *job, void *arg, size_t i) {
    hashing *h = arg;
    const sori_sweep_config *k = h->s->config;
    if (!data_hash_file(job, h->list->items[i].path, h->hash[i]) && sori_error(job) == SORI_EIO) sori_clear(job);
    size_t done = atomic_fetch_add(&h->done, 1) + 1;
    if (!k->progress || atomic_flag_test_and_set(&h->reporting)) return;
    k->progress(k->user, "reading recordings", done, h->list->count);
    atomic_flag_clear(&h->reporting);
}

static bool has_split(const sori_list *list, sori_split split) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].split == split) return true;
    return false;
}

/* Labels, splits and bytes, in the list's order: where the files lie does not matter. */
static uint64_t hash_split(const sori_list *list, const uint64_t (*hash)[2]) {
    uint64_t h = BASE_HASH_START;
    for (size_t i = 0; i < list->count; i++) {
        const char *label = list->labels[list->items[i].label];
        h = base_hash(h, label, strlen(label) + 1);
        h = base_hash(h, &list->items[i].split, sizeof list->items[i].split);
        h = base_hash(h, hash[i], sizeof hash[i]);
    }
    return h;
}

static void choose_compared(sweep *s, const sori_list *list) {
    bool test = has_split(list, SORI_TEST), val = has_split(list, SORI_VAL);
    s->compared = test && !s->config->by_validation ? SORI_TEST : SORI_VAL;
    if (s->compared == SORI_VAL && !val)
        sori_fail(s->c, SORI_EINVAL, "sweep: there are no %s recordings to compare the runs by",
                  test ? "validation" : "validation or test");
}

/* Each seed has a split of its own, as `sori train --seed` has. */
static void hash_data(sweep *s) {
    hashing h = { .s = s, .list = sori_scan(s->c, s->data, &s->config->scan), .reporting = ATOMIC_FLAG_INIT };
    if (base_failed(s->c)) return;
    h.hash = base_alloc(s->c, h.list->count, sizeof *h.hash);
    s->content = base_alloc(s->c, s->seeds, sizeof *s->content);
    base_each(s->c, h.list->count, hash_one, &h);
    for (size_t i = 0; i < s->seeds && !base_failed(s->c); i++) {
        sori_split_config split = s->config->split;
        split.seed = sori_seed(s->c) + i;
        const sori_list *list = sori_split_list(s->c, h.list, &split);
        if (list && i == 0) choose_compared(s, list);
        if (list) s->content[i] = hash_split(list, (const uint64_t (*)[2])h.hash);
    }
    base_free(s->c, h.hash);
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

static void plan(sweep *s) {
    size_t n = sweep_run_count(s);
    s->runs = base_alloc(s->c, n, sizeof *s->runs);
    s->pending = base_alloc(s->c, n, sizeof *s->pending);
    for (size_t i = 0; i < n && !base_failed(s->c); i++) {
        s->runs[i].row = i % s->rows;
        s->runs[i].seed = sori_seed(s->c) + i / s->rows;
        if (!task_sweep_find_run(s, &s->runs[i])) s->pending[s->pending_count++] = i;
    }
}

/* Reports are one at a time, and few. */
static void report_run(sori_ctx *job, sweep *s, const sweep_run *r) {
    const sori_sweep_config *k = s->config;
    char *name = k->on_run ? task_sweep_run_name(job, s, r) : NULL;
    if (!name) return;
    while (atomic_flag_test_and_set(&s->reporting)) sched_yield();
    s->finished++;
    k->on_run(k->user, &(sori_sweep_run){ .name = name, .done = s->finished, .total = s->pending_count,
                                          .accuracy = r->ok ? r->accuracy[s->compared] : NAN, .seconds = r->seconds,
                                          .error = r->error });
    atomic_flag_clear(&s->reporting);
    base_free(job, name);
}

/* One job takes run after run. A failure that is no result stops all of them. */
static void run_lane(sori_ctx *job, void *arg, size_t lane) {
    sweep *s = arg;
    (void)lane;
    while (!base_failed(job) && !atomic_load(&s->stopped)) {
        size_t i = atomic_fetch_add(&s->next, 1);
        if (i >= s->pending_count || base_interrupted(job)) break;
        sweep_run *r = &s->runs[s->pending[i]];
        task_sweep_train_run(job, s, r);
        if (r->done) report_run(job, s, r);
    }
    if (base_failed(job)) atomic_store(&s->stopped, true);
}

static void train_all(sweep *s) {
    size_t most = (size_t)sori_threads(s->c), jobs = s->config->jobs ? (size_t)s->config->jobs : most;
    base_each(s->c, BASE_MIN(BASE_MIN(jobs, most), s->pending_count), run_lane, s);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* A folder that cannot be written to is found before the training, not after. */
static void open_folder(sweep *s) {
    s->folder = base_path_join(s->c, s->dir, "runs");
    s->cache = s->config->cache ? base_strdup(s->c, s->config->cache) : base_path_join(s->c, s->dir, "cache");
    if (base_failed(s->c)) return;
    base_make_dirs(s->c, s->folder);
    char *probe = base_path_join(s->c, s->folder, "probe");
    sori_file_abort(probe ? sori_file_new(s->c, probe) : NULL);
    base_free(s->c, probe);
}

static void count_runs(const sweep *s, sori_sweep_result *out) {
    out->trained = s->pending_count;
    out->kept = sweep_run_count(s) - s->pending_count;
    for (size_t i = 0; i < sweep_run_count(s); i++) {
        out->failed += !s->runs[i].ok;
        out->bad_files = BASE_MAX(out->bad_files, s->runs[i].bad_files);
    }
    if (out->bad_files)
        base_warn(s->c, "%zu unreadable recording%s skipped", out->bad_files, out->bad_files == 1 ? " was" : "s were");
}

static void run(sweep *s, sori_sweep_result *out) {
    if (!task_sweep_check(s)) return;
    int scope = sori_begin(s->c);
    hash_data(s);
    sori_end(s->c, scope, NULL);
    if (!base_failed(s->c)) open_folder(s);
    if (!base_failed(s->c)) plan(s);
    if (!base_failed(s->c)) train_all(s);
    if (base_failed(s->c)) return;
    sori_sweep_result result = { .axes = s->config->axes, .axis_count = s->config->axis_count, .seeds = s->seeds,
                                 .by_validation = s->compared == SORI_VAL };
    count_runs(s, &result);
    task_sweep_tabulate(s, &result);
    if (!base_failed(s->c)) task_sweep_report(s, &result);
    if (!base_failed(s->c)) *out = result;
}

static void close_sweep(sweep *s) {
    for (size_t i = 0; s->runs && i < sweep_run_count(s); i++) base_free(s->c, s->runs[i].error);
    base_free(s->c, s->runs);
    base_free(s->c, s->pending);
    base_free(s->c, s->content);
    base_free(s->c, s->folder);
    base_free(s->c, s->cache);
    base_free(s->c, s->parameters);
}

sori_status sori_sweep(sori_ctx *c, const char *data, const char *dir, const sori_sweep_config *config,
                       sori_sweep_result *out) {
    static const sori_sweep_config defaults;
    sori_sweep_result unseen;
    if (base_failed(c)) return sori_error(c);
    if (!data || !dir) return sori_fail(c, SORI_EINVAL, "sweep: %s", data ? "no folder to write" : "no data given");
    sweep s = { .c = c, .data = data, .dir = dir, .config = config ? config : &defaults,
                .reporting = ATOMIC_FLAG_INIT };
    run(&s, out ? out : &unseen);
    close_sweep(&s);
    return sori_error(c);
}
