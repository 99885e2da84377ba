/* sori/labels.h - label files: what is heard when. */
#ifndef SORI_LABELS_H
#define SORI_LABELS_H

#include <sori/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A span of time, or an instant, and what it is. */
typedef struct sori_label {
    double start_s, end_s;       /* seconds; end_s = start_s is an instant */
    const char *text;            /* UTF-8; NULL is written as "" and never read */
    double low_hz, high_hz;      /* the band it is about; both 0: none */
    double confidence;           /* as the file has it, mostly 0 to 1 */
    bool has_confidence;         /* false: not told */
} sori_label;

/* Labels in the file's order. They lie, with their texts, in one array of the innermost scope: memory, u8. */
typedef struct sori_labels {
    sori_array *memory;          /* NULL after a failure */
    const sori_label *items;     /* [n] */
    size_t n;
} sori_labels;

typedef enum sori_labels_format {
    SORI_LABELS_BY_NAME = 0,     /* by the ending: .csv; .jams, .json; everything else is Audacity's */
    SORI_LABELS_AUDACITY,        /* start TAB end TAB text; below it "\" TAB low TAB high, where there is a band */
    SORI_LABELS_CSV,             /* start,end,label or time,label; as RFC 4180 */
    SORI_LABELS_JAMS             /* JSON: annotations of { time, duration, value, confidence } */
} sori_labels_format;

typedef struct sori_labels_config {
    sori_labels_format format;   /* SORI_LABELS_BY_NAME */
    const char *name_space;      /* JAMS: the annotation's; NULL: reading the first there is, writing "segment_open" */
    double duration_s;           /* JAMS, writing: the sound's; 0: the end of the last label */
    uint32_t reserved[4];
} sori_labels_config;

/* A label file.
 *   path   Audacity: a line without an end is an instant. CSV: with a header, the columns start (or onset, time), end
 *          (offset), duration and label (text, value), others are passed over; without one, start,end,label or
 *          time,label. JAMS: values that are not text are given as their JSON
 *   err    SORI_EIO cannot open; SORI_EFORMAT, with the line, a time that is not a finite number, an end before its
 *          start, a NUL; JSON more than 32 deep; a file above 256 MB; JAMS without (such) an annotation
 *   cost   memory: the file and its labels
 * JAMS: Humphrey et al., "JAMS: a JSON annotated music specification for reproducible MIR research", ISMIR 2014. */
SORI_API sori_labels sori_load_labels(sori_ctx *c, const char *path, const sori_labels_config *config);

/* Write labels [n]. Atomic. Decimals are "." always, as many as it takes to read the same number again. Audacity's file
 * keeps times, text and band, CSV times and text, JAMS times, text and confidence.
 *   err    SORI_EINVAL a time that is not finite, an end before its start, a band that is none; a text that is not
 *          UTF-8 (JAMS), or holds tabs or line breaks (Audacity); SORI_EIO */
SORI_API sori_status sori_save_labels(sori_ctx *c, const char *path, const sori_label *items, size_t n,
                                      const sori_labels_config *config);

#ifdef __cplusplus
}
#endif
#endif
