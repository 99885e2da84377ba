/* cmd_help.c - sori help: everything, or one command; also as the man page. */
#include "cli.h"

static int run(cli *k) {
    if (cli_flag(k, "man")) {
        cli_man_page(stdout);
        return CLI_EXIT_OK;
    }
    if (k->operand_count == 0) {
        cli_help_overview(stdout, k->color_out);
        return CLI_EXIT_OK;
    }
    const cli_command *command = cli_find_command(k->operands[0]);
    if (command) {
        cli_help_command(stdout, k->color_out, command);
        return CLI_EXIT_OK;
    }
    cli_nearest near = { .typed = k->operands[0] };
    for (size_t i = 0; cli_commands[i]; i++) cli_nearest_try(&near, cli_commands[i]->name);
    if (near.best) return cli_usage(k, "no command %s; did you mean %s?", k->operands[0], near.best);
    return cli_usage(k, "no command %s; 'sori help' lists them", k->operands[0]);
}

static const cli_option options[] = {
    { "man", 0, CLI_FLAG, .help = "the man page, as roff" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_help = {
    .name = "help",
    .summary = "explain sori, or one command",
    .operands = "[COMMAND]",
    .max_operands = 1,
    .examples = {
        { "sori help info", "everything about one command" },
        { "sori help --man > sori.1", "the man page" },
    },
    .groups = { &group },
    .run = run,
};
