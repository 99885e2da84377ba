/* main.c - `sori`: read the command line, open a context, run the command, make sure its output arrived. */
#include "cli.h"
#include "commands.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DECLARE(command) extern const cli_command command;
CLI_COMMANDS(DECLARE)
#define ROW(command) &command,
const cli_command *const cli_commands[] = { CLI_COMMANDS(ROW) NULL };

/* --- exit codes ------------------------------------------------------------------------------------------------ */

const cli_exit cli_exits[] = {
    { CLI_EXIT_OK, "everything was done" },
    { CLI_EXIT_SOME_FAILED, "some inputs failed, the others were done" },
    { CLI_EXIT_USAGE, "the command line is wrong" },
    { CLI_EXIT_BAD_INPUT, "the input is not what it should be" },
    { CLI_EXIT_IO, "a file or standard output could not be read or written" },
    { CLI_EXIT_MEMORY, "out of memory" },
    { CLI_EXIT_MODEL, "the model file is rejected" },
    { CLI_EXIT_DIVERGED, "training diverged" },
    { CLI_EXIT_INTERRUPTED, "interrupted by Ctrl-C" },
    { 0, NULL }
};

int cli_exit_of(sori_status status) {
    switch (status) {
    case SORI_OK: return CLI_EXIT_OK;
    case SORI_EINVAL: return CLI_EXIT_USAGE;
    case SORI_EUNSUP: return CLI_EXIT_USAGE;   /* asked for what this build does not have */
    case SORI_EFORMAT: return CLI_EXIT_BAD_INPUT;
    case SORI_EIO: return CLI_EXIT_IO;
    case SORI_ENOMEM: return CLI_EXIT_MEMORY;
    case SORI_EMODEL: return CLI_EXIT_MODEL;
    case SORI_EDIVERGED: return CLI_EXIT_DIVERGED;
    case SORI_EINTR: return CLI_EXIT_INTERRUPTED;
    }
    return CLI_EXIT_BAD_INPUT;
}

/* --- Ctrl-C: a handler can reach nothing but a global ---------------------------------------------------------- */

#define MAX_CONTEXTS 257   /* the main one, and one for each of 256 threads */

static _Atomic(sori_ctx *) contexts[MAX_CONTEXTS];   /* those open, and NULL */
static atomic_bool interrupted;

static void on_signal(int number) {
    (void)number;
    atomic_store(&interrupted, true);
    for (size_t i = 0; i < MAX_CONTEXTS; i++) sori_interrupt(atomic_load(&contexts[i]));
}

/* SA_RESETHAND: the second Ctrl-C finds the default again and quits at once. Writing to a closed pipe, or beyond the
 * limit of a file's size, must fail like a full disk does, not end the program without a word. */
static void install_signals(void) {
    struct sigaction stop = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND | SA_RESTART };
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
    if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

bool cli_interrupted(void) { return atomic_load(&interrupted); }

/* Put b where a stands. */
static void exchange_context(sori_ctx *a, sori_ctx *b) {
    for (size_t i = 0; i < MAX_CONTEXTS; i++) {
        sori_ctx *expected = a;
        if (atomic_compare_exchange_strong(&contexts[i], &expected, b)) return;
    }
}

/* --- main ------------------------------------------------------------------------------------------------------ */

/* Whoever starts us with a closed standard output must not have the next opened file take its number. Opened the
 * wrong way round, so that using it fails. */
static void keep_standard_files(void) {
    for (int fd = 0; fd < 3; fd++) {
        bool closed = fcntl(fd, F_GETFD) < 0 && errno == EBADF;
        if (closed && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) _exit(CLI_EXIT_IO);
    }
}

static void on_warning(void *user, const char *message) { cli_say(user, "%s", message); }

sori_ctx *cli_open_context(cli *k, int threads) {
    sori_options options = { .threads = threads ? threads : (int)cli_int(k, "threads"),
                             .seed = (uint64_t)cli_int(k, "seed"), .warn = on_warning, .warn_user = k };
    sori_ctx *c = sori_open(&options);
    if (c) exchange_context(NULL, c);
    else cli_error(k, "out of memory");
    return c;
}

void cli_close_context(sori_ctx *c) {
    if (c) exchange_context(c, NULL);
    sori_close(c);
}

static int run_command(cli *k) {
    k->c = cli_open_context(k, 0);
    if (!k->c) return CLI_EXIT_MEMORY;
    int code = k->command->run(k);
    cli_close_context(k->c);
    k->c = NULL;
    return code;
}

/* A full disk is often noticed only here. */
static int finish_output(cli *k, int code) {
    errno = 0;
    bool earlier = ferror(stdout);
    if (fflush(stdout) == 0 && !earlier) return code;
    cli_error(k, "standard output: cannot write%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
    return code == CLI_EXIT_INTERRUPTED ? code : CLI_EXIT_IO;
}

int main(int argc, char **argv) {
    keep_standard_files();
    install_signals();
    cli k = { 0 };
    int code = CLI_EXIT_OK;
    if (cli_parse(&k, argc, argv, &code)) code = run_command(&k);
    code = finish_output(&k, code);
    cli_free(&k);
    return code;
}
