/* Gradient check of the STFT, its inverse and the log-mel spectrogram. */
#include "law/gradient.h"

static void stft(void **state) {
    (void)state;
    struct { int samples, n_fft, hop; bool uncentered; } cases[] =
        { { 40, 16, 4, false }, { 40, 16, 0, true }, { 33, 15, 7, false }, { 90, 12, 20, false }, { 100, 8, 2, true } };
    for (size_t i = 0; i < BASE_COUNT(cases); i++)
        for (int channels = 1; channels <= 2; channels++)
            check_model(SORI_SHAPE(cases[i].samples, 3),
                        SORI_LAYERS({ .op = SORI_DENSE, .units = channels },
                                    { .op = SORI_STFT, .n_fft = cases[i].n_fft, .hop_length = cases[i].hop,
                                      .uncentered = cases[i].uncentered, .act = SORI_TANH },
                                    { .op = SORI_DENSE, .units = 2 }), &mse, 3);
    check_model(SORI_SHAPE(20), SORI_LAYERS({ .op = SORI_DENSE, .units = 50 }, { .op = SORI_STFT, .n_fft = 16 },
                                            { .op = SORI_DENSE, .units = 1 }), &mse, 2);
}

static void istft(void **state) {
    (void)state;
    struct { int bins, frames, n_fft, hop, length; bool uncentered; } cases[] =
        { { 9, 20, 0, 4, 0, false }, { 9, 5, 0, 0, 0, true }, { 8, 6, 15, 4, 30, false }, { 5, 18, 0, 3, 70, false } };
    for (size_t i = 0; i < BASE_COUNT(cases); i++)
        for (int channels = 1; channels <= 2; channels++)
            check_model(SORI_SHAPE(cases[i].bins, cases[i].frames, 3),
                        SORI_LAYERS({ .op = SORI_DENSE, .units = 2 * channels },
                                    { .op = SORI_ISTFT, .n_fft = cases[i].n_fft, .hop_length = cases[i].hop,
                                      .length = cases[i].length, .uncentered = cases[i].uncentered, .act = SORI_TANH },
                                    { .op = SORI_DENSE, .units = 2 }), &mse, 3);
}

static void log_mel(void **state) {
    (void)state;
    for (int hop = 8; hop <= 40; hop += 16)
        for (int uncentered = 0; uncentered < 2; uncentered++)
            check_model(SORI_SHAPE(200, 2),
                        SORI_LAYERS({ .op = SORI_DENSE, .units = 1 },
                                    { .op = SORI_LOG_MEL, .n_fft = 32, .hop_length = hop, .n_mels = 6,
                                      .sr = 8000, .uncentered = uncentered },
                                    { .op = SORI_DENSE, .units = 2 }), &mse, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(stft), cmocka_unit_test(istft), cmocka_unit_test(log_mel) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
