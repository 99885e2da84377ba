/* post.c - decibels below the loudest value, for features that are asked for them by name, and for MFCC.
 *
 * librosa.power_to_db(S, ref=1, amin=1e-10, top_db=80): 10 log10(max(S, amin)), and nothing lower than top_db below
 * the maximum of the whole array, all channels together. */
#include "feat/feat.h"
#include <math.h>

#define AMIN 1e-10   /* -100 dB */

bool feat_top_db(sori_ctx *c, const char *who, sori_opt top_db, double *out) {
    *out = feat_option(top_db, 80, INFINITY);
    if (*out >= 0) return true;
    sori_fail(c, SORI_EINVAL, "%s: top_db %g dB is below 0", who, *out);
    return false;
}

bool feat_check_power(sori_ctx *c, const char *who, double power) {
    if (power > 0 && isfinite(power)) return true;
    sori_fail(c, SORI_EINVAL, "%s: power %g is not positive", who, power);
    return false;
}

void feat_decibel(const feat_use *u, size_t rows, float peak, size_t n, const float *in, size_t in_stride, void *db) {
    double floor = 10 * log10(fmax((double)peak, AMIN)) - u->top_db;
    u->k->decibel(rows, in, in_stride, n, AMIN, floor, db);
}

bool feat_want_db(sori_ctx *c, feat_use *u, const feat_input *in, sori_opt top_db) {
    u->stored = u->rows;
    u->scratch = u->rows * NUM_LANES * sizeof(double);
    return feat_top_db(c, in->who, top_db, &u->top_db);
}

void feat_post_db(const feat_use *u, const float *peak, size_t n, const float *in, size_t in_stride, void *scratch,
                  float *out, size_t stride) {
    feat_decibel(u, u->rows, *peak, n, in, in_stride, scratch);
    u->k->store(u->rows, scratch, 0, n, out, stride, false);
}
