/* cmd_compare.c - sori compare: two sounds side by side, as a table, as JSON and as a sheet of pictures. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* --- one value of both ------------------------------------------------------------------------------------------ */

typedef struct figure {
    const char *key, *name, *unit;       /* of JSON, of the table */
    double a, b, scale;                  /* scale: of the table, 1000 for ms */
    int decimals;
} figure;

#define FIGURES 8

static void figures_of(const sori_comparison *r, figure out[FIGURES]) {
    const figure all[FIGURES] = {
        { "onset_s", "onset", "s", r->a.onset_s, r->b.onset_s, 1, 3 },
        { "length_s", "length from there", "s", r->a.length_s, r->b.length_s, 1, 3 },
        { "gain_db", "gain", "dB", r->a.gain_db, r->b.gain_db, 1, 1 },
        { "f0_hz", "f0", "Hz", r->a.f0_hz, r->b.f0_hz, 1, 2 },
        { "attack_s", "attack", "ms", r->a.attack_s, r->b.attack_s, 1000, 0 },
        { "centroid_hz", "spectral centroid", "Hz", r->a.centroid_hz, r->b.centroid_hz, 1, 0 },
        { "rolloff_hz", "spectral rolloff", "Hz", r->a.rolloff_hz, r->b.rolloff_hz, 1, 0 },
        { "flatness", "spectral flatness", "", r->a.flatness, r->b.flatness, 1, 4 },
    };
    memcpy(out, all, sizeof all);
}

/* A number in so many columns, "-" where there is none. */
static void put(double v, int width, int decimals, bool sign) {
    if (!isfinite(v)) printf("%*s", width, "-");
    else printf(sign ? "%+*.*f" : "%*.*f", width, decimals, v);
}

/* --- the table --------------------------------------------------------------------------------------------------- */

static void put_figures(const sori_comparison *r) {
    figure f[FIGURES];
    figures_of(r, f);
    printf("%-24s %12s %12s %12s\n", "", "A", "B", "B - A");
    for (int i = 0; i < FIGURES; i++) {
        printf("%-18s %-5s ", f[i].name, f[i].unit);
        put(f[i].a * f[i].scale, 12, f[i].decimals, false);
        put(f[i].b * f[i].scale, 13, f[i].decimals, false);
        put((f[i].b - f[i].a) * f[i].scale, 13, f[i].decimals, true);
        putchar('\n');
    }
    printf("%-24s", "pitch              cents");
    put(NAN, 13, 0, false);
    put(NAN, 13, 0, false);
    put(1200 * log2(r->b.f0_hz / r->a.f0_hz), 13, 1, true);
    putchar('\n');
}

static void put_partials(const sori_comparison *r) {
    printf("\n%8s  %27s  %27s  %7s\n", "", "A", "B", "B - A");
    printf("%8s  %9s %8s %8s  %9s %8s %8s  %7s\n", "PARTIAL", "Hz", "dB", "cents", "Hz", "dB", "cents", "dB");
    for (int k = 0; k < r->n_partials; k++) {
        const sori_partial *a = &r->a.partials[k], *b = &r->b.partials[k];
        printf("%8d", k + 1);
        for (int i = 0; i < 2; i++) {
            const sori_partial *h = i ? b : a;
            put(h->hz, 11, 1, false);
            put(isfinite(h->hz) ? h->db : NAN, 9, 1, false);
            put(h->cents, 9, 1, true);
        }
        put(b->db - a->db, 9, 1, true);
        putchar('\n');
    }
}

static void put_table(const cli *k, const sori_comparison *r) {
    printf("A  ");
    cli_put_visible(stdout, k->operands[0]);
    printf("\nB  ");
    cli_put_visible(stdout, k->operands[1]);
    printf("\n%.3f s of both, mono, %g Hz%s%s\n\n", r->duration_s, r->sr,
           cli_flag(k, "align") ? ", from the onset" : "", cli_flag(k, "level") ? ", RMS -20 dBFS" : "");
    put_figures(r);
    if (isfinite(r->a.f0_hz) || isfinite(r->b.f0_hz)) put_partials(r);
    printf("\n%-38s", "distance of log-mel spectrograms");
    put(r->log_mel_db, 8, 2, false);
    printf(" dB\n%-38s", "distance of MFCCs, time warped");
    put(r->mfcc_dtw, 8, 2, false);
    printf("\n%-38s", "distance of mean MFCCs");
    put(r->mfcc_mean, 8, 2, false);
    printf("\n%-38s", "distance of partials");
    put(r->partials_db, 8, 2, false);
    puts(" dB");
}

/* --- JSON -------------------------------------------------------------------------------------------------------- */

static void put_json_pair(const char *key, double v) {
    printf(", \"%s\": ", key);
    cli_put_json_number(stdout, v, 9);
}

static void put_json_side(const cli *k, const sori_comparison *r, int i) {
    const sori_compared *s = i ? &r->b : &r->a;
    figure f[FIGURES];
    figures_of(r, f);
    printf(",\n \"%s\": {\"path\": ", i ? "b" : "a");
    cli_put_json(stdout, k->operands[i]);
    for (int j = 0; j < FIGURES; j++) put_json_pair(f[j].key, i ? f[j].b : f[j].a);
    printf(",\n  \"partials\": [");
    for (int n = 0; n < r->n_partials; n++) {
        printf("%s{\"number\": %d", n ? ", " : "", n + 1);
        put_json_pair("hz", s->partials[n].hz);
        put_json_pair("db", s->partials[n].db);
        put_json_pair("cents", s->partials[n].cents);
        putchar('}');
    }
    printf("]}");
}

static void put_json(const cli *k, const sori_comparison *r) {
    printf("{\"sr\": ");
    cli_put_json_number(stdout, r->sr, 9);
    put_json_pair("duration_s", r->duration_s);
    put_json_pair("log_mel_db", r->log_mel_db);
    put_json_pair("mfcc_dtw", r->mfcc_dtw);
    put_json_pair("mfcc_mean", r->mfcc_mean);
    put_json_pair("partials_db", r->partials_db);
    for (int i = 0; i < 2; i++) put_json_side(k, r, i);
    puts("}");
}

/* --- the sheet --------------------------------------------------------------------------------------------------- */

static void draw(cli *k, const sori_comparison *r) {
    const char *title = cli_text(k, "title");
    sori_plot *p = sori_plot_new(k->c, &(sori_plot_config){
        .columns = 2, .panel_height = 230, .width = cli_number(k, "width"), .scale = cli_number(k, "density"),
        .dark = cli_flag(k, "dark"), .title = title });
    sori_compare_plot(k->c, p, r, name_of(k->operands[0]), name_of(k->operands[1]));
    if (p) sori_plot_save(p, cli_text(k, "out"));
    sori_plot_free(p);
}

/* --- what is asked for ------------------------------------------------------------------------------------------- */

/* "440", "A4"; 0 where nothing was said. False: said why. */
static bool read_f0(cli *k, double *hz) {
    const char *text = cli_text(k, "f0");
    *hz = 0;
    if (!text) return true;
    char *end;
    *hz = strtod(text, &end);
    bool number = text[strspn(text, "0123456789.+-")] == 0;   /* also of a note's number, which is not meant */
    if (number && *text && !*end && *hz > 0) return true;
    int midi = number ? -1 : sori_note_number(k->c, text);
    if (midi >= 0) *hz = 440 * exp2((midi - 69) / 12.0);
    else cli_usage(k, "--f0 %s: neither a frequency above 0 nor a note such as A4", text);
    return midi >= 0;
}

static sori_audio load(cli *k, const char *path) {
    sori_load_config config = { .sr = SORI_SR_NATIVE, .offset_s = cli_number(k, "offset") };
    sori_audio y = sori_load(k->c, path, &config);
    if (!y.y) cli_fail_with(k, path);
    return y;
}

static int run(cli *k) {
    sori_compare_config config = { .sr = cli_number(k, "sr"), .duration_s = cli_number(k, "duration"),
                                   .unaligned = !cli_flag(k, "align"), .keep_level = !cli_flag(k, "level"),
                                   .n_partials = (int)cli_int(k, "n_partials") };
    if (!read_f0(k, &config.f0_hz)) return CLI_EXIT_USAGE;
    sori_audio a = load(k, k->operands[0]), b = a.y ? load(k, k->operands[1]) : a;
    if (!a.y || !b.y) return cli_exit_of(sori_error(k->c));
    sori_comparison r = sori_compare(k->c, a, b, &config);
    if (sori_error(k->c) == SORI_OK && cli_text(k, "out")) draw(k, &r);
    if (sori_error(k->c)) return cli_fail(k);
    if (k->json) put_json(k, &r);
    else put_table(k, &r);
    return CLI_EXIT_OK;
}

static const cli_option options[] = {
    { "out", 'o', CLI_FILE, "OUT", NULL, "picture to write: .png, .svg or .pdf" },
    { "f0", 0, CLI_TEXT, "HZ|NOTE", NULL, "the fundamental both should have; default: each one's own is found" },
    { "n_partials", 0, CLI_INT, "N", "10", "harmonics to measure", 1, SORI_COMPARE_PARTIALS },
    { "align", 0, CLI_SWITCH, .standard = "yes", .help = "compare from the onset on" },
    { "level", 0, CLI_SWITCH, .standard = "yes", .help = "compare at the same RMS" },
    { "sr", 0, CLI_NUMBER, "HZ", "0", "rate to compare at; 0: the lower of both", 0, 1e6 },
    { "offset", 0, CLI_NUMBER, "SECONDS", "0", "start reading both here", 0, 1e9 },
    { "duration", 0, CLI_NUMBER, "SECONDS", "60", "compare at most so much", 0.001, 1e6 },
    { "title", 0, CLI_TEXT, "TEXT", NULL, "above the picture" },
    { "width", 0, CLI_NUMBER, "UNITS", "1400", "of the picture", 400, 16384 },
    { "density", 0, CLI_NUMBER, "PIXELS", "1", "pixels a unit in PNG; 2 for fine screens", 0.1, 16 },
    { "dark", 0, CLI_FLAG, .help = "light on dark" },
    { NULL }
};
static const cli_group group = { "Options", options };

const cli_command cmd_compare = {
    .name = "compare",
    .summary = "put two sounds side by side: levels, spectra, harmonics, distances",
    .operands = "A B",
    .min_operands = 2,
    .max_operands = 2,
    .examples = {
        { "sori compare made.wav real.wav", "a table of what differs" },
        { "sori compare made.wav real.wav -o sheet.png", "and a sheet of pictures" },
        { "sori compare piano.wav tuned.wav --f0 A4 --n_partials 20", "how far partials lie from those of A4" },
    },
    .groups = { &group },
    .text = "Both become mono, take the lower rate, begin where their level first comes within 30 dB of its "
            "loudest, end with the shorter one, and get the same level. --no-align and --no-level leave that as it "
            "is. A partial that does not stand out, or lies 80 dB below the strongest, is shown as -; it counts as "
            "-80 dB.",
    .run = run,
};
