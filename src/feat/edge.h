/* feat/edge.h - how a row goes on beyond its edges: scipy.ndimage's five ways. Private to feat. */
#ifndef FEAT_EDGE_H
#define FEAT_EDGE_H

#include "base/base.h"
#include <sori/structure.h>

/* Where element i of an endless row lies among n >= 1; -1: nowhere (constant). */
static inline ptrdiff_t feat_extended(ptrdiff_t i, ptrdiff_t n, sori_extend mode) {
    ptrdiff_t period = mode == SORI_EXTEND_MIRROR ? BASE_MAX(2 * (n - 1), 1) : mode == SORI_EXTEND_REFLECT ? 2 * n : n;
    if (i >= 0 && i < n) return i;
    if (mode == SORI_EXTEND_CONSTANT) return -1;
    if (mode == SORI_EXTEND_NEAREST) return i < 0 ? 0 : n - 1;
    ptrdiff_t r = (i % period + period) % period;
    if (r < n) return r;
    return mode == SORI_EXTEND_REFLECT ? period - 1 - r : period - r;
}

static inline bool feat_check_extend(sori_ctx *c, const char *who, sori_extend mode) {
    if ((unsigned)mode > SORI_EXTEND_WRAP) sori_fail(c, SORI_EINVAL, "%s: there is no mode %d", who, (int)mode);
    return !base_failed(c);
}

#endif
