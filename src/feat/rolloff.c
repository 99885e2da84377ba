/* rolloff.c - the frequency below which roll_percent (0.85) of the magnitude lies.
 *
 * The answer is a bin, so rounding decides near ties: running sums are taken in float from bin 0 up and compared with
 * a float threshold, exactly as NumPy does for librosa.feature.spectral_rolloff. */
#include "feat/shape.h"
#include <math.h>

typedef struct rolloff {
    double *hz;      /* [bins] the smallest frequency from each bin on: librosa takes the minimum (bins may be in any
                        order) */
    float share;
} rolloff;

static void rolloff_close(sori_ctx *c, feat_use *u) {
    base_free(c, ((rolloff *)u->state)->hz);
    base_free(c, u->state);
}

static bool rolloff_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_array *freq, double roll_percent) {
    double share = roll_percent != 0 ? roll_percent : 0.85;
    if (!(share > 0 && share < 1)) {
        sori_fail(c, SORI_EINVAL, "%s: roll_percent %g is not between 0 and 1", in->who, share);
        return false;
    }
    rolloff *s = base_alloc(c, 1, sizeof *s);
    if (!s) return false;
    *s = (rolloff){ feat_bin_hz(c, in, freq), (float)share };
    u->state = s;
    u->power = 1;
    u->rows = 1;
    for (size_t k = in->bins; s->hz && --k > 0;) s->hz[k - 1] = fmin(s->hz[k - 1], s->hz[k]);
    return s->hz != NULL;
}

static bool rolloff_by_name(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *config) {
    return rolloff_open(c, u, in, NULL, config->roll_percent);
}

static void rolloff_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const rolloff *s = u->state;
    float total[NUM_LANES] = { 0 }, running[NUM_LANES] = { 0 };
    int32_t below[NUM_LANES] = { 0 };
    double row[NUM_LANES];
    (void)scratch, (void)stride;
    for (size_t k = 0; k < b->bins; k++) {
        feat_row(b, k, row);
        for (int m = 0; m < NUM_LANES; m++) total[m] += (float)row[m];
    }
    for (int m = 0; m < NUM_LANES; m++) total[m] *= s->share;
    for (size_t k = 0; k < b->bins; k++) {
        feat_row(b, k, row);
        for (int m = 0; m < NUM_LANES; m++) {
            running[m] += (float)row[m];
            below[m] += running[m] < total[m];
        }
    }
    for (size_t m = 0; m < b->frames; m++) out[m] = (float)s->hz[below[m]];
}

const feat_op feat_op_rolloff = {
    .info = { "rolloff", "librosa.feature.spectral_rolloff", "frequency below which 85 % of the magnitude lies", "Hz" },
    .open = rolloff_by_name, .block = rolloff_block, .close = rolloff_close,
};

sori_array *sori_spectral_rolloff(sori_ctx *c, sori_audio y, const sori_spectral_config *config) {
    sori_spectral_config g = feat_shape_config(config);
    feat_input in;
    feat_use u = { .op = &feat_op_rolloff };
    if (feat_shape_input(c, &in, "spectral_rolloff", y, &g)) rolloff_open(c, &u, &in, g.freq, g.roll_percent);
    return feat_run(c, &in, &u);
}
