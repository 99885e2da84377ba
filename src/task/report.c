/* report.c - an evaluation as a page: figures, confusion matrix, curves, and the sounds behind them.
 *
 * For every class one recording that was named right (or the first there is), with its waveform, spectrum,
 * spectrogram, mel spectrogram and MFCC as the model's own settings make them; then the mistakes, the surest first,
 * because they say most about what the model hears. */
#include "task/task.h"
#include <sori/plot.h>
#include <sori/report.h>
#include <sori/task.h>
#include <stdlib.h>
#include <string.h>

#define MISTAKES 12        /* shown at most */
#define CLASSES 24         /* shown with sound at most */
#define SOUND_S 5.0        /* of a recording, heard and seen */
#define SCALE 2            /* pixels a unit: sharp on dense screens */

typedef struct page {
    sori_ctx *c;
    sori_report *report;
    sori_classifier *k;
    const sori_evaluation *e;
} page;

static const char *percent(char *out, size_t size, double share) {
    base_format(out, size, "%.1f %%", 100 * share);
    return out;
}

/* --- the whole ------------------------------------------------------------ */

static void put_figures(page *p) {
    const sori_evaluation *e = p->e;
    char accuracy[32], segments[32], recordings[32], classes[32];
    base_format(recordings, sizeof recordings, "%zu", e->recordings);
    base_format(classes, sizeof classes, "%zu", e->label_count);
    sori_report_figures(p->report, (const sori_report_figure[]){
        { percent(accuracy, sizeof accuracy, e->accuracy), "of recordings named right" },
        { percent(segments, sizeof segments, e->segment_accuracy), "of segments" },
        { recordings, "recordings" }, { classes, "classes" } }, 4);
}

static void put_confusion(page *p, const char *dir) {
    sori_report_section(p->report, "Confusion matrix");
    sori_plot *plot = sori_plot_new(p->c, &(sori_plot_config){ .scale = SCALE });
    sori_plot_confusion(plot, p->e->confusion, p->e->labels, p->e->label_count, NULL);
    sori_report_plot(p->report, plot, "Rows: what a recording is. Columns: what the model takes it for.");
    char *path = base_path_join(p->c, dir, "confusion.png");
    if (path) sori_plot_save(plot, path);
    base_free(p->c, path);
    sori_plot_free(plot);
}

static void put_scores(page *p) {
    static const char *const head[] = { "Class", "Precision", "Recall", "F1", "Recordings" };
    size_t n = p->e->label_count;
    char (*text)[5][24] = base_alloc(p->c, n, sizeof *text);
    const char **cells = base_alloc(p->c, 5 * n, sizeof *cells);
    for (size_t i = 0; text && cells && i < n; i++) {
        const sori_class_score *s = &p->e->scores[i];
        double v[3] = { s->precision, s->recall, s->f1 };
        cells[5 * i] = p->e->labels[i];
        for (int k = 0; k < 3; k++) {
            base_format(text[i][k], sizeof text[i][k], "%.3f", v[k]);
            cells[5 * i + 1 + (size_t)k] = text[i][k];
        }
        base_format(text[i][3], sizeof text[i][3], "%zu", s->support);
        cells[5 * i + 4] = text[i][3];
    }
    if (text && cells) sori_report_table(p->report, head, cells, n, 5, NULL);
    base_free(p->c, cells);
    base_free(p->c, text);
}

/* --- training ------------------------------------------------------------- */

static void put_training(page *p) {
    size_t epochs;
    sori_history(sori_classifier_model(p->k), &epochs);
    sori_report_section(p->report, "Model and training");
    const char *summary = sori_summary(sori_classifier_model(p->k));
    if (summary) sori_report_code(p->report, summary);
    if (epochs == 0) return;
    sori_plot *plot = sori_plot_new(p->c, &(sori_plot_config){ .scale = SCALE, .panel_height = 260 });
    task_put_curves(p->c, sori_classifier_model(p->k), plot, false);
    sori_report_plot(p->report, plot,
                     "Training is measured while the weights move and with augmentation on; validation "
                     "after every epoch, on recordings the model does not learn from.");
    sori_plot_free(plot);
}

/* --- sounds ----------------------------------------------------------------- */

/* Decibels below the loudest value, as spectrograms are read. */
static void below_peak(sori_array *a) {
    float *v = a->data, peak = v[0];
    for (size_t i = 1; i < a->size; i++) peak = BASE_MAX(peak, v[i]);
    for (size_t i = 0; i < a->size; i++) v[i] -= peak;
}

/* A panel of a named feature under the model's own settings. */
static void put_feature(page *p, sori_plot *plot, sori_audio y, const char *name, const char *title, sori_rows rows) {
    sori_feature_config config = sori_classifier_input(p->k)->config;
    config.db = rows != SORI_ROWS_COEFF;
    sori_array *a = NULL;
    sori_extract(p->c, y, &name, 1, &config, &a);
    if (a && config.db) below_peak(a);
    int n_fft = config.stft.n_fft ? config.stft.n_fft : 2048;
    if (a)
        sori_plot_matrix(plot, a, &(sori_matrix_config){
            .title = title, .sr = y.sr, .n_fft = n_fft, .rows = rows, .fmin = config.fmin, .fmax = config.fmax,
            .hop_length = config.stft.hop_length ? config.stft.hop_length : n_fft / 4, .htk = config.htk,
            .unit = rows == SORI_ROWS_COEFF ? "" : "dB" });
}

static void put_sound(page *p, const sori_prediction *one, bool sheet) {
    int scope = sori_begin(p->c);
    char caption[256], sure[32];
    sori_load_config load = { .sr = sori_classifier_input(p->k)->sr, .duration_s = SOUND_S };
    sori_audio y = sori_load(p->c, one->path, &load);
    sori_report_card(p->report, p->e->labels[one->label]);
    base_format(caption, sizeof caption, "%.120s: taken for %.60s, %s sure", base_path_name(one->path),
                p->e->labels[one->predicted], percent(sure, sizeof sure, (double)one->probability));
    sori_plot *plot = sori_plot_new(p->c, &(sori_plot_config){ .width = 560, .scale = SCALE, .panel_height = 150 });
    sori_plot_waveform(plot, y, &(sori_waveform_config){ .title = "Waveform" });
    if (sheet) {
        sori_plot_spectrum(plot, y, &(sori_spectrum_config){ .title = "Spectrum" });
        put_feature(p, plot, y, "spectrogram", "Spectrogram", SORI_ROWS_FFT);
    }
    put_feature(p, plot, y, "mel", "Mel spectrogram", SORI_ROWS_MEL);
    if (sheet) put_feature(p, plot, y, "mfcc", "MFCC", SORI_ROWS_COEFF);
    sori_report_audio(p->report, y, caption);
    sori_report_plot(p->report, plot, NULL);
    sori_plot_free(plot);
    sori_end(p->c, scope, NULL);
}

/* A recording of the class that was named right, else any; NULL if there is none. */
static const sori_prediction *example_of(const sori_evaluation *e, size_t label) {
    const sori_prediction *any = NULL;
    for (size_t i = 0; i < e->recordings; i++) {
        const sori_prediction *one = &e->predictions[i];
        if ((size_t)one->label != label) continue;
        if ((size_t)one->predicted == label) return one;
        if (!any) any = one;
    }
    return any;
}

static void put_classes(page *p) {
    sori_report_section(p->report, "A recording of every class");
    sori_report_grid_begin(p->report);
    for (size_t i = 0; i < p->e->label_count && i < CLASSES && !base_failed(p->c); i++) {
        const sori_prediction *one = example_of(p->e, i);
        if (one) put_sound(p, one, true);
    }
    sori_report_grid_end(p->report);
}

static int by_certainty(const void *a, const void *b) {
    const sori_prediction *x = *(const sori_prediction *const *)a, *y = *(const sori_prediction *const *)b;
    if (x->probability != y->probability) return x->probability < y->probability ? 1 : -1;
    return strcmp(x->path, y->path);
}

static void put_mistakes(page *p) {
    const sori_prediction **wrong = base_alloc(p->c, p->e->recordings, sizeof *wrong);
    size_t n = 0;
    for (size_t i = 0; wrong && i < p->e->recordings; i++)
        if (p->e->predictions[i].label != p->e->predictions[i].predicted) wrong[n++] = &p->e->predictions[i];
    if (wrong) qsort(wrong, n, sizeof *wrong, by_certainty);
    sori_report_section(p->report, "Mistakes");
    if (n == 0) sori_report_text(p->report, "None.");
    if (n > 0) sori_report_grid_begin(p->report);
    for (size_t i = 0; i < n && i < MISTAKES && !base_failed(p->c); i++) put_sound(p, wrong[i], false);
    if (n > 0) sori_report_grid_end(p->report);
    base_free(p->c, wrong);
}

sori_status sori_evaluation_report(sori_ctx *c, sori_classifier *k, const sori_evaluation *e, const char *title,
                                   const char *dir) {
    if (base_failed(c) || sori_make_dirs(c, dir) != SORI_OK) return sori_error(c);
    page p = { .c = c, .k = k, .e = e, .report = sori_report_new(c, title) };
    put_figures(&p);
    put_confusion(&p, dir);
    put_scores(&p);
    put_training(&p);
    put_classes(&p);
    put_mistakes(&p);
    char *path = base_path_join(c, dir, "report.html");
    if (path) sori_report_save(p.report, path);
    base_free(c, path);
    sori_report_free(p.report);
    return sori_error(c);
}
