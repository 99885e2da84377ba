/* golden_input.h - the inputs of the golden cases, made here exactly as tools/golden/inputs.py makes them.
 *
 * Noise comes from a linear congruential generator whose draws are exact in float; tones are rounded to 16 bits, so
 * that the last bit of a libm's sine does not matter. The manifest holds each input's hash, which is checked. Real
 * recordings are read from the data folder; their cases are skipped where that is missing. */
#ifndef GOLDEN_INPUT_H
#define GOLDEN_INPUT_H

#include "test.h"
#include "base/base.h"
#include <jansson.h>
#include <sori/feat.h>
#include <unistd.h>

static inline double json_number(const json_t *object, const char *key, double otherwise) {
    const json_t *v = json_object_get(object, key);
    return json_is_number(v) ? json_number_value(v) : otherwise;
}

static inline const char *json_text(const json_t *object, const char *key) {
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

/* A draw of 24 bits from Numerical Recipes' generator. */
static inline double draw(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (double)(*state >> 8);
}

static inline double tone(const json_t *spec, double t) {
    double sum = 0, turn = 6.283185307179586;
    size_t i;
    json_t *part;
    json_array_foreach(json_object_get(spec, "tones"), i, part) {   /* [amplitude, Hz, Hz gained a second] */
        double hz = json_number_value(json_array_get(part, 1)), rise = json_number_value(json_array_get(part, 2));
        sum += json_number_value(json_array_get(part, 0)) * sin(turn * (hz * t + rise * t * t / 2));
    }
    return floor(sum * 32767 + 0.5) / 32768;
}

/* Element i of the input. Arrays of more than one row are drawn row after row. */
static inline float sample(const json_t *spec, size_t i, size_t columns, uint32_t *state) {
    const char *kind = json_text(spec, "kind");
    double value = json_number(spec, "value", 1);
    if (strcmp(kind, "constant") == 0) return (float)value;
    if (strcmp(kind, "impulse") == 0) return i % columns == (size_t)json_number(spec, "at", 0) ? (float)value : 0;
    if (strcmp(kind, "noise") == 0) return (float)((draw(state) - 0x1p23) / 0x1p23 * value);
    if (strcmp(kind, "tones") == 0) return (float)tone(spec, (double)(i % columns) / json_number(spec, "sr", 22050));
    if (strcmp(kind, "values") == 0)
        return (float)json_number_value(json_array_get(json_object_get(spec, "values"), i));
    assert_string_equal(kind, "spectrum");                           /* u^4: five decades between bins */
    double u = draw(state) / 0x1p24, square = u * u;
    return (float)(square * square * value);
}

static inline sori_array *made_input(sori_ctx *c, const json_t *spec) {
    size_t shape[SORI_MAX_DIMS], i;
    const json_t *dims = json_object_get(spec, "shape"), *dim;
    json_array_foreach(dims, i, dim) shape[i] = (size_t)json_integer_value(dim);
    sori_array *a = sori_array_new(c, SORI_F32, (int)json_array_size(dims), shape);
    assert_ok(c);
    uint32_t state = (uint32_t)json_number(spec, "seed", 1);
    for (i = 0; i < a->size; i++) ((float *)a->data)[i] = sample(spec, i, a->shape[a->ndim - 1], &state);
    return a;
}

/* The folder of real recordings, or NULL: $SORI_DATA, or where the project's workshop keeps it. */
static inline const char *data_folder(void) {
    const char *set = getenv("SORI_DATA");
    const char *folder = set ? set : TEST_SOURCE_DIR "/../shared/data";
    return access(folder, R_OK) == 0 ? folder : NULL;
}

/* The path of a file in it, valid until the next is asked for; NULL where the file is not on this machine. */
static inline const char *data_path(const char *name) {
    static char text[4096];
    if (!data_folder()) return NULL;
    base_format(text, sizeof text, "%s/%s", data_folder(), name);
    return access(text, R_OK) == 0 ? text : NULL;
}

static inline void need_data(const char *name) {
    if (data_path(name)) return;
    print_message("skipped: no %s\n", name);
    skip();
}

/* NULL where there are no recordings. */
static inline sori_array *recorded_input(sori_ctx *c, const json_t *spec) {
    char path[4096];
    if (!data_folder()) return NULL;
    base_format(path, sizeof path, "%s/%s", data_folder(), json_text(spec, "file"));
    sori_load_config g = { .sr = SORI_SR_NATIVE, .multichannel = true, .offset_s = json_number(spec, "offset_s", 0),
                           .duration_s = json_number(spec, "duration_s", 0) };
    sori_audio a = sori_load(c, path, &g);
    assert_ok(c);
    assert_true(a.sr == json_number(spec, "sr", 22050));
    return a.y;
}

static inline bool is_recording(const json_t *spec) { return strcmp(json_text(spec, "kind"), "recording") == 0; }

/* The input of that spec, or NULL where there are no recordings. *same: the samples are, to the last bit, those the
 * answers were computed from. Another build of the Vorbis decoder may differ there; nothing else may. */
static inline sori_array *golden_input(sori_ctx *c, const json_t *spec, bool *same) {
    char hash[24];
    sori_array *a = is_recording(spec) ? recorded_input(c, spec) : made_input(c, spec);
    if (!a) return NULL;
    base_format(hash, sizeof hash, "%016llx", (unsigned long long)base_hash(BASE_HASH_START, a->data, a->size * 4));
    *same = strcmp(hash, json_text(spec, "hash")) == 0;
    if (!*same && !strstr(json_text(spec, "file"), ".ogg")) fail_msg("input %s is not the same", hash);
    if (!json_is_true(json_object_get(spec, "complex"))) return a;
    return sori_array_from(c, SORI_C64, a->ndim - 1, a->shape, a->data);   /* [..., 2]: real and imaginary parts */
}

#endif
