/* io/labels.h - what the readers and writers of label files share. Private to io. */
#ifndef IO_LABELS_H
#define IO_LABELS_H

#include "base/base.h"
#include <sori/labels.h>

/* Labels under construction: texts are offsets into one buffer until all are there. */
typedef struct io_labels_list {
    sori_ctx *c;
    const char *path;
    sori_label *items;           /* [room] */
    size_t *text_at;             /* [room] */
    size_t n, room;
    char *text;                  /* [text_room] NUL-terminated texts, one behind the other */
    size_t text_n, text_room;
} io_labels_list;

/* Add a label, its text [n bytes] copied. where is "line 3" or "label 3", for messages. False after an error. */
bool io_labels_add(io_labels_list *l, const char *where, sori_label label, const char *text, size_t n);

/* Readers: the file's text [n], NUL-terminated, may be cut up. */
bool io_labels_read_audacity(io_labels_list *l, char *text, size_t n);
bool io_labels_read_csv(io_labels_list *l, char *text, size_t n);
bool io_labels_read_jams(io_labels_list *l, const char *text, size_t n, const sori_labels_config *config);

/* Writers of checked labels. */
bool io_labels_write_audacity(base_file *f, const sori_label *items, size_t n);
bool io_labels_write_csv(base_file *f, const sori_label *items, size_t n);
bool io_labels_write_jams(base_file *f, const sori_label *items, size_t n, const sori_labels_config *config);

/* "0.100000": six decimals, more where it takes more to read the same number again. */
void io_labels_number(char out[32], double v);

#endif
