/* oom.h - fail every allocation of a job in turn, as SQLite's tests do.
 *
 * A job runs on a fresh context whose allocator refuses the n-th request: once (the next ones succeed) and from
 * then on (memory stays exhausted), for n = 1, 2, ... as many as an undisturbed run makes. n = 1 refuses the context
 * itself, so a job is also run with a NULL context. After every run:
 *   - the context says SORI_ENOMEM, or the job did without that memory and its result is the undisturbed one;
 *   - all memory was given back when the context is closed;
 *   - the output file, if there is one, is the old one or a whole new one, and no temporary lies beside it.
 * Memory is handed out full of rubbish, so a result that depends on what was never written differs too. */
#ifndef OOM_H
#define OOM_H

#include "arrays.h"
#include <dirent.h>
#include <stdatomic.h>
#include <unistd.h>

typedef struct oom_job {
    /* The work; returns a hash of its result, and whatever it likes when the context holds an error. */
    uint64_t (*run)(sori_ctx *c, const void *arg);
    const void *arg;
    const char *output;    /* the file it writes, or NULL; put it alone into a folder of its own below TEST_SCRATCH */
    int threads;           /* of the context; 0: 1, where n always meets the same allocation */
    int most;              /* at most this many values of n, spread evenly; 0: all */
} oom_job;

struct oom_memory {
    atomic_long live, requests;
    long refuse;           /* the request to refuse; 0: none */
    bool sticky;           /* and all that follow */
};

static void *oom_alloc(void *user, size_t size) {
    struct oom_memory *m = user;
    long n = atomic_fetch_add(&m->requests, 1) + 1;
    void *p = NULL;
    if (m->refuse && (n == m->refuse || (m->sticky && n > m->refuse))) return NULL;
    if (posix_memalign(&p, 64, size) != 0) return NULL;
    atomic_fetch_add(&m->live, 1);
    return memset(p, 0xA5, size);
}

static void oom_free(void *user, void *p) {
    atomic_fetch_sub(&((struct oom_memory *)user)->live, 1);
    free(p);
}

static const char oom_old[] = "the file that was there before";

static void oom_put_old(const char *path) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(oom_old, 1, sizeof oom_old, f), sizeof oom_old);
    assert_int_equal(fclose(f), 0);
}

static uint64_t oom_hash_file(const char *path) {
    uint64_t h = BASE_HASH_START;
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s is gone", path);
    for (int byte; (byte = getc(f)) != EOF;) h = base_hash(h, &(char){ (char)byte }, 1);
    fclose(f);
    return h;
}

static int oom_files_beside(const char *path) {
    char folder[1024];
    int n = 0;
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
    closedir(dir);
    return n;
}

struct oom_outcome {
    sori_status status;
    uint64_t result, file;
    long requests, leaked;
    int temporaries;
    char message[256];
};

static struct oom_outcome oom_run(const oom_job *job, long refuse, bool sticky) {
    struct oom_memory memory = { .refuse = refuse, .sticky = sticky };
    sori_allocator allocator = { oom_alloc, oom_free, &memory };
    struct oom_outcome out = { 0 };
    if (job->output) oom_put_old(job->output);
    sori_ctx *c = sori_open(&(sori_options){ .allocator = &allocator, .threads = job->threads ? job->threads : 1 });
    out.result = job->run(c, job->arg);
    out.status = sori_error(c);
    snprintf(out.message, sizeof out.message, "%s", sori_message(c));
    sori_close(c);
    out.requests = atomic_load(&memory.requests);
    out.leaked = atomic_load(&memory.live);
    if (job->output) out.file = oom_hash_file(job->output);
    if (job->output) out.temporaries = oom_files_beside(job->output) - 1;
    return out;
}

/* What is wrong with outcome r, seeing that an undisturbed run gives good; NULL if nothing. */
static const char *oom_fault(const oom_job *job, const struct oom_outcome *r, const struct oom_outcome *good) {
    bool old_file = r->file == base_hash(BASE_HASH_START, oom_old, sizeof oom_old);
    if (r->status != SORI_OK && r->status != SORI_ENOMEM) return "another error than SORI_ENOMEM";
    if (r->leaked) return "memory leaked";
    if (r->temporaries) return "a temporary file was left";
    if (r->status == SORI_OK && r->result != good->result) return "a different result and no error";
    if (job->output && r->file != good->file && (r->status == SORI_OK || !old_file)) return "half a file was left";
    return NULL;
}

/* The whole exercise: NULL, or what went wrong, told in text as well. */
static const char *oom_find(const oom_job *job, char *text, size_t size) {
    struct oom_outcome good = oom_run(job, 0, false);
    const char *fault = good.status == SORI_OK ? oom_fault(job, &good, &good) : "fails with all memory";
    double step = job->most > 0 && good.requests > job->most ? (double)good.requests / job->most : 1;
    snprintf(text, size, "%s: %s", fault ? fault : "", good.message);
    for (int sticky = 0; sticky < 2; sticky++)
        for (double at = 1; !fault && at <= (double)good.requests; at += step) {
            struct oom_outcome r = oom_run(job, (long)at, sticky);
            fault = oom_fault(job, &r, &good);
            snprintf(text, size, "request %ld of %ld refused%s: %s: %s", (long)at, good.requests,
                     sticky ? " for good" : "", fault ? fault : "", r.message);
        }
    return fault;
}

static void oom_every(const oom_job *job) {
    char text[512];
    if (oom_find(job, text, sizeof text)) fail_msg("%s", text);
}

#endif
