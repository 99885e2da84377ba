/* zip.c - the members of a ZIP archive.
 *
 * Reading goes by the central directory, the members' own headers serving only to find their data. Members are stored
 * or deflated; sizes may be 64 bits wide (ZIP64). Before memory is asked for, each member must lie within the file,
 * apart from the others, and claim no more than deflate can unpack (1032 : 1). Checksums are verified.
 * APPNOTE.TXT 6.3.10 (PKWARE); RFC 1951. */
#include "array/zip.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define END 22                /* bytes of the end record, without its comment of up to 65535 */
#define MAX_RATIO 1032        /* deflate's best: 258 bytes for 2 bits */
#define BLOCK 65536

static uint32_t u16(const unsigned char *p) { return p[0] | (uint32_t)p[1] << 8; }
static uint32_t u32(const unsigned char *p) { return u16(p) | u16(p + 2) << 16; }
static uint64_t u64(const unsigned char *p) { return u32(p) | (uint64_t)u32(p + 4) << 32; }

static voidpf z_alloc(voidpf c, uInt n, uInt size) { return base_alloc_raw(c, n, size); }
static void z_free(voidpf c, voidpf p) { base_free(c, p); }

/* --- finding the members ---------------------------------------------------------------------------------------- */

bool array_zip_damaged(const array_zip *z, const char *what) {
    sori_fail(z->c, SORI_EFORMAT, "%s: damaged %s: %s", z->path, z->kind, what);
    return false;
}

/* Where the directory is, from the end record; *offset, *size and *count 64 bits wide if need be. */
static bool read_end(array_zip *z, const unsigned char *end, uint64_t position, uint64_t *offset, uint64_t *size,
                     uint64_t *count) {
    unsigned char locator[20], wide[56];
    *count = u16(end + 10);
    *size = u32(end + 12);
    *offset = u32(end + 16);
    if (*count != 0xffff && *size != UINT32_MAX && *offset != UINT32_MAX) return true;
    if (position < 20) return array_zip_damaged(z, "no ZIP64 record");
    if (!array_read_at(z->c, z->path, z->fd, position - 20, locator, 20)) return false;
    bool just_many = *count == 0xffff && *size != UINT32_MAX && *offset != UINT32_MAX;
    if (memcmp(locator, "PK\6\7", 4)) return just_many || array_zip_damaged(z, "no ZIP64 record");
    uint64_t at = u64(locator + 8);
    if (at > z->bytes || z->bytes - at < sizeof wide) return array_zip_damaged(z, "ZIP64 record outside the file");
    if (!array_read_at(z->c, z->path, z->fd, at, wide, sizeof wide)) return false;
    if (memcmp(wide, "PK\6\6", 4)) return array_zip_damaged(z, "no ZIP64 record");
    *count = u64(wide + 32);
    *size = u64(wide + 40);
    *offset = u64(wide + 48);
    return true;
}

/* The end record stands in the last 64 kB, before a comment that must reach exactly to the file's end. */
static bool find_end(array_zip *z, unsigned char end[END], uint64_t *position) {
    size_t n = (size_t)BASE_MIN(z->bytes, (uint64_t)END + 65535), i;
    unsigned char *tail = n >= END ? base_alloc_raw(z->c, n, 1) : NULL;
    bool found = false;
    if (tail && array_read_at(z->c, z->path, z->fd, z->bytes - n, tail, n))
        for (i = n - END + 1; i-- > 0 && !found;) {
            found = !memcmp(tail + i, "PK\5\6", 4) && i + END + u16(tail + i + 20) == n;
            if (found) memcpy(end, tail + i, END);
            *position = z->bytes - n + i;
        }
    base_free(z->c, tail);
    if (!found) sori_fail(z->c, SORI_EFORMAT, "%s: not a %s file, or truncated", z->path, z->kind);
    return found;
}

static bool read_directory(array_zip *z) {
    unsigned char end[END];
    uint64_t position, offset, size, count;
    if (!find_end(z, end, &position) || !read_end(z, end, position, &offset, &size, &count)) return false;
    if (offset > z->bytes || size > z->bytes - offset || count > size / 46)
        return array_zip_damaged(z, "directory outside the file");
    z->directory_size = (size_t)size;
    z->count = (size_t)count;
    z->directory = base_alloc_raw(z->c, z->directory_size, 1);
    return z->directory && array_read_at(z->c, z->path, z->fd, offset, z->directory, z->directory_size);
}

/* ZIP64's extra field holds, in this order, those of size, packed and offset that did not fit 32 bits. */
static bool read_wide(const unsigned char *extra, size_t n, array_zip_member *m) {
    uint64_t *wide[3] = { &m->size, &m->packed, &m->offset };
    for (size_t i = 0; i + 4 <= n; i += 4 + u16(extra + i + 2)) {
        size_t at = i + 4, end = at + u16(extra + i + 2);
        if (end > n) return false;
        for (int k = 0; k < 3 && u16(extra + i) == 1; k++) {
            if (*wide[k] != UINT32_MAX) continue;
            if (at + 8 > end) return false;
            *wide[k] = u64(extra + at);
            at += 8;
        }
    }
    return true;
}

static bool next_member(array_zip *z, array_zip_member *m) {
    const unsigned char *p = z->directory + z->at;
    size_t left = z->directory_size - z->at;
    if (left < 46 || memcmp(p, "PK\1\2", 4)) return array_zip_damaged(z, "broken directory");
    size_t name = u16(p + 28), extra = u16(p + 30), comment = u16(p + 32), total = 46 + name + extra + comment;
    if (total > left) return array_zip_damaged(z, "broken directory");
    *m = (array_zip_member){ .name = p + 46, .name_size = name, .flags = u16(p + 8), .method = u16(p + 10),
                              .crc = u32(p + 16), .packed = u32(p + 20), .size = u32(p + 24), .offset = u32(p + 42) };
    z->at += total;
    if (!read_wide(p + 46 + name, extra, m)) return array_zip_damaged(z, "broken directory");
    if (m->method != 0 && m->method != Z_DEFLATED)
        return array_zip_damaged(z, "a member is neither stored nor deflated");
    if (m->flags & 1) return array_zip_damaged(z, "a member is encrypted");
    return true;
}

/* From the member's own header to its data, which must lie within the file and unpack to a possible size. */
static bool find_data(const array_zip *z, array_zip_member *m) {
    unsigned char p[30];
    if (m->offset > z->bytes || z->bytes - m->offset < sizeof p)
        return array_zip_damaged(z, "a member outside the file");
    if (!array_read_at(z->c, z->path, z->fd, m->offset, p, sizeof p)) return false;
    m->offset += sizeof p + u16(p + 26) + u16(p + 28);
    if (memcmp(p, "PK\3\4", 4) || m->offset > z->bytes || m->packed > z->bytes - m->offset)
        return array_zip_damaged(z, "a member outside the file");
    if (m->method == 0 ? m->size != m->packed : m->size / MAX_RATIO > m->packed)
        return array_zip_damaged(z, "a member claims more than it can hold");
    return true;
}

/* --- reading a member ------------------------------------------------------------------------------------------- */

typedef struct unpacker {
    const array_zip *z;
    z_stream zlib;
    uint64_t position, packed;   /* next packed byte in the file, and how many are left */
    uint32_t crc;
    bool deflated;
    unsigned char block[BLOCK];
} unpacker;

static bool refill(unpacker *u) {
    size_t n = (size_t)BASE_MIN(u->packed, (uint64_t)BLOCK);
    if (!array_read_at(u->z->c, u->z->path, u->z->fd, u->position, u->block, n)) return false;
    u->position += n;
    u->packed -= n;
    u->zlib.next_in = u->block;
    u->zlib.avail_in = (uInt)n;
    return true;
}

static bool inflate_some(unpacker *u, unsigned char *out, size_t n) {
    u->zlib.next_out = out;
    u->zlib.avail_out = (uInt)n;
    while (u->zlib.avail_out > 0) {
        if (u->zlib.avail_in == 0 && u->packed > 0 && !refill(u)) return false;
        int state = inflate(&u->zlib, Z_NO_FLUSH);
        if (state == Z_OK || (state == Z_STREAM_END && u->zlib.avail_out == 0)) continue;
        return array_zip_damaged(u->z, "its data cannot be inflated");
    }
    return true;
}

static bool unpack(array_stream *s, void *out, size_t n) {
    unpacker *u = s->inflater;
    unsigned char *p = out;
    for (size_t step; n > 0; p += step, n -= step) {
        step = BASE_MIN(n, (size_t)1 << 30);   /* zlib counts in 32 bits */
        bool ok = u->deflated ? inflate_some(u, p, step)
                              : array_read_at(u->z->c, u->z->path, u->z->fd, u->position, p, step);
        if (!ok) return false;
        if (!u->deflated) u->position += step;
        u->crc = (uint32_t)crc32(u->crc, p, (uInt)step);
    }
    return true;
}

/* Everything was taken: nothing may follow, and the sum must be right. */
static bool check_end(unpacker *u, const array_zip_member *m) {
    unsigned char more;
    u->zlib.next_out = &more;
    u->zlib.avail_out = 1;
    if (u->deflated) {
        if (u->zlib.avail_in == 0 && u->packed > 0 && !refill(u)) return false;
        int state = inflate(&u->zlib, Z_NO_FLUSH);
        if (state != Z_STREAM_END || u->zlib.avail_out == 0)
            return array_zip_damaged(u->z, "a member is longer than it claims");
    }
    return u->crc == m->crc || array_zip_damaged(u->z, "a checksum is wrong");
}

bool array_zip_read(const array_zip *z, const array_zip_member *m, const char *name, array_zip_take *take, void *user) {
    unpacker *u = base_alloc(z->c, 1, sizeof *u);
    char *label = base_printf(z->c, "%s: %s", z->path, name);
    bool ok = false;
    if (u && label) {
        *u = (unpacker){ .z = z, .position = m->offset, .packed = m->packed, .deflated = m->method == Z_DEFLATED };
        u->zlib = (z_stream){ .zalloc = z_alloc, .zfree = z_free, .opaque = z->c };
        array_stream s = { .c = z->c, .name = label, .left = m->size, .read = unpack, .inflater = u };
        if (inflateInit2(&u->zlib, -MAX_WBITS) != Z_OK) sori_fail(z->c, SORI_ENOMEM, "%s: out of memory", label);
        else ok = take(&s, user) && check_end(u, m);
        inflateEnd(&u->zlib);
    }
    base_free(z->c, label);
    base_free(z->c, u);
    return ok;
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

typedef struct span { uint64_t start, end; } span;

static int by_start(const void *a, const void *b) {
    const span *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

static bool members_are_apart(const array_zip *z, span *spans) {
    if (z->count) qsort(spans, z->count, sizeof *spans, by_start);
    for (size_t i = 1; i < z->count; i++)
        if (spans[i].start < spans[i - 1].end) return array_zip_damaged(z, "members overlap");
    return true;
}

static bool find_members(array_zip *z) {
    span *spans = base_alloc(z->c, z->count + 1, sizeof *spans);
    z->members = base_alloc(z->c, z->count + 1, sizeof *z->members);
    bool ok = spans && z->members;
    for (size_t i = 0; ok && i < z->count; i++) {
        array_zip_member *m = &z->members[i];
        ok = next_member(z, m) && find_data(z, m);
        if (ok && memchr(m->name, 0, m->name_size)) ok = array_zip_damaged(z, "a name holds a NUL");
        spans[i] = (span){ m->offset, m->offset + m->packed };
    }
    ok = ok && members_are_apart(z, spans);
    base_free(z->c, spans);
    return ok;
}

bool array_zip_open(array_zip *z, sori_ctx *c, const char *path, const char *kind) {
    *z = (array_zip){ .c = c, .path = path, .kind = kind };
    z->fd = array_open(c, path, &z->bytes);
    return z->fd >= 0 && read_directory(z) && find_members(z);
}

void array_zip_close(array_zip *z) {
    base_free(z->c, z->members);
    base_free(z->c, z->directory);
    if (z->fd >= 0) close(z->fd);
}
