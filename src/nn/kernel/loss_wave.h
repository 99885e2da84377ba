/* loss_wave.h - losses of sound, [samples] or [samples, channels]; the mean over the channels.
 *
 *   SI-SDR      -10 log10(|a t|^2 / |p - a t|^2), a = p.t / |t|^2: how far p is from any multiple of the target, in dB;
 *               means are subtracted before, unless keep_mean. Le Roux et al., "SDR - half-baked or well done?",
 *               ICASSP 2019
 *   multi-resolution STFT   the mean over three resolutions of
 *                 | |T| - |P| | / | |T| |            spectral convergence, norms over all bins and frames
 *               + mean of |ln |T| - ln |P||          log magnitude
 *               with |X| = sqrt(max(re^2 + im^2, 1e-7)) of frames centred in a sound with zeros around it. Yamamoto et
 *               al., "Parallel WaveGAN", ICASSP 2020, equations 4 to 6 and the authors' settings, for each sound by
 *               itself
 *
 * The gradient of the convergence needs norms that are known only after the last frame. It is linear in them: so the
 * gradients of both parts are summed up side by side as two sounds, and put together at the end. */

#define WAVE_EPSILON 1e-8          /* of the energies: silence has a loss and a gradient, too */
#define WAVE_LEAST ((real)1e-7)    /* of a squared magnitude */
#define WAVE_RESOLUTIONS 3
#define WAVE_ROW (NUM_LANES / LANES)

/* --- scale-invariant signal to distortion ratio ------------------------------------------------------------ */

/* One channel to contiguous numbers, without its mean unless keep. */
static void wave_take(const real *x, size_t n, size_t channels, bool keep, real *out) {
    for (size_t i = 0; i < n; i++) out[i] = x[i * channels];
    double mean = keep ? 0 : total_of(out, n) / (double)n;
    for (size_t i = 0; i < n; i++) out[i] = (real)((double)out[i] - mean);
}

/* With T = a^2 |t|^2 and E = |e|^2, e = p - a t:
 *     dT/dp = 2 a |t|^2 / (|t|^2 + eps) t,   dE/dp = 2 (e - e.t / (|t|^2 + eps) t)
 * Both are without mean, as p and t are. p becomes e. */
static double si_sdr_channel(real *p, const real *t, size_t n, double back, real *dp, size_t channels) {
    double energy = dot_of(t, t, n), floor = energy + WAVE_EPSILON, a = dot_of(p, t, n) / floor;
    for (size_t i = 0; i < n; i++) p[i] = (real)((double)p[i] - a * (double)t[i]);
    double T = a * a * energy + WAVE_EPSILON, E = dot_of(p, p, n) + WAVE_EPSILON;
    const double db = 4.34294481903251827651;   /* 10 / ln 10 */
    double by_e = 2 * db / E * back, by_t = -2 * db * (a * energy / (floor * T) + dot_of(p, t, n) / (floor * E)) * back;
    for (size_t i = 0; dp && i < n; i++) dp[i * channels] = (real)(by_e * (double)p[i] + by_t * (double)t[i]);
    return -db * log(T / E);
}

static double si_sdr(const nn_loss_run *r, double back, const real *p, const real *t, real *dp) {
    size_t n = r->samples, c = r->channels;
    real *mine = r->work, *wanted = mine + base_round_up(n, NN_ROUND);
    double sum = 0;
    for (size_t ch = 0; ch < c; ch++) {
        wave_take(p + ch, n, c, r->keep_mean, mine);
        wave_take(t + ch, n, c, r->keep_mean, wanted);
        sum += si_sdr_channel(mine, wanted, n, back / (double)c, dp ? dp + ch : NULL, c);
    }
    return sum / (double)c;
}

/* --- multi-resolution STFT ------------------------------------------------------------ */

typedef struct wave_tables {
    framing f[WAVE_RESOLUTIONS];
    size_t frames[WAVE_RESOLUTIONS];
    size_t room, block, rows;        /* numbers of a padded sound, of a block's scratch, of a spectrum */
} wave_tables;

static void wave_close(sori_ctx *c, void *tables) {
    wave_tables *w = tables;
    for (size_t i = 0; w && i < WAVE_RESOLUTIONS; i++) frames_close(c, &w->f[i]);
    base_free(c, w);
}

static wave_tables *wave_open(sori_ctx *c, size_t samples) {
    static const struct { size_t n_fft, hop, win_length; } set[WAVE_RESOLUTIONS] = { { 1024, 120, 600 },
                                                                                     { 2048, 240, 1200 },
                                                                                     { 512, 50, 240 } };
    wave_tables *w = base_alloc(c, 1, sizeof *w);
    bool ok = w != NULL;
    for (size_t i = 0; ok && i < WAVE_RESOLUTIONS; i++) {
        framing *f = &w->f[i];
        ok = frames_open(c, f, set[i].n_fft, set[i].hop, set[i].win_length);
        if (!ok) break;
        w->frames[i] = 1 + samples / f->hop;
        w->room = BASE_MAX(w->room, base_round_up(frames_room(f, w->frames[i]), NN_ROUND));
        w->block = BASE_MAX(w->block, f->size);
        w->rows = BASE_MAX(w->rows, f->bins * NUM_ROW);
    }
    if (ok) return w;
    wave_close(c, w);
    return NULL;
}

/* What one channel works in: the two sounds, the gradients of both parts, a block, its two magnitudes and a gradient by
 * its spectrum. */
typedef struct wave_scratch {
    real *p, *t, *convergence, *magnitude;   /* [room] */
    real *block, *wanted, *mine, *rows;
} wave_scratch;

static size_t wave_work(const wave_tables *w) { return 4 * w->room + w->block + 2 * w->rows; }

static wave_scratch wave_scratch_of(const wave_tables *w, real *work) {
    real *block = work + 4 * w->room, *wanted = block + w->block;
    return (wave_scratch){ work, work + w->room, work + 2 * w->room, work + 3 * w->room, block, wanted,
                           wanted + w->rows / 2, wanted + w->rows };
}

/* Of the frames seen so far. */
typedef struct wave_sums { double distance, energy, logs; } wave_sums;

INLINE vector wave_power(const real *rows, size_t at) {
    vector re = (vector)load(rows + at), im = (vector)load(rows + NUM_LANES + at);
    return re * re + im * im;
}

INLINE vector wave_least(vector power) {
    vector least = splat(WAVE_LEAST);
    return choose((int_vector)(power > least), power, least);
}

/* The magnitudes of a spectrum. */
static void wave_magnitudes(const framing *f, const real *rows, real *magnitude) {
    for (size_t k = 0; k < f->bins; k++, rows += NUM_ROW)
        for (size_t at = 0; at < NUM_LANES; at += LANES)
            store(magnitude + k * NUM_LANES + at, wave_least(wave_power(rows, at)));
    f->k->sqrt(f->bins * NUM_LANES, magnitude);
}

/* A block's part of the sums; its spectrum in s.block becomes the convergence's gradient by it, without the norms, and
 * s.rows that of the logarithms' sum, both as frames_back wants them. counts [16]: 1 for frames that exist, else 0. */
static void wave_block(const framing *f, wave_scratch s, const real *counts, wave_sums *sums) {
    real *p = s.block + f->at_rows, *g = s.rows;
    vector distance[WAVE_ROW] = { { 0 } }, energy[WAVE_ROW] = { { 0 } }, logs[WAVE_ROW] = { { 0 } };
    for (size_t k = 0; k < f->bins; k++, p += NUM_ROW, g += NUM_ROW) {
        real scale = frames_edge(f, k) ? 1 : (real)0.5;
        for (size_t v = 0, at = 0; v < WAVE_ROW; v++, at += LANES) {
            vector q = (vector)load(s.mine + k * NUM_LANES + at), t = (vector)load(s.wanted + k * NUM_LANES + at);
            vector count = (vector)load(counts + at), apart = q - t, ratio = log_vector(q / t);
            distance[v] += count * apart * apart;
            energy[v] += count * t * t;
            logs[v] += count * choose((int_vector)(ratio > 0), ratio, -ratio);
            vector moves = choose((int_vector)(wave_power(p, at) > WAVE_LEAST), count, splat(0)) * scale;
            vector sign = choose((int_vector)(ratio > 0), splat(1), splat(-1));
            vector by_log = choose((int_vector)(ratio == 0), splat(0), moves * sign / (q * q));
            vector by_distance = moves * apart / q;
            for (size_t part = at; part < NUM_ROW; part += NUM_LANES) {
                vector x = (vector)load(p + part);
                store(g + part, by_log * x);
                store(p + part, by_distance * x);
            }
        }
    }
    for (size_t v = 0; v < WAVE_ROW; v++)
        for (size_t i = 0; i < LANES; i++) {
            sums->distance += (double)distance[v][i];
            sums->energy += (double)energy[v][i];
            sums->logs += (double)logs[v][i];
        }
}

static wave_sums wave_frames(const framing *f, size_t count, wave_scratch s, bool gradient) {
    wave_sums sums = { 0, 0, 0 };
    for (size_t i = 0; i < count; i += NUM_LANES) {
        real counts[NUM_LANES];
        for (size_t m = 0; m < NUM_LANES; m++) counts[m] = i + m < count;
        wave_magnitudes(f, frames_spectra(f, s.t + i * f->hop, s.block), s.wanted);
        wave_magnitudes(f, frames_spectra(f, s.p + i * f->hop, s.block), s.mine);
        wave_block(f, s, counts, &sums);
        if (!gradient) continue;
        frames_back(f, s.block, s.convergence + i * f->hop);
        memcpy(s.block + f->at_rows, s.rows, f->bins * NUM_ROW * sizeof(real));
        frames_back(f, s.block, s.magnitude + i * f->hop);
    }
    return sums;
}

/* Resolution i of a channel whose numbers lie c apart; the gradient is added to dp. */
static double wave_resolution(const nn_loss_run *r, size_t i, const real *p, const real *t, double back, real *dp) {
    const wave_tables *w = r->tables;
    const framing *f = &w->f[i];
    wave_scratch s = wave_scratch_of(w, r->work);
    size_t before = f->n_fft / 2, c = r->channels;
    frames_pad(p, r->samples, c, before, s.p, w->room);
    frames_pad(t, r->samples, c, before, s.t, w->room);
    memset(s.convergence, 0, 2 * w->room * sizeof(real));
    wave_sums sums = wave_frames(f, w->frames[i], s, dp != NULL);
    double norms = sqrt(sums.distance) * sqrt(sums.energy), count = (double)(w->frames[i] * f->bins);
    real by_convergence = (real)(norms > 0 ? back / norms : 0), by_magnitude = (real)(back / count);
    for (size_t j = 0; dp && j < r->samples; j++)
        dp[j * c] += by_convergence * s.convergence[before + j] + by_magnitude * s.magnitude[before + j];
    return sqrt(sums.distance / sums.energy) + sums.logs / count;
}

static double multi_res_stft(const nn_loss_run *r, double back, const real *p, const real *t, real *dp) {
    double sum = 0, all = (double)(WAVE_RESOLUTIONS * r->channels);
    if (dp) memset(dp, 0, r->samples * r->channels * sizeof *dp);
    for (size_t ch = 0; ch < r->channels; ch++)
        for (size_t i = 0; i < WAVE_RESOLUTIONS; i++)
            sum += wave_resolution(r, i, p + ch, t + ch, back / all, dp ? dp + ch : NULL);
    return sum / all;
}

/* --- for the gate ------------------------------------------------------------ */

/* Tables of a loss, NULL for most, and the numbers of scratch it needs. */
static bool loss_open(sori_ctx *c, sori_loss kind, size_t samples, void **tables, size_t *work) {
    *tables = NULL;
    *work = kind == SORI_SI_SDR ? 2 * base_round_up(samples, NN_ROUND) : 0;
    if (kind != SORI_MULTI_RES_STFT) return true;
    *tables = wave_open(c, samples);
    if (*tables) *work = wave_work(*tables);
    return *tables != NULL;
}
