/* ahead.c - jobs done ahead of their use, in order, on a thread of their own.
 *
 * Two slots: while the user works on job i in slot i mod 2, the thread does job i + 1 in the other. The thread and the
 * user never hold the same slot, so the jobs' own buffers need no lock. Where no thread can be had, or the context has
 * one thread only, a job is done when it is waited for: the same results, only later. */
#include "base/ctx.h"
#include <pthread.h>

struct base_ahead {
    sori_ctx *c, *worker;
    base_job *fn;
    void *arg;
    size_t next, end;          /* jobs the thread has still to do */
    bool ready[2], running, quit;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

base_ahead *base_ahead_new(sori_ctx *c, base_job *fn, void *arg) {
    base_ahead *a = base_alloc(c, 1, sizeof *a);
    if (!a) return NULL;
    *a = (base_ahead){ .c = c, .fn = fn, .arg = arg, .worker = base_fork(c) };
    if (!a->worker) {
        base_free(c, a);
        return NULL;
    }
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
    return a;
}

/* Wait until the slot is in the wanted state; false when told to quit. */
static bool wait_for(base_ahead *a, size_t slot, bool ready) {
    pthread_mutex_lock(&a->lock);
    while (a->ready[slot] != ready && !a->quit) pthread_cond_wait(&a->changed, &a->lock);
    bool go_on = !a->quit;
    pthread_mutex_unlock(&a->lock);
    return go_on;
}

static void mark(base_ahead *a, size_t slot, bool ready) {
    pthread_mutex_lock(&a->lock);
    a->ready[slot] = ready;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
}

static void *run(void *arg) {
    base_ahead *a = arg;
    for (size_t job = a->next; job < a->end; job++) {
        if (!wait_for(a, job % 2, false)) break;
        a->fn(a->worker, a->arg, job);
        bool failed = base_failed(a->worker);
        mark(a, job % 2, true);   /* handed over also when it failed: the error is what the user gets */
        if (failed) break;
    }
    return NULL;
}

void base_ahead_stop(base_ahead *a) {
    if (!a || !a->running) return;
    pthread_mutex_lock(&a->lock);
    a->quit = true;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    a->running = a->quit = false;
}

void base_ahead_start(base_ahead *a, size_t first, size_t end) {
    base_ahead_stop(a);
    a->next = first;
    a->end = end;
    a->ready[0] = a->ready[1] = false;
    a->running = sori_threads(a->c) > 1 && pthread_create(&a->thread, NULL, run, a) == 0;
}

bool base_ahead_wait(base_ahead *a, size_t job) {
    if (base_failed(a->c)) return false;
    if (a->running) wait_for(a, job % 2, true);
    else a->fn(a->worker, a->arg, job);
    if (base_failed(a->worker)) sori_fail(a->c, sori_error(a->worker), "%s", sori_message(a->worker));
    return !base_failed(a->c);
}

void base_ahead_release(base_ahead *a, size_t job) {
    if (a->running) mark(a, job % 2, false);
}

void base_ahead_free(base_ahead *a) {
    if (!a) return;
    sori_ctx *c = a->c;
    base_ahead_stop(a);
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
    sori_close(a->worker);
    base_free(c, a);
}
