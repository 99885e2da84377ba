/* proto.c - the wire format of protocol buffers, written and read. */
#include "base/proto.h"
#include <string.h>

#define MAX_VARINT 10     /* bytes of 64 bits, 7 a byte */

/* --- writing ------------------------------------------------------------------------------------------------------ */

static uint8_t *take(base_proto *p, size_t n) {
    size_t wanted;
    if (base_failed(p->c)) return NULL;
    if (base_add_overflows(p->size, n, &wanted)) wanted = SIZE_MAX;
    if (wanted > p->room) {
        size_t room = BASE_MAX(wanted, BASE_MAX(p->room < SIZE_MAX / 2 ? 2 * p->room : SIZE_MAX, (size_t)256));
        uint8_t *grown = base_grow(p->c, p->data, p->size, room, 1);
        if (!grown) return NULL;
        p->data = grown;
        p->room = room;
    }
    uint8_t *at = p->data + p->size;
    p->size = wanted;
    return at;
}

static void put(base_proto *p, const void *data, size_t n) {
    uint8_t *at = n ? take(p, n) : NULL;
    if (at) memcpy(at, data, n);
}

static size_t varint(uint8_t out[MAX_VARINT], uint64_t v) {
    size_t n = 0;
    for (; v > 127; v >>= 7) out[n++] = (uint8_t)(v | 128);
    out[n++] = (uint8_t)v;
    return n;
}

static void put_varint(base_proto *p, uint64_t v) {
    uint8_t bytes[MAX_VARINT];
    put(p, bytes, varint(bytes, v));
}

static void put_key(base_proto *p, int field, int wire) { put_varint(p, (uint64_t)field << 3 | (uint64_t)wire); }

/* Little endian, whatever the machine. */
static void put_fixed(base_proto *p, uint64_t bits, size_t n) {
    uint8_t bytes[8];
    for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)(bits >> (8 * i));
    put(p, bytes, n);
}

void base_proto_varint(base_proto *p, int field, uint64_t v) {
    put_key(p, field, BASE_PROTO_VARINT);
    put_varint(p, v);
}

void base_proto_float(base_proto *p, int field, float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    put_key(p, field, BASE_PROTO_FIXED32);
    put_fixed(p, bits, 4);
}

static void put_double(base_proto *p, double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    put_fixed(p, bits, 8);
}

void base_proto_double(base_proto *p, int field, double v) {
    put_key(p, field, BASE_PROTO_FIXED64);
    put_double(p, v);
}

void base_proto_key(base_proto *p, int field, size_t n) {
    put_key(p, field, BASE_PROTO_BYTES);
    put_varint(p, n);
}

void base_proto_bytes(base_proto *p, int field, const void *data, size_t n) {
    base_proto_key(p, field, n);
    put(p, data, n);
}

void base_proto_text(base_proto *p, int field, const char *text) { base_proto_bytes(p, field, text, strlen(text)); }

void base_proto_doubles(base_proto *p, int field, const double *v, size_t n) {
    base_proto_key(p, field, 8 * n);
    for (size_t i = 0; i < n; i++) put_double(p, v[i]);
}

void base_proto_varints(base_proto *p, int field, const int64_t *v, size_t n) {
    size_t inner = base_proto_begin(p, field);
    for (size_t i = 0; i < n; i++) put_varint(p, (uint64_t)v[i]);
    base_proto_end(p, inner);
}

size_t base_proto_begin(base_proto *p, int field) {
    put_key(p, field, BASE_PROTO_BYTES);
    return p->size;
}

/* The length stands before what it counts, so that moves by the length's own few bytes. */
void base_proto_end(base_proto *p, size_t begin) {
    uint8_t bytes[MAX_VARINT];
    size_t length = p->size - begin, n = varint(bytes, length);
    if (!take(p, n)) return;
    memmove(p->data + begin + n, p->data + begin, length);
    memcpy(p->data + begin, bytes, n);
}

void base_proto_free(base_proto *p) {
    base_free(p->c, p->data);
    *p = (base_proto){ .c = p->c };
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool bad(base_proto_reader *r) {
    r->bad = true;
    r->at = r->end;
    return false;
}

/* Ten bytes at most, and of the tenth one bit. */
bool base_proto_next_varint(base_proto_reader *r, uint64_t *v) {
    *v = 0;
    if (r->at == r->end) return false;
    for (int i = 0; i < MAX_VARINT && r->at < r->end; i++) {
        uint8_t byte = *r->at++;
        if (i == MAX_VARINT - 1 && byte > 1) return bad(r);
        *v |= (uint64_t)(byte & 127) << (7 * i);
        if (byte < 128) return true;
    }
    return bad(r);
}

static bool next_fixed(base_proto_reader *r, size_t n, uint64_t *v) {
    if ((size_t)(r->end - r->at) < n) return bad(r);
    *v = 0;
    for (size_t i = 0; i < n; i++) *v |= (uint64_t)*r->at++ << (8 * i);
    return true;
}

static bool next_bytes(base_proto_reader *r, base_proto_field *f) {
    uint64_t n;
    if (!base_proto_next_varint(r, &n) || n > (size_t)(r->end - r->at)) return bad(r);
    f->data = r->at;
    f->size = (size_t)n;
    r->at += n;
    return true;
}

bool base_proto_next(base_proto_reader *r, base_proto_field *f) {
    uint64_t key;
    *f = (base_proto_field){ 0 };
    if (!base_proto_next_varint(r, &key)) return false;
    if (key >> 3 == 0 || key >> 3 >= UINT32_C(1) << 29) return bad(r);
    f->number = (uint32_t)(key >> 3);
    f->wire = (int)(key & 7);
    switch (f->wire) {
    case BASE_PROTO_VARINT: return base_proto_next_varint(r, &f->value) || bad(r);
    case BASE_PROTO_FIXED64: return next_fixed(r, 8, &f->value);
    case BASE_PROTO_FIXED32: return next_fixed(r, 4, &f->value);
    case BASE_PROTO_BYTES: return next_bytes(r, f);
    default: return bad(r);   /* groups, which nobody writes any more */
    }
}
