/* feat/cqt.h - scales, wavelets and the octave machine behind constant-Q transforms. Private to feat. */
#ifndef FEAT_CQT_H
#define FEAT_CQT_H

#include "feat/feat.h"
#include <sori/cqt.h>

#define FEAT_MAX_BINS (1 << 20)
#define FEAT_C1 32.703195662574829   /* Hz: 440 2^(-45/12), librosa.note_to_hz("C1") */

/* --- scales (interval.c) ------------------------------------------------------------------------------------ */

/* n_bins, bins_per_octave and fmin are positive. */
bool feat_check_scale(sori_ctx *c, const char *who, int n_bins, int bins_per_octave, double fmin);

/* [n_bins] Hz, freed by base_free; NULL with the error recorded. */
double *feat_scale(sori_ctx *c, const char *who, int n_bins, double fmin, const sori_interval_config *config);

/* --- wavelets (wavelet.c, basis.c) -------------------------------------------------------------------------- */

/* Wavelets at n frequencies: checked, with what librosa computes of them. */
typedef struct feat_wavelets {
    const char *who, *window;
    size_t n;
    double sr, filter_scale, norm, sparsity;   /* norm: NAN is none */
    double gamma;                              /* Hz; negative: a constant share of the ear's bandwidth */
    double *hz, *alpha, *length;               /* [n] Hz; relative bandwidth; samples at sr */
    double cutoff;                             /* Hz, where the highest of them ends */
} feat_wavelets;

/* Fill alpha (if NULL: from hz, or, for a single frequency, from bins_per_octave), length and cutoff. w->hz, which
 * feat_wavelets_close frees, and all settings are given; takes sparsity and norm as they are.
 *   err  SORI_EINVAL as sori_wavelet_lengths */
bool feat_wavelets_open(sori_ctx *c, feat_wavelets *w, int bins_per_octave);
void feat_wavelets_close(sori_ctx *c, feat_wavelets *w);

/* The length in samples at another rate, of wavelet i. */
double feat_wavelet_length(const feat_wavelets *w, size_t i, double sr);

/* The smallest power of two that holds wavelets [low, high) at that rate; 0 with the error recorded if above 2^24. */
size_t feat_wavelets_n_fft(sori_ctx *c, const feat_wavelets *w, size_t low, size_t high, double sr);

/* Wavelet i at rate sr: n values, pairs, into out; it lasts from sample `first` (about -n/2) on. window [n] is scratch.
 * out NULL: only n. */
size_t feat_wavelet_values(const feat_wavelets *w, size_t i, double sr, int64_t *first, double *window, double *out);

/* Spectra of wavelets [low, high) at a rate, times length / n_fft, each kept as the run of bins that matter. */
typedef struct feat_basis {
    size_t rows, n_fft, low;
    double sr;
    uint32_t *start, *count;   /* [rows] first bin, number of bins */
    double *weight;            /* pairs, one row after the other; zero for bins within a run that are left out */
    size_t weights;            /* pairs in all */
} feat_basis;

bool feat_basis_open(sori_ctx *c, feat_basis *b, const feat_wavelets *w, size_t low, size_t high, double sr,
                     size_t n_fft);
void feat_basis_close(sori_ctx *c, feat_basis *b);

/* True if b, made for bins and a rate of its own, serves [low, high) at sr as well: an octave is like the next. */
bool feat_basis_serves(const feat_basis *b, const feat_wavelets *w, size_t low, size_t high, double sr, size_t n_fft);

/* --- the octave machine (octave.c) ---------------------------------------------------------------------------- */

/* A transform, ready to run on a sound of n samples. */
typedef struct feat_vqt {
    feat_wavelets w;          /* w.sr: the sound's rate */
    size_t hop, per_octave;
    sori_pad_mode pad;
    bool scale, exact;
    size_t early;             /* halvings before the first octave */
    size_t n, octaves;        /* samples */
    struct feat_octave *octave;   /* [octaves] from the highest down */
    size_t frames;            /* of all octaves */
} feat_vqt;

typedef enum feat_vqt_kind { FEAT_VQT_COMPLEX = 0, FEAT_VQT_MAGNITUDE, FEAT_VQT_FOLDED } feat_vqt_kind;

/* Where results go: bin r, frame t of a channel to out[channel * plane + r * stride + t], in floats or pairs; folded,
 * sum over the bins of matrix[f][bin] |C| is added to row f < rows there. */
typedef struct feat_vqt_sink {
    feat_vqt_kind kind;
    float *out;
    size_t stride, plane;
    size_t rows;              /* folded: rows of the result */
    const double *matrix;     /* folded: [rows][n_bins] */
} feat_vqt_sink;

/* Check the settings, fill in defaults, and cut the transform into octaves. tuning is a number of bins; fmin 0: C1.
 * gamma: see feat_wavelets. False with the error recorded; feat_vqt_close in any case.
 *   err  SORI_EINVAL as sori_vqt */
bool feat_vqt_open(sori_ctx *c, feat_vqt *v, const char *who, double sr, size_t n, const sori_vqt_config *config,
                   double tuning, double gamma);
void feat_vqt_run(sori_ctx *c, const feat_vqt *v, const float *y, size_t channels, const feat_vqt_sink *sink);
void feat_vqt_close(sori_ctx *c, feat_vqt *v);

/* One feature over `frames` frames of a sound, written with a stride of one's own; in->window and u are ready, and u
 * is closed. */
void feat_pass(sori_ctx *c, feat_input *in, feat_use *u, size_t frames, float *out, size_t stride, size_t plane);

/* Sound that is checked: [..., n], finite. hop_length 0: 512. */
bool feat_sound_open(sori_ctx *c, feat_input *in, const char *who, sori_audio y, int hop_length, sori_pad_mode pad);

/* A tuning option: a number, the default, or estimated from y. */
bool feat_tuning(sori_ctx *c, const char *who, sori_audio y, sori_opt tuning, bool estimate, int bins_per_octave,
                 double *out);

/* --- chroma (chroma_cqt.c) ------------------------------------------------------------------------------------ */

/* sori_chroma_cqt for another caller: norm NAN is none, threshold NAN is none. */
sori_array *feat_chroma_cqt(sori_ctx *c, const char *who, sori_audio y, const sori_chroma_cqt_config *config,
                            double norm, double threshold);

#endif
