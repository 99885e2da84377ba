/* check.c - is this file a SoundFont that FluidSynth can be trusted with?
 *
 *   RIFF sfbk { LIST INFO {...}  LIST sdta {...}  LIST pdta { phdr pbag pmod pgen inst ibag imod igen shdr } }
 *
 * FluidSynth gives no reasons, and hands what it cannot read to a second library that complains on its own to standard
 * error. So the outline is checked here: every chunk lies within the one around it, the nine tables of pdta stand in
 * order and consist of whole records (SoundFont 2.04, section 7). */
#include "synth/synth.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct chunk {
    char kind[5];          /* of the chunk, or of the list if it is one */
    uint64_t data, size;   /* behind the header (and a list's kind) */
} chunk;

/* The chunk at *position, which moves behind it; false if it does not lie within end. */
static bool next_chunk(int fd, uint64_t *position, uint64_t end, chunk *k) {
    unsigned char h[12] = { 0 };
    if (end - *position < 8 || pread(fd, h, 12, (off_t)*position) < 8) return false;
    uint64_t size = h[4] | (uint64_t)h[5] << 8 | (uint64_t)h[6] << 16 | (uint64_t)h[7] << 24;
    bool list = !memcmp(h, "LIST", 4) || !memcmp(h, "RIFF", 4);
    if (size > end - *position - 8 || (list && size < 4)) return false;
    memcpy(k->kind, list ? h + 8 : h, 4);
    k->kind[4] = 0;
    k->data = *position + (list ? 12 : 8);
    k->size = size - (list ? 4 : 0);
    *position += 8 + size + size % 2;
    return true;
}

static const char *check_tables(int fd, const chunk *pdta) {
    static const struct { const char *kind; unsigned record; } tables[] = {
        { "phdr", 38 }, { "pbag", 4 }, { "pmod", 10 }, { "pgen", 4 }, { "inst", 22 }, { "ibag", 4 }, { "imod", 10 },
        { "igen", 4 }, { "shdr", 46 },
    };
    uint64_t at = pdta->data, end = pdta->data + pdta->size;
    chunk k;
    for (size_t i = 0; i < BASE_COUNT(tables); i++)
        if (at > end || !next_chunk(fd, &at, end, &k) || strcmp(k.kind, tables[i].kind) || k.size == 0 ||
            k.size % tables[i].record)
            return "damaged SoundFont: a table is missing or broken";
    return NULL;
}

/* NULL if all is well. */
static const char *check_outline(int fd, uint64_t bytes) {
    static const char *const lists[] = { "INFO", "sdta", "pdta" };
    char start[12] = "";
    uint64_t at = 0;
    chunk k;
    if (pread(fd, start, 12, 0) != 12 || memcmp(start, "RIFF", 4) || memcmp(start + 8, "sfbk", 4))
        return "is not a SoundFont (.sf2 or .sf3)";
    if (!next_chunk(fd, &at, bytes, &k)) return "truncated SoundFont";
    uint64_t end = k.data + k.size;
    at = k.data;
    for (size_t i = 0; i < BASE_COUNT(lists); i++)
        if (at > end || !next_chunk(fd, &at, end, &k) || strcmp(k.kind, lists[i]))
            return "damaged SoundFont: a part is missing or broken";
    return check_tables(fd, &k);
}

bool synth_check_soundfont(sori_ctx *c, const char *path) {
    struct stat st = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        sori_fail(c, SORI_EIO, "%s: cannot open the SoundFont: %s", path, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        sori_fail(c, SORI_EIO, "%s: cannot read the SoundFont: is not a regular file", path);
    } else {
        const char *fault = check_outline(fd, (uint64_t)st.st_size);
        if (fault) sori_fail(c, SORI_EFORMAT, "%s: %s", path, fault);
    }
    if (fd >= 0) close(fd);
    return !base_failed(c);
}
