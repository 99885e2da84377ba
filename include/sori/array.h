/* sori/array.h - dense row-major arrays, and the files they live in (.npy, .npz, .safetensors).
 *
 * An array is a pointer, a shape and a dtype; no strides, no views, so a[i][j] of [n][m] is data[i * m + j].
 * It belongs to the innermost scope open in its context when it was made:
 *
 *     int s = sori_begin(c);
 *     sori_array *a = ..., *b = ..., *r = ...;
 *     sori_end(c, s, r);                  a and b are freed, r now belongs to the scope outside
 */
#ifndef SORI_ARRAY_H
#define SORI_ARRAY_H

#include <sori/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SORI_MAX_DIMS 8

typedef enum sori_dtype {
    SORI_F32 = 0, /* float */
    SORI_F64,     /* double */
    SORI_C64,     /* float re, im: numpy complex64 */
    SORI_C128,    /* double re, im */
    SORI_I32,     /* int32_t */
    SORI_I64,     /* int64_t */
    SORI_U8       /* uint8_t */
} sori_dtype;

/* Read the fields, write only through data. */
typedef struct sori_array {
    void *data;                    /* 64-byte aligned; NULL only when size is 0 */
    sori_dtype dtype;
    int ndim;                      /* 0 (a scalar) to SORI_MAX_DIMS */
    size_t shape[SORI_MAX_DIMS];
    size_t size;                   /* elements: the product of shape */
} sori_array;

/* Open a scope and return its number; close it, and every scope opened after it, freeing their arrays but `keep`
 * (or NULL), which moves to the scope outside. Closing is allowed, and frees, after an error too. Returns keep. */
SORI_API int sori_begin(sori_ctx *c);
SORI_API sori_array *sori_end(sori_ctx *c, int scope, sori_array *keep);

/* Move an array to the scope outside the innermost one, for a function that makes several. */
SORI_API void sori_keep(sori_ctx *c, sori_array *a);

/* Free one array before its scope ends. NULL is allowed. */
SORI_API void sori_array_free(sori_ctx *c, sori_array *a);

/* A new array of zeros.   err SORI_EINVAL ndim or total size out of range; SORI_ENOMEM */
SORI_API sori_array *sori_array_new(sori_ctx *c, sori_dtype dtype, int ndim, const size_t *shape);

/* A new array with a copy of data [product of shape], or with data's values converted to another dtype
 * (real to complex sets im = 0; complex to real is SORI_EINVAL; to integers truncates). */
SORI_API sori_array *sori_array_from(sori_ctx *c, sori_dtype dtype, int ndim, const size_t *shape,
                                     const void *data);
SORI_API sori_array *sori_array_cast(sori_ctx *c, const sori_array *a, sori_dtype dtype);

SORI_API size_t sori_dtype_size(sori_dtype dtype);           /* bytes an element */
SORI_API const char *sori_dtype_name(sori_dtype dtype);      /* "float32", "complex64", ... */

/* NumPy's .npy (versions 1 to 3, C or Fortran order, either byte order) and .npz (stored or deflated). Reading
 * checks the header against the file's length before memory is asked for; float16 becomes f32, smaller integers i32
 * or i64, bool u8. Writing is atomic; npz is deflated.
 *   err SORI_EIO; SORI_EFORMAT not such a file, an unsupported dtype, sizes that do not fit the file */
SORI_API sori_array *sori_load_npy(sori_ctx *c, const char *path);
SORI_API sori_status sori_save_npy(sori_ctx *c, const char *path, const sori_array *a);

/* Named arrays, as in a .npz or .safetensors. */
typedef struct sori_named {
    const char *name;      /* UTF-8, no NUL */
    sori_array *array;
} sori_named;

/* *count entries in the file's order. The arrays, the list and its names belong to the innermost scope.
 *   err as sori_load_npy, and SORI_EFORMAT a wrong checksum, overlapping members, a name that stands twice */
SORI_API const sori_named *sori_load_npz(sori_ctx *c, const char *path, size_t *count);
SORI_API sori_status sori_save_npz(sori_ctx *c, const char *path, const sori_named *items, size_t count);

/* safetensors: named tensors in the order of their data, and string metadata (a JSON object of strings as text; NULL
 * for none). All belong to the innermost scope. Writing puts larger elements first, otherwise keeps the order given.
 * F16 and BF16 are read as f32, smaller integers as i32 or i64, BOOL as u8.
 *   err SORI_EFORMAT header over 16 MB, overlapping or missing bytes, duplicate names, unknown dtype;
 *       SORI_EINVAL complex arrays, which the format does not have, metadata that are not strings */
SORI_API const sori_named *sori_load_safetensors(sori_ctx *c, const char *path, size_t *count,
                                                 const char **metadata_json);
SORI_API sori_status sori_save_safetensors(sori_ctx *c, const char *path, const sori_named *items, size_t count,
                                           const char *metadata_json);

/* The tensors of a PyTorch file (torch.save of a state dict, a checkpoint, any nesting of dicts, lists and tuples),
 * named by the keys that lead there: "model.conv1.weight". Numbers and texts are passed over. Types become ours as
 * above; strided tensors are laid out plainly. Nothing in the file is ever executed: its pickle is read by a machine
 * that knows tensors, their storages and plain containers alone.
 *   err SORI_EFORMAT any other Python object, by name (save model.state_dict(), not the model), a file of PyTorch
 *       before 1.6, damaged, or claiming more than it can hold; SORI_EIO */
SORI_API const sori_named *sori_load_pt(sori_ctx *c, const char *path, size_t *count);

#ifdef __cplusplus
}
#endif
#endif
