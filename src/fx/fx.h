/* fx/fx.h - augmentation for the rooms that hold raw memory, and what the effects on waveforms share. */
#ifndef FX_FX_H
#define FX_FX_H

#include "array/array.h"
#include "base/base.h"
#include <sori/augment.h>
#include <sori/fx.h>

/* --- effects on waveforms (check.c) ------------------------------------------------------------------------------ */

/* A sound's samples a channel, and its channels (0 if there is no sample). */
static inline size_t fx_samples(const sori_array *y) { return y->shape[y->ndim - 1]; }
static inline size_t fx_channels(const sori_array *y) { return fx_samples(y) ? y->size / fx_samples(y) : 0; }

/* Gate: y is float32 with an axis at least, finite, at a rate above 0; a rate of 0 becomes 22050 Hz. */
bool fx_check(sori_ctx *c, const char *who, sori_audio *y);

/* The same for a second sound, called name ("noise"), and that it has y's rate and one channel or y's. */
bool fx_check_other(sori_ctx *c, const char *who, const char *name, sori_audio y, sori_audio *other);

/* Gate: name is within +-200 dB; a share within 0 .. 1. */
bool fx_check_db(sori_ctx *c, const char *who, const char *name, double db);
bool fx_check_share(sori_ctx *c, const char *who, const char *name, double share);

/* States [lead..., more...] f64 of an effect that goes on block by block: a copy of zi, or zeros. NULL on failure; zi
 * of another shape or not finite is SORI_EINVAL. */
sori_array *fx_state(sori_ctx *c, const char *who, const sori_array *zi, const sori_array *y, int lead, int more,
                     const size_t *shape);

/* Not zeroed: y's channels with n samples. */
sori_array *fx_result(sori_ctx *c, const sori_array *y, size_t n);

/* The sum of x^2, n values, in double and in an order that depends on n alone. */
double fx_energy(const float *x, size_t n);

/* out = (1 - wet) y + wet out, n samples. y of m <= n ends before. */
void fx_blend(float *out, size_t n, const float *y, size_t m, double wet);

/* --- spectrograms (spec_augment.c) -------------------------------------------------------------------------------- */

/* Gate: record SORI_EINVAL unless every field is in range. */
bool fx_spec_check(sori_ctx *c, const sori_spec_augment_config *config);

/* sori_spec_augment on S [bins, frames] with a level of silence per bin, fill [bins], in place of config->fill.
 * scratch [max(bins, frames)]. config has passed fx_spec_check. Thread-safe. */
void fx_spec_augment(float *S, size_t bins, size_t frames, const sori_spec_augment_config *config, const float *fill,
                     float *scratch, uint64_t seed, uint32_t epoch, uint32_t sample);

/* --- chains (augment.c) ------------------------------------------------------------------------------------------- */

/* Whether the chain changes waveforms, and spectrograms. false for NULL. */
bool fx_augments_waves(const sori_augment *a);
bool fx_augments_spectra(const sori_augment *a);

/* Of all that a chain's results depend on: its text and the sounds it draws from. */
uint64_t fx_augment_hash(const sori_augment *a);

/* sori_augment_spectrum on S [bins, frames], with fill [bins] and scratch as above; allocates nothing. Thread-safe. */
void fx_augment_spectrum(sori_ctx *c, const sori_augment *a, float *S, size_t bins, size_t frames,
                         const float *fill, float *scratch, uint64_t seed, uint32_t epoch, uint32_t sample);

#endif
