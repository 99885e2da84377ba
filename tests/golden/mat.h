/* mat.h - reads the numeric variables of a MATLAB 5 file, enough for the known answers of other laboratories.
 *
 * A file is 128 bytes of header, then elements: type, length, data padded to 8 bytes; data of up to 4 bytes may lie in
 * the second half of an 8-byte tag. A variable is an element of type matrix, mostly deflated, whose parts are flags,
 * dimensions, name, real and imaginary values, the values in whatever type holds them smallest. Arrays are stored
 * column after column. MathWorks, "MAT-File Format", version 5. */
#ifndef MAT_H
#define MAT_H

#include "test.h"
#include "base/base.h"
#include <zlib.h>

enum { MAT_MATRIX = 14, MAT_DEFLATED = 15 };

typedef struct mat {
    size_t rows, columns;
    double *re, *im;         /* [columns][rows]; im is NULL if real */
} mat;

typedef struct mat_element {
    uint32_t type, n;        /* bytes of data */
    const char *data, *next;
} mat_element;

static inline mat_element mat_next(const char *p) {
    mat_element e;
    uint32_t tag[2];
    memcpy(tag, p, 8);
    bool small = tag[0] >> 16;
    e.type = tag[0] & 0xffff;
    e.n = small ? tag[0] >> 16 : tag[1];
    e.data = p + (small ? 4 : 8);
    e.next = small ? p + 8 : p + 8 + (e.type == MAT_DEFLATED ? e.n : (e.n + 7) / 8 * 8);
    return e;
}

static inline double mat_number(const mat_element *e, size_t i) {
    static const size_t sizes[] = { 0, 1, 1, 2, 2, 4, 4, 4, 0, 8 };
    union { int8_t i8; uint8_t u8; int16_t i16; uint16_t u16; int32_t i32; uint32_t u32; float f; double d; } v;
    assert_true(e->type < BASE_COUNT(sizes) && (i + 1) * sizes[e->type] <= e->n);
    memcpy(&v, e->data + i * sizes[e->type], sizes[e->type]);
    switch (e->type) {
    case 1: return v.i8;
    case 2: return v.u8;
    case 3: return v.i16;
    case 4: return v.u16;
    case 5: return v.i32;
    case 6: return v.u32;
    case 7: return (double)v.f;
    default: return v.d;
    }
}

static inline double *mat_numbers(const mat_element *e, size_t n) {
    double *out = malloc((n + 1) * sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < n; i++) out[i] = mat_number(e, i);
    return out;
}

/* The matrix whose parts begin at p, if it is called name. */
static inline bool mat_take(const char *p, const char *name, mat *out) {
    mat_element flags = mat_next(p), dims = mat_next(flags.next), text = mat_next(dims.next);
    if (text.n != strlen(name) || memcmp(text.data, name, text.n) != 0) return false;
    mat_element re = mat_next(text.next);
    out->rows = (size_t)mat_number(&dims, 0);
    out->columns = (size_t)mat_number(&dims, 1);
    out->re = mat_numbers(&re, out->rows * out->columns);
    bool complex = (int)mat_number(&flags, 0) & 0x800;
    mat_element im = complex ? mat_next(re.next) : re;
    out->im = complex ? mat_numbers(&im, out->rows * out->columns) : NULL;
    return true;
}

/* Variable `name` of the file; freed by mat_free. */
static inline mat mat_load(sori_ctx *c, const char *path, const char *name) {
    size_t size;
    mat out = { 0 };
    char *file = base_read_file(c, path, 1 << 24, &size);
    assert_true(file && size > 136);
    for (const char *p = file + 128; !out.re && p + 8 <= file + size;) {
        mat_element e = mat_next(p);
        uLongf room = 1 << 23;
        char *inflated = malloc(room);
        assert_true(inflated && e.next <= file + size);
        if (e.type == MAT_DEFLATED && uncompress((Bytef *)inflated, &room, (const Bytef *)e.data, e.n) == Z_OK)
            mat_take(mat_next(inflated).data, name, &out);
        else if (e.type == MAT_MATRIX) mat_take(e.data, name, &out);
        free(inflated);
        p = e.next;
    }
    base_free(c, file);
    if (!out.re) fail_msg("%s: no variable %s", path, name);
    return out;
}

static inline void mat_free(mat *m) {
    free(m->re);
    free(m->im);
}

/* A scalar variable. */
static inline double mat_scalar(sori_ctx *c, const char *path, const char *name) {
    mat m = mat_load(c, path, name);
    double v = m.re[0];
    mat_free(&m);
    return v;
}

#endif
