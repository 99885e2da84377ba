/* sori/augment.h - augmentation chains: changes of sound and spectrograms, each with its probability.
 *
 *     pitch_shift(-2..2,p=0.5) noise(snr=10..30) one_of(gain(-6..6) clip(0.5..0.9)) time_mask(0.1,count=2)
 *
 * A chain is a list of NAME(parameter=value,...), parted by blanks, carried out in this order. A value is a number, a
 * range lo..hi to draw from, or a word; the first parameter needs no name, p (default 1) is the probability.
 * compose(...) holds a list, one_of(...) carries out one of its list, some_of(n, ...) n of it, in the list's order.
 *
 *   waveform     gain(db=-6..6)  noise(snr=10..30,color=white|pink|brown)  pitch_shift(steps=-2..2)
 *                time_stretch(rate=0.8..1.25)  speed(factor=0.9..1.1)  shift(fraction=-0.25..0.25,circular=0)  polarity
 *                reverb(decay=0.2..1,wet=0.33)  filter(frequency=300..4000,kind=lowpass|highpass|bandpass|notch)
 *                equalizer(db=6)  compress(threshold=-30..-10,ratio=4)  clip(level=0.5..0.9)  mp3(bit_rate=32..96)
 *                harmonic  percussive  background(files=DIR,snr=5..20)  impulse(files=DIR,wet=1)
 *   spectrogram  time_mask(width=0.1,count=1)  freq_mask(width=0.1,count=1)  freq_warp(amount=0.1)
 *                time_warp(width=0.05)  random_resized_crop(scale=0.8..1)
 *   batch        mixup(alpha=0.2)  cutmix(alpha=1)  manifold_mixup(alpha=1): in training only, not in groups; see
 *                sori_fit_config
 *
 * Ranges are drawn from uniformly, those of rates and frequencies on a logarithmic scale. Draws are keyed by (seed,
 * epoch, sample) and by a change's name and how many of that name stand before it, so that another change added,
 * wherever, does not alter what is drawn for it. Words after audiomentations (Compose, OneOf, SomeOf)
 * and SpecAugment. */
#ifndef SORI_AUGMENT_H
#define SORI_AUGMENT_H

#include <sori/fx.h>
#include <sori/labels.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- what there is ---------------------------------------------------------------------------------------------- */

#define SORI_AUGMENT_PARAMETERS 2

typedef struct sori_augment_parameter {
    const char *name;            /* NULL: there are no more */
    double low, high;            /* drawn from when nothing is said */
    double least, most;          /* limits of what may be said */
    bool log, whole;             /* drawn on a logarithmic scale; a whole number */
    const char *words;           /* "white|pink|brown": a word, its index the value; NULL: a number */
} sori_augment_parameter;

typedef enum sori_augment_stage {
    SORI_AUGMENT_WAVEFORM = 0,
    SORI_AUGMENT_SPECTROGRAM,
    SORI_AUGMENT_BATCH,
    SORI_AUGMENT_GROUP
} sori_augment_stage;

typedef struct sori_augment_change {
    const char *name, *summary;  /* one phrase */
    sori_augment_stage stage;
    sori_augment_parameter parameters[SORI_AUGMENT_PARAMETERS];
    bool files;                  /* wants files=PATH, a sound or a folder of sounds */
} sori_augment_change;

/* The i-th change there is; NULL behind the last. */
SORI_API const sori_augment_change *sori_augment_change_at(size_t i);

/* --- chains ----------------------------------------------------------------------------------------------------- */

/* A chain, never changed after it was made: any number of threads may use it, each with its context. */
typedef struct sori_augment sori_augment;

/* Read a chain. "" changes nothing.
 *   text  as above; or JSON, [{"name": "noise", "snr": [10, 30], "p": 0.5}, {"name": "one_of", "of": [...]}]; or
 *         "@FILE", a file with one of both
 *   err   SORI_EINVAL an unknown name or parameter, a value out of its limits (the sentence has them), text that does
 *         not end well, more than 64 changes, groups more than 4 deep; files: as sori_load, none, above 2^28 samples */
SORI_API sori_augment *sori_augment_new(sori_ctx *c, const char *text);
SORI_API void sori_augment_free(sori_ctx *c, sori_augment *a);

/* The chain with every parameter spelt out; read again it is the same chain. NULL for a NULL chain. */
SORI_API const char *sori_augment_text(const sori_augment *a);

/* The chain's waveform changes.
 *   y       [..., n] f32   ->   [..., m]; time_stretch and speed change the length
 *   labels  moved with the sound, in place; those that leave it drop out, and those that circular shift parts are two
 *           labels. NULL: none
 *   log     [k] u8: what was done, a line of JSON a change, and a NUL. NULL: not wanted
 *   err     SORI_EINVAL a sample that is not finite; as the functions of fx.h
 *   cost    that of the changes
 * A sound without samples stays as it is. A change that would leave no sample is not made (log: "skipped": true). Noise
 * is not added to silence, which has no signal-to-noise ratio. Frequencies are kept below 0.49 sr. */
SORI_API sori_audio sori_augment_apply(sori_ctx *c, const sori_augment *a, sori_audio y, sori_labels *labels,
                                       uint64_t seed, uint32_t epoch, uint32_t sample, sori_array **log);

/* The chain's spectrogram changes, of S [bins, frames] f32 in place; fill is the level of silence. log as above.
 *   err     SORI_EINVAL S of another shape, fill not finite
 *   cost    O(bins * frames) a change
 * time_warp moves the frame at a random place by up to width * frames and stretches both sides linearly, which is the
 * sparse image warp of Park et al. 2019 for one point in time. random_resized_crop shows a part of the frames and of
 * the bins, each the square root of scale, as large as the whole was (linear interpolation). */
SORI_API sori_status sori_augment_spectrum(sori_ctx *c, const sori_augment *a, sori_array *S, float fill, uint64_t seed,
                                           uint32_t epoch, uint32_t sample, sori_array **log);

/* The alpha of mixup, cutmix or manifold_mixup, as sori_fit_config wants it; 0 if the chain has it not. */
SORI_API double sori_augment_alpha(const sori_augment *a, const char *name);

#ifdef __cplusplus
}
#endif
#endif
