/* sori/decompose.h - a spectrogram taken apart: harmonic and percussive, NMF, nearest neighbours. */
#ifndef SORI_DECOMPOSE_H
#define SORI_DECOMPOSE_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
