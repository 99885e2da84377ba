/* instantaneous.c - sound as log magnitude and instantaneous frequency, and back.
 *
 * Phases look like noise, but of a steady tone they turn by the same angle from frame to frame. GANSynth therefore
 * learns that turn, over pi: the difference of two phases in -1 .. 1, which is the angle of z[t] conj(z[t-1]), so that
 * nothing need be unwrapped. The first frame's phase stands before it. The way back adds the turns up, in half turns
 * and taken off by whole ones, which is exact in double, and transforms back.
 *
 * Engel et al., "GANSynth: Adversarial neural audio synthesis", ICLR 2019; McAulay and Quatieri, IEEE Trans. ASSP 34,
 * 1986. */
#include "feat/feat.h"
#include <math.h>
#include <sori/phase.h>

#define PI 3.14159265358979323846
#define PIECE 512   /* frames at a time: what is between the steps stays in the first cache */

typedef struct job {
    const num_kernels *k;      /* in double */
    size_t frames;
    double amin;
    float *size, *turn;        /* [rows][frames] */
    float *D;                  /* [rows][frames] pairs */
} job;

/* --- there ---------------------------------------------------------------------------------------------------- */

static void row_to_turns(void *arg, size_t row) {
    const job *j = arg;
    const float *z = j->D + 2 * row * j->frames;
    double re[PIECE], im[PIECE], before_re = 1, before_im = 0;
    for (size_t first = 0; first < j->frames; first += PIECE) {
        size_t n = BASE_MIN(j->frames - first, (size_t)PIECE), at = row * j->frames + first;
        for (size_t t = 0; t < n; t++) {
            double x = (double)z[2 * (first + t)], y = (double)z[2 * (first + t) + 1], size = sqrt(x * x + y * y);
            j->size[at + t] = (float)log(size + j->amin);
            if (size == 0) x = 1;   /* has the phase 0 */
            re[t] = x * before_re + y * before_im;
            im[t] = y * before_re - x * before_im;
            before_re = x;
            before_im = y;
        }
        j->k->atan2(n, im, re, im);
        for (size_t t = 0; t < n; t++) j->turn[at + t] = (float)(im[t] / PI);
    }
}

sori_if_result sori_instantaneous_frequency(sori_ctx *c, sori_audio y, const sori_if_config *config) {
    static const sori_if_config defaults;
    const sori_if_config *g = config ? config : &defaults;
    sori_if_result out = { NULL, NULL };
    double amin = g->amin != 0 ? g->amin : 1e-6;
    if (!base_failed(c) && !(amin > 0 && isfinite(amin)))
        sori_fail(c, SORI_EINVAL, "instantaneous_frequency: amin %g is not above 0", amin);
    int scope = sori_begin(c);
    sori_stft_config settings = g->stft;
    settings.exact = true;   /* or a weak bin would have the phase of a float transform's rounding */
    sori_array *D = sori_stft(c, y, &settings);
    if (D) out.log_magnitude = array_new_raw(c, SORI_F32, D->ndim, D->shape);
    if (D) out.frequency = array_new_raw(c, SORI_F32, D->ndim, D->shape);
    if (base_failed(c)) out = (sori_if_result){ NULL, NULL };
    else {
        job j = { num_kernels_find(NULL, true), D->shape[D->ndim - 1], amin, out.log_magnitude->data,
                  out.frequency->data, D->data };
        base_parallel(c, D->size / j.frames, row_to_turns, &j);
        sori_keep(c, out.log_magnitude);
        sori_keep(c, out.frequency);
    }
    sori_end(c, scope, NULL);
    return out;
}

/* --- and back ------------------------------------------------------------------------------------------------- */

static void row_from_turns(void *arg, size_t row) {
    const job *j = arg;
    double angle[PIECE], sine[PIECE], turns = 0;
    for (size_t first = 0; first < j->frames; first += PIECE) {
        size_t n = BASE_MIN(j->frames - first, (size_t)PIECE), at = row * j->frames + first;
        for (size_t t = 0; t < n; t++) {
            turns += (double)j->turn[at + t];
            turns -= 2 * floor((turns + 1) / 2);
            angle[t] = turns * PI;
        }
        j->k->sincos(n, angle, sine, angle);
        for (size_t t = 0; t < n; t++) {
            double size = fmax(exp((double)j->size[at + t]) - j->amin, 0);
            j->D[2 * (at + t)] = (float)(size * angle[t]);
            j->D[2 * (at + t) + 1] = (float)(size * sine[t]);
        }
    }
}

/* Both given, of one shape, finite. */
static bool check(sori_ctx *c, const sori_array *size, const sori_array *turn, double amin) {
    if (!array_check(c, "if_to_audio", size, SORI_F32, 2) || !array_check(c, "if_to_audio", turn, SORI_F32, 2))
        return false;
    bool same = size->ndim == turn->ndim;
    for (int i = 0; same && i < size->ndim; i++) same = size->shape[i] == turn->shape[i];
    if (!same) sori_fail(c, SORI_EINVAL, "if_to_audio: log_magnitude and frequency are not of one shape");
    else if (!(amin > 0 && isfinite(amin))) sori_fail(c, SORI_EINVAL, "if_to_audio: amin %g is not above 0", amin);
    return !base_failed(c) && feat_check_finite(c, "if_to_audio", size->data, size->size)
        && feat_check_finite(c, "if_to_audio", turn->data, turn->size);
}

sori_audio sori_if_to_audio(sori_ctx *c, const sori_array *log_magnitude, const sori_array *frequency, double sr,
                            const sori_if_config *config) {
    static const sori_if_config defaults;
    const sori_if_config *g = config ? config : &defaults;
    sori_audio out = { NULL, sr };
    double amin = g->amin != 0 ? g->amin : 1e-6;
    if (!check(c, log_magnitude, frequency, amin)) return out;
    int scope = sori_begin(c);
    sori_array *D = array_new_raw(c, SORI_C64, frequency->ndim, frequency->shape);
    if (D && D->size > 0) {
        job j = { num_kernels_find(NULL, true), D->shape[D->ndim - 1], amin, log_magnitude->data, frequency->data,
                  D->data };
        base_parallel(c, D->size / j.frames, row_from_turns, &j);
    }
    if (D) out.y = sori_istft(c, D, sr, &(sori_istft_config){ .stft = g->stft, .length = g->length }).y;
    sori_end(c, scope, out.y);
    return out;
}
