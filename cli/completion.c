/* completion.c - scripts that complete commands, options and the words an option takes, from the tables.
 *
 * Each shell gets plain data: bash one case per command, zsh one _arguments call, fish one line per option. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

/* Every option of a command, those of all commands included. */
static void each_option(FILE *to, const cli_command *command,
                        void (*put)(FILE *, const cli_command *, const cli_option *)) {
    const cli_group *g;
    for (size_t i = 0; (g = cli_group_at(command, i)); i++)
        for (const cli_option *o = g->options; o->name; o++) put(to, command, o);
}

static bool takes_file(const cli_option *o) { return o->type == CLI_FILE || o->type == CLI_FOLDER; }
static bool takes_value(const cli_option *o) { return o->type != CLI_FLAG && o->type != CLI_SWITCH; }

/* "a|b|c" as "a b c". */
static void put_words(FILE *to, const char *words) {
    for (; *words; words++) fputc(*words == '|' ? ' ' : *words, to);
}

/* In single quotes, for all three shells: a quote ends them, stands escaped, and begins them again. */
static void put_quoted(FILE *to, const char *s) {
    fputc('\'', to);
    for (; *s; s++) fputs(*s == '\'' ? "'\\''" : (char[]){ *s, 0 }, to);
    fputc('\'', to);
}

/* --- bash ------------------------------------------------------------------------------------------------------ */

static void bash_name(FILE *to, const cli_command *command, const cli_option *o) {
    (void)command;
    fprintf(to, " --%s", o->name);
    if (o->type == CLI_SWITCH) fprintf(to, " --%s%s", o->negative ? "" : "no-", o->negative ? o->negative : o->name);
}

/* What follows an option that takes a value. */
static void bash_value(FILE *to, const cli_command *command, const cli_option *o) {
    if (!takes_value(o)) return;
    fprintf(to, "    %s:--%s", command->name, o->name);
    if (o->letter) fprintf(to, "|%s:-%c", command->name, o->letter);
    if (takes_file(o)) {
        fputs(") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n", to);
        return;
    }
    fputs(") COMPREPLY=($(compgen -W '", to);
    if (o->type == CLI_CHOICE) put_words(to, o->argument);
    fputs("' -- \"$word\")); return ;;\n", to);
}

void cli_completion_bash(FILE *to) {
    fputs("# bash completion for sori\n_sori() {\n"
          "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= options= words= i\n"
          "  for ((i = 1; i < COMP_CWORD; i++)); do\n    case ${COMP_WORDS[i]} in\n      ", to);
    for (size_t i = 0; cli_commands[i]; i++) fprintf(to, "%s%s", i ? "|" : "", cli_commands[i]->name);
    fputs(") command=${COMP_WORDS[i]}; break ;;\n    esac\n  done\n  COMPREPLY=()\n  case $command:$before in\n", to);
    for (size_t i = 0; cli_commands[i]; i++) each_option(to, cli_commands[i], bash_value);
    fputs("  esac\n  case $command in\n    '') options='", to);
    for (size_t i = 0; cli_commands[i]; i++) fprintf(to, "%s%s", i ? " " : "", cli_commands[i]->name);
    each_option(to, NULL, bash_name);
    fputs("' ;;\n", to);
    for (size_t i = 0; cli_commands[i]; i++) {
        fprintf(to, "    %s) options='", cli_commands[i]->name);
        each_option(to, cli_commands[i], bash_name);
        fputs("'", to);
        if (cli_commands[i]->words) fputs(" words='", to), put_words(to, cli_commands[i]->words), fputc('\'', to);
        fputs(" ;;\n", to);
    }
    fputs("  esac\n  if [[ -z $command || $word == -* ]]; then\n"
          "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
          "  elif [[ -n $words && $before == \"$command\" ]]; then\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "  else\n    COMPREPLY=($(compgen -f -- \"$word\"))\n  fi\n}\n"
          "complete -o filenames -F _sori sori\n", to);
}

/* --- zsh ------------------------------------------------------------------------------------------------------- */

/* '--name[help]:argument:action' */
static void zsh_spec(FILE *to, const char *name, const cli_option *o) {
    fprintf(to, " \\\n        '%s[", name);
    for (const char *s = o->help; *s; s++) {
        if (*s == '\'') fputs("'\\''", to);
        else if (strchr("[]:\\", *s)) fprintf(to, "\\%c", *s);
        else fputc(*s, to);
    }
    fputc(']', to);
    if (o->type == CLI_CHOICE) {
        fputs(":word:(", to);
        put_words(to, o->argument);
        fputc(')', to);
    } else if (takes_value(o)) fprintf(to, ":value:%s", takes_file(o) ? "_files" : "");
    fputc('\'', to);
}

static void zsh_option(FILE *to, const cli_command *command, const cli_option *o) {
    (void)command;
    char name[128];
    snprintf(name, sizeof name, "--%s%s", o->name, takes_value(o) ? "=" : "");
    zsh_spec(to, name, o);
    snprintf(name, sizeof name, "-%c", o->letter);
    if (o->letter) zsh_spec(to, name, o);
    snprintf(name, sizeof name, "--%s%s", o->negative ? "" : "no-", o->negative ? o->negative : o->name);
    if (o->type == CLI_SWITCH) zsh_spec(to, name, o);
}

void cli_completion_zsh(FILE *to) {
    fputs("#compdef sori\n_sori() {\n  if (( CURRENT == 2 )); then\n    local -a commands=(\n", to);
    for (size_t i = 0; cli_commands[i]; i++) {
        char *text = cli_printf("%s:%s", cli_commands[i]->name, cli_commands[i]->summary);
        fputs("      ", to);
        put_quoted(to, text);
        fputc('\n', to);
        free(text);
    }
    fputs("    )\n    _describe command commands\n    return\n  fi\n  case $words[2] in\n", to);
    for (size_t i = 0; cli_commands[i]; i++) {
        fprintf(to, "    %s)\n      _arguments", cli_commands[i]->name);
        each_option(to, cli_commands[i], zsh_option);
        if (cli_commands[i]->words) {
            fputs(" \\\n        '1: :' '2:word:(", to);
            put_words(to, cli_commands[i]->words);
            fputs(")'", to);
        }
        fputs(" \\\n        '*:file:_files' ;;\n", to);
    }
    fputs("  esac\n}\n_sori \"$@\"\n", to);
}

/* --- fish ------------------------------------------------------------------------------------------------------ */

static void fish_option(FILE *to, const cli_command *command, const cli_option *o) {
    char condition[128] = "";
    if (command) snprintf(condition, sizeof condition, " -n '__fish_seen_subcommand_from %s'", command->name);
    fprintf(to, "complete -c sori%s -l %s", condition, o->name);
    if (o->letter) fprintf(to, " -s %c", o->letter);
    if (takes_value(o)) fputs(takes_file(o) ? " -rF" : " -x", to);
    if (o->type == CLI_CHOICE) {
        fputs(" -a '", to);
        put_words(to, o->argument);
        fputc('\'', to);
    }
    fputs(" -d ", to);
    put_quoted(to, o->help);
    fputc('\n', to);
    if (o->type != CLI_SWITCH) return;
    fprintf(to, "complete -c sori%s -l %s%s -d ", condition, o->negative ? "" : "no-",
            o->negative ? o->negative : o->name);
    put_quoted(to, o->help);
    fputc('\n', to);
}

void cli_completion_fish(FILE *to) {
    fputs("# fish completion for sori\n", to);
    for (size_t i = 0; cli_commands[i]; i++) {
        fprintf(to, "complete -c sori -n __fish_use_subcommand -xa %s -d ", cli_commands[i]->name);
        put_quoted(to, cli_commands[i]->summary);
        fputc('\n', to);
    }
    for (const cli_option *o = cli_global_group.options; o->name; o++) fish_option(to, NULL, o);
    for (size_t i = 0; cli_commands[i]; i++) {
        if (!cli_commands[i]->words) continue;
        fprintf(to, "complete -c sori -n '__fish_seen_subcommand_from %s' -a '", cli_commands[i]->name);
        put_words(to, cli_commands[i]->words);
        fputs("'\n", to);
    }
    for (size_t i = 0; cli_commands[i]; i++)
        for (size_t g = 0; g < CLI_MAX_GROUPS && cli_commands[i]->groups[g]; g++)
            for (const cli_option *o = cli_commands[i]->groups[g]->options; o->name; o++)
                fish_option(to, cli_commands[i], o);
}
