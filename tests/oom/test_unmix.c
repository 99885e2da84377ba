/* Out of memory while templates are learnt, a mixture is taken apart, and notes are scored. */
#include "oom.h"
#include <sori/metrics.h>
#include <sori/unmix.h>
#include <sys/stat.h>

#define N 2400

static sori_audio tone(sori_ctx *c, double period) {
    float y[N];
    for (int i = 0; i < N; i++) y[i] = (float)(0.3 * sin(6.283185307179586 * i / period));
    return sori_audio_from(c, y, 1, N, 8000);
}

static const sori_templates_config transform = { .sr = 8000, .stft = { .n_fft = 256, .hop_length = 64 }, .T = 4 };

static uint64_t take_apart(sori_ctx *c, const sori_templates *t, const sori_unmix_config *config) {
    sori_audio y = tone(c, 18.2);
    uint64_t h = 0;
    sori_unmix_config g = *config;
    g.templates = t;
    g.transform = transform;
    g.nmf = (sori_nmf_config){ .loss = SORI_NMF_KULLBACK_LEIBLER, .max_iter = 4, .tol = SORI_NONE };
    sori_unmix *u = sori_unmix_new(c, y, &g);
    h ^= hash(sori_unmix_notes(u, NULL).memory);
    for (size_t p = 0; p < sori_unmix_parts(u); p++) h = h * 31 + hash(sori_unmix_part(u, y, p).y);
    sori_unmix_free(u);
    return h;
}

static uint64_t unmix(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_templates *t = sori_templates_new(c, &transform);
    sori_templates_add(t, "flute", 69, tone(c, 18.2));
    sori_templates_add(t, "oboe", 76, tone(c, 12.1));
    sori_templates_add_drum(t, 38, tone(c, 3));
    uint64_t h = take_apart(c, t, &(sori_unmix_config){ .slice_s = 0.1, .drums = -1, .n_components = 1 });
    h = h * 31 + take_apart(c, t, &(sori_unmix_config){ .use = SORI_UNMIX_FIXED });
    h = h * 31 + take_apart(c, t, &(sori_unmix_config){ .use = SORI_UNMIX_NAMES });
    sori_templates_free(t);
    return h * 31 + take_apart(c, NULL, &(sori_unmix_config){ .n_components = 2, .drums = 1 });
}

static uint64_t load(sori_ctx *c, const void *arg) {
    sori_templates *t = sori_load_templates(c, arg, &transform);
    uint64_t h = sori_templates_count(t);
    sori_templates_free(t);
    return h;
}

static uint64_t score(sori_ctx *c, const void *arg) {
    (void)arg;
    const double rows[3][3] = { { 0, 1, 60 }, { 0.02, 1, 60 }, { 1, 2, 70 } };
    sori_array *a = sori_array_from(c, SORI_F64, 2, (size_t[]){ 3, 3 }, rows);
    return sori_note_f1(c, a, a, NULL).matched;
}

static void everything(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = unmix, .most = 250 });
    oom_every(&(oom_job){ .run = unmix, .threads = 2, .most = 40 });
    oom_every(&(oom_job){ .run = score });
}

static void folders(void **state) {
    (void)state;
    static const char folder[] = TEST_SCRATCH "/notes";
    mkdir(folder, 0777);
    sori_ctx *c = sori_open(NULL);
    sori_save(c, TEST_SCRATCH "/notes/flute_A4.wav", tone(c, 18.2), NULL);
    sori_save(c, TEST_SCRATCH "/notes/drums_snare.wav", tone(c, 3), NULL);
    bool built = sori_error(c) == SORI_OK;
    sori_close(c);
    if (built) oom_every(&(oom_job){ .run = load, .arg = folder });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(everything), cmocka_unit_test(folders) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
