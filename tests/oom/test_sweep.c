/* Out of memory in a sweep: it says so, and what lies in its folder is good for the next try. */
#include "oom.h"
#include <sori/task.h>

#define DATA TEST_SCRATCH "/sounds"
#define DIR TEST_SCRATCH "/sweep"

static void make_sounds(void) {
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(system("rm -rf '" DATA "' && mkdir -p '" DATA "/a' '" DATA "/b'"), 0);
    for (int i = 0; i < 8; i++) {
        float y[1600];
        for (int t = 0; t < 1600; t++) y[t] = (float)(0.1 * sin(t * (i % 2 ? 0.3 : 0.7) + i));
        char path[256];
        snprintf(path, sizeof path, "%s/%s/%d.wav", DATA, i % 2 ? "a" : "b", i);
        sori_save(c, path, sori_audio_from(c, y, 1, 1600, 8000), NULL);
    }
    assert_ok(c);
    sori_close(c);
}

#define ONE(name, value) { name, (const char *const[]){ value }, 1 }
static const sori_sweep_axis axes[] = {
    { "n_mels", (const char *const[]){ "4", "8" }, 2 }, ONE("segment", "0.2"), ONE("n_fft", "128"),
    ONE("hop_length", "400"), ONE("epochs", "1"), ONE("model", "mlp"),
};

/* arg: remove what was done before. */
static uint64_t run_sweep(sori_ctx *c, const void *arg) {
    if (arg && system("rm -rf '" DIR "'") != 0) return 0;
    sori_sweep_result r = { 0 };
    sori_sweep(c, DATA, DIR, &(sori_sweep_config){ .axes = axes, .axis_count = 6 }, &r);
    uint64_t h = BASE_HASH_START;
    for (size_t i = 0; i < r.row_count; i++) h = base_hash(h, &r.rows[i].accuracy, sizeof(double));
    for (size_t i = 0; i < r.margin_count; i++) h = base_hash(h, &r.margins[i].accuracy, sizeof(double));
    return h;
}

static void sweeps(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = run_sweep, .arg = "", .most = 60 });
}

/* All runs are there: reading, tables, picture and page. */
static void reports(void **state) {
    (void)state;
    oom_every(&(oom_job){ .run = run_sweep, .most = 300 });
}

int main(void) {
    make_sounds();
    const struct CMUnitTest tests[] = { cmocka_unit_test(sweeps), cmocka_unit_test(reports) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
