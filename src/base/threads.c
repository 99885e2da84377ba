/* threads.c - the context's thread pool.
 *
 * One parallel call at a time: the caller publishes (fn, arg, n), wakes the workers and takes items itself; an
 * item is taken by one atomic add, so the order is free and the results must not depend on it. Workers wait
 * first by spinning briefly (a training step issues hundreds of calls a second), then on a condition variable,
 * so that an idle pool costs nothing and a shared machine is not starved.
 *
 * A call is finished when every worker that joined it has left it; a worker joins only while the call is open.
 * Cost: about 1 us when the workers are spinning, 10 us when they sleep, nothing when there is one thread.
 *
 * Where other processes want the cores too, a worker may lose its own in the middle of an item, and the caller waits
 * for milliseconds. Spinning then takes from the pool's own share, so after such a wait all spin little for a while.
 * And the system may put a woken worker on the caller's own core, where each takes the other's place; such a worker
 * steps aside, to any other core that the process may use. */
#define _GNU_SOURCE   /* sched_getcpu, sched_getaffinity, pthread_setaffinity_np */
#include "base/ctx.h"
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#define SPINS 2000       /* about 20 us of waiting before sleep */
#define FEW_SPINS 300    /* where cores are wanted by others, */
#define FEW_CALLS 2000   /* for so many calls */
#define LATE_S 0.001     /* a wait as of a worker that has lost its core */

#ifdef __linux__
typedef cpu_set_t cores;
static int this_core(void) { return sched_getcpu(); }
static void cores_allowed(cores *all) { if (sched_getaffinity(0, sizeof *all, all)) CPU_ZERO(all); }

/* The calling thread leaves a core for others that are allowed, if there are any. */
static void leave_core(int core, const cores *all) {
    cores others = *all;
    CPU_CLR(core, &others);
    if (CPU_COUNT(&others)) pthread_setaffinity_np(pthread_self(), sizeof others, &others);
}
#else
typedef char cores;
static int this_core(void) { return -1; }
static void cores_allowed(cores *all) { *all = 0; }
static void leave_core(int core, const cores *all) { (void)core, (void)all; }
#endif

struct base_pool {
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    pthread_t threads[256];
    int count;                   /* workers started */
    atomic_uint_fast64_t call;   /* number of the current call; odd while open */
    atomic_size_t next;          /* next item */
    atomic_int inside;           /* workers in the call */
    atomic_int few;              /* calls for which to spin little */
    atomic_int core;             /* the core where the caller opened the call; -1: not known */
    cores cores;                 /* that the process may use */
    bool quit;
    size_t n;
    void (*fn)(void *, size_t);
    void *arg;
};

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int spins(base_pool *p) { return atomic_load(&p->few) > 0 ? FEW_SPINS : SPINS; }

static void cpu_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    sched_yield();
#endif
}

static void take_items(base_pool *p) {
    for (size_t i; (i = atomic_fetch_add(&p->next, 1)) < p->n;) p->fn(p->arg, i);
}

/* Wait for a call newer than seen; false when the pool is closing. Joins the call under the lock. */
static bool join_call(base_pool *p, uint_fast64_t *seen) {
    for (int i = 0, n = spins(p); i < n; i++) {
        if (atomic_load_explicit(&p->call, memory_order_acquire) > *seen) break;
        cpu_relax();
    }
    pthread_mutex_lock(&p->lock);
    for (;;) {
        uint_fast64_t call = atomic_load(&p->call);
        if (p->quit) break;
        if (call > *seen && call % 2 == 1) {
            *seen = call;
            atomic_fetch_add(&p->inside, 1);
            break;
        }
        pthread_cond_wait(&p->wake, &p->lock);
    }
    bool quit = p->quit;
    pthread_mutex_unlock(&p->lock);
    return !quit;
}

static void *worker(void *arg) {
    base_pool *p = arg;
    uint_fast64_t seen = 0;
    while (join_call(p, &seen)) {
        int core = atomic_load(&p->core);
        if (core >= 0 && core == this_core()) leave_core(core, &p->cores);
        take_items(p);
        if (atomic_fetch_sub(&p->inside, 1) == 1) {
            pthread_mutex_lock(&p->lock);
            pthread_cond_signal(&p->done);
            pthread_mutex_unlock(&p->lock);
        }
    }
    return NULL;
}

/* Workers that cannot be started are done without: results do not depend on their number. */
static base_pool *pool_start(sori_ctx *c) {
    base_pool *p = base_alloc(c, 1, sizeof *p);
    if (!p) return NULL;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    pthread_cond_init(&p->done, NULL);
    cores_allowed(&p->cores);
    while (p->count < c->threads - 1 && !pthread_create(&p->threads[p->count], NULL, worker, p)) p->count++;
    return p;
}

void base_pool_free(sori_ctx *c) {
    base_pool *p = c->pool;
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->quit = true;
    atomic_fetch_add(&p->call, 2);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->count; i++) pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    base_free(c, p);
    c->pool = NULL;
}

/* Until all workers have left the call. */
static void wait_for_workers(base_pool *p) {
    int few = atomic_load(&p->few);
    if (few) atomic_store(&p->few, few - 1);
    for (int i = 0, n = spins(p); i < n && atomic_load(&p->inside); i++) cpu_relax();
    if (!atomic_load(&p->inside)) return;
    double begun = now_s();
    pthread_mutex_lock(&p->lock);
    while (atomic_load(&p->inside)) pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
    if (now_s() - begun > LATE_S) atomic_store(&p->few, FEW_CALLS);
}

void base_parallel(sori_ctx *c, size_t n, void (*fn)(void *arg, size_t i), void *arg) {
    if (n > 1 && c->threads > 1 && !c->pool) {
        sori_status before = c->status;
        c->pool = pool_start(c);
        if (!c->pool && before == SORI_OK) sori_clear(c);   /* no memory for a pool: one thread will do */
    }
    base_pool *p = c->pool;
    if (n <= 1 || !p || p->count == 0) {
        for (size_t i = 0; i < n; i++) fn(arg, i);
        return;
    }
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->core, this_core());
    p->fn = fn;
    p->arg = arg;
    p->n = n;
    atomic_store(&p->next, 0);
    atomic_fetch_add_explicit(&p->call, 1, memory_order_release);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);

    take_items(p);

    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->call, 1);   /* even: nobody joins any more */
    pthread_mutex_unlock(&p->lock);
    wait_for_workers(p);
}

/* --- jobs that may fail ------------------------------------------------------------ */

struct each {
    base_job *fn;
    void *arg;
    sori_ctx *parent;
    size_t n, workers;
    sori_ctx **jobs;             /* one context a worker */
    atomic_size_t next, failed;  /* failed: lowest item that failed, n if none */
    size_t *failed_at;           /* per worker */
};

static void note_failure(struct each *e, size_t worker, size_t i) {
    e->failed_at[worker] = i;
    size_t seen = atomic_load(&e->failed);
    while (i < seen && !atomic_compare_exchange_weak(&e->failed, &seen, i)) {}
}

/* A worker runs items in rising order, so its first failure is its lowest. */
static void each_worker(void *arg, size_t w) {
    struct each *e = arg;
    sori_ctx *job = e->jobs[w];
    for (size_t i; (i = atomic_fetch_add(&e->next, 1)) < e->n && i < atomic_load(&e->failed);) {
        if (!base_interrupted(job)) e->fn(job, e->arg, i);
        if (base_failed(job)) {
            note_failure(e, w, i);
            return;
        }
    }
}

sori_status base_each(sori_ctx *c, size_t n, base_job *fn, void *arg) {
    if (base_failed(c) || n == 0) return sori_error(c);
    struct each e = { .fn = fn, .arg = arg, .parent = c, .n = n };
    e.workers = BASE_MIN(n, (size_t)c->threads);
    e.jobs = base_alloc(c, e.workers, sizeof *e.jobs);
    e.failed_at = base_alloc(c, e.workers, sizeof *e.failed_at);
    atomic_init(&e.next, 0);
    atomic_init(&e.failed, n);
    for (size_t w = 0; e.jobs && w < e.workers; w++) e.jobs[w] = base_fork(c);
    if (e.jobs && !base_failed(c)) base_parallel(c, e.workers, each_worker, &e);
    for (size_t w = 0; e.jobs && w < e.workers; w++) {
        sori_ctx *job = e.jobs[w];
        if (job && base_failed(job) && e.failed_at && e.failed_at[w] == atomic_load(&e.failed))
            sori_fail(c, job->status, "%s", job->message);
        sori_close(job);
    }
    base_free(c, e.jobs);
    base_free(c, e.failed_at);
    return sori_error(c);
}
