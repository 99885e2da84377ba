/* compare_plot.c - the comparison as a sheet: what has a picture of its own left and right, what is a line together.
 *
 * Both sounds get the same axes and colours, so that whatever looks different is. */
#include "array/array.h"
#include "base/base.h"
#include "task/compare.h"
#include <math.h>

#define TOP_DB 80
#define FLOOR_DB (-100)      /* of envelopes */

static const char *const letters[2] = { "A", "B" };

static const sori_compared *side(const sori_comparison *r, int i) { return i ? &r->b : &r->a; }

static double most_of(const sori_array *a) {
    double most = -INFINITY;
    for (size_t i = 0; i < a->size; i++) most = fmax(most, (double)((const float *)a->data)[i]);
    return most;
}

/* --- left and right ---------------------------------------------------------------------------------------------- */

static double peak_of(const sori_array *y) {
    double most = 0;
    for (size_t i = 0; i < y->size; i++) most = fmax(most, fabs((double)((const float *)y->data)[i]));
    return most;
}

static void put_waveforms(sori_ctx *c, sori_plot *p, const sori_comparison *r, const char *const names[2]) {
    double most = 1.05 * fmax(peak_of(r->a.y.y), peak_of(r->b.y.y));
    for (int i = 0; i < 2; i++) {
        char *title = base_printf(c, "%s  %s", letters[i], names[i]);
        sori_plot_waveform(p, side(r, i)->y, &(sori_waveform_config){ .title = title, .peak = most });
        base_free(c, title);
    }
}

static sori_matrix_config matrix_of(const sori_comparison *r, const char *title) {
    return (sori_matrix_config){ .title = title, .sr = r->sr, .hop_length = r->hop_length, .n_fft = r->n_fft };
}

/* Below the loudest of both. */
static void put_mels(sori_ctx *c, sori_plot *p, const sori_comparison *r) {
    double most = fmax(most_of(r->a.mel_db), most_of(r->b.mel_db));
    sori_matrix_config g = matrix_of(r, "Mel spectrogram");
    g.rows = SORI_ROWS_MEL;
    g.unit = "dB";
    g.vmin = SORI_VALUE(-TOP_DB), g.vmax = SORI_VALUE(0);
    for (int i = 0; i < 2; i++) {
        const sori_array *S = side(r, i)->mel_db;
        sori_array *below = sori_array_from(c, SORI_F32, S->ndim, S->shape, S->data);
        for (size_t j = 0; below && j < below->size; j++) ((float *)below->data)[j] -= (float)most;
        sori_plot_matrix(p, below, &g);
    }
}

/* The first, the level, is left out; the colours are those of the third and on, beside which the second is large. */
static void put_mfccs(sori_ctx *c, sori_plot *p, const sori_comparison *r) {
    sori_matrix_config g = matrix_of(r, "MFCC, without the level");
    double most = 1;
    g.rows = SORI_ROWS_COEFF;
    for (int i = 0; i < 2; i++) {
        const sori_array *m = side(r, i)->mfcc;
        for (size_t j = 2 * m->shape[1]; j < m->size; j++)
            most = fmax(most, fabs((double)((const float *)m->data)[j]));
    }
    g.vmin = SORI_VALUE(-most), g.vmax = SORI_VALUE(most);
    for (int i = 0; i < 2; i++) {
        const sori_array *m = side(r, i)->mfcc;
        sori_array *shown = sori_array_from(c, SORI_F32, 2, m->shape, m->data);
        for (size_t j = 0; shown && j < m->shape[1]; j++) ((float *)shown->data)[j] = NAN;
        sori_plot_matrix(p, shown, &g);
    }
}

/* --- together ---------------------------------------------------------------------------------------------------- */

/* v as doubles, from index `first` on, and x = i * step; freed by base_free. */
static double *doubles(sori_ctx *c, const sori_array *v, size_t first) {
    double *out = base_alloc_raw(c, v->size - first, sizeof *out);
    for (size_t i = first; out && i < v->size; i++) out[i - first] = (double)((const float *)v->data)[i];
    return out;
}

static double *multiples(sori_ctx *c, double step, size_t first, size_t n) {
    double *out = base_alloc_raw(c, n - first, sizeof *out);
    for (size_t i = first; out && i < n; i++) out[i - first] = (double)i * step;
    return out;
}

/* Two lines over the same x, `step` apart, from index `first` on. */
static void put_lines(sori_ctx *c, sori_plot *p, const sori_array *const v[2], double step, size_t first,
                      const sori_curves_config *g) {
    size_t n = v[0]->size - first;
    double *x = multiples(c, step, first, v[0]->size), *y[2] = { doubles(c, v[0], first), doubles(c, v[1], first) };
    if (!base_failed(c))
        sori_plot_curves(p, (sori_series[]){ { .label = letters[0], .x = x, .y = y[0], .n = n },
                                             { .label = letters[1], .x = x, .y = y[1], .n = n } }, 2, g);
    base_free(c, x);
    base_free(c, y[0]);
    base_free(c, y[1]);
}

static sori_opt below(const sori_array *a, const sori_array *b) {
    return SORI_VALUE(10 * floor(fmax(FLOOR_DB, fmax(most_of(a), most_of(b)) - TOP_DB) / 10));
}

static void put_spectrum_and_envelope(sori_ctx *c, sori_plot *p, const sori_comparison *r) {
    const sori_array *spectra[2] = { r->a.spectrum_db, r->b.spectrum_db };
    const sori_array *levels[2] = { r->a.envelope_db, r->b.envelope_db };
    double bin = r->sr / r->n_fft;
    put_lines(c, p, spectra, bin, 1, &(sori_curves_config){
        .title = "Spectrum", .y_label = "dB", .x = SORI_FREQUENCY, .log_x = true,
        .y_min = below(spectra[0], spectra[1]), .x_min = SORI_VALUE(r->sr > 100 ? 20 : bin) });
    put_lines(c, p, levels, r->envelope_step_s, 0, &(sori_curves_config){
        .title = "Level", .y_label = "dB", .x = SORI_TIME, .y_min = below(levels[0], levels[1]) });
}

/* By number; those not there are gaps. Nothing where neither sound has a pitch. */
static void put_partials(sori_plot *p, const sori_comparison *r) {
    if (isnan(r->a.f0_hz) && isnan(r->b.f0_hz)) return;
    double db[2][SORI_COMPARE_PARTIALS], cents[2][SORI_COMPARE_PARTIALS], far = 10;
    size_t n = (size_t)r->n_partials;
    for (int i = 0; i < 2; i++)
        for (size_t k = 0; k < n; k++) {
            const sori_partial *h = &side(r, i)->partials[k];
            db[i][k] = isfinite(h->hz) ? h->db : NAN;
            cents[i][k] = h->cents;
            if (isfinite(h->cents)) far = fmax(far, fabs(h->cents));
        }
    far = 10 * ceil(far / 10);
    sori_plot_curves(p, (sori_series[]){ { .label = letters[0], .y = db[0], .n = n },
                                         { .label = letters[1], .y = db[1], .n = n } }, 2,
                     &(sori_curves_config){ .title = "Partials: level", .x_label = "Partial", .y_label = "dB",
                                            .y_min = SORI_VALUE(SORI_PARTIAL_FLOOR), .y_max = SORI_VALUE(0) });
    sori_plot_curves(p, (sori_series[]){ { .label = letters[0], .y = cents[0], .n = n },
                                         { .label = letters[1], .y = cents[1], .n = n } }, 2,
                     &(sori_curves_config){ .title = "Partials: deviation from the multiple", .x_label = "Partial",
                                            .y_label = "Cents", .y_min = SORI_VALUE(-far), .y_max = SORI_VALUE(far) });
}

sori_status sori_compare_plot(sori_ctx *c, sori_plot *p, const sori_comparison *r, const char *name_a,
                              const char *name_b) {
    const char *const names[2] = { name_a ? name_a : "", name_b ? name_b : "" };
    if (base_failed(c) || !p) return p ? sori_error(c) : SORI_EINVAL;
    if (!r || !r->a.y.y || !r->b.y.y) return sori_fail(c, SORI_EINVAL, "compare: there is no comparison to draw");
    int scope = sori_begin(c);
    put_waveforms(c, p, r, names);
    put_mels(c, p, r);
    put_mfccs(c, p, r);
    put_spectrum_and_envelope(c, p, r);
    put_partials(p, r);
    sori_end(c, scope, NULL);
    return sori_error(c);
}
