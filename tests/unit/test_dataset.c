/* Datasets: segments, standardisation, bad files, cache, and that nothing of it depends on threads or on the cache. */
#include "test.h"
#include "data/data.h"
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_ TEST_SCRATCH "/tones"
#define CACHE TEST_SCRATCH "/cache"
#define FILES 12
#define SR 8000.0

/* FILES tones of two classes, 0.3 to 2.5 s; the class is the pitch's octave. */
static void make_tones(void) {
    sori_ctx *c = sori_open(NULL);
    assert_int_equal(system("rm -rf '" DIR_ "' '" CACHE "' && mkdir -p '" DIR_ "/low' '" DIR_ "/high'"), 0);
    for (size_t i = 0; i < FILES; i++) {
        size_t n = (size_t)(SR * (0.3 + 0.2 * (double)i));
        float *y = malloc(n * sizeof *y);
        double f = (i % 2 ? 400 : 1200) + 20 * (double)i;
        for (size_t t = 0; t < n; t++) y[t] = (float)(0.3 * sin(2 * M_PI * f * (double)t / SR) * (1 + 0.1 * (double)i));
        char path[256];
        snprintf(path, sizeof path, "%s/%s/%02zu.wav", DIR_, i % 2 ? "low" : "high", i);
        sori_save(c, path, sori_audio_from(c, y, 1, n, SR), NULL);
        free(y);
    }
    assert_ok(c);
    sori_close(c);
}

/* 64 ms frames every 20 ms, segments of 50 frames every 25. */
static const sori_dataset_config small = {
    .input = { .sr = SR, .config = { .stft = { .n_fft = 512, .hop_length = 160 }, .n_mels = 20 } },
};

/* Half a second of samples; shifted by up to half of it when training. */
static const sori_dataset_config samples = {
    .input = { .sr = SR, .feature = "waveform", .segment_s = 0.5 },
    .augment = { .time_shift = 0.5, .time_masks = 3, .time_mask = 1, .eq_db = 100 },
};

static const data_rendering as_is;

static const sori_list *tones(sori_ctx *c) { return sori_scan(c, DIR_, NULL); }

/* All samples of an epoch in order, [count][size], for free(). */
static float *all_samples(sori_ctx *c, sori_dataset *d, uint32_t epoch, size_t *bytes) {
    sori_source s = sori_dataset_source(d);
    sori_shape shape = sori_dataset_shape(d);
    size_t size = (size_t)shape.dim[0] * (size_t)shape.dim[1];
    float *x = malloc(s.count * size * sizeof *x), y[2];
    for (uint32_t i = 0; i < s.count; i++) {
        s.fill(c, s.user, epoch, &i, 1, x + i * size, y);
        assert_true(y[sori_dataset_label(d, i)] == 1 && y[0] + y[1] == 1);
    }
    *bytes = s.count * size * sizeof *x;
    return x;
}

static void segments_cover_the_recording(void **state) {
    (void)state;
    for (size_t frames = 1; frames < 400; frames++)
        for (size_t hop = 1; hop <= 130; hop += 16) {
            data_geometry g = { .frames = 100, .hop = hop };
            size_t n = data_segment_count(&g, frames), covered = 0;
            for (size_t i = 0; i < n; i++) {
                size_t start = data_segment_start(&g, frames, i);
                if (hop <= 100) assert_true(start <= covered);        /* no gap */
                if (i > 0) assert_true(start > data_segment_start(&g, frames, i - 1));
                if (frames >= 100) assert_true(start + 100 <= frames);
                covered = start + 100;
            }
            size_t missed = covered < frames ? frames - covered : 0;
            assert_true((double)missed < (double)hop / 8);
            if (frames <= 100) assert_int_equal(n, 1);
        }
}

static void short_recordings_end_in_silence(void **state) {
    (void)state;
    float silence[2] = { -80, -70 }, features[6] = { 1, 2, 3, 4, 5, 6 }, out[10];
    data_geometry g = { .bins = 2, .frames = 5, .hop = 2, .silence = silence };
    data_segment_cut(&g, features, 3, 0, out);
    assert_memory_equal(out, ((float[]){ 1, 2, 3, -80, -80, 4, 5, 6, -70, -70 }), sizeof out);
}

static void inputs_are_standardised(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_dataset *d = sori_dataset_new(c, tones(c), SORI_TRAIN, &small);
    assert_ok(c);
    sori_shape shape = sori_dataset_shape(d);
    assert_int_equal(shape.dim[0], 20);
    assert_int_equal(shape.dim[1], 50);
    assert_int_equal(shape.dim[2], 1);
    size_t bytes, n = sori_dataset_count(d), recordings = 0;
    float *x = all_samples(c, d, UINT32_MAX, &bytes);
    for (size_t b = 0; b < 20; b++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t t = 0; t < 50; t++) {
                double v = x[(i * 20 + b) * 50 + t];
                sum += v;
                squares += v * v;
            }
        assert_close(sum / (double)(n * 50), 0, 1e-4, 0);
        assert_close(squares / (double)(n * 50), 1, 1e-3, 0);
    }
    for (size_t i = 0; i < n; i++) recordings += i == 0 || sori_dataset_item(d, i) != sori_dataset_item(d, i - 1);
    assert_int_equal(recordings, FILES);
    free(x);
    sori_dataset_free(d);
    sori_close(c);
}

/* A second dataset with the first one's mean and scale gives the bits of classification. */
/* Clean: the recording's samples, the largest of a segment 1. In training the same, moved, and zeros. */
static void waveforms_are_moved_and_no_more(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const float neutral[2] = { 0, 1 };
    sori_dataset_config config = samples;
    config.mean = sori_array_from(c, SORI_F32, 1, (size_t[]){ 1 }, &neutral[0]);
    config.scale = sori_array_from(c, SORI_F32, 1, (size_t[]){ 1 }, &neutral[1]);
    const sori_list *list = tones(c);
    sori_dataset *d = sori_dataset_new(c, list, SORI_SPLIT_COUNT, &config);
    assert_ok(c);
    sori_shape shape = sori_dataset_shape(d);
    assert_true(shape.dim[0] == 4000 && shape.dim[1] == 1 && shape.dim[2] == 0);
    size_t bytes, moved = 0;
    float *clean = all_samples(c, d, UINT32_MAX, &bytes), *trained = all_samples(c, d, 2, &bytes);
    sori_audio y = sori_load(c, list->items[sori_dataset_item(d, 0)].path, NULL);
    float largest = 0;
    for (int t = 0; t < 4000; t++) largest = BASE_MAX(largest, fabsf(clean[t]));
    assert_true(largest == 1 && y.y);
    for (size_t i = 0; i < bytes / 16000; i++) {
        const float *a = clean + 4000 * i, *b = trained + 4000 * i;
        long shift = 2001;
        for (long s = -2000; s <= 2000 && shift == 2001; s++) {
            bool same = true;
            for (long t = 0; t < 4000 && same; t++) same = b[t] == (t - s >= 0 && t - s < 4000 ? a[t - s] : 0);
            if (same) shift = s;
        }
        assert_true(shift <= 2000);
        moved += shift != 0;
    }
    assert_true(moved > 0);
    free(clean);
    free(trained);
    sori_dataset_free(d);
    sori_close(c);
}

static void one_way_from_sound_to_inputs(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const sori_list *list = sori_split_list(c, tones(c), NULL);
    sori_dataset *train = sori_dataset_new(c, list, SORI_TRAIN, &small);
    assert_ok(c);
    sori_dataset_config config = { .input = *sori_dataset_input(train), .mean = sori_dataset_mean(train),
                                   .scale = sori_dataset_scale(train) };
    sori_dataset *test = sori_dataset_new(c, list, SORI_TEST, &config);
    assert_ok(c);
    assert_ptr_not_equal(sori_dataset_mean(test), sori_dataset_mean(train));
    size_t bytes, at = 0, size = 20 * 50;
    float *x = all_samples(c, test, UINT32_MAX, &bytes);
    data_geometry g;
    assert_true(data_geometry_open(c, &g, &config.input));
    while (at / size < sori_dataset_count(test)) {
        const char *path = list->items[sori_dataset_item(test, at / size)].path;
        sori_array *f = data_features(c, &config.input, data_load(c, &config.input, path));
        size_t n = data_segment_count(&g, f->shape[1]);
        sori_array *s = data_segments(c, &g, f, 0, n, config.mean->data, config.scale->data);
        assert_ok(c);
        assert_memory_equal(s->data, x + at, n * size * sizeof *x);
        at += n * size;
    }
    assert_int_equal(at * sizeof *x, bytes);
    data_geometry_close(c, &g);
    free(x);
    sori_dataset_free(test);
    sori_dataset_free(train);
    sori_close(c);
}

static float *with(int threads, const char *cache, uint32_t epoch, size_t *bytes) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads });
    sori_dataset_config config = small;
    config.cache = cache;
    config.augment.time_shift = 0.2;
    config.augment.freq_warp = 0.1;
    config.augment.time_masks = 1;
    config.augment.time_mask = 0.1;
    sori_dataset *d = sori_dataset_new(c, tones(c), SORI_SPLIT_COUNT, &config);
    assert_ok(c);
    float *x = all_samples(c, d, epoch, bytes);
    sori_dataset_free(d);
    sori_close(c);
    return x;
}

static void same_bits(float *a, size_t na, float *b, size_t nb, bool same) {
    assert_int_equal(na, nb);
    assert_int_equal(memcmp(a, b, na) == 0, same);
    free(b);
}

/* Every entry of the cache: cut short, one byte changed, or removed. */
static size_t damage_cache(int how) {
    DIR *dir = opendir(CACHE);
    size_t n = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        char path[1024];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", CACHE, e->d_name);
        if (e->d_name[0] == '.' || stat(path, &st) != 0) continue;
        n++;
        if (how == 1) assert_int_equal(truncate(path, st.st_size / 2), 0);
        if (how == 2) {
            FILE *f = fopen(path, "r+b");
            fseek(f, -5, SEEK_END);
            fputc(77, f);
            fclose(f);
        }
    }
    closedir(dir);
    return n;
}

static void threads_and_cache_leave_no_trace(void **state) {
    (void)state;
    size_t na, nb;
    float *a = with(1, NULL, 0, &na), *b = with(4, NULL, 0, &nb);
    same_bits(a, na, b, nb, true);
    b = with(2, CACHE, 0, &nb);
    same_bits(a, na, b, nb, true);
    assert_int_equal(damage_cache(0), FILES);
    for (int how = 0; how < 3; how++) {
        assert_int_equal(damage_cache(how), FILES);
        b = with(2, CACHE, 0, &nb);
        same_bits(a, na, b, nb, true);
        b = with(2, CACHE, 0, &nb);   /* entries are whole again */
        same_bits(a, na, b, nb, true);
    }
    b = with(1, NULL, 1, &nb);        /* another epoch is another augmentation */
    same_bits(a, na, b, nb, false);
    b = with(1, NULL, UINT32_MAX, &nb);
    same_bits(a, na, b, nb, false);
    free(a);
}

/* All segments of an epoch with a chain; UINT32_MAX: as validation sees them. */
static float *chained(int threads, const char *cache, const char *text, uint32_t epoch, size_t *bytes) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads });
    sori_augment *chain = text ? sori_augment_new(c, text) : NULL;
    sori_dataset_config config = small;
    config.cache = cache;
    config.chain = chain;
    config.variants = 3;
    sori_dataset *d = sori_dataset_new(c, tones(c), SORI_SPLIT_COUNT, &config);
    assert_ok(c);
    float *x = all_samples(c, d, epoch, bytes);
    sori_dataset_free(d);
    sori_augment_free(c, chain);
    sori_close(c);
    return x;
}

/* Renderings and masks do not depend on threads or the cache, change from epoch to epoch, and leave validation as it is
 * without them. */
static void chains_are_for_training(void **state) {
    (void)state;
    static const char text[] = "time_stretch(0.5..2) noise(snr=0..20) time_mask(0.3,p=0.5)";
    size_t na, nb;
    assert_int_equal(system("rm -rf '" CACHE "' && mkdir '" CACHE "'"), 0);
    float *a = chained(1, NULL, text, 0, &na), *b = chained(4, CACHE, text, 0, &nb);
    same_bits(a, na, b, nb, true);
    b = chained(2, CACHE, text, 0, &nb);   /* from the cache */
    same_bits(a, na, b, nb, true);
    b = chained(2, CACHE, text, 1, &nb);
    same_bits(a, na, b, nb, false);
    b = chained(2, CACHE, "noise(snr=0..20) time_mask(0.3,p=0.5)", 0, &nb);
    same_bits(a, na, b, nb, false);
    free(a);
    a = chained(1, NULL, NULL, UINT32_MAX, &na);
    b = chained(2, CACHE, text, UINT32_MAX, &nb);
    same_bits(a, na, b, nb, true);
    b = chained(2, NULL, "gain(0)", 0, &nb);   /* rendered as it is */
    same_bits(a, na, b, nb, true);
    free(a);
}

/* Of two renderings each is seen in about half of the epochs. */
static void every_rendering_is_drawn(void **state) {
    (void)state;
    size_t same = 0;
    sori_ctx *c = sori_open(NULL);
    sori_augment *chain = sori_augment_new(c, "noise(snr=0)");
    sori_dataset_config config = small;
    config.chain = chain;
    config.variants = 2;
    sori_dataset *d = sori_dataset_new(c, tones(c), SORI_SPLIT_COUNT, &config);
    sori_source s = sori_dataset_source(d);
    float first[20 * 50], x[20 * 50], y[2];
    uint32_t which = 0;
    assert_ok(c);
    s.fill(c, s.user, 0, &which, 1, first, y);
    for (uint32_t epoch = 1; epoch <= 200; epoch++) {
        s.fill(c, s.user, epoch, &which, 1, x, y);
        same += memcmp(x, first, sizeof x) == 0;
    }
    assert_in_range(same, 70, 130);
    sori_dataset_free(d);
    sori_augment_free(c, chain);
    sori_close(c);
}

static void a_cache_entry_is_used(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_input_config in = small.input;
    sori_input_resolve(c, tones(c), &in);
    char *key = data_input_key(c, &in);
    bool unwritten = false;
    const char *path = tones(c)->items[0].path;
    assert_int_equal(system("rm -rf '" CACHE "' && mkdir '" CACHE "'"), 0);
    sori_array *a = data_cached_features(c, CACHE, key, &in, path, &as_is, &unwritten);
    sori_array *b = data_cached_features(c, CACHE, key, &in, path, &as_is, &unwritten);
    assert_ok(c);
    assert_false(unwritten);
    assert_memory_equal(a->data, b->data, a->size * 4);
    assert_int_equal(damage_cache(0), 1);
    sori_array *other = data_cached_features(c, CACHE, "another configuration", &in, path, &as_is, &unwritten);
    assert_non_null(other);
    assert_int_equal(damage_cache(0), 2);
    assert_non_null(data_cached_features(c, TEST_SCRATCH "/no/such/folder", key, &in, path, &as_is, &unwritten));
    assert_ok(c);
    assert_true(unwritten);           /* said, but no error */
    base_free(c, key);
    sori_close(c);
}

typedef struct seen { size_t calls, last, total; } seen;

static void look(void *user, size_t done, size_t total) {
    seen *s = user;
    assert_true(done > s->last && done <= total);
    *s = (seen){ s->calls + 1, done, total };
}

static void bad_files_are_counted(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const char *bad = DIR_ "/low/zz_text.wav";
    FILE *f = fopen(bad, "w");
    fputs("this is no sound\n", f);
    fclose(f);
    seen s = { 0 };
    sori_dataset_config config = small;
    config.max_bad = 0.1;
    config.progress = look;
    config.progress_user = &s;
    sori_dataset *d = sori_dataset_new(c, tones(c), SORI_TRAIN, &config);
    assert_ok(c);
    assert_int_equal(sori_dataset_bad(d), 1);
    assert_non_null(strstr(sori_dataset_bad_message(d, 0), "zz_text.wav"));
    assert_null(sori_dataset_bad_message(d, 1));
    assert_in_range(s.calls, 1, FILES + 1);
    assert_int_equal(s.last, FILES + 1);
    assert_int_equal(s.total, FILES + 1);
    sori_dataset_free(d);
    assert_null(sori_dataset_new(c, tones(c), SORI_TRAIN, &small));
    assert_int_equal(sori_error(c), SORI_EFORMAT);
    assert_non_null(strstr(sori_message(c), "1 of 13 recordings cannot be read, more than 1 %; the first: "));
    assert_non_null(strstr(sori_message(c), "zz_text.wav"));
    unlink(bad);
    sori_close(c);
}

static void input_defaults_follow_the_data(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    sori_input_config in = { 0 };
    assert_int_equal(sori_input_resolve(c, tones(c), &in), SORI_OK);
    assert_close(in.sr, 8000, 0, 0);
    assert_string_equal(in.feature, "mel");
    assert_int_equal(in.config.stft.n_fft, 256);
    assert_int_equal(in.config.stft.hop_length, 100);
    assert_true(in.config.db);
    in = (sori_input_config){ .sr = 22050, .segment_s = 3 };
    sori_input_resolve(c, NULL, &in);
    assert_int_equal(in.config.stft.n_fft, 1024);      /* long segments have long frames */
    assert_int_equal(in.config.stft.hop_length, 551);
    assert_close(in.hop_s, 1.5, 0, 0);
    sori_input_config again = in;
    sori_input_resolve(c, NULL, &again);
    assert_memory_equal(&again, &in, sizeof in);
    assert_ok(c);
    sori_close(c);
}

/* --- mixup ------------------------------------------------------------------------------------------------------ */

/* An epoch's inputs [count][size] and targets [count][2] of small with masks and that mixup, asked for in batches of
 * step. */
typedef struct mixed { size_t count, size; float *x, *y; int label[64]; } mixed;

static mixed mix_with(double alpha, uint64_t seed, uint32_t epoch, int threads, uint32_t step) {
    sori_ctx *c = sori_open(&(sori_options){ .threads = threads });
    sori_dataset_config config = small;
    config.mixup = alpha;
    config.seed = seed;
    config.augment.time_masks = 1;
    config.augment.time_mask = 0.3;
    sori_dataset *d = sori_dataset_new(c, tones(c), SORI_SPLIT_COUNT, &config);
    assert_ok(c);
    sori_source s = sori_dataset_source(d);
    sori_shape shape = sori_dataset_shape(d);
    mixed m = { .count = s.count, .size = (size_t)shape.dim[0] * (size_t)shape.dim[1] };
    assert_true(m.count <= BASE_COUNT(m.label));
    m.x = malloc(m.count * m.size * sizeof *m.x);
    m.y = malloc(m.count * 2 * sizeof *m.y);
    for (uint32_t i = 0; i < m.count; i += step) {
        uint32_t indices[64], n = (uint32_t)BASE_MIN(step, m.count - i);
        for (uint32_t k = 0; k < n; k++) indices[k] = i + k;
        s.fill(c, s.user, epoch, indices, n, m.x + i * m.size, m.y + i * 2);
    }
    for (size_t i = 0; i < m.count; i++) m.label[i] = sori_dataset_label(d, i);
    sori_dataset_free(d);
    sori_close(c);
    return m;
}

static void mixed_free(mixed m) {
    free(m.x);
    free(m.y);
}

/* Whether x = a own + (1 - a) other for some a within 0..1, which is left in *share: a is least squares'. */
static bool is_mix(const float *x, const float *own, const float *other, size_t n, double *share) {
    double up = 0, down = 1e-30, error = 0;
    for (size_t k = 0; k < n; k++) {
        up += ((double)x[k] - other[k]) * ((double)own[k] - other[k]);
        down += ((double)own[k] - other[k]) * ((double)own[k] - other[k]);
    }
    *share = up / down;
    for (size_t k = 0; k < n; k++) {
        double e = x[k] - (*share * own[k] + (1 - *share) * other[k]);
        error = fmax(error, fabs(e));
    }
    return error < 1e-5 && *share > -1e-5 && *share < 1 + 1e-5;
}

/* Every sample is a mix of itself and one other as the epoch without mixup has them, its target of their labels. */
static void mixup_mixes_pairs_and_targets(void **state) {
    (void)state;
    mixed plain = mix_with(0, 3, 5, 1, 64), m = mix_with(0.4, 3, 5, 1, 64);
    size_t inside = 0;
    for (size_t i = 0; i < m.count; i++) {
        bool found = false;
        for (size_t j = 0; j < m.count && !found; j++) {
            double a;
            const float *own = plain.x + i * m.size, *other = plain.x + j * m.size;
            if (j == i && memcmp(m.x + i * m.size, own, m.size * sizeof *own)) continue;
            if (!is_mix(m.x + i * m.size, own, other, m.size, &a)) continue;
            double y[2] = { 0 };
            y[m.label[i]] += j == i ? 1 : a;
            y[m.label[j]] += j == i ? 0 : 1 - a;
            found = fabs(m.y[2 * i] - y[0]) < 1e-4 && fabs(m.y[2 * i + 1] - y[1]) < 1e-4;
            inside += a > 0.01 && a < 0.99;
        }
        assert_true(found);
    }
    assert_true(inside > m.count / 3);
    mixed_free(plain);
    mixed_free(m);
}

static void same_mix(mixed a, mixed b, bool same) {
    assert_int_equal(a.count, b.count);
    assert_int_equal(!memcmp(a.x, b.x, a.count * a.size * sizeof *a.x), same);
    assert_int_equal(!memcmp(a.y, b.y, a.count * 2 * sizeof *a.y), same);
    mixed_free(b);
}

static void mixup_is_keyed(void **state) {
    (void)state;
    mixed m = mix_with(1, 3, 5, 1, 64);
    same_mix(m, mix_with(1, 3, 5, 4, 64), true);
    same_mix(m, mix_with(1, 3, 5, 1, 7), true);      /* batches leave no trace */
    same_mix(m, mix_with(1, 4, 5, 1, 64), false);
    same_mix(m, mix_with(1, 3, 6, 1, 64), false);
    mixed_free(m);
    m = mix_with(0, 3, UINT32_MAX, 1, 64);           /* nothing is mixed when the model is asked */
    same_mix(m, mix_with(1, 3, UINT32_MAX, 1, 64), true);
    mixed_free(m);
}

/* Sums over 40 epochs of how far shares are from 1/2, seen where a pair has two labels: n, mean, mean square. */
static void share_moments(double alpha, double out[3]) {
    sori_ctx *c = sori_open(NULL);
    sori_dataset_config config = small;
    config.mixup = alpha;
    sori_dataset *d = sori_dataset_new(c, tones(c), SORI_SPLIT_COUNT, &config);
    assert_ok(c);
    sori_source s = sori_dataset_source(d);
    sori_shape shape = sori_dataset_shape(d);
    float *x = malloc((size_t)shape.dim[0] * (size_t)shape.dim[1] * sizeof *x), y[2];
    out[0] = out[1] = out[2] = 0;
    for (uint32_t i = 0; i < 40 * s.count; i++) {
        uint32_t segment = i % (uint32_t)s.count;
        s.fill(c, s.user, i / (uint32_t)s.count, &segment, 1, x, y);
        assert_close(y[0] + y[1], 1, 1e-6, 0);
        double off = y[sori_dataset_label(d, segment)] - 0.5;
        if (off == 0.5) continue;   /* one label, or a share that rounds to 1 */
        out[0]++;
        out[1] += off;
        out[2] += off * off;
    }
    out[1] /= out[0];
    out[2] /= out[0];
    free(x);
    sori_dataset_free(d);
    sori_close(c);
}

/* Beta(a, a) has the mean 1/2 and the variance 1 / (4 (2 a + 1)). Tolerances are four deviations of a mean of n. */
static void shares_are_beta(void **state) {
    (void)state;
    const double alphas[] = { 0.2, 1, 4 };
    double m[3];
    for (size_t k = 0; k < BASE_COUNT(alphas); k++) {
        double variance = 1 / (4 * (2 * alphas[k] + 1));
        share_moments(alphas[k], m);
        assert_true(m[0] > 200);
        assert_close(m[1], 0, 4 * sqrt(variance / m[0]), 0);
        assert_close(m[2], variance, 4 * 0.25 / sqrt(m[0]), 0);
    }
    share_moments(1e-6, m);         /* u^(1/a) underflows: shares of 0 and 1 */
    assert_close(m[2], 0.25, 1e-3, 0);
}

static void gates(void **state) {
    (void)state;
    sori_ctx *c = sori_open(NULL);
    const struct { sori_dataset_config config; const char *says; } cases[] = {
        { { .input = { .sr = 8000, .feature = "melody" } }, "input: no feature \"melody\"" },
        { { .input = { .sr = 8000, .config = { .fmax = 5000 } } }, "5000" },
        { { .input = { .sr = 8000, .segment_s = -1 } }, "input: segment of -1 s is outside 0..3600" },
        { { .input = { .sr = 8000, .config = { .stft = { .hop_length = -1 } } } }, "hop_length -1" },
        { { .input = { .sr = -1 } }, "sampling rate -1 Hz" },
        { { .augment = { .freq_masks = -2 } }, "augment: freq_masks -2 is outside 0..100" },
        { { .mixup = -0.5 }, "dataset: mixup -0.5 is outside 0..100" },
        { { .mixup = NAN }, "dataset: mixup nan is outside 0..100" },
    };
    for (size_t i = 0; i < BASE_COUNT(cases); i++) {
        assert_null(sori_dataset_new(c, tones(c), SORI_TRAIN, &cases[i].config));
        assert_int_equal(sori_error(c), SORI_EINVAL);
        if (!strstr(sori_message(c), cases[i].says)) fail_msg("\"%s\" not \"%s\"", sori_message(c), cases[i].says);
        sori_clear(c);
    }
    assert_null(sori_dataset_new(c, tones(c), SORI_VAL, &small));
    assert_string_equal(sori_message(c), "dataset: the split has no recordings");
    sori_close(c);
}

static int setup(void **state) {
    (void)state;
    make_tones();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_cover_the_recording), cmocka_unit_test(short_recordings_end_in_silence),
        cmocka_unit_test(inputs_are_standardised), cmocka_unit_test(one_way_from_sound_to_inputs),
        cmocka_unit_test(waveforms_are_moved_and_no_more),
        cmocka_unit_test(threads_and_cache_leave_no_trace), cmocka_unit_test(a_cache_entry_is_used),
        cmocka_unit_test(chains_are_for_training), cmocka_unit_test(every_rendering_is_drawn),
        cmocka_unit_test(bad_files_are_counted), cmocka_unit_test(input_defaults_follow_the_data),
        cmocka_unit_test(mixup_mixes_pairs_and_targets), cmocka_unit_test(mixup_is_keyed),
        cmocka_unit_test(shares_are_beta), cmocka_unit_test(gates),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
