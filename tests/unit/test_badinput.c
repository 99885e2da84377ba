/* The collection of odd, damaged and hostile sound files: each one gives sound or one sentence; and MP3 decodes to the
 * standard's own samples. Meant for the asan preset too. Needs the shared data ($SORI_DATA); skipped without. */
#define _XOPEN_SOURCE 700   /* nftw */
#include "test.h"
#include "base/base.h"
#include <sori/audio.h>
#include <ftw.h>
#include <time.h>
#include <unistd.h>

static const char *data_folder(void) {
    const char *given = getenv("SORI_DATA");
    return given ? given : TEST_SOURCE_DIR "/../shared/data";
}

static struct { sori_ctx *c; int files, readable; } sweep;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *at) {
    (void)st, (void)at;
    if (type != FTW_F) return 0;
    sori_ctx *c = sweep.c;
    sori_info info;
    double start = now();
    int s = sori_begin(c);
    sori_status looked = sori_file_info(c, path, &info);
    const char *message = sori_message(c);
    if (looked && (!strstr(message, path) || strchr(message + strlen(path), '\n')))
        fail_msg("not a sentence: %s", message);
    bool no_decoder = looked == SORI_EUNSUP && access("/usr/bin/ffmpeg", X_OK) != 0;   /* m4a, without ffmpeg */
    if (looked && !no_decoder) assert_int_equal(looked, SORI_EFORMAT);
    else assert_true(info.frames > 0 && info.channels > 0 && info.sr >= 1 && isfinite(info.peak) && isfinite(info.rms));
    sori_clear(c);
    sori_audio a = looked ? (sori_audio){ 0 } : sori_load(c, path, NULL);
    if (a.y) assert_int_equal(a.y->size, (size_t)ceil((double)info.frames * (22050 / info.sr)));
    assert_true(a.y || looked || info.nonfinite);
    sori_clear(c);
    sori_end(c, s, NULL);
    if (now() - start > 20) fail_msg("%s takes %g s", path, now() - start);
    sweep.files++;
    sweep.readable += !looked;
    return 0;
}

static void every_file_gives_sound_or_a_sentence(void **state) {
    (void)state;
    sweep.c = sori_open(NULL);
    char *folder = base_path_join(sweep.c, data_folder(), "badinput");
    int result = nftw(folder, visit, 16, FTW_PHYS);
    base_free(sweep.c, folder);
    sori_close(sweep.c);
    if (result != 0 || sweep.files == 0) {
        printf("skipped: no data\n");
        skip();
    }
    printf("%d files, %d of them readable\n", sweep.files, sweep.readable);
    assert_true(sweep.readable > sweep.files / 2);
}

/* ISO 11172-4's full accuracy: an RMS error below 2^-15 / sqrt(12) of full scale. Its limit is for 24-bit output; the
 * expected samples here are rounded to 16 bits, which adds as much again. */
static void mp3_is_the_standards(void **state) {
    (void)state;
    static const char *const names[] = { "l3-compl", "ILL2_layer3", "l3-si_block", "l3-he_44khz", "l3-hecommon" };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
        char *folder = base_path_join(c, data_folder(), "badinput/minimp3_vectors/vectors");
        char *bits = base_printf(c, "%s/%s.bit", folder, names[i]);
        char *pcm = base_printf(c, "%s/%s.pcm", folder, names[i]);
        size_t n, count;
        char *data = base_read_file(c, pcm, 1 << 24, &n);
        base_free(c, folder);
        if (!data) {
            sori_clear(c);
            base_free(c, bits);
            base_free(c, pcm);
            sori_close(c);
            printf("skipped: no data\n");
            skip();
        }
        sori_audio a = sori_load(c, bits, &(sori_load_config){ .sr = SORI_SR_NATIVE, .multichannel = true });
        assert_ok(c);
        size_t channels = a.y->ndim == 2 ? a.y->shape[0] : 1, length = a.y->size / channels;
        double squares = 0;
        count = BASE_MIN(n / 2 / channels, length);
        for (size_t k = 0; k < count * channels; k++) {
            double got = ((float *)a.y->data)[k % channels * length + k / channels];
            squares += pow(fmax(-1, fmin(1, got)) - ((int16_t *)data)[k] / 32768.0, 2);
        }
        assert_true(count > 10000);
        assert_true(sqrt(squares / (double)(count * channels)) < 1.25e-5);
        base_free(c, data);
        base_free(c, bits);
        base_free(c, pcm);
    }
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_gives_sound_or_a_sentence), cmocka_unit_test(mp3_is_the_standards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
