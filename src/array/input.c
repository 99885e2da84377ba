/* input.c - reading array files: bounded streams, element types, byte and index order. */
#include "array/file.h"
#include "base/ctx.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the files written here are little endian");

#define BLOCK 65536   /* bytes converted at once */

int array_open(sori_ctx *c, const char *path, uint64_t *bytes) {
    struct stat st;
    if (base_failed(c)) return -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);   /* a FIFO must not make us wait */
    if (fd < 0 || fstat(fd, &st) != 0) sori_fail(c, SORI_EIO, "%s: cannot open: %s", path, strerror(errno));
    else if (S_ISDIR(st.st_mode)) sori_fail(c, SORI_EIO, "%s: cannot read: is a directory", path);
    else if (!S_ISREG(st.st_mode)) sori_fail(c, SORI_EIO, "%s: cannot read: is not a regular file", path);
    else *bytes = (uint64_t)st.st_size;
    if (fd >= 0 && base_failed(c)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool array_read_at(sori_ctx *c, const char *path, int fd, uint64_t position, void *out, size_t n) {
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(fd, (char *)out + done, n - done, (off_t)(position + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) sori_fail(c, SORI_EIO, "%s: cannot read: %s", path, strerror(errno));
        if (got == 0) sori_fail(c, SORI_EFORMAT, "%s: truncated", path);
        if (got <= 0) return false;
        done += (size_t)got;
    }
    return true;
}

bool array_stream_read(array_stream *s, void *out, size_t n) {
    if (base_failed(s->c)) return false;
    if (n > s->left) {
        sori_fail(s->c, SORI_EFORMAT, "%s: truncated: %zu bytes wanted, %llu left", s->name, n,
                  (unsigned long long)s->left);
        return false;
    }
    bool ok = s->read ? s->read(s, out, n) : array_read_at(s->c, s->name, s->fd, s->position, out, n);
    s->position += n;
    s->left -= n;
    return ok;
}

/* --- element types ---------------------------------------------------------------------------------------------- */

static const array_type types[] = {
    { "f4", "F32", 4, SORI_F32 }, { "f8", "F64", 8, SORI_F64 },   { "c8", NULL, 8, SORI_C64 },
    { "c16", NULL, 16, SORI_C128 }, { "i4", "I32", 4, SORI_I32 }, { "i8", "I64", 8, SORI_I64 },
    { "u1", "U8", 1, SORI_U8 },   { "b1", "BOOL", 1, SORI_U8 },   { "f2", "F16", 2, SORI_F32 },
    { NULL, "BF16", 2, SORI_F32 }, { "i1", "I8", 1, SORI_I32 },   { "i2", "I16", 2, SORI_I32 },
    { "u2", "U16", 2, SORI_I32 }, { "u4", "U32", 4, SORI_I64 },
};

const array_type *array_type_of_npy(const char *name) {
    for (size_t i = 0; i < BASE_COUNT(types); i++)
        if (types[i].npy && !strcmp(types[i].npy, name)) return &types[i];
    return NULL;
}

const array_type *array_type_of_safetensors(const char *name) {
    for (size_t i = 0; i < BASE_COUNT(types); i++)
        if (types[i].safetensors && !strcmp(types[i].safetensors, name)) return &types[i];
    return NULL;
}

const array_type *array_type_of_dtype(sori_dtype dtype) {
    for (size_t i = 0; i < BASE_COUNT(types); i++)
        if (types[i].dtype == dtype) return &types[i];   /* the unchanged ones come first */
    return NULL;
}

/* IEEE 754 half to single: exact. */
static float half(uint32_t h) {
    uint32_t sign = (h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023, bits;
    if (exponent == 31) bits = sign | 0x7f800000 | fraction << 13;
    else if (exponent) bits = sign | (exponent + 112) << 23 | fraction << 13;
    else {
        float tiny = (float)fraction * 0x1p-24f;
        return sign ? -tiny : tiny;
    }
    float v;
    memcpy(&v, &bits, 4);
    return v;
}

/* The elements narrower than their dtype, or with other bits. */
static void widen(const array_type *t, const unsigned char *raw, void *out) {
    uint16_t v16 = 0;
    uint32_t bits;
    if (t->size == 2) memcpy(&v16, raw, 2);
    switch (t->dtype) {
    case SORI_U8: *(uint8_t *)out = raw[0] != 0; break;
    case SORI_I64: memcpy(&bits, raw, 4), *(int64_t *)out = bits; break;
    case SORI_I32: *(int32_t *)out = t->size == 1 ? (int8_t)raw[0] : t->npy[0] == 'u' ? v16 : (int16_t)v16; break;
    case SORI_F32:
        if (t->npy) *(float *)out = half(v16);
        else bits = (uint32_t)v16 << 16, memcpy(out, &bits, 4);
        break;
    case SORI_F64: case SORI_C64: case SORI_C128: break;   /* never narrower */
    }
}

static void reverse(unsigned char *p, size_t size) {
    for (size_t i = 0; i < size / 2; i++) {
        unsigned char t = p[i];
        p[i] = p[size - 1 - i];
        p[size - 1 - i] = t;
    }
}

/* --- elements into an array ------------------------------------------------------------------------------------- */

/* Where the file's next element goes: `offset` elements from the start, for the file's index `at`. */
typedef struct walk {
    size_t at[SORI_MAX_DIMS], stride[SORI_MAX_DIMS], offset;
    bool fortran;
} walk;

static walk start_walk(const sori_array *a, bool fortran) {
    walk w = { .fortran = fortran && a->ndim > 1 };
    size_t stride = 1;
    for (int d = a->ndim - 1; d >= 0; d--) {
        w.stride[d] = stride;
        stride *= a->shape[d];
    }
    return w;
}

static void step(walk *w, const sori_array *a) {
    if (!w->fortran) {
        w->offset++;
        return;
    }
    for (int d = 0; d < a->ndim; d++) {
        w->offset += w->stride[d];
        if (++w->at[d] < a->shape[d]) return;
        w->offset -= w->stride[d] * a->shape[d];
        w->at[d] = 0;
    }
}

static bool read_converting(array_stream *s, const array_type *t, sori_array *a, bool swap, bool fortran) {
    unsigned char *block = base_alloc_raw(s->c, BLOCK, 1);
    size_t size = (size_t)t->size, out_size = sori_dtype_size(a->dtype), per_block = BLOCK / size;
    size_t unit = t->npy && t->npy[0] == 'c' ? size / 2 : size;   /* complex numbers are swapped half by half */
    bool native = array_type_of_dtype(a->dtype) == t;
    walk w = start_walk(a, fortran);
    for (size_t done = 0; block && done < a->size; done += per_block) {
        size_t n = BASE_MIN(a->size - done, per_block);
        if (!array_stream_read(s, block, n * size)) break;
        for (size_t i = 0; swap && i < n * size; i += unit) reverse(block + i, unit);
        for (size_t i = 0; i < n; i++, step(&w, a)) {
            void *out = (char *)a->data + w.offset * out_size;
            if (native) memcpy(out, block + i * size, size);
            else widen(t, block + i * size, out);
        }
    }
    base_free(s->c, block);
    return !base_failed(s->c);
}

sori_array *array_read(array_stream *s, const array_type *type, int ndim, const size_t *shape, bool swap,
                       bool fortran) {
    size_t n = 1, bytes = 0;
    bool fits = true;
    for (int i = 0; i < ndim; i++) fits = fits && !base_mul_overflows(n, shape[i], &n);
    fits = fits && !base_mul_overflows(n, (size_t)type->size, &bytes) && bytes == s->left;
    if (!fits) {
        sori_fail(s->c, SORI_EFORMAT, "%s: its shape does not fit the %llu bytes of data", s->name,
                  (unsigned long long)s->left);
        return NULL;
    }
    sori_array *a = array_new_raw(s->c, type->dtype, ndim, shape);
    if (!a) return NULL;
    bool plain = array_type_of_dtype(type->dtype) == type && !(swap && type->size > 1) && (!fortran || ndim < 2);
    if (plain ? array_stream_read(s, a->data, bytes) : read_converting(s, type, a, swap, fortran)) return a;
    sori_array_free(s->c, a);
    return NULL;
}

/* --- named arrays ----------------------------------------------------------------------------------------------- */

sori_named *array_new_list(sori_ctx *c, size_t count) {
    size_t bytes;
    if (base_mul_overflows(count + 1, sizeof(sori_named), &bytes)) bytes = SIZE_MAX;
    sori_named *list = base_scoped_alloc(c, bytes);
    if (list) memset(list, 0, bytes);
    return list;
}

const char *array_scoped_text(sori_ctx *c, const char *text, size_t n) {
    char *copy = base_scoped_alloc(c, n + 1);
    if (!copy) return NULL;
    memcpy(copy, text, n);
    copy[n] = 0;
    return copy;
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

const char *array_repeated_name(sori_ctx *c, const sori_named *items, size_t count) {
    const char *twice = NULL, **names = base_alloc(c, count, sizeof *names);
    if (!names) return NULL;
    for (size_t i = 0; i < count; i++) names[i] = items[i].name;
    if (count) qsort(names, count, sizeof *names, by_name);
    for (size_t i = 1; i < count; i++)
        if (!strcmp(names[i - 1], names[i])) twice = names[i];
    base_free(c, names);
    return twice;
}

bool array_check_items(sori_ctx *c, const char *path, const sori_named *items, size_t count) {
    if (base_failed(c)) return false;
    for (size_t i = 0; i < count; i++)
        if (!items[i].name || !items[i].name[0] || !items[i].array)
            sori_fail(c, SORI_EINVAL, "%s: item %zu has no name or no array", path, i);
    const char *twice = base_failed(c) ? NULL : array_repeated_name(c, items, count);
    if (twice) sori_fail(c, SORI_EINVAL, "%s: two arrays are named \"%s\"", path, twice);
    return !base_failed(c);
}
