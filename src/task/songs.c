/* songs.c - a folder of songs with stems: which are missing, made several at once.
 *
 *   check the settings -> songs.json -> which folders are there? -> the others, a song a job
 *
 * A job has a SoundFont of its own and takes song after song. Songs share nothing, so neither their order nor the
 * number of jobs changes a sample. */
#include "task/songs.h"
#include "synth/synth.h"
#include <math.h>
#include <sched.h>
#include <sys/stat.h>

#define TRACKS 99999               /* what five digits number */

/* --- the gate ----------------------------------------------------------------------------------------------------- */

static void set_defaults(songs *s, const sori_songs_config *k) {
    s->k = *k;
    s->k.tracks = k->n_files ? k->n_files : k->tracks ? k->tracks : 10;
    s->k.sr = k->sr ? k->sr : 44100;
    s->k.song.seed = sori_seed(s->c);
    s->channels = k->stereo || k->layout == SORI_MUSDB ? 2 : 1;
    s->loudness = k->loudness.mode == 1 ? k->loudness.value : -23;
    s->test = k->test.mode == 1 ? k->test.value : 0.2;
}

static bool check(songs *s) {
    const sori_songs_config *k = &s->k;
    if ((unsigned)k->layout > SORI_MUSDB) sori_fail(s->c, SORI_EINVAL, "songs: unknown layout %d", (int)k->layout);
    else if (k->tracks > TRACKS) sori_fail(s->c, SORI_EINVAL, "songs: %zu tracks, above %d", k->tracks, TRACKS);
    else if (k->n_files && !k->files) sori_fail(s->c, SORI_EINVAL, "songs: no files given");
    else if (!(k->sr >= 8000 && k->sr <= 192000) || k->sr != floor(k->sr))
        sori_fail(s->c, SORI_EINVAL, "songs: sr %g is not a whole number within 8000 and 192000", k->sr);
    else if (k->room_s != 0 && !(k->room_s >= 0.05 && k->room_s <= 20))
        sori_fail(s->c, SORI_EINVAL, "songs: room_s %g is not within 0.05 and 20", k->room_s);
    else if (!(s->loudness >= -60 && s->loudness <= -5))
        sori_fail(s->c, SORI_EINVAL, "songs: loudness %g is not within -60 and -5 LUFS", s->loudness);
    else if (!(s->test >= 0 && s->test <= 1))
        sori_fail(s->c, SORI_EINVAL, "songs: test %g is not within 0 and 1", s->test);
    else if (k->jobs < 0 || k->jobs > 256)
        sori_fail(s->c, SORI_EINVAL, "songs: %d jobs are not 1 to 256", k->jobs);
    else if (!k->n_files) sori_compose(s->c, &k->song);   /* its options are checked by one song */
    return !base_failed(s->c);
}

/* A SoundFont that is missing or damaged is found before anything is written. */
static bool find_soundfont(songs *s) {
    sori_synth *synth = sori_synth_open(s->c, s->k.soundfont);
    s->soundfont = synth ? base_intern(s->c, synth_soundfont_path(synth)) : NULL;
    sori_synth_close(synth);
    return s->soundfont;
}

/* --- what is missing ---------------------------------------------------------------------------------------------- */

static bool is_done(songs *s, size_t number) {
    char *folder = task_songs_folder(s->c, s, number);
    struct stat st;
    bool done = folder && stat(folder, &st) == 0 && S_ISDIR(st.st_mode);
    base_free(s->c, folder);
    return done;
}

static bool plan(songs *s) {
    s->pending = base_alloc(s->c, s->k.tracks, sizeof *s->pending);
    s->failures = base_alloc(s->c, s->k.tracks, sizeof *s->failures);
    for (size_t i = 0; i < s->k.tracks && !base_failed(s->c); i++)
        if (!is_done(s, i)) s->pending[s->pending_count++] = i;
    return !base_failed(s->c);
}

/* --- songs -------------------------------------------------------------------------------------------------------- */

/* Reports are one at a time, and few. */
static void report(songs *s, const songs_track *t, const char *error) {
    while (atomic_flag_test_and_set(&s->reporting)) sched_yield();
    s->finished++;
    if (!error) s->made++, s->duration_s += t->duration_s;
    if (s->k.on_song)
        s->k.on_song(s->k.user, &(sori_songs_song){ .name = t->name, .done = s->finished, .total = s->pending_count,
                                                    .duration_s = t->duration_s, .error = error });
    atomic_flag_clear(&s->reporting);
}

/* The fault of this MIDI file, which must not stop the others. */
static bool is_its_own(const songs_track *t, sori_status status, bool opened) {
    return t->file && (status == SORI_EFORMAT || status == SORI_EINVAL || (status == SORI_EIO && !opened));
}

static void make_song(sori_ctx *job, songs *s, sori_synth *synth, size_t at) {
    songs_track t = { .number = s->pending[at] };
    int scope = sori_begin(job);
    bool opened = task_songs_open(job, s, &t);
    bool ok = opened && task_songs_render(job, s, synth, &t) && task_songs_write(job, s, &t);
    if (ok) {
        report(s, &t, NULL);
    } else if (is_its_own(&t, sori_error(job), opened)) {
        s->failures[at] = sori_error(job);
        base_fail_in(job, t.file);
        report(s, &t, sori_message(job));
        sori_clear(job);
    }
    sori_end(job, scope, NULL);
}

static void run_lane(sori_ctx *job, void *arg, size_t lane) {
    songs *s = arg;
    (void)lane;
    sori_synth *synth = sori_synth_open(job, s->soundfont);
    while (!base_failed(job) && !atomic_load(&s->stopped)) {
        size_t at = atomic_fetch_add(&s->next, 1);
        if (at >= s->pending_count || base_interrupted(job)) break;
        make_song(job, s, synth, at);
    }
    if (base_failed(job)) atomic_store(&s->stopped, true);
    sori_synth_close(synth);
}

static void make_all(songs *s) {
    size_t most = (size_t)sori_threads(s->c), jobs = s->k.jobs ? (size_t)s->k.jobs : most;
    base_each(s->c, BASE_MIN(BASE_MIN(jobs, most), s->pending_count), run_lane, s);
}

static sori_songs_result result_of(const songs *s) {
    sori_songs_result out = { .kept = s->k.tracks - s->pending_count, .duration_s = s->duration_s };
    for (size_t i = 0; i < s->pending_count; i++) {
        out.failed += s->failures[i] != SORI_OK;
        if (out.failure == SORI_OK) out.failure = s->failures[i];
    }
    out.made = s->pending_count - out.failed;
    return out;
}

sori_status sori_make_songs(sori_ctx *c, const char *dir, const sori_songs_config *config, sori_songs_result *out) {
    static const sori_songs_config defaults;
    if (out) *out = (sori_songs_result){ 0 };
    if (base_failed(c)) return sori_error(c);
    if (!dir) return sori_fail(c, SORI_EINVAL, "songs: no folder to write");
    songs s = { .c = c, .dir = dir, .reporting = ATOMIC_FLAG_INIT };
    set_defaults(&s, config ? config : &defaults);
    int scope = sori_begin(c);
    bool is_new = false;
    if (check(&s) && find_soundfont(&s) && base_make_dirs(c, dir) == SORI_OK && task_songs_keep_settings(&s, &is_new) &&
        plan(&s))
        make_all(&s);
    if (is_new && s.made == 0) task_songs_drop_settings(&s);   /* they are those of no song */
    sori_end(c, scope, NULL);
    if (!base_failed(c) && out) *out = result_of(&s);
    base_free(c, s.pending);
    base_free(c, s.failures);
    return sori_error(c);
}
