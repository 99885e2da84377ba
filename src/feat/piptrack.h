/* feat/piptrack.h - spectral peaks, for those who want them without the zeros between. Private to feat. */
#ifndef FEAT_PIPTRACK_H
#define FEAT_PIPTRACK_H

#include "feat/feat.h"
#include <sori/pitch.h>

/* A list of room for `room` peaks a frame: those of frame t of channel ch are the first count[ch * frames + t] from
 * (ch * frames + t) * room on. Within a frame they rise. */
typedef struct feat_peaks {
    size_t frames, room;     /* frames of all channels */
    float *hz, *magnitude;   /* [frames][room] */
    sori_array *count;       /* [..., 1, frames] f32 */
} feat_peaks;

/* The peaks that sori_piptrack finds, config as there, but of a sound's |X|^power (sori_piptrack: 1); freed by
 * feat_peaks_close, also after a failure. */
bool feat_peaks_open(sori_ctx *c, feat_peaks *p, const char *who, sori_audio y, const sori_piptrack_config *config,
                     double power);
void feat_peaks_close(sori_ctx *c, feat_peaks *p);

/* sori_estimate_tuning for another caller, from the peaks of |X|^power. */
double feat_estimate_tuning(sori_ctx *c, const char *who, sori_audio y, const sori_tuning_config *config, double power);

#endif
