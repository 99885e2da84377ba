/* pt.c - tensors of a PyTorch file: a ZIP (zip.c) with a pickle (pickle.c) and one member a storage.       torch.load
 *
 * The pickle says which containers there are; the tensors in them are found by walking down, named by the keys on the
 * way. A tensor is a view of a storage: offset, sizes and strides, which must stay within it, and no tensor may be
 * larger than its storage (an expanded one would let a small file ask for any memory). */
#include "array/pickle.h"
#include "array/zip.h"
#include <string.h>
#include <unistd.h>

#define MOST_DEPTH 32
#define MOST_TENSORS 65536
#define MOST_VISITS 1000000          /* items looked at: shared containers could make a small file a long walk */
#define MOST_NAME 512
#define MOST_SHARING 16              /* arrays may take so many times the bytes of all storages, shared as they are */

typedef struct reader {
    array_zip zip;
    pickle p;
    uint8_t *bytes;                  /* the pickle's */
    const char *folder;              /* of the archive's members: "state/" [folder_size] */
    size_t folder_size;
    bool swap;
    sori_named *list;
    size_t count, visits;
    uint64_t room;                   /* bytes that arrays may still take */
    const array_zip_member *at;      /* the storage read last, and its elements */
    sori_array *storage;
} reader;

static bool damaged(reader *r, const char *what, const char *name) {
    sori_fail(r->zip.c, SORI_EFORMAT, "%s: %s%s%s", r->zip.path, what, *name ? " " : "", name);
    return false;
}

/* --- members ------------------------------------------------------------------------------------------------------ */

static const array_zip_member *find(const reader *r, const char *folder, const char *name, size_t n) {
    size_t lead = r->folder_size, below = strlen(folder);
    for (size_t i = 0; i < r->zip.count; i++) {
        const array_zip_member *m = &r->zip.members[i];
        if (m->name_size == lead + below + n && !memcmp(m->name, r->folder, lead) &&
            !memcmp(m->name + lead, folder, below) && !memcmp(m->name + lead + below, name, n))
            return m;
    }
    return NULL;
}

static bool take_bytes(array_stream *s, void *user) {
    uint8_t **bytes = user;
    *bytes = s->left < SIZE_MAX ? base_alloc_raw(s->c, (size_t)s->left + 1, 1) : NULL;
    return *bytes && array_stream_read(s, *bytes, (size_t)s->left);
}

/* The pickle's member names the folder of all others. */
static bool open_pickle(reader *r) {
    const array_zip_member *m = NULL;
    for (size_t i = 0; i < r->zip.count && !m; i++) {
        const array_zip_member *it = &r->zip.members[i];
        if (it->name_size >= 8 && !memcmp(it->name + it->name_size - 8, "data.pkl", 8)) m = it;
    }
    if (!m) return damaged(r, "not a PyTorch file: no data.pkl in it", "");
    r->folder = (const char *)m->name;
    r->folder_size = m->name_size - 8;
    return array_zip_read(&r->zip, m, "data.pkl", take_bytes, &r->bytes) &&
           array_pickle_run(&r->p, r->zip.c, r->zip.path, r->bytes, (size_t)m->size);
}

static bool read_byte_order(reader *r) {
    const array_zip_member *m = find(r, "", "byteorder", 9);
    uint8_t *word = NULL;
    if (!m) return true;
    if (array_zip_read(&r->zip, m, "byteorder", take_bytes, &word)) r->swap = m->size == 3 && !memcmp(word, "big", 3);
    base_free(r->zip.c, word);
    return !base_failed(r->zip.c);
}

/* --- storages ----------------------------------------------------------------------------------------------------- */

static const array_type *type_of(const pickle_object *global) {
    static const char *const names[][2] = {
        { "FloatStorage", "F32" }, { "DoubleStorage", "F64" }, { "HalfStorage", "F16" }, { "BFloat16Storage", "BF16" },
        { "LongStorage", "I64" },  { "IntStorage", "I32" },    { "ShortStorage", "I16" }, { "CharStorage", "I8" },
        { "ByteStorage", "U8" },   { "BoolStorage", "BOOL" },
    };
    for (size_t i = 0; i < BASE_COUNT(names); i++)
        if (global->size == strlen(names[i][0]) && !memcmp(global->text, names[i][0], global->size))
            return array_type_of_safetensors(names[i][1]);
    return NULL;
}

typedef struct wanted { reader *r; const array_type *type; sori_array *a; } wanted;

static bool take_storage(array_stream *s, void *user) {
    wanted *w = user;
    size_t n = (size_t)(s->left / (uint64_t)w->type->size);
    w->a = array_read(s, w->type, 1, &n, w->r->swap, false);
    return w->a != NULL;
}

/* The elements of a storage, in a scope of the caller's. */
static bool open_storage(reader *r, const pickle_object *storage) {
    const pickle_object *global = array_pickle_item(&r->p, storage, 1), *key = array_pickle_item(&r->p, storage, 2);
    wanted w = { .r = r, .type = type_of(global) };
    if (!w.type) {
        sori_fail(r->zip.c, SORI_EFORMAT, "%s: tensors of torch.%.*s are not read", r->zip.path,
                  (int)BASE_MIN(global->size, (size_t)60), global->text);
        return false;
    }
    const array_zip_member *m = key->kind == PICKLE_TEXT ? find(r, "data/", key->text, key->size) : NULL;
    if (!m) return damaged(r, "a storage is missing", "");
    if (r->at == m && r->storage->dtype == w.type->dtype) return true;
    if (r->storage) sori_array_free(r->zip.c, r->storage);
    r->storage = NULL;
    r->at = NULL;
    if (!array_zip_read(&r->zip, m, "data", take_storage, &w)) return false;
    r->storage = w.a;
    r->at = m;
    return true;
}

/* --- tensors ------------------------------------------------------------------------------------------------------ */

typedef struct view { int ndim; size_t shape[SORI_MAX_DIMS], stride[SORI_MAX_DIMS], offset; } view;

/* Whole numbers of a tuple; how many, -1 if there are others. */
static int sizes_of(const reader *r, const pickle_object *tuple, size_t *out) {
    if (!tuple || tuple->kind != PICKLE_TUPLE || tuple->count > SORI_MAX_DIMS) return -1;
    for (uint32_t i = 0; i < tuple->count; i++) {
        const pickle_object *v = array_pickle_item(&r->p, tuple, i);
        if (v->kind != PICKLE_WHOLE || v->whole < 0) return -1;
        out[i] = (size_t)v->whole;
    }
    return (int)tuple->count;
}

/* The view's last element must be in the storage, and so must be as many as it has. */
static bool fits(const view *v, size_t elements) {
    size_t last = v->offset, size = 1;
    for (int i = 0; i < v->ndim; i++)
        if (v->shape[i] == 0) return true;
    for (int i = 0; i < v->ndim; i++) {
        size_t reach;
        if (base_mul_overflows(v->shape[i] - 1, v->stride[i], &reach) || base_add_overflows(last, reach, &last) ||
            base_mul_overflows(size, v->shape[i], &size))
            return false;
    }
    return last < elements && size <= elements;
}

static void copy_view(const view *v, const sori_array *storage, sori_array *a) {
    size_t element = sori_dtype_size(a->dtype), at[SORI_MAX_DIMS] = { 0 }, from = v->offset;
    for (size_t k = 0; k < a->size; k++) {
        memcpy((char *)a->data + k * element, (const char *)storage->data + from * element, element);
        for (int i = v->ndim - 1; i >= 0; i--) {
            from += v->stride[i];
            if (++at[i] < v->shape[i]) break;
            from -= v->stride[i] * v->shape[i];
            at[i] = 0;
        }
    }
}

static bool add_tensor(reader *r, const pickle_object *tensor, const char *name) {
    sori_ctx *c = r->zip.c;
    view v = { 0 };
    const pickle_object *storage = array_pickle_item(&r->p, tensor, 0), *offset = array_pickle_item(&r->p, tensor, 1);
    v.ndim = sizes_of(r, array_pickle_item(&r->p, tensor, 2), v.shape);
    int strides = sizes_of(r, array_pickle_item(&r->p, tensor, 3), v.stride);
    if (storage->kind != PICKLE_STORAGE || offset->kind != PICKLE_WHOLE || offset->whole < 0 || v.ndim < 0 ||
        strides != v.ndim)
        return damaged(r, "a tensor's description is wrong:", name);
    v.offset = (size_t)offset->whole;
    if (r->count == MOST_TENSORS) return damaged(r, "over 65536 tensors", "");
    if (!open_storage(r, storage)) return false;
    if (!fits(&v, r->storage->size)) return damaged(r, "a tensor reaches beyond its storage, or is larger:", name);
    sori_array *a = array_new_raw(c, r->storage->dtype, v.ndim, v.shape);
    if (!a) return false;
    uint64_t bytes = (uint64_t)a->size * sori_dtype_size(a->dtype);
    if (bytes > r->room) return damaged(r, "its tensors share storages more than 16 times", "");
    r->room -= bytes;
    copy_view(&v, r->storage, a);
    r->list[r->count].name = array_scoped_text(c, name, strlen(name));
    r->list[r->count++].array = a;
    return !base_failed(c);
}

/* --- walking ------------------------------------------------------------------------------------------------------ */

/* The tensors below o are counted, then, with a list to put them into, made. name [size] is where o stands. */
static bool walk(reader *r, const pickle_object *o, char *name, size_t size, int depth);

/* key, value, key, ... of dicts; numbers name the items of others. */
static bool walk_items(reader *r, const pickle_object *o, char *name, size_t size, int depth) {
    bool dict = o->kind == PICKLE_DICT;
    const pickle_object *key = NULL;
    uint32_t i = 0;
    for (uint32_t cell = o->first; cell != PICKLE_END; cell = r->p.cells[cell].next, i++) {
        const pickle_object *item = &r->p.objects[r->p.cells[cell].object];
        if (++r->visits > MOST_VISITS) return damaged(r, "too deeply shared containers", "");
        if (dict && i % 2 == 0) {
            key = item;
            continue;
        }
        char text[32];
        base_format(text, sizeof text, "%lld", dict ? (long long)key->whole : (long long)i);
        bool named = dict && key->kind == PICKLE_TEXT;
        size_t n = named ? key->size : strlen(text), end = size + (size > 0) + n;
        if (end >= MOST_NAME || (named && memchr(key->text, 0, n)))
            return damaged(r, "a name is over 512 bytes, or holds a NUL", "");
        if (size) name[size] = '.';
        memcpy(name + end - n, named ? key->text : text, n);
        name[end] = 0;
        if (!walk(r, item, name, end, depth + 1)) return false;
    }
    name[size] = 0;
    return true;
}

static bool walk(reader *r, const pickle_object *o, char *name, size_t size, int depth) {
    if (depth > MOST_DEPTH) return damaged(r, "containers more than 32 deep, or within themselves", "");
    if (o->kind == PICKLE_TENSOR && r->list) return add_tensor(r, o, size ? name : "tensor");
    if (o->kind == PICKLE_TENSOR) r->count++;
    bool container = o->kind == PICKLE_DICT || o->kind == PICKLE_LIST || o->kind == PICKLE_TUPLE;
    return !container || walk_items(r, o, name, size, depth);
}

static bool walk_all(reader *r) {
    char name[MOST_NAME] = "";
    const pickle_object *root = &r->p.objects[r->p.root];
    if (!walk(r, root, name, 0, 0)) return false;
    for (size_t i = 0; i < r->zip.count; i++)
        r->room += MOST_SHARING * BASE_MIN(r->zip.members[i].size, UINT64_MAX >> 16);
    r->list = array_new_list(r->zip.c, r->count);
    r->count = r->visits = 0;
    name[0] = 0;
    if (!r->list || !walk(r, root, name, 0, 0)) return false;
    const char *twice = array_repeated_name(r->zip.c, r->list, r->count);
    return twice ? damaged(r, "two tensors are named", twice) : !base_failed(r->zip.c);
}

/* Before 1.6 a file was a row of pickles, the first a number of ten bytes. */
static bool is_legacy(sori_ctx *c, const char *path) {
    unsigned char head[2] = { 0 };
    uint64_t bytes = 0;
    int fd = array_open(c, path, &bytes);
    bool legacy = fd >= 0 && bytes >= 2 && array_read_at(c, path, fd, 0, head, 2) && head[0] == 0x80 && head[1] < 6;
    if (fd >= 0) close(fd);
    if (legacy)
        sori_fail(c, SORI_EFORMAT, "%s: a file as PyTorch wrote them before 1.6; load and save it with a newer one",
                  path);
    return base_failed(c);
}

const sori_named *sori_load_pt(sori_ctx *c, const char *path, size_t *count) {
    *count = 0;
    if (base_failed(c) || is_legacy(c, path)) return NULL;
    reader r = { .p.c = c };
    bool ok = array_zip_open(&r.zip, c, path, ".pt") && open_pickle(&r) && read_byte_order(&r) && walk_all(&r);
    if (r.storage) sori_array_free(c, r.storage);
    array_pickle_free(&r.p);
    base_free(c, r.bytes);
    array_zip_close(&r.zip);
    if (ok) *count = r.count;
    return ok ? r.list : NULL;
}
