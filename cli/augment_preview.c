/* augment_preview.c - the sheet of `sori augment --preview`: the sound as it is and after each change, as waveform and
 * mel spectrogram side by side, two changes a row; changes of spectrograms as the spectrogram alone. */
#include "augment.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 10.0         /* of the sound, at most */
#define TOP_DB 80.0
#define MELS 80

typedef struct sheet {
    cli *k;
    const augment_job *j;
    sori_plot *plot;
    sori_audio y;                /* mono */
    double peak;                 /* of its waveform */
    float loudest;               /* of its mel spectrogram, dB */
} sheet;

char *augment_words(const char *log) {
    char *text = cli_printf("%s", "");
    for (const char *s = log; *s; s++) {   /* "key": value pairs, the first key of a line is "change" */
        if (*s != '"') continue;
        size_t key = strcspn(s + 1, "\"");
        const char *name = s + 1, *value = s + key + 4;
        size_t n = strcspn(value, ",}\n");
        bool change = key == 6 && !strncmp(name, "change", 6), word = *value == '"';
        char *end, *longer;
        double v = strtod(value, &end);
        const char *gap = !*text ? "" : change ? ", " : " ";
        if (change) longer = cli_printf("%s%s%.*s", text, gap, (int)n - 2, value + 1);
        else if (word) longer = cli_printf("%s %.*s %.*s", text, (int)key, name, (int)n - 2, value + 1);
        else if (end > value) longer = cli_printf("%s %.*s %.3g", text, (int)key, name, v);
        else longer = cli_printf("%s %.*s", text, (int)key, name);
        free(text);
        text = longer;
        s = value + n - 1;
    }
    if (*text) return text;
    free(text);
    return cli_printf("nothing");
}

/* --- panels ------------------------------------------------------------------------------------------------------ */

/* Below the loudest of the sound as it is. */
static sori_array *mel_db(sheet *s, sori_audio y) {
    sori_ctx *c = s->k->c;
    sori_array *S = sori_power_to_db(c, sori_melspectrogram(c, y, &(sori_mel_config){ .n_mels = MELS }),
                                     &(sori_db_config){ .top_db = SORI_NONE });
    for (size_t i = 0; S && i < S->size; i++) ((float *)S->data)[i] -= s->loudest;
    return S;
}

static void put_mel(sheet *s, const sori_array *S, double sr, const char *title) {
    sori_plot_matrix(s->plot, S, &(sori_matrix_config){
        .title = title, .sr = sr, .rows = SORI_ROWS_MEL, .unit = "dB",
        .vmin = SORI_VALUE(-TOP_DB), .vmax = SORI_VALUE(0) });
}

static void put_sound(sheet *s, sori_audio y, const char *title) {
    const sori_array *S = mel_db(s, y);
    sori_plot_waveform(s->plot, y, &(sori_waveform_config){ .title = title, .peak = s->peak });
    if (S) put_mel(s, S, y.sr, "");
}

/* Beside the picture, under the change's name. */
static void keep_sound(sheet *s, sori_audio y, const char *name) {
    char *path = cli_printf("%s/%s.wav", s->j->out, name);
    cli_save_sound(s->k, path, y, &s->j->save);
    free(path);
}

/* After a chain: both kinds of changes, each told in the title. */
static void show_copy(sheet *s, int copy) {
    sori_ctx *c = s->k->c;
    sori_array *waves = NULL, *spectra = NULL;
    uint32_t epoch = (uint32_t)copy;
    sori_audio y = sori_augment_apply(c, s->j->chain, s->y, NULL, sori_seed(c), epoch, 0, &waves);
    if (!y.y || y.y->size == 0) return;
    sori_array *S = mel_db(s, y);
    sori_augment_spectrum(c, s->j->chain, S, (float)-TOP_DB, sori_seed(c), epoch, 0, &spectra);
    if (sori_error(c)) return;
    char *name = cli_printf("copy_%d", copy + 1), *log = cli_printf("%s%s", (char *)waves->data, (char *)spectra->data);
    char *title = augment_words(log);
    sori_plot_waveform(s->plot, y, &(sori_waveform_config){ .title = name, .peak = s->peak });
    put_mel(s, S, y.sr, title);
    keep_sound(s, y, name);
    free(title);
    free(log);
    free(name);
}

static void show_change(sheet *s, const sori_augment_change *change) {
    sori_ctx *c = s->k->c;
    sori_array *log = NULL, *S = NULL;
    sori_augment *a = sori_augment_new(c, change->name);
    bool wave = change->stage == SORI_AUGMENT_WAVEFORM;
    sori_audio y = s->y;
    if (wave) y = sori_augment_apply(c, a, y, NULL, sori_seed(c), 0, 0, &log);
    else if ((S = mel_db(s, y))) sori_augment_spectrum(c, a, S, (float)-TOP_DB, sori_seed(c), 0, 0, &log);
    if (!sori_error(c) && y.y->size) {
        char *title = augment_words(log->data);
        if (wave) put_sound(s, y, title);
        else put_mel(s, S, y.sr, title);
        if (wave) keep_sound(s, y, change->name);
        free(title);
    }
    sori_augment_free(c, a);
}

/* --- the sheet --------------------------------------------------------------------------------------------------- */

static void fill(sheet *s) {
    sori_ctx *c = s->k->c;
    put_sound(s, s->y, "as it is");
    keep_sound(s, s->y, "as_it_is");
    for (int copy = 0; s->j->chain && copy < s->j->copies && !sori_error(c); copy++) {
        int scope = sori_begin(c);
        show_copy(s, copy);
        sori_end(c, scope, NULL);
    }
    for (size_t i = 0; !s->j->chain && sori_augment_change_at(i) && !sori_error(c); i++) {
        const sori_augment_change *a = sori_augment_change_at(i);
        int scope = sori_begin(c);
        if (a->stage <= SORI_AUGMENT_SPECTROGRAM && !a->files) show_change(s, a);
        sori_end(c, scope, NULL);
    }
}

/* What the axes are for all: the sound's own peak and loudest value. */
static bool measure(sheet *s) {
    sori_array *S = mel_db(s, s->y);
    for (size_t i = 0; S && i < s->y.y->size; i++) s->peak = fmax(s->peak, fabs(((const float *)s->y.y->data)[i]));
    float loudest = -INFINITY;
    for (size_t i = 0; S && i < S->size; i++) loudest = fmaxf(loudest, ((const float *)S->data)[i]);
    s->loudest = loudest;
    s->peak = s->peak > 0 ? 1.5 * s->peak : 1;
    return S;
}

int augment_preview(cli *k, const augment_job *j) {
    const char *path = j->files[0], *slash = strrchr(path, '/');
    sori_load_config load = j->load;
    load.multichannel = false;
    load.duration_s = load.duration_s > 0 ? fmin(load.duration_s, SECONDS) : SECONDS;
    sheet s = { .k = k, .j = j, .y = sori_load(k->c, path, &load) };
    if (s.y.y && s.y.y->size == 0) sori_fail(k->c, SORI_EFORMAT, "%s: no samples", path);
    if (!s.y.y || sori_error(k->c)) return cli_fail_with(k, path);
    s.plot = sori_plot_new(k->c, &(sori_plot_config){ .title = slash && slash[1] ? slash + 1 : path, .columns = 4,
                                                      .width = 2000, .panel_height = 190,
                                                      .dark = cli_flag(k, "dark") });
    char *out = cli_printf("%s/preview.png", j->out);
    if (s.plot && measure(&s)) fill(&s);
    if (!sori_error(k->c)) sori_plot_save(s.plot, out);
    if (!sori_error(k->c)) cli_say(k, "%s", out);
    sori_plot_free(s.plot);
    free(out);
    return sori_error(k->c) ? cli_fail(k) : CLI_EXIT_OK;
}
