/* iirt.c - a bank of 85 semitone filters, and the energy of each from frame to frame.
 *
 * Every filter is an elliptic band pass, 1/25 of its centre wide, at a rate that suits it: 882 Hz below middle C,
 * 4410 Hz for three octaves, 22050 Hz above. It runs forward and then backward, so phases cancel; the sound is first
 * mirrored through its end points (Gustafsson, "Determining the initial states in forward-backward filtering", 1996).
 * 16 filters run side by side; the forward pass is not stored but its state at every CHUNK samples, from which the
 * backward pass recomputes it chunk by chunk.
 *
 * Müller, "Information retrieval for music and motion", Springer 2007.   librosa.iirt, filters.semitone_filterbank */
#include "feat/cqt.h"
#include "feat/pipeline.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define BANDS 85
#define RATES 3
#define CHUNK 1024     /* rows of 16 doubles: 128 KB */
#define SECTIONS NUM_ELLIP_SECTIONS

static const double rates[RATES] = { 882, 4410, 22050 };

static size_t rate_of(size_t band) { return band < 36 ? 0 : band < 70 ? 1 : 2; }

/* --- the bank ------------------------------------------------------------------------------------------------- */

typedef struct bank {
    double sos[BANDS][SECTIONS][6];
    size_t sections[BANDS];
} bank;

static bool design(sori_ctx *c, const char *who, double tuning, bank *b) {
    if (!(fabs(tuning) <= 1)) {
        sori_fail(c, SORI_EINVAL, "%s: tuning %g is outside -1 to 1", who, tuning);
        return false;
    }
    for (size_t i = 0; i < BANDS; i++) {
        double hz = 440 * exp2(((double)i + 24 + tuning - 69) / 12), width = hz / 25, half = rates[rate_of(i)] / 2;
        double pass[2] = { (hz - width / 2) / half, (hz + width / 2) / half };
        double stop[2] = { (hz - width) / half, (hz + width) / half };
        b->sections[i] = (size_t)num_ellip_bandpass(pass, stop, 1, 50, b->sos[i]);
    }
    return true;
}

sori_array *sori_semitone_filterbank(sori_ctx *c, double tuning) {
    bank *b = base_failed(c) ? NULL : base_alloc(c, 1, sizeof *b);
    sori_array *a = NULL;
    size_t most = 0;
    bool ok = b && design(c, "semitone_filterbank", tuning, b);
    for (size_t i = 0; ok && i < BANDS; i++) most = BASE_MAX(most, b->sections[i]);
    if (ok) a = sori_array_new(c, SORI_F64, 3, (size_t[]){ BANDS, most, 6 });
    for (size_t i = 0; a && i < BANDS * most; i++) {
        double *out = (double *)a->data + 6 * i;
        out[0] = out[3] = 1;
        if (i % most < b->sections[i / most]) memcpy(out, b->sos[i / most][i % most], 6 * sizeof *out);
    }
    base_free(c, b);
    return a;
}

/* --- 16 filters, there and back -------------------------------------------------------------------------------- */

typedef struct group {
    size_t rate, sections, count;        /* filters in use, 1 .. 16 */
    size_t band[NUM_LANES];
} group;

typedef struct iirt {
    const bank *b;
    group groups[BANDS];
    size_t n_groups;
    const float *x[RATES];               /* [channels][n[rate]] */
    size_t n[RATES];
    size_t channels, win, hop, frames;
    double sr;
    float *out;                          /* [channels][BANDS][frames] */
    double *work;                        /* [jobs' own] */
    size_t work_size, checkpoints;       /* doubles of a worker; states kept */
    atomic_size_t next;
} iirt;

/* scipy.signal.sosfilt_zi: the state that a constant 1 settles to. */
static void settle(const bank *b, size_t band, size_t lane, double *state) {
    double level = 1;
    for (size_t i = 0; i < b->sections[band]; i++, state += 2 * NUM_LANES) {
        const double *s = b->sos[band][i];
        double b1 = s[1] - s[4] * s[0], b2 = s[2] - s[5] * s[0], first = (b1 + b2) / (1 + s[4] + s[5]);
        state[lane] = level * first;
        state[NUM_LANES + lane] = level * ((1 + s[4]) * first - b1);
        level *= (s[0] + s[1] + s[2]) / (1 + s[4] + s[5]);
    }
}

/* Coefficients [sections][5][16] and settled states [sections][2][16]; idle lanes are zero. */
static void fill_lanes(const bank *b, const group *g, double *coefficient, double *settled) {
    memset(coefficient, 0, g->sections * 5 * NUM_LANES * sizeof *coefficient);
    memset(settled, 0, g->sections * 2 * NUM_LANES * sizeof *settled);
    for (size_t m = 0; m < g->count; m++) {
        for (size_t i = 0; i < g->sections; i++)
            for (size_t k = 0; k < 5; k++)
                coefficient[(i * 5 + k) * NUM_LANES + m] = b->sos[g->band[m]][i][k < 3 ? k : k + 1];
        settle(b, g->band[m], m, settled);
    }
}

/* Sample i of the sound with `edge` samples mirrored through its end points on either side. */
static double extended(const float *x, size_t n, size_t edge, size_t i) {
    if (i < edge) return 2 * (double)x[0] - (double)x[edge - i];
    if (i < edge + n) return (double)x[i - edge];
    return 2 * (double)x[n - 1] - (double)x[2 * n + edge - 2 - i];
}

static void fill_rows(const float *x, size_t n, size_t edge, size_t from, size_t count, double *rows) {
    for (size_t t = 0; t < count; t++) {
        double value = extended(x, n, edge, from + t);
        for (size_t m = 0; m < NUM_LANES; m++) rows[t * NUM_LANES + m] = value;
    }
}

/* Add squares of rows, which are samples [from, from + count) of the filtered sound, to the frames they lie in. */
static void add_squares(const iirt *q, size_t rate, int64_t from, size_t count, const double *rows, double *sums) {
    double factor = q->sr / rates[rate], hop = (double)q->hop / factor;
    int64_t length = (int64_t)rint((double)q->win / factor), end = from + (int64_t)count;
    double first = floor(((double)from - (double)length) / hop) - 1;
    for (size_t t = first > 0 ? (size_t)first : 0; t < q->frames; t++) {
        int64_t start = (int64_t)rint((double)t * hop);
        int64_t low = BASE_MAX(start, from), high = BASE_MIN(start + length, end);
        if (start >= end) break;
        for (int64_t i = low; i < high; i++)
            for (size_t m = 0; m < NUM_LANES; m++) {
                double v = rows[(size_t)(i - from) * NUM_LANES + m];
                sums[t * NUM_LANES + m] += v * v;
            }
    }
}

/* One group of filters on one channel. */
typedef struct pass {
    const iirt *q;
    const group *g;
    const num_kernels *k;
    const float *x;                      /* [n] */
    size_t n, edge, all, states;         /* all: with edge samples on either side; states: doubles of a state */
    double *rows, *coefficient, *settled, *state, *kept, *sums;   /* rows [CHUNK][16]; kept [chunks][states] */
} pass;

static pass open_pass(const iirt *q, const group *g, size_t channel, double *work) {
    pass p = { .q = q, .g = g, .k = num_kernels_find(NULL, true), .x = q->x[g->rate] + channel * q->n[g->rate],
               .n = q->n[g->rate], .edge = 3 * (2 * g->sections + 1), .states = g->sections * 2 * NUM_LANES };
    p.all = p.n + 2 * p.edge;
    p.rows = work;
    p.coefficient = p.rows + CHUNK * NUM_LANES;
    p.settled = p.coefficient + SECTIONS * 5 * NUM_LANES;
    p.state = p.settled + SECTIONS * 2 * NUM_LANES;
    p.kept = p.state + SECTIONS * 2 * NUM_LANES;
    p.sums = p.kept + q->checkpoints * SECTIONS * 2 * NUM_LANES;
    fill_lanes(q->b, g, p.coefficient, p.settled);
    memset(p.sums, 0, q->frames * NUM_LANES * sizeof *p.sums);
    return p;
}

/* Chunk i forward, from a state that goes on with it; returns its samples. */
static size_t forward(const pass *p, size_t i, double *state) {
    size_t count = BASE_MIN(p->all - i * CHUNK, CHUNK);
    fill_rows(p->x, p->n, p->edge, i * CHUNK, count, p->rows);
    p->k->sos(count, p->g->sections, p->coefficient, state, false, p->rows);
    return count;
}

/* The squares of chunk i, which lies in rows, without the edges. */
static void add_chunk(const pass *p, size_t i, size_t count) {
    size_t from = BASE_MAX(i * CHUNK, p->edge), end = BASE_MIN(i * CHUNK + count, p->edge + p->n);
    if (from < end)
        add_squares(p->q, p->g->rate, (int64_t)(from - p->edge), end - from,
                    p->rows + (from - i * CHUNK) * NUM_LANES, p->sums);
}

static void run_group(const iirt *q, const group *g, size_t channel, double *work) {
    pass p = open_pass(q, g, channel, work);
    size_t chunks = (p.all + CHUNK - 1) / CHUNK, count = 0;
    for (size_t j = 0; j < p.states; j++) p.state[j] = p.settled[j] * extended(p.x, p.n, p.edge, 0);
    for (size_t i = 0; i < chunks; i++) {
        memcpy(p.kept + i * p.states, p.state, p.states * sizeof *p.state);
        count = forward(&p, i, p.state);
    }
    for (size_t j = 0; j < p.states; j++)
        p.state[j] = p.settled[j] * p.rows[(count - 1) * NUM_LANES + j % NUM_LANES];
    for (size_t i = chunks; i-- > 0;) {
        if (i + 1 < chunks) count = forward(&p, i, p.kept + i * p.states);   /* the last chunk is still there */
        p.k->sos(count, g->sections, p.coefficient, p.state, true, p.rows);
        add_chunk(&p, i, count);
    }
    for (size_t m = 0; m < g->count; m++)
        for (size_t t = 0; t < q->frames; t++)
            q->out[(channel * BANDS + g->band[m]) * q->frames + t] =
                (float)(q->sr / rates[g->rate] * p.sums[t * NUM_LANES + m]);
}

static void worker(void *arg, size_t w) {
    iirt *q = arg;
    for (size_t i; (i = atomic_fetch_add(&q->next, 1)) < q->n_groups * q->channels;)   /* the longest come first */
        run_group(q, &q->groups[q->n_groups - 1 - i % q->n_groups], i / q->n_groups, q->work + w * q->work_size);
}

/* Filters of one rate and one number of sections, at most 16 together. */
static void make_groups(iirt *q) {
    for (size_t band = 0; band < BANDS; band++) {
        size_t i = 0;
        while (i < q->n_groups && (q->groups[i].rate != rate_of(band) || q->groups[i].sections != q->b->sections[band]
                                   || q->groups[i].count == NUM_LANES)) i++;
        if (i == q->n_groups) q->groups[q->n_groups++] = (group){ .rate = rate_of(band),
                                                                  .sections = q->b->sections[band] };
        q->groups[i].band[q->groups[i].count++] = band;
    }
}

/* --- the three rates ---------------------------------------------------------------------------------------------- */

static size_t common(size_t a, size_t b) { return b ? common(b, a % b) : a; }

/* I0 by its series. */
static double bessel(double x) {
    double term = 1, sum = 1;
    for (int i = 1; term > 1e-17 * sum; i++) sum += term *= x * x / (4.0 * i * i);
    return sum;
}

/* soxr's low pass (num/halve.c), as wide as the lower of both rates asks. */
static void fill_filter(num_polyphase *p, double reach, double cutoff) {
    double whole = bessel(13.04003692);
    for (size_t phase = 0; phase < p->up; phase++)
        for (size_t j = 0; j < p->taps; j++) {
            double rest = (double)(phase * p->down % p->up) / (double)p->up;
            double d = (double)p->first + (double)j - rest, r = d / reach, x = 3.14159265358979323846 * d;
            if (fabs(r) >= 1) continue;
            double window = bessel(13.04003692 * sqrt(1 - r * r)) / whole;
            p->weight[phase * p->taps + j] = (float)((d != 0 ? sin(cutoff * x) / x : cutoff) * window);
        }
}

typedef struct rate_job {
    const num_polyphase *p;
    const float *x;            /* [channels][n] */
    float *y;                  /* [channels][m] */
    size_t n, m, given, blocks, jobs;
    char *scratch;
    size_t scratch_size;
    atomic_size_t next;
} rate_job;

static void rate_worker(void *arg, size_t w) {
    rate_job *q = arg;
    char *scratch = q->scratch + w * q->scratch_size;
    float *block = (float *)(scratch + base_aligned(q->p->scratch));
    for (size_t i; (i = atomic_fetch_add(&q->next, 1)) < q->jobs;) {
        size_t channel = i / q->blocks, b = i % q->blocks, from = b * q->p->outputs;
        num_polyphase_block(q->p, q->x + channel * q->n, 0, q->n, b, block, scratch);
        if (from < q->given)
            memcpy(q->y + channel * q->m + from, block, BASE_MIN(q->given - from, q->p->outputs) * sizeof *block);
    }
}

/* [channels][*m] at another rate, soxr's length filled up with zeros to librosa's; NULL with the error recorded. */
static float *change_rate(sori_ctx *c, const float *x, size_t channels, size_t n, size_t from, size_t to, size_t *m) {
    size_t shared = common(from, to), up = to / shared, down = from / shared;
    double wide = BASE_MAX(1, (double)down / (double)up), reach = 97.25 * wide;
    *m = (size_t)ceil((double)n * ((double)to / (double)from));
    num_polyphase *p = num_polyphase_new(c, up, down, 2 * (size_t)ceil(reach) + 2, -(int64_t)ceil(reach));
    if (!p) return NULL;
    fill_filter(p, reach, 2 * 0.47843591 / wide);
    rate_job q = { .p = p, .x = x, .n = n, .m = *m, .y = base_alloc(c, channels * *m, sizeof *q.y) };
    q.given = BASE_MIN((size_t)floor((double)n * ((double)to / (double)from) + 0.5), *m);
    q.blocks = (*m + p->outputs - 1) / p->outputs;
    q.jobs = q.blocks * channels;
    size_t workers = BASE_MAX(BASE_MIN((size_t)sori_threads(c), q.jobs), 1);
    q.scratch_size = base_aligned(p->scratch) + base_aligned(p->outputs * sizeof(float));
    q.scratch = base_alloc_raw(c, workers, q.scratch_size);
    if (q.y && q.scratch) base_parallel(c, workers, rate_worker, &q);
    base_free(c, q.scratch);
    num_polyphase_free(c, p);
    return q.y;
}

/* --- public ------------------------------------------------------------------------------------------------------- */

/* The sound with its padding, [channels][*n]. */
static float *padded(sori_ctx *c, const feat_input *in, sori_pad_mode pad, size_t *n) {
    size_t half = in->centered ? in->n_fft / 2 : 0;
    *n = in->n + 2 * half;
    float *all = base_alloc_raw(c, in->channels * *n, sizeof *all);
    for (size_t i = 0; all && i < in->channels; i++) {
        feat_sound s = { .y = in->y + i * in->n, .n = (int64_t)in->n, .padding = (int64_t)half };
        float *to = all + i * *n;
        const float *from = feat_padded(&s, pad, -(int64_t)half, *n, to);
        if (from != to) memcpy(to, from, *n * sizeof *to);
    }
    return all;
}

static bool check(sori_ctx *c, const feat_input *in) {
    if (in->sr != floor(in->sr) || in->sr > 1e6)
        sori_fail(c, SORI_EINVAL, "iirt: sampling rate %g Hz is not a whole number up to 1000000", in->sr);
    return !base_failed(c);
}

/* Sounds of 16 filters' edges and less cannot be filtered forward and backward. */
static bool check_lengths(sori_ctx *c, const iirt *q) {
    for (size_t i = 0; i < q->n_groups && !base_failed(c); i++) {
        size_t edge = 3 * (2 * q->groups[i].sections + 1), n = q->n[q->groups[i].rate];
        if (n <= edge)
            sori_fail(c, SORI_EINVAL, "iirt: %zu samples at %g Hz are not more than the %zu the filters start with", n,
                      rates[q->groups[i].rate], edge);
    }
    return !base_failed(c);
}

static void run_bank(sori_ctx *c, iirt *q) {
    size_t longest = 0, states = SECTIONS * 2 * NUM_LANES;
    for (size_t r = 0; r < RATES; r++) longest = BASE_MAX(longest, q->n[r]);
    size_t workers = BASE_MIN((size_t)sori_threads(c), q->n_groups * q->channels);
    q->checkpoints = (longest + 6 * (2 * SECTIONS + 1)) / CHUNK + 1;
    q->work_size = CHUNK * NUM_LANES + SECTIONS * 5 * NUM_LANES + (2 + q->checkpoints) * states + q->frames * NUM_LANES;
    q->work = base_alloc_raw(c, workers, q->work_size * sizeof *q->work);
    if (q->work) base_parallel(c, workers, worker, q);
    base_free(c, q->work);
}

static sori_array *filter(sori_ctx *c, const feat_input *in, sori_pad_mode pad, iirt *q) {
    size_t n;
    float *all = padded(c, in, pad, &n), *own[RATES] = { NULL };
    sori_array *out = NULL;
    for (size_t r = 0; r < RATES && !base_failed(c); r++) {
        q->n[r] = n;
        if (in->sr != rates[r])
            own[r] = change_rate(c, all, in->channels, n, (size_t)in->sr, (size_t)rates[r], &q->n[r]);
        q->x[r] = own[r] ? own[r] : all;
    }
    q->frames = 1 + (n - in->n_fft) / in->hop;
    if (!base_failed(c) && check_lengths(c, q)) out = feat_result(c, in, SORI_F32, BANDS, q->frames);
    if (out) {
        q->out = out->data;
        run_bank(c, q);
    }
    for (size_t r = 0; r < RATES; r++) base_free(c, own[r]);
    base_free(c, all);
    return out;
}

sori_array *sori_iirt(sori_ctx *c, sori_audio y, const sori_iirt_config *config) {
    static const sori_iirt_config defaults;
    feat_input in;
    sori_array *out = NULL;
    if (!config) config = &defaults;
    int win = config->win_length ? config->win_length : 2048;
    int hop = config->hop_length ? config->hop_length : BASE_MAX(win / 4, 1);
    int scope = sori_begin(c);
    bank *b = base_failed(c) ? NULL : base_alloc(c, 1, sizeof *b);
    if (b && feat_input_frames(c, &in, "iirt", y, win, hop, config->uncentered, config->pad_mode)
        && check(c, &in) && design(c, "iirt", config->tuning, b)) {
        iirt q = { .b = b, .channels = in.channels, .win = in.n_fft, .hop = in.hop, .sr = in.sr };
        make_groups(&q);
        out = filter(c, &in, config->pad_mode, &q);
    }
    base_free(c, b);
    return sori_end(c, scope, base_failed(c) ? NULL : out);
}
