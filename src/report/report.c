/* report.c - the report: its body grows as HTML in memory; saving puts the page around it.
 *
 * The page states in a Content-Security-Policy what it promises: no script, nothing from a network; only data: URLs
 * for pictures and sound, and its own style sheet. A grid and its card are closed by what cannot stand in them. */
#include "report/report.h"
#include <string.h>

#define MOST_CELLS 1000000

sori_report *sori_report_new(sori_ctx *c, const char *title) {
    if (base_failed(c)) return NULL;
    sori_report *r = base_alloc(c, 1, sizeof *r);
    if (!r) return NULL;
    r->c = r->body.c = r->contents.c = c;
    r->title = base_strdup(c, title ? title : "");
    if (!r->title) {
        sori_report_free(r);
        return NULL;
    }
    return r;
}

void sori_report_free(sori_report *r) {
    if (!r) return;
    report_text_free(&r->body);
    report_text_free(&r->contents);
    base_free(r->c, r->title);
    base_free(r->c, r);
}

bool report_ready(const sori_report *r) { return r && !base_failed(r->c); }

sori_status report_status(const sori_report *r) { return r ? sori_error(r->c) : SORI_EINVAL; }

void report_element(report_text *t, const char *open, const char *text, const char *close) {
    report_put(t, open);
    report_put_escaped(t, text ? text : "");
    report_put(t, close);
}

/* --- structure ------------------------------------------------------------------------------------------------- */

static void close_card(sori_report *r) {
    if (r->card) report_put(&r->body, "</div>\n");
    r->card = false;
}

static void close_grid(sori_report *r) {
    close_card(r);
    if (r->grid) report_put(&r->body, "</div>\n");
    r->grid = false;
}

sori_status sori_report_section(sori_report *r, const char *heading) {
    if (!report_ready(r)) return report_status(r);
    close_grid(r);
    r->sections++;
    report_printf(&r->body, "<h2 id=\"s%zu\" dir=\"auto\">", r->sections);
    report_element(&r->body, "", heading, "</h2>\n");
    report_printf(&r->contents, "<a href=\"#s%zu\">", r->sections);
    report_element(&r->contents, "", heading, "</a>\n");
    return report_status(r);
}

sori_status sori_report_grid_begin(sori_report *r) {
    if (!report_ready(r)) return report_status(r);
    close_grid(r);
    report_put(&r->body, "<div class=\"grid\">\n");
    r->grid = true;
    return report_status(r);
}

sori_status sori_report_card(sori_report *r, const char *title) {
    if (!report_ready(r)) return report_status(r);
    close_card(r);
    if (!r->grid) sori_report_grid_begin(r);
    report_put(&r->body, "<div class=\"card\">\n");
    if (title) report_element(&r->body, "<h3 dir=\"auto\">", title, "</h3>\n");
    r->card = true;
    return report_status(r);
}

sori_status sori_report_grid_end(sori_report *r) {
    if (report_ready(r)) close_grid(r);
    return report_status(r);
}

/* --- text ------------------------------------------------------------------------------------------------------ */

/* Length of the paragraph at s, and in *next where the following one begins: past any empty lines. */
static size_t paragraph(const char *s, const char **next) {
    const char *end = strstr(s, "\n\n");
    size_t n = end ? (size_t)(end - s) : strlen(s);
    *next = s + n + strspn(s + n, "\n");
    return n;
}

sori_status sori_report_text(sori_report *r, const char *text) {
    if (!report_ready(r)) return report_status(r);
    for (const char *next; text && *text; text = next) {
        size_t n = paragraph(text, &next);
        char *one = base_alloc_raw(r->c, n + 1, 1);
        if (!one) break;
        memcpy(one, text, n);
        one[n] = 0;
        if (one[strspn(one, " \t\n")]) report_element(&r->body, "<p dir=\"auto\">", one, "</p>\n");
        base_free(r->c, one);
    }
    return report_status(r);
}

sori_status sori_report_code(sori_report *r, const char *text) {
    if (report_ready(r)) report_element(&r->body, "<pre>", text, "</pre>\n");
    return report_status(r);
}

sori_status sori_report_figures(sori_report *r, const sori_report_figure *figures, size_t n) {
    if (!report_ready(r) || n == 0) return report_status(r);
    report_put(&r->body, "<ul class=\"figures\">\n");
    for (size_t i = 0; i < n; i++) {
        report_element(&r->body, "<li><b dir=\"auto\">", figures[i].value, "</b>");
        report_element(&r->body, "<span dir=\"auto\">", figures[i].label, "</span></li>\n");
    }
    report_put(&r->body, "</ul>\n");
    return report_status(r);
}

/* --- tables ---------------------------------------------------------------------------------------------------- */

/* "12", "-0.5", "98.7 %": a number, and perhaps a short unit behind it. */
static bool looks_like_number(const char *s) {
    char number[32];
    double v;
    size_t n = strcspn(s, " %");
    if (n == 0 || n >= sizeof number || strlen(s) > n + 8) return false;
    memcpy(number, s, n);
    number[n] = 0;
    return base_parse_double(number, &v);
}

static bool numeric_column(const char *const *cells, size_t rows, size_t columns, size_t column) {
    size_t numbers = 0;
    for (size_t i = 0; i < rows; i++) {
        const char *cell = cells[i * columns + column];
        if (!cell || !*cell) continue;
        if (!looks_like_number(cell)) return false;
        numbers++;
    }
    return numbers > 0;
}

static void put_row(report_text *t, const char *const *cells, size_t columns, bool head, const bool *numeric) {
    report_put(t, "<tr>");
    for (size_t i = 0; i < columns; i++) {
        report_put(t, head ? "<th" : "<td");
        report_put(t, numeric[i] ? " class=\"n\">" : " dir=\"auto\">");
        report_element(t, "", cells[i], head ? "</th>" : "</td>");
    }
    report_put(t, "</tr>\n");
}

sori_status sori_report_table(sori_report *r, const char *const *head, const char *const *cells, size_t rows,
                              size_t columns, const char *caption) {
    if (!report_ready(r)) return report_status(r);
    if (columns < 1 || columns > MOST_CELLS || rows > MOST_CELLS / columns || (rows && !cells))
        return sori_fail(r->c, SORI_EINVAL, "report: a table of %zu rows and %zu columns (at most %d cells)", rows,
                         columns, MOST_CELLS);
    bool *numeric = base_alloc(r->c, columns, sizeof *numeric);
    if (!numeric) return report_status(r);
    for (size_t i = 0; i < columns; i++) numeric[i] = numeric_column(cells, rows, columns, i);
    report_put(&r->body, "<div class=\"table\"><table>\n");
    if (caption) report_element(&r->body, "<caption dir=\"auto\">", caption, "</caption>\n");
    if (head) {
        report_put(&r->body, "<thead>");
        put_row(&r->body, head, columns, true, numeric);
        report_put(&r->body, "</thead>\n");
    }
    report_put(&r->body, "<tbody>\n");
    for (size_t i = 0; i < rows; i++) put_row(&r->body, cells + i * columns, columns, false, numeric);
    report_put(&r->body, "</tbody></table></div>\n");
    base_free(r->c, numeric);
    return report_status(r);
}

/* --- the page -------------------------------------------------------------------------------------------------- */

static void put_head(const sori_report *r, report_text *t) {
    report_put(t, "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
                  "media-src data:; style-src 'unsafe-inline'\">\n");
    report_element(t, "<title>", r->title, "</title>\n<style>");
    report_put(t, report_style);
    report_element(t, "</style>\n</head>\n<body>\n<main>\n<h1 dir=\"auto\">", r->title, "</h1>\n");
    if (r->sections < 3) return;
    report_put(t, "<nav>\n");
    report_put_bytes(t, r->contents.data, r->contents.n);
    report_put(t, "</nav>\n");
}

sori_status sori_report_save(sori_report *r, const char *path) {
    if (!report_ready(r)) return report_status(r);
    report_text head = { .c = r->c };
    put_head(r, &head);
    base_file *f = base_file_new(r->c, path);
    if (f) {
        base_file_write(f, head.data, head.n);
        base_file_write(f, r->body.data, r->body.n);
        base_file_printf(f, "%s%s<footer>sori %s</footer>\n</main>\n</body>\n</html>\n", r->card ? "</div>\n" : "",
                         r->grid ? "</div>\n" : "", SORI_VERSION);
        base_file_commit(f);
    }
    report_text_free(&head);
    return report_status(r);
}
