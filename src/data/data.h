/* data/data.h - the inside of lists and datasets.
 *
 * The one way from a sound to network inputs is data_features, then data_segment_cut and data_segment_normalise;
 * training (with augmentation between the two), evaluation and classification all go through these. */
#ifndef DATA_DATA_H
#define DATA_DATA_H

#include "array/array.h"
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

void data_scan_folder(sori_ctx *c, const char *path, const sori_scan_config *config, data_rows *r);
/* *split_given: there is a split column. */
void data_scan_csv(sori_ctx *c, const char *path, data_rows *r, bool *split_given);

/* --- from sound to inputs (input.c, segment.c) ---------------------------------------------------------------- */

/* What follows from a resolved input config. */
typedef struct data_geometry {
    sori_input_config input;
    size_t bins, frames;     /* of a segment */
    size_t hop;              /* frames from segment to segment */
    float *silence;          /* [bins] the feature of zeros */
    size_t level_bins;       /* the first so many bins are levels: all (mel), 1 (mfcc: the mean level), 0 */
    float range;             /* of levels below the loudest, in the feature's unit */
    bool waveform;           /* the samples themselves: one bin, a frame a sample, a level that is a factor */
} data_geometry;

/* "waveform", or one of sori_feature_at that comes in frames. */
bool data_is_waveform(const char *feature);
bool data_is_input(const char *feature);

/* One network input: [bins, frames, 1], of waveforms [samples, 1]. The values of both lie in the same order. */
sori_shape data_geometry_shape(const data_geometry *g);

/* Gate: the config is complete and sound. Works the feature out on one segment of silence. */
bool data_geometry_open(sori_ctx *c, data_geometry *g, const sori_input_config *input);
void data_geometry_close(sori_ctx *c, data_geometry *g);

/* The feature of a whole recording, y at the input's rate: [bins, frames] f32 in the innermost scope; of a waveform
 * [1, samples]. */
sori_array *data_features(sori_ctx *c, const sori_input_config *input, sori_audio y);

/* Load a file as input wants it. */
sori_audio data_load(sori_ctx *c, const sori_input_config *input, const char *path);

/* Everything the features of a recording depend on, as text for cache keys; freed by base_free. */
char *data_input_key(sori_ctx *c, const sori_input_config *input);

/* Segments of a recording of that many frames (at least 1), and where segment i begins. */
size_t data_segment_count(const data_geometry *g, size_t frames);
size_t data_segment_start(const data_geometry *g, size_t frames, size_t i);

/* Copy a segment of features [bins, frames] to out [bins, g->frames], silence behind the end. */
void data_segment_cut(const data_geometry *g, const float *features, size_t frames, size_t start, float *out);
/* What level 0 is in a cut segment; of a waveform its largest magnitude. */
float data_segment_level(const data_geometry *g, const float *x);
/* Count levels from there (of waveforms: make it 1), then x = (x - mean) * scale; in place. */
void data_segment_normalise(const data_geometry *g, const float *mean, const float *scale, float *x);
/* A value of bin b counted from level. */
static inline float data_relative(const data_geometry *g, size_t b, float x, float level) {
    return b >= g->level_bins ? x : BASE_MAX(x - level, -g->range);
}

/* Segments first .. first+n of a recording, cut and standardised: [n, ...data_geometry_shape] f32 in the innermost
 * scope. */
sori_array *data_segments(sori_ctx *c, const data_geometry *g, const sori_array *features, size_t first, size_t n,
                          const float *mean, const float *scale);

/* --- cache (cache.c) -------------------------------------------------------------------------------------------- */

/* A recording after a chain's waveform changes: rendering `variant` of recording `sample`. No chain: as it is. */
typedef struct data_rendering {
    const sori_augment *chain;
    uint64_t hash;               /* fx_augment_hash of it */
    uint64_t seed;
    uint32_t variant, sample;
} data_rendering;

/* The features of a file: from the cache folder, or computed and left there. *unwritten is set when the cache could
 * not be written, which is no error. */
sori_array *data_cached_features(sori_ctx *c, const char *folder, const char *key, const sori_input_config *input,
                                 const char *path, const data_rendering *rendering, bool *unwritten);

/* Two hashes of a file's bytes and its ending, which may choose the decoder.   err SORI_EIO */
bool data_hash_file(sori_ctx *c, const char *path, uint64_t hash[2]);

#endif
