/* whole.c - the table of features that need the whole sound. A new one is a function here and its row.
 *
 * Each row calls the public function of that name with the settings a feature may be given by name, and hands it the
 * spectrogram that the pass of sori_extract left, so that ten features cost one STFT. */
#include "feat/feat.h"
#include <sori/pitch.h>
#include <string.h>

static sori_array *run_tuning(sori_ctx *c, sori_audio y, const sori_feature_config *g, feat_shared *shared) {
    sori_tuning_config config = { .piptrack = { .stft = g->stft, .S = feat_shared_S(shared, FEAT_NEED_MAGNITUDE) },
                                  .bins_per_octave = g->bins_per_octave };
    double tuning = sori_estimate_tuning(c, y, &config);
    return sori_array_from(c, SORI_F64, 1, (size_t[]){ 1 }, &tuning);
}

static const feat_whole table[] = {
    { { "tuning", "librosa.estimate_tuning", "deviation from A = 440 Hz", "bins", SORI_FEATURE_VALUE, true },
      FEAT_NEED_MAGNITUDE, run_tuning },
};

const feat_whole *feat_whole_at(size_t i) { return i < BASE_COUNT(table) ? &table[i] : NULL; }

const feat_whole *feat_whole_find(const char *name) {
    for (size_t i = 0; i < BASE_COUNT(table); i++)
        if (name && !strcmp(table[i].info.name, name)) return &table[i];
    return NULL;
}
