/* commands.h - the table of commands, in the order of the help: one line each. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#define CLI_COMMANDS(ROW) \
    ROW(cmd_info) \
    ROW(cmd_features) \
    ROW(cmd_effects) \
    ROW(cmd_mix) \
    ROW(cmd_augment) \
    ROW(cmd_decompose) \
    ROW(cmd_labels) \
    ROW(cmd_plot) \
    ROW(cmd_compare) \
    ROW(cmd_synth) \
    ROW(cmd_train) \
    ROW(cmd_sweep) \
    ROW(cmd_evaluate) \
    ROW(cmd_classify) \
    ROW(cmd_models) \
    ROW(cmd_summary) \
    ROW(cmd_export) \
    ROW(cmd_import) \
    ROW(cmd_help) \
    ROW(cmd_completion)

#endif
