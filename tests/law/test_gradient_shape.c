/* Gradient check of the layers that change a sample's shape or look a value up; see gradient.h. */
#include "law/gradient.h"

/* The layer behind one with weights, so that its gradient by the input counts, and in front of a small one. */
static void check(sori_shape input, sori_layer layer) {
    const sori_layer table[] = { { .op = SORI_DENSE, .units = input.dim[1] && !input.dim[2] ? input.dim[1] : 3 },
                                 layer,
                                 { .op = SORI_FLATTEN },
                                 { .op = SORI_DENSE, .units = 2 },
                                 { 0 } };
    check_model(input, table, &mse, 3);
}

static void transposed_convolution(void **state) {
    (void)state;
    for (sori_padding padding = SORI_VALID; padding <= SORI_EXPLICIT; padding++)
        for (int stride = 1; stride <= 4; stride++)
            for (int dilation = 1; dilation <= 3; dilation++) {
                check(SORI_SHAPE(4, 5, 2), (sori_layer){ .op = SORI_CONV2D_TRANSPOSE,
                                                         .filters = 5,
                                                         .kernel = { 3, 2 },
                                                         .strides = { stride, 5 - stride },
                                                         .dilation = { dilation, 4 - dilation },
                                                         .padding = padding,
                                                         .pad = { 1, 0, 2, 1 },
                                                         .act = SORI_TANH });
                check(SORI_SHAPE(9, 4), (sori_layer){ .op = SORI_CONV1D_TRANSPOSE,
                                                      .filters = 3,
                                                      .kernel = { 4 },
                                                      .strides = { stride },
                                                      .dilation = { dilation },
                                                      .padding = padding,
                                                      .pad = { 2, 3 },
                                                      .no_bias = stride == 2 });
            }
}

/* Several blocks of pixels, whole vectors and rests of them, more than one shard. (Not ReLU: of so many values some lie
 * within h of its corner.) */
static void wide_transposed_convolution(void **state) {
    (void)state;
    check_model(SORI_SHAPE(12, 9, 3),
                SORI_LAYERS({ .op = SORI_CONV2D, .filters = 17, .kernel = { 3, 3 }, .padding = SORI_SAME },
                            { .op = SORI_CONV2D_TRANSPOSE, .filters = 37, .kernel = { 3, 3 }, .strides = { 2, 2 },
                              .padding = SORI_SAME, .act = SORI_TANH, .l2 = 0.01 },
                            { .op = SORI_CONV2D_TRANSPOSE, .filters = 2, .kernel = { 2, 2 }, .strides = { 2, 2 } },
                            { .op = SORI_GLOBAL_AVGPOOL2D }), &mse, 4);
    check_model(SORI_SHAPE(120, 2),
                SORI_LAYERS({ .op = SORI_CONV1D_TRANSPOSE, .filters = 20, .kernel = { 8 }, .strides = { 4 } },
                            { .op = SORI_CONV1D_TRANSPOSE, .filters = 1, .kernel = { 5 }, .act = SORI_TANH },
                            { .op = SORI_GLOBAL_AVGPOOL1D }), &mse, 3);
}

static void dense_along_an_axis(void **state) {
    (void)state;
    for (int axis = 0; axis <= 3; axis++)
        for (int wide = 0; wide <= 1; wide++)
            check(SORI_SHAPE(7, 5, 2), (sori_layer){ .op = SORI_DENSE, .axis = axis, .units = wide ? 35 : 4,
                                                     .act = SORI_TANH, .no_bias = axis == 2 });
    check(SORI_SHAPE(6, 4), (sori_layer){ .op = SORI_DENSE, .axis = 1, .units = 9 });
    /* gradients by rows and by shards */
    check_model(SORI_SHAPE(70, 9, 2), SORI_LAYERS({ .op = SORI_DENSE, .axis = 1, .units = 90, .act = SORI_TANH },
                                                  { .op = SORI_DENSE, .axis = 2, .units = 4 },
                                                  { .op = SORI_GLOBAL_AVGPOOL2D }), &mse, 5);
    check_model(SORI_SHAPE(24, 40, 8), SORI_LAYERS({ .op = SORI_DENSE, .axis = 1, .units = 6, .act = SORI_TANH },
                                                   { .op = SORI_DENSE, .axis = 1, .units = 24 },
                                                   { .op = SORI_GLOBAL_AVGPOOL2D }), &mse, 5);
}

static void embedding(void **state) {
    (void)state;
    check_model_of(SORI_SHAPE(6), 9, SORI_LAYERS({ .op = SORI_EMBEDDING, .vocabulary = 9, .units = 4, .l2 = 0.1 },
                                                 { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 2 }), &mse, 5);
    /* numbers beyond the vocabulary: a row of zeros, and no gradient */
    check_model_of(SORI_SHAPE(3, 2, 2), 30, SORI_LAYERS({ .op = SORI_EMBEDDING, .vocabulary = 20, .units = 3 },
                                                        { .op = SORI_FLATTEN, .act = SORI_TANH },
                                                        { .op = SORI_DENSE, .units = 2 }), &mse, 4);
    check_model(SORI_SHAPE(5), SORI_LAYERS({ .op = SORI_DENSE, .units = 6 },   /* has no gradient */
                                           { .op = SORI_EMBEDDING, .vocabulary = 2, .units = 2 },
                                           { .op = SORI_FLATTEN },
                                           { .op = SORI_DENSE, .units = 1 }), &mse, 4);
}

static void upsampling(void **state) {
    (void)state;
    for (int bilinear = 0; bilinear <= 1; bilinear++)
        for (int times = 0; times <= 3; times++) {
            check(SORI_SHAPE(4, 3, 2), (sori_layer){ .op = SORI_UPSAMPLING, .kernel = { times, 4 - times },
                                                     .bilinear = bilinear, .act = SORI_TANH });
            check(SORI_SHAPE(5, 2), (sori_layer){ .op = SORI_UPSAMPLING, .kernel = { times }, .bilinear = bilinear });
        }
    check(SORI_SHAPE(1, 1, 2), (sori_layer){ .op = SORI_UPSAMPLING, .bilinear = true });
}

static void padding_and_cropping(void **state) {
    (void)state;
    for (sori_op op = SORI_ZERO_PADDING; op <= SORI_CROPPING; op++) {
        check(SORI_SHAPE(6, 7, 2), (sori_layer){ .op = op, .pad = { 1, 2, 0, 3 }, .act = SORI_TANH });
        check(SORI_SHAPE(5, 6, 2), (sori_layer){ .op = op });
        check(SORI_SHAPE(7, 2), (sori_layer){ .op = op, .pad = { 4, 0 } });
        check(SORI_SHAPE(7, 2), (sori_layer){ .op = op, .act = SORI_SIGMOID });
    }
}

static void permute(void **state) {
    (void)state;
    static const int orders[][3] = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } };
    for (size_t i = 0; i < BASE_COUNT(orders); i++)
        check(SORI_SHAPE(4, 5, 2), (sori_layer){ .op = SORI_PERMUTE, .act = SORI_TANH,
                                                 .shape = { orders[i][0], orders[i][1], orders[i][2] } });
    check(SORI_SHAPE(6, 3), (sori_layer){ .op = SORI_PERMUTE, .shape = { 2, 1 } });
    check(SORI_SHAPE(2, 3, 4, 2), (sori_layer){ .op = SORI_PERMUTE, .shape = { 4, 2, 1, 3 }, .act = SORI_TANH });
}

static void concat_and_multiply(void **state) {
    (void)state;
    for (int axis = 0; axis <= 3; axis++)
        check_model(SORI_SHAPE(3, 4, 2),
                    SORI_LAYERS({ .op = SORI_DENSE, .name = "a", .units = 2, .act = SORI_TANH },
                                { .op = SORI_DENSE, .name = "b", .units = axis == 0 ? 5 : 2, .axis = axis,
                                  .from = { "input" } },
                                { .op = SORI_CONCAT, .from = { "a", "b", "a" }, .axis = axis },
                                { .op = SORI_FLATTEN }, { .op = SORI_DENSE, .units = 2 }), &mse, 3);
    check_model(SORI_SHAPE(4, 3),
                SORI_LAYERS({ .op = SORI_DENSE, .name = "a", .units = 5 },
                            { .op = SORI_DENSE, .name = "b", .units = 5, .from = { "input" }, .act = SORI_SIGMOID },
                            { .op = SORI_MULTIPLY, .name = "ab", .from = { "a", "b" } },
                            { .op = SORI_MULTIPLY, .from = { "ab", "a", "b", "a" }, .act = SORI_TANH },
                            { .op = SORI_DENSE, .units = 2 }), &mse, 4);
}

static void spatial_dropout(void **state) {
    (void)state;
    check(SORI_SHAPE(5, 4, 6), (sori_layer){ .op = SORI_SPATIAL_DROPOUT, .rate = 0.4, .act = SORI_TANH });
    check(SORI_SHAPE(8, 7), (sori_layer){ .op = SORI_SPATIAL_DROPOUT, .rate = 0.2 });
    check(SORI_SHAPE(8, 7), (sori_layer){ .op = SORI_SPATIAL_DROPOUT });
}

static void prelu(void **state) {
    (void)state;
    check(SORI_SHAPE(5, 4, 3), (sori_layer){ .op = SORI_PRELU, .act = SORI_TANH });
    check(SORI_SHAPE(9, 5), (sori_layer){ .op = SORI_PRELU, .alpha = 0.6 });
    check_model(SORI_SHAPE(5), SORI_LAYERS({ .op = SORI_DENSE, .units = 40 }, { .op = SORI_PRELU },
                                           { .op = SORI_DENSE, .units = 2 }), &mse, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transposed_convolution), cmocka_unit_test(wide_transposed_convolution),
        cmocka_unit_test(dense_along_an_axis), cmocka_unit_test(embedding), cmocka_unit_test(upsampling),
        cmocka_unit_test(padding_and_cropping), cmocka_unit_test(permute), cmocka_unit_test(concat_and_multiply),
        cmocka_unit_test(spatial_dropout), cmocka_unit_test(prelu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
