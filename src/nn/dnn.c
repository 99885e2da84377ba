/* dnn.c - convolutions by oneDNN, and dense layers over several rows, which are convolutions too.
 *
 * Values stay as the networks have them: f32, channels last, and one sample a call, so that a sample's bits do not
 * depend on its batch. Weights are copied into the order oneDNN asks for once a step (prepare). The gradient of the
 * weights of each sample is written by oneDNN in its own order, summed over the samples of a call, and added to the
 * shard's in ours.
 *
 * One thread: OpenMP's number of threads is a setting of the calling thread; it is one while oneDNN makes or runs a
 * primitive, so that no team is ever started, and then what it was. Primitives are shared by the shards; what they
 * work on (a lane) each shard has its own.
 *
 * oneDNN has an implementation for everything, and those named ref: are loops that take a second. They are not used. */
#include "nn/dnn.h"

#ifdef SORI_WITH_ONEDNN
#include "nn/dnn_api.h"
#include <string.h>

typedef struct nn_fast nn_fast;
typedef struct nn_fast_lane nn_fast_lane;

/* --- one thread ------------------------------------------------------------ */

/* omp.h's; that file comes with the compiler, not with oneDNN. */
int omp_get_max_threads(void);
void omp_set_num_threads(int n);

static int alone(void) {
    int before = omp_get_max_threads();
    if (before != 1) omp_set_num_threads(1);
    return before;
}

static void together(int before) {
    if (before != 1) omp_set_num_threads(before);
}

/* --- a node's primitives ------------------------------------------------------------ */

/* A primitive's arguments: what it reads, what it writes, what stays where it is. */
typedef struct call {
    int n;
    dnnl_exec_arg_t arg[5];
} call;

/* What one shard works on. */
struct nn_fast_lane {
    const nn_fast *of;
    dnnl_stream_t stream;
    call call[STEPS];
    char *scratch, *x16;
    float *dw, *dw_sum, *dw_plain, *db;
};

struct nn_fast {
    struct nn_fast *next;               /* the plan's next node */
    const nn_kernels *k;
    dnnl_primitive_desc_t desc[STEPS];
    dnnl_primitive_t run[STEPS];
    char *w[2];                         /* weights in the orders of FORWARD and BACKWARD_DATA */
    size_t dw_size;                     /* elements of their gradient in oneDNN's order, padding included */
    char *block;                        /* w and the lanes' memory */
    size_t lanes;
    nn_fast_lane *lane;
};

/* What making them needs. */
typedef struct maker {
    dnnl_engine_t engine;
    dnnl_primitive_attr_t attr;         /* scratch memory is ours */
    dnnl_primitive_attr_t attr_relu;    /* and ReLU of what comes out */
    dnnl_status_t status;               /* the first failure */
    nn_fast *f;
    char *block;                        /* NULL while its size is added up */
    size_t used;
} maker;

static bool good(maker *k, dnnl_status_t status) {
    if (!k->status) k->status = status;
    return !k->status;
}

/* Of an argument of step i; NULL where it has none. */
static layout_of layout_in(const maker *k, step i, int argument) {
    return dnnl_primitive_desc_query_md(k->f->desc[i], dnnl_query_exec_arg_md, argument);
}

static size_t bytes_of(const maker *k, step i, int argument) {
    layout_of l = k->f->run[i] ? layout_in(k, i, argument) : NULL;
    return l ? dnnl_memory_desc_get_size(l) : 0;
}

/* Plain loops, which oneDNN has for all that it has nothing better for, take a second. */
static bool is_plain(dnnl_primitive_desc_t d) {
    const char *name = "ref";
    dnnl_primitive_desc_query(d, dnnl_query_impl_info_str, 0, &name);
    return !strncmp(name, "ref", 3) || strstr(name, ":ref");
}

static bool make_step(maker *k, step i, dnnl_status_t described) {
    return good(k, described) && good(k, is_plain(k->f->desc[i]) ? dnnl_unimplemented : dnnl_success) &&
           good(k, dnnl_primitive_create(&k->f->run[i], k->f->desc[i]));
}

static bool make_pass(maker *k, step i, const convolution *v) {
    dnnl_primitive_attr_t attr = i == FORWARD && v->relu ? k->attr_relu : k->attr;
    return make_step(k, i, describe(&k->f->desc[i], i, v, k->engine, attr, k->f->desc[FORWARD]));
}

static bool make_reorder(maker *k, step i, layout_of from, layout_of to) {
    return make_step(k, i, dnnl_reorder_primitive_desc_create(&k->f->desc[i], from, k->engine, to, k->engine, k->attr));
}

/* What a node's primitives do; the rest is left to its operator. */
typedef struct task {
    bool forward, dw, dx;
    bool bf16;
} task;

static bool make_steps(maker *k, const convolution *v, const task *t) {
    layout_of ours = see(&v->plain_w);
    if (!make_pass(k, FORWARD, v)) return false;   /* the others ask for it as a hint */
    if (t->forward && !make_reorder(k, LOAD_FORWARD, ours, layout_in(k, FORWARD, DNNL_ARG_WEIGHTS))) return false;
    if (t->bf16 && !make_reorder(k, ROUND, see(&v->plain_x), see(&v->x))) return false;
    if (t->dw && (!make_pass(k, BACKWARD_WEIGHTS, v) ||
                  !make_reorder(k, GIVE, layout_in(k, BACKWARD_WEIGHTS, DNNL_ARG_DIFF_WEIGHTS), ours)))
        return false;
    return !t->dx || (make_pass(k, BACKWARD_DATA, v) &&
                      make_reorder(k, LOAD_BACKWARD, ours, layout_in(k, BACKWARD_DATA, DNNL_ARG_WEIGHTS)));
}

/* --- their memory ------------------------------------------------------------ */

static void *take(maker *k, size_t bytes) {
    size_t at = k->used;
    k->used += base_aligned(bytes);
    return k->block ? k->block + at : NULL;
}

/* Hand out memory, or measure it. */
static void lay_out(maker *k) {
    nn_fast *f = k->f;
    size_t dw = bytes_of(k, BACKWARD_WEIGHTS, DNNL_ARG_DIFF_WEIGHTS), scratch = 0;
    for (step i = 0; i < STEPS; i++) scratch = BASE_MAX(scratch, bytes_of(k, i, DNNL_ARG_SCRATCHPAD));
    f->dw_size = dw / sizeof(float);
    f->w[0] = take(k, bytes_of(k, FORWARD, DNNL_ARG_WEIGHTS));
    f->w[1] = take(k, bytes_of(k, BACKWARD_DATA, DNNL_ARG_WEIGHTS));
    for (size_t s = 0; s < f->lanes; s++) {
        nn_fast_lane *lane = &f->lane[s];
        lane->scratch = take(k, scratch);
        lane->x16 = take(k, bytes_of(k, ROUND, DNNL_ARG_TO));
        lane->dw = take(k, dw);
        lane->dw_sum = take(k, dw);
        lane->dw_plain = take(k, bytes_of(k, GIVE, DNNL_ARG_TO));
        lane->db = take(k, bytes_of(k, BACKWARD_WEIGHTS, DNNL_ARG_DIFF_BIAS));
    }
}

static void add_argument(maker *k, nn_fast_lane *lane, step i, int which, void *at) {
    if (bytes_of(k, i, which) == 0) return;
    call *a = &lane->call[i];
    dnnl_memory_t memory = NULL;
    if (good(k, dnnl_memory_create(&memory, layout_in(k, i, which), k->engine, at)))
        a->arg[a->n++] = (dnnl_exec_arg_t){ which, memory };
}

/* Step i reads `in`, writes `out`, and works beside on `fixed`, at `at`. */
static void add_call(maker *k, nn_fast_lane *lane, step i, int in, int out, int fixed, void *at) {
    if (!k->f->run[i]) return;
    add_argument(k, lane, i, in, DNNL_MEMORY_NONE);
    add_argument(k, lane, i, out, DNNL_MEMORY_NONE);
    if (fixed) add_argument(k, lane, i, fixed, at);
    add_argument(k, lane, i, DNNL_ARG_SCRATCHPAD, lane->scratch);
}

static void make_lane(maker *k, nn_fast_lane *lane, const float *bias) {
    nn_fast *f = k->f;
    lane->of = f;
    good(k, dnnl_stream_create(&lane->stream, k->engine, dnnl_stream_default_flags));
    add_call(k, lane, FORWARD, DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_WEIGHTS, f->w[0]);
    add_call(k, lane, BACKWARD_DATA, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, f->w[1]);
    add_call(k, lane, BACKWARD_WEIGHTS, DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS, lane->dw);
    add_call(k, lane, LOAD_FORWARD, DNNL_ARG_FROM, DNNL_ARG_TO, 0, NULL);
    add_call(k, lane, LOAD_BACKWARD, DNNL_ARG_FROM, DNNL_ARG_TO, 0, NULL);
    add_call(k, lane, GIVE, DNNL_ARG_FROM, DNNL_ARG_TO, 0, NULL);
    add_call(k, lane, ROUND, DNNL_ARG_FROM, DNNL_ARG_TO, 0, NULL);
    add_argument(k, lane, FORWARD, DNNL_ARG_BIAS, (void *)bias);
    add_argument(k, lane, BACKWARD_WEIGHTS, DNNL_ARG_DIFF_BIAS, lane->db);
}

static void fast_free(sori_ctx *c, nn_fast *f) {
    for (size_t s = 0; f->lane && s < f->lanes; s++) {
        nn_fast_lane *lane = &f->lane[s];
        for (step i = 0; i < STEPS; i++)
            for (int j = 0; j < lane->call[i].n; j++) dnnl_memory_destroy(lane->call[i].arg[j].memory);
        if (lane->stream) dnnl_stream_destroy(lane->stream);
    }
    for (step i = 0; i < STEPS; i++) {
        if (f->run[i]) dnnl_primitive_destroy(f->run[i]);
        if (f->desc[i]) dnnl_primitive_desc_destroy(f->desc[i]);
    }
    base_free(c, f->lane);
    base_free(c, f->block);
    base_free(c, f);
}

/* --- which nodes ------------------------------------------------------------ */

static bool is_known(const nn_node *n) {
    bool dense = n->layer.op == SORI_DENSE && nn_axis(n) > 0 && nn_axis(n) == (size_t)n->x[0].ndim - 1 && !n->parts;
    return n->layer.op == SORI_CONV1D || n->layer.op == SORI_CONV2D || dense;
}

/* The window of a convolution; a dense layer over several rows is one of single pixels. */
static nn_window window_of(const nn_node *n) {
    size_t in = n->x[0].dim[n->x[0].ndim - 1], rows = n->x[0].size / in;
    return n->layer.op != SORI_DENSE ? n->window
                                     : (nn_window){ .in = { 1, rows }, .out = { 1, rows }, .kernel = { 1, 1 },
                                                    .stride = { 1, 1 }, .dilation = { 1, 1 }, .channels = in };
}

static dnnl_status_t convolution_of(const nn_run *r, bool bf16, convolution *v) {
    const nn_node *n = r->node;
    const nn_window w = window_of(n);
    dnnl_data_type_t type = bf16 ? dnnl_bf16 : dnnl_f32;
    dnnl_dim_t c = (dnnl_dim_t)w.channels, filters = (dnnl_dim_t)n->y.dim[n->y.ndim - 1];
    dnnl_dims_t x = { 1, c }, y = { 1, filters }, k = { filters, c }, b = { filters };
    for (int i = 0; i < 2; i++) {
        size_t covered = (w.kernel[i] - 1) * w.dilation[i] + 1, seen = (w.out[i] - 1) * w.stride[i] + covered;
        x[2 + i] = (dnnl_dim_t)w.in[i];
        y[2 + i] = (dnnl_dim_t)w.out[i];
        k[2 + i] = (dnnl_dim_t)w.kernel[i];
        v->stride[i] = (dnnl_dim_t)w.stride[i];
        v->dilation[i] = (dnnl_dim_t)w.dilation[i] - 1;
        v->before[i] = (dnnl_dim_t)w.before[i];
        v->after[i] = seen > w.in[i] + w.before[i] ? (dnnl_dim_t)(seen - w.in[i] - w.before[i]) : 0;
    }
    v->has_bias = r->param[1] != NULL;
    v->relu = r->relu;
    dnnl_status_t status = layout_make(&v->x, 4, x, type, dnnl_nhwc);
    if (!status) status = layout_make(&v->plain_x, 4, x, dnnl_f32, dnnl_nhwc);
    if (!status) status = layout_make(&v->y, 4, y, dnnl_f32, dnnl_nhwc);
    if (!status) status = layout_make(&v->w, 4, k, type, dnnl_format_tag_any);
    if (!status) status = layout_make(&v->plain_w, 4, k, dnnl_f32, dnnl_hwio);
    if (!status) status = layout_make(&v->bias, 1, b, dnnl_f32, dnnl_x);
    return status;
}

static void convolution_free(convolution *v) {
    layout_free(&v->x);
    layout_free(&v->y);
    layout_free(&v->w);
    layout_free(&v->plain_x);
    layout_free(&v->plain_w);
    layout_free(&v->bias);
}

static bool has_bf16(void) {
#ifdef SORI_X86
    return __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

/* What oneDNN does faster, by bench_dnn's measurements: kernels of one pixel forward, dx where there are strides, and
 * what is rounded but for products that Winograd's transform saves more of. Elsewhere ours are as fast, and much faster
 * with 3x3 kernels, in narrow images and on few channels. False: nothing. */
static bool choose(const sori_model *m, const nn_plan *p, const nn_node *n, task *t) {
    const nn_window w = window_of(n);
    size_t filters = n->y.dim[n->y.ndim - 1];
    bool training = p->pass.training, all = m->config.engine == SORI_ENGINE_ONEDNN;
    bool wide = w.out[1] >= 8, whole = wide && w.channels % 8 == 0 && filters % 8 == 0;
    bool strided = w.stride[0] > 1 || w.stride[1] > 1;
    bool pixel = n->layer.op != SORI_DENSE && w.kernel[0] * w.kernel[1] == 1;
    *t = (task){ .forward = all || (whole && pixel), .dw = training && all && !n->param[0].by_rows,
                 .dx = training && n->in[0] > 0 && (all || (whole && strided)) };
    bool round = wide && w.channels > 1 && !(n->winograd && w.channels * filters >= 4096);
    t->bf16 = m->config.bf16 && !training && has_bf16() && (all || round);
    t->forward |= t->bf16;
    return t->forward || t->dw || t->dx;
}

/* Primitives for the node of a run; NULL where oneDNN has none worth having, or with an error. */
static nn_fast *fast_new(const sori_model *m, const nn_plan *p, maker *k, const nn_run *r, const task *t) {
    sori_ctx *c = p->c;
    convolution v = { 0 };
    nn_fast *f = k->f = base_alloc(c, 1, sizeof *f);
    if (!f) return NULL;
    *f = (nn_fast){ .k = m->k, .lanes = p->shards, .lane = base_alloc(c, p->shards, sizeof *f->lane) };
    k->status = f->lane ? convolution_of(r, t->bf16, &v) : dnnl_out_of_memory;
    if (!k->status && make_steps(k, &v, t)) {
        k->block = NULL;
        k->used = 0;
        lay_out(k);
        k->block = f->block = base_alloc(c, k->used, 1);
        k->used = 0;
        if (f->block) lay_out(k);
        for (size_t s = 0; f->block && s < f->lanes; s++) make_lane(k, &f->lane[s], r->param[1]);
    }
    convolution_free(&v);
    if (k->status == dnnl_out_of_memory) sori_fail(c, SORI_ENOMEM, "layer %s: no memory for oneDNN", r->node->name);
    if (!k->status && !base_failed(c)) return f;
    fast_free(c, f);
    return NULL;
}

static void make_attributes(maker *k) {
    dnnl_post_ops_t relu = NULL;
    if (good(k, dnnl_engine_create(&k->engine, dnnl_cpu, 0)) && good(k, dnnl_primitive_attr_create(&k->attr)) &&
        good(k, dnnl_primitive_attr_set_scratchpad_mode(k->attr, dnnl_scratchpad_mode_user)) &&
        good(k, dnnl_primitive_attr_clone(&k->attr_relu, k->attr)) && good(k, dnnl_post_ops_create(&relu)) &&
        good(k, append_relu(relu)))
        good(k, dnnl_primitive_attr_set_post_ops(k->attr_relu, relu));
    if (relu) dnnl_post_ops_destroy(relu);
}

static void plan_node(const sori_model *m, nn_plan *p, maker *k, int i) {
    const nn_node *n = &m->nodes[i];
    task t;
    nn_fast *f = is_known(n) && choose(m, p, n, &t) ? fast_new(m, p, k, &p->runs[i], &t) : NULL;
    if (!f) return;
    f->next = p->fast;
    p->fast = f;
    for (size_t s = 0; s < p->shards; s++) p->runs[s * (size_t)m->n_nodes + (size_t)i].fast = &f->lane[s];
}

void nn_fast_plan(const sori_model *m, nn_plan *p) {
    maker k = { 0 };
    if (m->config.engine == SORI_ENGINE_OWN || m->k->real_size != sizeof(float)) return;
    int before = alone();
    make_attributes(&k);
    bool ready = !k.status;
    for (int i = 0; ready && i < m->n_nodes && !base_failed(p->c); i++) plan_node(m, p, &k, i);
    if (k.attr_relu) dnnl_primitive_attr_destroy(k.attr_relu);
    if (k.attr) dnnl_primitive_attr_destroy(k.attr);
    if (k.engine) dnnl_engine_destroy(k.engine);
    together(before);
}

void nn_fast_free(nn_plan *p) {
    while (p->fast) {
        nn_fast *f = p->fast;
        p->fast = f->next;
        fast_free(p->c, f);
    }
}

/* --- running ------------------------------------------------------------ */

static void point(nn_fast_lane *lane, step i, int argument, const void *at) {
    dnnl_memory_set_data_handle(lane->call[i].arg[argument].memory, (void *)at);
}

/* Step i from in to out. Nothing can fail that did not when it was made. */
static void go(nn_fast_lane *lane, step i, const void *in, const void *out) {
    point(lane, i, 0, in);
    point(lane, i, 1, out);
    dnnl_primitive_execute(lane->of->run[i], lane->stream, lane->call[i].n, lane->call[i].arg);
}

void nn_fast_prepare(const nn_run *r) {
    const nn_fast *f = r->fast->of;
    int before = alone();
    if (f->run[LOAD_FORWARD]) go(r->fast, LOAD_FORWARD, r->param[0], f->w[0]);
    if (f->run[LOAD_BACKWARD]) go(r->fast, LOAD_BACKWARD, r->param[0], f->w[1]);
    together(before);
    bool all = f->run[LOAD_FORWARD] && (f->run[BACKWARD_WEIGHTS] || !r->pass->training);
    if (!all && r->node->op->prepare) r->node->op->prepare(r);
}

void nn_fast_forward(const nn_run *r) {
    const nn_node *n = r->node;
    if (!r->fast->of->run[LOAD_FORWARD]) {
        n->op->forward(r);
        return;
    }
    int before = alone();
    for (size_t s = r->n0; s < r->n1; s++) {
        const void *x = (const float *)r->x[0] + s * n->x[0].size;
        if (r->fast->of->run[ROUND]) {
            go(r->fast, ROUND, x, r->fast->x16);
            x = r->fast->x16;
        }
        go(r->fast, FORWARD, x, (float *)r->y + s * n->y.size);
    }
    together(before);
}

/* The sample's gradient of the weights; the first of a call is where the others are added. */
static void weights_of_sample(const nn_run *r, const float *x, const float *dy, bool first) {
    nn_fast_lane *lane = r->fast;
    const nn_fast *f = lane->of;
    point(lane, BACKWARD_WEIGHTS, 2, first ? lane->dw_sum : lane->dw);
    go(lane, BACKWARD_WEIGHTS, x, dy);
    if (!first) f->k->add(lane->dw_sum, lane->dw, f->dw_size);
    if (r->dparam[1]) f->k->add(r->dparam[1], lane->db, r->node->param[1].shape.size);
}

static void backward_weights(const nn_run *r) {
    const nn_node *n = r->node;
    nn_fast_lane *lane = r->fast;
    if (r->n1 == r->n0) return;
    for (size_t s = r->n0; s < r->n1; s++)
        weights_of_sample(r, (const float *)r->x[0] + s * n->x[0].size, (const float *)r->dy + s * n->y.size,
                          s == r->n0);
    go(lane, GIVE, lane->dw_sum, lane->dw_plain);
    lane->of->k->add(r->dparam[0], lane->dw_plain, n->param[0].shape.size);
}

void nn_fast_backward(const nn_run *r) {
    const nn_node *n = r->node;
    const nn_fast *f = r->fast->of;
    bool dx = r->dx[0] && f->run[BACKWARD_DATA];
    nn_run ours = *r;
    int before = alone();
    if (f->run[BACKWARD_WEIGHTS]) backward_weights(r);
    if (dx) ours.dx[0] = NULL;
    for (size_t s = r->n0; dx && s < r->n1; s++)
        go(r->fast, BACKWARD_DATA, (const float *)r->dy + s * n->y.size, (float *)r->dx[0] + s * n->x[0].size);
    together(before);
    if (!f->run[BACKWARD_WEIGHTS]) n->op->backward(&ours);
}

const char *nn_fast_name(const nn_plan *p, int i) {
    const char *name = NULL;
    const nn_fast_lane *lane = p->runs[i].fast;
    if (lane) dnnl_primitive_desc_query(lane->of->desc[FORWARD], dnnl_query_impl_info_str, 0, &name);
    return name;
}

bool nn_fast_built(void) { return true; }
#else

bool nn_fast_built(void) { return false; }
void nn_fast_plan(const sori_model *m, nn_plan *p) { (void)m, (void)p; }
void nn_fast_free(nn_plan *p) { (void)p; }
void nn_fast_prepare(const nn_run *r) { (void)r; }
void nn_fast_forward(const nn_run *r) { (void)r; }
void nn_fast_backward(const nn_run *r) { (void)r; }
const char *nn_fast_name(const nn_plan *p, int i) { (void)p, (void)i; return NULL; }
#endif
