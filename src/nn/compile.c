/* compile.c - choose loss and optimiser, with Keras's defaults. */
#include "nn/dnn.h"
#include <math.h>

static void fill_optimizer(sori_optimizer *o) {
    if (o->learning_rate == 0) o->learning_rate = o->kind == SORI_SGD ? 0.01 : 0.001;
    if (o->beta_1 == 0) o->beta_1 = 0.9;
    if (o->beta_2 == 0) o->beta_2 = 0.999;
    if (o->rho == 0) o->rho = 0.9;
    if (o->epsilon == 0) o->epsilon = 1e-7;
    if (o->weight_decay == 0 && o->kind == SORI_ADAMW) o->weight_decay = 0.004;
    if (o->gradient_accumulation_steps == 0) o->gradient_accumulation_steps = 1;
    if (o->ema_momentum == 0) o->ema_momentum = 0.99;
}

static bool below_one(sori_ctx *c, const char *name, double v) {
    if (!(v >= 0 && v < 1)) sori_fail(c, SORI_EINVAL, "compile: %s %g is outside 0..1", name, v);
    return !base_failed(c);
}

static bool not_negative(sori_ctx *c, const char *name, double v) {
    if (!(v >= 0 && v < INFINITY)) sori_fail(c, SORI_EINVAL, "compile: %s %g must be above 0", name, v);
    return !base_failed(c);
}

static bool check_optimizer(sori_ctx *c, const sori_optimizer *o) {
    if (o->kind < SORI_SGD || o->kind > SORI_RMSPROP)
        sori_fail(c, SORI_EINVAL, "compile: unknown optimizer %d", (int)o->kind);
    if (!(o->learning_rate > 0 && o->learning_rate < 1e6))
        sori_fail(c, SORI_EINVAL, "compile: learning_rate %g must be above 0", o->learning_rate);
    below_one(c, "momentum", o->momentum);
    below_one(c, "beta_1", o->beta_1);
    below_one(c, "beta_2", o->beta_2);
    below_one(c, "rho", o->rho);
    below_one(c, "ema_momentum", o->ema_momentum);
    not_negative(c, "epsilon", o->epsilon);
    not_negative(c, "weight_decay", o->weight_decay);
    not_negative(c, "clipnorm", o->clipnorm);
    not_negative(c, "global_clipnorm", o->global_clipnorm);
    not_negative(c, "clipvalue", o->clipvalue);
    if (o->nesterov && o->momentum == 0) sori_fail(c, SORI_EINVAL, "compile: nesterov needs a momentum above 0");
    if ((o->clipnorm > 0) + (o->global_clipnorm > 0) + (o->clipvalue > 0) > 1)
        sori_fail(c, SORI_EINVAL, "compile: only one of clipnorm, global_clipnorm and clipvalue may be set");
    if (o->gradient_accumulation_steps < 1)
        sori_fail(c, SORI_EINVAL, "compile: gradient_accumulation_steps %d is negative",
                  o->gradient_accumulation_steps);
    return !base_failed(c);
}

static bool check_loss(sori_model *m, const sori_compile_config *config) {
    sori_act last = m->nodes[m->n_nodes - 1].layer.act;
    if (config->loss < SORI_MSE || config->loss >= SORI_LOSS_COUNT)
        sori_fail(m->c, SORI_EINVAL, "compile: unknown loss %d", (int)config->loss);
    if (config->loss == SORI_CATEGORICAL_CROSSENTROPY && last != SORI_SOFTMAX)
        sori_fail(m->c, SORI_EINVAL, "compile: categorical cross-entropy needs a softmax as the last activation");
    if (config->loss == SORI_BINARY_CROSSENTROPY && last != SORI_SIGMOID)
        sori_fail(m->c, SORI_EINVAL, "compile: binary cross-entropy needs a sigmoid as the last activation");
    if (nn_loss_of_waves(config->loss) && m->nodes[m->n_nodes - 1].y.ndim > 2)
        sori_fail(m->c, SORI_EINVAL, "compile: a loss of waveforms needs [samples] or [samples, channels], got %d axes",
                  m->nodes[m->n_nodes - 1].y.ndim);
    bool smooths = config->loss == SORI_CATEGORICAL_CROSSENTROPY || config->loss == SORI_BINARY_CROSSENTROPY;
    below_one(m->c, "label_smoothing", config->label_smoothing);
    if (config->label_smoothing != 0 && !smooths)
        sori_fail(m->c, SORI_EINVAL, "compile: label_smoothing %g is for cross-entropies only",
                  config->label_smoothing);
    return not_negative(m->c, "delta", config->delta);
}

static bool check_engine(sori_ctx *c, const sori_compile_config *config) {
    if (config->engine < SORI_ENGINE_AUTO || config->engine > SORI_ENGINE_ONEDNN)
        sori_fail(c, SORI_EINVAL, "compile: unknown engine %d", (int)config->engine);
    else if (config->engine == SORI_ENGINE_ONEDNN && !nn_fast_built())
        sori_fail(c, SORI_EUNSUP, "compile: sori was not built with oneDNN");
    return !base_failed(c);
}

/* The loss's tables, in the precision at hand; plans have room for its scratch, so they are made again. */
static bool set_loss(sori_model *m, sori_loss loss) {
    const nn_shape *y = &m->nodes[m->n_nodes - 1].y;
    m->k->loss_close(m->c, m->loss_tables);
    m->loss_tables = NULL;
    nn_plan_free(m->train_plan);
    nn_plan_free(m->infer_plan);
    m->train_plan = m->infer_plan = NULL;
    return m->k->loss_open(m->c, loss, y->size / nn_channels(y), &m->loss_tables, &m->loss_work);
}

sori_status sori_compile(sori_model *m, const sori_compile_config *config) {
    static const sori_compile_config defaults;
    if (!m) return SORI_EINVAL;
    sori_ctx *c = m->c;
    sori_compile_config k = config ? *config : defaults;
    fill_optimizer(&k.optimizer);
    if (k.delta == 0) k.delta = 1;
    if (base_failed(c) || !check_optimizer(c, &k.optimizer) || !check_loss(m, &k) || !check_engine(c, &k))
        return sori_error(c);
    m->config.loss = SORI_MSE;   /* until all that the new one needs is there */
    m->compiled = false;
    if (!nn_set_precision(m, k.exact) || !set_loss(m, k.loss)) return sori_error(c);
    m->packs |= k.bf16 || k.engine == SORI_ENGINE_ONEDNN;
    m->config = k;
    if (!nn_optimizer_new(m)) return sori_error(c);
    m->fused_loss = k.loss == SORI_CATEGORICAL_CROSSENTROPY || k.loss == SORI_BINARY_CROSSENTROPY;
    m->step = 0;
    m->compiled = true;
    return SORI_OK;
}
