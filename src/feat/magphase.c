/* magphase.c - a complex spectrum as magnitude times phase.   librosa.magphase */
#include "feat/feat.h"
#include <math.h>
#include <sori/phase.h>

#define PIECE ((size_t)1 << 16)   /* values a thread takes */

typedef struct job {
    const float *z;
    float *magnitude, *phase;
    size_t n;
    double power;
} job;

/* In double: squares of floats neither overflow nor vanish. */
static void split_piece(void *arg, size_t piece) {
    const job *j = arg;
    for (size_t i = piece * PIECE; i < BASE_MIN((piece + 1) * PIECE, j->n); i++) {
        double re = (double)j->z[2 * i], im = (double)j->z[2 * i + 1], size = sqrt(re * re + im * im);
        double scale = size > 0 ? 1 / size : 0;
        j->phase[2 * i] = size > 0 ? (float)(re * scale) : 1;
        j->phase[2 * i + 1] = (float)(im * scale);
        j->magnitude[i] = (float)(j->power == 1 ? size : pow(size, j->power));
    }
}

sori_magphase_result sori_magphase(sori_ctx *c, const sori_array *D, double power) {
    sori_magphase_result out = { NULL, NULL };
    if (!array_check(c, "magphase", D, SORI_C64, 0)) return out;
    if (!isfinite(power)) {
        sori_fail(c, SORI_EINVAL, "magphase: power %g is not finite", power);
        return out;
    }
    int scope = sori_begin(c);
    out.magnitude = array_new_raw(c, SORI_F32, D->ndim, D->shape);
    out.phase = array_new_raw(c, SORI_C64, D->ndim, D->shape);
    if (base_failed(c)) out = (sori_magphase_result){ NULL, NULL };
    else {
        job j = { D->data, out.magnitude->data, out.phase->data, D->size, power != 0 ? power : 1 };
        base_parallel(c, (D->size + PIECE - 1) / PIECE, split_piece, &j);
        sori_keep(c, out.magnitude);
        sori_keep(c, out.phase);
    }
    sori_end(c, scope, NULL);
    return out;
}
