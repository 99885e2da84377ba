/* task/songs.h - what the files that make songs with stems share.
 *
 *   songs.c            the gate, and songs made several at once
 *   songs_settings.c   songs.json
 *   songs_track.c      one song: its parts, rendered, balanced, rounded and added
 *   songs_write.c      one song's folder */
#ifndef TASK_SONGS_H
#define TASK_SONGS_H

#include "array/array.h"
#include "base/base.h"
#include <sori/songs.h>
#include <stdatomic.h>

#define SONGS_PARTS 128            /* instruments of a song, at most */
#define SONGS_CEILING_DB (-1.0)    /* peak of mixture and stems */

/* One call of sori_make_songs: its settings, defaults filled in. */
typedef struct songs {
    sori_ctx *c;
    const char *dir;
    sori_songs_config k;
    size_t channels;
    double loudness, test;
    const char *soundfont;         /* its path, kept by the context */
    size_t *pending;               /* [pending_count] tracks to make, from 0 */
    sori_status *failures;         /* [pending_count] */
    size_t pending_count;
    atomic_size_t next;            /* pending song to take */
    atomic_bool stopped;
    atomic_flag reporting;
    size_t finished, made;         /* guarded by reporting, as the next */
    double duration_s;
} songs;

/* What a part is in the mixture, which is also MUSDB18's stem. */
typedef enum songs_role { SONGS_VOCALS = 0, SONGS_DRUMS, SONGS_BASS, SONGS_OTHER, SONGS_ROLES } songs_role;

typedef struct songs_part {
    sori_midi_track track;         /* notes that are played, and what plays them */
    songs_role role;
    size_t stem;
    double level_db;               /* loudness against the lead's */
} songs_part;

typedef struct songs_stem {
    char name[8];                  /* "S00", "vocals" */
    sori_array *y;                 /* [n] or [2, n] f32: whole numbers / 2^23 once they are mixed */
    double loudness;               /* LUFS, of what is written; -INFINITY: silence */
} songs_stem;

/* A song. All it points to is in the innermost scope. */
typedef struct songs_track {
    size_t number;                 /* from 0 */
    const char *file;              /* the MIDI file; NULL: composed */
    char name[16], id[33];         /* "Track00001"; 32 hexadecimal digits of what it is made from */
    sori_midi midi;                /* its tracks are parts[i].track */
    songs_part *parts;             /* [midi.n] */
    songs_stem *stems;             /* [stem_count] */
    size_t stem_count;
    sori_array *mix;               /* the sum of the stems */
    double duration_s, loudness;   /* of the mixture */
    double overall_gain;           /* 1, or what the peaks left of it */
} songs_track;

/* Its parts, and the notes that are played. False after an error, with the file's path. */
bool task_songs_open(sori_ctx *c, const songs *s, songs_track *t);
/* Stems and mixture. */
bool task_songs_render(sori_ctx *c, const songs *s, sori_synth *synth, songs_track *t);

/* Where it goes, freed by base_free: "DIR/Track00001", "DIR/test/Track00005". */
char *task_songs_folder(sori_ctx *c, const songs *s, size_t number);
/* Write it there, by way of a folder beside it. */
bool task_songs_write(sori_ctx *c, const songs *s, const songs_track *t);

/* Compare songs.json with these settings, or write it: then *is_new. False after an error. */
bool task_songs_keep_settings(songs *s, bool *is_new);
void task_songs_drop_settings(songs *s);

#endif
