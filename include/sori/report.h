/* sori/report.h - one HTML file with pictures and playable sound inside, that needs nothing else.
 *
 *     sori_report *r = sori_report_new(c, "Instruments");
 *     sori_report_section(r, "Training");
 *     sori_report_text(r, "98.7 % of the test notes are named right.");
 *     sori_report_plot(r, curves, "Loss and accuracy over epochs");
 *     sori_report_audio(r, y, "piano, C4");
 *     sori_report_save(r, "out/report.html");
 *     sori_report_free(r);
 *
 * Every text is escaped, so labels and file names may hold anything; bytes that are not UTF-8 become U+FFFD. The page
 * loads nothing from a network, runs no script, and follows the reader's light or dark setting. It is written to
 * memory as it grows; saving is atomic. A NULL report may be passed to every call, as with plots.
 */
#ifndef SORI_REPORT_H
#define SORI_REPORT_H

#include <sori/plot.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sori_report sori_report;

/* title: of the page, and its first heading. */
SORI_API sori_report *sori_report_new(sori_ctx *c, const char *title);
SORI_API void sori_report_free(sori_report *r);

/* A heading; what follows belongs to it, and it is listed in the contents at the top. */
SORI_API sori_status sori_report_section(sori_report *r, const char *heading);

/* A paragraph, or several parted by empty lines. */
SORI_API sori_status sori_report_text(sori_report *r, const char *text);

/* Lines as they are, in type of one width: a model's summary, a command. */
SORI_API sori_status sori_report_code(sori_report *r, const char *text);

/* A few large figures side by side: "98.7 %" over "test accuracy". */
typedef struct sori_report_figure {
    const char *value, *label;
} sori_report_figure;
SORI_API sori_status sori_report_figures(sori_report *r, const sori_report_figure *figures, size_t n);

/* cells [rows][columns], row by row; head [columns] or NULL; a NULL cell is empty. Columns of numbers are set flush
 * right.  caption may be NULL. */
SORI_API sori_status sori_report_table(sori_report *r, const char *const *head, const char *const *cells, size_t rows,
                                       size_t columns, const char *caption);

/* The plot as PNG. Make it with scale 2 for sharpness, and 300 or 500 wide for cards, three or two to a row. caption
 * may be NULL. */
SORI_API sori_status sori_report_plot(sori_report *r, sori_plot *plot, const char *caption);

/* A player; the sound is embedded as 16-bit WAV, its channels kept (at most 2, else their mean).
 *   err  SORI_EINVAL no samples, above 2^28, sr not within 1 .. 768000 Hz */
SORI_API sori_status sori_report_audio(sori_report *r, sori_audio y, const char *caption);

/* Cards side by side, as many as the page's width takes. A card holds what follows it; its title may be NULL. The next
 * card, the next section or grid_end closes it; a card outside a grid opens one. */
SORI_API sori_status sori_report_grid_begin(sori_report *r);
SORI_API sori_status sori_report_card(sori_report *r, const char *title);
SORI_API sori_status sori_report_grid_end(sori_report *r);

/* Write the page; may be called again later, with more in it.   err  SORI_EIO */
SORI_API sori_status sori_report_save(sori_report *r, const char *path);

#ifdef __cplusplus
}
#endif
#endif
