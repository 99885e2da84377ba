/* augment.h - what the files of `sori augment` share. */
#ifndef CLI_AUGMENT_H
#define CLI_AUGMENT_H

#include "cli.h"

typedef struct augment_job {
    sori_augment *chain;         /* NULL: none was given */
    const char **files;          /* [count] the operands */
    size_t count;
    const char *out, *labels;    /* folder; label file or NULL */
    int copies, format;
    sori_load_config load;
    sori_save_config save;
} augment_job;

/* Which of the files path is: the sample's number in draws. */
uint32_t augment_number(const augment_job *j, const char *path);

/* {"change": "noise", "snr": 12.345} -> noise snr 12.3, of all lines; "nothing" when there is none. Freed by free(). */
char *augment_words(const char *log);

/* The sheet of pictures, and the sounds it shows, in j->out. */
int augment_preview(cli *k, const augment_job *j);

#endif
