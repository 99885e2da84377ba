/* cmd_completion.c - sori completion: what a shell needs to complete commands, options and words. */
#include "cli.h"
#include <string.h>

static int run(cli *k) {
    const char *shell = k->operands[0];
    if (!strcmp(shell, "bash")) cli_completion_bash(stdout);
    else if (!strcmp(shell, "zsh")) cli_completion_zsh(stdout);
    else if (!strcmp(shell, "fish")) cli_completion_fish(stdout);
    else return cli_usage(k, "no completion for %s; there is bash, zsh and fish", shell);
    return CLI_EXIT_OK;
}

const cli_command cmd_completion = {
    .name = "completion",
    .summary = "print a script that teaches bash, zsh or fish to complete sori's options",
    .operands = "bash|zsh|fish",
    .words = "bash|zsh|fish",
    .min_operands = 1,
    .max_operands = 1,
    .examples = {
        { "sori completion bash > ~/.local/share/bash-completion/completions/sori", "for bash" },
        { "sori completion zsh > ~/.zfunc/_sori", "for zsh, with ~/.zfunc in fpath" },
        { "sori completion fish > ~/.config/fish/completions/sori.fish", "for fish" },
    },
    .run = run,
};
