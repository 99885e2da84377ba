/* effects.h - what `sori effects` can do with a sound: a table, one row an effect. */
#ifndef CLI_EFFECTS_H
#define CLI_EFFECTS_H

#include "cli.h"

typedef enum effects_format {
    EFFECTS_WAV, EFFECTS_FLAC, EFFECTS_TXT, EFFECTS_CSV, EFFECTS_JAMS, EFFECTS_UNKNOWN
} effects_format;

/* A file whatever its name is. */
typedef struct effects_id { uint64_t device, inode; } effects_id;

/* What is wanted of every file. */
typedef struct effects_job {
    const struct effect *effect;
    sori_load_config load;
    sori_save_config save;
    effects_format format;
    const char *out;               /* a file, or a folder with a file for each FILE */
    bool folder;
    effects_id *inputs;            /* [input_count] FILEs that results must not replace, sorted */
    size_t input_count;
} effects_job;

/* One file under way. */
typedef struct effects_run {
    cli *k;
    const effects_job *job;
    const char *path;              /* the FILE */
    bool told;                     /* the context's sentence names the file that failed, a result */
} effects_run;

typedef struct effect {
    const char *name;
    const char *librosa;           /* its name there, or where else it comes from */
    const char *summary;
    const char *options;           /* those it takes, "rate|n_fft" */
    const char *needs;             /* the one of them that has no default; NULL: none */
    sori_audio (*one)(effects_run *r, sori_audio y);   /* a sound from a sound; NULL on failure */
    void (*several)(effects_run *r, sori_audio y);     /* or, instead: writes what it makes, by effects_write */
    bool labels;                   /* .several can also write label files */
} effect;

extern const effect effects[];     /* ends with a row without a name */
extern const cli_group effects_group, effects_wave_group;   /* the options of all rows */

/* The result's path: suffix ("", "_harmonic") stands before the ending. Freed by free(). */
char *effects_path(const effects_run *r, const char *suffix);
/* Rows of effects_wave.c. */
sori_audio effects_gain(effects_run *r, sori_audio y);
sori_audio effects_polarity(effects_run *r, sori_audio y);
sori_audio effects_shift(effects_run *r, sori_audio y);
sori_audio effects_noise(effects_run *r, sori_audio y);
sori_audio effects_filter(effects_run *r, sori_audio y);
sori_audio effects_equalize(effects_run *r, sori_audio y);
sori_audio effects_compress(effects_run *r, sori_audio y);
sori_audio effects_clip(effects_run *r, sori_audio y);
sori_audio effects_reverb(effects_run *r, sori_audio y);
sori_audio effects_convolve(effects_run *r, sori_audio y);
sori_audio effects_mp3(effects_run *r, sori_audio y);

/* Write a result. A failure is in the context: also when it has no samples, or would replace a FILE. */
void effects_write(effects_run *r, const char *suffix, sori_audio y);

#endif
