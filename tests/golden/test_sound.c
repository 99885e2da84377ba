/* Sound from files, and made sound, against librosa. */
#include "golden/golden.h"
#include <sori/synth.h>

/* The file `path` of the data folder, or NULL. */
static const char *path_of(golden_call *g, char *path, size_t size) {
    const char *name = golden_string(g, "path");
    g->no_data = !data_folder();
    if (!g->no_data) base_format(path, size, "%s/%s", data_folder(), name);
    return g->no_data ? NULL : path;
}

static sori_load_config load_config(golden_call *g) {
    static const char *const names[] = { "soxr_hq", "soxr_vhq", "soxr_mq", "soxr_lq", "soxr_qq", "kaiser_best",
                                         "kaiser_fast", "polyphase" };
    const json_t *sr = golden_arg(g, "sr");
    return (sori_load_config){
        .sr = json_is_null(sr) ? SORI_SR_NATIVE : golden_number(g, "sr"),
        .multichannel = golden_unusual(g, "mono", true), .offset_s = golden_number(g, "offset"),
        .duration_s = golden_number(g, "duration"),
        .res_type = (sori_res_type)golden_choice(g, "res_type", names, BASE_COUNT(names)),
    };
}

static sori_array *run_load(golden_call *g) {
    char text[4096];
    sori_load_config config = load_config(g);
    const char *path = path_of(g, text, sizeof text);
    return path ? sori_load(g->c, path, &config).y : NULL;
}

/* Blocks of 1000 samples, put together: [n], or [channels, n]. */
static sori_array *run_stream(golden_call *g) {
    char text[4096];
    float block[2 * 1000];
    sori_load_config config = load_config(g);
    const char *path = path_of(g, text, sizeof text);
    config.sr = SORI_SR_NATIVE;   /* librosa's are whole blocks of the file's samples */
    golden_arg(g, "block_length"), golden_arg(g, "frame_length"), golden_arg(g, "hop_length");
    if (!path) return NULL;
    sori_reader *r = sori_reader_open(g->c, path, &config);
    size_t channels = (size_t)sori_reader_channels(r), room = (size_t)sori_reader_expected(r), n = 0, got;
    assert_true(channels <= 2);
    sori_array *y = sori_array_new(g->c, SORI_F32, channels > 1 ? 2 : 1,
                                   channels > 1 ? (size_t[]){ channels, room } : &room);
    while ((got = sori_reader_read(r, block, 1000)) > 0) {
        assert_true(n + got <= room);
        for (size_t i = 0; i < got * channels; i++)
            ((float *)y->data)[i % channels * room + n + i / channels] = block[i];
        n += got;
    }
    sori_reader_close(r);
    assert_int_equal(n, room);
    return y;
}

static sori_array *number(golden_call *g, double x) { return sori_array_from(g->c, SORI_F64, 0, NULL, &x); }

static sori_info info_of(golden_call *g) {
    char text[4096];
    sori_info info = { .channels = 0 };
    const char *path = path_of(g, text, sizeof text);
    if (path) sori_file_info(g->c, path, &info);
    return info;
}

static sori_array *run_samplerate(golden_call *g) { return number(g, info_of(g).sr); }
static sori_array *run_duration(golden_call *g) { return number(g, info_of(g).duration_s); }
static sori_array *run_to_mono(golden_call *g) { return sori_to_mono(g->c, golden_audio(g)).y; }

static sori_array *run_tone(golden_call *g) {
    double amplitude = golden_number(g, "amplitude");
    sori_tone_config config = { .frequency_hz = golden_number(g, "frequency"), .sr = golden_number(g, "sr"),
                                .duration_s = golden_number(g, "duration"), .amplitude = amplitude ? amplitude : 1 };
    return sori_tone(g->c, &config).y;
}

static sori_array *run_chirp(golden_call *g) {
    sori_chirp_config config = { .sr = golden_number(g, "sr"), .duration_s = golden_number(g, "duration"),
                                 .length = (size_t)golden_int(g, "length"), .phi = golden_opt(g, "phi"),
                                 .linear = golden_unusual(g, "linear", false) };
    double fmin = golden_number(g, "fmin");
    return sori_chirp(g->c, fmin, golden_number(g, "fmax"), &config).y;
}

static sori_array *run_clicks(golden_call *g) {
    sori_clicks_config config = { .frames = golden_array(g, "frames"), .sr = golden_number(g, "sr"),
                                  .hop_length = golden_int(g, "hop_length"), .click = golden_array(g, "click"),
                                  .click_freq = golden_number(g, "click_freq"),
                                  .click_duration_s = golden_number(g, "click_duration"),
                                  .length = (size_t)golden_int(g, "length") };
    return sori_clicks(g->c, golden_array(g, "times"), &config).y;
}

int main(void) {
    static const golden_adapter adapters[] = {
        { "load", run_load }, { "stream", run_stream }, { "to_mono", run_to_mono }, { "samplerate", run_samplerate },
        { "duration", run_duration }, { "tone", run_tone }, { "chirp", run_chirp }, { "clicks", run_clicks },
    };
    return golden_main("sound", adapters, BASE_COUNT(adapters));
}
