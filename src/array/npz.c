/* npz.c - reading several arrays from one file, a ZIP whose members are NAME.npy.            numpy.load
 *
 * Reading goes by the central directory, the members' own headers serving only to find their data. Members are stored
 * or deflated; sizes may be 64 bits wide (ZIP64). Before memory is asked for, each member must lie within the file,
 * apart from the others, and claim no more than deflate can unpack (1032 : 1). Checksums are verified.
 * APPNOTE.TXT 6.3.10 (PKWARE); RFC 1951. */
#include "array/file.h"
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

typedef struct archive {
    sori_ctx *c;
    const char *path;
    int fd;
    uint64_t bytes;
    unsigned char *directory;
    size_t directory_size, at, count;
} archive;

typedef struct member {
    const unsigned char *name;
    size_t name_size;
    uint32_t method, flags, crc;
    uint64_t packed, size, offset;   /* offset of its own header, later of its data */
} member;

static bool damaged(const archive *z, const char *what) {
    sori_fail(z->c, SORI_EFORMAT, "%s: damaged .npz: %s", z->path, what);
    return false;
}

/* Where the directory is, from the end record; *offset, *size and *count 64 bits wide if need be. */
static bool read_end(archive *z, const unsigned char *end, uint64_t position, uint64_t *offset, uint64_t *size,
                     uint64_t *count) {
    unsigned char locator[20], wide[56];
    *count = u16(end + 10);
    *size = u32(end + 12);
    *offset = u32(end + 16);
    if (*count != 0xffff && *size != UINT32_MAX && *offset != UINT32_MAX) return true;
    if (position < 20) return damaged(z, "no ZIP64 record");
    if (!array_read_at(z->c, z->path, z->fd, position - 20, locator, 20)) return false;
    bool just_many = *count == 0xffff && *size != UINT32_MAX && *offset != UINT32_MAX;
    if (memcmp(locator, "PK\6\7", 4)) return just_many || damaged(z, "no ZIP64 record");
    uint64_t at = u64(locator + 8);
    if (at > z->bytes || z->bytes - at < sizeof wide) return damaged(z, "ZIP64 record outside the file");
    if (!array_read_at(z->c, z->path, z->fd, at, wide, sizeof wide)) return false;
    if (memcmp(wide, "PK\6\6", 4)) return damaged(z, "no ZIP64 record");
    *count = u64(wide + 32);
    *size = u64(wide + 40);
    *offset = u64(wide + 48);
    return true;
}

/* The end record stands in the last 64 kB, before a comment that must reach exactly to the file's end. */
static bool find_end(archive *z, unsigned char end[END], uint64_t *position) {
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
    if (!found) sori_fail(z->c, SORI_EFORMAT, "%s: not a .npz file, or truncated", z->path);
    return found;
}

static bool read_directory(archive *z) {
    unsigned char end[END];
    uint64_t position, offset, size, count;
    if (!find_end(z, end, &position) || !read_end(z, end, position, &offset, &size, &count)) return false;
    if (offset > z->bytes || size > z->bytes - offset || count > size / 46)
        return damaged(z, "directory outside the file");
    z->directory_size = (size_t)size;
    z->count = (size_t)count;
    z->directory = base_alloc_raw(z->c, z->directory_size, 1);
    return z->directory && array_read_at(z->c, z->path, z->fd, offset, z->directory, z->directory_size);
}

/* ZIP64's extra field holds, in this order, those of size, packed and offset that did not fit 32 bits. */
static bool read_wide(const unsigned char *extra, size_t n, member *m) {
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

static bool next_member(archive *z, member *m) {
    const unsigned char *p = z->directory + z->at;
    size_t left = z->directory_size - z->at;
    if (left < 46 || memcmp(p, "PK\1\2", 4)) return damaged(z, "broken directory");
    size_t name = u16(p + 28), extra = u16(p + 30), comment = u16(p + 32), total = 46 + name + extra + comment;
    if (total > left) return damaged(z, "broken directory");
    *m = (member){ .name = p + 46, .name_size = name, .flags = u16(p + 8), .method = u16(p + 10), .crc = u32(p + 16),
                   .packed = u32(p + 20), .size = u32(p + 24), .offset = u32(p + 42) };
    z->at += total;
    if (!read_wide(p + 46 + name, extra, m)) return damaged(z, "broken directory");
    if (m->method != 0 && m->method != Z_DEFLATED) return damaged(z, "a member is neither stored nor deflated");
    if (m->flags & 1) return damaged(z, "a member is encrypted");
    return true;
}

/* From the member's own header to its data, which must lie within the file and unpack to a possible size. */
static bool find_data(const archive *z, member *m) {
    unsigned char p[30];
    if (m->offset > z->bytes || z->bytes - m->offset < sizeof p) return damaged(z, "a member outside the file");
    if (!array_read_at(z->c, z->path, z->fd, m->offset, p, sizeof p)) return false;
    m->offset += sizeof p + u16(p + 26) + u16(p + 28);
    if (memcmp(p, "PK\3\4", 4) || m->offset > z->bytes || m->packed > z->bytes - m->offset)
        return damaged(z, "a member outside the file");
    if (m->method == 0 ? m->size != m->packed : m->size / MAX_RATIO > m->packed)
        return damaged(z, "a member claims more than it can hold");
    return true;
}

/* --- reading a member ------------------------------------------------------------------------------------------- */

typedef struct unpacker {
    const archive *z;
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
        return damaged(u->z, "its data cannot be inflated");
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
static bool check_end(unpacker *u, const member *m) {
    unsigned char more;
    u->zlib.next_out = &more;
    u->zlib.avail_out = 1;
    if (u->deflated) {
        if (u->zlib.avail_in == 0 && u->packed > 0 && !refill(u)) return false;
        int state = inflate(&u->zlib, Z_NO_FLUSH);
        if (state != Z_STREAM_END || u->zlib.avail_out == 0)
            return damaged(u->z, "a member is longer than it claims");
    }
    return u->crc == m->crc || damaged(u->z, "a checksum is wrong");
}

static sori_array *read_member(const archive *z, const member *m, const char *name) {
    unpacker *u = base_alloc(z->c, 1, sizeof *u);
    char *label = base_printf(z->c, "%s: %s", z->path, name);
    sori_array *a = NULL;
    if (u && label) {
        *u = (unpacker){ .z = z, .position = m->offset, .packed = m->packed, .deflated = m->method == Z_DEFLATED };
        u->zlib = (z_stream){ .zalloc = z_alloc, .zfree = z_free, .opaque = z->c };
        array_stream s = { .c = z->c, .name = label, .left = m->size, .read = unpack, .inflater = u };
        if (inflateInit2(&u->zlib, -MAX_WBITS) != Z_OK) sori_fail(z->c, SORI_ENOMEM, "%s: out of memory", label);
        else a = array_read_npy(&s);
        if (a && !check_end(u, m)) {
            sori_array_free(z->c, a);
            a = NULL;
        }
        inflateEnd(&u->zlib);
    }
    base_free(z->c, label);
    base_free(z->c, u);
    return a;
}

/* --- reading the file ------------------------------------------------------------------------------------------- */

typedef struct span { uint64_t start, end; } span;

static int by_start(const void *a, const void *b) {
    const span *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

static bool members_are_apart(const archive *z, span *spans) {
    qsort(spans, z->count, sizeof *spans, by_start);
    for (size_t i = 1; i < z->count; i++)
        if (spans[i].start < spans[i - 1].end) return damaged(z, "members overlap");
    return true;
}

/* All headers are looked at before any array is made. */
static bool find_members(archive *z, member *members, sori_named *list) {
    span *spans = base_alloc(z->c, z->count + 1, sizeof *spans);
    bool ok = spans;
    for (size_t i = 0; ok && i < z->count; i++) {
        member *m = &members[i];
        ok = next_member(z, m) && find_data(z, m);
        if (!ok) break;
        spans[i] = (span){ m->offset, m->offset + m->packed };
        size_t n = m->name_size;
        if (memchr(m->name, 0, n)) ok = damaged(z, "a name holds a NUL");
        if (n > 4 && !memcmp(m->name + n - 4, ".npy", 4)) n -= 4;
        list[i].name = ok ? array_scoped_text(z->c, (const char *)m->name, n) : NULL;
        ok = list[i].name;
    }
    ok = ok && (z->count == 0 || members_are_apart(z, spans));
    base_free(z->c, spans);
    const char *twice = ok ? array_repeated_name(z->c, list, z->count) : NULL;
    if (twice) sori_fail(z->c, SORI_EFORMAT, "%s: two arrays are named \"%s\"", z->path, twice);
    return ok && !base_failed(z->c);
}

static sori_named *read_archive(archive *z) {
    if (!read_directory(z)) return NULL;
    member *members = base_alloc(z->c, z->count + 1, sizeof *members);
    sori_named *list = members ? array_new_list(z->c, z->count) : NULL;
    if (list && find_members(z, members, list))
        for (size_t i = 0; i < z->count && !base_failed(z->c); i++)
            list[i].array = read_member(z, &members[i], list[i].name);
    base_free(z->c, members);
    return base_failed(z->c) ? NULL : list;
}

const sori_named *sori_load_npz(sori_ctx *c, const char *path, size_t *count) {
    archive z = { .c = c, .path = path };
    *count = 0;
    z.fd = array_open(c, path, &z.bytes);
    if (z.fd < 0) return NULL;
    sori_named *list = read_archive(&z);
    base_free(c, z.directory);
    close(z.fd);
    if (list) *count = z.count;
    return list;
}
