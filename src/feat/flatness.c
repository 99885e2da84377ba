/* flatness.c - geometric over arithmetic mean of max(amin, S^power): near 1 for noise, near 0 for a tone.
 *
 * One logarithm for the product of four bins: bins are kept within 1e-75 .. 1e75, far outside float's range, so that
 * four of them neither vanish nor overflow in double. librosa.feature.spectral_flatness; Dubnov, "Generalization of
 * spectral flatness measure for non-Gaussian linear processes", IEEE Signal Processing Letters 11 (2004). */
#include "feat/shape.h"
#include <math.h>

#define TINY 1e-75
#define HUGE 1e75

typedef struct flatness {
    double amin;
    double power;    /* still to be taken: 1 for sound, whose S comes as |X|^power */
} flatness;

static bool flatness_open(sori_ctx *c, feat_use *u, const feat_input *in, double amin, double power) {
    if (!(amin >= 0 && isfinite(amin) && isfinite(power))) {
        sori_fail(c, SORI_EINVAL, "%s: amin %g is not above 0, or power %g is not finite", in->who, amin, power);
        return false;
    }
    flatness *s = base_alloc(c, 1, sizeof *s);
    if (!s) return false;
    if (power == 0) power = 2;
    *s = (flatness){ amin > 0 ? amin : 1e-10, in->S ? power : 1 };
    u->state = s;
    u->power = in->S ? 1 : power;
    u->rows = 1;
    return true;
}

static bool flatness_by_name(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *config) {
    (void)config;
    return flatness_open(c, u, in, 0, 0);
}

/* Row k as max(amin, S^power). Comparisons, not fmin and fmax: the compiler has vectors for those. */
static void values(const flatness *s, const feat_block *b, size_t k, double row[NUM_LANES]) {
    double least = s->amin > TINY ? s->amin : TINY;
    feat_row(b, k, row);
    if (s->power == 2)
        for (int m = 0; m < NUM_LANES; m++) row[m] *= row[m];
    else if (s->power != 1)
        for (int m = 0; m < NUM_LANES; m++) row[m] = pow(row[m], s->power);
    for (int m = 0; m < NUM_LANES; m++) {
        double v = row[m] > least ? row[m] : least;
        row[m] = v < HUGE ? v : HUGE;
    }
}

static void flatness_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    double row[NUM_LANES], product[NUM_LANES], logs[NUM_LANES] = { 0 }, sum[NUM_LANES] = { 0 };
    (void)scratch, (void)stride;
    for (int m = 0; m < NUM_LANES; m++) product[m] = 1;
    for (size_t k = 0; k < b->bins; k++) {
        values(u->state, b, k, row);
        for (int m = 0; m < NUM_LANES; m++) {
            sum[m] += row[m];
            product[m] *= row[m];
        }
        if (k % 4 != 3 && k + 1 < b->bins) continue;
        for (int m = 0; m < NUM_LANES; m++) {
            logs[m] += log(product[m]);
            product[m] = 1;
        }
    }
    double n = (double)b->bins;
    for (size_t m = 0; m < b->frames; m++) out[m] = (float)(exp(logs[m] / n) / (sum[m] / n));
}

const feat_op feat_op_flatness = {
    .info = { "flatness", "librosa.feature.spectral_flatness", "how noise-like the spectrum is, 0 to 1", "" },
    .open = flatness_by_name, .block = flatness_block,
};

sori_array *sori_spectral_flatness(sori_ctx *c, sori_audio y, const sori_spectral_config *config) {
    sori_spectral_config g = feat_shape_config(config);
    feat_input in;
    feat_use u = { .op = &feat_op_flatness };
    if (feat_shape_input(c, &in, "spectral_flatness", y, &g)) flatness_open(c, &u, &in, g.amin, g.power);
    return feat_run(c, &in, &u);
}
