/* fuzz.h - readers of foreign files on damaged input.
 *
 * A target is a file test_<format>.c that defines, the macros before it includes this:
 *   FUZZ_EXT                             the ending of the format's files
 *   FUZZ_ROOM                            memory a reader may ask for at once, per byte of input
 *   fuzz_seed(c, i, path)                write the i-th good file; false: there are no more
 *   fuzz_read(c, path)                   read it, with everything a user might call
 * As a test it damages the good files in a few thousand reproducible ways. Built with SORI_FUZZ it is a libFuzzer
 * program instead (CMake preset "fuzz"). Either way a read must end in a result or in one sentence of the right class,
 * give all its memory back, and never ask for more than the input's size allows: a header's word is not enough.
 *
 * The input of a crash stays in the scratch folder; the test program run with that file as argument reads just it, and
 * with --seeds FOLDER writes the good files, for libFuzzer to start from. SORI_FUZZ_ROUNDS=n damages each n times. */
#ifndef FUZZ_H
#define FUZZ_H

#include "test.h"
#include "base/base.h"
#include <unistd.h>

static bool fuzz_seed(sori_ctx *c, int i, const char *path) __attribute__((unused));
static void fuzz_read(sori_ctx *c, const char *path);

#define FUZZ_ROUNDS 3000
#define FUZZ_MOST 65536            /* longest input */
#ifndef FUZZ_BASE
#define FUZZ_BASE (1 << 20)        /* memory a reader may ask for at once, whatever the input */
#endif

/* Touch every byte of a result, so that a sanitizer sees one that is not there. */
static inline void fuzz_touch(const void *data, size_t n) {
    volatile uint64_t sink = data ? base_hash(BASE_HASH_START, data, n) : 0;
    (void)sink;
}

/* --- memory ----------------------------------------------------------------------------------------------------- */

struct fuzz_memory {
    size_t most, asked;    /* allowed and largest request */
    long live;
};

static void *fuzz_alloc(void *user, size_t size) {
    struct fuzz_memory *m = user;
    void *p = NULL;
    m->asked = BASE_MAX(m->asked, size);
    if (size > m->most || posix_memalign(&p, 64, size) != 0) return NULL;
    m->live++;
    return p;
}

static void fuzz_free(void *user, void *p) {
    ((struct fuzz_memory *)user)->live--;
    free(p);
}

/* --- one input -------------------------------------------------------------------------------------------------- */

static void fuzz_die(const char *why, const char *detail) {
    fprintf(stderr, "%s: %s\n", why, detail);
    abort();
}

static bool fuzz_one(const char *path, size_t n) {
    struct fuzz_memory memory = { .most = FUZZ_BASE + n * FUZZ_ROOM };
    sori_allocator allocator = { fuzz_alloc, fuzz_free, &memory };
    sori_ctx *c = sori_open(&(sori_options){ .allocator = &allocator, .threads = 1 });
    fuzz_read(c, path);
    sori_status status = sori_error(c);
    if (memory.asked > memory.most) fuzz_die("asked for more memory than the input allows", sori_message(c));
    bool proper = status == SORI_EFORMAT || status == SORI_EMODEL || status == SORI_EIO || status == SORI_EUNSUP;
    if (status != SORI_OK && !proper) fuzz_die("an error of the wrong class", sori_message(c));
    if (status != SORI_OK && !strstr(sori_message(c), path)) fuzz_die("the path is not told", sori_message(c));
    sori_close(c);
    if (memory.live) fuzz_die("memory leaked", path);
    return status == SORI_OK;
}

/* A new file each time: some file systems write a truncated one to the disk as soon as it is closed. */
static void fuzz_put(const char *path, const void *data, size_t n) {
    unlink(path);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, n, f) != n || fclose(f)) fuzz_die("cannot write", path);
}

#ifdef SORI_FUZZ

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/fuzz-%ld." FUZZ_EXT, (long)getpid());
    if (n > FUZZ_MOST) return 0;
    fuzz_put(path, data, n);
    fuzz_one(path, n);
    unlink(path);
    return 0;
}

#else

/* --- damage ----------------------------------------------------------------------------------------------------- */

struct fuzz_input {
    size_t n;
    uint8_t bytes[FUZZ_MOST];
};

static size_t fuzz_place(base_rng *r, size_t n) {
    /* Headers are where the decisions are: half of the damage falls into the first 256 bytes. */
    if (n > 256 && base_rng_below(r, 2)) n = 256;
    return base_rng_below(r, (uint32_t)n);
}

static void fuzz_move(struct fuzz_input *in, size_t to, size_t from, size_t n) {
    n = BASE_MIN(n, BASE_MIN(in->n - to, in->n - from));
    memmove(in->bytes + to, in->bytes + from, n);
}

static void fuzz_damage(struct fuzz_input *in, base_rng *r) {
    static const uint8_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, '0', '9', '-', '"', '{', '[', ',', ' ', '\n' };
    if (in->n == 0) return;
    size_t at = fuzz_place(r, in->n), n = 1 + base_rng_below(r, 8);
    switch (base_rng_below(r, 7)) {
    case 0: in->bytes[at] ^= (uint8_t)(1u << base_rng_below(r, 8)); break;
    case 1: in->bytes[at] = odd[base_rng_below(r, BASE_COUNT(odd))]; break;
    case 2: in->bytes[at] = (uint8_t)base_rng_u32(r); break;
    case 3: memset(in->bytes + at, base_rng_below(r, 2) ? 0xff : 0, BASE_MIN(n, in->n - at)); break;
    case 4: fuzz_move(in, at, fuzz_place(r, in->n), 4 * n); break;
    case 5: fuzz_move(in, at, at + BASE_MIN(n, in->n - at), in->n); break;
    default: in->n = base_rng_below(r, 3) ? in->n : at; break;
    }
}

static size_t fuzz_load(const char *path, struct fuzz_input *in) {
    FILE *f = fopen(path, "rb");
    in->n = f ? fread(in->bytes, 1, FUZZ_MOST, f) : 0;
    if (f) fclose(f);
    return in->n;
}

/* Good files must be read; damaged ones may be. Every seed is also cut at each of its first bytes. */
static void fuzz_run(void **state) {
    (void)state;
    const char *seed_path = TEST_SCRATCH "/seed." FUZZ_EXT, *path = TEST_SCRATCH "/input." FUZZ_EXT;
    const char *wanted = getenv("SORI_FUZZ_ROUNDS");
    int rounds = wanted ? atoi(wanted) : FUZZ_ROUNDS, read = 0;
    static struct fuzz_input seed, in;
    for (int i = 0;; i++) {
        sori_ctx *c = sori_open(&(sori_options){ .threads = 1 });
        bool more = fuzz_seed(c, i, seed_path);
        assert_ok(c);
        sori_close(c);
        if (!more) break;
        assert_true(fuzz_load(seed_path, &seed) > 0);
        assert_true(fuzz_one(seed_path, seed.n));
        for (size_t cut = 0; cut < BASE_MIN(seed.n, (size_t)300); cut++) {
            fuzz_put(path, seed.bytes, cut);
            fuzz_one(path, cut);
        }
        for (int round = 0; round < rounds; round++) {
            base_rng r = base_rng_new(7, BASE_RNG_TEST, (uint32_t)i, (uint32_t)round);
            memcpy(&in, &seed, sizeof in);
            for (uint32_t times = 1 + base_rng_below(&r, 4); times > 0; times--) fuzz_damage(&in, &r);
            fuzz_put(path, in.bytes, in.n);
            read += fuzz_one(path, in.n);
        }
    }
    assert_true(read > 0);   /* else the damage is too coarse to reach what lies behind the header */
}

static int fuzz_write_seeds(const char *folder) {
    char path[1024];
    sori_ctx *c = sori_open(NULL);
    for (int i = 0; snprintf(path, sizeof path, "%s/%d." FUZZ_EXT, folder, i), fuzz_seed(c, i, path); i++) {}
    if (sori_error(c)) fprintf(stderr, "%s\n", sori_message(c));
    bool failed = sori_error(c) != SORI_OK;
    sori_close(c);
    return failed;
}

int main(int argc, char **argv) {
    static struct fuzz_input in;
    if (argc == 3 && !strcmp(argv[1], "--seeds")) return fuzz_write_seeds(argv[2]);
    if (argc > 1) return fuzz_one(argv[1], fuzz_load(argv[1], &in)) ? 0 : 1;
    const struct CMUnitTest tests[] = { cmocka_unit_test(fuzz_run) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
#endif
