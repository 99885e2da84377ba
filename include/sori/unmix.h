/* sori/unmix.h - a mixture explained by single notes: what is heard when, and each instrument's sound.
 *
 *     sori_templates *t = sori_load_templates(c, "notes", NULL);            folders of `sori synth notes`
 *     sori_unmix_config g = { .templates = t, .nmf.loss = SORI_NMF_KULLBACK_LEIBLER };
 *     sori_unmix *u = sori_unmix_new(c, y, &g);
 *     sori_note_events notes = sori_unmix_notes(u, NULL);
 *     for (size_t p = 0; p < sori_unmix_parts(u); p++) sori_save(c, ..., sori_unmix_part(u, y, p), NULL);
 *     sori_unmix_free(u);
 *     sori_templates_free(t);
 *
 * The spectrogram of the mixture is V = W H. The columns of W are learnt from clean single notes, a few for each, and
 * are the start of the factorisation or its fixed part; then every row of H is the loudness of one note of one
 * instrument. */
#ifndef SORI_UNMIX_H
#define SORI_UNMIX_H

#include <sori/decompose.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- what single notes look like -------------------------------------------------------------------------------- */

typedef struct sori_templates_config {
    double sr;               /* Hz; 0: 22050. Notes and mixtures are taken at this rate */
    sori_stft_config stft;   /* n_fft 0: 4096, hop_length 0: 512; centred */
    double power;            /* 1: magnitudes; 2: powers, the model of the Itakura-Saito loss */
    int per_note;            /* 2: spectra of a note, 1 to 8: its first 0.1 s, the next 0.3 s, 1.2 s, ...; the rest */
    int T;                   /* 10: frames of a drum */
    uint32_t reserved[8];
} sori_templates_config;

/* Spectra of notes by instrument, in the order in which they were added. */
typedef struct sori_templates sori_templates;

/* None yet.   err SORI_EINVAL as sori_stft; uncentered; per_note, T, power or sr out of range */
SORI_API sori_templates *sori_templates_new(sori_ctx *c, const sori_templates_config *config);
SORI_API void sori_templates_free(sori_templates *t);

/* Add a note: the spectra of its parts, of sum 1 each. Several of one pitch (played loud and soft) add up in what is
 * heard of it.
 *   y    [n] f32 at the templates' rate; pitch 1..127, a MIDI note
 *   err  SORI_EINVAL another rate, no instrument, pitch out of range, more than 64 instruments; not finite;
 *        SORI_EFORMAT silence */
SORI_API sori_status sori_templates_add(sori_templates *t, const char *instrument, int pitch, sori_audio y);
/* Add a drum, a key of sori_drum: the spectrogram of T frames from its beginning. */
SORI_API sori_status sori_templates_add_drum(sori_templates *t, int key, sori_audio y);

/* Every sound file below a folder, by name: INSTRUMENT_NOTE_... ("electric_piano_F#3_100.wav", also "As4" for A#4), as
 * `sori synth notes` writes them, and drums_DRUM_... ("drums_closed_hihat_100.wav"). Resampled, channels averaged.
 *   err  SORI_EFORMAT, with the path, no sound file; a name without a note; silence; as sori_load; SORI_EIO */
SORI_API sori_templates *sori_load_templates(sori_ctx *c, const char *folder, const sori_templates_config *config);

SORI_API size_t sori_templates_count(const sori_templates *t);     /* spectra, without drums */
SORI_API size_t sori_templates_drums(const sori_templates *t);
SORI_API double sori_templates_sr(const sori_templates *t);

/* --- the mixture ------------------------------------------------------------------------------------------------ */

typedef enum sori_unmix_use {
    SORI_UNMIX_START = 0,    /* templates are where W begins: once H is found for them, W adapts to the mixture */
    SORI_UNMIX_FIXED,        /* templates stay as they are */
    SORI_UNMIX_NAMES         /* W begins as sori_nmf does; each component is named after the template most like it */
} sori_unmix_use;

typedef struct sori_unmix_config {
    const sori_templates *templates; /* NULL: n_components that nobody has a name for, each a part of its own */
    sori_templates_config transform; /* without templates: rate, transform, T */
    sori_unmix_use use;
    int n_components;        /* without templates, above 0. START, FIXED: more components, random, for what no template
                              * explains, part "others"; 0: none. NAMES: how many; 0: as many as templates */
    int adapt;               /* START: sweeps over W and H after nmf.max_iter over H alone; 3 */
    sori_nmf_config nmf;     /* W, H, fixed and n_components are not used */
    double slice_s;          /* windows of so many seconds, each half over the one before, with a W of their own,
                              * cross-faded; 0: all at once */
    int drums;               /* so many drums by sori_nmfd, from what hpss finds percussive; those of the templates come
                              * first. 0: none, -1: as many as the templates have */
    uint32_t reserved[8];
} sori_unmix_config;

/* A mixture taken apart. Parts are the instruments of the templates, then "drums", then "others"; or the components
 * "01", "02", ... */
typedef struct sori_unmix sori_unmix;

/* Factorise.
 *   y    [n] or [channels, n] f32 at the templates' rate; channels are averaged for the factorisation
 *   err  SORI_EINVAL another rate; neither templates nor components; a slice shorter than 4 frames; as sori_nmf
 *   cost sori_nmf's of bins x frames and components (twice with slices). Memory: W (for every slice, unless it is
 *        fixed), H, and the spectrogram while it works
 * Every column of W has sum 1, so H is in units of summed magnitude. Silence has no activations.
 * Without templates a slice begins with the W of the one before.
 * Smaragdis and Brown, "Non-negative matrix factorization for polyphonic music transcription", WASPAA 2003; Schmidt and
 * Olsson, "Single-channel speech separation using sparse non-negative matrix factorization", Interspeech 2006. */
SORI_API sori_unmix *sori_unmix_new(sori_ctx *c, sori_audio y, const sori_unmix_config *config);
SORI_API void sori_unmix_free(sori_unmix *u);

SORI_API size_t sori_unmix_parts(const sori_unmix *u);
SORI_API const char *sori_unmix_part_name(const sori_unmix *u, size_t part);   /* NULL beyond the last */
SORI_API size_t sori_unmix_drum_part(const sori_unmix *u);  /* SIZE_MAX: there are no drums */
SORI_API double sori_unmix_frame_s(const sori_unmix *u);    /* seconds from frame to frame */
SORI_API double sori_unmix_loss(const sori_unmix *u);       /* the factorisation's at its end, summed over slices */

/* How loud each pitch of a part is: [128, frames] f32, sums of rows of H. Row of a drum: its key. Components without
 * templates have the pitch whose harmonics fit their spectrum best. "others" have none, and all zeros.
 *   err  SORI_EINVAL no such part */
SORI_API sori_array *sori_unmix_activations(sori_unmix *u, size_t part);

/* A part's sound, through its soft mask: its share of the model, bin by bin, of the mixture's spectrum. The shares sum
 * to 1, so the parts sum to the mixture.
 *   y    the mixture again, as given to sori_unmix_new (every channel gets the same mask)   ->   y's shape
 *   err  SORI_EINVAL no such part; another length or rate
 *   cost one STFT and its inverse, the model once: 2 bins x frames x components */
SORI_API sori_audio sori_unmix_part(sori_unmix *u, sori_audio y, size_t part);

/* --- notes ------------------------------------------------------------------------------------------------------ */

typedef struct sori_note_event {
    double start_s, end_s;
    int part;                /* sori_unmix_part_name */
    int pitch;               /* MIDI note, or a drum's key */
    int velocity;            /* 1..127: 127 sqrt(strength) */
    double strength;         /* its peak of the part's loudest, 0 to 1 */
} sori_note_event;

/* By start, then part, then pitch, in an array of the innermost scope. */
typedef struct sori_note_events {
    sori_array *memory;      /* u8; NULL after a failure */
    const sori_note_event *items;   /* [n] */
    size_t n;
} sori_note_events;

typedef struct sori_notes_config {
    double threshold;        /* 0.08: of the loudest activation; a note must reach it; 0 to 1 */
    double release;          /* 0.4: of the threshold: where it ends; 0 to 1 */
    double min_s;            /* 0.06: shorter ones are left out */
    double again;            /* 0.5: a rise by this part of the note's peak so far, after a fall, strikes it again */
    double drum_threshold;   /* 0.3: of the drum's loudest activation; a stroke must reach it; 0 to 1 */
    uint32_t reserved[8];
} sori_notes_config;

/* Activations as notes: hysteresis of two thresholds; each begins where its activation rises most steeply, which is
 * where half of the frame's window has reached it. Drums last 0.1 s.
 *   err  SORI_EINVAL an option out of range */
SORI_API sori_note_events sori_unmix_notes(sori_unmix *u, const sori_notes_config *config);

#ifdef __cplusplus
}
#endif
#endif
