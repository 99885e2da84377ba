/* polyphase.c - changing a rate by up / down with a filter: one row of weights for each of `up` phases.
 *
 * Output t = p + up s reads input from floor(p down / up) + down s on: all outputs of phase p are the same weighted
 * sum, `down` samples further each time. So a block of the input is laid out as `down` rows, sample c down + r in
 * column c of row r; then neighbouring outputs of a phase lie in neighbouring lanes, and the sum over taps (kernel fir)
 * never shuffles. The sum of an output has the same terms in the same order wherever a block begins. */
#include "num/num.h"
#include <string.h>

#define BLOCK 16384          /* input samples a block, so that its layout stays in the first caches */
#define LONGEST 1024         /* columns */

static void lay_out(num_polyphase *p) {
    size_t columns = BASE_MIN(BLOCK / p->down, (size_t)LONGEST) / NUM_LANES * NUM_LANES;
    p->columns = BASE_MAX(columns, (size_t)NUM_LANES);
    p->inputs = p->columns * p->down + p->taps - 1;
    p->outputs = p->columns * p->up;
    size_t wide = (p->inputs + p->down - 1) / p->down;
    p->stride = base_round_up(wide, NUM_LANES);
    p->scratch = (2 * p->down * p->stride + p->outputs) * sizeof(float);
}

num_polyphase *num_polyphase_new(sori_ctx *c, size_t up, size_t down, size_t taps, int64_t first) {
    num_polyphase *p = base_alloc(c, 1, sizeof *p);
    if (!p) return NULL;
    *p = (num_polyphase){ .up = up, .down = down, .taps = taps, .first = first, .k = num_kernels_find(NULL, false) };
    lay_out(p);
    size_t reach = down + taps;
    p->weight = base_alloc(c, up * taps, sizeof *p->weight);
    p->offset = base_alloc_raw(c, reach, sizeof *p->offset);
    for (size_t i = 0; p->offset && i < reach; i++) p->offset[i] = (uint32_t)(i % down * p->stride + i / down);
    if (p->weight && p->offset) return p;
    num_polyphase_free(c, p);
    return NULL;
}

void num_polyphase_free(sori_ctx *c, num_polyphase *p) {
    if (!p) return;
    base_free(c, p->weight);
    base_free(c, p->offset);
    base_free(c, p);
}

/* The block's input, as many samples as the layout has room for: in place, or with zeros around what is there. */
static const float *block_input(const num_polyphase *p, const float *x, int64_t start, size_t held, int64_t from,
                                float *copy) {
    int64_t n = (int64_t)(p->down * p->stride), end = start + (int64_t)held;
    if (from >= start && from + n <= end) return x + (from - start);
    int64_t low = BASE_MIN(BASE_MAX(start, from), from + n), high = BASE_MAX(BASE_MIN(end, from + n), low);
    memset(copy, 0, (size_t)(low - from) * sizeof *copy);
    if (high > low) memcpy(copy + (low - from), x + (low - start), (size_t)(high - low) * sizeof *copy);
    memset(copy + (high - from), 0, (size_t)(from + n - high) * sizeof *copy);
    return copy;
}

void num_polyphase_block(const num_polyphase *p, const float *x, int64_t start, size_t held, size_t block, float *y,
                         void *scratch) {
    float *copy = scratch, *layout = copy + p->down * p->stride, *phases = layout + p->down * p->stride;
    const float *in = block_input(p, x, start, held, num_polyphase_from(p, block), copy);
    if (p->down > 1) p->k->transpose(p->down, p->stride, p->down, in, p->stride, layout);
    const float *t = p->down > 1 ? layout : in;
    for (size_t phase = 0; phase < p->up; phase++) {
        const uint32_t *offset = p->offset + phase * p->down / p->up;
        float *out = p->up > 1 ? phases + phase * p->columns : y;
        p->k->fir(p->taps, offset, p->weight + phase * p->taps, t, p->columns, out);
    }
    if (p->up > 1) p->k->transpose(p->columns, p->up, p->columns, phases, p->up, y);
}
