/* compile.c - choose loss and optimiser, with Keras's defaults. */
#include "nn/dnn.h"

static bool fill_optimizer(sori_ctx *c, sori_optimizer *o) {
    bool sgd = o->kind == SORI_SGD;
    if (o->kind < SORI_SGD || o->kind > SORI_ADAMW)
        sori_fail(c, SORI_EINVAL, "compile: unknown optimizer %d", o->kind);
    if (o->learning_rate == 0) o->learning_rate = sgd ? 0.01 : 0.001;
    if (o->beta_1 == 0) o->beta_1 = 0.9;
    if (o->beta_2 == 0) o->beta_2 = 0.999;
    if (o->epsilon == 0) o->epsilon = 1e-7;
    if (o->weight_decay == 0) o->weight_decay = 0.004;
    if (!(o->learning_rate > 0 && o->learning_rate < 1e6))
        sori_fail(c, SORI_EINVAL, "compile: learning_rate %g must be above 0", o->learning_rate);
    if (!(o->momentum >= 0 && o->momentum < 1))
        sori_fail(c, SORI_EINVAL, "compile: momentum %g is outside 0..1", o->momentum);
    if (!(o->beta_1 >= 0 && o->beta_1 < 1 && o->beta_2 >= 0 && o->beta_2 < 1))
        sori_fail(c, SORI_EINVAL, "compile: beta_1 %g or beta_2 %g is outside 0..1", o->beta_1, o->beta_2);
    if (o->nesterov && o->momentum == 0) sori_fail(c, SORI_EINVAL, "compile: nesterov needs a momentum above 0");
    return !base_failed(c);
}

static bool check_loss(sori_model *m, const sori_compile_config *config) {
    sori_act last = m->nodes[m->n_nodes - 1].layer.act;
    if (config->loss < SORI_MSE || config->loss > SORI_MULTI_RES_STFT)
        sori_fail(m->c, SORI_EINVAL, "compile: unknown loss %d", (int)config->loss);
    if (config->loss == SORI_CATEGORICAL_CROSSENTROPY && last != SORI_SOFTMAX)
        sori_fail(m->c, SORI_EINVAL, "compile: categorical cross-entropy needs a softmax as the last activation");
    if (config->loss == SORI_CATEGORICAL_CROSSENTROPY && m->nodes[m->n_nodes - 1].y.ndim != 1)
        sori_fail(m->c, SORI_EINVAL, "compile: categorical cross-entropy needs an output of one axis, the classes");
    if (config->loss == SORI_BINARY_CROSSENTROPY && last != SORI_SIGMOID)
        sori_fail(m->c, SORI_EINVAL, "compile: binary cross-entropy needs a sigmoid as the last activation");
    if (nn_loss_of_waves(config->loss) && m->nodes[m->n_nodes - 1].y.ndim > 2)
        sori_fail(m->c, SORI_EINVAL, "compile: a loss of waveforms needs [samples] or [samples, channels], got %d axes",
                  m->nodes[m->n_nodes - 1].y.ndim);
    if (!(config->label_smoothing >= 0 && config->label_smoothing < 1))
        sori_fail(m->c, SORI_EINVAL, "compile: label_smoothing %g is outside 0..1", config->label_smoothing);
    return !base_failed(m->c);
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
    if (base_failed(c) || !fill_optimizer(c, &k.optimizer) || !check_loss(m, &k) || !check_engine(c, &k))
        return sori_error(c);
    m->config.loss = SORI_MSE;   /* until all that the new one needs is there */
    if (!nn_set_precision(m, k.exact) || !set_loss(m, k.loss)) return sori_error(c);
    bool moments = k.optimizer.kind != SORI_SGD;
    base_free(c, m->m);
    base_free(c, m->v);
    m->m = m->v = NULL;
    if (moments || k.optimizer.momentum > 0) m->m = base_alloc(c, m->param_count, m->k->real_size);
    if (moments) m->v = base_alloc(c, m->param_count, m->k->real_size);
    if (base_failed(c)) return sori_error(c);
    m->packs |= k.bf16 || k.engine == SORI_ENGINE_ONEDNN;
    m->config = k;
    m->fused_loss = k.loss == SORI_CATEGORICAL_CROSSENTROPY || k.loss == SORI_BINARY_CROSSENTROPY;
    m->step = 0;
    m->compiled = true;
    return SORI_OK;
}
