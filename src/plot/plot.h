/* plot/plot.h - what the files of this room share: panels, themes, and the plot that holds them.
 *
 * A panel is data reduced to the picture's resolution, two axes, perhaps a colour bar or a legend, and a function that
 * draws the data into the box between the axes. Everything around that box (titles, ticks, labels, bar, legend) is
 * laid out and drawn in layout.c, the same for every kind. */
#ifndef PLOT_PLOT_H
#define PLOT_PLOT_H

#include "plot/axis.h"
#include "plot/canvas.h"
#include "plot/colormap.h"
#include <sori/plot.h>

#define PLOT_PALETTE 8
#define PLOT_MAX_SERIES 64
#define PLOT_MAX_COLUMNS 4

/* Colours 0xRRGGBBAA. */
typedef struct plot_theme {
    uint32_t paper, ink, soft;         /* background, titles, labels and ticks */
    uint32_t grid, line;               /* behind the data; axes */
    uint32_t area;                     /* behind pictures, seen where a value is missing */
    uint32_t peak, rms;                /* a waveform's envelope and the RMS inside it */
    uint32_t cell_low[3], cell_high;   /* a matrix of counts: 0, half, full; */
    uint32_t on_low, on_high;          /* and text on light and dark cells */
    uint32_t palette[PLOT_PALETTE];    /* series */
} plot_theme;

const plot_theme *plot_theme_of(bool dark);

typedef struct plot_panel plot_panel;

/* A kind of panel. draw stays inside `area`; the layout has set the clip. */
typedef struct plot_kind {
    void (*draw)(const plot_panel *panel, plot_canvas *k, const plot_theme *theme, plot_box area);
    void (*free)(sori_ctx *c, void *data);
} plot_kind;

typedef struct plot_legend {
    char *label;
    uint32_t color;          /* 0xRRGGBBAA */
    bool dashed, block;      /* a line, a dashed line or a filled block */
    uint32_t edge;           /* around a line, as over a picture; 0: none */
} plot_legend;

/* Where the layout put a panel, all in the picture's units, and the ticks that fit there. */
typedef struct plot_place {
    double column;           /* left edge of its column */
    double top;              /* of the panel; its box follows after title and legend */
    plot_box area;           /* between the axes */
    double header, footer;   /* heights above and below the area */
    double tick_width;       /* of the widest label on the y axis */
    bool times;              /* labels on the x axis are drawn, or hidden because a panel below has them */
    double angle;            /* of the x axis's category names, degrees */
    size_t legend_rows;
    int x_n, y_n, bar_n;
    plot_tick x[PLOT_MAX_TICKS], y[PLOT_MAX_TICKS], bar[PLOT_MAX_TICKS];
} plot_place;

/* What is drawn over a panel's data. */
typedef struct plot_overlay {
    double (*xy)[2];         /* [n], and [n] more of scratch for drawing: px */
    double (*px)[2];
    char **names;            /* [n] beside events; NULL: none, and each may be */
    size_t n;
    uint32_t color;
    uint32_t edge, back;     /* around lines over pictures, so that they are seen on all cells; behind names */
    bool dashed, dots, events;
} plot_overlay;

struct plot_panel {
    const plot_kind *kind;
    void *data;              /* the kind's own */
    char *title, *x_label, *y_label, *unit;   /* the panel's copies; NULL for none */
    plot_axis x, y;
    bool grid_x, grid_y;
    bool joined;             /* the panel below goes on with the same x axis, and has its labels */
    bool image;              /* no grid, ticks outside */
    bool bar;                /* a colour bar of `colors` with `unit` */
    plot_colors colors;
    double height;           /* of the whole panel; 0: the plot's */
    double area_height;      /* > 0: of the box between the axes, and height follows */
    double min_width;        /* of the box between the axes */
    char **names;            /* [names_n] labels of categories, shared by both axes */
    size_t names_n;
    plot_legend *legend;     /* [legend_n] */
    size_t legend_n;
    plot_overlay *overlays;  /* [overlays_n] */
    size_t overlays_n;
    plot_place place;
};

struct sori_plot {
    sori_ctx *c;
    double width, panel_height, scale;    /* width 0: as the panels need, at least the default */
    size_t columns;
    bool share_time;
    char *title;
    const plot_theme *theme;
    plot_canvas *canvas;
    plot_panel **panels;                  /* [count] */
    size_t count, room;
};

/* The start of every sori_plot_<kind>: true if p is there and its context has no error. */
bool plot_ready(const sori_plot *p);

/* A new panel, not yet in the plot, with kind, title, height and a zeroed data block of `size` bytes. NULL on failure.
 * Then either plot_add or plot_panel_free, both of which take it over. */
plot_panel *plot_panel_new(sori_plot *p, const plot_kind *kind, size_t size, const char *title, double height);
void plot_panel_free(sori_ctx *c, plot_panel *panel);
/* Into the plot; freed if the context has failed meanwhile. */
sori_status plot_add(sori_plot *p, plot_panel *panel);

/* A copy of text, NULL for NULL. */
char *plot_copy(sori_ctx *c, const char *text);
/* n legend entries, all empty. */
bool plot_legend_new(sori_ctx *c, plot_panel *panel, size_t n);
/* Copies of n labels, or "0", "1", ... where labels or one of them is NULL, for category axes. */
bool plot_names_new(sori_ctx *c, plot_panel *panel, const char *const *labels, size_t n);
void plot_free_data(sori_ctx *c, void *data);   /* a kind's free, when data is one block */

/* Sound as a panel wants it: f32, [n] or [channels, n], n >= 1, sr > 0; else SORI_EINVAL with `who` in front. */
bool plot_check_audio(sori_ctx *c, const char *who, sori_audio y, size_t *channels, size_t *n);

/* --- overlay.c: drawn before and after the panel's data, clipped to the same area. */
void plot_overlay_draw(const plot_panel *panel, plot_canvas *k, plot_box area, bool before);
void plot_overlay_free(sori_ctx *c, plot_panel *panel);

/* --- curves.c: the panel of sori_plot_curves, not yet added, for kinds that are curves over an axis of their own. */
plot_panel *plot_curves_panel(sori_plot *p, const sori_series *series, size_t n, const sori_curves_config *config);

/* --- spectrum.c: amplitude (g->linear) or level in dB of the bins 0 .. *n_fft / 2, freed by base_free. */
double *plot_levels(sori_ctx *c, sori_audio y, const sori_spectrum_config *g, int *n_fft);

/* Where a value lies in the area: x to the right, y upwards, categories of y downwards. */
double plot_x(const plot_panel *panel, plot_box area, double v);
double plot_y(const plot_panel *panel, plot_box area, double v);

/* --- layout.c ------------------------------------------------------------------------------------------------- */

/* Lay out all panels: fills in their places and returns the picture's size in units. */
plot_size plot_measure(sori_plot *p);
/* --- decorate.c: draw title and panels where they were laid out, between plot_canvas_begin and end. */
void plot_draw(sori_plot *p, plot_size size);

/* The texts around a panel. */
#define PLOT_PAD 14          /* white space at the picture's edges, and between panels */
#define PLOT_GAP 6           /* between a text and what it belongs to */
#define PLOT_TICK 4          /* length of a tick */
#define PLOT_BAR_GAP 12      /* between the area and its colour bar */
#define PLOT_BAR 12          /* width of a colour bar */
#define PLOT_SWATCH 22       /* length of the line that stands for a series in the legend */
#define PLOT_NAME_WIDTH 170  /* longer category names are cut */
extern const plot_text plot_head_text, plot_title_text, plot_label_text, plot_tick_text;

/* A category name's text on cells of this size: smaller where they are small. */
plot_text plot_name_text(double cell);
/* Width of a legend entry with the space behind it. */
double plot_legend_width(plot_canvas *k, const plot_legend *entry);

#endif
