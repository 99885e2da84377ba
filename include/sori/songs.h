/* sori/songs.h - data sets of songs whose parts are known: mixtures with a stem for each instrument.
 *
 *     sori_songs_config k = { .layout = SORI_SLAKH, .tracks = 200, .song = { .instruments = 4 } };
 *     sori_make_songs(c, "songs", &k, NULL);        songs/Track00001/{mix.flac, stems/S00.flac, ..., metadata.yaml}
 */
#ifndef SORI_SONGS_H
#define SORI_SONGS_H

#include <sori/song.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum sori_songs_layout {
    SORI_SLAKH = 0,           /* TrackNNNNN/{mix.flac, stems/S00.flac, MIDI/S00.mid, all_src.mid, metadata.yaml} */
    SORI_MUSDB                /* train/TrackNNNNN/{mixture,vocals,drums,bass,other}.wav, and test/ */
} sori_songs_layout;

/* A song that is done, for on_song. */
typedef struct sori_songs_song {
    const char *name;         /* "Track00001" */
    size_t done, total;       /* of the songs this call makes */
    double duration_s;
    const char *error;        /* why it could not be made; NULL: it was */
} sori_songs_song;

typedef struct sori_songs_config {
    sori_songs_layout layout;
    size_t tracks;            /* composed songs; 0: 10, at most 99999 */
    sori_song_config song;    /* how they are composed; its seed and number are the context's and the track's */
    const char *const *files; /* [n_files] MIDI files to render instead, in the order of their tracks */
    size_t n_files;
    const char *soundfont;    /* as sori_synth_open */
    double sr;                /* 44100 Hz; a whole number, 8000 .. 192000 */
    bool stereo;              /* SORI_SLAKH: two channels, where Slakh2100 has one. SORI_MUSDB always has two */
    double room_s;            /* RT60 of a room that all instruments play in, 0.05 .. 20; 0: none */
    sori_opt loudness;        /* of the mixture, -60 .. -5 LUFS: -23, EBU R 128's. See below for peaks */
    sori_opt test;            /* SORI_MUSDB: share of the songs that go to test/, 0.2 */
    int jobs;                 /* songs at once, each on one thread; 0: as many as the context has threads, the most */
    void (*on_song)(void *user, const sori_songs_song *song);   /* from any thread, one at a time */
    void *user;
    uint32_t reserved[8];
} sori_songs_config;

typedef struct sori_songs_result {
    size_t made, kept, failed;   /* songs of this call, those found done, MIDI files that could not be rendered */
    double duration_s;           /* of what was made */
    sori_status failure;         /* of the first file that failed */
} sori_songs_result;

/* Make songs with stems in the folder dir. Every instrument is rendered by sori_perform, put in the room, and brought
 * to the loudness of its role; the sum to `loudness`, by BS.1770. One gain for all then keeps mixture and stems at
 * -1 dBFS or below. Stems are rounded to 24 bits and their sum is the mixture, sample for sample, also in the files.
 * SORI_MUSDB: drums, programs 32 to 39 as bass, and in place of the vocals the melody, of a MIDI file the other track
 * of the highest mean pitch. Beside the sound lie notes.json and notes.jams: what sounds when.
 * A song depends on seed, settings and track number alone, not on jobs. It is written into TrackNNNNN.part, which then
 * is renamed; a folder that is there is not made again, so the same call goes on after an interruption, and more tracks
 * can be added. songs.json keeps the settings. A MIDI file that cannot be rendered does not stop the others.
 *   err  SORI_EINVAL an option out of range; other settings than songs.json's; as sori_compose; SORI_EFORMAT, SORI_EIO
 *        no or a damaged SoundFont; SORI_EIO; SORI_EINTR. Of one file: more than 128 instruments, an hour, 2^29 samples
 *        of all stems
 *   cost some 70 times faster than it sounds, on a core, for 4 stems. Memory: the stems of `jobs` songs
 * Manilow, Wichern, Seetharaman, Le Roux, "Cutting music source separation some Slakh", WASPAA 2019; Rafii et al.,
 * "MUSDB18-HQ", 2019. */
SORI_API sori_status sori_make_songs(sori_ctx *c, const char *dir, const sori_songs_config *config,
                                     sori_songs_result *out);

#ifdef __cplusplus
}
#endif
#endif
