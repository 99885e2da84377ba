/* lag.c - recurrence matrices as time against lag, where what repeats after the same time is a row; and filters there.
 *
 * Column j of the recurrence matrix, padded with zeros to twice its length so that no lag meets another, is rolled up
 * by j. Values are only moved, so any dtype will do. librosa.segment.recurrence_to_lag, lag_to_recurrence,
 * timelag_filter. */
#include "array/array.h"
#include "base/base.h"
#include <sori/structure.h>
#include <string.h>

/* Element (lag or row r, time t) of a matrix whose time runs along axis 1, or 0. */
static size_t at(size_t r, size_t t, size_t lags, size_t times, bool axis0) {
    return axis0 ? t * lags + r : r * times + t;
}

static bool check_matrix(sori_ctx *c, const char *who, const sori_array *a) {
    if (base_failed(c)) return false;
    if (!a) sori_fail(c, SORI_EINVAL, "%s: no matrix given", who);
    else if (a->ndim != 2) sori_fail(c, SORI_EINVAL, "%s: the matrix has %d axes, not 2", who, a->ndim);
    return !base_failed(c);
}

static bool check_square(sori_ctx *c, const char *who, const sori_array *rec) {
    if (!check_matrix(c, who, rec)) return false;
    if (rec->shape[0] != rec->shape[1])
        sori_fail(c, SORI_EINVAL, "%s: the recurrence matrix of %zu x %zu is not square", who, rec->shape[0],
                  rec->shape[1]);
    return !base_failed(c);
}

sori_array *sori_recurrence_to_lag(sori_ctx *c, const sori_array *rec, const sori_lag_config *config) {
    sori_lag_config g = config ? *config : (sori_lag_config){ 0 };
    if (!check_square(c, "recurrence_to_lag", rec)) return NULL;
    size_t t = rec->shape[0], lags = g.unpadded ? t : 2 * t, size = sori_dtype_size(rec->dtype);
    sori_array *out = sori_array_new(c, rec->dtype, 2, (size_t[]){ g.axis0 ? t : lags, g.axis0 ? lags : t });
    for (size_t i = 0; out && i < t; i++)
        for (size_t j = 0; j < t; j++) {
            size_t r = g.axis0 ? j : i, time = g.axis0 ? i : j, lag = (r + lags - time) % lags;
            memcpy((char *)out->data + at(lag, time, lags, t, g.axis0) * size,
                   (const char *)rec->data + at(r, time, t, t, g.axis0) * size, size);
        }
    return out;
}

sori_array *sori_lag_to_recurrence(sori_ctx *c, const sori_array *lag, const sori_lag_config *config) {
    sori_lag_config g = config ? *config : (sori_lag_config){ 0 };
    if (!check_matrix(c, "lag_to_recurrence", lag)) return NULL;
    size_t t = lag->shape[!g.axis0], lags = lag->shape[g.axis0], size = sori_dtype_size(lag->dtype);
    if (lags != t && lags != 2 * t) {
        sori_fail(c, SORI_EINVAL, "lag_to_recurrence: %zu lags are neither as many as the %zu frames nor twice", lags,
                  t);
        return NULL;
    }
    sori_array *out = array_new_raw(c, lag->dtype, 2, (size_t[]){ t, t });
    for (size_t i = 0; out && i < t; i++)
        for (size_t j = 0; j < t; j++) {
            size_t r = g.axis0 ? j : i, time = g.axis0 ? i : j;
            memcpy((char *)out->data + at(r, time, t, t, g.axis0) * size,
                   (const char *)lag->data + at((r + lags - time) % lags, time, lags, t, g.axis0) * size, size);
        }
    return out;
}

sori_array *sori_timelag_filter(sori_ctx *c, const sori_array *rec, sori_matrix_filter *filter, void *user,
                                const sori_lag_config *config) {
    if (!check_square(c, "timelag_filter", rec)) return NULL;
    if (!filter) {
        sori_fail(c, SORI_EINVAL, "timelag_filter: no filter given");
        return NULL;
    }
    int scope = sori_begin(c);
    sori_array *lag = sori_recurrence_to_lag(c, rec, config), *filtered = lag ? filter(c, lag, user) : NULL;
    if (lag && !filtered) sori_fail(c, SORI_EINVAL, "timelag_filter: the filter made nothing");
    return sori_end(c, scope, filtered ? sori_lag_to_recurrence(c, filtered, config) : NULL);
}
