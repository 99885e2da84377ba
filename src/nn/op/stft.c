/* stft.c - short-time Fourier transform and its inverse as layers.                      librosa.stft, librosa.istft
 *
 *   STFT    x [s, n] or [s, n, c]     ->  y [s, 1 + n_fft/2, frames, 2 c]   re, im of channel 0, of channel 1 ...
 *   ISTFT   x [s, bins, frames, 2 c]  ->  y [s, n, c]   overlap-add divided by the sum of squared windows
 *
 * Periodic Hann window; frames centred on t * hop_length in a sound with zeros around it, unless `uncentered`, as
 * librosa. Both are linear without weights, so the backward pass is the adjoint: of the STFT an inverse transform
 * without the division, of the inverse the STFT of the divided gradient (kernel/frames.h). librosa counts
 * 1 + n / hop frames of a centred sound; with an odd n_fft the two zeros around it are one less than n_fft, and the
 * count follows from that.
 *
 * Griffin & Lim, "Signal estimation from modified short-time Fourier transform", IEEE Trans. ASSP 32, 1984. */

typedef struct stft_tables {
    framing f;
    size_t frames;
    size_t room;       /* of the padded sound, numbers */
    real *divide;      /* ISTFT: [n] what a sample is multiplied by */
} stft_tables;

static void stft_close(sori_ctx *c, nn_node *n) {
    stft_tables *t = n->tables;
    if (!t) return;
    frames_close(c, &t->f);
    base_free(c, t->divide);
    base_free(c, t);
    n->tables = NULL;
}

/* Scratch: a padded sound, then a block's. */
static bool stft_open_for(sori_ctx *c, nn_node *n, size_t count) {
    stft_tables *t = n->tables = base_alloc(c, 1, sizeof *t);
    size_t n_fft = (size_t)n->layer.n_fft;
    if (!t || !frames_open(c, &t->f, n_fft, (size_t)n->layer.hop_length, n_fft)) return false;
    t->frames = count;
    t->room = base_round_up(frames_room(&t->f, count), NN_ROUND);
    n->work = t->room + t->f.size;
    return true;
}

/* --- forward ------------------------------------------------------------ */

static bool stft_shape(sori_ctx *c, nn_node *n) {
    const nn_shape *x = &n->x[0];
    size_t channels = x->ndim == 2 ? x->dim[1] : 1, count = 0;
    if (x->ndim > 2) return nn_fail(c, n, "needs [samples] or [samples, channels], got %d axes", x->ndim);
    if (!frames_numbers(c, n) || !frames_count(c, n, x->dim[0], &count)) return false;
    nn_shape_set(&n->y, 3, (size_t[]){ (size_t)n->layer.n_fft / 2 + 1, count, 2 * channels });
    n->cost = frames_cost(n, count) * (double)channels;
    return true;
}

static bool stft_open(sori_ctx *c, nn_node *n) { return stft_open_for(c, n, n->y.dim[1]); }

/* The spectra of a padded sound, as pairs `apart` numbers apart. */
static void stft_analyse(const stft_tables *t, const real *sound, real *scratch, real inner, real *y, size_t apart) {
    for (size_t i = 0; i < t->frames; i += NUM_LANES) {
        const real *rows = frames_spectra(&t->f, sound + i * t->f.hop, scratch);
        frames_store(&t->f, rows, inner, BASE_MIN(t->frames - i, NUM_LANES), y + i * apart, t->frames * apart, apart);
    }
}

/* And the other way. */
static void stft_synthesise(const stft_tables *t, const real *x, size_t apart, real inner, real *scratch, real *sound) {
    memset(sound, 0, t->room * sizeof *sound);
    for (size_t i = 0; i < t->frames; i += NUM_LANES) {
        frames_load(&t->f, x + i * apart, inner, BASE_MIN(t->frames - i, NUM_LANES), scratch + t->f.at_rows,
                    t->frames * apart, apart);
        frames_back(&t->f, scratch, sound + i * t->f.hop);
    }
}

static void stft_forward(const nn_run *r) {
    const nn_node *n = r->node;
    const stft_tables *t = n->tables;
    size_t samples = n->x[0].dim[0], c = n->y.dim[2] / 2;
    real *sound = r->work, *scratch = sound + t->room;
    for (size_t s = r->n0; s < r->n1; s++)
        for (size_t ch = 0; ch < c; ch++) {
            const real *x = (const real *)r->x[0] + s * n->x[0].size + ch;
            frames_pad(x, samples, c, frames_padding(n), sound, t->room);
            stft_analyse(t, sound, scratch, 1, (real *)r->y + s * n->y.size + 2 * ch, 2 * c);
        }
}

static void stft_backward(const nn_run *r) {
    const nn_node *n = r->node;
    const stft_tables *t = n->tables;
    size_t samples = n->x[0].dim[0], c = n->y.dim[2] / 2;
    real *sound = r->work, *scratch = sound + t->room;
    for (size_t s = r->n0; r->dx[0] && s < r->n1; s++)
        for (size_t ch = 0; ch < c; ch++) {
            real *dx = (real *)r->dx[0] + s * n->x[0].size + ch;
            stft_synthesise(t, (const real *)r->dy + s * n->y.size + 2 * ch, 2 * c, (real)0.5, scratch, sound);
            frames_unpad(sound, t->room, frames_padding(n), dx, samples, c);
        }
}

static const nn_op stft_op = {
    .name = "stft", .title = "STFT", .min_in = 1, .max_in = 1,
    .shape = stft_shape, .open = stft_open, .close = stft_close, .forward = stft_forward, .backward = stft_backward,
};

/* --- inverse ------------------------------------------------------------ */

/* What the frames cover, from the first one's begin. */
static size_t istft_covered(const nn_node *n) {
    return (size_t)n->layer.n_fft + (size_t)n->layer.hop_length * (n->x[0].dim[1] - 1);
}

static bool istft_shape(sori_ctx *c, nn_node *n) {
    const nn_shape *x = &n->x[0];
    if (x->ndim != 3 || x->dim[2] % 2) return nn_fail(c, n, "needs [bins, frames, pairs of channels]");
    size_t bins = x->dim[0], count = x->dim[1], channels = x->dim[2] / 2;
    if (bins < 2) return nn_fail(c, n, "%zu bins are no spectrum", bins);
    if (n->layer.n_fft == 0) n->layer.n_fft = (int)BASE_MIN(2 * (bins - 1), (size_t)FRAMES_MOST + 1);
    if (!frames_numbers(c, n)) return false;
    if ((size_t)n->layer.n_fft / 2 + 1 != bins)
        return nn_fail(c, n, "%zu bins do not fit n_fft %d", bins, n->layer.n_fft);
    size_t covered = istft_covered(n), around = 2 * frames_padding(n), length = (size_t)n->layer.length;
    if (n->layer.length < 0) return nn_fail(c, n, "length %d is negative", n->layer.length);
    if (covered > NN_MAX_ELEMENTS) return nn_fail(c, n, "%zu frames cover more than 2^31 samples", count);
    if (length == 0 && covered <= around) return nn_fail(c, n, "one frame, centred, is no sound; set length");
    nn_shape_set(&n->y, 2, (size_t[]){ length ? length : covered - around, channels });
    n->cost = frames_cost(n, count) * (double)channels;
    return true;
}

/* The sum of squared windows; where it is nothing nothing is divided, as librosa. */
static bool istft_open(sori_ctx *c, nn_node *n) {
    size_t samples = n->y.dim[0], covered = istft_covered(n), before = frames_padding(n);
    if (!stft_open_for(c, n, n->x[0].dim[1])) return false;
    stft_tables *t = n->tables;
    double *sum = base_alloc(c, covered, sizeof *sum);
    t->divide = base_alloc(c, samples, sizeof *t->divide);
    for (size_t i = 0; sum && i < t->frames; i++)
        for (size_t j = 0; j < t->f.n_fft; j++)
            sum[i * t->f.hop + j] += (double)t->f.window[j] * (double)t->f.window[j];
    for (size_t i = 0; sum && t->divide && i < samples; i++) {
        double squares = before + i < covered ? sum[before + i] : 0;
        t->divide[i] = (real)(1 / ((double)t->f.n_fft * (squares > FLT_MIN ? squares : 1)));
    }
    base_free(c, sum);
    return !base_failed(c);
}

static void istft_forward(const nn_run *r) {
    const nn_node *n = r->node;
    const stft_tables *t = n->tables;
    size_t samples = n->y.dim[0], c = n->y.dim[1];
    real *sound = r->work, *scratch = sound + t->room;
    for (size_t s = r->n0; s < r->n1; s++)
        for (size_t ch = 0; ch < c; ch++) {
            real *y = (real *)r->y + s * n->y.size + ch;
            stft_synthesise(t, (const real *)r->x[0] + s * n->x[0].size + 2 * ch, 2 * c, 1, scratch, sound);
            frames_unpad(sound, t->room, frames_padding(n), y, samples, c);
            for (size_t i = 0; i < samples; i++) y[i * c] *= t->divide[i];
        }
}

static void istft_backward(const nn_run *r) {
    const nn_node *n = r->node;
    const stft_tables *t = n->tables;
    size_t samples = n->y.dim[0], c = n->y.dim[1], before = frames_padding(n);
    real *sound = r->work, *scratch = sound + t->room;
    for (size_t s = r->n0; r->dx[0] && s < r->n1; s++)
        for (size_t ch = 0; ch < c; ch++) {
            const real *dy = (const real *)r->dy + s * n->y.size + ch;
            frames_pad(dy, samples, c, before, sound, t->room);
            for (size_t i = 0; i < samples && before + i < t->room; i++) sound[before + i] *= t->divide[i];
            stft_analyse(t, sound, scratch, 2, (real *)r->dx[0] + s * n->x[0].size + 2 * ch, 2 * c);
        }
}

static const nn_op istft_op = {
    .name = "istft", .title = "ISTFT", .min_in = 1, .max_in = 1,
    .shape = istft_shape, .open = istft_open, .close = stft_close, .forward = istft_forward,
    .backward = istft_backward,
};
