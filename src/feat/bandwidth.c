/* bandwidth.c - the spread of the spectrum around its centroid: (sum of S |f - centroid|^p)^(1/p), in Hz for p = 2,
 * with S first divided by its sum (unless unnormalized). librosa.feature.spectral_bandwidth. */
#include "feat/shape.h"
#include <math.h>

typedef struct bandwidth {
    double *hz;                /* [bins] */
    const sori_array *centre;  /* [channels * frames], or NULL: computed */
    size_t frames;             /* of a channel */
    double p;
    bool normalized;
} bandwidth;

static void bandwidth_close(sori_ctx *c, feat_use *u) {
    base_free(c, ((bandwidth *)u->state)->hz);
    base_free(c, u->state);
}

static bool check(sori_ctx *c, const feat_input *in, const sori_spectral_config *g) {
    const sori_array *a = g->centroid;
    if (g->p != 0 && !(g->p > 0 && isfinite(g->p)))
        sori_fail(c, SORI_EINVAL, "%s: p %g is not above 0", in->who, g->p);
    else if (a && (!array_is_real(a) || a->size != in->channels * in->frames))
        sori_fail(c, SORI_EINVAL, "%s: centroid must be %zu real numbers, one a frame", in->who,
                  in->channels * in->frames);
    return !base_failed(c);
}

static bool bandwidth_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_spectral_config *g) {
    if (!check(c, in, g)) return false;
    bandwidth *s = base_alloc(c, 1, sizeof *s);
    if (!s) return false;
    *s = (bandwidth){ feat_bin_hz(c, in, g->freq), g->centroid, in->frames, g->p > 0 ? g->p : 2, !g->unnormalized };
    u->state = s;
    u->power = 1;
    u->rows = 1;
    return s->hz != NULL;
}

static bool bandwidth_by_name(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *config) {
    (void)config;
    return bandwidth_open(c, u, in, &(sori_spectral_config){ 0 });
}

/* The centroids the caller gave for this block. */
static void given_centre(const bandwidth *s, const feat_block *b, double centre[NUM_LANES]) {
    for (size_t m = 0; m < b->frames; m++) {
        size_t i = b->channel * s->frames + b->first + m;
        centre[m] = array_get(s->centre, i);
    }
}

static void bandwidth_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const bandwidth *s = u->state;
    double sum[NUM_LANES], centre[NUM_LANES], spread[NUM_LANES] = { 0 }, row[NUM_LANES];
    (void)scratch, (void)stride;
    feat_moments(b, s->hz, sum, centre);
    if (s->centre) given_centre(s, b, centre);
    for (size_t k = 0; k < b->bins; k++) {
        feat_row(b, k, row);
        for (int m = 0; m < NUM_LANES; m++) {
            double d = fabs(s->hz[k] - centre[m]);
            spread[m] += row[m] * (s->p == 2 ? d * d : pow(d, s->p));
        }
    }
    for (size_t m = 0; m < b->frames; m++)
        out[m] = (float)pow(spread[m] / (s->normalized ? sum[m] : 1), 1 / s->p);
}

const feat_op feat_op_bandwidth = {
    .info = { "bandwidth", "librosa.feature.spectral_bandwidth", "spread of the spectrum around its centroid", "Hz" },
    .open = bandwidth_by_name, .block = bandwidth_block, .close = bandwidth_close,
};

sori_array *sori_spectral_bandwidth(sori_ctx *c, sori_audio y, const sori_spectral_config *config) {
    sori_spectral_config g = feat_shape_config(config);
    feat_input in;
    feat_use u = { .op = &feat_op_bandwidth };
    if (feat_shape_input(c, &in, "spectral_bandwidth", y, &g)) bandwidth_open(c, &u, &in, &g);
    return feat_run(c, &in, &u);
}
