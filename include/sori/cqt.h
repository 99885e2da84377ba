/* sori/cqt.h - constant-Q transforms, chroma, tonnetz: spectra on a musical scale. */
#ifndef SORI_CQT_H
#define SORI_CQT_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
