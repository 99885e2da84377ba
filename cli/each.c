/* each.c - one function for every file, on several threads, as if it were done one by one.
 *
 * Files are independent, and half the time of a small one is waiting for the disk, so each thread takes the next file,
 * with a context of its own. What a file prints is kept until those before it are shown: the output does not depend on
 * the number of threads, nor does the first failure. */
#include "cli.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define AHEAD 1024   /* files that may be done before an earlier one: bounds what is kept */

/* What came of one file. */
typedef struct result {
    int code;
    char *out, *err;             /* text for standard output and standard error */
    size_t out_size, err_size;
    bool done;
} result;

typedef struct crew {
    cli *k;
    const cli_each *each;
    result *results;             /* [operand_count] */
    size_t next, shown;          /* to be taken, to be shown */
    size_t printed, done, failed;   /* results with text, without and with a failure */
    int last_failure;
    bool stopped;
    pthread_mutex_t lock;        /* of next, shown, stopped and every done */
    pthread_cond_t changed;
    cli_progress progress;
} crew;

/* --- one file -------------------------------------------------------------------------------------------------- */

static void run_one(const crew *w, cli *k, size_t i) {
    result *r = &w->results[i];
    k->out = open_memstream(&r->out, &r->out_size);
    r->code = CLI_EXIT_MEMORY;
    if (!k->out) cli_error(k, "out of memory");
    else r->code = w->each->fn(k, k->operands[i], w->each->user);
    if (k->out) fclose(k->out);
    k->out = stdout;
    sori_clear(k->c);
}

static void put_separator(crew *w) {
    bool list = w->each->list && w->k->json;
    if (w->printed++ == 0) fputs(list ? "[\n  " : w->k->json || !w->each->heading ? "" : w->each->heading, stdout);
    else if (list) fputs(",\n  ", stdout);
}

/* Print the next result. False when the work should end. */
static bool show(crew *w, size_t i) {
    result *r = &w->results[i];
    if (r->out_size) {
        cli_progress_end(&w->progress);
        put_separator(w);
        fwrite(r->out, 1, r->out_size, stdout);
    }
    bool kept = w->each->tally && r->code != CLI_EXIT_OK && r->code != CLI_EXIT_INTERRUPTED;
    if (r->err_size) {
        if (!kept) cli_progress_end(&w->progress);
        fwrite(r->err, 1, r->err_size, kept ? w->each->tally->failures : stderr);
    }
    if (r->code != CLI_EXIT_OK) w->failed++, w->last_failure = r->code;
    else w->done++;
    free(r->out);
    free(r->err);
    r->out = r->err = NULL;
    if (w->each->counted && w->k->operand_count > 1)
        cli_progress_count(&w->progress, w->k->command->name, i + 1, w->k->operand_count);
    return r->code != CLI_EXIT_INTERRUPTED && !ferror(stdout);
}

/* --- on this thread -------------------------------------------------------------------------------------------- */

/* With messages kept, as on several. */
static void run_kept(const crew *w, cli *k, size_t i) {
    result *r = &w->results[i];
    k->err = open_memstream(&r->err, &r->err_size);
    if (!k->err) k->err = stderr;
    run_one(w, k, i);
    if (k->err != stderr) fclose(k->err);
    k->err = stderr;
}

static void run_here(crew *w) {
    bool go_on = true;
    for (size_t i = 0; i < w->k->operand_count && go_on; i++) {
        if (cli_interrupted()) w->results[i].code = CLI_EXIT_INTERRUPTED;
        else (w->each->tally ? run_kept : run_one)(w, w->k, i);
        go_on = show(w, i);
    }
}

/* --- on several ------------------------------------------------------------------------------------------------ */

/* The next file to do; operand_count when there is none. */
static size_t take(crew *w) {
    size_t n = w->k->operand_count;
    pthread_mutex_lock(&w->lock);
    while (!w->stopped && w->next < n && w->next >= w->shown + AHEAD) pthread_cond_wait(&w->changed, &w->lock);
    size_t i = w->stopped || cli_interrupted() ? n : w->next;
    if (i < n) w->next++;
    pthread_mutex_unlock(&w->lock);
    return i;
}

/* NULL: the thread ends, which Ctrl-C makes worth knowing. */
static void finish_result(crew *w, result *r) {
    pthread_mutex_lock(&w->lock);
    if (r) r->done = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

typedef struct worker {
    crew *crew;
    cli k;                       /* the run as this thread sees it */
    pthread_t thread;
    bool started;
} worker;

static void *work(void *arg) {
    worker *me = arg;
    crew *w = me->crew;
    for (size_t i; (i = take(w)) < w->k->operand_count;) {
        run_kept(w, &me->k, i);
        finish_result(w, &w->results[i]);
    }
    finish_result(w, NULL);
    return NULL;
}

/* A worker's thread takes no signals: their handler looks at contexts, which only this thread closes. */
static void start_worker(worker *me, crew *w, int threads) {
    *me = (worker){ .crew = w, .k = *w->k };
    me->k.c = cli_open_context(&me->k, threads);
    if (!me->k.c) return;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    me->started = pthread_create(&me->thread, NULL, work, me) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Wait for every result in order; what nobody took because of Ctrl-C counts as interrupted. */
static void show_all(crew *w) {
    for (size_t i = 0; i < w->k->operand_count; i++) {
        pthread_mutex_lock(&w->lock);
        while (!w->results[i].done && !(cli_interrupted() && i >= w->next)) pthread_cond_wait(&w->changed, &w->lock);
        if (!w->results[i].done) w->results[i].code = CLI_EXIT_INTERRUPTED;
        pthread_mutex_unlock(&w->lock);
        bool go_on = show(w, i);
        pthread_mutex_lock(&w->lock);
        w->shown = i + 1;
        w->stopped = !go_on;
        pthread_cond_broadcast(&w->changed);
        pthread_mutex_unlock(&w->lock);
        if (!go_on) return;
    }
}

static void run_on_threads(crew *w, size_t count) {
    worker *workers = cli_alloc(count, sizeof *workers);
    size_t started = 0;
    int each = sori_threads(w->k->c) / (int)count;
    for (size_t i = 0; i < count; i++) {
        start_worker(&workers[i], w, each ? each : 1);
        started += workers[i].started;
    }
    if (started) show_all(w);
    else run_here(w);
    for (size_t i = 0; i < count; i++) {
        if (workers[i].started) pthread_join(workers[i].thread, NULL);
        cli_close_context(workers[i].k.c);
    }
    free(workers);
}

/* --- all ------------------------------------------------------------------------------------------------------- */

int cli_each_file(cli *k, const cli_each *each) {
    crew w = { .k = k, .each = each, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER,
               .progress = cli_progress_new(k) };
    size_t n = k->operand_count, threads = each->jobs ? each->jobs : (size_t)sori_threads(k->c);
    w.results = cli_alloc(n, sizeof *w.results);
    if (threads > n) threads = n;
    if (threads > 1 && !each->serial) run_on_threads(&w, threads);
    else run_here(&w);
    cli_progress_end(&w.progress);
    for (size_t i = 0; i < n; i++) free(w.results[i].out), free(w.results[i].err);
    free(w.results);
    if (each->list && k->json) puts(w.printed ? "\n]" : "[]");
    bool interrupted = w.last_failure == CLI_EXIT_INTERRUPTED;
    if (each->tally) each->tally->done = w.done, each->tally->failed = w.failed - interrupted;
    if (interrupted) return CLI_EXIT_INTERRUPTED;
    if (w.failed == 0 || n == 1) return w.last_failure;
    if (each->tally) return CLI_EXIT_SOME_FAILED;
    cli_say(k, "%zu of %zu files failed", w.failed, n);
    return CLI_EXIT_SOME_FAILED;
}

int cli_each_operand(cli *k, int (*fn)(cli *k, const char *path, void *user), void *user) {
    return cli_each_file(k, &(cli_each){ .fn = fn, .user = user, .serial = true });
}
