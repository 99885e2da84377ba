/* Names of instruments and notes, tones, and notes played from a SoundFont (skipped where none is installed). */
#include "test.h"
#include "base/base.h"
#include <sori/synth.h>
#include <unistd.h>

static const char *font(void) {
    static const char path[] = "/usr/share/sounds/sf2/FluidR3_GM.sf2";
    return access(path, R_OK) == 0 ? path : NULL;
}

static void instruments_have_names(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    for (int i = 0; i < SORI_INSTRUMENTS; i++) {
        const char *name = sori_instrument_name(i), *title = sori_instrument_title(i);
        assert_int_equal(sori_instrument(c, name), i);    /* so no two are the same */
        assert_int_equal(sori_instrument(c, title), i);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
    }
    assert_int_equal(sori_instrument(c, "Steel-Guitar"), 25);
    assert_int_equal(sori_instrument(c, "organ"), 19);
    assert_int_equal(sori_instrument(c, "73"), 73);
    assert_ok(c);
    assert_null(sori_instrument_name(128));
    assert_int_equal(sori_instrument(c, "pino"), -1);
    assert_non_null(strstr(sori_message(c), "no instrument is called \"pino\""));
    sori_clear(c);
    assert_int_equal(sori_instrument(c, "128"), -1);
    sori_close(c);
}

static void notes_have_names(void **state) {
    (void)state;
    static const struct { const char *name; int midi; } notes[] = {   /* librosa.note_to_midi */
        { "C4", 60 }, { "A4", 69 }, { "F#4", 66 }, { "Bb2", 46 }, { "B!2", 46 }, { "C-1", 0 }, { "G9", 127 },
        { "c##5", 74 }, { "Cb4", 59 }, { "E♭4", 63 }, { "G♯3", 56 }, { "61", 61 },
    };
    static const char *const bad[] = { "", "H4", "C", "C#", "C4x", "G#9", "Cb-1", "128", "-1", "C99999999999" };
    sori_ctx *c = sori_open(NULL);
    char out[8];
    int low, high;
    for (size_t i = 0; i < BASE_COUNT(notes); i++)
        assert_int_equal(sori_note_number(c, notes[i].name), notes[i].midi);
    for (int i = 0; i < 128; i++) assert_int_equal(sori_note_number(c, sori_note_label(i, out)), i);
    assert_string_equal(sori_note_label(61, out), "C#4");
    assert_int_equal(sori_pitch_range(c, "C3:C5", &low, &high), SORI_OK);
    assert_true(low == 48 && high == 72);
    assert_int_equal(sori_pitch_range(c, "A4", &low, &high), SORI_OK);
    assert_true(low == 69 && high == 69);
    for (size_t i = 0; i < BASE_COUNT(bad); i++) {
        assert_int_equal(sori_note_number(c, bad[i]), -1);
        assert_int_equal(sori_error(c), SORI_EINVAL);
        sori_clear(c);
    }
    assert_int_equal(sori_pitch_range(c, "C5:C3", &low, &high), SORI_EINVAL);
    sori_close(c);
}

static void a_tone_is_a_sine(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_audio a = sori_tone(c, &(sori_tone_config){ .frequency_hz = 1000, .sr = 8000, .duration_s = 0.5 });
    assert_ok(c);
    assert_int_equal(a.y->size, 4000);
    const float *x = a.y->data;
    for (int i = 0; i < 4000; i++) assert_close(x[i], 0.5 * sin(2 * M_PI * i / 8), 1e-6, 0);
    a = sori_tone(c, &(sori_tone_config){ .frequency_hz = 2000, .sr = 8000, .amplitude = 1, .attack_s = 0.1,
                                          .decay_s = 0.1, .sustain = 0.5, .release_s = 0.2 });
    x = a.y->data;   /* peaks at every fourth sample from the first */
    assert_close(x[401], 0.5 + 1 / 800.0, 1e-6, 0);
    assert_close(x[801], 1, 1e-3, 0);
    assert_close(x[1601], 0.5, 1e-6, 0);
    assert_close(x[7201], 0.25, 1e-3, 0);
    assert_close(x[7997], 0, 1e-3, 0);
    sori_close(c);
}

static void refused(sori_ctx *c, sori_audio a, const char *sentence) {
    assert_null(a.y);
    assert_int_equal(sori_error(c), SORI_EINVAL);
    if (!strstr(sori_message(c), sentence)) fail_msg("%s", sori_message(c));
    sori_clear(c);
}

static void impossible_tones(void **state) {
    (void)state;
    static const double odd[] = { 1, NAN };
    static const struct { sori_tone_config config; const char *says; } cases[] = {
        { { .frequency_hz = 12000 }, "tone: 12000 Hz is not within 0 and sr/2, 11025 Hz" },
        { { .frequency_hz = 11025 }, "tone: 11025 Hz is not within 0 and sr/2, 11025 Hz" },
        { { .frequency_hz = NAN }, "tone: nan Hz is not within 0 and sr/2, 11025 Hz" },
        { { .attack_s = 2 }, "tone: attack, decay and release take 2 of 1 s" },
        { { .sustain = 2 }, "tone: sustain 2 must be 0 to 1, amplitude 0.5 and phase 0 finite" },
        { { .phase = INFINITY }, "tone: sustain 1 must be 0 to 1, amplitude 0.5 and phase inf finite" },
        { { .sr = -1 }, "tone: 1 s at -1 Hz" }, { { .duration_s = 1e15 }, "tone: 1e+15 s at 22050 Hz" },
        { { .wave = (sori_wave)7 }, "tone: there is no wave 7" },
        { { .wave = (sori_wave)-1 }, "tone: there is no wave -1" },
        { { .wave = SORI_SAW, .frequency_hz = 0.1 },
          "tone: 0.1 Hz has 110249 partials below sr/2, at most 65536 can be" },
        { { .wave = SORI_HARMONICS }, "tone: 0 harmonics, not 1 to 65536" },
        { { .wave = SORI_HARMONICS, .harmonics = odd }, "tone: 0 harmonics, not 1 to 65536" },
        { { .wave = SORI_HARMONICS, .harmonics = odd, .n_harmonics = 2 },
          "tone: harmonic 2 has amplitude nan, phase 0" },
        { { .wave = SORI_HARMONICS, .harmonics = odd, .phases = odd + 1, .n_harmonics = 1 },
          "tone: harmonic 1 has amplitude 1, phase nan" },
        { { .wave = SORI_FM, .index = 101 },
          "tone: ratio 1 is not above 0, at most 1e6, or index 101 not above 0, at most 100" },
        { { .wave = SORI_FM, .ratio = -1 },
          "tone: ratio -1 is not above 0, at most 1e6, or index 2 not above 0, at most 100" },
        { { .wave = SORI_PLUCK, .damping = 0.6 },
          "tone: damping 0.6 is not above 0, at most 0.5, or t60 0 s not 0 to 1e6" },
        { { .wave = SORI_PLUCK, .t60_s = -1 },
          "tone: damping 0.5 is not above 0, at most 0.5, or t60 -1 s not 0 to 1e6" },
        { { .wave = SORI_PLUCK, .frequency_hz = 6000 },
          "tone: a string of 6000 Hz; it must be within 1 and sr/4, 5512.5 Hz" },
    };
    sori_ctx *c = sori_open(NULL);
    for (size_t i = 0; i < BASE_COUNT(cases); i++) REFUSES(c, sori_tone(c, &cases[i].config).y, cases[i].says);
    assert_non_null(sori_tone(c, &(sori_tone_config){ .wave = SORI_PLUCK, .frequency_hz = 5512.5 }).y);
    assert_int_equal(sori_tone(c, &(sori_tone_config){ .duration_s = 1e-9 }).y->size, 1);
    assert_ok(c);
    sori_close(c);
}

/* Golden cases hold the values; here is what has none. */
static void a_chirp_stays_below_half_the_rate(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(sori_chirp(c, 20, 8000, NULL).y->size, 22050);
    sori_audio one = sori_chirp(c, 20, 8000, &(sori_chirp_config){ .length = 1, .phi = SORI_VALUE(0) });
    assert_true(one.sr == 22050 && one.y->size == 1 && ((float *)one.y->data)[0] == 1);
    for (size_t length = 2; length < 500; length++)   /* librosa: int(length / sr * sr) is one less for some of these */
        assert_int_equal(sori_chirp(c, 9, 99, &(sori_chirp_config){ .length = length, .sr = 44100 }).y->size, length);
    refused(c, sori_chirp(c, 20, 12000, NULL), "chirp: from 20 to 12000 Hz");
    refused(c, sori_chirp(c, 0, 100, NULL), "chirp: from 0 to 100 Hz");
    refused(c, sori_chirp(c, 20, NAN, NULL), "chirp: from 20 to nan Hz");
    refused(c, sori_chirp(c, 20, 100, &(sori_chirp_config){ .phi = SORI_VALUE(INFINITY) }), "phase inf");
    refused(c, sori_chirp(c, 20, 100, &(sori_chirp_config){ .duration_s = 1e-6 }), "chirp: 0 samples at 22050 Hz");
    refused(c, sori_chirp(c, 20, 100, &(sori_chirp_config){ .sr = -8000 }), "at -8000 Hz");
    sori_close(c);
}

static void clicks_are_where_events_are(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const sori_array *none = sori_array_new(c, SORI_F64, 1, (size_t[]){ 0 });
    const sori_array *early = sori_array_from(c, SORI_F64, 1, (size_t[]){ 1 }, (double[]){ -0.5 });
    const sori_array *late = sori_array_from(c, SORI_F64, 1, (size_t[]){ 1 }, (double[]){ 2 });
    sori_array *click = sori_array_from(c, SORI_F32, 1, (size_t[]){ 2 }, (float[]){ 1, 0.5f });
    sori_clicks_config config = { .click = click, .length = 5 };
    sori_audio silent = sori_clicks(c, none, &config), beyond = sori_clicks(c, late, &config);
    assert_ok(c);
    for (int i = 0; i < 5; i++) assert_true(((float *)silent.y->data)[i] == 0 && ((float *)beyond.y->data)[i] == 0);
    config = (sori_clicks_config){ .click = click, .hop_length = 1, .length = 4 };
    config.frames = sori_array_from(c, SORI_I64, 1, (size_t[]){ 3 }, (int64_t[]){ 3, 0, 1 });   /* the first is cut */
    assert_memory_equal(sori_clicks(c, NULL, &config).y->data, ((float[]){ 1, 1.5f, 0.5f, 1 }), 16);
    refused(c, sori_clicks(c, NULL, NULL), "clicks: neither times nor frames");
    refused(c, sori_clicks(c, none, NULL), "clicks: no events, and no length");
    refused(c, sori_clicks(c, early, NULL), "clicks: event 0 is at -0.5 s");
    config.hop_length = -1;
    refused(c, sori_clicks(c, NULL, &config), "clicks: hop_length -1 is below 1");
    refused(c, sori_clicks(c, late, &(sori_clicks_config){ .click_freq = 12000 }), "clicks: click_freq 12000 Hz");
    refused(c, sori_clicks(c, late, &(sori_clicks_config){ .click_duration_s = 1e-9 }), "clicks: a click: 0 samples");
    refused(c, sori_clicks(c, late, &(sori_clicks_config){ .sr = 0.5 }), "clicks: 1 samples at 0.5 Hz");
    refused(c, sori_clicks(c, late, &(sori_clicks_config){ .click = late }), "clicks: click");
    sori_close(c);
}

/* The lag with the largest autocorrelation around that of the expected pitch: the period in samples. */
static double period(const float *x, int n, double expected) {
    double best = 0, at = 0;
    for (int lag = (int)(expected * 0.7); lag < expected * 1.4; lag++) {
        double sum = 0;
        for (int i = 0; i + lag < n; i++) sum += (double)x[i] * x[i + lag];
        if (sum > best) best = sum, at = lag;
    }
    return at;
}

static void a_note_sounds_at_its_pitch(void **state) {
    (void)state;
    if (!font()) skip();
    sori_ctx *c = sori_open(NULL);
    sori_synth *s = sori_synth_open(c, NULL);
    static const struct { const char *instrument; int pitch; double hz; } cases[] = {
        { "flute", 69, 440 }, { "piano", 60, 261.63 }, { "violin", 76, 659.26 },
    };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        sori_note_config k = { .instrument = cases[i].instrument, .pitch = cases[i].pitch, .sr = 44100 };
        sori_audio a = sori_note(c, s, &k);
        assert_ok(c);
        assert_int_equal(a.y->size, 55125);
        assert_close(period((float *)a.y->data + 10000, 8000, 44100 / cases[i].hz), 44100 / cases[i].hz, 1, 0.006);
        assert_true(((float *)a.y->data)[a.y->size - 1] == 0);
    }
    sori_audio stereo = sori_note(c, s, &(sori_note_config){ .stereo = true, .sr = 16000 });
    sori_audio mono = sori_note(c, s, &(sori_note_config){ .sr = 16000 });
    assert_ok(c);
    assert_int_equal(stereo.y->shape[1], mono.y->size);
    float *left = stereo.y->data, *right = left + mono.y->size;
    for (size_t i = 0; i < mono.y->size; i++)
        assert_close(((float *)mono.y->data)[i], (left[i] + right[i]) / 2, 1e-7, 0);
    sori_synth_close(s);
    sori_close(c);
}

/* The same bits in a fresh synthesiser, again, and after other instruments have used the same voices. */
static void a_note_does_not_depend_on_others(void **state) {
    (void)state;
    if (!font()) skip();
    sori_ctx *c = sori_open(NULL);
    sori_synth *s = sori_synth_open(c, font()), *fresh = sori_synth_open(c, font());
    static const char *const names[] = { "piano", "violin", "flute", "guitar" };
    for (int i = 0; i < 12; i++) {
        sori_note_config k = { .instrument = names[i % 4], .pitch = 60 + i, .duration_s = 0.3 };
        sori_audio first = sori_note(c, s, &k);
        sori_note(c, s, &(sori_note_config){ .program = 7 * i, .velocity = 127, .duration_s = 0.1 * i + 0.05 });
        sori_audio again = sori_note(c, s, &k), other = sori_note(c, fresh, &k);
        assert_ok(c);
        assert_memory_equal(first.y->data, again.y->data, first.y->size * sizeof(float));
        assert_memory_equal(first.y->data, other.y->data, first.y->size * sizeof(float));
    }
    sori_synth_close(s);
    sori_synth_close(fresh);
    sori_close(c);
}

static void refuse_font(const char *path, sori_status status, const char *words) {
    sori_ctx *c = sori_open(NULL);
    assert_null(sori_synth_open(c, path));
    if (sori_error(c) != status || !strstr(sori_message(c), words)) fail_msg("%s", sori_message(c));
    sori_close(c);
}

static const char *write_bytes(const char *path, const char *data, size_t n) {
    FILE *f = fopen(path, "wb");
    fwrite(data, 1, n, f);
    fclose(f);
    return path;
}

static void broken_soundfonts(void **state) {
    (void)state;
    refuse_font(TEST_SCRATCH "/none.sf2", SORI_EIO, "No such file");
    refuse_font(TEST_SCRATCH, SORI_EIO, "not a regular file");
    refuse_font(write_bytes(TEST_SCRATCH "/t.sf2", "hello", 5), SORI_EFORMAT, "is not a SoundFont");
    refuse_font(write_bytes(TEST_SCRATCH "/t.sf2", "RIFF\377\0\0\0sfbk", 12), SORI_EFORMAT, "truncated");
    refuse_font(write_bytes(TEST_SCRATCH "/t.sf2", "RIFF\20\0\0\0sfbkLIST\4\0\0\0junk", 24), SORI_EFORMAT, "damaged");
}

/* The start of a real one, of many lengths: always refused. */
static void a_cut_soundfont(void **state) {
    (void)state;
    if (!font()) skip();
    static char start[65536];
    FILE *f = fopen(font(), "rb");
    assert_int_equal(fread(start, 1, sizeof start, f), sizeof start);
    fclose(f);
    for (size_t n = 0; n < sizeof start; n = n * 5 / 3 + 1) {
        write_bytes(TEST_SCRATCH "/cut.sf2", start, n);
        refuse_font(TEST_SCRATCH "/cut.sf2", SORI_EFORMAT, "SoundFont");
    }
}

static void impossible_notes(void **state) {
    (void)state;
    if (!font()) skip();
    static const sori_note_config cases[] = {
        { .pitch = 128 }, { .velocity = 200 }, { .program = -1 }, { .duration_s = -1 }, { .sr = 10 },
        { .duration_s = 1e9 }, { .instrument = "pino" }, { .instrument = "contrabass", .pitch = 127 },
    };
    sori_ctx *c = sori_open(NULL);
    sori_synth *s = sori_synth_open(c, font());
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        assert_null(sori_note(c, s, &cases[i]).y);
        assert_int_equal(sori_error(c), SORI_EINVAL);
        sori_clear(c);
    }
    sori_synth_close(s);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instruments_have_names),     cmocka_unit_test(notes_have_names),
        cmocka_unit_test(a_tone_is_a_sine),           cmocka_unit_test(impossible_tones),
        cmocka_unit_test(a_chirp_stays_below_half_the_rate), cmocka_unit_test(clicks_are_where_events_are),
        cmocka_unit_test(a_note_sounds_at_its_pitch),
        cmocka_unit_test(a_note_does_not_depend_on_others), cmocka_unit_test(broken_soundfonts),
        cmocka_unit_test(a_cut_soundfont),            cmocka_unit_test(impossible_notes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
