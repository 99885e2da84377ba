/* features_put.c - features as CSV, JSON and a summary. */
#include "features.h"
#include <math.h>

#define DIGITS 9   /* a float comes back as it was */

static size_t frames_of(const sori_array *a) { return a->ndim ? a->shape[a->ndim - 1] : 1; }
static size_t rows_of(const sori_array *a) { return frames_of(a) ? a->size / frames_of(a) : 0; }
static size_t parts_of(const sori_array *a) { return a->dtype == SORI_C64 ? 2 : 1; }   /* floats a value */

/* Part `part` of value i: its real or its imaginary part. */
static double value_of(const sori_array *a, size_t i, size_t part) {
    if (a->dtype == SORI_F64) return ((const double *)a->data)[i];
    return (double)((const float *)a->data)[i * parts_of(a) + part];
}

static int digits_of(const sori_array *a) { return a->dtype == SORI_F64 ? 17 : DIGITS; }

/* --- CSV ------------------------------------------------------------------------------------------------------- */

/* "mel_3"; "rms" where there is one row; "ch1_mel_3" with channels; "stft_3_re" and "stft_3_im". */
static void put_columns(FILE *to, const char *name, const sori_array *a) {
    size_t channels = a->ndim > 2 ? a->shape[0] : 1, rows = rows_of(a) / channels;
    for (size_t ch = 0; ch < channels; ch++)
        for (size_t row = 0; row < rows; row++)
            for (size_t part = 0; part < parts_of(a); part++) {
                fputc(',', to);
                if (a->ndim > 2) fprintf(to, "ch%zu_", ch);
                fputs(name, to);
                if (rows > 1) fprintf(to, "_%zu", row);
                if (parts_of(a) == 2) fputs(part ? "_im" : "_re", to);
            }
}

/* Frame t of every row; empty cells where a feature has fewer frames than another. */
static void put_frame(FILE *to, const sori_array *a, size_t t) {
    size_t frames = frames_of(a), rows = rows_of(a), parts = parts_of(a);
    for (size_t row = 0; row < rows; row++)
        for (size_t part = 0; part < parts; part++) {
            if (t < frames) fprintf(to, ",%.*g", digits_of(a), value_of(a, row * frames + t, part));
            else fputc(',', to);
        }
}

void features_put_csv(FILE *to, const features *f) {
    size_t frames = 0;
    fputs("time", to);
    for (size_t i = 0; i < f->count; i++) {
        put_columns(to, f->names[i], f->arrays[i]);
        if (frames_of(f->arrays[i]) > frames) frames = frames_of(f->arrays[i]);
    }
    fputc('\n', to);
    for (size_t t = 0; t < frames && !ferror(to); t++) {
        double time_s = sori_frames_to_time((double)t, f->sr, f->hop_length, f->uncentered ? f->n_fft : 0);
        fprintf(to, "%.*g", DIGITS, time_s);
        for (size_t i = 0; i < f->count; i++) put_frame(to, f->arrays[i], t);
        fputc('\n', to);
    }
}

/* --- JSON ------------------------------------------------------------------------------------------------------ */

static void put_shape(FILE *to, const sori_array *a) {
    fputs("\"shape\": [", to);
    for (int i = 0; i < a->ndim; i++) fprintf(to, "%s%zu", i ? ", " : "", a->shape[i]);
    fputc(']', to);
}

/* A number, or the pair [re, im]. */
static void put_value(FILE *to, const sori_array *a, size_t i) {
    if (parts_of(a) == 2) fputc('[', to);
    cli_put_json_number(to, value_of(a, i, 0), digits_of(a));
    if (parts_of(a) == 1) return;
    fputs(", ", to);
    cli_put_json_number(to, value_of(a, i, 1), digits_of(a));
    fputc(']', to);
}

/* Nested lists, innermost over frames. */
static void put_nested(FILE *to, const sori_array *a, int axis, size_t *next) {
    if (axis == a->ndim) {
        put_value(to, a, (*next)++);
        return;
    }
    fputc('[', to);
    for (size_t i = 0; i < a->shape[axis] && !ferror(to); i++) {
        if (i) fputs(axis + 1 < a->ndim ? ",\n   " : ", ", to);
        put_nested(to, a, axis + 1, next);
    }
    fputc(']', to);
}

static void put_head(FILE *to, const features *f) {
    fputs("{\"path\": ", to);
    cli_put_json(to, f->path);
    fprintf(to, ", \"sr\": %.10g, \"n_fft\": %d, \"hop_length\": %d, \"features\": {", f->sr, f->n_fft, f->hop_length);
}

static void put_name(FILE *to, const features *f, size_t i) {
    fputs(i ? ",\n  " : "\n  ", to);
    cli_put_json(to, f->names[i]);
    fputs(": {", to);
    put_shape(to, f->arrays[i]);
    fputs(", \"unit\": ", to);
    cli_put_json(to, f->units[i]);
}

void features_put_json(FILE *to, const features *f) {
    put_head(to, f);
    for (size_t i = 0; i < f->count; i++) {
        size_t next = 0;
        put_name(to, f, i);
        fputs(", \"data\":\n  ", to);
        put_nested(to, f->arrays[i], 0, &next);
        fputc('}', to);
    }
    fputs("}}\n", to);
}

/* --- summary --------------------------------------------------------------------------------------------------- */

typedef struct range { double min, mean, max; } range;

/* Of the values; of the magnitudes where they are complex. NaN (no pitch) does not count; without any value all are
 * NaN. */
static range range_of(const sori_array *a) {
    range r = { INFINITY, 0, -INFINITY };
    size_t n = 0;
    for (size_t i = 0; i < a->size; i++) {
        double v = parts_of(a) == 2 ? hypot(value_of(a, i, 0), value_of(a, i, 1)) : value_of(a, i, 0);
        if (isnan(v)) continue;
        r.min = fmin(r.min, v);
        r.max = fmax(r.max, v);
        r.mean += v;
        n++;
    }
    if (n == 0) return (range){ NAN, NAN, NAN };
    r.mean /= (double)n;
    return r;
}

const char features_heading[] =
    "FEATURE            SHAPE              UNIT                MIN         MEAN          MAX  FILE\n";

void features_put_summary(FILE *to, const features *f) {
    for (size_t i = 0; i < f->count; i++) {
        const sori_array *a = f->arrays[i];
        range r = range_of(a);
        char shape[128] = "";
        for (int d = 0, n = 0; d < a->ndim; d++)
            n += snprintf(shape + n, sizeof shape - (size_t)n, "%s%zu", d ? "x" : "", a->shape[d]);
        fprintf(to, "%-18s %-18s %-10s ", f->names[i], shape, f->units[i]);
        if (isnan(r.mean)) fprintf(to, "%12s %12s %12s  ", "-", "-", "-");   /* no events, no pitch */
        else fprintf(to, "%12.5g %12.5g %12.5g  ", r.min, r.mean, r.max);
        cli_put_visible(to, f->path);
        fputc('\n', to);
    }
}

void features_put_summary_json(FILE *to, const features *f) {
    put_head(to, f);
    for (size_t i = 0; i < f->count; i++) {
        range r = range_of(f->arrays[i]);
        put_name(to, f, i);
        fputs(", \"min\": ", to);
        cli_put_json_number(to, r.min, DIGITS);
        fputs(", \"mean\": ", to);
        cli_put_json_number(to, r.mean, DIGITS);
        fputs(", \"max\": ", to);
        cli_put_json_number(to, r.max, DIGITS);
        fputc('}', to);
    }
    fputs("}}", to);
}
