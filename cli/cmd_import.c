/* cmd_import.c - sori import: networks from ONNX files, tensors from PyTorch's. */
#include "cli.h"

/* One line a tensor: name, type, shape. */
static void put_tensors(cli *k, const sori_named *items, size_t n) {
    for (size_t i = 0; i < n && !k->quiet; i++) {
        cli_put_visible(k->out, items[i].name);
        fprintf(k->out, "  %s [", sori_dtype_name(items[i].array->dtype));
        for (int d = 0; d < items[i].array->ndim; d++) fprintf(k->out, d ? ", %zu" : "%zu", items[i].array->shape[d]);
        fputs("]\n", k->out);
    }
}

static void import_tensors(cli *k, const char *from, const char *to) {
    size_t n = 0;
    const sori_named *items = sori_load_pt(k->c, from, &n);
    if (to) sori_save_safetensors(k->c, to, items, n, NULL);
    if (!sori_error(k->c)) put_tensors(k, items, n);
}

static void import_network(cli *k, const char *from, const char *to) {
    sori_model *m = sori_import_onnx(k->c, from);
    if (to) sori_model_save(m, to, NULL);
    const char *text = sori_error(k->c) || k->quiet ? NULL : k->json ? sori_summary_json(m) : sori_summary(m);
    if (text) fputs(text, k->out);
    sori_model_free(m);
}

static int run(cli *k) {
    const char *from = k->operands[0], *to = cli_text(k, "out");
    bool tensors = cli_ends_in(from, ".pt") || cli_ends_in(from, ".pth") || cli_ends_in(from, ".bin");
    if (to && cli_same_file(from, to)) return cli_usage(k, "%s would be overwritten by itself", to);
    (tensors ? import_tensors : import_network)(k, from, to);
    if (sori_error(k->c)) return cli_fail_with(k, from);
    if (to) cli_say(k, "wrote %s", to);
    return CLI_EXIT_OK;
}

static const cli_option options[] = {
    { "out", 'o', CLI_FILE, "FILE", NULL, "write the model, or the tensors, as safetensors" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_import = {
    .name = "import",
    .summary = "read a network from ONNX, or tensors from a PyTorch file",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .examples = { { "sori import net.onnx -o net.safetensors", "a model that sori trains on, or runs" },
                  { "sori import weights.pt -o weights.safetensors", "the tensors of a state dict" },
                  { "sori import weights.pt", "only list them" } },
    .groups = { &group },
    .text = "Networks with channels first become channels last, so images go in as [height, width, channel]. Operators "
            "that sori has not are all listed. PyTorch files (.pt, .pth, .bin) must hold tensors in dicts, lists and "
            "tuples; nothing in them is executed.",
    .run = run,
};
