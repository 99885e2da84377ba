/* sori/data.h - from a folder or a CSV of recordings to labelled, split, standardised batches. */
#ifndef SORI_DATA_H
#define SORI_DATA_H

#include <sori/augment.h>
#include <sori/feat.h>
#include <sori/fx.h>
#include <sori/nn.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum sori_split { SORI_TRAIN = 0, SORI_VAL, SORI_TEST, SORI_SPLIT_COUNT } sori_split;

/* One recording of a list. */
typedef struct sori_item {
    const char *path;
    int label;                   /* index into labels */
    sori_split split;
    const char *group;           /* recordings of one group never part (a speaker, a track); NULL: its own */
} sori_item;

typedef struct sori_list {
    const sori_item *items;      /* sorted by path: the order of files on disk changes nothing */
    size_t count;
    const char *const *labels;   /* sorted */
    size_t label_count;
    bool split_given;            /* the CSV had a split column */
} sori_list;

typedef struct sori_scan_config {
    const char *label_pattern;   /* read label and group from the file's name: "{label}_*", "{label}_{group}_*" */
    const char *const *labels;   /* use these labels in this order (a trained model's); others are an error */
    size_t label_count;
    uint32_t reserved[8];
} sori_scan_config;

/* Find recordings: a folder with one sub-folder a class, a flat folder with label_pattern, or a CSV with the header
 * path,label[,split][,group] (columns in any order, others ignored; RFC 4180 quoting); paths relative to the CSV.
 *
 * Folders are searched to any depth; hidden files and folders, and files whose ending is not a sound file's, are
 * passed over. In a pattern {label} and {group} take one character or more, as few as will do, * any number, ? one;
 * it is tried on the name without its ending, then with it. A pattern without {label} leaves that to the folder.
 * The list belongs to the innermost scope, as arrays do.
 *   err  SORI_EFORMAT no recordings; one class only (unless labels are given), a label that is not among labels; a
 *        name that does not fit the pattern; a bad CSV line (with its number); a path given twice, a file with two
 *        labels; SORI_EIO */
SORI_API const sori_list *sori_scan(sori_ctx *c, const char *path, const sori_scan_config *config);

typedef struct sori_split_config {
    double val, test;            /* fractions; 0.15 and 0.15; negative: none */
    const char *test_pattern;    /* files whose name fits this glob are test ("*_[0-4].wav"); then .test is not used */
    const char *val_pattern;
    uint64_t seed;
    uint32_t reserved[8];
} sori_split_config;

/* Assign splits at random (seed), stratified: every label keeps its fractions to within one recording, and has at
 * least one in each split. Groups stay whole, their labels as near the fractions as that allows. Where a pattern names
 * one split, the fractions of the others are taken of the rest. A list whose CSV names splits keeps them, but for val
 * taken from train when it has none.
 *   ->   a new list in the innermost scope
 *   err  SORI_EFORMAT a class too small, or too few groups, to be in every split; a pattern no file fits, or that
 *        cuts a group; SORI_EINVAL fractions that leave no training data */
SORI_API const sori_list *sori_split_list(sori_ctx *c, const sori_list *list, const sori_split_config *config);

/* How a recording becomes network inputs. Stored in the model file, so that classify does exactly the same:
 *
 *   load at sr, mono -> feature of the whole recording [bins, frames] -> segments [bins, segment frames] -> level
 *   -> standardised
 *
 * Segments begin every hop_s; the last one ends with the recording, unless that would add less than an eighth of a
 * hop. A recording shorter than a segment is followed by silence: what the feature makes of zeros. Level: how loud a
 * sound was recorded says little of what it is, so decibels are counted from the loudest value of the segment. It is
 * the segment's and not the recording's, because a stream does not know what is to come. The samples of a waveform are
 * divided by the segment's largest magnitude, or by that of range_db below full scale if that is larger. */
typedef struct sori_input_config {
    double sr;                   /* Hz; 0: the commonest rate of the training recordings, at most 22050 */
    const char *feature;         /* "mel" (log power, dB; the default), "mfcc", or another of sori_feature_at;
                                    "waveform": the samples themselves, as networks of 1-D convolutions want them */
    sori_feature_config config;  /* zero fields: chosen for sr, see docs/training.md; window_values cannot be stored */
    double range_db;             /* levels lower than this below the segment's loudest are raised to it; 60;
                                    negative: absolute levels, down to power_to_db's -100 */
    double segment_s, hop_s;     /* segment length and hop, seconds; 1.0 and half a segment */
    uint32_t reserved[8];
} sori_input_config;

/* Fill in the zero fields; names are kept by the context.   err SORI_EINVAL as the feature's; SORI_EIO */
SORI_API sori_status sori_input_resolve(sori_ctx *c, const sori_list *list, sori_input_config *input);

/* A dataset: features of all recordings of one split, cut into segments, standardised. Features are held in memory:
 * 4 * bins * sr / hop_length bytes a second, 25 kB with the defaults. */
typedef struct sori_dataset sori_dataset;

typedef struct sori_dataset_config {
    sori_input_config input;     /* zero fields are filled in as sori_input_resolve does */
    const char *cache;           /* folder for features keyed by content and configuration; NULL: none */
    double max_bad;              /* unreadable files tolerated, as a fraction of the list, 0.01; negative: none */
    const sori_array *mean, *scale;   /* standardisation of another dataset (the training split's); NULL: computed */
    sori_spec_augment_config augment; /* applied in training epochs only; fill is not used: silence is known; of
                                         waveforms only time_shift, what else it does is for spectrograms */
    double mixup;                /* alpha, 0 (off) to 100: in training epochs a sample becomes l times itself and 1 - l
                                    times another of any label, and so does its target; l drawn from Beta(alpha, alpha)
                                    (Zhang et al., "mixup", ICLR 2018). Inputs are mixed standardised */
    const sori_augment *chain;   /* its changes, in training epochs only; kept by the caller. NULL: none. Spectrograms
                                    are changed anew in every epoch; waveforms beforehand, `variants` times each, and
                                    a segment is in every epoch from one of these renderings, drawn for it. A group
                                    happens, or not, to renderings and spectrograms independently. What mixes batches
                                    is for sori_fit_config: sori_augment_alpha */
    int variants;                /* renderings of a recording, 4; at most 10000. Each takes the features' memory again,
                                    and of time what the changes cost, once */
    uint64_t seed;
    void (*progress)(void *user, size_t done, size_t total);   /* from any thread, one at a time; done rises to total */
    void *progress_user;
    uint32_t reserved[8];
} sori_dataset_config;

/* Load one split of a list, or all of it with SORI_SPLIT_COUNT. Files that cannot be read are skipped, counted, listed.
 * The dataset keeps nothing of list.   cost one pass over the files, on all threads
 *   err  SORI_EFORMAT no recordings in the split, more than max_bad files that cannot be read; SORI_EINVAL */
SORI_API sori_dataset *sori_dataset_new(sori_ctx *c, const sori_list *list, sori_split split,
                                        const sori_dataset_config *config);
SORI_API void sori_dataset_free(sori_dataset *d);
SORI_API size_t sori_dataset_count(const sori_dataset *d);              /* segments */
SORI_API size_t sori_dataset_bad(const sori_dataset *d);                /* files skipped */
SORI_API const char *sori_dataset_bad_message(const sori_dataset *d, size_t i);
SORI_API int sori_dataset_label(const sori_dataset *d, size_t segment);
SORI_API size_t sori_dataset_item(const sori_dataset *d, size_t segment);    /* index of its recording in the list */
SORI_API sori_shape sori_dataset_shape(const sori_dataset *d);          /* [bins, frames, 1], [samples, 1] */
SORI_API const sori_input_config *sori_dataset_input(const sori_dataset *d); /* every field filled in */
SORI_API const sori_array *sori_dataset_mean(const sori_dataset *d);    /* [bins] f32 */
SORI_API const sori_array *sori_dataset_scale(const sori_dataset *d);   /* [bins] f32: 1 / standard deviation */
SORI_API sori_source sori_dataset_source(sori_dataset *d);              /* for sori_fit_source; targets are one-hot */

#ifdef __cplusplus
}
#endif
#endif
