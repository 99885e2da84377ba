/* cmd_export.c - sori export: a model for other programs, as ONNX, or its weights as PyTorch's or Keras's. */
#include "cli.h"
#include <string.h>

static sori_layout layout_of(const char *name) {
    return !strcmp(name, "torch") ? SORI_LAYOUT_TORCH : !strcmp(name, "keras") ? SORI_LAYOUT_KERAS : SORI_LAYOUT_SORI;
}

static int run(cli *k) {
    const char *onnx = cli_text(k, "onnx"), *weights = cli_text(k, "weights"), *from = k->operands[0];
    if (!onnx && !weights) return cli_usage(k, "--onnx FILE or --weights FILE says what to write and where");
    if ((onnx && cli_same_file(onnx, from)) || (weights && cli_same_file(weights, from)))
        return cli_usage(k, "%s would be overwritten by itself", from);
    sori_model *m = sori_model_load(k->c, from, NULL);
    if (onnx && sori_export_onnx(m, onnx) == SORI_OK) cli_say(k, "wrote %s", onnx);
    if (weights && sori_weights_save(m, weights, layout_of(cli_text(k, "layout")), NULL) == SORI_OK)
        cli_say(k, "wrote %s", weights);
    sori_model_free(m);
    return sori_error(k->c) ? cli_fail(k) : CLI_EXIT_OK;
}

static const cli_option options[] = {
    { "onnx", 0, CLI_FILE, "FILE", NULL, "write an ONNX file (opset 17)" },
    { "weights", 0, CLI_FILE, "FILE", NULL, "write the weights alone, as safetensors" },
    { "layout", 0, CLI_CHOICE, "torch|keras|sori", "torch", "whose names and axes the weights get" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_export = {
    .name = "export",
    .summary = "write a model as ONNX, or its weights for PyTorch or Keras",
    .operands = "MODEL",
    .min_operands = 1,
    .max_operands = 1,
    .examples = { { "sori export digits.safetensors --onnx digits.onnx", "the network as it predicts" },
                  { "sori export digits.safetensors --weights digits-torch.safetensors",
                    "for load_state_dict of a natural nn.Module" } },
    .groups = { &group },
    .text = "Input and output are the model's own, channels last, with a free batch axis. The features that a "
            "classifier computes from sound before the network are not part of the file.",
    .run = run,
};
