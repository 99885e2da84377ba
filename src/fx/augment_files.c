/* augment_files.c - sounds that a chain draws from: backgrounds, impulse responses. Held in memory, mono, at their own
 * rates, sorted by name. */
#include "fx/augment.h"
#include "io/io.h"
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_FILES 10000
#define MOST_SAMPLES (256u << 20)   /* of all: 1 GiB */
#define LONGEST_S 600.0             /* of a file; what is behind is left out */

static int visible(const struct dirent *e) { return e->d_name[0] != '.' && io_is_sound(e->d_name); }
static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void add_sound(sori_ctx *c, augment_files *f, const char *path) {
    int scope = sori_begin(c);
    sori_audio y = sori_load(c, path, &(sori_load_config){ .sr = SORI_SR_NATIVE, .duration_s = LONGEST_S });
    size_t n = y.y ? y.y->size : 0;
    f->samples += n;
    if (y.y && n == 0) sori_fail(c, SORI_EFORMAT, "%s: no samples", path);
    if (f->samples > MOST_SAMPLES)
        sori_fail(c, SORI_EINVAL, "augment: %s: more than %u samples in all", f->path, MOST_SAMPLES);
    float *kept = base_failed(c) ? NULL : base_alloc_raw(c, n, sizeof *kept);
    if (kept) {
        memcpy(kept, y.y->data, n * sizeof *kept);
        f->sounds[f->n++] = (augment_sound){ kept, n, y.sr };
    }
    sori_end(c, scope, NULL);
}

static void add_folder(sori_ctx *c, augment_files *f) {
    struct dirent **entries = NULL;
    int n = scandir(f->path, &entries, visible, by_name);
    if (n < 0) sori_fail(c, SORI_EIO, "%s: cannot read the folder: %s", f->path, strerror(errno));
    else if (n == 0) sori_fail(c, SORI_EFORMAT, "%s: no sounds in the folder", f->path);
    else if (n > MOST_FILES) sori_fail(c, SORI_EINVAL, "%s: more than %d sounds", f->path, MOST_FILES);
    if (!base_failed(c)) f->sounds = base_alloc(c, (size_t)n, sizeof *f->sounds);
    for (int i = 0; i < n; i++) {
        char *path = base_failed(c) ? NULL : base_path_join(c, f->path, entries[i]->d_name);
        if (path) add_sound(c, f, path);
        base_free(c, path);
        free(entries[i]);
    }
    free(entries);
}

augment_files *fx_augment_files_open(sori_ctx *c, const char *path, size_t length) {
    struct stat st;
    augment_files *f = base_alloc(c, 1, sizeof *f);
    if (!f) return NULL;
    f->path = base_printf(c, "%.*s", (int)length, path);
    if (f->path && stat(f->path, &st) != 0)
        sori_fail(c, SORI_EIO, "%s: cannot open: %s", f->path, strerror(errno));
    if (!base_failed(c) && S_ISDIR(st.st_mode)) add_folder(c, f);
    else if (!base_failed(c) && (f->sounds = base_alloc(c, 1, sizeof *f->sounds))) add_sound(c, f, f->path);
    if (!base_failed(c)) return f;
    fx_augment_files_free(c, f);
    return NULL;
}

void fx_augment_files_free(sori_ctx *c, augment_files *f) {
    if (!f) return;
    for (size_t i = 0; i < f->n; i++) base_free(c, f->sounds[i].y);
    base_free(c, f->sounds);
    base_free(c, f->path);
    base_free(c, f);
}

sori_audio fx_augment_files_draw(sori_ctx *c, const augment_files *f, double sr, double least_s, base_rng *r) {
    const augment_sound *s = &f->sounds[base_rng_below(r, (uint32_t)f->n)];
    double place = base_rng_uniform(r);
    size_t need = (size_t)BASE_MIN(ceil(least_s * s->sr), (double)s->n), start = 0;
    if (least_s > 0) start = (size_t)(place * (double)(s->n - need + 1));
    else need = s->n;
    sori_audio y = sori_audio_from(c, s->y + start, 1, need, s->sr);
    return s->sr == sr ? y : sori_resample(c, y, sr, NULL);
}
