/* report/report.h - the inside of a report, for the files of this room. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "report/html.h"
#include <sori/report.h>

struct sori_report {
    sori_ctx *c;
    char *title;
    report_text body, contents;
    size_t sections;
    bool grid, card;         /* open in body */
};

/* The start of every call: false if there is nothing to do, whose status then is the answer. */
bool report_ready(const sori_report *r);
sori_status report_status(const sori_report *r);

/* open, the escaped text (NULL is empty), close. */
void report_element(report_text *t, const char *open, const char *text, const char *close);

#endif
