/* help.c - `sori help` and `sori help COMMAND`, from the tables; examples first. */
#include "cli.h"
#include <string.h>

#define COLUMN 26   /* where explanations begin */
#define WIDEST 74   /* of a line of a heading */

void cli_option_heading(char *out, size_t size, const cli_option *o) {
    int n = o->letter ? snprintf(out, size, "-%c, ", o->letter) : 0;
    n += snprintf(out + n, size - (size_t)n, "--%s", o->name);
    if (o->type == CLI_SWITCH && o->negative) snprintf(out + n, size - (size_t)n, ", --%s", o->negative);
    else if (o->type == CLI_SWITCH) snprintf(out + n, size - (size_t)n, ", --no-%s", o->name);
    else if (o->argument) snprintf(out + n, size - (size_t)n, " %s", o->argument);
}

/* Returns the columns written. A heading wider than a line is broken between words of its choice. */
static int put_heading(FILE *to, const char *heading) {
    size_t n = strlen(heading);
    if (n <= WIDEST) return fprintf(to, "  %s", heading);
    while (n > 0 && (n > WIDEST || heading[n - 1] != '|')) n--;
    if (n == 0) return fprintf(to, "  %s", heading);
    fprintf(to, "  %.*s\n    ", (int)n, heading);
    return 2 + put_heading(to, heading + n);
}

/* "heading    text", the text on the next line when the heading is long. */
static void put_row(FILE *to, const char *heading, const char *text) {
    int n = put_heading(to, heading);
    if (n > COLUMN - 2 || strlen(heading) > WIDEST) fputc('\n', to), n = 0;
    cli_put_wrapped(to, text, COLUMN, n);
}

static void put_option(FILE *to, const cli_option *o) {
    char heading[256], text[1024];
    cli_option_heading(heading, sizeof heading, o);
    int n = snprintf(text, sizeof text, "%s", o->help);
    if (o->type == CLI_SWITCH) snprintf(text + n, sizeof text - (size_t)n, " [%s]", o->standard);
    else if (o->standard && *o->standard) snprintf(text + n, sizeof text - (size_t)n, " [%s]", o->standard);
    put_row(to, heading, text);
}

static void put_group(FILE *to, bool color, const cli_group *g) {
    fputc('\n', to);
    cli_put_bold(to, color, g->title);
    fputc('\n', to);
    for (const cli_option *o = g->options; o->name; o++) put_option(to, o);
}

static void put_examples(FILE *to, bool color, const cli_command *command) {
    cli_put_bold(to, color, "Examples");
    fputc('\n', to);
    for (size_t i = 0; i < CLI_MAX_EXAMPLES && command->examples[i].line; i++) {
        const cli_example *e = &command->examples[i];
        fprintf(to, "  %s\n", e->line);
        cli_put_wrapped(to, e->says, 6, 0);
    }
    fputc('\n', to);
}

void cli_help_command(FILE *to, bool color, const cli_command *command) {
    fprintf(to, "sori %s - ", command->name);
    cli_put_wrapped(to, command->summary, 4, (int)strlen(command->name) + 8);
    fputc('\n', to);
    put_examples(to, color, command);
    cli_put_bold(to, color, "Usage");
    fprintf(to, "\n  sori %s [OPTION...]%s%s\n", command->name, *command->operands ? " " : "", command->operands);
    if (command->text) {
        fputc('\n', to);
        cli_put_wrapped(to, command->text, 2, 0);
    }
    const cli_group *g;
    for (size_t i = 0; (g = cli_group_at(command, i)); i++) put_group(to, color, g);
}

void cli_help_overview(FILE *to, bool color) {
    fputs("sori - from sound files to features, pictures and trained models\n\n", to);
    cli_put_bold(to, color, "Examples");
    fputc('\n', to);
    for (size_t i = 0; cli_commands[i]; i++) fprintf(to, "  %s\n", cli_commands[i]->examples[0].line);
    fputc('\n', to);
    cli_put_bold(to, color, "Usage");
    fputs("\n  sori COMMAND [OPTION...] [FILE...]\n\n", to);
    cli_put_bold(to, color, "Commands");
    fputc('\n', to);
    for (size_t i = 0; cli_commands[i]; i++) put_row(to, cli_commands[i]->name, cli_commands[i]->summary);
    put_group(to, color, &cli_global_group);
    fputc('\n', to);
    cli_put_bold(to, color, "Exit codes");
    fputc('\n', to);
    for (const cli_exit *e = cli_exits; e->says; e++) fprintf(to, "  %3d  %s\n", e->code, e->says);
    fputs("\nsori help COMMAND tells everything about one command.\n", to);
}
