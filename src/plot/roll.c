/* roll.c - a piano roll: notes over time as bars, one row a pitch.
 *
 * Behind the bars lie shades: how loud every row of every series is in every frame, in its series' colour. They are
 * mixed into one small picture when the panel is added. Rows of black keys are grey, and a line lies below every C. */
#include "plot/plot.h"
#include <math.h>
#include <string.h>

#define MOST_NOTES (1 << 20)
#define MOST_ROWS 512
#define NAMED_ROWS 44        /* with more of them only every C has its name */
#define MOST_COLUMNS 2048    /* of the shades */
#define SHADE 0.45           /* of a colour in the loudest shade: bars stand out from it */
#define ROW_HEIGHT 13.0      /* units, if there are few; */
#define LEAST_HEIGHT 7.0     /* if there are many */
#define USUAL_HEIGHT 480.0   /* of all rows */

typedef struct roll {
    sori_roll_note *notes;
    size_t n;
    int low, rows;
    bool keys;               /* rows are MIDI notes */
    uint32_t *shades;        /* [rows][columns] ARGB, the highest row first; NULL: none */
    size_t columns;
    double shades_s;         /* what they cover */
    uint32_t colors[PLOT_MAX_SERIES];
} roll;

static void roll_free(sori_ctx *c, void *data) {
    roll *r = data;
    base_free(c, r->notes);
    base_free(c, r->shades);
    base_free(c, r);
}

/* C#, D#, F#, G#, A#. */
static bool is_black(int row) { return 0x54a >> ((row % 12 + 12) % 12) & 1; }

/* --- drawing ---------------------------------------------------------------------------------------------------- */

/* The row's box, as wide as the area. */
static plot_box box_of(const roll *r, plot_box area, int row) {
    double h = area.h / r->rows;
    return (plot_box){ area.x, area.y + h * (r->low + r->rows - 1 - row), area.w, h };
}

static void draw_keys(const roll *r, plot_canvas *k, const plot_theme *theme, plot_box area) {
    for (int row = r->low; row < r->low + r->rows; row++) {
        plot_box b = box_of(r, area, row);
        if (!r->keys || row % 12 == 0) plot_hline(k, b.x, b.x + b.w, b.y + b.h, theme->grid);
        else if (is_black(row) && !r->shades) plot_fill(k, b, (theme->grid & 0xffffff00) | 0x70);
    }
}

static void draw_note(const plot_panel *panel, plot_canvas *k, plot_box area, const sori_roll_note *note) {
    const roll *r = panel->data;
    if (note->row < r->low || note->row >= r->low + r->rows) return;
    plot_box b = box_of(r, area, note->row);
    double from = fmax(plot_x(panel, area, note->start_s), area.x), to = plot_x(panel, area, note->end_s);
    uint32_t color = r->colors[note->series], alpha = (uint32_t)(130 + 110 * fmin(fmax(note->strength, 0), 1));
    if (!(from <= area.x + area.w)) return;
    to = fmin(fmax(to, from + 2), area.x + area.w);
    b = (plot_box){ from, b.y + 0.12 * b.h, fmax(to - from, 1), 0.76 * b.h };
    plot_fill(k, b, (color & 0xffffff00) | alpha);
    plot_fill(k, (plot_box){ b.x, b.y, fmin(1.6, b.w), b.h }, color);
}

static void roll_draw(const plot_panel *panel, plot_canvas *k, const plot_theme *theme, plot_box area) {
    const roll *r = panel->data;
    if (r->shades) {
        plot_box b = area;
        b.w = area.w * r->shades_s / panel->x.hi;
        plot_image(k, b, r->shades, r->columns, (size_t)r->rows);
    }
    draw_keys(r, k, theme, area);
    for (size_t i = 0; i < r->n; i++) draw_note(panel, k, area, &r->notes[i]);
}

static const plot_kind kind = { roll_draw, roll_free };

/* --- shades ----------------------------------------------------------------------------------------------------- */

static float loudest(const sori_array *a) {
    float most = 0;
    for (size_t i = 0; a && i < a->size; i++) most = fmaxf(most, ((const float *)a->data)[i]);
    return most;
}

/* The peak of frames that column x of the picture covers, 0 to 1 over the range. */
static double shade_of(const sori_array *a, int row, size_t x, size_t columns, double most, double range) {
    size_t frames = a->shape[1], from = x * frames / columns, to = BASE_MAX((x + 1) * frames / columns, from + 1);
    float peak = 0;
    if (row < 0 || (size_t)row >= a->shape[0]) return 0;
    for (size_t t = from; t < to; t++) peak = fmaxf(peak, ((const float *)a->data)[(size_t)row * frames + t]);
    return peak > 0 ? fmax(0, 1 + 20 * log10((double)peak / most) / range) : 0;
}

/* rgb moved towards a colour by `share`, in one channel. */
static double toward(double from, uint32_t rgba, int shift, double share) {
    return from + share * ((double)(rgba >> shift & 255) - from);
}

static uint32_t mix(const plot_theme *theme, const roll *r, const sori_roll_config *g, int row, size_t x, double most) {
    uint32_t back = r->keys && is_black(row) ? theme->grid : theme->paper;
    double rgb[3] = { back >> 24 & 255, back >> 16 & 255, back >> 8 & 255 }, range = g->range_db ? g->range_db : 40;
    if (back == theme->grid)
        for (int i = 0; i < 3; i++) rgb[i] = toward(rgb[i], theme->paper, 24 - 8 * i, 0.55);
    for (size_t s = 0; s < g->n_series; s++) {
        double v = g->activations[s] ? shade_of(g->activations[s], row, x, r->columns, most, range) : 0;
        for (int i = 0; i < 3; i++) rgb[i] = toward(rgb[i], r->colors[s], 24 - 8 * i, SHADE * v);
    }
    return 0xff000000u | (uint32_t)rint(rgb[0]) << 16 | (uint32_t)rint(rgb[1]) << 8 | (uint32_t)rint(rgb[2]);
}

static void take_shades(sori_plot *p, roll *r, const sori_roll_config *g) {
    double most = 0;
    size_t frames = 0;
    for (size_t s = 0; s < g->n_series; s++) {
        most = fmax(most, (double)loudest(g->activations[s]));
        if (g->activations[s]) frames = BASE_MAX(frames, g->activations[s]->shape[1]);
    }
    if (!(most > 0)) return;
    r->columns = BASE_MIN(frames, (size_t)MOST_COLUMNS);
    r->shades_s = (double)frames * g->frame_s;
    r->shades = base_alloc_raw(p->c, (size_t)r->rows * r->columns, sizeof *r->shades);
    for (int y = 0; r->shades && y < r->rows; y++)
        for (size_t x = 0; x < r->columns; x++)
            r->shades[(size_t)y * r->columns + x] = mix(p->theme, r, g, r->low + r->rows - 1 - y, x, most);
}

/* --- taking the data -------------------------------------------------------------------------------------------- */

static bool check_notes(sori_ctx *c, const sori_roll_note *notes, size_t n, const sori_roll_config *g) {
    if (n > MOST_NOTES || (n && !notes))
        sori_fail(c, SORI_EINVAL, "roll: %zu notes (up to %d)", notes ? n : 0, MOST_NOTES);
    for (size_t i = 0; i < n && !base_failed(c); i++)
        if (notes[i].series < 0 || (size_t)notes[i].series >= g->n_series)
            sori_fail(c, SORI_EINVAL, "roll: note %zu is of series %d of %zu", i, notes[i].series, g->n_series);
        else if (!isfinite(notes[i].start_s + notes[i].end_s) || notes[i].row < -65536 || notes[i].row > 65536)
            sori_fail(c, SORI_EINVAL, "roll: note %zu, %g to %g s, row %d, cannot be shown", i, notes[i].start_s,
                      notes[i].end_s, notes[i].row);
    return !base_failed(c);
}

static bool check_activations(sori_ctx *c, const sori_roll_config *g) {
    size_t frames = 0;
    for (size_t s = 0; g->activations && s < g->n_series && !base_failed(c); s++) {
        const sori_array *a = g->activations[s];
        if (!a) continue;
        if (a->dtype != SORI_F32 || a->ndim != 2 || a->size == 0 || (frames && a->shape[1] != frames))
            sori_fail(c, SORI_EINVAL, "roll: activations of series %zu are not [rows, frames] f32, as wide as others",
                      s);
        frames = a->shape[1];
    }
    if (g->activations && !(g->frame_s > 0 && isfinite(g->frame_s)))
        sori_fail(c, SORI_EINVAL, "roll: frames are %g s apart (above 0)", g->frame_s);
    return !base_failed(c);
}

/* The rows and the end of the axis. */
static bool find_range(sori_ctx *c, roll *r, const sori_roll_config *g, double *end) {
    long long low = INT32_MAX, high = INT32_MIN;   /* rows may be any int, and so may not be their difference */
    *end = g->duration_s;
    for (size_t i = 0; i < r->n; i++) {
        low = BASE_MIN(low, r->notes[i].row);
        high = BASE_MAX(high, r->notes[i].row);
        if (!(g->duration_s > 0)) *end = fmax(*end, r->notes[i].end_s);
    }
    for (size_t s = 0; g->activations && !(g->duration_s > 0) && s < g->n_series; s++)
        if (g->activations[s]) *end = fmax(*end, (double)g->activations[s]->shape[1] * g->frame_s);
    bool given = g->low || g->high;
    if (given) low = g->low, high = g->high;
    else low -= 2, high += 2;
    if ((r->n == 0 && !given) || high < low || high - low >= MOST_ROWS || (g->row_names && !given) ||
        low < INT32_MIN || high >= INT32_MAX)
        sori_fail(c, SORI_EINVAL, "roll: no rows to show, or more than %d", MOST_ROWS);
    r->low = (int)low;
    r->rows = (int)(high - low + 1);
    return !base_failed(c);
}

static void name_rows(sori_plot *p, plot_panel *panel, const roll *r, const sori_roll_config *g) {
    static const char *const classes[] = { "C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B" };
    if (r->keys && r->rows > NAMED_ROWS) {
        panel->y = (plot_axis){ .scale = PLOT_LOG, .quantity = PLOT_NOTES };
        plot_axis_range(&panel->y, 440 * exp2((r->low - 69.5) / 12), 440 * exp2((r->low + r->rows - 69.5) / 12));
        return;
    }
    panel->y.scale = PLOT_CATEGORIES;
    plot_axis_range(&panel->y, 0, r->rows);
    panel->names = base_alloc(p->c, (size_t)r->rows, sizeof *panel->names);
    panel->names_n = panel->names ? (size_t)r->rows : 0;
    for (int i = 0; i < (int)panel->names_n; i++) {
        int row = r->low + r->rows - 1 - i, class = (row % 12 + 12) % 12;
        panel->names[i] = !r->keys ? base_strdup(p->c, g->row_names[row - r->low])
                                   : base_printf(p->c, "%s%d", classes[class], (row - class) / 12 - 1);
    }
}

static void take_series(sori_plot *p, plot_panel *panel, roll *r, const sori_roll_config *g) {
    for (size_t s = 0; s < g->n_series; s++) r->colors[s] = p->theme->palette[s % PLOT_PALETTE];
    if (!g->series || !plot_legend_new(p->c, panel, g->n_series)) return;
    for (size_t s = 0; s < g->n_series; s++)
        panel->legend[s] = (plot_legend){ .label = plot_copy(p->c, g->series[s]), .color = r->colors[s],
                                          .block = true };
}

static size_t series_of(const sori_roll_note *notes, size_t n) {
    int most = -1;
    for (size_t i = 0; notes && i < n; i++) most = BASE_MAX(most, notes[i].series);
    return (size_t)(most + 1);
}

sori_status sori_plot_roll(sori_plot *p, const sori_roll_note *notes, size_t n, const sori_roll_config *config) {
    if (!plot_ready(p)) return p ? sori_error(p->c) : SORI_EINVAL;
    sori_roll_config g = config ? *config : (sori_roll_config){ 0 };
    double end;
    if (!g.n_series) g.n_series = series_of(notes, n);
    if (g.n_series > PLOT_MAX_SERIES)
        return sori_fail(p->c, SORI_EINVAL, "roll: %zu series (up to %d)", g.n_series, PLOT_MAX_SERIES);
    if (!check_notes(p->c, notes, n, &g) || !check_activations(p->c, &g)) return sori_error(p->c);
    plot_panel *panel = plot_panel_new(p, &kind, sizeof(roll), g.title, g.height);
    if (!panel) return sori_error(p->c);
    roll *r = panel->data;
    r->keys = !g.row_names;
    r->notes = base_alloc_raw(p->c, n, sizeof *notes);
    if (r->notes && n) memcpy(r->notes, notes, n * sizeof *notes);
    r->n = r->notes ? n : 0;
    if (!base_failed(p->c) && find_range(p->c, r, &g, &end)) {
        take_series(p, panel, r, &g);
        if (g.activations) take_shades(p, r, &g);
        name_rows(p, panel, r, &g);
        panel->x.quantity = PLOT_SECONDS;
        plot_axis_range(&panel->x, 0, end);
        panel->area_height = r->rows * fmin(ROW_HEIGHT, fmax(LEAST_HEIGHT, USUAL_HEIGHT / r->rows));
        panel->grid_x = true;
    }
    return plot_add(p, panel);
}
