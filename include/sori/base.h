/* sori/base.h - context, errors, memory scopes.
 *
 * Everything in the library starts from a context. It remembers the first error with its message, owns the
 * arrays, the thread pool and the allocator. One context belongs to one thread of the caller at a time; two
 * contexts share nothing. After the first error every call is a no-op that returns NULL, zero or that status,
 * so a caller looks once, where it suits him.
 *
 *     sori_ctx *c = sori_open(NULL);
 *     ...
 *     if (sori_error(c)) fprintf(stderr, "%s\n", sori_message(c));
 *     sori_close(c);
 */
#ifndef SORI_BASE_H
#define SORI_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SORI_VERSION "0.1.0"

#if defined(__GNUC__)
#define SORI_API __attribute__((visibility("default")))
#define SORI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define SORI_API
#define SORI_PRINTF(fmt, args)
#endif

typedef struct sori_ctx sori_ctx;

/* What went wrong, in classes a program can act on. The command's exit codes follow from them. */
typedef enum sori_status {
    SORI_OK = 0,
    SORI_EINVAL,    /* an argument is outside its domain */
    SORI_EFORMAT,   /* a file's content is not what it should be */
    SORI_EIO,       /* open, read, write, sync or rename failed */
    SORI_ENOMEM,    /* an allocation failed */
    SORI_EMODEL,    /* a model file or layer table is rejected */
    SORI_EDIVERGED, /* training met NaN or infinity too often */
    SORI_EINTR,     /* sori_interrupt was called */
    SORI_EUNSUP     /* not built with the library this call needs */
} sori_status;

/* Where memory comes from. alloc returns size bytes aligned to 64, or NULL; both may be called from any thread. */
typedef struct sori_allocator {
    void *(*alloc)(void *user, size_t size);
    void (*free)(void *user, void *ptr);
    void *user;
} sori_allocator;

/* Options of a context; NULL or zero fields mean the default. */
typedef struct sori_options {
    int threads;                                    /* threads to use; 0: one per online processor */
    uint64_t seed;                                  /* the seed of every random draw; default 0 */
    const sori_allocator *allocator;                /* NULL: malloc */
    void (*warn)(void *user, const char *message);  /* told of things worth knowing; NULL: nobody is */
    void *warn_user;
    uint32_t reserved[8];                           /* zero */
} sori_options;

/* Open a context. NULL only when there is no memory or no thread; a NULL context may be passed to every call. */
SORI_API sori_ctx *sori_open(const sori_options *options);

/* Free the context and all arrays that belong to it. NULL is allowed. */
SORI_API void sori_close(sori_ctx *c);

/* The first error since sori_open or sori_clear; SORI_OK if none, SORI_ENOMEM for a NULL context. */
SORI_API sori_status sori_error(const sori_ctx *c);

/* The first error's sentence, "" if none. Valid until sori_clear or sori_close. */
SORI_API const char *sori_message(const sori_ctx *c);

/* Forget the error, and a call of sori_interrupt, to go on with the next file. */
SORI_API void sori_clear(sori_ctx *c);

/* Record an error, as the library does itself; the first one stays. For programs that extend sori.
 * Returns the context's first error. */
SORI_API sori_status sori_fail(sori_ctx *c, sori_status status, const char *format, ...) SORI_PRINTF(3, 4);

/* Ask a running call (fit, load of a long file, ...) to stop soon with SORI_EINTR. Safe in a signal handler
 * and from another thread. */
SORI_API void sori_interrupt(sori_ctx *c);

/* An output file that appears whole or not at all, as every file the library writes: it lies under a temporary name in
 * the same folder until commit syncs and renames it. Commit and abort free f; NULL is allowed everywhere.
 *   err SORI_EIO, also for a path that is a folder */
typedef struct base_file sori_file;
SORI_API sori_file *sori_file_new(sori_ctx *c, const char *path);
SORI_API bool sori_file_write(sori_file *f, const void *data, size_t n);
SORI_API sori_status sori_file_commit(sori_file *f);
SORI_API void sori_file_abort(sori_file *f);

/* mkdir -p. */
SORI_API sori_status sori_make_dirs(sori_ctx *c, const char *path);

SORI_API int sori_threads(const sori_ctx *c);
SORI_API uint64_t sori_seed(const sori_ctx *c);

/* A name for a status: "invalid argument", "out of memory", ... Never NULL. */
SORI_API const char *sori_status_name(sori_status status);

/* The library's version, "major.minor.patch". */
SORI_API const char *sori_version(void);

#ifdef __cplusplus
}
#endif
#endif
