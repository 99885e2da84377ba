/* sori/rhythm.h - onsets, beats, tempo. */
#ifndef SORI_RHYTHM_H
#define SORI_RHYTHM_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
