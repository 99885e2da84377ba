/* data_options.c - options of every command that reads a labelled collection. */
#include "cli.h"
#include <stdlib.h>

static const cli_option data_options[] = {
    { "label_pattern", 0, CLI_TEXT, "PATTERN", NULL,
      "read the label (and group) from file names: '{label}_*', '{label}_{group}_*'" },
    { "test_pattern", 0, CLI_TEXT, "GLOB", NULL, "files of this name are the test split: '*_[0-4].wav'" },
    { "val_pattern", 0, CLI_TEXT, "GLOB", NULL, "files of this name are the validation split" },
    { "max_bad", 0, CLI_NUMBER, "FRACTION", "0.01", "skip unreadable files up to this share of all", 0, 1 },
    { NULL }
};
const cli_group cli_data_group = { "Data: a folder with one folder a class, or a CSV path,label[,split][,group]",
                                   data_options };

sori_scan_config cli_scan_config(const cli *k) {
    return (sori_scan_config){ .label_pattern = cli_text(k, "label_pattern") };
}

/* The library reads 0 as its default, and a negative share as none. */
double cli_max_bad(const cli *k) {
    double share = cli_number(k, "max_bad");
    return share > 0 ? share : -1;
}

sori_split_config cli_split_config(const cli *k) {
    return (sori_split_config){
        .test_pattern = cli_text(k, "test_pattern"),
        .val_pattern = cli_text(k, "val_pattern"),
        .seed = sori_seed(k->c),
    };
}

/* "70/15/15" -> shares of the sum. A share of 0 means none of that split. */
static bool parse_shares(const char *text, double share[3]) {
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        char *end;
        share[i] = strtod(text, &end);
        if (end == text || !(share[i] >= 0) || share[i] > 1e6 || *end != (i < 2 ? '/' : 0)) return false;
        sum += share[i];
        text = end + 1;
    }
    for (int i = 0; i < 3; i++) share[i] /= sum;
    return share[0] > 0;
}

bool cli_set_split(cli *k, sori_split_config *split) {
    double share[3];
    *split = cli_split_config(k);
    if (!parse_shares(cli_text(k, "split"), share)) {
        cli_usage(k, "--split %s: must be TRAIN/VAL/TEST, three numbers such as 70/15/15, the first above 0",
                  cli_text(k, "split"));
        return false;
    }
    split->val = share[1] > 0 ? share[1] : -1;
    split->test = share[2] > 0 ? share[2] : -1;
    return true;
}
