/* sori/pitch.h - fundamental frequency, tuning, and the Viterbi decoders behind them. */
#ifndef SORI_PITCH_H
#define SORI_PITCH_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
