/* pitch.c - time, pitch and speed.   librosa.effects.time_stretch, pitch_shift; SoX's speed
 *
 * To shift pitch by a factor the sound is stretched by it, pitch kept, then resampled back to its length, which takes
 * the pitch along. Speed is the resampling alone. */
#include "array/array.h"
#include "feat/feat.h"
#include "fx/fx.h"
#include <math.h>

sori_audio sori_time_stretch(sori_ctx *c, sori_audio y, double rate, const sori_stft_config *config) {
    return feat_time_stretch(c, "time_stretch", y, rate, config);
}

static bool check_shift(sori_ctx *c, double n_steps, int bins_per_octave) {
    if (base_failed(c)) return false;
    if (!isfinite(n_steps)) sori_fail(c, SORI_EINVAL, "pitch_shift: n_steps %g is not finite", n_steps);
    else if (bins_per_octave < 1)
        sori_fail(c, SORI_EINVAL, "pitch_shift: bins_per_octave %d is below 1", bins_per_octave);
    return !base_failed(c);
}

sori_audio sori_pitch_shift(sori_ctx *c, sori_audio y, double n_steps, const sori_pitch_shift_config *config) {
    static const sori_pitch_shift_config defaults;
    const sori_pitch_shift_config *g = config ? config : &defaults;
    int octave = g->bins_per_octave ? g->bins_per_octave : 12;
    double sr = y.sr != 0 ? y.sr : 22050, rate = pow(2, -n_steps / octave);
    const sori_resample_config resample = { .res_type = g->res_type, .scale = g->scale };
    sori_audio out = { NULL, y.sr };
    if (!check_shift(c, n_steps, octave)) return out;
    int scope = sori_begin(c);
    sori_audio longer = feat_time_stretch(c, "pitch_shift", y, rate, &g->stft);
    longer.sr = sr / rate;
    sori_audio back = longer.y ? sori_resample(c, longer, sr, &resample) : longer;
    if (back.y) out.y = sori_fix_length(c, back.y, y.y->shape[y.y->ndim - 1], NULL);
    sori_end(c, scope, out.y);
    return out;
}

sori_audio sori_speed(sori_ctx *c, sori_audio y, double factor, sori_res_type res_type) {
    const sori_resample_config resample = { .res_type = res_type };
    double sr = y.sr != 0 ? y.sr : 22050;
    sori_audio out = { NULL, y.sr };
    if (base_failed(c)) return out;
    if (!(factor > 0 && isfinite(factor))) {
        sori_fail(c, SORI_EINVAL, "speed: factor %g is not above 0", factor);
        return out;
    }
    if (array_check(c, "speed", y.y, SORI_F32, 1) && feat_check_finite(c, "speed", y.y->data, y.y->size))
        out.y = sori_resample(c, (sori_audio){ y.y, sr * factor }, sr, &resample).y;
    return out;
}
