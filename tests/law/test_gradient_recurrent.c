/* Gradient check in double of LSTM, GRU and attention: every option, one step, units that fill no vector. */
#include "law/gradient.h"

static void check_around(sori_shape input, sori_layer layer, size_t n) {
    const sori_layer table[] = { { .op = SORI_DENSE, .units = 5, .act = SORI_TANH }, layer,
                                 { .op = SORI_DENSE, .units = 2 }, { 0 } };
    check_model(input, table, &mse, n);
}

static void recurrent(sori_op op) {
    for (int options = 0; options < 8; options++)
        check_around(SORI_SHAPE(6, 3), (sori_layer){ .op = op, .units = 7, .return_sequences = options & 1,
                                                     .bidirectional = options & 2, .go_backwards = options & 4 }, 3);
    check_around(SORI_SHAPE(1, 3), (sori_layer){ .op = op, .units = 4 }, 2);
    check_around(SORI_SHAPE(5, 3), (sori_layer){ .op = op, .units = 8, .no_bias = true, .l2 = 0.1 }, 9);
    check_around(SORI_SHAPE(2, 3, 4, 3), (sori_layer){ .op = op, .units = 16, .bidirectional = true }, 2);
    check_around(SORI_SHAPE(3, 9, 2), (sori_layer){ .op = op, .units = 19, .return_sequences = true }, 3);
}

static void lstm(void **state) { (void)state; recurrent(SORI_LSTM); }
static void gru(void **state) { (void)state; recurrent(SORI_GRU); }

/* Several shards, and one on top of the other. */
static void stacked(void **state) {
    (void)state;
    check_model(SORI_SHAPE(20, 6),
                SORI_LAYERS({ .op = SORI_LSTM, .units = 33, .return_sequences = true },
                            { .op = SORI_GRU, .units = 17, .return_sequences = true, .bidirectional = true },
                            { .op = SORI_LSTM, .units = 12, .go_backwards = true }, { .op = SORI_DENSE, .units = 3 }),
                &mse, 19);
}

static void attention(void **state) {
    (void)state;
    check_around(SORI_SHAPE(6, 3), (sori_layer){ .op = SORI_ATTENTION, .heads = 2, .units = 3 }, 3);
    check_around(SORI_SHAPE(19, 3), (sori_layer){ .op = SORI_ATTENTION, .no_bias = true, .l2 = 0.1 }, 2);
    check_around(SORI_SHAPE(2, 9, 3), (sori_layer){ .op = SORI_ATTENTION, .heads = 5, .act = SORI_TANH }, 3);
    check_around(SORI_SHAPE(1, 3), (sori_layer){ .op = SORI_ATTENTION, .heads = 3, .units = 40 }, 9);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(lstm), cmocka_unit_test(gru), cmocka_unit_test(stacked),
                                        cmocka_unit_test(attention) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
