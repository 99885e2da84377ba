/* fx/fx.h - augmentation for the rooms that hold raw memory. */
#ifndef FX_FX_H
#define FX_FX_H

#include "base/base.h"
#include <sori/fx.h>

/* Gate: record SORI_EINVAL unless every field is in range. */
bool fx_spec_check(sori_ctx *c, const sori_spec_augment_config *config);

/* sori_spec_augment on S [bins, frames] with a level of silence per bin, fill [bins], in place of config->fill.
 * scratch [max(bins, frames)]. config has passed fx_spec_check. Thread-safe. */
void fx_spec_augment(float *S, size_t bins, size_t frames, const sori_spec_augment_config *config, const float *fill,
                     float *scratch, uint64_t seed, uint32_t epoch, uint32_t sample);

#endif
