/* features_batch.c - features of all sound files below a folder, in a run that can be cut off and goes on.
 *
 * OUT/sori-features.json tells with what settings results are made; a run with others is refused. A result counts as
 * done when it is newer than its source and than that file: writing the settings anew makes all of them old, so nothing
 * need be deleted. Every result appears whole or not at all, so what a killed run leaves is what it finished, and
 * temporary files, which the next run removes. */
#include "features.h"
#include "walk.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SETTINGS "sori-features.json"
#define FAILED "sori-failed.txt"
#define SHOWN 20        /* failures listed on standard error; all are in FAILED */
#define ABANDONED 60    /* seconds since a temporary file was last written to */

typedef struct entry {
    char *path;                  /* the sound; the walk's */
    char *result;
} entry;

typedef struct batch {
    cli *k;
    const features_batch *b;
    entry *entries;              /* [count], sorted by result */
    size_t count, skipped, failed;
    struct timespec settings;    /* when they were written */
    char *text;                  /* what the failed ones said */
    size_t text_size;
    cli_tally tally;
} batch;

/* --- names ------------------------------------------------------------------------------------------------------ */

static char *path_below(const char *folder, const char *name) {
    return cli_printf("%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
}

char *features_batch_path(const features_batch *b, const char *path) {
    size_t n;
    const char *stem = cli_stem(path, &n), *below = path + strlen(b->dir);
    while (*below == '/') below++;
    char *inner = cli_printf("%.*s%s", (int)((size_t)(stem - below) + n), below, b->ending);
    char *result = path_below(b->out, inner);
    free(inner);
    return result;
}

static int compare_entries(const void *a, const void *b) {
    const entry *p = a, *q = b;
    int order = strcmp(p->result, q->result);
    return order ? order : strcmp(p->path, q->path);
}

/* Leave out what would overwrite another file's result, or our own two files. */
static void drop_clashes(batch *t) {
    char *own[] = { path_below(t->b->out, SETTINGS), path_below(t->b->out, FAILED) };
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++) {
        entry *e = &t->entries[i], *before = kept ? &t->entries[kept - 1] : NULL;
        const char *other = before && !strcmp(before->result, e->result) ? before->path : NULL;
        if (!strcmp(e->result, own[0]) || !strcmp(e->result, own[1])) other = "a file of sori's own";
        if (!other) {
            t->entries[kept++] = *e;
            continue;
        }
        fprintf(t->tally.failures, "sori features: ");
        cli_put_visible(t->tally.failures, e->path);
        fputs(": would become ", t->tally.failures);
        cli_put_visible(t->tally.failures, e->result);
        fputs(", as does ", t->tally.failures);
        cli_put_visible(t->tally.failures, other);
        fputc('\n', t->tally.failures);
        t->failed++;
        free(e->result);
    }
    t->count = kept;
    free(own[0]);
    free(own[1]);
}

/* --- settings --------------------------------------------------------------------------------------------------- */

static void put_setting(FILE *to, const cli *k, const cli_option *o) {
    const char *text = cli_text(k, o->name);
    bool number = o->type == CLI_INT || o->type == CLI_NUMBER || o->type == CLI_NUMBER_OR_NONE;
    fputs(",\n  ", to);
    cli_put_json(to, o->name);
    fputs(": ", to);
    if (!text) fputs("null", to);
    else if (number && strcmp(text, "none")) cli_put_json_number(to, cli_number(k, o->name), 15);
    else cli_put_json(to, text);
}

/* All that a result depends on, a line each. Freed by free(). */
static char *settings_of(const batch *t) {
    const cli_group *const groups[] = { &cli_load_group, &cli_feature_group, &cli_value_group };
    char *text = NULL, *dir = realpath(t->b->dir, NULL);
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to) return NULL;
    fprintf(to, "{\n  \"sori\": \"%s\",\n  \"batch\": ", sori_version());
    cli_put_json(to, dir ? dir : t->b->dir);
    fputs(",\n  \"format\": ", to);
    cli_put_json(to, t->b->ending + 1);
    fputs(",\n  \"feature\": [", to);
    for (size_t i = 0; i < t->b->count; i++) fprintf(to, "%s\"%s\"", i ? ", " : "", t->b->names[i]);
    fputc(']', to);
    for (size_t g = 0; g < CLI_COUNT(groups); g++)
        for (const cli_option *o = groups[g]->options; o->name; o++) put_setting(to, t->k, o);
    fputs("\n}\n", to);
    free(dir);
    return fclose(to) == 0 ? text : NULL;
}

static void write_settings(batch *t, const char *path, const char *text) {
    sori_file *f = sori_file_new(t->k->c, path);
    if (sori_file_write(f, text, strlen(text))) sori_file_commit(f);
    else sori_file_abort(f);
}

/* A line without blanks before and the comma behind. */
static char *trimmed(const char *line, size_t n) {
    while (n && *line == ' ') line++, n--;
    while (n && strchr(",\n", line[n - 1])) n--;
    return cli_printf("%.*s", (int)n, line);
}

/* Is the file the text? Says the first line that is not. */
static bool same_settings(batch *t, FILE *file, const char *path, const char *text) {
    char *line = NULL;
    size_t room = 0;
    bool same = true;
    while (same && *text) {
        ssize_t n = getline(&line, &room, file);
        size_t m = strcspn(text, "\n") + 1;
        same = n == (ssize_t)m && !memcmp(line, text, m);
        if (!same) {
            char *there = trimmed(line ? line : "", n > 0 ? (size_t)n : 0), *here = trimmed(text, m);
            cli_usage(t->k, "%s was made with %s, now it is %s; another --out, or --overwrite to do all anew", path,
                      *there ? there : "other settings", here);
            free(there);
            free(here);
        }
        text += m;
    }
    free(line);
    return same;
}

/* The time of a file goes forward in ticks of the kernel's clock, up to 10 ms long: after two of them every result is
 * newer than the settings just written. */
static void let_time_pass(void) { nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL); }

static int check_settings(batch *t) {
    char *path = path_below(t->b->out, SETTINGS), *text = settings_of(t);
    FILE *file = cli_flag(t->k, "overwrite") ? NULL : fopen(path, "r");
    int code = CLI_EXIT_OK;
    struct stat st;
    if (!text) code = CLI_EXIT_MEMORY;
    else if (!file) write_settings(t, path, text), let_time_pass();
    else if (!same_settings(t, file, t->b->out, text)) code = CLI_EXIT_USAGE;
    if (file) fclose(file);
    if (sori_error(t->k->c)) code = cli_fail(t->k);
    else if (code == CLI_EXIT_OK && stat(path, &st) == 0) t->settings = st.st_mtim;
    free(path);
    free(text);
    return code;
}

/* --- what is to be done ----------------------------------------------------------------------------------------- */

static bool is_newer(struct timespec a, struct timespec b) {
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

static bool is_done(const batch *t, const entry *e) {
    struct stat source, result;
    return stat(e->result, &result) == 0 && S_ISREG(result.st_mode) && is_newer(result.st_mtim, t->settings) &&
           stat(e->path, &source) == 0 && !is_newer(source.st_mtim, result.st_mtim);
}

/* Temporary files of a run that was killed: ".sori-PID-..." of a process that is no more. Another machine's may share
 * the folder, so those just written to are left alone. */
static void remove_leftovers(const char *folder) {
    DIR *dir = opendir(folder);
    struct dirent *e;
    while (dir && (e = readdir(dir))) {
        char *end;
        struct stat st;
        if (strncmp(e->d_name, ".sori-", 6) || !isxdigit((unsigned char)e->d_name[6])) continue;
        long pid = strtol(e->d_name + 6, &end, 16);
        if (*end != '-' || pid <= 0 || kill((pid_t)pid, 0) == 0 || errno != ESRCH) continue;
        char *path = path_below(folder, e->d_name);
        if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && time(NULL) - st.st_mtime >= ABANDONED) unlink(path);
        free(path);
    }
    if (dir) closedir(dir);
}

/* Make the folders of all results. The entries are sorted, so most have that of the one before. */
static void make_folders(batch *t) {
    char *last = NULL;
    for (size_t i = 0; i < t->count && sori_error(t->k->c) == SORI_OK; i++) {
        const char *result = t->entries[i].result;
        char *folder = cli_printf("%.*s", (int)(strrchr(result, '/') - result), result);
        bool same = last && !strcmp(folder, last);
        if (!same && sori_make_dirs(t->k->c, folder) == SORI_OK) remove_leftovers(folder);
        free(last);
        last = folder;
    }
    free(last);
}

static void list_entries(batch *t, const cli_walk *w) {
    t->entries = cli_alloc(w->count, sizeof *t->entries);
    t->count = w->count;
    for (size_t i = 0; i < w->count; i++)
        t->entries[i] = (entry){ w->paths[i], features_batch_path(t->b, w->paths[i]) };
    qsort(t->entries, t->count, sizeof *t->entries, compare_entries);
}

/* --- doing it --------------------------------------------------------------------------------------------------- */

static int run_pending(batch *t) {
    cli *k = t->k;
    const char **operands = k->operands;
    size_t operand_count = k->operand_count, n = 0;
    const char **pending = cli_alloc(t->count, sizeof *pending);
    for (size_t i = 0; i < t->count; i++)
        if (!is_done(t, &t->entries[i])) pending[n++] = t->entries[i].path;
    t->skipped = t->count - n;
    if (t->skipped) cli_say(k, "%zu of %zu files were done before", t->skipped, t->count);
    bool color = k->color_err;
    k->color_err = false;   /* messages go into a file too */
    k->operands = pending;
    k->operand_count = n;
    int code = n == 0 ? CLI_EXIT_OK
             : cli_each_file(k, &(cli_each){ .fn = t->b->fn, .user = t->b->user, .counted = true,
                                             .jobs = (size_t)cli_int(k, "jobs"), .tally = &t->tally });
    k->operands = operands;
    k->operand_count = operand_count;
    k->color_err = color;
    free(pending);
    return code;
}

/* The failed files' messages: the first to standard error, all into OUT, where there is none after a run without. */
static void tell_failures(batch *t) {
    static const char prefix[] = "sori features: ";
    char *path = path_below(t->b->out, FAILED);
    cli_out o;
    bool open = t->text_size && cli_out_open(t->k, &o, path);
    if (!t->text_size) unlink(path);
    size_t lines = 0;
    for (const char *line = t->text; line && *line; lines++) {
        size_t n = strcspn(line, "\n"), skip = strncmp(line, prefix, strlen(prefix)) ? 0 : strlen(prefix);
        if (open) fprintf(o.to, "%.*s\n", (int)(n - skip), line + skip);
        if (lines < SHOWN) fprintf(stderr, "%.*s\n", (int)n, line);
        line += n + (line[n] == '\n');
    }
    if (open) cli_out_commit(&o);
    if (lines > SHOWN) cli_say(t->k, "%zu more messages are in %s", lines - SHOWN, path);
    free(path);
}

static int finish(batch *t, int code) {
    cli *k = t->k;
    size_t total = t->count + t->failed, failed = t->failed + t->tally.failed, done = t->tally.done + t->skipped;
    if (k->json) {
        printf("{\"files\": %zu, \"done\": %zu, \"before\": %zu, \"failed\": %zu, \"out\": ", total, t->tally.done,
               t->skipped, failed);
        cli_put_json(stdout, t->b->out);
        puts("}");
    }
    fclose(t->tally.failures);
    t->tally.failures = NULL;
    if (code != CLI_EXIT_INTERRUPTED) tell_failures(t);
    if (code == CLI_EXIT_INTERRUPTED)
        cli_say(k, "%zu of %zu files are done; the same command goes on from here", done, total);
    else if (failed) cli_say(k, "%zu of %zu files failed", failed, total);
    else cli_say(k, "%zu files in %s", done, t->b->out);
    if (code == CLI_EXIT_INTERRUPTED) return code;
    if (sori_error(k->c)) return cli_fail(k);
    return (double)failed <= cli_number(k, "max_bad") * (double)total ? CLI_EXIT_OK : CLI_EXIT_SOME_FAILED;
}

static int run_walked(batch *t, const cli_walk *w) {
    list_entries(t, w);
    drop_clashes(t);
    int code = CLI_EXIT_OK;
    if (sori_make_dirs(t->k->c, t->b->out) != SORI_OK) code = cli_fail(t->k);
    if (code == CLI_EXIT_OK) code = check_settings(t);
    if (code == CLI_EXIT_OK) make_folders(t);
    if (code == CLI_EXIT_OK && sori_error(t->k->c)) code = cli_fail(t->k);
    if (code == CLI_EXIT_OK) code = finish(t, run_pending(t));
    for (size_t i = 0; i < t->count; i++) free(t->entries[i].result);
    free(t->entries);
    return code;
}

int features_run_batch(cli *k, const features_batch *b) {
    batch t = { .k = k, .b = b };
    cli_walk w;
    t.tally.failures = open_memstream(&t.text, &t.text_size);
    if (!t.tally.failures) return CLI_EXIT_MEMORY;
    int code = cli_walk_open(k, &w, b->dir) ? CLI_EXIT_OK : cli_fail(k);
    t.failed = w.unread;
    if (code == CLI_EXIT_OK) code = cli_interrupted() ? CLI_EXIT_INTERRUPTED : run_walked(&t, &w);
    cli_walk_close(&w);
    if (t.tally.failures) fclose(t.tally.failures);
    free(t.text);
    return code;
}
