/* npz.c - reading several arrays from one file, a ZIP (zip.c) whose members are NAME.npy.            numpy.load */
#include "array/zip.h"
#include <string.h>

static bool take_npy(array_stream *s, void *user) {
    sori_array **a = user;
    return (*a = array_read_npy(s)) != NULL;
}

/* The names without ".npy", before any array is made. */
static sori_named *list_names(const array_zip *z) {
    sori_named *list = array_new_list(z->c, z->count);
    for (size_t i = 0; list && i < z->count && !base_failed(z->c); i++) {
        const array_zip_member *m = &z->members[i];
        size_t n = m->name_size;
        if (n > 4 && !memcmp(m->name + n - 4, ".npy", 4)) n -= 4;
        list[i].name = array_scoped_text(z->c, (const char *)m->name, n);
    }
    const char *twice = base_failed(z->c) ? NULL : array_repeated_name(z->c, list, z->count);
    if (twice) sori_fail(z->c, SORI_EFORMAT, "%s: two arrays are named \"%s\"", z->path, twice);
    return base_failed(z->c) ? NULL : list;
}

const sori_named *sori_load_npz(sori_ctx *c, const char *path, size_t *count) {
    array_zip z;
    *count = 0;
    sori_named *list = array_zip_open(&z, c, path, ".npz") ? list_names(&z) : NULL;
    for (size_t i = 0; list && i < z.count; i++)
        if (!array_zip_read(&z, &z.members[i], list[i].name, take_npy, &list[i].array)) list = NULL;
    if (list) *count = z.count;
    array_zip_close(&z);
    return list;
}
