/* humanise.c - small deviations, as people play: of onset, loudness and tuning.
 *
 * Draws are addressed by the note's number, so that parts of a piece, in any order, are what they are in the whole. */
#include "feat/feat.h"
#include "synth/synth.h"
#include <math.h>
#include <sori/score.h>

/* Normal, of that deviation, cut at three times it: a slip is not a style. */
static double deviate(base_rng *r, double deviation) {
    return deviation * fmax(-3, fmin(base_rng_normal(r), 3));
}

sori_status sori_humanise(sori_ctx *c, sori_score_note *notes, size_t n, const sori_humanise_config *config) {
    sori_humanise_config k = config ? *config : (sori_humanise_config){ 0 };
    double onset_s = feat_option(k.onset_s, 0.01, 0), cents = feat_option(k.cents, 4, 0);
    double velocity = feat_option(k.velocity, 6, 0);
    if (base_failed(c)) return sori_error(c);
    if (!(onset_s >= 0 && onset_s <= 10) || !(velocity >= 0 && velocity <= 127) || !(cents >= 0 && cents <= 400))
        return sori_fail(c, SORI_EINVAL, "synth: deviations of %g s, velocity %g, %g cents are not within 0 and 10, "
                         "127, 400", onset_s, velocity, cents);
    if (!notes && n) return sori_fail(c, SORI_EINVAL, "synth: no notes to humanise");
    for (size_t i = 0; i < n; i++) {
        sori_score_note *note = &notes[i];
        base_rng r = base_rng_new(k.seed, BASE_RNG_SYNTH, SYNTH_DRAW_PLAYER, k.first + (uint32_t)i);
        double later = deviate(&r, onset_s), louder = deviate(&r, velocity), higher = deviate(&r, cents);
        note->onset_s = fmax(0, note->onset_s + later);
        if (note->velocity) note->velocity = (int)fmax(1, fmin(rint(note->velocity + louder), 127));
        note->cents += higher;
    }
    return SORI_OK;
}
