/* array/file.h - what the readers and writers of array files share. Private to the array room.
 *
 * A reader takes bytes from a stream that knows how many are left, so that no size in a file is believed beyond what
 * is really there. Elements of the files' many types become the nearest dtype of ours that holds them all. */
#ifndef ARRAY_FILE_H
#define ARRAY_FILE_H

#include "array/array.h"

/* --- input.c: bytes, and the elements they stand for ------------------------------------------------------------ */

typedef struct array_stream {
    sori_ctx *c;
    const char *name;      /* for messages: the path, or path and member */
    int fd;
    uint64_t position;     /* in the file */
    uint64_t left;         /* bytes that can still be read */
    bool (*read)(struct array_stream *s, void *out, size_t n);   /* NULL: plainly from fd */
    void *inflater;        /* of a deflated stream */
} array_stream;

/* Open a regular file; *bytes is its length. -1 after an error. */
int array_open(sori_ctx *c, const char *path, uint64_t *bytes);
/* n bytes at a position of the file, all or an error. */
bool array_read_at(sori_ctx *c, const char *path, int fd, uint64_t position, void *out, size_t n);
/* The stream's next n bytes, all or an error. */
bool array_stream_read(array_stream *s, void *out, size_t n);

/* An element type of a file. The names are NULL where the format has no such type. */
typedef struct array_type {
    const char *npy, *safetensors;   /* "f2" (without byte order), "F16" */
    int size;                        /* bytes in the file */
    sori_dtype dtype;                /* what it becomes */
} array_type;

const array_type *array_type_of_npy(const char *name);
const array_type *array_type_of_safetensors(const char *name);
/* The type that holds a dtype unchanged. */
const array_type *array_type_of_dtype(sori_dtype dtype);

/* A new array of that shape, filled from the stream. swap: the file's byte order is not ours; fortran: its first index
 * runs fastest. err SORI_EFORMAT if the elements are not exactly what is left in the stream. */
sori_array *array_read(array_stream *s, const array_type *type, int ndim, const size_t *shape, bool swap,
                       bool fortran);

/* --- npy.c: for npz.c ------------------------------------------------------------------------------------------- */

sori_array *array_read_npy(array_stream *s);
#define ARRAY_NPY_HEADER 512
/* The header of a .npy into out [ARRAY_NPY_HEADER]; its length. */
size_t array_npy_header(const sori_array *a, char *out);

/* Scoped room for a list of count named arrays. */
sori_named *array_new_list(sori_ctx *c, size_t count);
/* A copy of n bytes with a NUL behind, owned by the innermost scope. */
const char *array_scoped_text(sori_ctx *c, const char *text, size_t n);
/* Record SORI_EINVAL unless every item has a name, no two the same, and an array. */
bool array_check_items(sori_ctx *c, const char *path, const sori_named *items, size_t count);
/* The first name that stands twice in items, NULL if none. */
const char *array_repeated_name(sori_ctx *c, const sori_named *items, size_t count);

#endif
