/* rows.c - rows of a matrix on the y axis.
 *
 * Row i as a band, which plot_row_at inverts:
 *     FFT bin    [(i - 1/2) sr/n_fft, (i + 1/2) sr/n_fft]
 *     mel band   halfway, in mel, to its neighbours' centres; a bank of n has centres at the n inner points of n + 2
 *                from fmin to fmax. The outer bands reach to fmin and fmax. (librosa draws n points from fmin to fmax,
 *                which puts a band up to one band's width from where its filter is.)
 *     CQT bin    half a bin to either side of fmin 2^(i / bins_per_octave)
 *     lag        60 sr / (hop i) beats a minute: row 0 lies at infinity, and higher rows lower on the axis
 *     tempo bin  i 60 sr / (hop win_length) beats a minute
 *     time       as the x axis
 * Chroma, coefficients and rows with names are counted from below: a row with a name is [i, i + 1], others i -+ 1/2. */
#include "plot/rows.h"
#include <math.h>

#define LOG_FMIN 20          /* Hz, where hearing starts */
#define SLOWEST 15           /* BPM at the lower end of a tempo axis */
#define FASTEST 480
#define CQT_FMIN 32.70319566257483   /* C1, librosa's */

double plot_row_at(const plot_rows *r, double v) {
    double all = (double)r->rows, row = v + 0.5;
    if (r->named) return v;
    if (!r->on_axis) return row;
    switch (r->kind) {
    case SORI_ROWS_FFT: case SORI_ROWS_FOURIER_TEMPO: return v / r->unit + 0.5;
    case SORI_ROWS_TIME: return (v - r->first) / r->unit + 0.5;
    case SORI_ROWS_MEL: row = plot_axis_place(&r->bank, v) * (all + 1) - 0.5; break;
    case SORI_ROWS_CQT: row = log2(v / r->first) * r->per_octave + 0.5; break;
    case SORI_ROWS_TEMPO: return r->unit / v + 0.5;
    default: break;
    }
    return fmin(fmax(row, 0), all);
}

/* --- the axis ------------------------------------------------------------------------------------------------- */

static void set_counted(plot_panel *panel, sori_rows kind, size_t rows) {
    static const char *const labels[] = {
        [SORI_ROWS_FFT] = "FFT bin", [SORI_ROWS_MEL] = "Mel band", [SORI_ROWS_COEFF] = "Coefficient",
        [SORI_ROWS_CQT] = "Bin", [SORI_ROWS_CHROMA] = "Pitch class", [SORI_ROWS_TEMPO] = "Lag (frames)",
        [SORI_ROWS_FOURIER_TEMPO] = "Tempo bin", [SORI_ROWS_TIME] = "Frame",
    };
    panel->y.quantity = PLOT_COUNT;
    panel->y.label = labels[kind];
    plot_axis_range(&panel->y, -0.5, (double)rows - 0.5);
}

static const char *const pitch_classes[] = { "B", "A♯", "A", "G♯", "G", "F♯", "F", "E", "D♯", "D", "C♯", "C" };

/* Names stand from the top down, rows from the bottom up. */
static bool set_names(sori_plot *p, plot_panel *panel, const sori_matrix_config *g, size_t rows) {
    const char *const *names = g->rows == SORI_ROWS_CHROMA && rows == 12 ? pitch_classes : NULL;
    const char **turned = NULL;
    if (!names && !g->row_names) return false;
    if (g->row_names) turned = base_alloc(p->c, rows, sizeof *turned);
    for (size_t i = 0; turned && i < rows; i++) turned[i] = g->row_names[rows - 1 - i];
    plot_names_new(p->c, panel, turned ? (const char *const *)turned : names, rows);
    base_free(p->c, turned);
    panel->y = (plot_axis){ .scale = PLOT_CATEGORIES, .lo = 0, .hi = (double)rows };
    return true;
}

static void set_mel(plot_panel *panel, plot_rows *r, const sori_matrix_config *g) {
    r->bank.scale = g->htk ? PLOT_MEL_HTK : PLOT_MEL;
    plot_axis_range(&r->bank, g->fmin, g->fmax > 0 ? g->fmax : g->sr / 2);
    panel->y.scale = r->bank.scale;
}

static void set_frequency(plot_panel *panel, plot_rows *r, const sori_matrix_config *g, int n_fft) {
    bool bands = g->rows == SORI_ROWS_MEL;
    sori_freq_axis axis = g->axis ? g->axis : bands ? SORI_AXIS_MEL : SORI_AXIS_LINEAR;
    double fmin_hz = g->fmin, fmax_hz = g->fmax > 0 ? g->fmax : g->sr / 2;
    r->unit = g->sr / n_fft;
    set_mel(panel, r, g);
    panel->y.quantity = PLOT_HZ;
    if (axis == SORI_AXIS_LOG || axis == SORI_AXIS_LINEAR)
        panel->y.scale = axis == SORI_AXIS_LOG ? PLOT_LOG : PLOT_LINEAR;
    if (axis == SORI_AXIS_LOG && fmin_hz <= 0) fmin_hz = fmin(LOG_FMIN, fmax_hz / 16);
    plot_axis_range(&panel->y, fmin_hz, fmax_hz);
}

static void set_notes(plot_panel *panel, plot_rows *r, const sori_matrix_config *g) {
    r->first = g->fmin > 0 ? g->fmin : CQT_FMIN;
    r->per_octave = g->bins_per_octave > 0 ? g->bins_per_octave : 12;
    panel->y.quantity = PLOT_NOTES;
    panel->y.scale = PLOT_LOG;
    plot_axis_range(&panel->y, r->first * exp2(-0.5 / r->per_octave),
                    r->first * exp2(((double)r->rows - 0.5) / r->per_octave));
}

static void set_tempo(plot_panel *panel, plot_rows *r, const sori_matrix_config *g, int n_fft) {
    double beats = 60 * g->sr / (g->hop_length ? g->hop_length : 512);   /* of lag 1 */
    r->unit = r->kind == SORI_ROWS_TEMPO ? beats : beats / n_fft;
    panel->y.quantity = PLOT_BPM;
    panel->y.scale = PLOT_LOG;
    plot_axis_range(&panel->y, SLOWEST, FASTEST);
}

static void set_time(plot_panel *panel, plot_rows *r, const sori_matrix_config *g, int n_fft) {
    r->unit = (g->hop_length ? g->hop_length : 512) / g->sr;
    r->first = g->start_s + (g->uncentered ? n_fft / 2 / g->sr : 0);
    panel->y.quantity = PLOT_SECONDS;
    plot_axis_range(&panel->y, fmax(r->first - r->unit / 2, g->start_s), r->first + ((double)r->rows - 0.5) * r->unit);
}

void plot_rows_set(sori_plot *p, plot_panel *panel, plot_rows *r, const sori_matrix_config *g, size_t rows, int n_fft) {
    *r = (plot_rows){ .kind = g->rows, .rows = rows, .on_axis = true };
    if (set_names(p, panel, g, rows)) r->named = true;
    else if (g->rows == SORI_ROWS_CQT) set_notes(panel, r, g);
    else if (g->sr <= 0 || g->rows == SORI_ROWS_COEFF || g->rows == SORI_ROWS_CHROMA) {
        r->on_axis = false;
        set_counted(panel, g->rows, rows);
    } else if (g->rows == SORI_ROWS_TEMPO || g->rows == SORI_ROWS_FOURIER_TEMPO) set_tempo(panel, r, g, n_fft);
    else if (g->rows == SORI_ROWS_TIME) set_time(panel, r, g, n_fft);
    else set_frequency(panel, r, g, n_fft);
}
