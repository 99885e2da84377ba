/* base/ctx.h - the inside of a context. Private to base and to the array room, which keeps its lists here. */
#ifndef BASE_CTX_H
#define BASE_CTX_H

#include "base/base.h"
#include <stdatomic.h>

/* Whatever belongs to a scope starts with this. */
typedef struct base_node {
    struct base_node *prev, *next;
    size_t scope;
} base_node;

typedef struct base_pool base_pool;

struct sori_ctx {
    sori_status status;
    char message[1024];
    sori_allocator allocator;
    sori_options options;
    int threads;
    base_pool *pool;            /* NULL until the first parallel call, or when threads is 1 */
    base_node scoped;           /* ring of all scoped objects, newest at prev */
    size_t depth;               /* open scopes; 0 is the context's own */
    struct base_text *texts;    /* interned strings */
    atomic_bool interrupt_flag;
    atomic_bool *interrupt;     /* own flag, or the parent's */
};

/* Scoped memory: n bytes (not zeroed) behind a node, in the innermost scope. */
void *base_scoped_alloc(sori_ctx *c, size_t n);
void base_scoped_free(sori_ctx *c, void *p);
void base_scoped_place(sori_ctx *c, void *p, size_t scope);   /* into that scope */
void base_scoped_move(sori_ctx *c, void *p, size_t scope);    /* the same, unless it belongs to an outer one already */
/* Free what the scopes deeper than outer hold; outer is then the innermost. */
void base_scope_close(sori_ctx *c, size_t outer);

void base_pool_free(sori_ctx *c);

#endif
