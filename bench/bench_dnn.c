/* bench_dnn - our own kernels beside oneDNN's, a layer shape at a time: GFLOP/s of one thread, in processor time, and
 * the most this processor does (multiply-adds in registers). SORI_ENGINE_AUTO's rule comes from here.
 *
 *   bench_dnn [word...]     only the shapes whose line holds one of the words
 *
 * Each operator is called as the engine calls it, on the samples of one shard: forward, backward without and with the
 * gradient by the input (whose own time is the difference), in training; bf16: forward, in inference. Medians of calls
 * in turns. */
#include "bench.h"
#include "peak.h"
#include "nn/nn.h"
#include "nn/dnn.h"
#include <string.h>

typedef struct shape {
    const char *name;
    sori_shape input;
    sori_layer layer;
} shape;

#define BATCH 32
#define REPEATS 9

#define IMAGE(h, w, c, f) { "image " #h "x" #w "x" #c "->" #f, SORI_SHAPE(h, w, c), \
        { .op = SORI_CONV2D, .filters = f, .kernel = { 3, 3 }, .padding = SORI_SAME } }
#define HALVED(h, w, c, f, k) { "halved " #h "x" #w "x" #c "->" #f " " #k "x" #k "/2", SORI_SHAPE(h, w, c), \
        { .op = SORI_CONV2D, .filters = f, .kernel = { k, k }, .strides = { 2, 2 }, .padding = SORI_SAME } }
#define VALID(h, w, c, f, k) { "valid " #h "x" #w "x" #c "->" #f " " #k "x" #k, SORI_SHAPE(h, w, c), \
        { .op = SORI_CONV2D, .filters = f, .kernel = { k, k } } }
#define SOUND(t, c, f, k, s) { "sound " #t "x" #c "->" #f " " #k "/" #s, SORI_SHAPE(t, c), \
        { .op = SORI_CONV1D, .filters = f, .kernel = { k }, .strides = { s } } }
#define ROWS(n, c, u) { "dense " #n "x" #c "->" #u, SORI_SHAPE(n, c), { .op = SORI_DENSE, .units = u } }
#define DENSE(n, u) { "dense " #n "->" #u, SORI_SHAPE(n), { .op = SORI_DENSE, .units = u } }

static const shape shapes[] = {
    IMAGE(64, 128, 16, 16), IMAGE(64, 128, 24, 24), IMAGE(64, 128, 32, 32), IMAGE(64, 128, 48, 48),
    IMAGE(64, 128, 64, 64), IMAGE(512, 64, 16, 16), IMAGE(256, 32, 32, 32), IMAGE(512, 64, 48, 48),
    IMAGE(32, 16, 64, 64), IMAGE(16, 8, 64, 64), IMAGE(64, 128, 2, 16), IMAGE(64, 44, 1, 16), IMAGE(64, 128, 16, 2),
    VALID(130, 13, 1, 32, 3), VALID(64, 6, 32, 32, 3), VALID(32, 3, 32, 32, 2), VALID(64, 128, 32, 64, 1),
    VALID(64, 128, 64, 64, 1), VALID(32, 16, 64, 128, 1), HALVED(64, 128, 16, 32, 3), HALVED(128, 64, 32, 64, 2),
    HALVED(64, 128, 24, 48, 3),
    SOUND(8000, 1, 32, 80, 4), SOUND(8000, 1, 32, 80, 16), SOUND(500, 32, 32, 3, 1), SOUND(500, 32, 64, 3, 1),
    SOUND(124, 32, 64, 3, 1), SOUND(30, 64, 64, 3, 1), SOUND(2000, 16, 32, 8, 4),
    ROWS(1024, 64, 64), ROWS(1024, 32, 96), ROWS(256, 256, 64), ROWS(64, 512, 128),
    DENSE(1690, 512), DENSE(512, 256), DENSE(256, 64),
};

/* --- one layer ------------------------------------------------------------ */

typedef struct layer {
    sori_model *m;
    nn_run run;         /* of the samples of one shard */
    double flop;        /* of a call */
    const char *name;   /* of oneDNN's implementation */
} layer;

/* The layer behind another, so that its dx is wanted; its inputs and gradients in place. False with an error. */
static bool layer_new(sori_ctx *c, layer *l, const shape *s, const sori_compile_config *config, bool training) {
    l->m = sori_sequential(c, s->input, SORI_LAYERS({ .op = SORI_ACTIVATION, .act = SORI_RELU }, s->layer));
    sori_compile(l->m, config);
    nn_plan *p = sori_error(c) ? NULL : nn_plan_get(l->m, BATCH, training);
    if (!p) return false;
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    double loss, correct;
    size_t samples = training ? BATCH : p->shards > 1 ? 1 : BATCH;   /* that lie together */
    float *x = (float *)p->value[0].at;
    for (size_t i = 0; i < samples * l->m->input.size; i++) x[i] = (float)base_rng_normal(&r);
    nn_forward(l->m, p, BATCH);
    if (training) nn_loss(l->m, p, BATCH, true, &loss, &correct);
    l->run = p->runs[1];
    if (l->run.node->parts) l->run.n1 = BATCH;
    l->flop = 2 * l->run.node->cost * (double)(l->run.n1 - l->run.n0);
    l->name = nn_fast_name(p, 1);
    return true;
}

/* One operator over its samples; large dense layers work in pieces over the whole batch. */
static void pass(layer *l, bool back) {
    const nn_op *op = l->run.node->op;
    if (l->run.fast) (back ? nn_fast_backward : nn_fast_forward)(&l->run);
    else if (!l->run.node->parts) (back ? op->backward : op->forward)(&l->run);
    else for (l->run.part = 0; l->run.part < l->run.node->parts; l->run.part++)
        (back ? op->backward_part : op->forward_part)(&l->run);
}

/* ms of a call, the mean of some ms of them. */
static double ms(layer *l, bool back, bool dx) {
    void *kept = l->run.dx[0];
    int times = (int)(5e8 / l->flop) + 1;
    if (!dx) l->run.dx[0] = NULL;
    double started = bench_ms();
    for (int i = 0; i < times; i++) pass(l, back);
    double spent = bench_ms() - started;
    l->run.dx[0] = kept;
    return spent / times;
}

typedef struct speeds { double forward, dw, dx; } speeds;   /* GFLOP/s */

/* The two in turns. */
static void measure(layer *pair, speeds *out) {
    double v[2][3][REPEATS];
    for (int r = 0; r < REPEATS; r++)
        for (int i = 0; i < 2; i++) {
            v[i][0][r] = ms(&pair[i], false, true);
            v[i][1][r] = ms(&pair[i], true, false);
            v[i][2][r] = ms(&pair[i], true, true) - v[i][1][r];
        }
    for (int i = 0; i < 2; i++)
        out[i] = (speeds){ 1e-6 * pair[i].flop / bench_median(v[i][0], REPEATS),
                           1e-6 * pair[i].flop / bench_median(v[i][1], REPEATS),
                           1e-6 * pair[i].flop / bench_median(v[i][2], REPEATS) };
}

static double measure_bf16(layer *l) {
    double v[REPEATS];
    for (int r = 0; r < REPEATS; r++) v[r] = ms(l, false, false);
    return 1e-6 * l->flop / bench_median(v, REPEATS);
}

static void compare(sori_ctx *c, const shape *s) {
    layer pair[2], rounded;
    bool ok = layer_new(c, &pair[0], s, &(sori_compile_config){ .engine = SORI_ENGINE_OWN }, true) &&
              layer_new(c, &pair[1], s, &(sori_compile_config){ .engine = SORI_ENGINE_ONEDNN }, true) &&
              layer_new(c, &rounded, s, &(sori_compile_config){ .engine = SORI_ENGINE_ONEDNN, .bf16 = true }, false);
    if (!ok) return;
    speeds g[2];
    measure(pair, g);
    printf("%-30s %15.0f %5.0f %5.0f   %15.0f %5.0f %5.0f   %5.0f   %s\n", s->name, g[0].forward, g[0].dw, g[0].dx,
           g[1].forward, g[1].dw, g[1].dx, measure_bf16(&rounded), pair[1].name ? pair[1].name : "ours");
    fflush(stdout);
    sori_model_free(pair[0].m);
    sori_model_free(pair[1].m);
    sori_model_free(rounded.m);
}

int main(int argc, char **argv) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = 1 });
    printf("one thread, GFLOP/s; at most %.0f\n%-30s %27s   %27s   %5s\n", bench_peak(), "",
           "ours: forward    dW    dx", "oneDNN: forward    dW    dx", "bf16");
    for (size_t i = 0; i < BASE_COUNT(shapes) && !sori_error(c); i++) {
        bool asked = argc == 1;
        for (int k = 1; k < argc; k++) asked |= strstr(shapes[i].name, argv[k]) != NULL;
        if (asked) compare(c, &shapes[i]);
    }
    if (sori_error(c)) fprintf(stderr, "bench_dnn: %s\n", sori_message(c));
    sori_status status = sori_error(c);
    sori_close(c);
    return status != SORI_OK;
}
