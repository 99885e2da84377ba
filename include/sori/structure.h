/* sori/structure.h - likeness of a sound with itself and with others: recurrence, segmentation, alignment. */
#ifndef SORI_STRUCTURE_H
#define SORI_STRUCTURE_H

#include <sori/feat.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
