/* The lesson's network, 2-5-1 with sigmoids, learns to add as it does in other libraries: known answers over 50 seeds.
 *
 * 5,000 samples x1 + x2 of numbers in 0..0.5, 3,500 to train, 1,500 to test; SGD 0.1, MSE, 100 epochs. The ranges hold
 * nine of ten seeds there (5 to 95 %). Of 50 seeds 45 are expected in them, with a standard deviation of
 * sqrt(50 0.9 0.1) = 2.1; 40 is enough. */
#include "test.h"
#include <sori/sori.h>

#define SAMPLES 5000
#define TRAIN 3500
#define SEEDS 50
#define ENOUGH 40

typedef struct answers { double mse, three, four; } answers;   /* test error; 0.1 + 0.2, 0.2 + 0.2 */

static float half_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (float)(*state >> 40) / (float)(1 << 24) / 2;
}

static void make(sori_ctx *c, uint64_t state, size_t n, sori_array **x, sori_array **y) {
    *x = sori_array_new(c, SORI_F32, 2, (size_t[]){ n, 2 });
    *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ n, 1 });
    assert_ok(c);
    for (size_t i = 0; i < n; i++) {
        float *pair = (float *)(*x)->data + 2 * i;
        pair[0] = half_random(&state);
        pair[1] = half_random(&state);
        ((float *)(*y)->data)[i] = pair[0] + pair[1];
    }
}

static answers learn(uint64_t seed, int batch) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = 1, .seed = seed });
    sori_array *x, *y, *test_x, *test_y;
    make(c, 2 * seed, TRAIN, &x, &y);
    make(c, 2 * seed + 1, SAMPLES - TRAIN, &test_x, &test_y);
    sori_model *m = sori_zoo_model(c, "mlp_sum", SORI_SHAPE(2), 2);
    sori_compile(m, &(sori_compile_config){ .optimizer = { .learning_rate = 0.1 } });
    sori_fit(m, x, y, &(sori_fit_config){ .epochs = 100, .batch_size = batch });
    answers a = { 0 };
    sori_evaluate(m, test_x, test_y, &a.mse, NULL);
    const float questions[2][2] = { { 0.1f, 0.2f }, { 0.2f, 0.2f } };
    sori_array *out = sori_predict(m, sori_array_from(c, SORI_F32, 2, (size_t[]){ 2, 2 }, questions));
    assert_ok(c);
    a.three = (double)((float *)out->data)[0];
    a.four = (double)((float *)out->data)[1];
    sori_model_free(m);
    sori_close(c);
    return a;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double v[SEEDS]) {
    qsort(v, SEEDS, sizeof *v, by_value);
    return v[SEEDS / 2];
}

static void mostly_within(const char *what, double v[SEEDS], double low, double high) {
    int inside = 0;
    for (int i = 0; i < SEEDS; i++) inside += v[i] >= low && v[i] <= high;
    double middle = median(v);
    if (inside < ENOUGH || middle < low || middle > high)
        fail_msg("%s: %d of %d within %.4g to %.4g, median %.4g", what, inside, SEEDS, low, high, middle);
}

/* The columns of all seeds. */
static void learn_all(int batch, double mse[SEEDS], double three[SEEDS], double four[SEEDS]) {
    for (int i = 0; i < SEEDS; i++) {
        answers a = learn((uint64_t)i + 1, batch);
        mse[i] = a.mse;
        three[i] = a.three;
        four[i] = a.four;
    }
}

static void batches_of_32(void **state) {
    (void)state;
    double mse[SEEDS], three[SEEDS], four[SEEDS];
    learn_all(32, mse, three, four);
    assert_close(median(mse), 6.8e-4, 0, 0.15);   /* of 50 seeds, a median has a standard error of some 6 % */
    mostly_within("0.1 + 0.2", three, 0.297, 0.328);
    mostly_within("0.2 + 0.2", four, 0.396, 0.412);
}

static void one_at_a_time(void **state) {
    (void)state;
    double mse[SEEDS], three[SEEDS], four[SEEDS];
    learn_all(1, mse, three, four);
    mostly_within("mse", mse, 2.9e-4, 3.8e-4);
    mostly_within("0.1 + 0.2", three, 0.283, 0.289);
    mostly_within("0.2 + 0.2", four, 0.384, 0.390);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_of_32),
        cmocka_unit_test(one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
