/* Out of memory in chains of changes: read from text and JSON, with sounds of files, carried out. */
#include "oom.h"
#include <sori/sori.h>

static uint64_t chains(sori_ctx *c, const void *arg) {
    static const sori_label items[] = { { .start_s = 0.01, .end_s = 0.1, .text = "a" } };
    (void)arg;
    sori_labels labels = { NULL, items, 1 };
    sori_array *log = NULL;
    sori_augment *a = sori_augment_new(c, "background(files=" TEST_SCRATCH "/noise.wav) one_of(gain clip) shift(0.1)");
    sori_audio y = sori_augment_apply(c, a, sori_noise(c, SORI_PINK_NOISE, 900, 8000, 1), &labels, 1, 2, 3, &log);
    uint64_t h = hash(y.y) ^ hash(log);
    sori_augment_free(c, a);
    return h;
}

static uint64_t of_json(sori_ctx *c, const void *arg) {
    (void)arg;
    static const char json[] = "[{\"name\": \"time_mask\"}, {\"name\": \"time_warp\", \"width\": [0.1, 0.2]}]";
    sori_augment *a = sori_augment_new(c, json);
    sori_array *S = sori_array_new(c, SORI_F32, 2, (size_t[]){ 8, 20 }), *log = NULL;
    for (size_t i = 0; S && i < S->size; i++) ((float *)S->data)[i] = (float)i;
    sori_augment_spectrum(c, a, S, -1, 1, 2, 3, &log);
    uint64_t h = hash(S) ^ hash(log);
    sori_augment_free(c, a);
    return h;
}

static void of_chains(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_save(c, TEST_SCRATCH "/noise.wav", sori_noise(c, SORI_WHITE_NOISE, 500, 8000, 1), NULL);
    assert_ok(c);
    sori_close(c);
    oom_every(&(oom_job){ .run = chains });
}
static void of_text(void **state) { (void)state; oom_every(&(oom_job){ .run = of_json }); }

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(of_chains), cmocka_unit_test(of_text) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
