/* data/data.h - the inside of lists. */
#ifndef DATA_DATA_H
#define DATA_DATA_H

#include "base/base.h"
#include <sori/data.h>

/* --- matching names (match.c) ----------------------------------------------------------------------------------- */

typedef struct data_capture { const char *start; size_t length; } data_capture;   /* length 0: not in the pattern */

/* Whether text [n] fits the glob: * ? [set] [!set], and {label}, {group} when captures are asked for (else they are
 * plain text). Bytes, not characters, in every locale. */
bool data_match(const char *pattern, const char *text, size_t n, data_capture *label, data_capture *group);

/* --- lists under construction (list.c) -------------------------------------------------------------------------- */

typedef struct data_row {
    char *path, *label, *group;   /* group may be NULL */
    sori_split split;
    size_t line;                  /* in the CSV */
    uint64_t device, inode;       /* in folders: two names of one file are found out */
    bool drop;
} data_row;

typedef struct data_rows {
    data_row *rows;
    size_t count, room;
} data_rows;

/* Append a row with copies of the texts (label, group: n bytes); NULL on failure. */
data_row *data_rows_add(sori_ctx *c, data_rows *r, const char *path, data_capture label, data_capture group);
void data_rows_free(sori_ctx *c, data_rows *r);

/* Sort, check labels, and pack into one block of the innermost scope. source is named in errors. */
const sori_list *data_list_build(sori_ctx *c, data_rows *r, const char *source, const sori_scan_config *config,
                                 bool split_given);

/* A deep copy of a list in the innermost scope, whose items the caller may change. */
sori_list *data_list_copy(sori_ctx *c, const sori_list *list);

/* --- sources ---------------------------------------------------------------------------------------------------- */

bool data_is_sound(const char *name);                         /* by its ending */
void data_scan_folder(sori_ctx *c, const char *path, const sori_scan_config *config, data_rows *r);
/* *split_given: there is a split column. */
void data_scan_csv(sori_ctx *c, const char *path, data_rows *r, bool *split_given);

#endif
