/* reverb.c - a room without a room: a feedback delay network.
 *
 *     y -> + -> delay m_i -> loss_i -+      16 lines, each fed by all; wet is the row of the matrix
 *          ^                         |      whose signs alternate
 *          +-- Hadamard's matrix <---+--> wet
 *
 * The matrix, over 4, keeps the energy, so each line's loss alone makes the decay: 60 dB in decay_s means 10^(-3 m_i / (sr decay_s))
 * for one passage of m_i samples. The loss is a one-pole lowpass, whose gain at 0 Hz is that for decay_s and whose gain at
 * sr/2 is that for the shorter time of high frequencies; both exactly, where Jot's formula is an approximation. Lengths
 * are primes, spread evenly on a logarithmic scale, so that echoes seldom coincide. Energy in the network starts as 16
 * and fades as exp(-2 t ln(1000) / decay): what leaves it in total is known, and wet is scaled to energy 1.
 * Jot, Chaigne, "Digital delay networks for designing artificial reverberators", 90th AES Convention, 1991. */
#include "feat/feat.h"
#include "fx/fx.h"
#include <math.h>
#include <string.h>

#define LINES 16
#define BLOCK 64              /* samples that go through together, at most those of the shortest line */
#define SHORTEST_S 0.022      /* the shortest and the longest path of room_size 1: 7.5 m and 38 m */
#define LONGEST_S 0.110
#define TINY 1e-18f           /* -360 dB: what is below is silence, and never becomes a slow denormal number */

typedef struct network {
    size_t length[LINES], offset[LINES], total;   /* of the lines, one behind the other in one block of memory */
    float gain[LINES], pole[LINES];
    float scale;              /* of the wet sound */
    size_t n, out_n;
    const float *y;
    float *out;               /* [channels][out_n] */
} network;

/* --- the network ------------------------------------------------------------------------------------------------- */

static bool is_prime(size_t n) {
    for (size_t d = 2; d * d <= n; d++)
        if (n % d == 0) return false;
    return n > 1;
}

/* One passage of a line: gain (1 - pole) / (1 - pole z^-1), for decays in samples at 0 Hz and at sr/2. */
static void set_loss(network *w, size_t i, double low, double high) {
    double at_zero = pow(10, -3 * (double)w->length[i] / low), at_top = pow(10, -3 * (double)w->length[i] / high);
    double ratio = at_top / at_zero, pole = (1 - ratio) / (1 + ratio);
    w->pole[i] = (float)pole;
    w->gain[i] = (float)(at_zero * (1 - pole) / 4);   /* the matrix is orthogonal over 4 */
}

static void open_network(network *w, double sr, double decay_s, double damping, double room_size) {
    double decay = decay_s * sr;
    for (size_t i = 0; i < LINES; i++) {
        double share = (double)i / (LINES - 1), seconds = room_size * SHORTEST_S * pow(LONGEST_S / SHORTEST_S, share);
        size_t n = BASE_MAX((size_t)(seconds * sr), i ? w->length[i - 1] + 1 : 2);
        while (!is_prime(n)) n++;
        w->length[i] = n;
        w->offset[i] = w->total;
        w->total += n;
        set_loss(w, i, decay, decay * (1 - 0.9 * damping));
    }
    double energy = LINES * LINES * decay / (double)w->total / (2 * log(1000));
    w->scale = (float)(4 / sqrt(energy));
}

/* Sylvester's matrix of 16 rows, in place: four rounds of sums and differences. Signs alternate in row 1. */
static void hadamard(float v[LINES][BLOCK]) {
    for (size_t half = 1; half < LINES; half *= 2)
        for (size_t i = 0; i < LINES; i++)
            for (size_t t = 0; t < BLOCK && !(i & half); t++) {
                float a = v[i][t], b = v[i + half][t];
                v[i][t] = a + b;
                v[i + half][t] = a - b;
            }
}

/* All lines together: one recursion alone would wait for each of its steps. */
static void lose(const network *w, float low[LINES], float v[LINES][BLOCK], size_t n) {
    for (size_t t = 0; t < n; t++)
        for (size_t i = 0; i < LINES; i++) v[i][t] = low[i] = w->gain[i] * v[i][t] + w->pole[i] * low[i];
}

/* The next n samples of a line from `at` on, which is of `length`, to v or, with what comes in, from it. */
static void read_line(const float *line, size_t length, size_t at, size_t n, float *v) {
    size_t first = BASE_MIN(n, length - at);
    memcpy(v, line + at, first * sizeof *v);
    memcpy(v + first, line, (n - first) * sizeof *v);
}

static void write_line(float *line, size_t length, size_t at, size_t n, float *v, const float *in) {
    size_t first = BASE_MIN(n, length - at);
    for (size_t t = 0; t < BLOCK; t++) {
        float x = v[t] + in[t];
        v[t] = fabsf(x) < TINY ? 0 : x;
    }
    memcpy(line + at, v, first * sizeof *v);
    memcpy(line, v + first, (n - first) * sizeof *v);
}

static void run_channel(sori_ctx *c, void *arg, size_t channel) {
    const network *w = arg;
    float *line = base_alloc(c, w->total, sizeof *line), low[LINES] = { 0 }, v[LINES][BLOCK] = { { 0 } };
    size_t at[LINES] = { 0 }, block = BASE_MIN(w->length[0], (size_t)BLOCK);
    for (size_t first = 0; line && first < w->out_n; first += block) {
        float in[BLOCK] = { 0 }, *out = w->out + channel * w->out_n + first;
        size_t n = BASE_MIN(block, w->out_n - first);
        for (size_t t = 0; t < n && first + t < w->n; t++) in[t] = w->y[channel * w->n + first + t];
        for (size_t i = 0; i < LINES; i++) read_line(line + w->offset[i], w->length[i], at[i], n, v[i]);
        lose(w, low, v, n);
        hadamard(v);
        for (size_t t = 0; t < n; t++) out[t] = w->scale * v[1][t];
        for (size_t i = 0; i < LINES; i++) {
            write_line(line + w->offset[i], w->length[i], at[i], n, v[i], in);
            at[i] = (at[i] + n) % w->length[i];
        }
    }
    base_free(c, line);
}

/* --- the gate ---------------------------------------------------------------------------------------------------- */

static bool check(sori_ctx *c, double sr, double decay_s, double damping, double room_size, double wet) {
    if (!(decay_s >= 0.01 && decay_s <= 100))
        sori_fail(c, SORI_EINVAL, "reverb: decay_s %g is not within 0.01 .. 100", decay_s);
    else if (!(room_size > 0 && room_size <= 1))
        sori_fail(c, SORI_EINVAL, "reverb: room_size %g is not above 0 and at most 1", room_size);
    else if (sr > 1e6) sori_fail(c, SORI_EINVAL, "reverb: %g Hz is above 1e6", sr);
    return fx_check_share(c, "reverb", "damping", damping) && fx_check_share(c, "reverb", "wet", wet);
}

sori_audio sori_reverb(sori_ctx *c, sori_audio y, const sori_reverb_config *config) {
    sori_reverb_config g = config ? *config : (sori_reverb_config){ 0 };
    double decay_s = g.decay_s != 0 ? g.decay_s : 1, room_size = g.room_size != 0 ? g.room_size : 0.5;
    double damping = feat_option(g.damping, 0.5, 0), wet = feat_option(g.wet, 0.33, 0);
    sori_audio out = { NULL, y.sr };
    if (!fx_check(c, "reverb", &y) || !check(c, y.sr, decay_s, damping, room_size, wet)) return out;
    size_t n = fx_samples(y.y), length = n && g.keep_tail ? n + (size_t)ceil(decay_s * y.sr) : n;
    sori_array *result = fx_result(c, y.y, length);
    if (!result) return out;
    network w = { .n = n, .out_n = length, .y = y.y->data, .out = result->data };
    open_network(&w, y.sr, decay_s, damping, room_size);
    base_each(c, fx_channels(y.y), run_channel, &w);
    for (size_t i = 0; i < fx_channels(y.y) && !base_failed(c); i++)
        fx_blend(w.out + i * length, length, w.y + i * n, n, wet);
    if (!base_failed(c)) out.y = result;
    else sori_array_free(c, result);
    return out;
}
