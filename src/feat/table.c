/* table.c - every feature that has a name. A new feature is its file, and its name here twice. */
#include "feat/feat.h"
#include <string.h>

extern const feat_op feat_op_stft, feat_op_spectrogram, feat_op_mel, feat_op_mfcc, feat_op_rms, feat_op_zcr,
    feat_op_centroid, feat_op_bandwidth, feat_op_rolloff, feat_op_flatness, feat_op_contrast, feat_op_poly,
    feat_op_yin, feat_op_chroma;

static const feat_op *const table[] = {
    &feat_op_stft,
    &feat_op_spectrogram,
    &feat_op_mel,
    &feat_op_mfcc,
    &feat_op_rms,
    &feat_op_zcr,
    &feat_op_centroid,
    &feat_op_bandwidth,
    &feat_op_rolloff,
    &feat_op_flatness,
    &feat_op_contrast,
    &feat_op_poly,
    &feat_op_yin,
    &feat_op_chroma,
};

const feat_op *feat_find(const char *name) {
    for (size_t i = 0; i < BASE_COUNT(table); i++)
        if (name && !strcmp(table[i]->info.name, name)) return table[i];
    return NULL;
}

/* Those of frames, then those of the whole sound. */
const sori_feature_info *sori_feature_at(size_t i) {
    if (i < BASE_COUNT(table)) return &table[i]->info;
    const feat_whole *w = feat_whole_at(i - BASE_COUNT(table));
    return w ? &w->info : NULL;
}

const sori_feature_info *sori_feature_find(const char *name) {
    const feat_op *op = feat_find(name);
    const feat_whole *w = op ? NULL : feat_whole_find(name);
    return op ? &op->info : w ? &w->info : NULL;
}
