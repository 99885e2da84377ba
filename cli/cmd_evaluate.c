/* cmd_evaluate.c - sori evaluate: how good a model is on labelled recordings it has not learned from. */
#include "cli.h"
#include <string.h>

/* Names stand last: how wide they are is the terminal's secret. */
static void put_scores(const sori_evaluation *e) {
    printf("%9s %9s %9s %9s  class\n", "precision", "recall", "f1", "support");
    for (size_t i = 0; i < e->label_count; i++) {
        const sori_class_score *s = &e->scores[i];
        printf("%9.3f %9.3f %9.3f %9zu  ", s->precision, s->recall, s->f1, s->support);
        cli_put_visible(stdout, e->labels[i]);
        putchar('\n');
    }
}

/* Rows are the truth; columns are numbered, and the numbers stand before the rows' names. */
static void put_confusion(const sori_evaluation *e) {
    printf("\nconfusion (rows: true, columns: predicted)\n    ");
    for (size_t j = 0; j < e->label_count; j++) printf(" %5zu", j + 1);
    putchar('\n');
    for (size_t i = 0; i < e->label_count; i++) {
        printf("%3zu ", i + 1);
        for (size_t j = 0; j < e->label_count; j++) {
            uint64_t n = e->confusion[i * e->label_count + j];
            if (n) printf(" %5llu", (unsigned long long)n);
            else printf("     .");
        }
        fputs("  ", stdout);
        cli_put_visible(stdout, e->labels[i]);
        putchar('\n');
    }
}

static void put_text(const sori_evaluation *e) {
    put_scores(e);
    put_confusion(e);
    printf("\naccuracy  %.2f %% of %zu recordings, %.2f %% of segments; loss %.4f\n", 100 * e->accuracy,
           e->recordings, 100 * e->segment_accuracy, e->loss);
    if (e->bad_files) printf("skipped   %zu unreadable files\n", e->bad_files);
}

static void put_json_scores(const sori_evaluation *e) {
    for (size_t i = 0; i < e->label_count; i++) {
        const sori_class_score *s = &e->scores[i];
        fputs(i ? ",\n    " : "\n    ", stdout);
        cli_put_json(stdout, e->labels[i]);
        printf(": {\"precision\": %.9g, \"recall\": %.9g, \"f1\": %.9g, \"support\": %zu}", s->precision, s->recall,
               s->f1, s->support);
    }
}

static void put_json(const sori_evaluation *e) {
    printf("{\"accuracy\": %.9g, \"segment_accuracy\": %.9g, \"loss\": ", e->accuracy, e->segment_accuracy);
    cli_put_json_number(stdout, e->loss, 9);
    printf(", \"recordings\": %zu, \"bad_files\": %zu,\n  \"labels\": [", e->recordings, e->bad_files);
    for (size_t i = 0; i < e->label_count; i++) {
        if (i) fputs(", ", stdout);
        cli_put_json(stdout, e->labels[i]);
    }
    fputs("],\n  \"classes\": {", stdout);
    put_json_scores(e);
    fputs("},\n  \"confusion\": [", stdout);
    for (size_t i = 0; i < e->label_count; i++)
        for (size_t j = 0; j < e->label_count; j++)
            printf("%s%llu%s", j ? ", " : i ? ",\n    [" : "\n    [",
                   (unsigned long long)e->confusion[i * e->label_count + j], j + 1 == e->label_count ? "]" : "");
    puts("]}");
}

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int run(cli *k) {
    static const sori_split which[] = { SORI_TRAIN, SORI_VAL, SORI_TEST, SORI_TEST };
    sori_split_config split = cli_split_config(k);
    bool own_split = split.test_pattern || split.val_pattern;
    sori_classifier *classifier = sori_classifier_load(k->c, k->operands[0]);
    sori_scan_config scan = cli_scan_config(k);
    sori_evaluation e = { 0 };
    int part = cli_choice(k, "split");
    const char *report = cli_text(k, "report");
    if (classifier)
        sori_evaluate_classifier(classifier, k->operands[1], &scan, own_split ? &split : NULL, part == 3, which[part],
                                 cli_max_bad(k), &e);
    if (!sori_error(k->c)) (k->json ? put_json : put_text)(&e);
    if (report && !sori_error(k->c)) sori_evaluation_report(k->c, classifier, &e, file_name(k->operands[0]), report);
    int code = sori_error(k->c) ? cli_fail(k) : CLI_EXIT_OK;
    if (report && code == CLI_EXIT_OK) cli_say(k, "wrote %s/report.html", report);
    sori_classifier_free(classifier);
    return code;
}

static const cli_option options[] = {
    { "split", 0, CLI_CHOICE, "train|val|test|all", "test", "which recordings; all: every one, for data of its own" },
    { "report", 0, CLI_FOLDER, "DIR", NULL, "write report.html and confusion.png there" },
    { NULL }
};
static const cli_group group = { "Evaluation", options };

const cli_command cmd_evaluate = {
    .name = "evaluate",
    .summary = "measure a trained model: accuracy, precision, recall, F1, confusion matrix",
    .operands = "MODEL DATA",
    .min_operands = 2,
    .max_operands = 2,
    .examples = {
        { "sori evaluate digits.safetensors digits/", "the test split of the data it was trained on" },
        { "sori evaluate digits.safetensors other/ --split all --report out", "other data, and a page with sounds" },
        { "sori evaluate digits.safetensors digits/ --json", "for a program" },
    },
    .groups = { &group, &cli_data_group },
    .text = "The split, the label pattern and the seed of the training are stored in the model and used again unless "
            "they are given here. A recording's class is that of the mean probability over its segments.",
    .run = run,
};
