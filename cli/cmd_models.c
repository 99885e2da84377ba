/* cmd_models.c - sori models: the models by name, what they see and how large they are. */
#include "cli.h"

#define CLASSES 10

static const char *shape_text(char *out, size_t size, sori_shape s) {
    int n = 0;
    for (int i = 0; i < 4 && s.dim[i]; i++) n += snprintf(out + n, size - (size_t)n, i ? "x%d" : "%d", s.dim[i]);
    return out;
}

static void put_text(const sori_zoo_entry *e, size_t params) {
    char shape[48];
    printf("%-8s %-9s %-9s %9zu  %s\n", e->name, e->feature ? e->feature : "-",
           shape_text(shape, sizeof shape, e->input), params, e->summary);
}

static void put_json(const sori_zoo_entry *e, size_t params, bool first) {
    printf("%s{\"name\": ", first ? "[\n  " : ",\n  ");
    cli_put_json(stdout, e->name);
    fputs(", \"summary\": ", stdout);
    cli_put_json(stdout, e->summary);
    fputs(", \"feature\": ", stdout);
    if (e->feature) cli_put_json(stdout, e->feature);
    else fputs("null", stdout);
    fputs(", \"input\": [", stdout);
    for (int i = 0; i < 4 && e->input.dim[i]; i++) printf("%s%d", i ? ", " : "", e->input.dim[i]);
    printf("], \"params\": %zu}", params);
}

static int run(cli *k) {
    const sori_zoo_entry *e;
    if (!k->json) printf("%-8s %-9s %-9s %9s  %s\n", "NAME", "SEES", "INPUT", "PARAMS", "WHAT IT IS");
    for (size_t i = 0; (e = sori_zoo_at(i)); i++) {
        sori_model *m = sori_zoo_model(k->c, e->name, e->input, CLASSES);
        if (!m) return cli_fail(k);
        size_t params = sori_model_params(m, true);
        if (k->json) put_json(e, params, i == 0);
        else put_text(e, params);
        sori_model_free(m);
    }
    if (k->json) puts("\n]");
    return CLI_EXIT_OK;
}

const cli_command cmd_models = {
    .name = "models",
    .summary = "list the models that train knows by name",
    .operands = "",
    .max_operands = 0,
    .examples = { { "sori models", "names, what they see, parameters for a usual input and 10 classes" },
                  { "sori models --json", "for a program" } },
    .text = "SEES is what of a sound the model was made for, and the default of --feature: mel and mfcc are images of "
            "bins and frames. INPUT is a usual one; parameters are those that are trained. The first model is the "
            "default of 'sori train'. A table of your own is for a program: sori_sequential.",
    .run = run,
};
