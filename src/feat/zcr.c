/* zcr.c - zero crossings: the share of a frame's samples whose sign differs from the sample before.
 *
 * Samples within the threshold count as zero, and zero as positive (or as a third sign). Centred frames are padded
 * with the edge value, so padding adds no crossings. Frames that overlap by whole hops share the counts of those.
 * librosa.feature.zero_crossing_rate, librosa.zero_crossings. */
#include "feat/feat.h"
#include <math.h>
#include <string.h>

typedef struct crossings {
    float threshold;
    bool zero_apart, pad;
} crossings;

static bool take_threshold(sori_ctx *c, const char *who, sori_opt option, double ref_magnitude, crossings *s) {
    double threshold = feat_option(option, 1e-10, 0);
    if (ref_magnitude != 0) threshold *= ref_magnitude;
    s->threshold = (float)threshold;
    if (threshold >= 0 && isfinite(threshold)) return true;
    sori_fail(c, SORI_EINVAL, "%s: threshold %g is below 0", who, threshold);
    return false;
}

static bool zcr_open(sori_ctx *c, feat_use *u, const feat_input *in, const sori_zcr_config *g) {
    crossings *s = u->state = base_alloc(c, 1, sizeof *s);
    if (!s || !take_threshold(c, in->who, g->threshold, g->ref_magnitude, s)) return false;
    s->zero_apart = g->zero_apart;
    s->pad = g->pad;
    u->scratch = 2 * (NUM_LANES + feat_hops(in->n_fft, in->hop)) * sizeof(int32_t);
    u->domain = FEAT_SAMPLES;
    u->pad = SORI_PAD_EDGE;
    u->rows = 1;
    return true;
}

static bool zcr_by_name(sori_ctx *c, feat_use *u, const feat_input *in, const sori_feature_config *config) {
    (void)config;
    return zcr_open(c, u, in, &(sori_zcr_config){ 0 });
}

/* Sign changes among n samples: negative or not; or negative, zero, positive. */
static int32_t count(const float *x, size_t n, const crossings *s) {
    float t = s->threshold;
    int32_t sum = 0;
    if (!s->zero_apart)
        for (size_t i = 1; i < n; i++) sum += (x[i] < -t) != (x[i - 1] < -t);
    else
        for (size_t i = 1; i < n; i++)
            sum += ((x[i] < -t) != (x[i - 1] < -t)) | ((x[i] > t) != (x[i - 1] > t));
    return sum;
}

/* A frame's crossings are those inside its parts, and those from part to part. */
static void zcr_block(const feat_use *u, const feat_block *b, void *scratch, float *out, size_t stride) {
    const crossings *s = u->state;
    size_t parts = feat_hops(b->n_fft, b->hop), length = b->n_fft / parts, n = b->frames + parts - 1;
    int32_t *inside = scratch, *between = inside + NUM_LANES + parts;   /* between[i]: from part i - 1 to part i */
    (void)stride;
    for (size_t i = 0; i < n; i++) {
        inside[i] = count(b->y + i * b->hop, length, s);
        between[i] = i > 0 && parts > 1 ? count(b->y + i * b->hop - 1, 2, s) : 0;
    }
    for (size_t m = 0; m < b->frames; m++) {
        int32_t sum = s->pad + inside[m];
        for (size_t i = 1; i < parts; i++) sum += inside[m + i] + between[m + i];
        out[m] = (float)(sum / (double)b->n_fft);
    }
}

const feat_op feat_op_zcr = {
    .info = { "zcr", "librosa.feature.zero_crossing_rate", "sign changes a sample", "" },
    .open = zcr_by_name, .block = zcr_block,
};

sori_array *sori_zero_crossing_rate(sori_ctx *c, sori_audio y, const sori_zcr_config *config) {
    sori_zcr_config g = config ? *config : (sori_zcr_config){ 0 };
    feat_input in;
    feat_use u = { .op = &feat_op_zcr };
    if (feat_input_frames(c, &in, "zero_crossing_rate", y, g.frame_length, g.hop_length, g.uncentered, SORI_PAD_EDGE))
        zcr_open(c, &u, &in, &g);
    return feat_run(c, &in, &u);
}

/* --- the crossings themselves ------------------------------------------------------------------------------------- */

typedef struct marks {
    feat_lines lines;
    crossings s;
    const float *y;
    uint8_t *out;
} marks;

/* One outer part: value t of each line against value t - 1. */
static void mark(void *arg, size_t o) {
    const marks *j = arg;
    size_t inner = j->lines.inner, at = o * j->lines.n * inner;
    const float *x = j->y + at, *before = x;
    uint8_t *out = j->out + at;
    float t = j->s.threshold;
    memset(out, j->s.pad, inner);
    if (!j->s.zero_apart)
        for (size_t i = inner; i < j->lines.n * inner; i++) out[i] = (x[i] < -t) != (before[i - inner] < -t);
    else
        for (size_t i = inner; i < j->lines.n * inner; i++)
            out[i] = ((x[i] < -t) != (before[i - inner] < -t)) | ((x[i] > t) != (before[i - inner] > t));
}

sori_array *sori_zero_crossings(sori_ctx *c, const sori_array *y, const sori_crossings_config *config) {
    static const sori_crossings_config defaults;
    static const char who[] = "zero_crossings";
    marks j;
    if (!config) config = &defaults;
    if (base_failed(c) || !array_check(c, who, y, SORI_F32, 1)) return NULL;
    if (!feat_lines_open(c, who, y, config->axis, -1, &j.lines)) return NULL;
    if (!take_threshold(c, who, config->threshold, config->ref_magnitude, &j.s)) return NULL;
    if (!feat_check_finite(c, who, y->data, y->size)) return NULL;
    sori_array *out = array_new_raw(c, SORI_U8, y->ndim, y->shape);
    if (!out || y->size == 0) return out;
    j.s.zero_apart = config->zero_apart;
    j.s.pad = !config->unpadded;
    j.y = y->data;
    j.out = out->data;
    base_parallel(c, j.lines.outer, mark, &j);
    return out;
}
