/* cache.c - features kept on disk between runs.
 *
 * An entry is a safetensors file named by two 64-bit hashes of the recording's bytes, its ending (which may choose the
 * decoder) and the key of the configuration. It holds the key and a checksum of the values; an entry whose key, shape
 * or checksum is not right is computed again. So whatever lies in the folder, results are those without it. */
#include "data/data.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536
#define SECOND_START UINT64_C(0x9e3779b97f4a7c15)   /* an unrelated start makes FNV an unrelated hash */

typedef struct content_hash { uint64_t a, b; } content_hash;

static void mix(content_hash *h, const void *data, size_t n) {
    h->a = base_hash(h->a, data, n);
    h->b = base_hash(h->b, data, n);
}

static bool hash_file(sori_ctx *c, const char *path, content_hash *h) {
    *h = (content_hash){ BASE_HASH_START, SECOND_START };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *chunk = fd < 0 ? NULL : base_alloc_raw(c, CHUNK, 1);
    ssize_t got = -1;
    while (chunk && (got = read(fd, chunk, CHUNK)) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        mix(h, chunk, (size_t)got);
    }
    if (got < 0) sori_fail(c, SORI_EIO, "%s: cannot read: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    base_free(c, chunk);
    const char *ext = base_path_ext(path);
    mix(h, ext, strlen(ext) + 1);
    return !base_failed(c);
}

bool data_hash_file(sori_ctx *c, const char *path, uint64_t hash[2]) {
    content_hash h;
    bool ok = hash_file(c, path, &h);
    hash[0] = h.a;
    hash[1] = h.b;
    return ok;
}

static uint64_t checksum(const sori_array *a) {
    uint64_t h = base_hash(BASE_HASH_START, a->shape, 2 * sizeof a->shape[0]);
    return base_hash(h, a->data, a->size * sizeof(float));
}

/* {"sori_cache": key, "checksum": hex} */
static char *describe(sori_ctx *c, const char *key, const sori_array *a) {
    char sum[20];
    base_format(sum, sizeof sum, "%016" PRIx64, checksum(a));
    json_t *root = json_pack("{s:s, s:s}", "sori_cache", key, "checksum", sum);
    char *text = root ? json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(root);
    if (!text) sori_fail(c, SORI_ENOMEM, "out of memory");
    return text;
}

/* Whether the entry says of itself what describe would say. */
static bool says(sori_ctx *c, const char *metadata, const char *key, const sori_array *a) {
    char *text = describe(c, key, a);
    json_t *want = text ? json_loads(text, 0, NULL) : NULL;
    json_t *got = metadata ? json_loads(metadata, 0, NULL) : NULL;
    bool same = want && got && json_equal(want, got);
    json_decref(want);
    json_decref(got);
    free(text);
    return same;
}

/* The entry's features, or NULL without an error if it is missing or not right. */
static sori_array *read_entry(sori_ctx *c, const char *entry, const char *key) {
    if (access(entry, R_OK) != 0) return NULL;
    size_t count = 0;
    const char *metadata = NULL;
    int scope = sori_begin(c);
    const sori_named *found = sori_load_safetensors(c, entry, &count, &metadata);
    sori_array *a = found && count == 1 ? found[0].array : NULL;
    if (a && (a->dtype != SORI_F32 || a->ndim != 2 || !says(c, metadata, key, a))) a = NULL;
    a = sori_end(c, scope, a);
    sori_status s = sori_error(c);
    if (s == SORI_EFORMAT || s == SORI_EIO) sori_clear(c);
    return a;
}

/* A full disk or a read-only folder does not stop the work. */
static void write_entry(sori_ctx *c, const char *entry, const char *key, sori_array *a, bool *unwritten) {
    char *text = describe(c, key, a);
    if (text) sori_save_safetensors(c, entry, &(sori_named){ "features", a }, 1, text);
    free(text);
    if (sori_error(c) != SORI_EIO) return;
    *unwritten = true;
    sori_clear(c);
}

static sori_array *compute(sori_ctx *c, const sori_input_config *input, const char *path, const data_rendering *r) {
    int scope = sori_begin(c);
    sori_audio y = data_load(c, input, path);
    if (r->chain) y = sori_augment_apply(c, r->chain, y, NULL, r->seed, r->variant, r->sample, NULL);
    return sori_end(c, scope, y.y ? data_features(c, input, y) : NULL);
}

/* The key of the input, and of what was done to the sound; freed by base_free. */
static char *full_key(sori_ctx *c, const char *key, const data_rendering *r) {
    if (!r->chain) return base_strdup(c, key);
    return base_printf(c, "%s augment %016" PRIx64 " %s seed %" PRIu64 " variant %" PRIu32 " sample %" PRIu32, key,
                       r->hash, sori_augment_text(r->chain), r->seed, r->variant, r->sample);
}

sori_array *data_cached_features(sori_ctx *c, const char *folder, const char *key, const sori_input_config *input,
                                 const char *path, const data_rendering *rendering, bool *unwritten) {
    content_hash h;
    if (!folder) return compute(c, input, path, rendering);
    if (!hash_file(c, path, &h)) return NULL;
    char *full = full_key(c, key, rendering);
    if (!full) return NULL;
    mix(&h, full, strlen(full));
    char *entry = base_printf(c, "%s/%016" PRIx64 "%016" PRIx64 ".safetensors", folder, h.a, h.b);
    sori_array *a = entry ? read_entry(c, entry, full) : NULL;
    if (!a && !base_failed(c) && (a = compute(c, input, path, rendering))) write_entry(c, entry, full, a, unwritten);
    base_free(c, entry);
    base_free(c, full);
    return base_failed(c) ? NULL : a;
}
