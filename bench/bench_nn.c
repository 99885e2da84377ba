/* bench_nn - seconds of the lesson's network, and milliseconds a training step and an inference batch of the zoo.
 *
 * The lesson: 2-5-1 sigmoid, 3,500 samples, batch 1, 100 epochs = 350,000 updates; beside it the same arithmetic as a
 * plain C loop, which is the floor. The zoo at batch 32. Medians of five. */
#include <sori/sori.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REPEATS 5

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v) {
    qsort(v, REPEATS, sizeof *v, by_value);
    return v[REPEATS / 2];
}

static sori_array *noise(sori_ctx *c, int ndim, const size_t *shape, float scale) {
    sori_array *a = sori_array_new(c, SORI_F32, ndim, shape);
    uint32_t state = 1;
    for (size_t i = 0; a && i < a->size; i++) {
        state = state * 1664525u + 1013904223u;
        ((float *)a->data)[i] = scale * (float)(state >> 8) / (float)(1 << 24);
    }
    return a;
}

/* The same network as loops over arrays of fixed size. */
static double plain_c(const float *x, const float *y, size_t n, int epochs) {
    float w1[5][2], b1[5] = { 0 }, w2[5], b2 = 0, h[5], rate = 0.1f;
    for (int i = 0; i < 5; i++) w1[i][0] = w1[i][1] = w2[i] = 0.1f * (float)(i + 1);
    double started = now_s();
    for (size_t k = 0; k < n * (size_t)epochs; k++) {
        const float *in = x + 2 * (k % n);
        float out = b2;
        for (int i = 0; i < 5; i++) {
            h[i] = 1 / (1 + expf(-(w1[i][0] * in[0] + w1[i][1] * in[1] + b1[i])));
            out += w2[i] * h[i];
        }
        out = 1 / (1 + expf(-out));
        float d = 2 * (out - y[k % n]) * out * (1 - out);
        for (int i = 0; i < 5; i++) {
            float back = d * w2[i] * h[i] * (1 - h[i]);
            w2[i] -= rate * d * h[i];
            w1[i][0] -= rate * back * in[0];
            w1[i][1] -= rate * back * in[1];
            b1[i] -= rate * back;
        }
        b2 -= rate * d;
    }
    double seconds = now_s() - started;
    return isfinite(b2) ? seconds : -1;   /* the result is used, so the loop cannot be left out */
}

static void lesson(sori_ctx *c) {
    double sori[REPEATS], plain[REPEATS];
    sori_array *x = noise(c, 2, (size_t[]){ 3500, 2 }, 0.5f),
               *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 3500, 1 });
    if (sori_error(c)) return;
    float *in = x->data, *out = y->data;
    for (size_t i = 0; i < 3500; i++) out[i] = in[2 * i] + in[2 * i + 1];
    sori_model *m = sori_sequential(c, SORI_SHAPE(2),
                                    SORI_LAYERS({ .op = SORI_DENSE, .units = 5, .act = SORI_SIGMOID },
                                                { .op = SORI_DENSE, .units = 1, .act = SORI_SIGMOID }));
    sori_compile(m, &(sori_compile_config){ .optimizer = { .learning_rate = 0.1 } });
    for (int r = 0; r < REPEATS; r++) {
        double started = now_s();
        sori_fit(m, x, y, &(sori_fit_config){ .epochs = 100, .batch_size = 1 });
        sori[r] = now_s() - started;
        plain[r] = plain_c(in, out, 3500, 100);
    }
    sori_model_free(m);
    double a = median(sori), b = median(plain);
    printf("2-5-1, 350,000 updates    sori %.3f s   plain C %.3f s   ratio %.1f   goal 0.5 s\n", a, b, a / b);
}

/* A step and an inference batch of a model of ten classes, which is freed. */
static void time_model(sori_ctx *c, const char *name, sori_model *m) {
    size_t n = 320, dim[5] = { n };
    sori_shape shape = sori_model_input(m);
    int ndim = 1;
    while (ndim < 5 && shape.dim[ndim - 1]) dim[ndim] = (size_t)shape.dim[ndim - 1], ndim++;
    double step[REPEATS], infer[REPEATS];
    int scope = sori_begin(c);
    sori_array *x = noise(c, ndim, dim, 1),
               *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ n, 10 });
    for (size_t i = 0; y && i < n; i++) ((float *)y->data)[i * 10 + i % 10] = 1;
    sori_compile(m,
                 &(sori_compile_config){ .optimizer = { .kind = SORI_ADAM }, .loss = SORI_CATEGORICAL_CROSSENTROPY });
    for (int r = 0; r < REPEATS && !sori_error(c); r++) {
        double started = now_s();
        sori_fit(m, x, y, NULL);
        step[r] = (now_s() - started) / 10 * 1e3;
        started = now_s();
        sori_predict(m, x);
        infer[r] = (now_s() - started) / 10 * 1e3;
    }
    printf("%-10s batch 32          step %.1f ms   inference %.1f ms   (%d threads)\n", name, median(step),
           median(infer), sori_threads(c));
    sori_model_free(m);
    sori_end(c, scope, NULL);
}

static void zoo(sori_ctx *c, const char *name, sori_shape shape) {
    time_model(c, name, sori_zoo_model(c, name, shape, 10));
}

static void recurrent(sori_ctx *c, const char *name, sori_op op) {
    time_model(c, name, sori_sequential(c, SORI_SHAPE(130, 13), SORI_LAYERS(
        { .op = op, .units = 64, .return_sequences = true }, { .op = op, .units = 64 },
        { .op = SORI_DENSE, .units = 64, .act = SORI_RELU }, { .op = SORI_DROPOUT, .rate = 0.3 },
        { .op = SORI_DENSE, .units = 10, .act = SORI_SOFTMAX })));
}

int main(int argc, char **argv) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = argc > 1 ? atoi(argv[1]) : 1 });
    const char *only = argc > 2 ? argv[2] : NULL;
    if (!only || !strcmp(only, "lesson")) lesson(c);
    if (!only || !strcmp(only, "mlp")) zoo(c, "mlp", SORI_SHAPE(130, 13, 1));
    if (!only || !strcmp(only, "cnn")) zoo(c, "cnn", SORI_SHAPE(130, 13, 1));
    if (!only || !strcmp(only, "melcnn")) zoo(c, "melcnn", SORI_SHAPE(64, 44, 1));
    if (!only || !strcmp(only, "lstm")) recurrent(c, "lstm", SORI_LSTM);
    if (!only || !strcmp(only, "gru")) recurrent(c, "gru", SORI_GRU);
    if (sori_error(c)) fprintf(stderr, "bench_nn: %s\n", sori_message(c));
    sori_status status = sori_error(c);
    sori_close(c);
    return status != SORI_OK;
}
