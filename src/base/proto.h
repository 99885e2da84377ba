/* base/proto.h - the wire format of protocol buffers: a growing buffer to write to, a bounded cursor to read with.
 *
 * A message is a row of fields, each a key (number << 3 | wire type) and a value: a varint of 7 bits a byte, 4 or 8
 * bytes, or a length and as many bytes (texts, packed numbers, messages within). Field numbers and their meaning are
 * the caller's. https://protobuf.dev/programming-guides/encoding
 *
 *     base_proto p = { .c = c };
 *     base_proto_double(&p, 1, seconds);
 *     size_t inner = base_proto_begin(&p, 5);
 *     base_proto_text(&p, 1, "loss");
 *     base_proto_end(&p, inner);
 *     ... p.data, p.size, unless the context failed
 *     base_proto_free(&p);
 */
#ifndef BASE_PROTO_H
#define BASE_PROTO_H

#include "base/base.h"

/* --- writing: what cannot be had for want of memory is left out, and the context knows ---------------------------- */

typedef struct base_proto {
    sori_ctx *c;
    uint8_t *data;         /* [size] of [room] */
    size_t size, room;
} base_proto;

void base_proto_varint(base_proto *p, int field, uint64_t v);       /* int64 (two's complement), enum, bool */
void base_proto_float(base_proto *p, int field, float v);
void base_proto_double(base_proto *p, int field, double v);
void base_proto_bytes(base_proto *p, int field, const void *data, size_t n);
void base_proto_text(base_proto *p, int field, const char *text);
/* Packed numbers. */
void base_proto_doubles(base_proto *p, int field, const double *v, size_t n);
void base_proto_varints(base_proto *p, int field, const int64_t *v, size_t n);
/* A message within: all that is written between begin and end, which takes begin's result. */
size_t base_proto_begin(base_proto *p, int field);
void base_proto_end(base_proto *p, size_t begin);
/* The key and length of n bytes that the caller writes behind p's himself. */
void base_proto_key(base_proto *p, int field, size_t n);
void base_proto_free(base_proto *p);

/* --- reading: nothing is believed beyond the bytes that are there ------------------------------------------------- */

enum { BASE_PROTO_VARINT = 0, BASE_PROTO_FIXED64 = 1, BASE_PROTO_BYTES = 2, BASE_PROTO_FIXED32 = 5 };

typedef struct base_proto_reader {
    const uint8_t *at, *end;
    bool bad;              /* a varint without end, a length beyond the end, a wire type that there is not */
} base_proto_reader;

typedef struct base_proto_field {
    uint32_t number;
    int wire;
    uint64_t value;        /* of the numbers; fixed ones as their bits */
    const uint8_t *data;   /* [size] of BASE_PROTO_BYTES */
    size_t size;
} base_proto_field;

/* The next field; false at the end, and at damage, after which bad stays set. */
bool base_proto_next(base_proto_reader *r, base_proto_field *f);
/* The next number of a packed field. */
bool base_proto_next_varint(base_proto_reader *r, uint64_t *v);
/* What lies within a field of bytes. */
static inline base_proto_reader base_proto_within(const base_proto_field *f) {
    return (base_proto_reader){ .at = f->data, .end = f->data + f->size };
}

#endif
