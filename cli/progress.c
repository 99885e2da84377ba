/* progress.c - a line that tells how far the work is, in Keras's manner.
 *
 *     12/100 ━━━━━━━━━━━━━━━━━━━━ 3s 25ms/step - loss: 0.1234
 *
 * It stands on standard error, which is rewritten in place when that is a terminal. In a log only final lines appear,
 * so that a file does not fill with thousands of copies. */
#include "cli.h"
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR 20           /* cells, as Keras */
#define PAUSE_S 0.1      /* between two drawings */

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

cli_progress cli_progress_new(cli *k) { return (cli_progress){ k, now_s(), -1 }; }

void cli_progress_draw(cli_progress *p, const char *text, bool final) {
    cli *k = p->k;
    bool terminal = isatty(STDERR_FILENO);
    if (k->quiet || (!terminal && !final)) return;
    double t = now_s();
    if (!final && p->last_s >= 0 && t - p->last_s < PAUSE_S) return;
    p->last_s = t;
    if (terminal) fprintf(stderr, "\r%s\033[K%s", text, final ? "\n" : "");
    else fprintf(stderr, "%s\n", text);
    k->progress_shown = terminal && !final;
}

/* Of what is left, as long as it goes on as it went so far. */
static void put_pace(char *out, size_t size, double passed_s, size_t done, size_t total) {
    if (done == 0 || passed_s <= 0) return;
    unsigned long long left = (unsigned long long)(passed_s * (double)(total - done) / (double)done + 0.5);
    int n = snprintf(out, size, " %.3g/s, ", (double)done / passed_s);
    if (left >= 3600) n += snprintf(out + n, size - (size_t)n, "%llu:", left / 3600);
    snprintf(out + n, size - (size_t)n, left >= 3600 ? "%02llu:%02llu left" : "%llu:%02llu left", left / 60 % 60,
             left % 60);
}

void cli_progress_count(cli_progress *p, const char *what, size_t done, size_t total) {
    char bar[BAR * 3 + 1] = "", pace[128] = "", line[384];
    size_t filled = total ? done * BAR / total : BAR;
    for (size_t i = 0; i < BAR; i++) strcat(bar, i < filled ? "━" : " ");
    put_pace(pace, sizeof pace, now_s() - p->begun_s, done, total);
    snprintf(line, sizeof line, "%s %zu/%zu %s%s", what, done, total, bar, pace);
    cli_progress_draw(p, line, false);
}

void cli_progress_end(cli_progress *p) {
    if (p->k->progress_shown) fputs("\r\033[K", stderr);
    p->k->progress_shown = false;
}
