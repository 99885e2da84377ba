/* sori/plot.h - pictures of sound: waveform, spectrum, spectrogram, curves, confusion matrix.
 *
 * A plot is a column of panels, or several columns. Every call below adds one panel; saving draws them all, from one
 * drawing code, as PNG, SVG or PDF. What a panel shows is copied and reduced to the picture's resolution when it is
 * added, so the arrays may be freed before saving, and ten minutes of sound cost no more to draw than ten seconds.
 *
 *     sori_plot *p = sori_plot_new(c, &(sori_plot_config){ .title = "song.flac", .share_time = true });
 *     sori_plot_waveform(p, y, NULL);
 *     sori_plot_matrix(p, D, &(sori_matrix_config){ .sr = 22050, .rows = SORI_ROWS_MEL, .unit = "dB" });
 *     sori_plot_save(p, "song.png");
 *     sori_plot_free(p);
 *
 * Text is UTF-8 in any script; bytes that are not, and control characters, are replaced. Values that are not
 * finite are left out of ranges: NaN is drawn as a gap. A NULL plot may be passed to every call, which then does
 * nothing and returns SORI_EINVAL; the context says why it is NULL.
 */
#ifndef SORI_PLOT_H
#define SORI_PLOT_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sori_plot sori_plot;

typedef struct sori_plot_config {
    double width;            /* 1000 units: pixels at scale 1 (72nds of an inch in PDF) */
    double panel_height;     /* 400, or 240 with share_time; matrices of counts and bars choose their own */
    double scale;            /* 1; pixels a unit, 2 for screens of high density */
    const char *title;       /* above all panels */
    const char *font;        /* a family, or several with commas; missing glyphs come from the system's others */
    bool dark;               /* light on dark */
    bool share_time;         /* panels over time get one range, and tick labels under the lowest only */
    int columns;             /* 1; up to 4: panels fill rows, from left to right */
    uint32_t reserved[7];
} sori_plot_config;

/* A plot without panels.
 *   err  SORI_EUNSUP not built with cairo; SORI_EINVAL a size that is not positive, or above 16384 pixels; columns */
SORI_API sori_plot *sori_plot_new(sori_ctx *c, const sori_plot_config *config);
SORI_API void sori_plot_free(sori_plot *p);

typedef struct sori_waveform_config {
    const char *title;
    double start_s;          /* time of the first sample */
    size_t max_points;       /* 11025, librosa's: up to so many samples are drawn as a line, more as an envelope */
    double height;           /* of the panel; 0: the plot's */
    double peak;             /* the y axis goes from -peak to peak; 0: as the data does */
    uint32_t reserved[2];
} sori_waveform_config;

/* Amplitude over time: a line, or when dense the envelope with the RMS inside it.          librosa.display.waveshow
 *   y    [n] or [channels, n] f32, one lane a channel
 *   err  SORI_EINVAL no samples, sr <= 0, above 8 channels, peak below 0
 *   cost O(n) */
SORI_API sori_status sori_plot_waveform(sori_plot *p, sori_audio y, const sori_waveform_config *config);

/* How frequency is laid out along an axis. */
typedef enum sori_freq_axis {
    SORI_AXIS_AUTO = 0,      /* linear for FFT bins, mel for mel bands */
    SORI_AXIS_LINEAR,
    SORI_AXIS_LOG,           /* an octave is everywhere the same length; starts at 20 Hz unless fmin says else */
    SORI_AXIS_MEL
} sori_freq_axis;

/* What the rows of a matrix are. */
typedef enum sori_rows {
    SORI_ROWS_FFT = 0,       /* bins of an FFT, 0 to sr/2 */
    SORI_ROWS_MEL,           /* mel bands, fmin to fmax */
    SORI_ROWS_COEFF,         /* numbers 0, 1, ...: MFCC and other coefficients */
    SORI_ROWS_CQT,           /* bins of a constant-Q transform: fmin, bins_per_octave; marked at every C */
    SORI_ROWS_CHROMA,        /* pitch classes, C lowest */
    SORI_ROWS_TEMPO,         /* lags of a tempogram, as beats a minute */
    SORI_ROWS_FOURIER_TEMPO, /* bins of a Fourier tempogram; n_fft is its win_length */
    SORI_ROWS_TIME           /* frames again: a sound against itself, or against another */
} sori_rows;

/* What one pixel shows that covers many values. */
typedef enum sori_reduce {
    SORI_REDUCE_AUTO = 0,    /* the peak for one-sided data, the mean for two-sided */
    SORI_REDUCE_PEAK,
    SORI_REDUCE_MEAN
} sori_reduce;

typedef struct sori_matrix_config {
    const char *title;
    double sr;               /* Hz; 0: axes count frames and rows */
    int hop_length;          /* 512 */
    int n_fft;               /* FFT rows: 2 * (rows - 1) */
    bool uncentered;         /* frame t starts at t * hop instead of being centred there; needs n_fft */
    double start_s;          /* time of the first frame */
    sori_rows rows;
    sori_freq_axis axis;
    double fmin, fmax;       /* mel rows: the bank's range, 0 and sr/2; FFT rows: the part shown; CQT: fmin, C1 */
    int bins_per_octave;     /* CQT: 12 */
    const char *const *row_names;   /* [rows] instead of numbers, from the lowest row up */
    bool htk;                /* HTK's mel formula instead of Slaney's */
    const char *unit;        /* of the values, beside the colour bar: "dB" */
    sori_opt vmin, vmax;     /* values at the ends of the colours; the data's extremes */
    sori_reduce reduce;
    bool smooth;             /* blend between values when enlarged; default: each is a cell with edges */
    double height;           /* of the panel; 0: the plot's */
    uint32_t reserved[8];
} sori_matrix_config;

/* A picture of a matrix: spectrogram, mel spectrogram, MFCC.                               librosa.display.specshow
 *   S    [rows, frames] f32 or f64
 *   err  SORI_EINVAL another shape or dtype, no values, fmin >= fmax, fmax > sr/2, vmin >= vmax
 *   cost O(rows * frames)
 * Colours as librosa: magma, or coolwarm where both the 2nd percentile is negative and the 98th positive; then
 * zero has the neutral colour. A mel band lies at its filter's centre frequency. */
SORI_API sori_status sori_plot_matrix(sori_plot *p, const sori_array *S, const sori_matrix_config *config);

/* What is drawn over a panel's data. */
typedef struct sori_overlay {
    const char *label;       /* in the legend; NULL: not listed */
    const double *x;         /* [n] on the panel's x axis: seconds over time */
    const double *y;         /* [n] on its y axis, NaN leaves a gap; NULL: a vertical line at each x */
    size_t n;
    const char *const *names;/* [n] beside the lines, from left to right as far as there is room; NULL: none */
    int color;               /* 1 .. 5; 0: the overlay's own number */
    bool dashed, dots;       /* dots: points that are not joined */
    uint32_t reserved[2];
} sori_overlay;

/* Draw over the panel that was added last: onsets and beats as vertical lines, f0 as a curve on a spectrogram.
 *   err  SORI_EINVAL no panel, a panel of names, more than 8 overlays, above 2^20 points */
SORI_API sori_status sori_plot_overlay(sori_plot *p, const sori_overlay *overlays, size_t n);

typedef struct sori_spectrum_config {
    const char *title;
    int n_fft;               /* 4096: the mean power of overlapping Hann frames */
    bool whole;              /* one transform of the whole signal instead */
    bool linear;             /* amplitude; default: dB */
    double top_db;           /* 100: dB shown below the highest value */
    sori_freq_axis axis;     /* SORI_AXIS_LINEAR */
    double fmin, fmax;       /* part shown: 0 (20 on a log axis) and sr/2 */
    double height;
    uint32_t reserved[8];
} sori_spectrum_config;

/* Level over frequency. A sine of amplitude 1 reads 0 dBFS (or 1.0). Channels are averaged first.
 *   y    [n] or [channels, n] f32
 *   err  SORI_EINVAL as sori_plot_waveform, fmin >= fmax, fmax > sr/2
 *   cost O(n log n_fft) */
SORI_API sori_status sori_plot_spectrum(sori_plot *p, sori_audio y, const sori_spectrum_config *config);

/* One line of a diagram. */
typedef struct sori_series {
    const char *label;       /* in the legend; NULL: not listed */
    const double *x;         /* [n] rising; NULL: 1, 2, ... (epochs) */
    const double *y;         /* [n]; NaN leaves a gap */
    size_t n;
    int color;               /* 1 .. 8 from the palette; 0: the series' own number */
    bool dashed;             /* by custom: validation, in the colour of its training curve */
} sori_series;

typedef enum sori_quantity { SORI_NUMBER = 0, SORI_TIME, SORI_FREQUENCY } sori_quantity;

typedef struct sori_curves_config {
    const char *title, *x_label, *y_label;
    sori_quantity x;         /* how x is written: SORI_TIME takes seconds, SORI_FREQUENCY Hz */
    bool log_x, log_y;       /* positive values only; others are left out */
    sori_opt y_min, y_max;   /* the axis; round values around the data */
    sori_opt x_min, x_max;   /* likewise; the data's ends */
    double height;
    uint32_t reserved[4];
} sori_curves_config;

/* Lines over a common x: loss and accuracy over epochs, a feature over time.
 *   err  SORI_EINVAL no series, above 64 series, y_min >= y_max, x_min >= x_max */
SORI_API sori_status sori_plot_curves(sori_plot *p, const sori_series *series, size_t n,
                                      const sori_curves_config *config);

typedef struct sori_confusion_config {
    const char *title;
    const char *row_label;   /* "True class" */
    const char *col_label;   /* "Predicted class" */
    double height;           /* 0: from the number of classes */
    uint32_t reserved[4];
} sori_confusion_config;

/* Confusion matrix: a cell says how often class i (row) was taken for class j (column), its colour and second
 * line the share of the row.
 *   counts  [n][n], row true, column predicted      labels  [n], or NULL for 0, 1, ...
 *   err     SORI_EINVAL n is 0 or above 500 */
SORI_API sori_status sori_plot_confusion(sori_plot *p, const uint64_t *counts, const char *const *labels, size_t n,
                                         const sori_confusion_config *config);

typedef struct sori_bars_config {
    const char *title, *x_label;
    sori_opt max;            /* right end of the axis; a round value above the data */
    double height;           /* 0: from the number of bars */
    uint32_t reserved[4];
} sori_bars_config;

/* Horizontal bars with a name and a value each: F1 per class, levels per file.
 *   err  SORI_EINVAL n is 0 or above 500 */
SORI_API sori_status sori_plot_bars(sori_plot *p, const char *const *labels, const double *values, size_t n,
                                    const sori_bars_config *config);

typedef struct sori_intervals_config {
    const char *title, *x_label;
    sori_opt min, max;       /* ends of the axis, rounded outwards; the data's */
    double height;           /* 0: from the number of values */
    uint32_t reserved[4];
} sori_intervals_config;

/* Values with their spread, one below the other, each with its name: accuracies of several settings. The axis need not
 * begin at 0.
 *   spreads  [n] half the length of the line around each value, NaN for none; NULL: none at all
 *   err      SORI_EINVAL n is 0 or above 500, min >= max */
SORI_API sori_status sori_plot_intervals(sori_plot *p, const char *const *labels, const double *values,
                                         const double *spreads, size_t n, const sori_intervals_config *config);

/* A bar of a piano roll. */
typedef struct sori_roll_note {
    double start_s, end_s;
    int row;                 /* a MIDI note, or whatever row_names names */
    int series;              /* its colour: an index into series */
    double strength;         /* 0 to 1: how full the colour is */
} sori_roll_note;

typedef struct sori_roll_config {
    const char *title;
    const char *const *series;       /* [n_series] names for the legend; NULL: no legend */
    size_t n_series;                 /* 0: as many as notes name */
    int low, high;                   /* rows shown, both ends; both 0: those of the notes, and two more beside */
    const char *const *row_names;    /* [high - low + 1] from low up; NULL: rows are MIDI notes */
    const sori_array *const *activations;   /* [n_series], each [rows, frames] f32, >= 0, from row 0 up, or
                                      * NULL: shades behind the notes, how loud each row is when; NULL: none */
    double frame_s;                  /* seconds from frame to frame of activations */
    double range_db;                 /* 40: shades show so many dB below the loudest */
    double duration_s;               /* of the axis; 0: to the end of notes and activations */
    double height;
    uint32_t reserved[8];
} sori_roll_config;

/* Notes over time as bars, one row a pitch, on the keys of a piano.
 *   err  SORI_EINVAL above 2^20 notes, 64 series or 512 rows; a note of no series, a time that is not finite;
 *        activations of another shape; nothing to show */
SORI_API sori_status sori_plot_roll(sori_plot *p, const sori_roll_note *notes, size_t n,
                                    const sori_roll_config *config);

/* Draw all panels into a file; its ending, .png, .svg or .pdf, sets the format. Atomic. May be called again.
 *   err  SORI_EINVAL unknown ending, no panels, above 16384 pixels; SORI_EIO */
SORI_API sori_status sori_plot_save(sori_plot *p, const char *path);

/* The same as PNG into memory: [bytes] u8, owned by the innermost scope. */
SORI_API sori_array *sori_plot_png(sori_plot *p);

/* The picture's size in units, once it has panels. */
SORI_API sori_status sori_plot_size(sori_plot *p, double *width, double *height);

#ifdef __cplusplus
}
#endif
#endif
