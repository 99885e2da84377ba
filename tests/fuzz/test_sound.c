/* Damaged sound files. The decoders are libsndfile's; what they promise and give is looked at here. */
#define FUZZ_EXT "wav"    /* the content decides, not the name */
#define FUZZ_ROOM 32768   /* a FLAC frame of one value: 65,535 samples in 12 bytes */
#define FUZZ_BASE (20 << 20)   /* a block of 16,384 frames of 256 channels */
#include "fuzz.h"
#include <sori/audio.h>

static void save_as(sori_ctx *c, const char *path, const char *name, sori_audio a, sori_subtype subtype) {
    sori_save(c, name, a, &(sori_save_config){ .subtype = subtype });
    if (!sori_error(c) && rename(name, path) != 0) sori_fail(c, SORI_EIO, "%s: cannot rename", path);
}

static bool fuzz_seed(sori_ctx *c, int i, const char *path) {
    float samples[600];
    for (int t = 0; t < 600; t++) samples[t] = (float)((t * 37) % 100) / 100 - 0.5f;
    sori_audio a = sori_audio_from(c, samples, 2, 300, 8000);
    char name[1024];
    snprintf(name, sizeof name, "%s.made.%s", path, i == 2 ? "flac" : "wav");
    if (i < 3) save_as(c, path, name, a, i == 1 ? SORI_FLOAT : SORI_PCM_16);
    return i < 3;
}

static void fuzz_read(sori_ctx *c, const char *path) {
    setenv("PATH", "/nowhere", 1);   /* no ffmpeg: its readers are tried by its own people, and starting it is slow */
    sori_info info;
    sori_load_config native = { .sr = SORI_SR_NATIVE, .multichannel = true };   /* 1 Hz resampled would be large */
    if (sori_file_info(c, path, &info) == SORI_EFORMAT) sori_clear(c);          /* load must say so as well */
    sori_audio a = sori_load(c, path, &native);
    if (a.y) fuzz_touch(a.y->data, a.y->size * sizeof(float));
}
