/* cmd_summary.c - sori summary: what is inside a model file. */
#include "cli.h"

static int run(cli *k) {
    sori_model *m = sori_model_load(k->c, k->operands[0], NULL);
    const char *text = m ? k->json ? sori_summary_json(m) : sori_summary(m) : NULL;
    if (text) fputs(text, stdout);
    sori_model_free(m);
    return text ? CLI_EXIT_OK : cli_fail(k);
}

const cli_command cmd_summary = {
    .name = "summary",
    .summary = "show the layers, shapes and parameters of a model file",
    .operands = "MODEL",
    .min_operands = 1,
    .max_operands = 1,
    .examples = { { "sori summary digits.safetensors", "as Keras prints it" },
                  { "sori summary --json digits.safetensors", "for a program" } },
    .run = run,
};
