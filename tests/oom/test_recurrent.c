/* Out of memory while networks with LSTM, GRU and attention are built, their first weights drawn, trained and asked. */
#include "oom.h"
#include <sori/nn.h>

static uint64_t train(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_model *m = sori_sequential(c, SORI_SHAPE(5, 3), SORI_LAYERS(
        { .op = SORI_LSTM, .units = 6, .return_sequences = true, .bidirectional = true },
        { .op = SORI_ATTENTION, .heads = 2 },
        { .op = SORI_GRU, .units = 4 }));
    sori_compile(m, NULL);
    sori_array *x = sori_array_new(c, SORI_F32, 3, (size_t[]){ 8, 5, 3 });
    sori_array *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 8, 4 });
    for (size_t i = 0; x && i < x->size; i++) ((float *)x->data)[i] = (float)(i % 7);
    sori_fit(m, x, y, NULL);
    uint64_t h = hash(sori_predict(m, x));
    sori_model_free(m);
    return h;
}

static void training(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = train });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(training) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
