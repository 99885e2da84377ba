/* options.c - the command line, read by the tables.
 *
 * Options may stand anywhere, also before the command's name; "--opt value", "--opt=value", "-o value", "-ovalue",
 * "-qj"; "--" ends them. Every value is checked here, before any work is done. A mistyped option, command or word is
 * answered with the nearest one (Damerau-Levenshtein distance). */
#include "cli.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const cli_option global_options[] = {
    { "threads", 0, CLI_INT, "N", "0", "threads to use; 0: one per processor. Results do not depend on it", 0, 256 },
    { "seed", 0, CLI_INT, "S", "0", "seed of every random draw", 0, 9e18 },
    { "json", 'j', CLI_FLAG, .help = "results as JSON" },
    { "quiet", 'q', CLI_FLAG, .help = "errors only on standard error" },
    { "no-color", 0, CLI_FLAG, .help = "no colour; also with NO_COLOR set, or when not on a terminal" },
    { "help", 'h', CLI_FLAG, .help = "show the help of the command" },
    { "version", 0, CLI_FLAG, .help = "show the version" },
    { NULL }
};
const cli_group cli_global_group = { "Options of every command", global_options };

/* --- looking things up ----------------------------------------------------------------------------------------- */

const cli_group *cli_group_at(const cli_command *command, size_t i) {
    size_t n = 0;
    while (command && n < CLI_MAX_GROUPS && command->groups[n]) n++;
    return i < n ? command->groups[i] : i == n ? &cli_global_group : NULL;
}

const cli_command *cli_find_command(const char *name) {
    for (size_t i = 0; cli_commands[i]; i++)
        if (!strcmp(cli_commands[i]->name, name)) return cli_commands[i];
    return NULL;
}

/* "n-fft" is "n_fft". */
static bool same_name(const char *a, const char *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i] && !(strchr("-_", a[i]) && strchr("-_", b[i]) && a[i] && b[i])) return false;
    return a[n] == 0;
}

/* Is the n bytes at s a name of o? *negated for --no-name. */
static bool option_is(const cli_option *o, const char *s, size_t n, bool *negated) {
    *negated = false;
    if (same_name(o->name, s, n)) return true;
    if (o->type != CLI_SWITCH) return false;
    *negated = true;
    if (n > 3 && !strncmp(s, "no", 2) && strchr("-_", s[2]) && same_name(o->name, s + 3, n - 3)) return true;
    return o->negative && same_name(o->negative, s, n);
}

static const cli_option *find_option(const cli_command *command, const char *s, size_t n, bool *negated) {
    const cli_group *g;
    for (size_t i = 0; (g = cli_group_at(command, i)); i++)
        for (const cli_option *o = g->options; o->name; o++)
            if (option_is(o, s, n, negated)) return o;
    return NULL;
}

static const cli_option *find_letter(const cli_command *command, char letter) {
    const cli_group *g;
    for (size_t i = 0; (g = cli_group_at(command, i)); i++)
        for (const cli_option *o = g->options; o->name; o++)
            if (o->letter == letter) return o;
    return NULL;
}

/* Optimal string alignment: insertions, deletions, substitutions and swapped neighbours. */
static size_t distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b), d[3][64];
    if (n > 60 || m > 60) return SIZE_MAX;
    for (size_t j = 0; j <= m; j++) d[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = d[i % 3], *above = d[(i + 2) % 3], *above2 = d[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best) best = above[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            row[j] = best;
        }
    }
    return d[n % 3][m];
}

/* Near: a third of the letters may differ, or what was typed is the beginning. */
void cli_nearest_try(cli_nearest *n, const char *candidate) {
    size_t typed = strlen(n->typed), d = distance(n->typed, candidate);
    if (typed >= 3 && !strncmp(n->typed, candidate, typed)) d = 1;
    if (d > 1 + typed / 3 || d >= strlen(candidate) || (n->best && d >= n->distance)) return;
    n->best = candidate;
    n->distance = d;
}

/* --- mistakes -------------------------------------------------------------------------------------------------- */

static bool unknown_option(cli *k, const char *s, size_t n, int *code) {
    char *typed = cli_printf("%.*s", (int)n, s);
    cli_nearest near = { .typed = typed };
    const cli_group *g;
    for (size_t i = 0; (g = cli_group_at(k->command, i)); i++)
        for (const cli_option *o = g->options; o->name; o++) {
            cli_nearest_try(&near, o->name);
            if (o->negative) cli_nearest_try(&near, o->negative);
        }
    if (near.best) *code = cli_usage(k, "unknown option --%s; did you mean --%s?", typed, near.best);
    else if (k->command) *code = cli_usage(k, "unknown option --%s; see 'sori help %s'", typed, k->command->name);
    else *code = cli_usage(k, "unknown option --%s; see 'sori help'", typed);
    free(typed);
    return false;
}

static bool unknown_command(cli *k, const char *name, int *code) {
    cli_nearest near = { .typed = name };
    for (size_t i = 0; cli_commands[i]; i++) cli_nearest_try(&near, cli_commands[i]->name);
    if (near.best) *code = cli_usage(k, "unknown command %s; did you mean %s?", name, near.best);
    else *code = cli_usage(k, "unknown command %s; see 'sori help'", name);
    return false;
}

/* --- values ---------------------------------------------------------------------------------------------------- */

bool cli_is_word_of(const char *words, const char *word, size_t n, int *index) {
    for (int i = 0; *words; i++) {
        size_t length = strcspn(words, "|");
        if (length == n && !strncmp(words, word, n)) {
            *index = i;
            return true;
        }
        words += length + (words[length] == '|');
    }
    return false;
}

/* Decimal digits only: strtod alone would also take "inf", "0x10" and leading blanks. */
static bool parse_number(const char *s, double *out) {
    if (!*s || s[strspn(s, "0123456789+-.eE")]) return false;
    char *end;
    *out = strtod(s, &end);
    return end != s && !*end && isfinite(*out);
}

static bool parse_int(const char *s, int64_t *out) {
    if (!*s || s[strspn(s, "0123456789+-")]) return false;
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    *out = v;
    return end != s && !*end && errno == 0;
}

static bool check_range(cli *k, const cli_option *o, const char *value, double v, int *code) {
    if ((o->min == 0 && o->max == 0) || (v >= o->min && v <= o->max)) return true;
    if (v < o->min) *code = cli_usage(k, "--%s %s: must be at least %g", o->name, value, o->min);
    else *code = cli_usage(k, "--%s %s: must be at most %g", o->name, value, o->max);
    return false;
}

static bool check_choice(cli *k, const cli_option *o, const char *value, int *code) {
    int index;
    if (cli_is_word_of(o->argument, value, strlen(value), &index)) return true;
    *code = cli_usage(k, "--%s %s: must be one of %s", o->name, value, o->argument);
    return false;
}

static bool check_value(cli *k, const cli_option *o, const char *value, int *code) {
    double v = 0;
    int64_t whole = 0;
    switch (o->type) {
    case CLI_INT:
        if (parse_int(value, &whole)) return check_range(k, o, value, (double)whole, code);
        *code = cli_usage(k, "--%s %s: not a whole number", o->name, *value ? value : "''");
        return false;
    case CLI_NUMBER_OR_NONE:
        if (!strcmp(value, "none")) return true;
        /* fallthrough */
    case CLI_NUMBER:
        if (parse_number(value, &v)) return check_range(k, o, value, v, code);
        *code = cli_usage(k, "--%s %s: not a number", o->name, *value ? value : "''");
        return false;
    case CLI_CHOICE: return check_choice(k, o, value, code);
    case CLI_LIST: case CLI_FILE: case CLI_FOLDER:
        if (*value) return true;
        *code = cli_usage(k, "--%s: the value is empty", o->name);
        return false;
    case CLI_FLAG: case CLI_SWITCH: case CLI_TEXT: return true;
    }
    return false;
}

static const char *value_of(const cli *k, const char *name) {
    bool negated;
    const cli_option *o = find_option(k->command, name, strlen(name), &negated);
    for (size_t i = k->given_count; i-- > 0;)
        if (k->given[i].option == o) return k->given[i].value;
    return o ? o->standard : NULL;
}

bool cli_given(const cli *k, const char *name) {
    for (size_t i = 0; i < k->given_count; i++)
        if (!strcmp(k->given[i].option->name, name)) return true;
    return false;
}

bool cli_flag(const cli *k, const char *name) {
    const char *v = value_of(k, name);
    return v && !strcmp(v, "yes");
}

int64_t cli_int(const cli *k, const char *name) {
    const char *v = value_of(k, name);
    return v ? strtoll(v, NULL, 10) : 0;
}

double cli_number(const cli *k, const char *name) {
    const char *v = value_of(k, name);
    return v ? strtod(v, NULL) : 0;
}

sori_opt cli_opt(const cli *k, const char *name) {
    if (!cli_given(k, name)) return (sori_opt){ 0 };
    return strcmp(value_of(k, name), "none") ? SORI_VALUE(cli_number(k, name)) : SORI_NONE;
}

const char *cli_text(const cli *k, const char *name) { return value_of(k, name); }

int cli_choice(const cli *k, const char *name) {
    bool negated;
    int index = 0;
    const cli_option *o = find_option(k->command, name, strlen(name), &negated);
    const char *v = value_of(k, name);
    if (o && v) cli_is_word_of(o->argument, v, strlen(v), &index);
    return index;
}

/* All words lie behind the pointers, in one block. */
char **cli_list(const cli *k, const char *name, size_t *count) {
    size_t bytes = 1, words = 0;
    bool given = cli_given(k, name);
    size_t sources = given ? k->given_count : value_of(k, name) ? 1 : 0;
    for (size_t i = 0; i < sources; i++) bytes += strlen(given ? k->given[i].value : value_of(k, name)) + 1;
    char **list = cli_alloc(1, bytes * (sizeof *list + 1));
    char *text = (char *)(list + bytes);
    for (size_t i = 0; i < sources; i++) {
        if (given && strcmp(k->given[i].option->name, name)) continue;
        strcpy(text, given ? k->given[i].value : value_of(k, name));
        char *next = text + strlen(text) + 1, *rest = text;
        for (char *word; (word = strsep(&rest, ","));)
            if (*word) list[words++] = word;
        text = next;
    }
    *count = words;
    return list;
}

const char *cli_take_operand(cli *k) {
    const char *first = k->operands[0];
    memmove(k->operands, k->operands + 1, --k->operand_count * sizeof *k->operands);
    return first;
}

/* --- reading --------------------------------------------------------------------------------------------------- */

/* argv without the command's word; at: the next one to read. */
typedef struct reader {
    char **argv;
    int argc, at;
} reader;

static bool needs_value(const cli_option *o) { return o->type != CLI_FLAG && o->type != CLI_SWITCH; }

static bool give(cli *k, const cli_option *o, const char *value, int *code) {
    if (!check_value(k, o, value, code)) return false;
    k->given[k->given_count++] = (cli_given_option){ o, value };
    return true;
}

static bool read_long(cli *k, reader *r, const char *arg, int *code) {
    size_t n = strcspn(arg, "=");
    const char *value = arg[n] ? arg + n + 1 : NULL;
    bool negated;
    const cli_option *o = find_option(k->command, arg, n, &negated);
    if (!o) return unknown_option(k, arg, n, code);
    if (!needs_value(o)) {
        if (!value) return give(k, o, negated ? "no" : "yes", code);
        *code = cli_usage(k, "--%.*s takes no value", (int)n, arg);
        return false;
    }
    if (!value && r->at < r->argc) value = r->argv[r->at++];
    if (value) return give(k, o, value, code);
    *code = cli_usage(k, "--%s needs a value: %s", o->name, o->argument);
    return false;
}

static bool read_letters(cli *k, reader *r, const char *letters, int *code) {
    for (; *letters; letters++) {
        const cli_option *o = find_letter(k->command, *letters);
        if (!o) {
            *code = cli_usage(k, "unknown option -%c; a name that begins with '-' goes behind '--'", *letters);
            return false;
        }
        if (!needs_value(o)) {
            if (!give(k, o, "yes", code)) return false;
            continue;
        }
        const char *value = letters[1] ? letters + 1 : r->at < r->argc ? r->argv[r->at++] : NULL;
        if (value) return give(k, o, value, code);
        *code = cli_usage(k, "-%c needs a value: %s", *letters, o->argument);
        return false;
    }
    return true;
}

static bool read_all(cli *k, reader *r, int *code) {
    bool ended = false;
    while (r->at < r->argc) {
        const char *arg = r->argv[r->at++];
        bool ok = true;
        if (ended || arg[0] != '-' || !arg[1]) k->operands[k->operand_count++] = arg;
        else if (!strcmp(arg, "--")) ended = true;
        else ok = arg[1] == '-' ? read_long(k, r, arg + 2, code) : read_letters(k, r, arg + 1, code);
        if (!ok) return false;
    }
    return true;
}

/* The option any command has under that name: tells whether the next word is its value. */
static const cli_option *find_anywhere(const char *arg) {
    bool negated;
    const cli_option *o = NULL;
    for (size_t i = 0; cli_commands[i] && !o; i++)
        o = arg[1] == '-' ? find_option(cli_commands[i], arg + 2, strlen(arg + 2), &negated)
          : arg[2] ? NULL : find_letter(cli_commands[i], arg[1]);
    return o;
}

/* The index of the command's word: the first that is neither an option nor its value. argc if there is none. */
static int find_command_word(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' || !strcmp(argv[i], "--")) return strcmp(argv[i], "--") ? i : argc;
        const cli_option *o = argv[i][1] ? find_anywhere(argv[i]) : NULL;
        if (o && needs_value(o)) i++;
    }
    return argc;
}

static void set_common(cli *k) {
    const char *no_color = getenv("NO_COLOR");
    bool color = !cli_flag(k, "no-color") && !(no_color && *no_color);
    k->quiet = cli_flag(k, "quiet");
    k->json = cli_flag(k, "json");
    k->color_out = color && isatty(STDOUT_FILENO);
    k->color_err = color && isatty(STDERR_FILENO);
}

static bool check_operands(cli *k, int *code) {
    const cli_command *c = k->command;
    if (k->operand_count < (size_t)c->min_operands) {
        *code = cli_usage(k, "%s is missing; see 'sori help %s'", c->operands, c->name);
        return false;
    }
    if (c->max_operands >= 0 && k->operand_count > (size_t)c->max_operands) {
        *code = cli_usage(k, "'%s' is one too many; see 'sori help %s'", k->operands[c->max_operands], c->name);
        return false;
    }
    return true;
}

/* Without a command: --help and --version, or the overview with a failure, for scripts that forgot it. */
static bool no_command(cli *k, int *code) {
    if (cli_flag(k, "version")) printf("sori %s\n", sori_version());
    else if (cli_flag(k, "help")) cli_help_overview(stdout, k->color_out);
    else cli_help_overview(stderr, k->color_err), *code = CLI_EXIT_USAGE;
    return false;
}

bool cli_parse(cli *k, int argc, char **argv, int *code) {
    k->out = stdout;
    k->err = stderr;
    k->color_err = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
    k->operands = cli_alloc((size_t)argc, sizeof *k->operands);
    size_t most = 0;   /* options there can be: a letter each */
    for (int i = 1; i < argc; i++) most += strlen(argv[i]);
    k->given = cli_alloc(most, sizeof *k->given);
    char **rest = cli_alloc((size_t)argc, sizeof *rest);
    int word = find_command_word(argc, argv), n = 0;
    for (int i = 1; i < argc; i++)
        if (i != word) rest[n++] = argv[i];
    bool ok = word == argc || (k->command = cli_find_command(argv[word])) || unknown_command(k, argv[word], code);
    ok = ok && read_all(k, &(reader){ rest, n, 0 }, code);
    free(rest);
    if (!ok) return false;
    set_common(k);
    if (!k->command) return no_command(k, code);
    if (cli_flag(k, "version")) return no_command(k, code);
    if (cli_flag(k, "help")) {
        cli_help_command(stdout, k->color_out, k->command);
        return false;
    }
    return check_operands(k, code);
}

void cli_free(cli *k) {
    free(k->operands);
    free(k->given);
}
