/* feat/viterbi.h - what the Viterbi decoders share. Private to feat. */
#ifndef FEAT_VITERBI_H
#define FEAT_VITERBI_H

#include "feat/feat.h"
#include <sori/pitch.h>

/* Gates, each with SORI_EINVAL: the dtype; values within 0 .. 1; rows of sum 1 as well. */
bool feat_viterbi_real(sori_ctx *c, const char *who, const char *what, const sori_array *a);
bool feat_viterbi_probabilities(sori_ctx *c, const char *who, const char *what, const sori_array *a);
bool feat_viterbi_rows(sori_ctx *c, const char *who, const sori_array *transition);

/* Close the scope; r outlives it, or is NULLs after a failure. */
sori_viterbi_result feat_viterbi_done(sori_ctx *c, int scope, sori_viterbi_result r);

#endif
