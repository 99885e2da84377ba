/* sori/level.h - loudness, companding and compression of spectra: weightings, mu-law, PCEN, normalisation. */
#ifndef SORI_LEVEL_H
#define SORI_LEVEL_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
