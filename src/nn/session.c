/* session.c - inference in a thread of its own: the model is only read, all that is written belongs to the session. */
#include "nn/nn.h"

struct sori_session {
    sori_ctx *c;
    const sori_model *m;
    nn_plan *plan;
};

sori_session *sori_session_new(sori_ctx *c, const sori_model *m, size_t batch) {
    if (base_failed(c)) return NULL;
    if (!m || !m->w || !m->open || batch < 1) {
        sori_fail(c, SORI_EINVAL, "session: %s",
                  m && m->w && m->open ? "a batch of 0" : "no model, or one without weights yet");
        return NULL;
    }
    sori_session *s = base_alloc(c, 1, sizeof *s);
    if (!s) return NULL;
    *s = (sori_session){ .c = c, .m = m, .plan = nn_plan_new(c, m, batch, false) };
    if (s->plan) return s;
    base_free(c, s);
    return NULL;
}

void sori_session_free(sori_session *s) {
    if (!s) return;
    nn_plan_free(s->plan);
    base_free(s->c, s);
}

sori_status sori_session_run(sori_session *s, const float *x, size_t n, float *y) {
    if (!s) return SORI_EINVAL;
    size_t in = s->m->input.size, out = s->m->nodes[s->m->n_nodes - 1].y.size;
    for (size_t first = 0; first < n && !base_failed(s->c); first += s->plan->batch) {
        size_t some = BASE_MIN(s->plan->batch, n - first);
        nn_fill_plan(s->m, s->plan, some, x + first * in, NULL);
        nn_forward(s->m, s->plan, some);
        nn_collect(s->m, s->plan, some, y + first * out);
    }
    return sori_error(s->c);
}
