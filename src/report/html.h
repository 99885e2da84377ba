/* report/html.h - text that grows, and what may be put into it safely. No call reports failure: the first one is the
 * context's error, and after it every call does nothing. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "base/base.h"

typedef struct report_text {
    sori_ctx *c;
    char *data;              /* [room], n used */
    size_t n, room;
} report_text;

void report_put(report_text *t, const char *s);                    /* as it is */
void report_put_bytes(report_text *t, const void *data, size_t n);
/* For an element's content or a quoted attribute: & < > " ' escaped, bytes that are not text replaced. */
void report_put_escaped(report_text *t, const char *s);
void report_put_base64(report_text *t, const void *data, size_t n);
void report_printf(report_text *t, const char *format, ...) SORI_PRINTF(2, 3);   /* at most 500 bytes, not escaped */
void report_text_free(report_text *t);

/* The page's style sheet. */
extern const char report_style[];

#endif
