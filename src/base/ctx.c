/* ctx.c - open and close a context; the first error, warnings, interruption.
 *
 * The context is plain data plus a lazily started thread pool. Errors are sticky: sori_fail keeps the first
 * sentence only, because later ones are its consequences. */
#include "base/ctx.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_PAGE ((size_t)1 << 21)

/* Large blocks ask for huge pages: the first touch of 4 KB pages costs more than the FFT that fills them (212 MB, the
 * STFT of 10 minutes: 85 ms, with huge pages 18). Where the system has none, nothing changes. From 32 MB on glibc gives
 * every block back to the system at once, so those are aligned to huge pages; smaller ones, which it mostly keeps and
 * which are then touched already, take the huge pages that happen to lie within. */
static void *malloc_aligned(void *user, size_t size) {
    (void)user;
    void *p = NULL;
    if (posix_memalign(&p, size >= 16 * HUGE_PAGE ? HUGE_PAGE : BASE_ALIGN, size) != 0) return NULL;
#ifdef MADV_HUGEPAGE
    size_t skipped = (HUGE_PAGE - (uintptr_t)p % HUGE_PAGE) % HUGE_PAGE;
    if (size >= 2 * HUGE_PAGE) madvise((char *)p + skipped, (size - skipped) / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
    return p;
}

static void free_aligned(void *user, void *p) {
    (void)user;
    free(p);
}

static int online_processors(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 256 ? 256 : (int)n;
}

sori_ctx *sori_open(const sori_options *options) {
    static const sori_options defaults;
    static const sori_allocator standard = { malloc_aligned, free_aligned, NULL };
    if (!options) options = &defaults;
    const sori_allocator *a = options->allocator ? options->allocator : &standard;
    sori_ctx *c = a->alloc(a->user, sizeof *c);
    if (!c) return NULL;
    memset(c, 0, sizeof *c);
    c->allocator = *a;
    c->options = *options;
    c->threads = options->threads > 0 ? BASE_MIN(options->threads, 256) : online_processors();
    c->scoped.prev = c->scoped.next = &c->scoped;
    atomic_init(&c->interrupt_flag, false);
    c->interrupt = &c->interrupt_flag;
    return c;
}

static sori_ctx *fork_with(sori_ctx *c, sori_options options) {
    options.threads = 1;
    options.allocator = &c->allocator;
    sori_ctx *child = sori_open(&options);
    if (!child) {
        sori_fail(c, SORI_ENOMEM, "out of memory");
        return NULL;
    }
    child->interrupt = c->interrupt;
    return child;
}

sori_ctx *base_fork(sori_ctx *c) { return fork_with(c, c->options); }

sori_ctx *base_fork_run(sori_ctx *c, uint64_t seed) {
    sori_options options = c->options;
    options.seed = seed;
    options.warn = NULL;
    return fork_with(c, options);
}

struct base_text {
    struct base_text *next;
    char text[];
};

void sori_close(sori_ctx *c) {
    if (!c) return;
    base_pool_free(c);
    while (c->scoped.prev != &c->scoped) base_scoped_free(c, c->scoped.prev + 1);
    for (struct base_text *t = c->texts, *next; t; t = next) {
        next = t->next;
        base_free(c, t);
    }
    sori_allocator a = c->allocator;
    a.free(a.user, c);
}

const char *base_intern(sori_ctx *c, const char *s) {
    for (struct base_text *t = c->texts; t; t = t->next)
        if (!strcmp(t->text, s)) return t->text;
    size_t n = strlen(s) + 1;
    struct base_text *t = base_alloc_raw(c, sizeof *t + n, 1);
    if (!t) return NULL;
    memcpy(t->text, s, n);
    t->next = c->texts;
    c->texts = t;
    return t->text;
}

sori_status sori_error(const sori_ctx *c) { return c ? c->status : SORI_ENOMEM; }
bool base_failed(const sori_ctx *c) { return sori_error(c) != SORI_OK; }
const char *sori_message(const sori_ctx *c) { return c ? c->message : "out of memory"; }

void sori_clear(sori_ctx *c) {
    if (!c) return;
    c->status = SORI_OK;
    c->message[0] = 0;
    atomic_store_explicit(&c->interrupt_flag, false, memory_order_relaxed);
}

sori_status sori_fail(sori_ctx *c, sori_status status, const char *format, ...) {
    if (!c) return SORI_ENOMEM;
    if (c->status != SORI_OK || status == SORI_OK) return c->status;
    c->status = status;
    va_list args;
    va_start(args, format);
    base_vformat(c->message, sizeof c->message, format, args);
    va_end(args);
    return status;
}

void base_fail_in(sori_ctx *c, const char *where) {
    size_t n = strlen(where);
    if (!base_failed(c) || !c || (!strncmp(c->message, where, n) && c->message[n] == ':')) return;
    char sentence[sizeof c->message];
    memcpy(sentence, c->message, sizeof sentence);
    base_format(c->message, sizeof c->message, "%s: %s", where, sentence);
}

void base_warn(sori_ctx *c, const char *format, ...) {
    if (!c || !c->options.warn) return;
    char text[sizeof c->message];
    va_list args;
    va_start(args, format);
    base_vformat(text, sizeof text, format, args);
    va_end(args);
    c->options.warn(c->options.warn_user, text);
}

void sori_interrupt(sori_ctx *c) {
    if (c) atomic_store_explicit(c->interrupt, true, memory_order_relaxed);
}

bool base_interrupted(sori_ctx *c) {
    if (!atomic_load_explicit(c->interrupt, memory_order_relaxed)) return false;
    sori_fail(c, SORI_EINTR, "interrupted");
    return true;
}

int sori_threads(const sori_ctx *c) { return c ? c->threads : 0; }
uint64_t sori_seed(const sori_ctx *c) { return c ? c->options.seed : 0; }
const char *sori_version(void) { return SORI_VERSION; }

const char *sori_status_name(sori_status status) {
    switch (status) {
    case SORI_OK: return "ok";
    case SORI_EINVAL: return "invalid argument";
    case SORI_EFORMAT: return "bad input";
    case SORI_EIO: return "input/output error";
    case SORI_ENOMEM: return "out of memory";
    case SORI_EMODEL: return "model rejected";
    case SORI_EDIVERGED: return "training diverged";
    case SORI_EINTR: return "interrupted";
    case SORI_EUNSUP: return "not built in";
    }
    return "unknown status";
}
