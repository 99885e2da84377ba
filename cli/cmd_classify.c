/* cmd_classify.c - sori classify: what a trained model hears in sound files. */
#include "cli.h"
#include <stdlib.h>

typedef struct job {
    sori_classifier *classifier;
    const char *const *labels;
    size_t label_count, rows;
    int top;
} job;

/* The most probable class not yet taken. */
static size_t next_best(const float *p, size_t n, const bool *taken) {
    size_t best = n;
    for (size_t i = 0; i < n; i++)
        if (!taken[i] && (best == n || p[i] > p[best])) best = i;
    return best;
}

/* "piano  98.2 %  guitar   1.1 %  bass   0.4 %<TAB>file" */
static void put_text(job *j, const char *path, const float *p) {
    bool *taken = cli_alloc(j->label_count, sizeof *taken);
    for (int rank = 0; rank < j->top && (size_t)rank < j->label_count; rank++) {
        size_t best = next_best(p, j->label_count, taken);
        taken[best] = true;
        if (rank) fputs("  ", stdout);
        cli_put_visible(stdout, j->labels[best]);
        printf(" %5.1f %%", 100 * (double)p[best]);
    }
    fputs("\t", stdout);
    cli_put_visible(stdout, path);
    putchar('\n');
    free(taken);
}

static void put_json(job *j, const char *path, const float *p) {
    size_t best = 0;
    for (size_t i = 1; i < j->label_count; i++) best = p[i] > p[best] ? i : best;
    fputs(j->rows ? ",\n  {\"path\": " : "[\n  {\"path\": ", stdout);
    cli_put_json(stdout, path);
    fputs(", \"label\": ", stdout);
    cli_put_json(stdout, j->labels[best]);
    fputs(", \"probabilities\": {", stdout);
    for (size_t i = 0; i < j->label_count; i++) {
        if (i) fputs(", ", stdout);
        cli_put_json(stdout, j->labels[i]);
        fputs(": ", stdout);
        cli_put_json_number(stdout, (double)p[i], 9);
    }
    fputs("}}", stdout);
}

static int classify_file(cli *k, const char *path, void *user) {
    job *j = user;
    int scope = sori_begin(k->c);
    sori_array *p = sori_classify_file(j->classifier, path);
    if (p) {
        (k->json ? put_json : put_text)(j, path, p->data);
        j->rows++;
    }
    sori_end(k->c, scope, NULL);
    return p ? CLI_EXIT_OK : cli_fail(k);
}

static int run(cli *k) {
    job j = { .classifier = sori_classifier_load(k->c, k->operands[0]), .top = (int)cli_int(k, "top") };
    if (!j.classifier) return cli_fail(k);
    j.label_count = sori_classifier_labels(j.classifier, &j.labels);
    k->operands++;
    k->operand_count--;
    int code = cli_each_operand(k, classify_file, &j);
    k->operands--;
    k->operand_count++;
    if (k->json) puts(j.rows ? "\n]" : "[]");
    sori_classifier_free(j.classifier);
    return code;
}

static const cli_option options[] = {
    { "top", 0, CLI_INT, "N", "3", "how many classes to show, the most probable first", 1, 1000 },
    { NULL }
};
static const cli_group group = { "Output", options };

const cli_command cmd_classify = {
    .name = "classify",
    .summary = "tell the classes of sound files with a trained model",
    .operands = "MODEL FILE...",
    .min_operands = 2,
    .max_operands = -1,
    .examples = { { "sori classify digits.safetensors new.wav", "the three most probable classes" },
                  { "sori classify --json digits.safetensors *.wav", "all probabilities, for a program" } },
    .groups = { &group },
    .text =
        "Sound of any format, rate and length is brought to the model's own settings, cut into its segments, and the "
        "probabilities of the segments are averaged.",
    .run = run,
};
