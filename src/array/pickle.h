/* array/pickle.h - what a pickle of tensors in plain containers holds. Private to the array room. */
#ifndef ARRAY_PICKLE_H
#define ARRAY_PICKLE_H

#include "base/base.h"

typedef enum pickle_kind {
    PICKLE_NONE, PICKLE_MARK, PICKLE_WHOLE, PICKLE_REAL, PICKLE_TEXT, PICKLE_TUPLE, PICKLE_LIST, PICKLE_DICT,
    PICKLE_GLOBAL, PICKLE_STORAGE, PICKLE_TENSOR
} pickle_kind;

#define PICKLE_END UINT32_MAX

/* An object; others are meant by their numbers. Items of containers are cells in a row, a dict's key, value, key. */
typedef struct pickle_object {
    pickle_kind kind;
    int64_t whole;                   /* also what kind of global */
    const char *text;                /* [size], in the pickle's bytes: texts, a storage's type */
    size_t size;
    uint32_t first, last, count;     /* cells of containers; a tensor's and a storage's arguments */
} pickle_object;

typedef struct pickle_cell { uint32_t object, next; } pickle_cell;

typedef struct pickle {
    sori_ctx *c;
    const char *path;
    const uint8_t *at, *end;
    pickle_object *objects;
    pickle_cell *cells;
    uint32_t *stack, *memo;
    uint32_t n_objects, n_cells, n_stack, n_memo, room_objects, room_cells, room_stack, room_memo;
    uint32_t root;
} pickle;

/* Run the bytes, which must outlive the result. False after an error; free it either way. */
bool array_pickle_run(pickle *p, sori_ctx *c, const char *path, const uint8_t *bytes, size_t n);
void array_pickle_free(pickle *p);

/* Item i of a container or of the arguments, NULL if there is none. */
const pickle_object *array_pickle_item(const pickle *p, const pickle_object *o, uint32_t i);

#endif
