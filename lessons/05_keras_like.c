/* Lesson 5: a network that learns to add, with the model API.
 *
 * 2 inputs, 5 hidden neurons, 1 output, sigmoids between; gradient descent at rate 0.1 on the mean squared error;
 * 5,000 samples x1 + x2 with x1, x2 in 0..0.5, 30 % of them kept back for testing. The same as in Keras:
 *
 *     model = Sequential([Dense(5, activation="sigmoid"), Dense(1, activation="sigmoid")])
 *     model.compile(SGD(0.1), loss="mse");  model.fit(x, y, epochs=100)
 */
#include <sori/sori.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLES 5000
#define TRAIN 3500

static void show(void *user, sori_model *m, const sori_logs *logs) {
    (void)user, (void)m;
    char line[256];
    if (logs->epoch % 20 != 19 && logs->epoch != 0) return;
    sori_progress_text(logs, line, sizeof line);
    printf("Epoch %u/%u\n%s\n", logs->epoch + 1, logs->epochs, line);
}

/* Half of a random number in 0..1, from a generator one can write on a napkin (Knuth's MMIX constants). */
static float half_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (float)(*state >> 40) / (float)(1 << 24) / 2;
}

int main(int argc, char **argv) {
    int epochs = argc > 1 ? atoi(argv[1]) : 100;
    sori_ctx *c = sori_open(NULL);
    sori_array *x = sori_array_new(c, SORI_F32, 2, (size_t[]){ SAMPLES, 2 });
    sori_array *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ SAMPLES, 1 });
    uint64_t state = 1;
    for (int i = 0; x && y && i < SAMPLES; i++) {
        float *pair = (float *)x->data + 2 * i;
        pair[0] = half_random(&state);
        pair[1] = half_random(&state);
        ((float *)y->data)[i] = pair[0] + pair[1];
    }

    sori_model *model = sori_sequential(c, SORI_SHAPE(2), SORI_LAYERS(
        { .op = SORI_DENSE, .units = 5, .act = SORI_SIGMOID },
        { .op = SORI_DENSE, .units = 1, .act = SORI_SIGMOID }));
    sori_compile(model,
                 &(sori_compile_config){ .optimizer = { .kind = SORI_SGD, .learning_rate = 0.1 }, .loss = SORI_MSE });
    if (!sori_error(c)) printf("%s\n", sori_summary(model));

    sori_callback progress = { .on_epoch_end = show };
    sori_fit(model, x, y, &(sori_fit_config){ .epochs = epochs, .validation_split = 1 - (double)TRAIN / SAMPLES,
                                              .callbacks = &progress, .callback_count = 1 });

    const float questions[2][2] = { { 0.1f, 0.2f }, { 0.2f, 0.2f } };
    sori_array *answers = sori_predict(model, sori_array_from(c, SORI_F32, 2, (size_t[]){ 2, 2 }, questions));
    for (int i = 0; answers && i < 2; i++)
        printf("%.1f + %.1f = %.4f\n", (double)questions[i][0], (double)questions[i][1],
               (double)((float *)answers->data)[i]);

    sori_status status = sori_error(c);
    if (status) fprintf(stderr, "%s\n", sori_message(c));
    sori_model_free(model);
    sori_close(c);
    return status != SORI_OK;
}
