/* sori/metrics.h - how good answers are: scikit-learn's scores of classes under its names, and distortion of sound.
 *
 *     sori_array *p = sori_predict(m, x);
 *     double accuracy = sori_accuracy_score(c, y, p), auc = sori_roc_auc_score(c, y, p);
 *     sori_array *each = sori_precision_recall_fscore(c, y, p, SORI_AVERAGE_NONE);
 *
 * Classes are [n] whole numbers from 0, or [n, classes] values of which the largest of a row counts (the first of
 * equal ones), or [n, 1] values that are class 1 above 1/2: labels, one-hot targets and a network's outputs alike, in
 * any real dtype. After a failure numbers are NaN.
 *   err  SORI_EINVAL other shapes, different n, n = 0; NaN; numbers that are not whole or outside 0..4095 */
#ifndef SORI_METRICS_H
#define SORI_METRICS_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many in each class are taken for each: [classes, classes] i64, true class by row, predicted by column.
 * classes 0: up to the largest number there is, and at least as many as there are columns.
 *   err  as above; classes too few                                            sklearn.metrics.confusion_matrix */
SORI_API sori_array *sori_confusion_matrix(sori_ctx *c, const sori_array *y_true, const sori_array *y_pred,
                                           int classes);

/* The part of right answers.                                                         sklearn.metrics.accuracy_score */
SORI_API double sori_accuracy_score(sori_ctx *c, const sori_array *y_true, const sori_array *y_pred);

/* The part of samples whose class is among the k largest of y_score [n, classes]; of equal scores the later class is
 * the larger, as scikit-learn sorts.   err as above; k < 1               sklearn.metrics.top_k_accuracy_score */
SORI_API double sori_top_k_accuracy_score(sori_ctx *c, const sori_array *y_true, const sori_array *y_score, int k);

typedef enum sori_average {
    SORI_AVERAGE_NONE = 0,   /* each class for itself */
    SORI_AVERAGE_MACRO,      /* the mean over the classes that occur */
    SORI_AVERAGE_MICRO,      /* all samples in one */
    SORI_AVERAGE_WEIGHTED    /* the mean over classes, each as often as it is true */
} sori_average;

/* Precision (right of those predicted), recall (right of those there), their harmonic mean F1, and how many were there;
 * 0 where there is nothing to divide by.   -> [classes, 4] f64, averaged [4]
 *                                                      sklearn.metrics.precision_recall_fscore_support */
SORI_API sori_array *sori_precision_recall_fscore(sori_ctx *c, const sori_array *y_true, const sori_array *y_pred,
                                                  sori_average average);

/* Area under the receiver operating characteristic: the probability that a sample of the class has a higher score than
 * one that is not of it, equal scores counting half.                                   sklearn.metrics.roc_auc_score
 *   y_score [n] or [n, 1] of class 1, y_true 0 or 1; or [n, classes]: the mean over classes, each against the rest,
 *   where y_true is [n], or [n, classes] in which every value above 1/2 counts, so several labels of a sample too
 *   err  as above; a class to which no sample, or every sample, belongs
 *   cost O(classes n log n)
 * Mann, Whitney, Annals of Mathematical Statistics 18 (1947). */
SORI_API double sori_roc_auc_score(sori_ctx *c, const sori_array *y_true, const sori_array *y_score);

/* Signal to distortion ratio in dB, 10 log10(sum s^2 / sum (s - e)^2), of each row.   mir_eval's without its filters
 *   reference, estimate [..., n] f32 or f64, of one shape  ->  [...] f64 ([] for one signal)
 *   infinite where they are equal, NaN where the reference is silent
 *   err  SORI_EINVAL shapes differ, n = 0
 * Vincent, Gribonval, Févotte, IEEE TASLP 14 (2006); the form of the Music Demixing Challenge 2021. */
SORI_API sori_array *sori_sdr(sori_ctx *c, const sori_array *reference, const sori_array *estimate);

/* The same, whatever the estimate's scale: the reference is scaled to fit it, 10 log10(|a s|^2 / |a s - e|^2),
 * a = <e, s> / <s, s>. zero_mean: both without their means first, as the paper has it.
 * Le Roux, Wisdom, Erdogan, Hershey, SDR - half-baked or well done?, ICASSP 2019. */
SORI_API sori_array *sori_si_sdr(sori_ctx *c, const sori_array *reference, const sori_array *estimate, bool zero_mean);

typedef struct sori_note_scores_config {
    sori_opt onset_s;        /* 0.05: how far onsets may be apart */
    sori_opt cents;          /* 50: how far pitches */
    sori_opt offset_ratio;   /* none: ends do not count; 0.2, by custom: they may be apart by this part of the true
                              * note's duration, or by offset_s if that is more */
    sori_opt offset_s;       /* 0.05 */
    uint32_t reserved[4];
} sori_note_scores_config;

typedef struct sori_note_scores {
    double precision, recall, f1;    /* 0 where one side has no notes; NaN after a failure */
    size_t matched;
} sori_note_scores;

/* Notes found against those that were played: as many as can be are matched, one with one.
 *                                                         mir_eval.transcription.precision_recall_f1_overlap
 *   truth, found   [n, 3] f64: start and end in seconds, pitch as a MIDI note, which may lie between two
 *   err  SORI_EINVAL another shape; a value not finite, an end before its start; a tolerance below 0
 *   cost O(n log n + n matches) where few notes are near each other
 * Bay, Ehmann, Downie, "Evaluation of multiple-F0 estimation and tracking systems", ISMIR 2009. */
SORI_API sori_note_scores sori_note_f1(sori_ctx *c, const sori_array *truth, const sori_array *found,
                                       const sori_note_scores_config *config);

#ifdef __cplusplus
}
#endif
#endif
