/* walk.c - all sound files below a folder.
 *
 * As the library looks for recordings to learn from: to any depth, without hidden files and folders, and only what has
 * a sound file's ending. A folder already on the way down is not entered again, so loops of symbolic links end. */
#define _GNU_SOURCE
#include "walk.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define DEPTH 32   /* sub-folders within sub-folders */

static bool is_sound(const char *name) {
    static const char *const endings[] = {
        "wav", "wave", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "au", "snd", "caf", "w64", "rf64",
        "m4a", "mp4", "aac", "wma", "webm", "mkv", "mka", "mov",
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < CLI_COUNT(endings); i++)
        if (!strcasecmp(dot + 1, endings[i])) return true;
    return false;
}

/* Where the walk is: one link a folder, from the deepest up. */
typedef struct place {
    const struct place *above;
    dev_t device;
    ino_t inode;
    int depth;
} place;

static bool on_the_way(const place *at, const struct stat *st) {
    for (; at; at = at->above)
        if (at->device == st->st_dev && at->inode == st->st_ino) return true;
    return false;
}

static void add(cli_walk *w, char *path) {
    if (w->count == w->room) {
        size_t room = w->room ? 2 * w->room : 64;
        char **more = cli_alloc(room, sizeof *more);
        if (w->count) memcpy(more, w->paths, w->count * sizeof *more);
        free(w->paths);
        w->paths = more;
        w->room = room;
    }
    w->paths[w->count++] = path;
}

static int visible(const struct dirent *e) { return e->d_name[0] != '.'; }
static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void walk_folder(cli *k, cli_walk *w, const char *folder, const place *at);

static void walk_entry(cli *k, cli_walk *w, const char *folder, const char *name, const place *at) {
    struct stat st;
    char *path = cli_printf("%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    bool there = stat(path, &st) == 0;   /* else a broken link, or a file just removed */
    if (there && S_ISDIR(st.st_mode)) {
        place inner = { at, st.st_dev, st.st_ino, at->depth + 1 };
        if (inner.depth <= DEPTH && !on_the_way(at, &st)) walk_folder(k, w, path, &inner);
    } else if (there && S_ISREG(st.st_mode) && is_sound(name)) {
        add(w, path);
        return;
    }
    free(path);
}

static void walk_folder(cli *k, cli_walk *w, const char *folder, const place *at) {
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, visible, by_name);
    if (n < 0) {
        w->unread++;
        cli_error(k, "%s: cannot read the folder: %s", folder, strerror(errno));
    }
    for (int i = 0; i < n; i++) {
        if (!cli_interrupted()) walk_entry(k, w, folder, entries[i]->d_name, at);
        free(entries[i]);
    }
    free(entries);
}

bool cli_walk_open(cli *k, cli_walk *w, const char *folder) {
    *w = (cli_walk){ 0 };
    struct stat st;
    if (stat(folder, &st) != 0) sori_fail(k->c, SORI_EIO, "%s: cannot open: %s", folder, strerror(errno));
    else if (!S_ISDIR(st.st_mode)) sori_fail(k->c, SORI_EIO, "%s: is not a folder", folder);
    else walk_folder(k, w, folder, &(place){ NULL, st.st_dev, st.st_ino, 0 });
    if (sori_error(k->c) == SORI_OK && w->count == 0 && w->unread == 0 && !cli_interrupted())
        sori_fail(k->c, SORI_EFORMAT, "%s: there is no sound file in it", folder);
    return sori_error(k->c) == SORI_OK;
}

void cli_walk_close(cli_walk *w) {
    for (size_t i = 0; i < w->count; i++) free(w->paths[i]);
    free(w->paths);
}
