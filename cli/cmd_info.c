/* cmd_info.c - sori info: what sound files are. The example all other commands follow:
 *
 *   1. a struct of what the command carries through its files, if it needs one,
 *   2. small functions that do one thing to one file and return an exit code,
 *   3. run, which ties them together,
 *   4. the tables: options, groups, and the command's own row.
 *
 * The text table has the name last, so that rows can be printed as they come and long names break nothing. */
#include "cli.h"
#include <math.h>

typedef struct report {
    size_t rows;   /* printed so far */
} report;

/* Decibels below full scale; silence is minus infinity. */
static double dbfs(double amplitude) { return 20 * log10(amplitude); }

/* Rounded first, so that 59.9996 s is 0:01:00.000 and not 0:00:60.000. */
static void put_length(char *out, size_t size, double seconds) {
    unsigned long long ms = (unsigned long long)(seconds * 1000 + 0.5), s = ms / 1000;
    snprintf(out, size, "%llu:%02llu:%02llu.%03llu", s / 3600, s / 60 % 60, s % 60, ms % 1000);
}

static void put_text(report *r, const char *path, const sori_info *info) {
    if (r->rows++ == 0)
        printf("%-12s %-16s %9s %4s %12s %10s %9s  %s\n", "FORMAT", "ENCODING", "RATE Hz", "CH", "LENGTH",
               "PEAK dBFS", "RMS dBFS", "FILE");
    char length[32];
    put_length(length, sizeof length, info->duration_s);
    printf("%-12s %-16s %9.10g %4d %12s %10.1f %9.1f  ", info->format, info->encoding, info->sr, info->channels,
           length, dbfs(info->peak), dbfs(info->rms));
    cli_put_visible(stdout, path);
    putchar('\n');
}

static void put_json(report *r, const char *path, const sori_info *info) {
    fputs(r->rows++ ? ",\n  {\"path\": " : "[\n  {\"path\": ", stdout);
    cli_put_json(stdout, path);
    fputs(", \"format\": ", stdout);
    cli_put_json(stdout, info->format);
    fputs(", \"encoding\": ", stdout);
    cli_put_json(stdout, info->encoding);
    printf(", \"sr\": %.10g, \"channels\": %d, \"frames\": %llu, \"duration\": %.9g", info->sr, info->channels,
           (unsigned long long)info->frames, info->duration_s);
    printf(", \"peak\": %.9g, \"peak_dbfs\": ", info->peak);
    cli_put_json_number(stdout, dbfs(info->peak), 6);
    printf(", \"rms\": %.9g, \"rms_dbfs\": ", info->rms);
    cli_put_json_number(stdout, dbfs(info->rms), 6);
    printf(", \"truncated\": %s, \"nonfinite\": %llu}", info->truncated ? "true" : "false",
           (unsigned long long)info->nonfinite);
}

static void put_json_error(cli *k, report *r, const char *path) {
    fputs(r->rows++ ? ",\n  {\"path\": " : "[\n  {\"path\": ", stdout);
    cli_put_json(stdout, path);
    fputs(", \"error\": ", stdout);
    cli_put_json(stdout, sori_message(k->c));
    putchar('}');
}

static int info_file(cli *k, const char *path, void *user) {
    report *r = user;
    sori_info info;
    if (sori_file_info(k->c, path, &info) != SORI_OK) {
        if (k->json) put_json_error(k, r, path);
        return cli_fail(k);
    }
    (k->json ? put_json : put_text)(r, path, &info);
    if (info.nonfinite)
        cli_say(k, "%s: %llu samples are NaN or infinite", path, (unsigned long long)info.nonfinite);
    return CLI_EXIT_OK;
}

static int run(cli *k) {
    report r = { 0 };
    int code = cli_each_operand(k, info_file, &r);
    if (k->json) puts(r.rows ? "\n]" : "[]");
    return code;
}

const cli_command cmd_info = {
    .name = "info",
    .summary = "tell what sound files are: format, rate, channels, length, peak and RMS level",
    .operands = "FILE...",
    .min_operands = 1,
    .max_operands = -1,
    .examples = {
        { "sori info song.flac", "one file" },
        { "sori info --json *.wav > list.json", "many files, for a program" },
        { "sori info -- -strange.wav", "a name that begins with '-'" },
    },
    .text = "Every file is decoded to its end, so the length is what is really there and not what the header says. "
            "Levels are in dB below full scale: 20 log10 of the largest sample, and of the root mean square over "
            "all channels. JSON is a list with one object a file; a file that failed has an \"error\" in it.",
    .run = run,
};
