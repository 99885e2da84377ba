/* cmd_info.c - sori info: what sound files are. The example all other commands follow:
 *
 *   1. small functions that do one thing each and print to k->out,
 *   2. one that does a file and returns an exit code; it may run on several threads at a time,
 *   3. run, which ties them together,
 *   4. the tables: options and groups if there are any, and the command's own row.
 *
 * The text table has the name last, so that rows can be printed as they come and long names break nothing. */
#include "cli.h"
#include <math.h>

/* Decibels below full scale; silence is minus infinity. */
static double dbfs(double amplitude) { return 20 * log10(amplitude); }

/* Rounded first, so that 59.9996 s is 0:01:00.000 and not 0:00:60.000. */
static void put_length(char *out, size_t size, double seconds) {
    unsigned long long ms = (unsigned long long)(seconds * 1000 + 0.5), s = ms / 1000;
    snprintf(out, size, "%llu:%02llu:%02llu.%03llu", s / 3600, s / 60 % 60, s % 60, ms % 1000);
}

#define COLUMNS "%-12s %-16s %9s %4s %12s %10s %9s  %s\n"

static void put_text(FILE *to, const char *path, const sori_info *info) {
    char length[32];
    put_length(length, sizeof length, info->duration_s);
    fprintf(to, "%-12s %-16s %9.10g %4d %12s", info->format, info->encoding, info->sr, info->channels, length);
    fprintf(to, " %10.1f %9.1f  ", dbfs(info->peak), dbfs(info->rms));
    cli_put_visible(to, path);
    fputc('\n', to);
}

static void put_json(FILE *to, const char *path, const sori_info *info) {
    fputs("{\"path\": ", to);
    cli_put_json(to, path);
    fputs(", \"format\": ", to);
    cli_put_json(to, info->format);
    fputs(", \"encoding\": ", to);
    cli_put_json(to, info->encoding);
    fprintf(to, ", \"sr\": %.10g, \"channels\": %d, \"frames\": %llu, \"duration\": %.9g", info->sr, info->channels,
            (unsigned long long)info->frames, info->duration_s);
    fprintf(to, ", \"peak\": %.9g, \"peak_dbfs\": ", info->peak);
    cli_put_json_number(to, dbfs(info->peak), 6);
    fprintf(to, ", \"rms\": %.9g, \"rms_dbfs\": ", info->rms);
    cli_put_json_number(to, dbfs(info->rms), 6);
    fprintf(to, ", \"truncated\": %s, \"nonfinite\": %llu}", info->truncated ? "true" : "false",
            (unsigned long long)info->nonfinite);
}

static void put_json_error(FILE *to, const char *path, const char *message) {
    fputs("{\"path\": ", to);
    cli_put_json(to, path);
    fputs(", \"error\": ", to);
    cli_put_json(to, message);
    fputc('}', to);
}

static int info_file(cli *k, const char *path, void *user) {
    (void)user;
    sori_info info;
    if (sori_file_info(k->c, path, &info) != SORI_OK) {
        if (k->json) put_json_error(k->out, path, sori_message(k->c));
        return cli_fail(k);
    }
    (k->json ? put_json : put_text)(k->out, path, &info);
    if (info.nonfinite)
        cli_say(k, "%s: %llu samples are NaN or infinite", path, (unsigned long long)info.nonfinite);
    return CLI_EXIT_OK;
}

static int run(cli *k) {
    char heading[128];
    snprintf(heading, sizeof heading, COLUMNS, "FORMAT", "ENCODING", "RATE Hz", "CH", "LENGTH", "PEAK dBFS", "RMS dBFS",
             "FILE");
    return cli_each_file(k, &(cli_each){ .fn = info_file, .heading = heading, .list = true });
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
