/* names.c - where results go: names made of the input's, in a folder or beside each other. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *cli_stem(const char *path, size_t *n) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    *n = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    return name;
}

bool cli_is_folder(const char *path) {
    struct stat st;
    return path[strlen(path) - 1] == '/' || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

bool cli_ends_in(const char *path, const char *ending) {
    size_t n = strlen(path), m = strlen(ending);
    return n > m && !strcmp(path + n - m, ending);
}

char *cli_path_in(const char *folder, const char *path, const char *ending) {
    size_t n, length = strlen(folder);
    const char *stem = cli_stem(path, &n), *slash = length && folder[length - 1] == '/' ? "" : "/";
    return cli_printf("%s%s%.*s%s", folder, slash, (int)n, stem, ending);
}

bool cli_same_file(const char *a, const char *b) {
    struct stat s, t;
    return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

static int compare_stems(const void *a, const void *b) {
    size_t n, m;
    const char *s = cli_stem(*(const char *const *)a, &n), *t = cli_stem(*(const char *const *)b, &m);
    int order = memcmp(s, t, n < m ? n : m);
    return order ? order : (n > m) - (n < m);
}

int cli_check_stems(cli *k, const char *folder, const char *ending) {
    size_t n = k->operand_count;
    const char **sorted = cli_alloc(n, sizeof *sorted);
    memcpy(sorted, k->operands, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_stems);
    int code = CLI_EXIT_OK;
    for (size_t i = 1; i < n && code == CLI_EXIT_OK; i++) {
        if (compare_stems(&sorted[i - 1], &sorted[i])) continue;
        char *path = cli_path_in(folder, sorted[i], ending);
        code = cli_usage(k, "%s and %s would both become %s", sorted[i - 1], sorted[i], path);
        free(path);
    }
    free(sorted);
    return code;
}
