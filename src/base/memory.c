/* memory.c - allocation through the context, and scopes.
 *
 * Scoped objects sit in one ring, newest last, each with the number of its scope. Closing scope s walks back from
 * the newest while the number is >= s: cost O(objects freed), plus the few that were moved outward meanwhile. */
#include "base/ctx.h"
#include <stdio.h>
#include <string.h>

void *base_alloc_raw(sori_ctx *c, size_t n, size_t size) {
    size_t bytes;
    void *p = NULL;
    if (!c) return NULL;
    if (!base_mul_overflows(n, size, &bytes)) p = c->allocator.alloc(c->allocator.user, bytes ? bytes : 1);
    if (!p) sori_fail(c, SORI_ENOMEM, "out of memory (%zu x %zu bytes)", n, size);
    return p;
}

void *base_alloc(sori_ctx *c, size_t n, size_t size) {
    void *p = base_alloc_raw(c, n, size);
    if (p) memset(p, 0, n * size);
    return p;
}

void base_free(sori_ctx *c, void *p) {
    if (p) c->allocator.free(c->allocator.user, p);
}

void *base_grow(sori_ctx *c, void *p, size_t old_n, size_t new_n, size_t size) {
    char *q = base_alloc_raw(c, new_n, size);
    if (!q) return NULL;
    size_t kept = BASE_MIN(old_n, new_n) * size;
    if (kept) memcpy(q, p, kept);
    memset(q + kept, 0, new_n * size - kept);
    base_free(c, p);
    return q;
}

char *base_strdup(sori_ctx *c, const char *s) {
    size_t n = strlen(s) + 1;
    char *p = base_alloc_raw(c, n, 1);
    return p ? memcpy(p, s, n) : NULL;
}

char *base_printf(sori_ctx *c, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = base_vformat(NULL, 0, format, args);
    char *p = base_alloc_raw(c, (size_t)n + 1, 1);
    if (p) base_vformat(p, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return p;
}

static void unlink_node(base_node *node) {
    node->prev->next = node->next;
    node->next->prev = node->prev;
}

/* Nodes are padded so that what follows them keeps the allocator's alignment for small objects. */
_Static_assert(sizeof(base_node) % 8 == 0, "objects behind a node are 8-byte aligned");

void *base_scoped_alloc(sori_ctx *c, size_t n) {
    size_t bytes;
    if (base_add_overflows(n, sizeof(base_node), &bytes)) bytes = SIZE_MAX;
    base_node *node = base_alloc_raw(c, bytes, 1);
    if (!node) return NULL;
    node->scope = c->depth;
    node->prev = c->scoped.prev;
    node->next = &c->scoped;
    node->prev->next = node->next->prev = node;
    return node + 1;
}

void base_scoped_free(sori_ctx *c, void *p) {
    base_node *node = (base_node *)p - 1;
    unlink_node(node);
    base_free(c, node);
}

/* Insert behind the last node of that scope or an outer one, so that the ring stays ordered by scope. */
void base_scoped_place(sori_ctx *c, void *p, size_t scope) {
    base_node *node = (base_node *)p - 1;
    unlink_node(node);
    node->scope = scope;
    base_node *at = c->scoped.prev;
    while (at != &c->scoped && at->scope > scope) at = at->prev;
    node->prev = at;
    node->next = at->next;
    node->prev->next = node->next->prev = node;
}

void base_scoped_move(sori_ctx *c, void *p, size_t scope) {
    if (((base_node *)p - 1)->scope > scope) base_scoped_place(c, p, scope);
}

size_t base_scope_depth(const sori_ctx *c) { return c->depth; }

void base_scope_close(sori_ctx *c, size_t outer) {
    while (c->scoped.prev != &c->scoped && c->scoped.prev->scope > outer) base_scoped_free(c, c->scoped.prev + 1);
    c->depth = outer;
}
