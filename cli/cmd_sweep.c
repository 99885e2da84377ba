/* cmd_sweep.c - sori sweep: which settings of a training pay. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- the grid ----------------------------------------------------------------------------------------------------- */

/* Axes in the order of the command line; their texts lie in the words. */
typedef struct grid {
    char **words;                /* of --grid, where commas part values, too */
    char **rest;                 /* the operands' values */
    sori_sweep_axis *axes;
    const char **values;
    size_t axis_count, value_count;
} grid;

/* NAME=VALUE begins an axis, VALUE goes on with the last one. False: it does neither. */
static bool add_word(grid *g, char *word) {
    char *equals = strchr(word, '=');
    if (equals) {
        *equals = 0;
        for (char *p = word; *p; p++)
            if (*p == '-') *p = '_';
        g->axes[g->axis_count++] = (sori_sweep_axis){ word, &g->values[g->value_count], 0 };
        word = equals + 1;
    }
    if (g->axis_count == 0) return false;
    if (!*word) return true;     /* the library says that there are no values */
    g->values[g->value_count++] = word;
    g->axes[g->axis_count - 1].count++;
    return true;
}

static bool refuse(cli *k, const char *word) {
    cli_usage(k, "%s: not NAME=VALUE,VALUE,...; DATA comes first, then the grid", word);
    return false;
}

/* All words behind DATA belong to the grid as well: --grid a=1,2 b=3,4. */
static bool read_grid(cli *k, grid *g) {
    size_t count, most = k->operand_count;
    g->words = cli_list(k, "grid", &count);
    for (size_t i = 0; i < k->operand_count; i++) most += strlen(k->operands[i]);
    g->axes = cli_alloc(count + k->operand_count, sizeof *g->axes);
    g->values = cli_alloc(count + most, sizeof *g->values);
    g->rest = cli_alloc(k->operand_count, sizeof *g->rest);
    for (size_t i = 0; i < count; i++)
        if (!add_word(g, g->words[i])) return refuse(k, g->words[i]);
    for (size_t i = 1; i < k->operand_count; i++) {
        if (!strchr(k->operands[i], '=')) return refuse(k, k->operands[i]);
        char *text = g->rest[i] = cli_printf("%s", k->operands[i]);
        for (char *word; (word = strsep(&text, ","));)
            if (*word) add_word(g, word);
    }
    return true;
}

static void free_grid(cli *k, grid *g) {
    for (size_t i = 0; i < k->operand_count; i++) free(g->rest[i]);
    free(g->rest);
    free(g->values);
    free(g->axes);
    free(g->words);
}

/* --- while it runs ------------------------------------------------------------------------------------------------ */

static void show_stage(void *user, const char *stage, size_t done, size_t total) {
    cli_progress_count(user, stage, done, total);
    if (done == total) cli_progress_end(user);
}

/* "7/48 sr=8000 seed=1: 93.33 %, 12.1 s", and below it the bar. */
static void show_run(void *user, const sori_sweep_run *r) {
    char *line = r->error ? cli_printf("%zu/%zu %s: failed: %s", r->done, r->total, r->name, r->error)
                          : cli_printf("%zu/%zu %s: %.2f %%, %.1f s", r->done, r->total, r->name, 100 * r->accuracy,
                                       r->seconds);
    cli_progress_draw(user, line, true);
    free(line);
    ((cli_progress *)user)->last_s = -1;   /* the bar at once, since the line took its place */
    if (r->done < r->total) cli_progress_count(user, "sweep", r->done, r->total);
}

/* --- what came of it: text ---------------------------------------------------------------------------------------- */

static const char *compared(const sori_sweep_result *r) { return r->by_validation ? "validation" : "test"; }

static bool is_swept(const sori_sweep_result *r, size_t a) { return r->axes[a].count > 1; }

static size_t width_of(const sori_sweep_result *r, size_t a) {
    size_t width = strlen(r->axes[a].name);
    for (size_t i = 0; i < r->axes[a].count; i++) {
        size_t n = strlen(r->axes[a].values[i]);
        width = n > width ? n : width;
    }
    return width;
}

static void put_accuracy(double mean, double spread) {
    char text[32] = "-";
    if (isfinite(spread)) snprintf(text, sizeof text, "%.2f ± %.2f", 100 * mean, 100 * spread);
    else if (isfinite(mean)) snprintf(text, sizeof text, "%.2f", 100 * mean);
    printf("%-*s", isfinite(spread) ? 16 : 15, text);   /* the sign is two bytes */
}

static void put_row(const sori_sweep_result *r, const sori_sweep_row *row) {
    for (size_t a = 0; a < r->axis_count; a++)
        if (is_swept(r, a)) printf("%-*s  ", (int)width_of(r, a), row->values[a]);
    if (row->runs) {
        put_accuracy(row->test_accuracy, r->by_validation ? NAN : row->spread);
        put_accuracy(row->val_accuracy, r->by_validation ? row->spread : NAN);
        printf("%8.1f", row->seconds);
    }
    if (row->error) {
        printf(row->runs ? "  failed with other seeds: " : "failed: ");
        cli_put_visible(stdout, row->error);
    }
    putchar('\n');
}

static void put_rows(const sori_sweep_result *r, size_t top, const char *dir) {
    size_t n = top && top < r->row_count ? top : r->row_count;
    for (size_t a = 0; a < r->axis_count; a++)
        if (is_swept(r, a)) printf("%-*s  ", (int)width_of(r, a), r->axes[a].name);
    printf("%-15s%-15s%8s\n", "test %", "validation %", "s a run");
    for (size_t i = 0; i < n; i++) put_row(r, &r->rows[i]);
    if (n == r->row_count) return;
    printf("... and %zu more in ", r->row_count - n);
    cli_put_visible(stdout, dir);
    puts("/results.csv");
}

static void put_margins(const sori_sweep_result *r) {
    size_t last = SIZE_MAX, width = 0;
    for (size_t a = 0; a < r->axis_count; a++) {
        size_t w = is_swept(r, a) ? width_of(r, a) : 0;
        width = w > width ? w : width;
    }
    if (width == 0) return;
    printf("\nwhat pays: mean %s accuracy over the other parameters\n", compared(r));
    for (size_t i = 0; i < r->margin_count; i++) {
        const sori_sweep_margin *m = &r->margins[i];
        if (!is_swept(r, m->axis)) continue;
        printf("%-*s  %-*s  ", (int)width, m->axis == last ? "" : r->axes[m->axis].name, (int)width, m->value);
        last = m->axis;
        if (m->rows) put_accuracy(m->accuracy, m->spread);
        if (m->rows) printf("%8.1f s a run\n", m->seconds);
        else puts("no combination to compare");
    }
}

static void put_text(cli *k, const sori_sweep_result *r) {
    put_rows(r, (size_t)cli_int(k, "top"), cli_text(k, "out"));
    put_margins(r);
    printf("\n%zu runs: %zu trained, %zu done before, %zu failed\n", r->trained + r->kept, r->trained, r->kept,
           r->failed);
}

/* --- what came of it: JSON ---------------------------------------------------------------------------------------- */

static void put_pair(const char *name, double v) {
    printf(", \"%s\": ", name);
    cli_put_json_number(stdout, v, 9);
}

static void put_json_row(const sori_sweep_result *r, const sori_sweep_row *row) {
    fputs("{\"settings\": {", stdout);
    for (size_t a = 0; a < r->axis_count; a++) {
        printf("%s\"%s\": ", a ? ", " : "", r->axes[a].name);
        cli_put_json(stdout, row->values[a]);
    }
    printf("}, \"runs\": %zu", row->runs);
    put_pair("accuracy", row->accuracy);
    put_pair("spread", row->spread);
    put_pair("val_accuracy", row->val_accuracy);
    put_pair("test_accuracy", row->test_accuracy);
    fputs(", \"error\": ", stdout);
    if (row->error) cli_put_json(stdout, row->error);
    else fputs("null", stdout);
    put_pair("seconds", row->seconds);
    putchar('}');
}

static void put_json_margin(const sori_sweep_result *r, const sori_sweep_margin *m) {
    printf("{\"parameter\": \"%s\", \"value\": ", r->axes[m->axis].name);
    cli_put_json(stdout, m->value);
    printf(", \"combinations\": %zu", m->rows);
    put_pair("accuracy", m->accuracy);
    put_pair("spread", m->spread);
    put_pair("seconds", m->seconds);
    putchar('}');
}

static void put_json(const sori_sweep_result *r) {
    printf("{\"compared\": \"%s\", \"seeds\": %zu, \"trained\": %zu, \"kept\": %zu, \"failed\": %zu,\n \"rows\": [",
           compared(r), r->seeds, r->trained, r->kept, r->failed);
    for (size_t i = 0; i < r->row_count; i++) {
        fputs(i ? ",\n  " : "\n  ", stdout);
        put_json_row(r, &r->rows[i]);
    }
    fputs("],\n \"margins\": [", stdout);
    for (size_t i = 0; i < r->margin_count; i++) {
        fputs(i ? ",\n  " : "\n  ", stdout);
        put_json_margin(r, &r->margins[i]);
    }
    puts("]}");
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static int sweep(cli *k, const grid *g, const sori_split_config *split) {
    cli_progress progress = cli_progress_new(k);
    const char *out = cli_text(k, "out");
    sori_sweep_config config = {
        .axes = g->axes, .axis_count = g->axis_count, .seeds = (int)cli_int(k, "seeds"),
        .by_validation = cli_choice(k, "by") == 1, .scan = cli_scan_config(k), .split = *split,
        .max_bad = cli_max_bad(k), .cache = cli_text(k, "cache"), .jobs = (int)cli_int(k, "jobs"),
        .progress = show_stage, .on_run = show_run, .user = &progress,
    };
    sori_sweep_result r;
    sori_status status = sori_sweep(k->c, k->operands[0], out, &config, &r);
    cli_progress_end(&progress);
    if (status == SORI_EINTR) cli_say(k, "what was done is in %s; the same command goes on from there", out);
    if (status != SORI_OK) return cli_fail(k);
    if (k->json) put_json(&r);
    else put_text(k, &r);
    cli_say(k, "wrote %s/report.html", out);
    return r.failed ? CLI_EXIT_SOME_FAILED : CLI_EXIT_OK;
}

static int run(cli *k) {
    grid g = { 0 };
    sori_split_config split;
    if (!cli_text(k, "out")) return cli_usage(k, "-o DIR is missing: the folder to work in");
    int code = CLI_EXIT_USAGE;
    if (read_grid(k, &g) && cli_set_split(k, &split)) code = sweep(k, &g, &split);
    free_grid(k, &g);
    return code;
}

static const cli_option options[] = {
    { "grid", 'g', CLI_LIST, "NAME=VALUE,...", NULL,
      "values to try; more parameters as further words: --grid sr=8000,16000 n_mels=40,64" },
    { "out", 'o', CLI_FOLDER, "DIR", NULL,
      "folder for results.csv, sweep.svg, sweep.png, report.html and finished runs" },
    { "seeds", 0, CLI_INT, "N", "1", "runs of every combination, with --seed and the seeds after it", 1, 1000 },
    { "jobs", 0, CLI_INT, "N", "0", "runs at once, a thread each; 0: one for each of --threads, the most", 0, 256 },
    { "by", 0, CLI_CHOICE, "test|validation", "test", "the split whose accuracy is compared" },
    { "split", 0, CLI_TEXT, "TRAIN/VAL/TEST", "70/15/15", "shares of the recordings, stratified by label" },
    { "top", 0, CLI_INT, "N", "20", "combinations to print; 0: all", 0, 10000 },
    { "cache", 0, CLI_FOLDER, "FOLDER", NULL, "keep features here; default: DIR/cache" },
    { NULL }
};
static const cli_group group = { "Sweep", options };

const cli_command cmd_sweep = {
    .name = "sweep",
    .summary = "train every combination of a grid of settings, and tell which of them pay",
    .operands = "DATA [NAME=VALUE,...]...",
    .min_operands = 1,
    .max_operands = -1,
    .examples = {
        { "sori sweep genres/ --grid sr=8000,16000,22050 n_mels=40,92,128 -o sweep", "which rate, how many bands" },
        { "sori sweep digits/ --label-pattern '{label}_*' --grid segment=0.5,1 overlap=0,0.5 --seeds 3 -o out",
          "segments, with the spread over three seeds" },
        { "sori sweep list.csv --grid model=maxcnn,crnn,m5 augment=yes,no -o out --json", "models, for a program" },
    },
    .groups = { &group, &cli_data_group },
    .text = "Parameters: model, feature, sr, segment, overlap (of segments, a share of one), n_fft, hop_length, "
            "n_mels, n_mfcc, fmin, fmax, augment (yes, no), epochs, batch_size, learning_rate. All else is as in "
            "'sori train', and so are those not given. A parameter with one value is set, not compared.\n\n"
            "Every finished run is kept in DIR/runs, known by its settings, its seed and the content of the "
            "recordings. After Ctrl-C (exit code 130) or a power cut the same command goes on where it was; a larger "
            "grid trains only what is new. Results do not depend on --jobs.\n\n"
            "A combination that cannot be trained, such as a model too large for the segment, is reported with its "
            "reason and the others go on; the exit code is then 1. Whoever chooses by the test split and then quotes "
            "its accuracy is too optimistic: choose with --by validation.",
    .run = run,
};
