/* Sound files: what is asked is given, and every fault is one sentence with the path and the reason. */
#include "test.h"
#include "base/base.h"
#include <sori/audio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char warning[1200];
static void remember(void *user, const char *message) {
    (void)user;
    snprintf(warning, sizeof warning, "%s", message);
}

static sori_ctx *open_context(void) {
    warning[0] = 0;
    return sori_open(&(sori_options){ .warn = remember });
}

/* --- WAV files made byte by byte -------------------------------------------------------------------------------- */

typedef struct wav {
    int tag, channels, bits;
    uint32_t rate, data_size;
    size_t data;                  /* bytes of data really there: 16-bit 0, 1, 2, ... */
    const char *tail;             /* bytes behind the data */
    size_t tail_size;
} wav;

static void put(FILE *f, uint32_t v, int bytes) {
    for (int i = 0; i < bytes; i++) fputc((int)(v >> (8 * i) & 255), f);
}

static const char *write_wav(const char *path, wav w) {
    FILE *f = fopen(path, "wb");
    uint32_t align = (uint32_t)(w.channels * w.bits / 8);
    fwrite("RIFF\0\0\0\0WAVEfmt \20\0\0\0", 1, 20, f);
    put(f, (uint32_t)w.tag, 2), put(f, (uint32_t)w.channels, 2), put(f, w.rate, 4), put(f, w.rate * align, 4);
    put(f, align, 2), put(f, (uint32_t)w.bits, 2);
    fwrite("data", 1, 4, f);
    put(f, w.data_size, 4);
    for (size_t i = 0; i < w.data / 2; i++) put(f, (uint32_t)i, 2);
    if (w.tail) fwrite(w.tail, 1, w.tail_size, f);
    fclose(f);
    return path;
}

#define WAV TEST_SCRATCH "/made.wav"
static const wav good = { .tag = 1, .channels = 1, .bits = 16, .rate = 8000, .data_size = 2000, .data = 2000 };

/* Loading must fail with that status and a sentence that holds the path and the words. */
static void refuse(const char *path, sori_status status, const char *words, const sori_load_config *config) {
    sori_ctx *c = open_context();
    sori_info info;
    assert_null(sori_load(c, path, config).y);
    if (sori_error(c) != status || !strstr(sori_message(c), words) || !strstr(sori_message(c), path))
        fail_msg("expected %s with \"%s\", got %s: %s", sori_status_name(status), words,
                 sori_status_name(sori_error(c)), sori_message(c));
    if (!config) {
        sori_clear(c);
        assert_int_equal(sori_file_info(c, path, &info), status);
    }
    sori_close(c);
}

static const char *write_bytes(const char *path, const void *data, size_t n) {
    FILE *f = fopen(path, "wb");
    fwrite(data, 1, n, f);
    fclose(f);
    return path;
}

/* --- faults ----------------------------------------------------------------------------------------------------- */

static void what_cannot_be_opened(void **state) {
    (void)state;
    refuse(TEST_SCRATCH "/missing.wav", SORI_EIO, "No such file", NULL);
    refuse(TEST_SCRATCH, SORI_EIO, "is a directory", NULL);
    mkfifo(TEST_SCRATCH "/fifo.wav", 0600);
    refuse(TEST_SCRATCH "/fifo.wav", SORI_EIO, "not a regular file", NULL);
    if (geteuid() != 0) {
        chmod(write_wav(TEST_SCRATCH "/secret.wav", good), 0);
        refuse(TEST_SCRATCH "/secret.wav", SORI_EIO, "Permission denied", NULL);
    }
}

static void what_is_not_sound(void **state) {
    (void)state;
    refuse(write_bytes(TEST_SCRATCH "/e.wav", "", 0), SORI_EFORMAT, "is empty", NULL);
    refuse(write_bytes(TEST_SCRATCH "/t.wav", "path,label\n한국어\n", 21), SORI_EFORMAT, "is a text file", NULL);
    refuse(write_bytes(TEST_SCRATCH "/n.wav", "\0\1\2\3\4\5\6\7", 8), SORI_EFORMAT, "not sound", NULL);
    refuse(write_bytes(TEST_SCRATCH "/r.wav", "RIFF\4\0\0\0WAVE", 12), SORI_EFORMAT, "not sound", NULL);
}

static void impossible_headers(void **state) {
    (void)state;
    wav w = good;
    w.channels = 0;
    refuse(write_wav(WAV, w), SORI_EFORMAT, "declares 0 channels", NULL);
    w.channels = 65535;
    refuse(write_wav(WAV, w), SORI_EFORMAT, "declares more than 256 channels", NULL);
    w = good;
    w.rate = 0;
    refuse(write_wav(WAV, w), SORI_EFORMAT, "rate below 1 Hz", NULL);
    w.rate = 0x80000000u;
    refuse(write_wav(WAV, w), SORI_EFORMAT, "above 2147483647 Hz", NULL);
    w = good;
    w.data_size = 0;
    w.data = 0;
    refuse(write_wav(WAV, w), SORI_EFORMAT, "no sound in it", NULL);
    w.tail = "LIST\4\0\0\0abcd";
    w.tail_size = 12;
    refuse(write_wav(WAV, w), SORI_EFORMAT, "no sound in it", NULL);
}

static void samples_that_are_no_numbers(void **state) {
    (void)state;
    wav w = { .tag = 3, .channels = 1, .bits = 32, .rate = 8000, .data_size = 12, .tail_size = 12,
              .tail = "\0\0\0\77" "\0\0\300\177" "\0\0\200\377" };   /* 0.5, NaN, -infinity */
    refuse(write_wav(WAV, w), SORI_EFORMAT, "sample 1 is not a finite number", &(sori_load_config){ .sr = 8000 });
    sori_ctx *c = open_context();
    sori_load_config allow = { .sr = 8000, .allow_nonfinite = true };
    sori_audio a = sori_load(c, WAV, &allow);
    assert_ok(c);
    assert_true(isnan(((float *)a.y->data)[1]));
    sori_info info;
    sori_file_info(c, WAV, &info);
    assert_int_equal(info.nonfinite, 2);
    assert_close(info.peak, 0.5, 0, 0);
    assert_close(info.rms, 0.5, 0, 0);
    sori_close(c);
}

static void a_truncated_file_gives_what_is_there(void **state) {
    (void)state;
    wav w = good;
    w.data_size = 20000;
    write_wav(WAV, w);
    sori_ctx *c = open_context();
    sori_info info;
    sori_audio a = sori_load(c, WAV, &(sori_load_config){ .sr = SORI_SR_NATIVE });
    assert_ok(c);
    assert_int_equal(a.y->size, 1000);
    assert_close(((float *)a.y->data)[999], 999 / 32768.0, 0, 0);
    assert_non_null(strstr(warning, "truncated: using the 1000"));
    assert_int_equal(sori_file_info(c, WAV, &info), SORI_OK);
    assert_true(info.truncated);
    sori_close(c);
    refuse(WAV, SORI_EFORMAT, "truncated", &(sori_load_config){ .strict = true });
}

static void a_length_never_filled_in_is_recovered(void **state) {
    (void)state;
    static const uint32_t sizes[] = { 0, 0xffffffffu, 0x7ffff000u };
    for (size_t i = 0; i < BASE_COUNT(sizes); i++) {
        wav w = good;
        w.data_size = sizes[i];
        sori_ctx *c = open_context();
        sori_info info;
        assert_int_equal(sori_file_info(c, write_wav(WAV, w), &info), SORI_OK);
        assert_int_equal(info.frames, 1000);
        assert_false(info.truncated);
        assert_string_equal(info.format, "WAV");
        assert_string_equal(info.encoding, "PCM 16 bit");
        assert_non_null(strstr(warning, "gives no length"));
        sori_close(c);
    }
}

/* Cut a FLAC at many places: never more frames than there were, never a crash, always a verdict. */
static void cut_flac(void **state) {
    (void)state;
    enum { N = 30000 };
    static float x[N];
    sori_ctx *c = open_context();
    for (int i = 0; i < N; i++) x[i] = (float)sin(i * 0.05) * 0.5f;
    sori_save(c, TEST_SCRATCH "/cut.flac", sori_audio_from(c, x, 1, N, 8000), NULL);
    size_t n;
    char *data = base_read_file(c, TEST_SCRATCH "/cut.flac", 1 << 20, &n);
    assert_ok(c);
    for (size_t cut = 0; cut < n; cut += cut < 200 ? 7 : 997) {
        sori_info info;
        warning[0] = 0;
        sori_file_info(c, write_bytes(TEST_SCRATCH "/cut2.flac", data, cut), &info);
        if (!sori_error(c)) assert_true(info.frames > 0 && info.frames < N && info.truncated && warning[0]);
        else assert_int_equal(sori_error(c), SORI_EFORMAT);
        sori_clear(c);
    }
    /* STREAMINFO's frame count, 36 bits, all ones: nothing is allocated from it. */
    data[21] |= 15;
    memset(data + 22, 255, 4);
    write_bytes(TEST_SCRATCH "/cut2.flac", data, n);
    sori_audio a = sori_load(c, TEST_SCRATCH "/cut2.flac", NULL);
    assert_ok(c);
    assert_int_equal(a.y->size, (size_t)ceil(N * 22050.0 / 8000));
    base_free(c, data);
    sori_close(c);
    refuse(TEST_SCRATCH "/cut2.flac", SORI_EFORMAT, "limit of 100 frames", &(sori_load_config){ .max_frames = 100 });
}

/* --- arguments -------------------------------------------------------------------------------------------------- */

static void offset_and_duration(void **state) {
    (void)state;
    write_wav(WAV, good);
    refuse(WAV, SORI_EINVAL, "lasts only 0.125 s", &(sori_load_config){ .offset_s = 2 });
    refuse(WAV, SORI_EINVAL, "must not be negative", &(sori_load_config){ .offset_s = -1 });
    refuse(WAV, SORI_EINVAL, "target rate", &(sori_load_config){ .sr = NAN });
    sori_ctx *c = open_context();
    sori_audio a = sori_load(c, WAV, &(sori_load_config){ .sr = 8000, .offset_s = 0.1, .duration_s = 5 });
    assert_ok(c);
    assert_int_equal(a.y->size, 200);
    sori_close(c);
}

static void names_are_bytes(void **state) {
    (void)state;
    static const char *const names[] = { "-i.wav", "한국어 소리.wav", "new\nline.wav", "raw\377\376.wav", "file:x.wav" };
    sori_ctx *c = open_context();
    assert_int_equal(chdir(TEST_SCRATCH), 0);
    sori_audio a = sori_audio_from(c, (float[]){ 0.5f, -0.5f }, 1, 2, 8000);
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
        assert_int_equal(sori_save(c, names[i], a, NULL), SORI_OK);
        assert_int_equal(sori_load(c, names[i], &(sori_load_config){ .sr = 8000 }).y->size, 2);
        unlink(names[i]);
    }
    sori_close(c);
}

static void saving_refuses(void **state) {
    (void)state;
    sori_ctx *c = open_context();
    float x[2] = { 1.5f, -0.25f };
    sori_audio a = sori_audio_from(c, x, 1, 2, 8000);
    sori_audio broken = sori_audio_from(c, (float[]){ 0, INFINITY }, 1, 2, 8000);
    const struct { const char *path, *words; sori_audio audio; sori_subtype subtype; sori_status status; } cases[] = {
        { TEST_SCRATCH "/x.mp3", "must end in .wav or .flac", a, SORI_PCM_16, SORI_EINVAL },
        { TEST_SCRATCH "/x.flac", "FLAC holds integers", a, SORI_FLOAT, SORI_EINVAL },
        { TEST_SCRATCH "/no/x.wav", "cannot create", a, SORI_PCM_16, SORI_EIO },
        { TEST_SCRATCH "/x.wav", "sample 1 is not a finite", broken, SORI_PCM_16, SORI_EINVAL },
        { TEST_SCRATCH "/x.wav", "whole number", { a.y, 8000.5 }, SORI_PCM_16, SORI_EINVAL },
        { TEST_SCRATCH "/x.wav", "no array", { NULL, 8000 }, SORI_PCM_16, SORI_EINVAL },
    };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        sori_save_config config = { .subtype = cases[i].subtype };
        assert_int_equal(sori_save(c, cases[i].path, cases[i].audio, &config), cases[i].status);
        if (!strstr(sori_message(c), cases[i].words)) fail_msg("%s", sori_message(c));
        assert_int_equal(access(cases[i].path, F_OK), -1);
        sori_clear(c);
    }
    assert_int_equal(sori_save(c, WAV, a, NULL), SORI_OK);
    assert_non_null(strstr(warning, "1 samples beyond -1..1 were clipped"));
    sori_audio b = sori_load(c, WAV, &(sori_load_config){ .sr = 8000 });
    assert_close(((float *)b.y->data)[0], 32767 / 32768.0, 0, 0);
    assert_close(((float *)b.y->data)[1], -0.25, 0, 0);
    sori_close(c);
}

static void more_channels_than_two(void **state) {
    (void)state;
    enum { CHANNELS = 256, N = 100 };
    static float x[CHANNELS * N];
    for (int i = 0; i < CHANNELS * N; i++) x[i] = (float)(i % 128 - 64) / 64;
    sori_ctx *c = open_context();
    sori_save(c, WAV, sori_audio_from(c, x, CHANNELS, N, 8000), NULL);
    sori_audio a = sori_load(c, WAV, &(sori_load_config){ .sr = SORI_SR_NATIVE, .multichannel = true });
    assert_ok(c);
    assert_int_equal(a.y->shape[0], CHANNELS);
    assert_memory_equal(a.y->data, x, sizeof x);
    assert_int_equal(sori_save(c, TEST_SCRATCH "/nine.flac", sori_audio_from(c, x, 9, N, 8000), NULL), SORI_EINVAL);
    sori_close(c);
}

static void an_interrupt_stops_it(void **state) {
    (void)state;
    sori_ctx *c = open_context();
    sori_interrupt(c);
    assert_null(sori_load(c, write_wav(WAV, good), NULL).y);
    assert_int_equal(sori_error(c), SORI_EINTR);
    sori_close(c);
}

/* A disk that takes only so many bytes: one sentence, the old file stays, nothing lies beside it. */
static void a_full_disk(void **state) {
    (void)state;
    struct rlimit old, small = { 4096, 4096 };
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    sori_ctx *c = open_context();
    mkdir(TEST_SCRATCH "/full", 0777);
    static float x[20000];
    for (int i = 0; i < 20000; i++) x[i] = (float)sin(i * i * 0.37) * 0.9f;
    static const char *const names[] = { TEST_SCRATCH "/full/a.wav", TEST_SCRATCH "/full/a.flac" };
    for (size_t i = 0; i < BASE_COUNT(names); i++) {
        write_bytes(names[i], "old", 3);
        setrlimit(RLIMIT_FSIZE, &small);
        assert_int_equal(sori_save(c, names[i], sori_audio_from(c, x, 1, 20000, 8000), NULL), SORI_EIO);
        setrlimit(RLIMIT_FSIZE, &old);
        assert_non_null(strstr(sori_message(c), "cannot write"));
        sori_clear(c);
        size_t n;
        char *text = base_read_file(c, names[i], 100, &n);
        assert_string_equal(text, "old");
        base_free(c, text);
        unlink(names[i]);
    }
    assert_int_equal(rmdir(TEST_SCRATCH "/full"), 0);   /* so it is empty */
    sori_close(c);
}

/* A sparse WAV of 5 GB whose header gives no length: the last tenth of a second is reached. */
static void beyond_four_gigabytes(void **state) {
    (void)state;
    enum { RATE = 48000 };
    uint64_t frames = UINT64_C(5000000000) / 4;
    wav w = { .tag = 1, .channels = 2, .bits = 16, .rate = RATE, .data_size = 0xffffffffu };
    write_wav(TEST_SCRATCH "/big.wav", w);
    int16_t mark[2] = { 16384, 0 };
    FILE *f = fopen(TEST_SCRATCH "/big.wav", "r+b");
    assert_int_equal(fseeko(f, (off_t)(44 + 4 * (frames - 1)), SEEK_SET), 0);
    fwrite(mark, 2, 2, f);
    fclose(f);
    sori_ctx *c = open_context();
    sori_load_config config = { .sr = SORI_SR_NATIVE, .offset_s = (double)(frames - 4800) / RATE };
    sori_audio a = sori_load(c, TEST_SCRATCH "/big.wav", &config);
    unlink(TEST_SCRATCH "/big.wav");
    assert_ok(c);
    assert_int_equal(a.y->size, 4800);
    assert_close(((float *)a.y->data)[4799], 0.25, 0, 0);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_opened),
        cmocka_unit_test(what_is_not_sound),
        cmocka_unit_test(impossible_headers),
        cmocka_unit_test(samples_that_are_no_numbers),
        cmocka_unit_test(a_truncated_file_gives_what_is_there),
        cmocka_unit_test(a_length_never_filled_in_is_recovered),
        cmocka_unit_test(cut_flac),
        cmocka_unit_test(offset_and_duration),
        cmocka_unit_test(names_are_bytes),
        cmocka_unit_test(saving_refuses),
        cmocka_unit_test(more_channels_than_two),
        cmocka_unit_test(an_interrupt_stops_it),
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(beyond_four_gigabytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
