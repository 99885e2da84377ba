/* sweep_report.c - a sweep as a CSV, a picture and a page.
 *
 * The picture has a panel for every parameter with several values, all over one axis, so that it is seen at a glance
 * which parameter matters and which does not. Without cairo there are no pictures. */
#include "task/sweep.h"
#include <math.h>
#include <sori/plot.h>
#include <sori/report.h>
#include <string.h>

#define TOP 50              /* rows on the page; the CSV has all */
#define RESULTS 5           /* columns behind the parameters */
#define CELL 40             /* characters of a number in a table */
#define SCALE 2             /* pixels a unit: sharp on dense screens */

/* --- results.csv -------------------------------------------------------------------------------------------------- */

/* RFC 4180: quoted where it must be. */
static void put_field(base_file *f, const char *text) {
    bool plain = !text[strcspn(text, ",\"\r\n")];
    if (!plain) base_file_write(f, "\"", 1);
    for (const char *p = text; *p; p++) {
        if (*p == '"') base_file_write(f, "\"", 1);
        base_file_write(f, p, 1);
    }
    if (!plain) base_file_write(f, "\"", 1);
}

static void put_number(base_file *f, double v, int digits) {
    if (isfinite(v)) base_file_printf(f, ",%.*g", digits, v);
    else base_file_write(f, ",", 1);
}

static void save_csv(const sweep *s, const sori_sweep_result *r) {
    char *path = base_path_join(s->c, s->dir, "results.csv");
    base_file *f = path ? base_file_new(s->c, path) : NULL;
    base_free(s->c, path);
    if (!f) return;
    for (size_t a = 0; a < r->axis_count; a++) base_file_printf(f, "%s,", r->axes[a].name);
    base_file_printf(f, "runs,accuracy,spread,val_accuracy,test_accuracy,error,seconds\n");
    for (size_t i = 0; i < r->row_count; i++) {
        const sori_sweep_row *row = &r->rows[i];
        for (size_t a = 0; a < r->axis_count; a++) {
            put_field(f, row->values[a]);
            base_file_write(f, ",", 1);
        }
        base_file_printf(f, "%zu", row->runs);
        put_number(f, row->accuracy, 9);
        put_number(f, row->spread, 9);
        put_number(f, row->val_accuracy, 9);
        put_number(f, row->test_accuracy, 9);
        base_file_write(f, ",", 1);
        put_field(f, row->error ? row->error : "");
        put_number(f, row->seconds, 4);
        base_file_write(f, "\n", 1);
    }
    base_file_commit(f);
}

/* --- the picture -------------------------------------------------------------------------------------------------- */

static const char *compared(const sori_sweep_result *r) { return r->by_validation ? "validation" : "test"; }

static bool is_swept(const sori_sweep_result *r, size_t a) { return r->axes[a].count > 1; }

/* The common axis: from the lowest to the highest margin with its spread, in percent. */
static void find_range(const sori_sweep_result *r, sori_opt *min, sori_opt *max) {
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < r->margin_count; i++) {
        const sori_sweep_margin *m = &r->margins[i];
        double reach = isfinite(m->spread) ? m->spread : 0;
        if (!is_swept(r, m->axis) || !isfinite(m->accuracy)) continue;
        lo = fmin(lo, 100 * (m->accuracy - reach));
        hi = fmax(hi, 100 * (m->accuracy + reach));
    }
    if (!(lo <= hi)) return;
    *min = SORI_VALUE(lo - 0.5);   /* a point of room also when all are equal */
    *max = SORI_VALUE(hi + 0.5);
}

static void put_panel(const sweep *s, const sori_sweep_result *r, sori_plot *plot, const sori_sweep_margin *m,
                      const sori_intervals_config *config) {
    size_t n = r->axes[m->axis].count;
    double *v = base_alloc(s->c, 2 * n, sizeof *v);
    for (size_t i = 0; v && i < n; i++) {
        v[i] = 100 * m[i].accuracy;
        v[n + i] = 100 * m[i].spread;
    }
    if (v) sori_plot_intervals(plot, r->axes[m->axis].values, v, v + n, n, config);
    base_free(s->c, v);
}

/* NULL without an error: there is nothing to draw, or nothing to draw with. */
static sori_plot *draw(const sweep *s, const sori_sweep_result *r) {
    size_t panels = 0, last = 0;
    for (size_t a = 0; a < r->axis_count; a++)
        if (is_swept(r, a)) last = a, panels++;
    if (panels == 0 || base_failed(s->c)) return NULL;
    sori_plot *plot = sori_plot_new(s->c, &(sori_plot_config){ .scale = SCALE, .width = 760 });
    if (sori_error(s->c) == SORI_EUNSUP) sori_clear(s->c);
    char label[64];
    base_format(label, sizeof label, "%s accuracy, %%", r->by_validation ? "Validation" : "Test");
    sori_intervals_config config = { 0 };
    find_range(r, &config.min, &config.max);
    for (size_t i = 0; i < r->margin_count && plot; i += r->axes[r->margins[i].axis].count) {
        size_t a = r->margins[i].axis;
        if (!is_swept(r, a)) continue;
        char *title = base_printf(s->c, "%s (%s)", r->axes[a].name, task_sweep_summary(s, a));
        config.title = title;
        config.x_label = a == last ? label : NULL;
        put_panel(s, r, plot, &r->margins[i], &config);
        base_free(s->c, title);
    }
    return plot;
}

static void save_picture(const sweep *s, sori_plot *plot, const char *name) {
    char *path = base_path_join(s->c, s->dir, name);
    if (path && plot) sori_plot_save(plot, path);
    base_free(s->c, path);
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

typedef struct cells {
    char (*text)[CELL];
    const char **cell;           /* [n] into text, or elsewhere */
    size_t n;
} cells;

static bool cells_new(sori_ctx *c, cells *t, size_t most) {
    *t = (cells){ .text = base_alloc(c, most, sizeof *t->text), .cell = base_alloc(c, most, sizeof *t->cell) };
    return t->text && t->cell;
}

static void cells_free(sori_ctx *c, cells *t) {
    base_free(c, t->text);
    base_free(c, t->cell);
}

static void add_text(cells *t, const char *text) { t->cell[t->n++] = text; }

static void add_number(cells *t, int digits, double v) {
    char *text = t->text[t->n];
    if (isfinite(v)) base_format(text, CELL, "%.*f", digits, v);
    t->cell[t->n++] = text;
}

static void add_accuracy(cells *t, double mean, double spread) {
    char *text = t->text[t->n];
    if (isfinite(spread)) base_format(text, CELL, "%.2f ± %.2f", 100 * mean, 100 * spread);
    else if (isfinite(mean)) base_format(text, CELL, "%.2f", 100 * mean);
    t->cell[t->n++] = text;
}

static void put_rows(const sweep *s, const sori_sweep_result *r, sori_report *page) {
    size_t columns = r->axis_count + RESULTS, n = BASE_MIN(r->row_count, (size_t)TOP);
    cells t;
    if (cells_new(s->c, &t, (n + 1) * columns)) {
        for (size_t a = 0; a < r->axis_count; a++) add_text(&t, r->axes[a].name);
        static const char *const head[RESULTS] = { "Test, %", "Validation, %", "Runs", "Seconds a run", "Error" };
        for (size_t k = 0; k < RESULTS; k++) add_text(&t, head[k]);
        for (size_t i = 0; i < n; i++) {
            const sori_sweep_row *row = &r->rows[i];
            for (size_t a = 0; a < r->axis_count; a++) add_text(&t, row->values[a]);
            add_accuracy(&t, row->test_accuracy, r->by_validation ? NAN : row->spread);
            add_accuracy(&t, row->val_accuracy, r->by_validation ? row->spread : NAN);
            add_number(&t, 0, (double)row->runs);
            add_number(&t, 1, row->seconds);
            add_text(&t, row->error ? row->error : "");
        }
        sori_report_table(page, t.cell, t.cell + columns, n, columns,
                          n < r->row_count ? "The best; results.csv has all." : NULL);
    }
    cells_free(s->c, &t);
}

static void put_margins(const sweep *s, const sori_sweep_result *r, sori_report *page) {
    static const char *const head[] = { "Parameter", "Value", "Accuracy, %", "Combinations", "Seconds a run" };
    cells t;
    if (cells_new(s->c, &t, r->margin_count * BASE_COUNT(head))) {
        for (size_t i = 0; i < r->margin_count; i++) {
            const sori_sweep_margin *m = &r->margins[i];
            if (!is_swept(r, m->axis)) continue;
            add_text(&t, r->axes[m->axis].name);
            add_text(&t, m->value);
            add_accuracy(&t, m->accuracy, m->spread);
            add_number(&t, 0, (double)m->rows);
            add_number(&t, 1, m->seconds);
        }
        if (t.n) sori_report_table(page, head, t.cell, t.n / BASE_COUNT(head), BASE_COUNT(head), NULL);
    }
    cells_free(s->c, &t);
}

static void put_figures(const sori_sweep_result *r, sori_report *page) {
    char best[32] = "none", runs[32], failed[32], label[64];
    if (r->rows[0].runs) base_format(best, sizeof best, "%.1f %%", 100 * r->rows[0].accuracy);
    base_format(runs, sizeof runs, "%zu", r->trained + r->kept);
    base_format(failed, sizeof failed, "%zu", r->failed);
    base_format(label, sizeof label, "best %s accuracy", compared(r));
    sori_report_figures(page, (const sori_report_figure[]){ { best, label }, { runs, "runs" }, { failed, "failed" } },
                        3);
}

static void save_page(const sweep *s, const sori_sweep_result *r, sori_plot *plot) {
    sori_report *page = sori_report_new(s->c, "Sweep");
    put_figures(r, page);
    if (plot) {
        sori_report_section(page, "What pays");
        sori_report_plot(page, plot, "Each value with the mean over what it was combined with, the same for all values "
                         "of a parameter; the line is the standard deviation of that mean over the seeds.");
        put_margins(s, r, page);
    }
    sori_report_section(page, "Combinations");
    put_rows(s, r, page);
    char *path = base_path_join(s->c, s->dir, "report.html");
    if (path) sori_report_save(page, path);
    base_free(s->c, path);
    sori_report_free(page);
}

void task_sweep_report(const sweep *s, const sori_sweep_result *r) {
    save_csv(s, r);
    sori_plot *plot = draw(s, r);
    save_picture(s, plot, "sweep.svg");
    save_picture(s, plot, "sweep.png");
    save_page(s, r, plot);
    sori_plot_free(plot);
}
