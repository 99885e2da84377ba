/* scan.c - recordings in folders.
 *
 * A folder is walked to any depth. A folder already on the way down is not entered again, so loops of symbolic links
 * end; DEPTH bounds what is left. The label is the top sub-folder's name, or comes from the file's name. */
#include "data/data.h"
#include "io/io.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define DEPTH 32   /* sub-folders within sub-folders */

/* Where the walk is: one link a folder, from the deepest up. */
typedef struct place {
    const struct place *above;
    uint64_t device, inode;
    int depth;
} place;

typedef struct walk {
    sori_ctx *c;
    const sori_scan_config *config;
    data_rows *rows;
    const char *class;          /* the top sub-folder's name; NULL at the top */
    bool label_in_name;
    size_t loose;               /* recordings at the top that no pattern gives a label */
} walk;

/* --- one file --------------------------------------------------------------------------------------------------- */

static bool read_name(const char *pattern, const char *name, data_capture *label, data_capture *group) {
    size_t n = strlen(name), ending = strlen(base_path_ext(name));
    size_t stem = ending ? n - ending - 1 : n;
    return data_match(pattern, name, stem, label, group) || data_match(pattern, name, n, label, group);
}

static void add_file(walk *w, const char *path, const struct stat *st) {
    data_capture label = { 0 }, group = { 0 };
    const char *pattern = w->config->label_pattern;
    if (!w->class && !w->label_in_name) {
        w->loose++;
        return;
    }
    if (pattern && !read_name(pattern, base_path_name(path), &label, &group)) {
        sori_fail(w->c, SORI_EFORMAT, "%s: its name does not fit the label pattern \"%s\"", path, pattern);
        return;
    }
    if (!w->label_in_name) label = (data_capture){ w->class, strlen(w->class) };
    data_row *row = data_rows_add(w->c, w->rows, path, label, group);
    if (!row) return;
    row->device = (uint64_t)st->st_dev;
    row->inode = (uint64_t)st->st_ino;
}

/* --- one folder ------------------------------------------------------------------------------------------------- */

static int visible(const struct dirent *e) { return e->d_name[0] != '.'; }
static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static bool on_the_way(const place *at, uint64_t device, uint64_t inode) {
    for (; at; at = at->above)
        if (at->device == device && at->inode == inode) return true;
    return false;
}

static void walk_folder(walk *w, const char *path, const place *at);

static void walk_entry(walk *w, const char *path, const char *name, const place *at) {
    struct stat st;
    if (stat(path, &st) != 0) return;   /* a broken link, or a file just removed */
    if (S_ISDIR(st.st_mode)) {
        place inner = { at, (uint64_t)st.st_dev, (uint64_t)st.st_ino, at->depth + 1 };
        if (inner.depth > DEPTH || on_the_way(at, inner.device, inner.inode)) return;
        if (at->depth == 0) w->class = name;
        walk_folder(w, path, &inner);
        if (at->depth == 0) w->class = NULL;
    } else if (S_ISREG(st.st_mode) && io_is_sound(name)) {
        add_file(w, path, &st);
    }
}

static void walk_folder(walk *w, const char *path, const place *at) {
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, visible, by_name);
    if (n < 0) {
        if (errno == ENOMEM) sori_fail(w->c, SORI_ENOMEM, "out of memory");
        else sori_fail(w->c, SORI_EIO, "%s: cannot read the folder: %s", path, strerror(errno));
        return;
    }
    for (int i = 0; i < n; i++) {
        char *inner = base_failed(w->c) ? NULL : base_path_join(w->c, path, entries[i]->d_name);
        if (inner) walk_entry(w, inner, entries[i]->d_name, at);
        base_free(w->c, inner);
        free(entries[i]);
    }
    free(entries);
}

void data_scan_folder(sori_ctx *c, const char *path, const sori_scan_config *config, data_rows *r) {
    struct stat st;
    if (stat(path, &st) != 0) {
        sori_fail(c, SORI_EIO, "%s: cannot open: %s", path, strerror(errno));
        return;
    }
    const char *pattern = config->label_pattern;
    walk w = { .c = c, .config = config, .rows = r };
    w.label_in_name = pattern && strstr(pattern, "{label}");
    walk_folder(&w, path, &(place){ NULL, (uint64_t)st.st_dev, (uint64_t)st.st_ino, 0 });
    if (w.loose && r->count == 0)
        sori_fail(c, SORI_EFORMAT, "%s: %zu recordings lie in no class's sub-folder; make one a class, or give a label "
                  "pattern such as \"{label}_*\"", path, w.loose);
    else if (w.loose)
        base_warn(c, "%s: %zu recordings that lie in no class's sub-folder are left out", path, w.loose);
}

const sori_list *sori_scan(sori_ctx *c, const char *path, const sori_scan_config *config) {
    static const sori_scan_config defaults;
    if (base_failed(c)) return NULL;
    if (!config) config = &defaults;
    if (!path) {
        sori_fail(c, SORI_EINVAL, "scan: no path given");
        return NULL;
    }
    struct stat st;
    bool split_given = false;
    data_rows rows = { 0 };
    if (stat(path, &st) != 0) sori_fail(c, SORI_EIO, "%s: cannot open: %s", path, strerror(errno));
    else if (S_ISDIR(st.st_mode)) data_scan_folder(c, path, config, &rows);
    else if (io_is_sound(path))
        sori_fail(c, SORI_EFORMAT, "%s: is one recording; a folder of recordings or a CSV is needed", path);
    else data_scan_csv(c, path, &rows, &split_given);
    const sori_list *list = data_list_build(c, &rows, path, config, split_given);
    data_rows_free(c, &rows);
    return list;
}
