/* npz_save.c - writing several arrays to one file, a ZIP whose members are NAME.npy.     numpy.savez_compressed
 *
 * Members are deflated lightly, in the order given, dated 1 January 1980: equal arrays give equal bytes. Sizes and
 * offsets that do not fit 32 bits go into ZIP64 fields. APPNOTE.TXT 6.3.10 (PKWARE). */
#include "array/file.h"
#include <string.h>
#include <zlib.h>

#define BLOCK 65536
#define LEVEL 1               /* more costs 4 times the time and gains little on float data */
#define WIDE 0xfffff000u      /* members of this size or more get ZIP64 sizes */
#define RECORD (46 + 65535 + 32)   /* the longest: a fixed part, a name, an extra field */

typedef struct member {
    const char *name;
    size_t name_size;
    uint32_t crc;
    uint64_t packed, size, offset;   /* offset of its header */
} member;

static voidpf z_alloc(voidpf c, uInt n, uInt size) { return base_alloc_raw(c, n, size); }
static void z_free(voidpf c, voidpf p) { base_free(c, p); }

typedef struct packer {
    sori_ctx *c;
    base_file *file;
    z_stream zlib;
    unsigned char block[BLOCK];
} packer;

static void put(unsigned char **p, uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++) *(*p)++ = (unsigned char)(v >> (8 * i));
}

static bool deflate_some(packer *p, const void *data, size_t n, int flush) {
    p->zlib.next_in = (Bytef *)(uintptr_t)data;
    for (size_t done = 0; done < n || flush == Z_FINISH;) {
        size_t step = BASE_MIN(n - done, (size_t)1 << 30);
        int state, now = done + step == n ? flush : Z_NO_FLUSH;   /* zlib counts in 32 bits */
        p->zlib.avail_in = (uInt)step;
        do {
            p->zlib.next_out = p->block;
            p->zlib.avail_out = BLOCK;
            state = deflate(&p->zlib, now);
            if (!base_file_write(p->file, p->block, BLOCK - p->zlib.avail_out)) return false;
        } while (p->zlib.avail_out == 0);
        done += step;
        if (state == Z_STREAM_END) break;
    }
    return true;
}

/* The fields a member's own header and its directory entry share, from "version needed" on. */
static void put_common(unsigned char **p, const member *m, size_t extra) {
    put(p, m->size >= WIDE ? 45 : 20, 2);
    put(p, 1 << 11, 2);           /* the name is UTF-8 */
    put(p, Z_DEFLATED, 2);
    put(p, 0x00210000, 4);        /* midnight, 1 January 1980 */
    put(p, m->crc, 4);
    put(p, m->size >= WIDE ? UINT32_MAX : m->packed, 4);
    put(p, m->size >= WIDE ? UINT32_MAX : m->size, 4);
    put(p, m->name_size + 4, 2);
    put(p, extra, 2);
}

static void put_name(unsigned char **p, const member *m) {
    memcpy(*p, m->name, m->name_size);
    memcpy(*p + m->name_size, ".npy", 4);
    *p += m->name_size + 4;
}

static bool write_local(packer *p, const member *m, unsigned char *record) {
    unsigned char *at = record;
    put(&at, 0x04034b50, 4);
    put_common(&at, m, m->size >= WIDE ? 20 : 0);
    put_name(&at, m);
    if (m->size >= WIDE) put(&at, 1, 2), put(&at, 16, 2), put(&at, m->size, 8), put(&at, m->packed, 8);
    return base_file_write(p->file, record, (size_t)(at - record));
}

static bool write_entry(packer *p, const member *m, unsigned char *record) {
    unsigned char *at = record;
    bool wide = m->size >= WIDE, far = m->offset >= UINT32_MAX;
    size_t extra = (wide ? 16 : 0) + (far ? 8 : 0);
    put(&at, 0x02014b50, 4);
    put(&at, 45, 2);              /* made by: MS-DOS attributes, which means none */
    put_common(&at, m, extra ? extra + 4 : 0);
    put(&at, 0, 2 + 2 + 2);       /* comment, disk, internal attributes */
    put(&at, 0, 4);
    put(&at, far ? UINT32_MAX : m->offset, 4);
    put_name(&at, m);
    if (extra) put(&at, 1, 2), put(&at, extra, 2);
    if (wide) put(&at, m->size, 8), put(&at, m->packed, 8);
    if (far) put(&at, m->offset, 8);
    return base_file_write(p->file, record, (size_t)(at - record));
}

/* The header goes out twice: to make room, and again over itself once the packed size is known. */
static bool write_member(packer *p, const sori_array *a, member *m, unsigned char *record) {
    char header[ARRAY_NPY_HEADER];
    size_t n = array_npy_header(a, header), bytes = a->size * sori_dtype_size(a->dtype);
    m->size = n + bytes;
    m->offset = base_file_tell(p->file);
    m->crc = (uint32_t)crc32_z(crc32_z(0, (Bytef *)header, n), a->data, bytes);
    deflateReset(&p->zlib);
    bool ok = write_local(p, m, record);
    uint64_t start = base_file_tell(p->file);
    ok = ok && deflate_some(p, header, n, Z_NO_FLUSH) && deflate_some(p, a->data, bytes, Z_FINISH);
    uint64_t end = base_file_tell(p->file);
    m->packed = end - start;
    return ok && base_file_seek(p->file, m->offset) && write_local(p, m, record) && base_file_seek(p->file, end);
}

static bool write_directory(packer *p, const member *members, size_t count, unsigned char *record) {
    uint64_t start = base_file_tell(p->file);
    for (size_t i = 0; i < count; i++)
        if (!write_entry(p, &members[i], record)) return false;
    uint64_t end = base_file_tell(p->file), size = end - start;
    bool wide = count >= 0xffff || end >= UINT32_MAX;
    unsigned char *at = record;
    if (wide) {
        put(&at, 0x06064b50, 4), put(&at, 44, 8), put(&at, 45, 2), put(&at, 45, 2), put(&at, 0, 8);
        put(&at, count, 8), put(&at, count, 8), put(&at, size, 8), put(&at, start, 8);
        put(&at, 0x07064b50, 4), put(&at, 0, 4), put(&at, end, 8), put(&at, 1, 4);
    }
    put(&at, 0x06054b50, 4), put(&at, 0, 4);
    for (int i = 0; i < 2; i++) put(&at, wide ? 0xffff : count, 2);
    put(&at, wide ? UINT32_MAX : size, 4), put(&at, wide ? UINT32_MAX : start, 4), put(&at, 0, 2);
    return base_file_write(p->file, record, (size_t)(at - record));
}

static bool write_archive(packer *p, const sori_named *items, size_t count) {
    member *members = base_alloc(p->c, count + 1, sizeof *members);
    unsigned char *record = base_alloc_raw(p->c, RECORD, 1);
    bool ok = members && record;
    for (size_t i = 0; ok && i < count; i++) {
        members[i].name = items[i].name;
        members[i].name_size = strlen(items[i].name);
        if (members[i].name_size + 4 > 65535) sori_fail(p->c, SORI_EINVAL, "npz: a name is longer than 65531 bytes");
        ok = !base_failed(p->c) && write_member(p, items[i].array, &members[i], record);
    }
    ok = ok && write_directory(p, members, count, record);
    base_free(p->c, record);
    base_free(p->c, members);
    return ok;
}

sori_status sori_save_npz(sori_ctx *c, const char *path, const sori_named *items, size_t count) {
    if (!array_check_items(c, path, items, count)) return sori_error(c);
    packer *p = base_alloc(c, 1, sizeof *p);
    if (!p) return sori_error(c);
    p->c = c;
    p->zlib = (z_stream){ .zalloc = z_alloc, .zfree = z_free, .opaque = c };
    if (deflateInit2(&p->zlib, LEVEL, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        sori_fail(c, SORI_ENOMEM, "%s: out of memory", path);
    } else if ((p->file = base_file_new(c, path))) {
        if (write_archive(p, items, count)) base_file_commit(p->file);
        else base_file_abort(p->file);
    }
    deflateEnd(&p->zlib);
    base_free(c, p);
    return sori_error(c);
}
