/* base/base.h - what every room may lean on: memory, errors, threads, random numbers, atomic files, JSON.
 *
 * Memory. base_alloc takes from the context's allocator and records SORI_ENOMEM, so callers only test for NULL.
 * Threads. base_parallel runs kernels, which cannot fail; base_each runs whole jobs, each on a context of its own.
 * Errors. Gates check arguments once with base_check; kernels trust them. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <sori/base.h>
#include <stdarg.h>

#define BASE_ALIGN 64
#define BASE_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BASE_MIN(a, b) ((a) < (b) ? (a) : (b))
#define BASE_MAX(a, b) ((a) > (b) ? (a) : (b))

/* --- errors ------------------------------------------------------------ */

/* The first error, and a warning to whoever listens. */
bool base_failed(const sori_ctx *c);
void base_warn(sori_ctx *c, const char *format, ...) SORI_PRINTF(2, 3);

/* Put "where: " before the first error's sentence, unless it stands there already: for what is found wrong by
 * functions that do not know which file it came from. */
void base_fail_in(sori_ctx *c, const char *where);

/* True once sori_interrupt was called; records SORI_EINTR the first time it is asked. */
bool base_interrupted(sori_ctx *c);

/* --- memory ------------------------------------------------------------ */

/* n elements of size bytes, zeroed, 64-byte aligned; NULL with SORI_ENOMEM recorded, also when n * size
 * overflows. n = 0 gives a valid pointer. */
void *base_alloc(sori_ctx *c, size_t n, size_t size);
/* The same, not zeroed. */
void *base_alloc_raw(sori_ctx *c, size_t n, size_t size);
void base_free(sori_ctx *c, void *p);
/* Grow p from old_n to new_n elements (moves; the tail is zero). On failure p stays valid and NULL returns. */
void *base_grow(sori_ctx *c, void *p, size_t old_n, size_t new_n, size_t size);
char *base_strdup(sori_ctx *c, const char *s);
char *base_printf(sori_ctx *c, const char *format, ...) SORI_PRINTF(2, 3);

/* True if a * b (a + b) does not fit size_t; else *out is the result. */
static inline bool base_mul_overflows(size_t a, size_t b, size_t *out) { return __builtin_mul_overflow(a, b, out); }
static inline bool base_add_overflows(size_t a, size_t b, size_t *out) { return __builtin_add_overflow(a, b, out); }

/* n rounded up to a multiple of `to`; bytes to where, in a block of memory for several things, the next may begin. */
static inline size_t base_round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }
static inline size_t base_aligned(size_t bytes) { return base_round_up(bytes, BASE_ALIGN); }

/* A string the context keeps until it closes, each text once. NULL on failure. */
const char *base_intern(sori_ctx *c, const char *s);

/* --- threads ------------------------------------------------------------ */

/* Call fn(arg, i) for every i in [0, n), on the context's threads, in any order; returns when all are done. The
 * result must not depend on the order: each i writes its own memory. Do not call it from inside fn. */
void base_parallel(sori_ctx *c, size_t n, void (*fn)(void *arg, size_t i), void *arg);

/* The same for jobs that allocate and fail: each gets a single-threaded context with the same seed and allocator.
 * The failed job of lowest i gives c its error; jobs not started after a failure are left out. A job that must
 * not stop the others clears its context's error and notes the failure in arg. */
typedef void base_job(sori_ctx *job, void *arg, size_t i);
sori_status base_each(sori_ctx *c, size_t n, base_job *fn, void *arg);

/* Jobs done ahead of their use, in order, on a thread of their own: start(first, end), then for each job wait (false
 * on its error, which c gets), use what it left in its slot (job mod 2), release. */
typedef struct base_ahead base_ahead;
base_ahead *base_ahead_new(sori_ctx *c, base_job *fn, void *arg);
void base_ahead_start(base_ahead *a, size_t first, size_t end);
bool base_ahead_wait(base_ahead *a, size_t job);
void base_ahead_release(base_ahead *a, size_t job);
void base_ahead_stop(base_ahead *a);
void base_ahead_free(base_ahead *a);

/* A context for one thread that borrows c's allocator, seed and interrupt flag; freed by sori_close. */
sori_ctx *base_fork(sori_ctx *c);
/* The same for one run of many: with a seed of its own, and warnings to nobody. */
sori_ctx *base_fork_run(sori_ctx *c, uint64_t seed);

/* --- random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) --- */

/* What a stream of draws is for; part of the key, so that two uses never share numbers. Append only. */
typedef enum base_purpose {
    BASE_RNG_INIT = 1, BASE_RNG_SHUFFLE, BASE_RNG_DROPOUT, BASE_RNG_SPLIT, BASE_RNG_AUGMENT, BASE_RNG_SYNTH,
    BASE_RNG_TEST, BASE_RNG_MIXUP, BASE_RNG_BATCH_MIX, BASE_RNG_NOISE, BASE_RNG_CHAIN,
    BASE_RNG_RENDERING
} base_purpose;

typedef struct base_rng {
    uint32_t key[2], counter[4], out[4];
    int left;              /* words of out not yet given */
} base_rng;

/* The stream keyed by (seed, purpose, a, b), for instance a = epoch, b = sample. a, b < 2^32. */
base_rng base_rng_new(uint64_t seed, base_purpose purpose, uint32_t a, uint32_t b);
uint32_t base_rng_u32(base_rng *r);
double base_rng_uniform(base_rng *r);                     /* [0, 1), 53 bits */
double base_rng_normal(base_rng *r);                      /* mean 0, deviation 1 (Box-Muller) */
double base_rng_beta(base_rng *r, double a);               /* Beta(a, a), a > 0 */
uint32_t base_rng_below(base_rng *r, uint32_t n);         /* 0 .. n-1, unbiased */
void base_rng_shuffle(base_rng *r, uint32_t *items, size_t n);
/* One block of Philox: out = f(counter, key). For kernels that address draws directly. */
void base_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* --- files ------------------------------------------------------------ */

/* An output file that appears whole or not at all: written under a temporary name in the same folder, synced and
 * renamed by base_file_commit. path is any bytes. An existing file's permissions are kept. */
typedef struct base_file base_file;
base_file *base_file_new(sori_ctx *c, const char *path);
bool base_file_write(base_file *f, const void *data, size_t n);
bool base_file_printf(base_file *f, const char *format, ...) SORI_PRINTF(2, 3);   /* numbers with "." always */
bool base_file_seek(base_file *f, uint64_t position);
uint64_t base_file_tell(const base_file *f);
/* For readers of what was just written (libsndfile's headers): bytes read. */
size_t base_file_read(base_file *f, void *data, size_t n);
uint64_t base_file_length(const base_file *f);
sori_status base_file_commit(base_file *f);               /* frees f, also on failure */
void base_file_abort(base_file *f);                       /* frees f, removes the temporary; NULL is allowed */

/* A whole file in memory: *size bytes and a NUL behind them; NULL if larger than limit. Freed by base_free. */
char *base_read_file(sori_ctx *c, const char *path, uint64_t limit, size_t *size);

/* mkdir -p. */
sori_status base_make_dirs(sori_ctx *c, const char *path);

/* dir/name, freed by base_free. */
char *base_path_join(sori_ctx *c, const char *dir, const char *name);
/* The name's ending without the dot, "" if none; points into path. */
const char *base_path_ext(const char *path);
const char *base_path_name(const char *path);

/* --- JSON ------------------------------------------------------------------------------------------------- */

/* Parse n bytes of JSON that need not be trusted: at most 32 deep, no key twice, one value and nothing behind it.
 * NULL with SORI_EFORMAT and jansson's reason; `what` names the text in it. The caller includes <jansson.h> and frees
 * with json_decref. */
struct json_t;
struct json_t *base_json_parse(sori_ctx *c, const char *what, const char *text, size_t n);

/* --- text ----------------------------------------------------------------------------------------------- */

/* snprintf and number parsing with "." whatever the locale; parsing takes all of s or fails. */
int base_format(char *out, size_t size, const char *format, ...) SORI_PRINTF(3, 4);
int base_vformat(char *out, size_t size, const char *format, va_list args) SORI_PRINTF(3, 0);
bool base_parse_double(const char *s, double *out);
bool base_parse_i64(const char *s, int64_t *out);

/* Bytes (1 to 4) of the UTF-8 character at text; 0 at the end, and at a byte that begins none. */
size_t base_utf8_length(const char *text);

/* --- hashing: 64-bit FNV-1a, for cache keys and tests, not for security ------------------------------------- */
#define BASE_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t base_hash(uint64_t h, const void *data, size_t n);

/* --- for tests ------------------------------------------------------------ */
size_t base_scope_depth(const sori_ctx *c);

#endif
