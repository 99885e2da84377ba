/* say.c - messages to the user. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

/* One line: "sori info: <sentence>". Names of files may hold anything, so the whole sentence is made visible. */
static void say(cli *k, const char *color, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *text = cli_alloc((size_t)n + 1, 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    if (k->progress_shown) fputs("\r\033[K", k->err);
    k->progress_shown = false;
    fputs(k->color_err ? color : "", k->err);
    fprintf(k->err, "sori%s%s:", k->command ? " " : "", k->command ? k->command->name : "");
    fputs(k->color_err ? "\033[0m " : " ", k->err);
    cli_put_visible(k->err, text);
    fputc('\n', k->err);
    free(text);
}

void cli_say(cli *k, const char *format, ...) {
    if (k->quiet) return;
    va_list args;
    va_start(args, format);
    say(k, "\033[1m", format, args);
    va_end(args);
}

void cli_error(cli *k, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(k, "\033[1;31m", format, args);
    va_end(args);
}

int cli_usage(cli *k, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(k, "\033[1;31m", format, args);
    va_end(args);
    return CLI_EXIT_USAGE;
}

/* Without "synth: " in front where the line says "sori synth: " already. */
int cli_fail(cli *k) {
    const char *sentence = sori_message(k->c), *name = k->command->name;
    size_t n = strlen(name);
    bool twice = !strncmp(sentence, name, n) && !strncmp(sentence + n, ": ", 2);
    cli_error(k, "%s", twice ? sentence + n + 2 : sentence);
    return cli_exit_of(sori_error(k->c));
}

int cli_fail_with(cli *k, const char *path) {
    const char *sentence = sori_message(k->c);
    size_t n = strlen(path);
    bool named = !strncmp(sentence, path, n) && sentence[n] == ':';
    if (named || sori_error(k->c) == SORI_EINTR) return cli_fail(k);
    cli_error(k, "%s: %s", path, sentence);
    return cli_exit_of(sori_error(k->c));
}
