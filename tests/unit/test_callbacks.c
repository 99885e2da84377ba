/* Ready-made callbacks: the CSV of the logs, and event files, read back here with their checksums. */
#include "test.h"
#include "array/array.h"
#include "base/proto.h"
#include <dirent.h>
#include <sori/callbacks.h>
#include <sys/stat.h>
#include <unistd.h>

static sori_ctx *open_ctx(void) { return sori_open(&(sori_options){ .threads = 1, .seed = 3 }); }

/* Train x1 + x2 for some epochs, from a checkpoint's place or an epoch's. */
static void fit(sori_ctx *c, int epochs, int initial, const char *resume, const sori_callback *k, double split) {
    sori_array *x = sori_array_new(c, SORI_F32, 2, (size_t[]){ 40, 2 }),
               *y = sori_array_new(c, SORI_F32, 2, (size_t[]){ 40, 1 });
    base_rng r = base_rng_new(1, BASE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < 80; i++) ((float *)x->data)[i] = (float)base_rng_uniform(&r) / 2;
    for (size_t i = 0; i < 40; i++) ((float *)y->data)[i] = ((float *)x->data)[2 * i] + ((float *)x->data)[2 * i + 1];
    sori_model *m = sori_sequential(c, SORI_SHAPE(2), SORI_LAYERS({ .op = SORI_DENSE, .units = 3, .act = SORI_TANH },
                                                                  { .op = SORI_DENSE, .units = 1 }));
    sori_compile(m, NULL);
    sori_fit(m, x, y, &(sori_fit_config){ .epochs = epochs, .initial_epoch = initial, .batch_size = 8,
                                          .validation_split = split, .checkpoint = TEST_SCRATCH "/c.checkpoint",
                                          .resume = resume, .callbacks = k, .callback_count = 1 });
    sori_model_free(m);
}

static char *text_of(sori_ctx *c, const char *path) {
    size_t size;
    char *text = base_read_file(c, path, 1 << 20, &size);
    assert_ok(c);
    return text;
}

static size_t lines_of(const char *text) {
    size_t n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

#define LOG TEST_SCRATCH "/folder/log.csv"

static char *csv_run(sori_ctx *c, int epochs, int initial, const char *resume, const sori_csv_config *config) {
    sori_csv_logger *l = sori_csv_logger_new(c, LOG, config);
    sori_callback k = sori_csv_logger_callback(l);
    fit(c, epochs, initial, resume, &k, 0.2);
    assert_ok(c);
    sori_csv_logger_free(l);
    return text_of(c, LOG);
}

static void csv_has_a_line_an_epoch(void **state) {
    (void)state;
    sori_ctx *c = open_ctx();
    char *text = csv_run(c, 3, 0, NULL, NULL), *semicolons = csv_run(c, 1, 0, NULL, &(sori_csv_config){ ';' });
    assert_int_equal(lines_of(text), 4);
    assert_memory_equal(text, "epoch,accuracy,learning_rate,loss,val_accuracy,val_loss\n0,,0.01,0.", 66);
    assert_non_null(strstr(text, "\n1,,0.01,"));
    assert_memory_equal(semicolons, "epoch;accuracy;learning_rate;loss;val_accuracy;val_loss\n0;;0.01;0.", 66);
    base_free(c, text);
    base_free(c, semicolons);
    sori_close(c);
}

static void csv_of_a_resumed_run_is_the_whole_ones(void **state) {
    (void)state;
    sori_ctx *c = open_ctx();
    char *whole = csv_run(c, 5, 0, NULL, NULL);
    base_free(c, csv_run(c, 2, 0, NULL, NULL));
    FILE *f = fopen(LOG, "a");   /* what a run that was killed after its checkpoint may leave */
    fputs("2,,0.01,9,,9\n3,,0.", f);
    fclose(f);
    char *resumed = csv_run(c, 5, 0, TEST_SCRATCH "/c.checkpoint", NULL);
    assert_string_equal(resumed, whole);
    base_free(c, whole);
    base_free(c, resumed);
    sori_close(c);
}

static void csv_appends_later_epochs(void **state) {
    (void)state;
    sori_ctx *c = open_ctx();
    const sori_csv_config append = { .append = true };
    unlink(LOG);
    char *first = csv_run(c, 2, 0, NULL, &append), *both = csv_run(c, 4, 2, NULL, &append);
    assert_memory_equal(both, first, strlen(first));
    assert_int_equal(lines_of(both), 5);
    char *again = csv_run(c, 3, 2, NULL, &append), *alone = csv_run(c, 4, 2, NULL, NULL);
    assert_int_equal(lines_of(again), 4);
    assert_int_equal(lines_of(alone), 3);
    base_free(c, first);
    base_free(c, both);
    base_free(c, again);
    base_free(c, alone);
    sori_close(c);
}

/* --- event files: a reader of our own ----------------------------------------------------------------------------- */

/* Bit by bit, from the definition. */
static uint32_t masked_crc(const uint8_t *data, size_t n) {
    uint32_t r = ~0u;
    for (size_t i = 0; i < 8 * n; i++) {
        uint32_t bit = (r ^ (uint32_t)(data[i / 8] >> i % 8)) & 1;
        r = r >> 1 ^ (bit ? 0x82F63B78u : 0);
    }
    r = ~r;
    return (r >> 15 | r << 17) + 0xA282EAD8u;
}

static uint64_t little(const uint8_t *b, int n) {
    uint64_t v = 0;
    while (n--) v = v << 8 | b[n];
    return v;
}

typedef struct record { const uint8_t *data; size_t size; } record;

/* The records of a file, every checksum checked. */
static size_t read_records(const uint8_t *file, size_t size, record *out, size_t most) {
    size_t n = 0, at = 0;
    for (; at < size && n < most; n++) {
        assert_true(size - at >= 16);
        uint64_t length = little(file + at, 8);
        assert_int_equal(little(file + at + 8, 4), masked_crc(file + at, 8));
        assert_true(length <= size - at - 16);
        out[n] = (record){ file + at + 12, (size_t)length };
        assert_int_equal(little(file + at + 12 + length, 4), masked_crc(file + at + 12, (size_t)length));
        at += 16 + length;
    }
    assert_int_equal(at, size);
    return n;
}

static bool find_one(record r, uint32_t number, base_proto_field *out) {
    base_proto_reader reader = { .at = r.data, .end = r.data + r.size };
    while (base_proto_next(&reader, out))
        if (out->number == number) return true;
    assert_false(reader.bad);
    return false;
}

/* The field at the end of a path of numbers, messages within messages; false if it is not there. */
static bool find(record r, const uint32_t *path, size_t depth, base_proto_field *out) {
    for (size_t i = 0; i < depth; i++) {
        if (!find_one(r, path[i], out)) return false;
        r = (record){ out->data, out->size };
    }
    return true;
}
#define FIND(record_, field_, ...) \
    find(record_, (const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, field_)

static double as_double(const base_proto_field *f) {
    double v;
    memcpy(&v, &f->value, 8);
    return v;
}

static float as_float(const base_proto_field *f) {
    float v;
    memcpy(&v, &(uint32_t){ (uint32_t)f->value }, 4);
    return v;
}

static bool is_text(const base_proto_field *f, const char *text) {
    return f->size == strlen(text) && !memcmp(f->data, text, f->size);
}

/* The only file of a folder, as records in memory the context frees with *file. */
static size_t read_folder(sori_ctx *c, const char *dir, uint8_t **file, record *out, size_t most) {
    char path[1024] = "";
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        if (strstr(e->d_name, "tfevents")) snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
    closedir(d);
    size_t size;
    *file = (uint8_t *)base_read_file(c, path, 1 << 20, &size);
    assert_ok(c);
    unlink(path);
    return read_records(*file, size, out, most);
}

/* The checksum of "123456789" is the one every CRC-32C is known by. */
static void the_checksum_is_castagnolis(void **state) {
    (void)state;
    uint32_t crc = 0xE3069283u;
    assert_int_equal(masked_crc((const uint8_t *)"123456789", 9), (crc >> 15 | crc << 17) + 0xA282EAD8u);
}

static void events_can_be_read(void **state) {
    (void)state;
    sori_ctx *c = open_ctx();
    uint8_t *file, png[33] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\2\0\0\0\7\x08\6";
    record r[16];
    base_proto_field f;
    float wave[6] = { 0, 1, -1, 0.5f, -2, NAN }, wide[4] = { -1, 1, 1, INFINITY };
    sori_events *e = sori_events_new(c, TEST_SCRATCH "/events/deep", 7);
    sori_events_scalar(e, "loss", 7, 0.25);
    sori_events_histogram(e, "w", 8, sori_array_from(c, SORI_F32, 2, (size_t[]){ 2, 2 }, wide));
    sori_events_image(e, "picture", 9, png, sizeof png);
    sori_events_audio(e, "sound", 10, sori_array_from(c, SORI_F32, 2, (size_t[]){ 2, 3 }, wave), 8000);
    sori_events_text(e, "note", -1, "**소리**");
    sori_events_free(e);
    assert_ok(c);
    assert_int_equal(read_folder(c, TEST_SCRATCH "/events/deep", &file, r, 16), 7);
    assert_true(FIND(r[0], &f, 3) && is_text(&f, "brain.Event:2"));
    assert_true(FIND(r[0], &f, 1) && as_double(&f) > 1.6e9);
    assert_true(FIND(r[1], &f, 2) && f.value == 7 && FIND(r[1], &f, 7, 1) && f.value == 1);
    assert_true(FIND(r[2], &f, 2) && f.value == 7 && FIND(r[2], &f, 5, 1, 1) && is_text(&f, "loss"));
    assert_true(FIND(r[2], &f, 5, 1, 2) && as_float(&f) == 0.25f);
    assert_true(FIND(r[3], &f, 5, 1, 5, 1) && as_double(&f) == -1 && FIND(r[3], &f, 5, 1, 5, 3) && as_double(&f) == 3);
    assert_true(FIND(r[3], &f, 5, 1, 5, 4) && as_double(&f) == 1 && FIND(r[3], &f, 5, 1, 5, 5) && as_double(&f) == 3);
    assert_true(FIND(r[3], &f, 5, 1, 5, 6) && f.size == 240 && FIND(r[3], &f, 5, 1, 5, 7) && f.size == 240);
    assert_true(as_double(&(base_proto_field){ .value = little(f.data, 8) }) == 1);
    assert_true(as_double(&(base_proto_field){ .value = little(f.data + 232, 8) }) == 2);
    assert_true(FIND(r[4], &f, 5, 1, 4, 1) && f.value == 7 && FIND(r[4], &f, 5, 1, 4, 2) && f.value == 258);
    assert_true(FIND(r[4], &f, 5, 1, 4, 3) && f.value == 4 && FIND(r[4], &f, 5, 1, 4, 4) && f.size == sizeof png);
    assert_true(FIND(r[5], &f, 5, 1, 6, 1) && as_float(&f) == 8000 && FIND(r[5], &f, 5, 1, 6, 3) && f.value == 3);
    assert_true(FIND(r[5], &f, 5, 1, 6, 4) && f.size == 56);
    assert_memory_equal(f.data + 44, "\0\0\0\x40\xff\x7f\1\x80\1\x80\0\0", 12);   /* 0 .5 | 1 -1 | -1 0 */
    assert_true(FIND(r[6], &f, 2) && (int64_t)f.value == -1 && FIND(r[6], &f, 5, 1, 8, 8) && is_text(&f, "**소리**"));
    assert_true(FIND(r[6], &f, 5, 1, 9, 1, 1) && is_text(&f, "text"));
    base_free(c, file);
    sori_close(c);
}

static void tensorboard_logs_epochs_and_weights(void **state) {
    (void)state;
    sori_ctx *c = open_ctx();
    sori_tensorboard *b = sori_tensorboard_new(c, TEST_SCRATCH "/board", &(sori_tensorboard_config){ 2 });
    sori_callback k = sori_tensorboard_callback(b);
    fit(c, 3, 0, NULL, &k, 0.2);
    sori_tensorboard_free(b);
    assert_ok(c);
    uint8_t *train, *validation;
    record r[32];
    base_proto_field f;
    size_t n = read_folder(c, TEST_SCRATCH "/board/train", &train, r, 32);
    assert_int_equal(n, 2 + 3 * 2 + 2 * 4);   /* start; loss and rate; four weights after epochs 0 and 2 */
    assert_true(FIND(r[2], &f, 5, 1, 1) && is_text(&f, "epoch_loss"));
    assert_true(FIND(r[4], &f, 5, 1, 1) && is_text(&f, "dense/kernel/histogram"));
    assert_int_equal(read_folder(c, TEST_SCRATCH "/board/validation", &validation, r, 32), 2 + 3);
    assert_true(FIND(r[4], &f, 2) && f.value == 2);
    base_free(c, train);
    base_free(c, validation);
    sori_close(c);
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

static void bad_input_is_named(void **state) {
    (void)state;
    sori_ctx *c = open_ctx();
    REFUSES(c, sori_csv_logger_new(c, NULL, NULL), "csv_logger: no file to write");
    REFUSES(c, sori_csv_logger_new(c, LOG, &(sori_csv_config){ '.' }),
            "csv_logger: the separator '.' is part of a number or a line");
    REFUSES(c, sori_tensorboard_new(c, NULL, NULL), "tensorboard: no folder to write to");
    REFUSES(c, sori_tensorboard_new(c, TEST_SCRATCH, &(sori_tensorboard_config){ -1 }),
            "tensorboard: histogram_freq -1 is negative");
    REFUSES(c, sori_events_new(c, NULL, 0), "events: no folder to write to");
    sori_events *e = sori_events_new(c, TEST_SCRATCH "/bad", 0);
    sori_array *whole = sori_array_new(c, SORI_I32, 1, (size_t[]){ 3 });
    sori_array *y = sori_array_new(c, SORI_F32, 1, (size_t[]){ 3 });
    SAYS(c, sori_events_scalar(e, "", 0, 1), "events: a value needs a tag");
    SAYS(c, sori_events_histogram(e, "h", 0, whole), "events: a histogram needs an array of f32 or f64");
    SAYS(c, sori_events_image(e, "i", 0, "GIF89a", 6), "events: the picture is not a PNG");
    SAYS(c, sori_events_audio(e, "a", 0, whole, 8000),
         "events: sound must be [n] or [channels, n] f32, of 1 to 8 channels");
    SAYS(c, sori_events_audio(e, "a", 0, y, 0), "events: a sampling rate of 0 Hz is outside 1 .. 2^20");
    assert_int_equal(sori_events_scalar(NULL, "a", 0, 1), SORI_EINVAL);
    sori_events_free(e);
    assert_null(sori_events_new(c, "/proc/none", 0));
    assert_int_equal(sori_error(c), SORI_EIO);
    sori_close(c);
}

static void no_handle_is_no_callback(void **state) {
    (void)state;
    assert_null(sori_csv_logger_callback(NULL).on_epoch_end);
    assert_null(sori_tensorboard_callback(NULL).on_epoch_end);
    sori_csv_logger_free(NULL);
    sori_tensorboard_free(NULL);
    sori_events_free(NULL);
}

/* A log that cannot be written ends the training, and says why. */
static void a_log_that_cannot_be_written_is_an_error(void **state) {
    (void)state;
    sori_ctx *c = open_ctx();
    mkdir(TEST_SCRATCH "/taken.csv", 0777);
    sori_csv_logger *l = sori_csv_logger_new(c, TEST_SCRATCH "/taken.csv", NULL);
    sori_callback k = sori_csv_logger_callback(l);
    assert_ok(c);
    fit(c, 2, 0, NULL, &k, 0);
    assert_int_equal(sori_error(c), SORI_EIO);
    sori_csv_logger_free(l);
    sori_close(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_has_a_line_an_epoch), cmocka_unit_test(csv_of_a_resumed_run_is_the_whole_ones),
        cmocka_unit_test(csv_appends_later_epochs), cmocka_unit_test(the_checksum_is_castagnolis),
        cmocka_unit_test(events_can_be_read), cmocka_unit_test(tensorboard_logs_epochs_and_weights),
        cmocka_unit_test(bad_input_is_named), cmocka_unit_test(no_handle_is_no_callback),
        cmocka_unit_test(a_log_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
