/* schedule.c - the learning rate of every batch, and with one-cycle the momentum's.
 *
 * t counts batches from 0, T is how many the whole run has, both after the warm-up; e = t / (batches an epoch).
 *
 *   constant      rate
 *   cosine        rate ((1 - alpha) (1 + cos(pi t / T)) / 2 + alpha)     Loshchilov & Hutter, SGDR, 2017
 *   step          rate decay_rate^floor(e / decay_epochs)
 *   exponential   rate decay_rate^(e / decay_epochs)
 *   one-cycle     half a cosine up from rate / div_factor to rate, then one down to rate / div_factor /
 *                 final_div_factor; momentum from max_momentum down to base_momentum and up again
 *                 Smith & Topin, Super-convergence, 2018; torch's form
 *   warm-up       batch 0, 1, ... of W: rate (t + 1) / W
 *
 * A rate depends on the batch's number alone, so a resumed run goes on with the right one. */
#include "nn/nn.h"
#include <math.h>

#define PI 3.14159265358979323846

static double or_default(double v, double standard) { return v == 0 ? standard : v; }

static bool at_least(sori_ctx *c, const char *name, double v, double low, double high) {
    if (!(v >= low && v <= high)) sori_fail(c, SORI_EINVAL, "fit: %s %g is outside %g..%g", name, v, low, high);
    return !base_failed(c);
}

bool nn_schedule_check(sori_ctx *c, const sori_fit_config *k) {
    if (k->schedule < SORI_CONSTANT || k->schedule >= SORI_SCHEDULE_COUNT)
        sori_fail(c, SORI_EINVAL, "fit: unknown schedule %d", (int)k->schedule);
    if (k->warmup_epochs < 0) sori_fail(c, SORI_EINVAL, "fit: warmup_epochs %d is negative", k->warmup_epochs);
    if (k->decay_epochs < 0) sori_fail(c, SORI_EINVAL, "fit: decay_epochs %d is negative", k->decay_epochs);
    if (k->schedule == SORI_ONE_CYCLE && k->warmup_epochs > 0)
        sori_fail(c, SORI_EINVAL, "fit: one-cycle has its own warm-up, warmup_epochs %d must be 0", k->warmup_epochs);
    return at_least(c, "alpha", k->alpha, 0, 1) && at_least(c, "decay_rate", k->decay_rate, 0, 1) &&
           at_least(c, "pct_start", k->pct_start, 0, 1) &&
           at_least(c, "div_factor", or_default(k->div_factor, 25), 1, 1e9) &&
           at_least(c, "final_div_factor", or_default(k->final_div_factor, 1e4), 1, 1e9) &&
           at_least(c, "base_momentum", k->base_momentum, 0, 0.9999) &&
           at_least(c, "max_momentum", k->max_momentum, 0, 0.9999);
}

/* From a to b, as half a cosine goes, for part in 0..1. */
static double cosine(double a, double b, double part) { return b + (a - b) / 2 * (1 + cos(PI * part)); }

/* torch.optim.lr_scheduler.OneCycleLR: the top is at batch pct_start T - 1, the end at T - 1. */
static nn_rate one_cycle(const sori_optimizer *o, const sori_fit_config *k, double t, double all) {
    double top = or_default(k->pct_start, 0.3) * all - 1, rate = o->learning_rate;
    double first = rate / or_default(k->div_factor, 25), last = first / or_default(k->final_div_factor, 1e4);
    double low = or_default(k->base_momentum, 0.85), high = or_default(k->max_momentum, 0.95);
    bool has_momentum = o->momentum > 0 || o->kind == SORI_ADAM || o->kind == SORI_ADAMW;
    bool rises = t <= top;
    double length = rises ? top : all - 1 - top, part = length > 0 ? (rises ? t : t - top) / length : 1;
    nn_rate r = { .learning_rate = rises ? cosine(first, rate, part) : cosine(rate, last, part), .momentum = NAN };
    if (has_momentum && !k->fixed_momentum) r.momentum = rises ? cosine(high, low, part) : cosine(low, high, part);
    return r;
}

nn_rate nn_schedule_rate(const sori_optimizer *o, const sori_fit_config *k, double done, double all, double steps) {
    double rate = o->learning_rate, warm = k->warmup_epochs * steps, t = done - warm;
    double decays = t / steps / or_default(k->decay_epochs, 10), decay = or_default(k->decay_rate, 0.1);
    if (t < 0) return (nn_rate){ rate * (done + 1) / warm, NAN };
    switch (k->schedule) {
    case SORI_COSINE: rate = all <= warm ? rate : cosine(rate, rate * k->alpha, t / (all - warm)); break;
    case SORI_STEP: rate *= pow(decay, floor(decays)); break;
    case SORI_EXPONENTIAL: rate *= pow(decay, decays); break;
    case SORI_ONE_CYCLE: return one_cycle(o, k, t, all);
    case SORI_CONSTANT:
    case SORI_SCHEDULE_COUNT: break;
    }
    return (nn_rate){ rate, NAN };
}
