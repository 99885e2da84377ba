/* sori/notation.h - notes, keys and degrees by name. */
#ifndef SORI_NOTATION_H
#define SORI_NOTATION_H

#include <sori/array.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
