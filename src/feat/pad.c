/* pad.c - sound beyond its ends: numpy.pad's modes, value by value, without a padded copy.
 *
 * A frame that lies within the sound is read where it is. Only the frames that reach over an end are put together in
 * scratch. Reflection longer than the sound goes back and forth, as numpy does it. */
#include "feat/pipeline.h"
#include <string.h>

size_t feat_frames(size_t n, size_t n_fft, size_t hop, bool centered) {
    size_t padded = n + (centered ? n_fft / 2 * 2 : 0);
    return padded < n_fft ? 0 : 1 + (padded - n_fft) / hop;
}

int64_t feat_tail(int64_t n, size_t n_fft, size_t hop) {
    int64_t h = (int64_t)hop, half = (int64_t)(n_fft / 2), free_of_padding = n + half - (int64_t)n_fft;
    int64_t first_free = (half + h - 1) / h;                          /* the first frame beyond the left padding */
    int64_t first_tail = free_of_padding < 0 ? 0 : free_of_padding / h + 1;   /* the first to need the right one */
    int64_t start = first_tail * h - half;
    return first_tail <= first_free || start >= n ? 0 : start;
}

/* Index i of [0, n) repeated back and forth; the end points once a turn (reflect) or twice (symmetric). */
static int64_t fold(int64_t i, int64_t n, bool symmetric) {
    int64_t period = symmetric ? 2 * n : BASE_MAX(2 * (n - 1), 1);
    i %= period;
    if (i < 0) i += period;
    return i < n ? i : period - i - (symmetric ? 1 : 0);
}

static float at(const feat_sound *s, int64_t i) { return s->y[i - s->start]; }

/* Sample i < 0, or i >= n, of the padded sound. The ramp falls linearly to 0 at the padding's last sample. */
static float beyond(const feat_sound *s, sori_pad_mode mode, int64_t i) {
    int64_t from = i < 0 ? 0 : s->tail, edge = i < 0 ? 0 : s->n - 1, distance = i < 0 ? -i : i - edge;
    if (distance > s->padding) return 0;
    switch (mode) {
    case SORI_PAD_EDGE: return at(s, edge);
    case SORI_PAD_REFLECT: return at(s, from + fold(i - from, s->n - from, false));
    case SORI_PAD_SYMMETRIC: return at(s, from + fold(i - from, s->n - from, true));
    case SORI_PAD_WRAP: return at(s, (i % s->n + s->n) % s->n);   /* of whole sounds only */
    case SORI_PAD_LINEAR_RAMP:
        return (float)((double)at(s, edge) * (double)(s->padding - distance) / (double)s->padding);
    default: return 0;
    }
}

const float *feat_padded(const feat_sound *s, sori_pad_mode mode, int64_t first, size_t count, float *scratch) {
    int64_t end = first + (int64_t)count;
    int64_t from = BASE_MIN(BASE_MAX(first, 0), end), to = BASE_MAX(BASE_MIN(end, s->n), from);   /* what is real */
    if (from == first && to == end) return s->y + (first - s->start);
    for (int64_t i = first; i < from; i++) scratch[i - first] = beyond(s, mode, i);
    if (to > from) memcpy(scratch + (from - first), s->y + (from - s->start), (size_t)(to - from) * sizeof *scratch);
    for (int64_t i = to; i < end; i++) scratch[i - first] = i < s->n ? 0 : beyond(s, mode, i);
    return scratch;
}
