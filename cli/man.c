/* man.c - the man page from the tables, in man(7) macros. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

#define DATE "2026-11-21"   /* of the version, not of the build: same source, same page */

/* One roff byte: a backslash, and the signs that must stay ASCII. */
static void put_sign(FILE *to, char sign) {
    if (sign == '\\') fputs("\\e", to);
    else if (sign == '-') fputs("\\-", to);
    else if (sign == '~') fputs("\\(ti", to);
    else if (sign == '^') fputs("\\(ha", to);
    else fputc(sign, to);
}

/* Text in lines short enough for mandoc's lint; no line may begin as a request does. wrap: break at blanks. */
static void put_lines(FILE *to, const char *s, bool wrap) {
    for (int column = 0; *s; s++) {
        bool breaks = *s == '\n' || (wrap && *s == ' ' && column > 60);
        if (column == 0 && strchr(".'", *s)) fputs("\\&", to);
        if (breaks) fputc('\n', to);
        else put_sign(to, *s);
        column = breaks ? 0 : column + 1;
    }
}

static void put_roff(FILE *to, const char *s) { put_lines(to, s, true); }

/* Paragraphs, parted by empty lines. */
static void put_paragraphs(FILE *to, const char *text) {
    while (text && *text) {
        const char *end = strstr(text, "\n\n");
        char *part = cli_printf("%.*s", end ? (int)(end - text) : (int)strlen(text), text);
        fputs(".PP\n", to);
        put_roff(to, part);
        fputc('\n', to);
        free(part);
        text = end ? end + 2 : NULL;
    }
}

static void put_option(FILE *to, const cli_option *o) {
    char heading[256];
    cli_option_heading(heading, sizeof heading, o);
    fputs(".TP\n.B ", to);
    put_lines(to, heading, false);
    fputc('\n', to);
    put_roff(to, o->help);
    if (o->standard && *o->standard) {
        fputs("\n(default: ", to);
        put_roff(to, o->standard);
        fputc(')', to);
    }
    fputs(".\n", to);
}

static void put_command(FILE *to, const cli_command *command) {
    fprintf(to, ".SS sori %s\n", command->name);
    put_roff(to, command->summary);
    fputs(".\n.PP\n.B sori ", to);
    fprintf(to, "%s\n[OPTION...] %s\n", command->name, command->operands);
    put_paragraphs(to, command->text);
    for (size_t i = 0; i < CLI_MAX_EXAMPLES && command->examples[i].line; i++) {
        fputs(".PP\n", to);
        put_roff(to, command->examples[i].says);
        fputs(":\n.PP\n.RS 4\n.EX\n", to);
        put_lines(to, command->examples[i].line, false);
        fputs("\n.EE\n.RE\n", to);
    }
    for (size_t i = 0; i < CLI_MAX_GROUPS && command->groups[i]; i++)
        for (const cli_option *o = command->groups[i]->options; o->name; o++) put_option(to, o);
}

void cli_man_page(FILE *to) {
    fprintf(to, ".TH SORI 1 %s \"sori %s\" \"User Commands\"\n", DATE, SORI_VERSION);
    fputs(".SH NAME\nsori \\- sound files to features, pictures and trained models\n"
          ".SH SYNOPSIS\n.B sori\n.I COMMAND\n[OPTION...] [FILE...]\n.SH DESCRIPTION\n"
          "Features are computed as librosa 0.11 computes them.\n"
          "Data goes to standard output, messages and progress to standard error.\n"
          "Options may stand anywhere;\n.B \\-\\-\nends them.\n"
          "In the name of an option \\- and _ are the same.\n.SH COMMANDS\n", to);
    for (size_t i = 0; cli_commands[i]; i++) put_command(to, cli_commands[i]);
    fputs(".SH OPTIONS OF EVERY COMMAND\n", to);
    for (const cli_option *o = cli_global_group.options; o->name; o++) put_option(to, o);
    fputs(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nWhen set and not empty, no colour is used.\n.SH EXIT STATUS\n", to);
    for (const cli_exit *e = cli_exits; e->says; e++) {
        fprintf(to, ".TP\n.B %d\n", e->code);
        put_roff(to, e->says);
        fputs(".\n", to);
    }
}
