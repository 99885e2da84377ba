/* cli.h - what every command of `sori` is made of.
 *
 * A command is one row: its words for the help, its option tables, and a function. From the option tables come parsing,
 * `sori help`, the man page and shell completion, so that none of them can disagree. To add a command: write
 * cmd_<name>.c after the example of cmd_info.c, and add one line to commands.h.
 *
 * The program never calls setlocale, so printf and strtod always use "." here. Data goes to standard output,
 * everything else to standard error. Commands return an exit code; CLI_EXIT_... and cli_exit_of name them. */
#ifndef CLI_H
#define CLI_H

#include <sori/sori.h>
#include <stdarg.h>
#include <stdio.h>

#define CLI_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- tables ---------------------------------------------------------------------------------------------------- */

typedef enum cli_type {
    CLI_FLAG,           /* --name */
    CLI_SWITCH,         /* --name, --no-name; .standard is "yes" or "no" */
    CLI_INT,            /* a whole number in min..max */
    CLI_NUMBER,         /* a number in min..max, "." as decimal point */
    CLI_NUMBER_OR_NONE, /* the same, or the word none */
    CLI_TEXT,
    CLI_CHOICE,         /* one of .argument's words, "a|b|c" */
    CLI_LIST,           /* words separated by commas; repeated options add to it */
    CLI_FILE,           /* a path */
    CLI_FOLDER
} cli_type;

typedef struct cli_option {
    const char *name;       /* without the dashes; the user may write - for _ and _ for - */
    char letter;            /* -o; 0: none */
    cli_type type;
    const char *argument;   /* its name in the help: "HZ" */
    const char *standard;   /* the default, as text parsed like the user's; NULL: none */
    const char *help;       /* one phrase, without a full stop */
    double min, max;        /* numbers; both 0: any */
    const char *negative;   /* switches: another name for --no-name, "multichannel" for --no-mono */
} cli_option;

/* Options that belong together; several commands may share one. */
typedef struct cli_group {
    const char *title;
    const cli_option *options;   /* ends with a row without a name */
} cli_group;

typedef struct cli_example {
    const char *line, *says;
} cli_example;

#define CLI_MAX_GROUPS 6
#define CLI_MAX_EXAMPLES 7

typedef struct cli cli;

typedef struct cli_command {
    const char *name;
    const char *summary;                      /* one phrase, without a full stop */
    const char *operands;                     /* "FILE..." */
    const char *words;                        /* what the first operand may be, "a|b"; NULL: anything */
    int min_operands, max_operands;           /* max -1: any number */
    cli_example examples[CLI_MAX_EXAMPLES];   /* shown first */
    const cli_group *groups[CLI_MAX_GROUPS];  /* its options; those of every command are added */
    const char *text;                         /* what else must be known: paragraphs; NULL: nothing */
    int (*run)(cli *k);
} cli_command;

extern const cli_command *const cli_commands[];   /* ends with NULL */
extern const cli_group cli_global_group;          /* options of every command */

/* --- one run of the command ------------------------------------------------------------------------------------ */

typedef struct cli_given_option {
    const cli_option *option;
    const char *value;           /* flags: "yes"; switches: "yes" or "no" */
} cli_given_option;

struct cli {
    sori_ctx *c;
    const cli_command *command;  /* NULL: only `sori` */
    const char **operands;
    size_t operand_count;
    cli_given_option *given;
    size_t given_count;
    FILE *out, *err;             /* where results and messages go: the standard streams, or kept by cli_each_file */
    bool quiet, json;
    bool color_out, color_err;   /* each stream is a terminal and colour is wanted */
    bool progress_shown;         /* a progress line stands on standard error */
};

/* Read the command line into k. Returns false with *code set when there is nothing to run. */
bool cli_parse(cli *k, int argc, char **argv, int *code);
void cli_free(cli *k);

/* Values of options, the last one given or the default. The name must be in the command's tables. */
bool cli_given(const cli *k, const char *name);         /* on the command line */
bool cli_flag(const cli *k, const char *name);          /* CLI_FLAG, CLI_SWITCH */
int64_t cli_int(const cli *k, const char *name);
double cli_number(const cli *k, const char *name);      /* 0 when there is neither value nor default */
sori_opt cli_opt(const cli *k, const char *name);       /* CLI_NUMBER_OR_NONE; not given: the library's default */
const char *cli_text(const cli *k, const char *name);   /* NULL when there is neither value nor default */
int cli_choice(const cli *k, const char *name);         /* index into the argument's words */
/* The words of a CLI_LIST; one block, freed by free(). */
char **cli_list(const cli *k, const char *name, size_t *count);
/* The first operand, which then is none any more, for a command whose first word is not a file. */
const char *cli_take_operand(cli *k);

const cli_command *cli_find_command(const char *name);  /* NULL: no such command */
const cli_group *cli_group_at(const cli_command *command, size_t i);   /* the global group last, then NULL */
bool cli_is_word_of(const char *words, const char *word, size_t n, int *index);   /* words "a|b|c" */

/* The word of the list nearest to what was typed, NULL when none is near. */
typedef struct cli_nearest { const char *typed, *best; size_t distance; } cli_nearest;
void cli_nearest_try(cli_nearest *n, const char *candidate);

/* --- exit codes ------------------------------------------------------------------------------------------------ */

enum {
    CLI_EXIT_OK = 0, CLI_EXIT_SOME_FAILED, CLI_EXIT_USAGE, CLI_EXIT_BAD_INPUT, CLI_EXIT_IO, CLI_EXIT_MEMORY,
    CLI_EXIT_MODEL, CLI_EXIT_DIVERGED, CLI_EXIT_INTERRUPTED = 130
};
typedef struct cli_exit { int code; const char *says; } cli_exit;
extern const cli_exit cli_exits[];                /* for the help; ends with says NULL */
int cli_exit_of(sori_status status);

/* --- messages: standard error, control characters made visible ------------------------------------------------- */

/* "sori info: <sentence>" */
void cli_say(cli *k, const char *format, ...) SORI_PRINTF(2, 3);      /* a notice; --quiet silences it */
void cli_error(cli *k, const char *format, ...) SORI_PRINTF(2, 3);
int cli_usage(cli *k, const char *format, ...) SORI_PRINTF(2, 3);     /* an error; returns CLI_EXIT_USAGE */
int cli_fail(cli *k);                             /* the context's error; returns its exit code */
/* The same for an error that happened with that file: its name first, unless the sentence begins with it. */
int cli_fail_with(cli *k, const char *path);

/* What came of all files, for a command that says it itself. */
typedef struct cli_tally {
    FILE *failures;              /* in: where messages of failed files go */
    size_t done, failed;
} cli_tally;

/* What to do with every operand. */
typedef struct cli_each {
    int (*fn)(cli *k, const char *path, void *user);   /* prints to k->out; returns an exit code */
    void *user;                  /* only read by fn, which runs on several threads, each with its own k->c */
    const char *heading;         /* before the first text printed; not with --json; NULL: none */
    bool list;                   /* with --json what fn prints are the objects of one list */
    bool counted;                /* show progress: fn prints nothing */
    bool serial;                 /* one by one, on k itself */
    size_t jobs;                 /* at once; 0: one a thread */
    cli_tally *tally;            /* NULL: messages are shown, and how many failed is said */
} cli_each;

/* Call fn for every operand, on all threads. A failed one is reported and the others go on; interruption and a standard
 * output that cannot be written stop at once. Output comes in the operands' order, whatever the number of threads.
 * Returns 0; the failure's own code if there was one file only; else 1. */
int cli_each_file(cli *k, const cli_each *each);
/* The same one by one, for fn that prints to standard output itself. */
int cli_each_operand(cli *k, int (*fn)(cli *k, const char *path, void *user), void *user);

/* True once Ctrl-C was pressed. */
bool cli_interrupted(void);

/* A context that Ctrl-C interrupts and whose warnings are said by k; threads 0: as --threads asks. NULL: said why. Both
 * are called by the main thread only. */
sori_ctx *cli_open_context(cli *k, int threads);
void cli_close_context(sori_ctx *c);

/* --- text ------------------------------------------------------------------------------------------------------ */

/* Memory for the command itself; says so and ends the program with CLI_EXIT_MEMORY when there is none. */
void *cli_alloc(size_t n, size_t size);
char *cli_printf(const char *format, ...) SORI_PRINTF(1, 2);   /* freed by free() */

/* A string with control characters as \n, \x1b; to a terminal an unescaped name could send commands. */
void cli_put_visible(FILE *to, const char *s);
/* A JSON string with its quotes. Bytes that are not UTF-8 become \udc80..\udcff, as Python's surrogateescape. */
void cli_put_json(FILE *to, const char *s);
/* {"key": "text", ...} of n pairs as a row of a list; the first row also opens the list. */
void cli_put_json_texts(FILE *to, const char *const *keys, const char *const *texts, size_t n, bool first);
/* A JSON number with the digits a float or double needs; null for NaN and infinity. */
void cli_put_json_number(FILE *to, double v, int digits);
/* "text" in bold when on. */
void cli_put_bold(FILE *to, bool on, const char *text);
/* Words wrapped to the help's width, every line indented; the first starts at column `at`. */
void cli_put_wrapped(FILE *to, const char *text, int indent, int at);

/* --- options shared by commands (feature_options.c) ------------------------------------------------------------ */

extern const cli_group cli_load_group;      /* sr, mono, offset, ... */
extern const cli_group cli_sound_group;     /* the same for sound to listen to: its own rate, all channels */
extern const cli_group cli_feature_group;   /* n_fft, n_mels, ... */
extern const cli_group cli_value_group;     /* db, roll_percent, ...: what only numbers need, and pictures do not */
sori_load_config cli_load_config(const cli *k);
sori_feature_config cli_feature_config(const cli *k);

/* --- names of results (names.c) --------------------------------------------------------------------------------- */

/* The path's last part without its ending: length at *n. */
const char *cli_stem(const char *path, size_t *n);
bool cli_is_folder(const char *path);             /* there is one, or it ends in "/" */
bool cli_ends_in(const char *path, const char *ending);
bool cli_same_file(const char *a, const char *b); /* both exist and are one, whatever their names */
/* "folder/STEM.ending"; freed by free(). */
char *cli_path_in(const char *folder, const char *path, const char *ending);
/* Two operands of one name would overwrite each other in the folder: says so and returns CLI_EXIT_USAGE. */
int cli_check_stems(cli *k, const char *folder, const char *ending);

/* --- output files ---------------------------------------------------------------------------------------------- */

/* A stream to print to. It becomes the file at path when committed, or standard output for "-"; nothing is left of it
 * when anything failed before, or Ctrl-C was pressed. */
typedef struct cli_out {
    cli *k;
    FILE *to;
    sori_file *file;             /* NULL: standard output */
} cli_out;
bool cli_out_open(cli *k, cli_out *o, const char *path);   /* false: the context says why */
bool cli_out_commit(cli_out *o);

/* Write a sound (none after a failure). What its samples would clip is made softer, and that is said. A failure is in
 * the context. */
void cli_save_sound(cli *k, const char *path, sori_audio y, const sori_save_config *config);

/* --- progress (standard error) --------------------------------------------------------------------------------- */

/* On a terminal one line that is rewritten, ten times a second at most; elsewhere only lines marked final. */
typedef struct cli_progress {
    cli *k;
    double begun_s, last_s;      /* when it was made, when the line was last drawn */
} cli_progress;
cli_progress cli_progress_new(cli *k);
void cli_progress_draw(cli_progress *p, const char *text, bool final);
/* "rendering 12/100 ━━━━━━━━ 8.3/s, 0:11 left" */
void cli_progress_count(cli_progress *p, const char *what, size_t done, size_t total);
void cli_progress_end(cli_progress *p);           /* wipe an unfinished line */

/* --- options that several commands share ----------------------------------------------------------------------- */

extern const cli_group cli_data_group;            /* data_options.c */
sori_scan_config cli_scan_config(const cli *k);
double cli_max_bad(const cli *k);
sori_split_config cli_split_config(const cli *k); /* patterns and seed */
bool cli_set_split(cli *k, sori_split_config *split); /* and the shares of --split; false: said why */

/* --- what is made from the tables ------------------------------------------------------------------------------- */

void cli_help_overview(FILE *to, bool color);
void cli_help_command(FILE *to, bool color, const cli_command *command);
void cli_option_heading(char *out, size_t size, const cli_option *o);   /* "-o, --out PATH" */
void cli_man_page(FILE *to);
void cli_completion_bash(FILE *to);
void cli_completion_zsh(FILE *to);
void cli_completion_fish(FILE *to);

#endif
