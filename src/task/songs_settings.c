/* songs_settings.c - songs.json: what a folder of songs was made with, so that nobody adds others to it.
 *
 * The number of tracks is no setting: more can be added. The SoundFont is known by name and size, not by its bytes,
 * which are many; where it lies does not matter. */
#include "task/songs.h"
#include "data/data.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIMIT ((uint64_t)64 << 20) /* bytes of songs.json: 99999 files are 10 MB */

static json_t *option(sori_opt o) { return o.mode == 1 ? json_real(o.value) : json_null(); }

/* Names and contents. */
static json_t *files_json(songs *s) {
    json_t *list = json_array();
    for (size_t i = 0; i < s->k.n_files && !base_failed(s->c); i++) {
        uint64_t h[2];
        char text[33];
        if (!data_hash_file(s->c, s->k.files[i], h)) {
            if (sori_error(s->c) != SORI_EIO) break;
            sori_clear(s->c);      /* its own song says so */
            h[0] = h[1] = 0;
        }
        base_format(text, sizeof text, "%016" PRIx64 "%016" PRIx64, h[0], h[1]);
        json_array_append_new(list, json_string(text));
    }
    return list;
}

static json_t *song_json(const sori_song_config *k) {
    return json_pack("{s:f, s:f, s:s?, s:i, s:o}", "length_s", k->length_s, "tempo", k->tempo, "key", k->key,
                     "instruments", k->instruments, "swing", option(k->swing));
}

static json_t *settings_json(songs *s) {
    struct stat st = { 0 };
    char seed[24];
    bool slakh = s->k.layout == SORI_SLAKH;
    base_format(seed, sizeof seed, "%" PRIu64, s->k.song.seed);   /* JSON's integers end at 2^63 */
    if (stat(s->soundfont, &st) != 0) st.st_size = 0;
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:I, s:f, s:i, s:f, s:f}", "sori", SORI_VERSION, "layout",
                          slakh ? "slakh" : "musdb", "seed", seed, "soundfont", base_path_name(s->soundfont),
                          "soundfont_bytes", (json_int_t)st.st_size, "sr", s->k.sr, "channels", (int)s->channels,
                          "room_s", s->k.room_s, "loudness", s->loudness);
    if (!slakh) json_object_set_new(o, "test", json_real(s->test));
    if (s->k.n_files) json_object_set_new(o, "files", files_json(s));
    else json_object_set_new(o, "song", song_json(&s->k.song));
    if (!o && !base_failed(s->c))
        sori_fail(s->c, SORI_EINVAL, "%s: the SoundFont's name is not UTF-8", s->soundfont);
    return o;
}

/* --- compared ----------------------------------------------------------------------------------------------------- */

/* Both as they are written; long ones by their name alone. */
static void refuse(songs *s, const char *path, const char *name, const json_t *there, const json_t *wanted) {
    char *a = there ? json_dumps(there, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    char *b = wanted ? json_dumps(wanted, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    if (a && b && strlen(a) < 100 && strlen(b) < 100)
        sori_fail(s->c, SORI_EINVAL, "%s: the songs there have %s %s, not %s: choose another folder", path, name, a, b);
    else sori_fail(s->c, SORI_EINVAL, "%s: the songs there have other %s: choose another folder", path, name);
    free(a);
    free(b);
}

static void compare(songs *s, const char *path, const json_t *there, json_t *wanted) {
    const char *name;
    json_t *value;
    json_object_foreach(wanted, name, value) {
        const json_t *other = json_object_get(there, name);
        if (json_is_object(value) && json_is_object(other)) compare(s, path, other, value);
        else if (!json_equal(other, value)) refuse(s, path, name, other, value);
    }
}

static void save(songs *s, const char *path, const json_t *o) {
    char *text = json_dumps(o, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    base_file *file = text ? base_file_new(s->c, path) : NULL;
    if (!text) sori_fail(s->c, SORI_ENOMEM, "out of memory");
    if (file && base_file_printf(file, "%s\n", text)) base_file_commit(file);
    else base_file_abort(file);
    free(text);
}

bool task_songs_keep_settings(songs *s, bool *is_new) {
    size_t n = 0;
    char *path = base_path_join(s->c, s->dir, "songs.json");
    json_t *o = path ? settings_json(s) : NULL;
    if (o && !base_failed(s->c) && access(path, F_OK) == 0) {
        char *text = base_read_file(s->c, path, LIMIT, &n);
        json_t *there = text ? base_json_parse(s->c, path, text, n) : NULL;
        if (there) compare(s, path, there, o);
        json_decref(there);
        base_free(s->c, text);
    } else if (o && !base_failed(s->c)) {
        save(s, path, o);
        *is_new = !base_failed(s->c);
    }
    json_decref(o);
    base_free(s->c, path);
    return !base_failed(s->c);
}

void task_songs_drop_settings(songs *s) {
    char *path = base_printf(s->c, "%s/songs.json", s->dir);
    if (path) unlink(path);
    base_free(s->c, path);
}
