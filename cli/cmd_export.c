/* cmd_export.c - sori export: a model for other programs, as ONNX. */
#include "cli.h"

static int run(cli *k) {
    const char *to = cli_text(k, "onnx");
    if (!to) return cli_usage(k, "--onnx FILE says where to");
    if (cli_same_file(to, k->operands[0])) return cli_usage(k, "%s would be overwritten by itself", to);
    sori_model *m = sori_model_load(k->c, k->operands[0], NULL);
    sori_export_onnx(m, to);
    sori_model_free(m);
    if (sori_error(k->c)) return cli_fail(k);
    cli_say(k, "wrote %s", to);
    return CLI_EXIT_OK;
}

static const cli_option options[] = {
    { "onnx", 0, CLI_FILE, "FILE", NULL, "write an ONNX file (opset 17)" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_export = {
    .name = "export",
    .summary = "write a model as ONNX, for onnxruntime and others",
    .operands = "MODEL",
    .min_operands = 1,
    .max_operands = 1,
    .examples = { { "sori export digits.safetensors --onnx digits.onnx", "the network as it predicts" } },
    .groups = { &group },
    .text = "Input and output are the model's own, channels last, with a free batch axis. The features that a "
            "classifier computes from sound before the network are not part of the file.",
    .run = run,
};
