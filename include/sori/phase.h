/* sori/phase.h - what phase is good for: phase vocoder, Griffin-Lim, reassignment, inversion back to sound. */
#ifndef SORI_PHASE_H
#define SORI_PHASE_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
