/* fir.c - resampling by weighted sums of input samples: resampy's Kaiser filters and SciPy's resample_poly.
 *
 * resampy (Smith, "Digital audio resampling", ccrma.stanford.edu/~jos/resample) samples a Kaiser-windowed sinc at
 * `precision` points a zero crossing and interpolates in between. Its weights depend only on an output's place between
 * two input samples, so for rates in a small ratio up / down there are `up` sets of them, and the sums are num's
 * polyphase kernel. Other ratios look their weights up for every output, as resampy does. What resampy rounds is
 * rounded here too: a step through its table is a whole number of entries. */
#include "io/io.h"
#include "num/num.h"
#include <math.h>
#include <string.h>

#define MOST_WEIGHTS (1 << 22)     /* 16 MB */
#define MOST_DOWN (1 << 16)
#define DIRECT 4096                /* outputs of a block where there are no phases */

/* The filters that come with resampy 0.4; beta and roll-off are those of its tables, to the last digit. */
typedef struct kaiser {
    size_t zeros, precision;       /* zero crossings on one side, table entries from one to the next */
    double beta, rolloff;
} kaiser;
static const kaiser best = { 50, 8192, 12.9845852470394, 0.9173473712608761 };
static const kaiser fast = { 24, 512, 9.903224416456442, 0.8682120388377784 };

struct io_fir {
    sori_ctx *c;
    kaiser k;
    double ratio, scale;           /* target rate over original; min(1, ratio) */
    size_t step;                   /* table entries from one input sample to the next */
    double at_zero;                /* I0(beta) */
    double *table;                 /* [zeros * precision + 1], or NULL: few weights are wanted */
    num_polyphase *p;              /* NULL: no small ratio */
    size_t wing;                   /* input samples on one side, at most */
};

/* --- resampy's weights ------------------------------------------------------------------------------------------- */

/* Entry i of resampy's table: roll sinc(roll i / precision) under the right half of a Kaiser window, times scale. */
static double entry(const io_fir *f, size_t i) {
    if (f->table) return f->table[i];
    size_t last = f->k.zeros * f->k.precision;
    double t = (double)i / (double)f->k.precision * f->k.rolloff * M_PI, r = (double)i / (double)last;
    double window = num_bessel_i0(f->k.beta * sqrt(fmax(0, 1 - r * r))) / f->at_zero;
    return f->k.rolloff * (i ? sin(t) / t : 1) * window * f->scale;
}

/* One wing of an output that lies `frac` input samples (times scale) from the nearest on that side: the weight of the
 * i-th sample away goes to w[i * stride]. Returns how many there are. */
static size_t wing_weights(const io_fir *f, double frac, double *w, ptrdiff_t stride) {
    size_t last = f->k.zeros * f->k.precision;
    double place = frac * (double)f->k.precision;
    size_t offset = (size_t)place, count = (last + 1 - offset) / f->step;
    double eta = place - (double)offset;
    for (size_t i = 0; i < count; i++) {
        size_t at = offset + i * f->step;
        double here = entry(f, at), next = at < last ? entry(f, at + 1) : here;
        w[(ptrdiff_t)i * stride] = here + eta * (next - here);
    }
    return count;
}

static bool fill_table(io_fir *f) {
    size_t n = f->k.zeros * f->k.precision + 1;
    double *table = base_alloc_raw(f->c, n, sizeof *table);
    for (size_t i = 0; table && i < n; i++) table[i] = entry(f, i);
    f->table = table;
    return table != NULL;
}

/* --- rates in a small ratio -------------------------------------------------------------------------------------- */

static size_t common_factor(size_t a, size_t b) { return b ? common_factor(b, a % b) : a; }

/* Whole rates as up / down without a common factor; false where they are not whole. */
static bool ratio_of(double from, double to, size_t *up, size_t *down) {
    if (from != floor(from) || to != floor(to) || from > 1e9 || to > 1e9) return false;
    size_t f = (size_t)from, t = (size_t)to, common = common_factor(f, t);
    *up = t / common;
    *down = f / common;
    return true;
}

static bool fill_kaiser_phases(io_fir *f) {
    num_polyphase *p = f->p;
    double *w = base_alloc(f->c, p->taps, sizeof *w);
    for (size_t phase = 0; w && phase < p->up; phase++) {
        double frac = f->scale * ((double)(phase * p->down % p->up) / (double)p->up);
        memset(w, 0, p->taps * sizeof *w);
        wing_weights(f, frac, w + f->wing - 1, -1);
        wing_weights(f, f->scale - frac, w + f->wing, 1);
        for (size_t j = 0; j < p->taps; j++) p->weight[phase * p->taps + j] = (float)w[j];
    }
    base_free(f->c, w);
    return w != NULL;
}

static bool make_kaiser(io_fir *f, double from, double to) {
    size_t up = 0, down = 0, weights;
    f->at_zero = num_bessel_i0(f->k.beta);
    f->step = (size_t)(f->scale * (double)f->k.precision);
    if (f->step == 0) {
        sori_fail(f->c, SORI_EINVAL, "resample: %g Hz to %g Hz: a Kaiser filter reaches down to 1/%zu of the rate",
                  from, to, f->k.precision);
        return false;
    }
    f->wing = (f->k.zeros * f->k.precision + 1) / f->step;
    bool small = ratio_of(from, to, &up, &down) && down <= MOST_DOWN
              && !base_mul_overflows(up, 2 * f->wing, &weights) && weights <= MOST_WEIGHTS;
    if (!small) return fill_table(f);
    if (weights > f->k.zeros * f->k.precision && !fill_table(f)) return false;
    f->p = num_polyphase_new(f->c, up, down, 2 * f->wing, 1 - (int64_t)f->wing);
    return f->p && fill_kaiser_phases(f);
}

/* scipy.signal.resample_poly: firwin(20 max + 1, 1 / max, ('kaiser', 5.0)), in the middle of the output. The weight
 * of input x[n - i] at phase fraction q is h[half + q + i up]. */
static bool make_poly(io_fir *f, double from, double to) {
    size_t up = 0, down = 0, weights;
    bool whole = ratio_of(from, to, &up, &down);
    size_t most = BASE_MAX(up, down), half = 10 * most;
    size_t wing = whole ? half / up + 1 : 0;
    if (!whole || down > MOST_DOWN || base_mul_overflows(up, 2 * wing, &weights) || weights > MOST_WEIGHTS) {
        sori_fail(f->c, SORI_EINVAL, "resample: polyphase needs whole rates in a small ratio, not %g Hz to %g Hz", from,
                  to);
        return false;
    }
    double *h = base_alloc(f->c, 2 * half + 1, sizeof *h), sum = 0;
    f->p = h ? num_polyphase_new(f->c, up, down, 2 * wing, 1 - (int64_t)wing) : NULL;
    for (size_t i = 0; f->p && i <= 2 * half; i++) {
        double t = M_PI * ((double)i - (double)half) / (double)most, r = (double)i / (double)half - 1;
        h[i] = (i == half ? 1 : sin(t) / t) * num_bessel_i0(5 * sqrt(fmax(0, 1 - r * r)));
        sum += h[i];
    }
    for (size_t phase = 0; f->p && phase < up; phase++)
        for (size_t j = 0; j < 2 * wing; j++) {
            int64_t at = (int64_t)(half + phase * down % up) + ((int64_t)wing - 1 - (int64_t)j) * (int64_t)up;
            if (at >= 0 && at <= (int64_t)(2 * half))
                f->p->weight[phase * 2 * wing + j] = (float)((double)(float)(h[at] / sum) * (double)up);
        }
    base_free(f->c, h);
    return f->p != NULL;
}

io_fir *io_fir_new(sori_ctx *c, double from, double to, sori_res_type type) {
    io_fir *f = base_alloc(c, 1, sizeof *f);
    if (!f) return NULL;
    f->c = c;
    f->k = type == SORI_RES_KAISER_FAST ? fast : best;
    f->ratio = to / from;
    f->scale = BASE_MIN(1, f->ratio);
    if (type == SORI_RES_POLYPHASE ? make_poly(f, from, to) : make_kaiser(f, from, to)) return f;
    io_fir_free(f);
    return NULL;
}

void io_fir_free(io_fir *f) {
    if (!f) return;
    num_polyphase_free(f->c, f->p);
    base_free(f->c, f->table);
    base_free(f->c, f);
}

/* --- blocks ------------------------------------------------------------------------------------------------------ */

size_t io_fir_outputs(const io_fir *f) { return f->p ? f->p->outputs : DIRECT; }

size_t io_fir_inputs(const io_fir *f) {
    return f->p ? f->p->inputs : (size_t)ceil(DIRECT / f->ratio) + 2 * f->wing + 2;
}

/* As resampy: the output's number times the rounded quotient. */
static double place_of(const io_fir *f, size_t t) { return (double)t * (1 / f->ratio); }

int64_t io_fir_from(const io_fir *f, size_t block) {
    return f->p ? num_polyphase_from(f->p, block) : (int64_t)place_of(f, block * DIRECT) - (int64_t)f->wing;
}

size_t io_fir_scratch(const io_fir *f) { return f->p ? f->p->scratch : 2 * f->wing * sizeof(double); }

static void direct_block(const io_fir *f, const float *x, int64_t start, size_t held, size_t block, float *y,
                         double *w) {
    for (size_t i = 0; i < DIRECT; i++) {
        double place = place_of(f, block * DIRECT + i), frac = f->scale * (place - floor(place)), sum = 0;
        int64_t n = (int64_t)place;
        size_t left = wing_weights(f, frac, w + f->wing - 1, -1);
        size_t right = wing_weights(f, f->scale - frac, w + f->wing, 1);
        int64_t low = BASE_MAX(n + 1 - (int64_t)left, start);
        int64_t high = BASE_MIN(n + 1 + (int64_t)right, start + (int64_t)held);
        for (int64_t j = low; j < high; j++) sum += w[(size_t)(j - n) + f->wing - 1] * (double)x[j - start];
        y[i] = (float)sum;
    }
}

void io_fir_block(const io_fir *f, const float *x, int64_t start, size_t held, size_t block, float *y, void *scratch) {
    if (f->p) num_polyphase_block(f->p, x, start, held, block, y, scratch);
    else direct_block(f, x, start, held, block, y, scratch);
}
