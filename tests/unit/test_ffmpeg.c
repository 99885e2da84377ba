/* Files that only the ffmpeg program reads. Skipped where it is not installed. */
#include "test.h"
#include "base/base.h"
#include <sori/audio.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char warning[1200];
static void remember(void *user, const char *message) {
    (void)user;
    snprintf(warning, sizeof warning, "%s", message);
}

/* Two seconds of a 441 Hz sine, stereo, encoded into TEST_SCRATCH/name. */
static bool encode(const char *options, const char *name) {
    char command[2048];
    snprintf(command, sizeof command,
             "cd '%s' && ffmpeg -nostdin -v quiet -y -f lavfi -i 'sine=frequency=441:sample_rate=44100:duration=2' "
             "-ac 2 %s 'file:%s'", TEST_SCRATCH, options, name);
    return system(command) == 0;
}

static bool have_ffmpeg(void) {
    return system("ffmpeg -version > /dev/null 2>&1") == 0;
}

static void no_child_is_left(void) {
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void check_sine(sori_ctx *c, const char *path) {
    sori_audio a = sori_load(c, path, &(sori_load_config){ .sr = SORI_SR_NATIVE, .multichannel = true });
    assert_ok(c);
    assert_true(a.sr == 44100 && a.y->shape[0] == 2);
    if (a.y->shape[1] < 88200 - 2048 || a.y->shape[1] > 88200 + 8192) fail_msg("%s: %zu", path, a.y->shape[1]);
    const float *x = a.y->data;
    double re = 0, im = 0, power = 0;
    for (int i = 20000; i < 20000 + 44100; i++) {
        re += x[i] * cos(2 * M_PI * 441 * i / 44100);
        im += x[i] * sin(2 * M_PI * 441 * i / 44100);
        power += x[i] * x[i];
    }
    assert_close(2 * (re * re + im * im) / 44100, power, 0, 1e-3);   /* all of its power is at 441 Hz */
    no_child_is_left();
}

static void containers(void **state) {
    (void)state;
    static const char *const files[][2] = {
        { "-c:a aac", "a.m4a" }, { "-c:a alac", "b.m4a" }, { "-c:a aac -f adts", "c.aac" },
        { "-c:a libopus", "d.webm" }, { "-c:a wmav2", "e.wma" }, { "-c:a wavpack", "f.wv" }, { "-c:a ac3", "g.ac3" },
        { "-c:a aac -f mpegts", "h.ts" },
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(files); i++) {
        if (!encode(files[i][0], files[i][1])) continue;   /* an ffmpeg built without this encoder */
        char *path = base_path_join(c, TEST_SCRATCH, files[i][1]);
        sori_info info;
        if (strcmp(files[i][1], "d.webm")) check_sine(c, path);   /* Opus is at 48 kHz */
        assert_int_equal(sori_file_info(c, path, &info), SORI_OK);
        assert_string_equal(info.encoding, "through ffmpeg");
        base_free(c, path);
    }
    sori_close(c);
}

static void odd_names(void **state) {
    (void)state;
    static const char *const names[] = { "-x.m4a", "concat:y.m4a", "소리 \"q\" $(id) `id`;.m4a", "new\nline.m4a" };
    sori_ctx *c = sori_open(NULL);
    assert_true(encode("-c:a aac", "a.m4a"));
    assert_int_equal(chdir(TEST_SCRATCH), 0);
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
        unlink(names[i]);
        assert_int_equal(link("a.m4a", names[i]), 0);
        check_sine(c, names[i]);
        unlink(names[i]);
    }
    sori_close(c);
}

static void a_part_leaves_no_process(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    assert_true(encode("-c:a alac", "b.m4a"));
    sori_load_config config = { .sr = SORI_SR_NATIVE, .offset_s = 0.5, .duration_s = 0.25 };
    sori_audio whole = sori_load(c, TEST_SCRATCH "/b.m4a", &(sori_load_config){ .sr = SORI_SR_NATIVE });
    sori_audio part = sori_load(c, TEST_SCRATCH "/b.m4a", &config);
    assert_ok(c);
    assert_int_equal(part.y->size, 11025);
    assert_memory_equal(part.y->data, (float *)whole.y->data + 22050, 11025 * sizeof(float));
    no_child_is_left();
    sori_close(c);
}

/* Whatever its name, a playlist is not followed: ffmpeg is never shown it. */
static void playlists_are_text(void **state) {
    (void)state;
    static const char *const texts[] = { "#EXTM3U\n/etc/passwd\n", "ffconcat version 1.0\nfile a.m4a\n" };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(texts); i++) {
        FILE *f = fopen(TEST_SCRATCH "/list.m4a", "w");
        fputs(texts[i], f);
        fclose(f);
        assert_null(sori_load(c, TEST_SCRATCH "/list.m4a", NULL).y);
        assert_non_null(strstr(sori_message(c), "is a text file"));
        sori_clear(c);
    }
    sori_close(c);
}

static void damaged_files(void **state) {
    (void)state;
    sori_ctx *c = sori_open(&(sori_options){ .warn = remember });
    assert_true(encode("-c:a aac -movflags +faststart", "a.m4a"));
    size_t n;
    char *data = base_read_file(c, TEST_SCRATCH "/a.m4a", 1 << 20, &n);
    for (size_t i = 0; i < 6; i++) {
        FILE *f = fopen(TEST_SCRATCH "/cut.m4a", "wb");
        fwrite(data, 1, n * i / 6, f);
        fclose(f);
        sori_info info;
        warning[0] = 0;
        if (sori_file_info(c, TEST_SCRATCH "/cut.m4a", &info)) {
            assert_int_equal(sori_error(c), SORI_EFORMAT);
            assert_null(strchr(sori_message(c), '\n'));
        } else {
            assert_true(info.truncated && info.frames < 88200 && strstr(warning, "truncated"));
        }
        sori_clear(c);
    }
    base_free(c, data);
    no_child_is_left();
    sori_close(c);
}

static void where_it_is_missing(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    assert_true(encode("-c:a aac", "a.m4a"));
    char *path = strdup(getenv("PATH"));
    setenv("PATH", TEST_SCRATCH, 1);
    assert_null(sori_load(c, TEST_SCRATCH "/a.m4a", NULL).y);
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(sori_error(c), SORI_EUNSUP);
    assert_non_null(strstr(sori_message(c), "needs the ffmpeg program"));
    no_child_is_left();
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers),               cmocka_unit_test(odd_names),
        cmocka_unit_test(a_part_leaves_no_process), cmocka_unit_test(playlists_are_text),
        cmocka_unit_test(damaged_files),            cmocka_unit_test(where_it_is_missing),
    };
    if (!have_ffmpeg()) {
        printf("skipped: no ffmpeg program\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
