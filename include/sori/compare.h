/* sori/compare.h - two sounds side by side: how they differ, in numbers and in a picture.
 *
 *     sori_comparison r = sori_compare(c, made, real, NULL);
 *     printf("log-mel %.1f dB, MFCC %.1f\n", r.log_mel_db, r.mfcc_dtw);
 *     sori_plot *p = sori_plot_new(c, &(sori_plot_config){ .columns = 2, .panel_height = 240 });
 *     sori_compare_plot(c, p, &r, "made", "real");
 *     sori_plot_save(p, "sheet.png");
 */
#ifndef SORI_COMPARE_H
#define SORI_COMPARE_H

#include <sori/plot.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SORI_COMPARE_PARTIALS 32    /* at most */
#define SORI_PARTIAL_FLOOR (-80.0)  /* dB below the strongest: weaker ones count as not there */

typedef struct sori_compare_config {
    double sr;               /* Hz that both are compared at; 0: the lower of their rates */
    double duration_s;       /* at most so much of them; 0: 60. The shorter one's length is the limit anyway */
    bool unaligned;          /* compare from the first sample, not from the onset */
    bool keep_level;         /* as loud as they are */
    double f0_hz;            /* the fundamental both should have; 0: it is sought, 27.5 to 4186 Hz, A0 to C8 */
    int n_partials;          /* 10; at most SORI_COMPARE_PARTIALS */
    uint32_t reserved[8];
} sori_compare_config;

/* A harmonic. */
typedef struct sori_partial {
    double hz;               /* where it is; NaN: not there */
    double db;               /* power below that of the strongest; SORI_PARTIAL_FLOOR: not there; NaN: above sr/2 */
    double cents;            /* how much higher than its multiple of f0_hz; NaN: not there */
} sori_partial;

/* One of the two sounds. In silence, what depends on sound is NaN, and its gain 0. */
typedef struct sori_compared {
    sori_audio y;            /* [n] the part compared: the mean of its channels, at the common rate, gain included */
    double onset_s;          /* where that part begins in the sound given */
    double length_s;         /* of the sound from there on */
    double gain_db;          /* by how much its level was changed */
    double f0_hz;            /* as given, or its lowest partial divided by that one's number; NaN: no pitch */
    sori_partial partials[SORI_COMPARE_PARTIALS];   /* [n_partials], all NaN without a pitch */
    double attack_s;         /* from a tenth of the loudest moment to nine tenths */
    double centroid_hz, rolloff_hz, flatness;       /* means over frames, each weighing as much as its energy */
    sori_array *spectrum_db; /* [1 + n_fft/2] f32 mean power; a sine of amplitude 1 is 0 dB */
    sori_array *mel_db;      /* [64, frames] f32, not below 80 dB under the louder sound's loudest */
    sori_array *mfcc;        /* [20, frames] f32 of mel_db */
    sori_array *envelope_db; /* [m] f32 RMS of 10 ms around each millisecond, not below -100 dB */
} sori_compared;

typedef struct sori_comparison {
    sori_compared a, b;
    double sr, duration_s;   /* of both parts */
    int n_fft, hop_length, n_partials;
    double envelope_step_s;  /* from value to value of envelope_db */
    double log_mel_db;       /* RMS difference of mel_db */
    double mfcc_dtw;         /* distance of the MFCCs but the first, which is the level: mean along the cheapest path */
    double mfcc_mean;        /* and that of their means over time */
    double partials_db;      /* RMS difference of levels; NaN where one has no pitch */
} sori_comparison;

/* Compare a with b. Both become mono and take the lower rate. They begin where their level first comes within 30 dB of
 * its loudest, end with the shorter one, and get the same level, an RMS of 0.1 (-20 dBFS).
 *   a, b  [n] or [channels, n] f32. The arrays of the result belong to the innermost scope; all is 0 after a failure
 *   err   SORI_EINVAL no samples, NaN; sr, duration_s, f0_hz or n_partials out of range; too long for sori_dtw;
 *         SORI_EUNSUP rates differ, and libsoxr is missing
 *   cost  a STFT each, sori_pyin of four seconds each, and a sori_dtw
 * The fundamental is the median of pyin's over voiced frames, by energy, if those hold half of it. Partials are peaks
 * of one spectrum of the first four seconds, each sought near where those below it lead, so that stiff strings may
 * stretch; a level is the power within 60 cents. A sound compared with itself differs by 0, exactly.
 * Attack: Peeters, "A large set of audio features", CUIDADO, 2004. librosa has no such function. */
SORI_API sori_comparison sori_compare(sori_ctx *c, sori_audio a, sori_audio b, const sori_compare_config *config);

/* Ten panels: waveforms, mel spectrograms, MFCCs, spectrum and level over time, levels and deviations of partials
 * (if there is a pitch); for a plot of two columns. The names of a and b may be NULL.
 *   err  SORI_EINVAL r is empty; as the panels */
SORI_API sori_status sori_compare_plot(sori_ctx *c, sori_plot *p, const sori_comparison *r, const char *name_a,
                                       const char *name_b);

#ifdef __cplusplus
}
#endif
#endif
