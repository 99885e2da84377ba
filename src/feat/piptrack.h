/* feat/piptrack.h - spectral peaks, for those who want them without the zeros between. Private to feat. */
#ifndef FEAT_PIPTRACK_H
#define FEAT_PIPTRACK_H

#include "feat/feat.h"
#include <sori/pitch.h>

/* All peaks of all frames, in no order: whichever thread came first. What is made of them must not depend on it. */
typedef struct feat_peaks {
    float *hz, *magnitude;   /* [room] of which `n` are used, so that most of the memory is never touched */
    size_t n, room;
} feat_peaks;

/* The peaks that sori_piptrack finds, config as there, but of a sound's |X|^power (sori_piptrack: 1); freed by
 * feat_peaks_close, also after a failure. */
bool feat_peaks_open(sori_ctx *c, feat_peaks *p, const char *who, sori_audio y, const sori_piptrack_config *config,
                     double power);
void feat_peaks_close(sori_ctx *c, feat_peaks *p);

/* sori_estimate_tuning for another caller, from the peaks of |X|^power. */
double feat_estimate_tuning(sori_ctx *c, const char *who, sori_audio y, const sori_tuning_config *config, double power);

#endif
