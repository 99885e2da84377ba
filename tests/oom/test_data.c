/* Out of memory while recordings are found, split, turned into features, learned from and classified. */
#include "oom.h"
#include "data/data.h"
#include <sori/task.h>
#include <sys/stat.h>

#define DATA TEST_SCRATCH "/sounds"
#define LIST TEST_SCRATCH "/sounds/list.csv"
#define CACHE TEST_SCRATCH "/cache"
#define MODEL TEST_SCRATCH "/model.safetensors"
#define SR 8000.0

static const sori_train_config quick = {
    .input = { .sr = SR, .segment_s = 0.2, .config = { .n_mels = 8, .stft = { .n_fft = 128, .hop_length = 200 } } },
    .scan = { .label_pattern = "{label}_{group}_*" },
    .model = "mlp", .epochs = 2, .batch_size = 4,
};

static void make_sounds(sori_ctx *c) {
    assert_int_equal(system("rm -rf '" DATA "' '" CACHE "' && mkdir -p '" DATA "' '" CACHE "'"), 0);
    FILE *csv = fopen(LIST, "w");
    fprintf(csv, "path,label,group\n");
    for (int i = 0; i < 12; i++) {
        float y[2400];
        for (int t = 0; t < 2400; t++) y[t] = (float)(0.1 * sin(t * (i % 2 ? 0.3 : 0.7) + i));
        char path[256];
        snprintf(path, sizeof path, "%s/%s_g%d_%d.wav", DATA, i % 2 ? "a" : "b", i, i);
        sori_save(c, path, sori_audio_from(c, y, 1, 2400, SR), NULL);
        fprintf(csv, "\"%s\",%s,g%d\n", path, i % 2 ? "a" : "b", i);
    }
    fclose(csv);
}

static uint64_t hash_list(const sori_list *l) {
    uint64_t h = BASE_HASH_START;
    for (size_t i = 0; l && i < l->count; i++) {
        h = base_hash(h, l->items[i].path, strlen(l->items[i].path));
        h = base_hash(h, &l->items[i].split, sizeof l->items[i].split);
    }
    return h;
}

static uint64_t find_and_split(sori_ctx *c, const void *path) {
    const sori_list *l = sori_scan(c, path, &quick.scan);
    return hash_list(sori_split_list(c, l, &(sori_split_config){ .seed = 1 }));
}

static uint64_t load(sori_ctx *c, const void *cache) {
    sori_dataset_config config = { .input = quick.input, .cache = cache, .mixup = 0.2 };
    config.augment.time_masks = 1;
    config.augment.time_mask = 0.3;
    sori_dataset *d = sori_dataset_new(c, sori_scan(c, DATA, &quick.scan), SORI_SPLIT_COUNT, &config);
    sori_source s = sori_dataset_source(d);
    uint64_t h = BASE_HASH_START;
    for (uint32_t i = 0; d && i < s.count; i++) {
        float x[8 * 8], y[2];
        s.fill(c, s.user, 1, &i, 1, x, y);
        h = base_hash(h, x, sizeof x);
    }
    sori_dataset_free(d);
    return h;
}

static uint64_t train(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_train_result r = { 0 };
    sori_train_classifier(c, DATA, MODEL, &quick, &r);
    return base_hash(BASE_HASH_START, &r.test_accuracy, sizeof r.test_accuracy);
}

static uint64_t use(sori_ctx *c, const void *arg) {
    (void)arg;
    sori_classifier *k = sori_classifier_load(c, MODEL);
    sori_array *p = sori_classify_file(k, DATA "/a_g1_1.wav");
    sori_evaluation e = { 0 };
    if (k) sori_evaluate_classifier(k, DATA, NULL, NULL, true, SORI_TEST, 0, &e);
    uint64_t h = p ? base_hash(BASE_HASH_START, p->data, p->size * sizeof(float)) : 0;
    if (e.confusion) h = base_hash(h, e.confusion, 4 * sizeof *e.confusion);
    sori_classifier_free(k);
    return h;
}

static void finding(void **state) {
    (void)state;
    oom_every(&(oom_job){ find_and_split, DATA });
    oom_every(&(oom_job){ find_and_split, LIST });
}

static void datasets(void **state) {
    (void)state;
    oom_every(&(oom_job){ load, NULL, .most = 150 });
    oom_every(&(oom_job){ load, CACHE, .most = 150 });   /* cold at first, then warm */
}

static void tasks(void **state) {
    (void)state;
    oom_every(&(oom_job){ train, NULL, .most = 100 });
    oom_every(&(oom_job){ use, NULL, .most = 100 });
}

static int setup(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    make_sounds(c);
    sori_train_classifier(c, DATA, MODEL, &quick, NULL);
    assert_ok(c);
    sori_close(c);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finding), cmocka_unit_test(datasets), cmocka_unit_test(tasks),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
