/* bench_nn - milliseconds of training steps and of answers: the sori half of bench/nn_against_torch.py, which says on
 * standard input what is to be timed and has PyTorch do the same in turns:
 *
 *   setup MODEL train|infer BATCH THREADS    ->  the entry's number, and GFLOP of a step or a call
 *   time ENTRY N                             ->  wall and processor time, ms, of N steps or calls
 *   forget                                   ->  "ok": no entries any more
 *   peak                                     ->  GFLOP/s that one core does at most
 *   memory                                   ->  the largest resident size so far, MB
 *
 * MODEL is one of the zoo, "unet", "m5_32", "lesson" (the 2-5-1 network that learns to add) or "plain", the same as
 * loops over arrays of fixed size, which is the floor. Training is sori_fit over a few batches, batches drawn and all;
 * answers are sori_session_run. FLOPs are those of the layers' costs, in training three times those of the answer. */
#include "bench.h"
#include "peak.h"
#include "nn/nn.h"
#include <string.h>
#include <sys/resource.h>

#define ENTRIES 16
#define CLASSES 10
#define PAIRS 3500   /* samples of the lesson */

typedef struct entry {
    sori_ctx *c;
    sori_model *m;          /* NULL: the plain loops */
    sori_session *session;  /* NULL: training */
    int batch;
    size_t batches;         /* in x */
    sori_array *x, *y;
} entry;

/* --- models ------------------------------------------------------------ */

typedef struct known { const char *name; sori_shape input; } known;

static const known zoo[] = {
    { "mlp", { { 130, 13, 1 } } }, { "cnn", { { 130, 13, 1 } } }, { "lstm", { { 130, 13 } } },
    { "m5", { { 8000, 1 } } }, { "melcnn", { { 64, 80, 1 } } }, { "crnn", { { 64, 80, 1 } } },
    { "maxcnn", { { 64, 80, 1 } } },
};

#define CONVOLUTION(width) \
    { .op = SORI_CONV2D, .filters = (width), .kernel = { 3, 3 }, .padding = SORI_SAME, .no_bias = true }
#define NORM(label) { .op = SORI_BATCHNORM, .name = (label), .act = SORI_RELU }
#define BLOCK(label, width) CONVOLUTION(width), NORM(NULL), CONVOLUTION(width), NORM(label)
#define UP(label, width) \
    { .op = SORI_CONV2D_TRANSPOSE, .name = (label), .filters = (width), .kernel = { 2, 2 }, .strides = { 2, 2 } }

/* A small separator: halves both axes twice and comes back, with the finer levels beside. */
static sori_model *unet(sori_ctx *c) {
    return sori_sequential(c, SORI_SHAPE(256, 128, 1), SORI_LAYERS(
        BLOCK("fine", 16), { .op = SORI_MAXPOOL2D },
        BLOCK("middle", 32), { .op = SORI_MAXPOOL2D },
        BLOCK("coarse", 64),
        UP("up1", 32), { .op = SORI_CONCAT, .from = { "up1", "middle" } }, BLOCK(NULL, 32),
        UP("up2", 16), { .op = SORI_CONCAT, .from = { "up2", "fine" } }, BLOCK(NULL, 16),
        { .op = SORI_CONV2D, .filters = 1, .kernel = { 1, 1 } }));
}

#define STEP_1D(width, taps, step) \
    { .op = SORI_CONV1D, .filters = (width), .kernel = { taps }, .strides = { step }, .no_bias = true }, NORM(NULL), \
    { .op = SORI_MAXPOOL1D, .kernel = { 4 } }

/* M5 as torchaudio's tutorial has it: 32 and 64 channels instead of the paper's 128 to 512. */
static sori_model *small_m5(sori_ctx *c) {
    return sori_sequential(c, SORI_SHAPE(8000, 1), SORI_LAYERS(
        STEP_1D(32, 80, 16), STEP_1D(32, 3, 1), STEP_1D(64, 3, 1), STEP_1D(64, 3, 1),
        { .op = SORI_GLOBAL_AVGPOOL1D }, { .op = SORI_DENSE, .units = CLASSES, .act = SORI_SOFTMAX }));
}

static sori_compile_config setting(const char *name) {
    if (!strcmp(name, "lesson")) return (sori_compile_config){ .optimizer = { .learning_rate = 0.1 } };
    return (sori_compile_config){ .optimizer = { .kind = SORI_ADAM },
                                  .loss = strcmp(name, "unet") ? SORI_CATEGORICAL_CROSSENTROPY : SORI_MSE };
}

static sori_model *model(sori_ctx *c, const char *name) {
    if (!strcmp(name, "unet")) return unet(c);
    if (!strcmp(name, "m5_32")) return small_m5(c);
    if (!strcmp(name, "lesson")) return sori_zoo_model(c, "mlp_sum", SORI_SHAPE(2), 2);
    for (size_t i = 0; i < BASE_COUNT(zoo); i++)
        if (!strcmp(name, zoo[i].name)) return sori_zoo_model(c, name, zoo[i].input, CLASSES);
    return sori_fail(c, SORI_EINVAL, "no model %s", name), NULL;
}

/* GFLOP of n samples. */
static double gflop(const sori_model *m, int n) {
    double cost = 0;
    for (int i = 0; i < m->n_nodes; i++) cost += m->nodes[i].cost;
    return 2e-9 * cost * n;
}

/* --- data ------------------------------------------------------------ */

static sori_array *noise(sori_ctx *c, size_t n, sori_shape sample, float scale) {
    size_t dim[5] = { n };
    int ndim = 1;
    for (int i = 0; i < 4 && sample.dim[i]; i++) dim[ndim++] = (size_t)sample.dim[i];
    sori_array *a = sori_array_new(c, SORI_F32, ndim, dim);
    uint32_t state = 1;
    for (size_t i = 0; a && i < a->size; i++) {
        state = state * 1664525u + 1013904223u;
        ((float *)a->data)[i] = scale * (float)(state >> 8) / (float)(1 << 24);
    }
    return a;
}

static void sums(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = x[2 * i] + x[2 * i + 1];
}

/* e->batches of samples and what they should give: one class of ten, a sum, or an image. */
static void make_data(entry *e, const char *name) {
    bool lesson = !e->m || !strcmp(name, "lesson");
    size_t n = e->batches * (size_t)e->batch;
    sori_shape in = e->m ? sori_model_input(e->m) : SORI_SHAPE(2), out = e->m ? sori_model_output(e->m) : SORI_SHAPE(1);
    e->x = noise(e->c, n, in, lesson ? 0.5f : 1);
    e->y = noise(e->c, n, out, 1);
    if (sori_error(e->c)) return;
    float *y = e->y->data;
    if (lesson) sums(e->x->data, y, n);
    else if (out.dim[0] == CLASSES && !out.dim[1])
        for (size_t i = 0; i < e->y->size; i++) y[i] = i % CLASSES == i / CLASSES % CLASSES;
}

/* --- the lesson as plain loops ------------------------------------------------------------ */

/* Updates, one after the other; the last bias. */
static float plain(const float *x, const float *y, size_t updates) {
    float w1[5][2], b1[5] = { 0 }, w2[5], b2 = 0, h[5], rate = 0.1f;
    for (int i = 0; i < 5; i++) w1[i][0] = w1[i][1] = w2[i] = 0.1f * (float)(i + 1);
    for (size_t k = 0; k < updates; k++) {
        const float *in = x + 2 * (k % PAIRS);
        float out = b2;
        for (int i = 0; i < 5; i++) {
            h[i] = 1 / (1 + expf(-(w1[i][0] * in[0] + w1[i][1] * in[1] + b1[i])));
            out += w2[i] * h[i];
        }
        out = 1 / (1 + expf(-out));
        float d = 2 * (out - y[k % PAIRS]) * out * (1 - out);
        for (int i = 0; i < 5; i++) {
            float back = d * w2[i] * h[i] * (1 - h[i]);
            w2[i] -= rate * d * h[i];
            w1[i][0] -= rate * back * in[0];
            w1[i][1] -= rate * back * in[1];
            b1[i] -= rate * back;
        }
        b2 -= rate * d;
    }
    return b2;
}

/* --- commands ------------------------------------------------------------ */

static void run(entry *e, size_t n) {
    if (!e->m) {
        volatile float last = plain(e->x->data, e->y->data, n);   /* used, so that the loop cannot be left out */
        (void)last;
    } else if (e->session) {
        size_t batch = (size_t)e->batch;
        for (size_t i = 0; i < n; i++) sori_session_run(e->session, e->x->data, batch, e->y->data);
    } else {
        int epochs = (int)((n + e->batches - 1) / e->batches);
        sori_fit(e->m, e->x, e->y, &(sori_fit_config){ .epochs = epochs, .batch_size = e->batch });
    }
}

/* A number of steps that is whole epochs, its time divided by what was done. */
static void time_entry(entry *e, size_t n) {
    size_t done = e->m && !e->session ? (n + e->batches - 1) / e->batches * e->batches : n;
    double wall = bench_wall_ms(), cpu = bench_ms();
    run(e, n);
    double share = (double)n / (double)done;
    printf("%.6f %.6f\n", (bench_wall_ms() - wall) * share, (bench_ms() - cpu) * share);
}

static bool setup(entry *e, const char *name, const char *mode, int batch, int threads) {
    bool training = !strcmp(mode, "train");
    e->c = sori_open(&(sori_options){ .threads = threads });
    e->batch = batch;
    e->batches = !strcmp(name, "lesson") || !strcmp(name, "plain") ? PAIRS : training && batch < 64 ? 4 : 1;
    if (strcmp(name, "plain")) {
        e->m = model(e->c, name);
        sori_compile_config config = setting(name);
        sori_compile(e->m, &config);
    }
    make_data(e, name);
    if (!training) e->session = sori_session_new(e->c, e->m, (size_t)batch);
    if (sori_error(e->c)) fprintf(stderr, "bench_nn: %s: %s\n", name, sori_message(e->c));
    return sori_error(e->c) == SORI_OK;
}

static void forget(entry *e) {
    sori_session_free(e->session);
    sori_model_free(e->m);
    sori_close(e->c);
    *e = (entry){ 0 };
}

static void memory(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    printf("%.1f\n", (double)u.ru_maxrss / 1024);
}

int main(void) {
    static entry entries[ENTRIES];
    char line[200], name[32], mode[32];
    int batch, threads, at, used = 0;
    unsigned long n;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "setup %31s %31s %d %d", name, mode, &batch, &threads) == 4) {
            if (used == ENTRIES || !setup(&entries[used], name, mode, batch, threads)) return 1;
            double once = entries[used].m ? gflop(entries[used].m, batch) : 0;
            printf("%d %.6f\n", used++, strcmp(mode, "train") ? once : 3 * once);
        } else if (sscanf(line, "time %d %lu", &at, &n) == 2 && at >= 0 && at < used) time_entry(&entries[at], n);
        else if (!strncmp(line, "forget", 6)) {
            while (used) forget(&entries[--used]);
            puts("ok");
        } else if (!strncmp(line, "peak", 4)) printf("%.1f\n", bench_peak());
        else if (!strncmp(line, "memory", 6)) memory();
        else return 2;
        fflush(stdout);
    }
    while (used) forget(&entries[--used]);
    return 0;
}
