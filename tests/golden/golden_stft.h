/* golden_stft.h - librosa's words for frames and windows, which every feature built on the STFT understands. */
#ifndef GOLDEN_STFT_H
#define GOLDEN_STFT_H

#include "golden/golden.h"

static const char *const golden_pad_modes[] = { "constant", "edge", "reflect", "symmetric", "linear_ramp", "wrap" };

/* n_fft, hop_length, win_length, window, center and pad_mode; text [256] holds the window's name. */
static inline sori_stft_config golden_stft(golden_call *g, char *text) {
    sori_stft_config s = {
        .n_fft = golden_int(g, "n_fft"), .hop_length = golden_int(g, "hop_length"),
        .win_length = golden_int(g, "win_length"), .uncentered = golden_unusual(g, "center", true),
        .pad_mode = (sori_pad_mode)golden_choice(g, "pad_mode", golden_pad_modes, 6), .exact = g->exact,
    };
    const json_t *window = golden_arg(g, "window");
    if (json_is_array(window) && json_is_number(json_array_get(window, 0))) s.window_values = golden_array(g, "window");
    else s.window = golden_window(g, "window", text, 256);
    return s;
}

#endif
