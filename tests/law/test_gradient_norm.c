/* Gradient check of layer, group and instance normalisation. */
#include "law/gradient.h"

/* Behind a layer with weights, before one, and with channels around a vector's width. */
static void check_norm(const sori_layer *norm, int channels) {
    sori_layer n = *norm;
    const sori_layer rows[] = { { .op = SORI_DENSE, .units = channels }, n, { .op = SORI_DENSE, .units = 2 }, { 0 } };
    check_model(SORI_SHAPE(4, 5, 3), rows, &mse, 4);
    n.act = SORI_TANH;
    const sori_layer time[] = { { .op = SORI_DENSE, .units = channels }, n, { .op = SORI_FLATTEN },
                                { .op = SORI_DENSE, .units = 2 }, { 0 } };
    check_model(SORI_SHAPE(7, 3), time, &mse, 3);
}

static void layer_norm(void **state) {
    (void)state;
    int channels[] = { 2, 7, 16, 40 };
    for (int i = 0; i < 4; i++) check_norm(&(sori_layer){ .op = SORI_LAYERNORM }, channels[i]);
    check_norm(&(sori_layer){ .op = SORI_LAYERNORM, .epsilon = 0.1 }, 5);
    check_model(SORI_SHAPE(6), SORI_LAYERS({ .op = SORI_LAYERNORM }, { .op = SORI_DENSE, .units = 2 }), &mse, 5);
}

static void group_norm(void **state) {
    (void)state;
    int channels[] = { 2, 6, 16, 40 };
    for (int i = 0; i < 4; i++) check_norm(&(sori_layer){ .op = SORI_GROUPNORM, .groups = 2 }, channels[i]);
    check_norm(&(sori_layer){ .op = SORI_GROUPNORM, .groups = 1, .epsilon = 0.1 }, 3);
    check_norm(&(sori_layer){ .op = SORI_GROUPNORM }, 64);
}

static void instance_norm(void **state) {
    (void)state;
    int channels[] = { 1, 3, 16, 40 };
    for (int i = 0; i < 4; i++) check_norm(&(sori_layer){ .op = SORI_INSTANCENORM }, channels[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(layer_norm), cmocka_unit_test(group_norm),
                                        cmocka_unit_test(instance_norm) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
