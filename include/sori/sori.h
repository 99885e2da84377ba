/* sori/sori.h - everything. */
#ifndef SORI_SORI_H
#define SORI_SORI_H

#include <sori/base.h>
#include <sori/array.h>
#include <sori/audio.h>
#include <sori/feat.h>

#endif
