/* plot/rows.h - what the rows of a matrix are, and where they lie on the y axis. */
#ifndef PLOT_ROWS_H
#define PLOT_ROWS_H

#include "plot/plot.h"

typedef struct plot_rows {
    sori_rows kind;
    size_t rows;
    bool on_axis;            /* rows lie at values of the axis; else they are just counted */
    bool named;              /* or have names */
    double unit;             /* FFT: Hz a bin; tempo: BPM a bin, or of lag 1; time: seconds a row */
    double first;            /* of row 0: Hz (CQT), seconds (time) */
    double per_octave;       /* CQT */
    plot_axis bank;          /* mel: fmin .. fmax on the mel scale */
} plot_rows;

/* Understand the config's rows and lay out the panel's y axis for them. n_fft as the matrix implies it. */
void plot_rows_set(sori_plot *p, plot_panel *panel, plot_rows *r, const sori_matrix_config *g, size_t rows, int n_fft);

/* From a value on the y axis to rows counted from their lower edges; 0 to rows lie in the matrix. */
double plot_row_at(const plot_rows *r, double v);

#endif
