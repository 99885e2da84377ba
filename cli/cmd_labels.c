/* cmd_labels.c - sori labels: label files of Audacity, CSV and JAMS, shown or converted into each other. */
#include "cli.h"
#include <string.h>

static const char format_words[] = "audacity|csv|jams";

/* The library's format, 0 for the ending's. */
static sori_labels_format format_of(const cli *k, const char *option) {
    return cli_given(k, option) ? (sori_labels_format)(SORI_LABELS_AUDACITY + cli_choice(k, option))
                                : SORI_LABELS_BY_NAME;
}

static void put_text(FILE *to, const sori_label *l) {
    fprintf(to, "%12.6f %12.6f  ", l->start_s, l->end_s);
    cli_put_visible(to, l->text);
    fputc('\n', to);
}

static void put_json(FILE *to, const sori_label *l) {
    fputs("{\"start\": ", to);
    cli_put_json_number(to, l->start_s, 17);
    fputs(", \"end\": ", to);
    cli_put_json_number(to, l->end_s, 17);
    fputs(", \"text\": ", to);
    cli_put_json(to, l->text);
    if (l->high_hz > 0) fprintf(to, ", \"low\": %.9g, \"high\": %.9g", l->low_hz, l->high_hz);
    if (l->has_confidence) fputs(", \"confidence\": ", to), cli_put_json_number(to, l->confidence, 9);
    fputc('}', to);
}

static void show(const cli *k, const sori_labels *labels) {
    if (!k->json && labels->n) fprintf(k->out, "%12s %12s  %s\n", "START s", "END s", "TEXT");
    for (size_t i = 0; i < labels->n; i++) {
        if (k->json) fputs(i ? ",\n  " : "[\n  ", k->out);
        (k->json ? put_json : put_text)(k->out, &labels->items[i]);
    }
    if (k->json) fputs(labels->n ? "\n]\n" : "[]\n", k->out);
}

static void convert(cli *k, const sori_labels *labels, const char *out) {
    sori_labels_config config = { .format = format_of(k, "format"), .name_space = cli_text(k, "namespace"),
                                  .duration_s = cli_number(k, "duration") };
    sori_save_labels(k->c, out, labels->items, labels->n, &config);
}

static int run(cli *k) {
    const char *in = k->operands[0], *out = cli_text(k, "out");
    if (out && cli_same_file(in, out)) return cli_usage(k, "--out %s: is the file that is read", out);
    if (!out && cli_given(k, "format")) return cli_usage(k, "--format needs --out");
    sori_labels_config config = { .format = format_of(k, "from"),
                                  .name_space = cli_given(k, "from_namespace") ? cli_text(k, "from_namespace") : NULL };
    sori_labels labels = sori_load_labels(k->c, in, &config);
    if (!labels.memory) return cli_fail_with(k, in);
    if (out) convert(k, &labels, out);
    else show(k, &labels);
    return sori_error(k->c) ? cli_fail(k) : CLI_EXIT_OK;
}

static const cli_option options[] = {
    { "out", 'o', CLI_FILE, "FILE", NULL, "the file to write: .txt (Audacity), .csv or .jams" },
    { "format", 0, CLI_CHOICE, format_words, NULL, "of the file to write; default: as it ends" },
    { "from", 0, CLI_CHOICE, format_words, NULL, "format of the file to read; default: as it ends" },
    { "namespace", 0, CLI_TEXT, "NAME", "segment_open", "of the JAMS annotation to write" },
    { "from_namespace", 0, CLI_TEXT, "NAME", NULL, "of the JAMS annotation to read; default: the first there is" },
    { "duration", 0, CLI_NUMBER, "SECONDS", "0", "of the sound, for JAMS; 0: to the last label's end", 0, 1e9 },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_labels = {
    .name = "labels",
    .summary = "show label files, or convert between Audacity, CSV and JAMS",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .examples = {
        { "sori labels song.jams", "what is in it" },
        { "sori labels song.txt -o song.jams", "from Audacity to JAMS" },
        { "sori labels notes.jams --from_namespace beat -o beats.csv", "one annotation of several" },
    },
    .groups = { &group },
    .text = "Audacity's files keep times, text and frequency band, CSV times and text, JAMS times, text and "
            "confidence.",
    .run = run,
};
