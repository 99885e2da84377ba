/* mp3.c - what a lossy coder leaves of a sound: MP3 there and back.   audiomentations Mp3Compression
 *
 * Two channels are coded together, as a file of them would be; any others each for itself, on all threads. MP3 has nine
 * sampling rates; sound at others goes through the next higher one, or the highest. */
#include "array/array.h"
#include "feat/feat.h"
#include "fx/fx.h"
#include "io/io.h"

static const int rates[] = { 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000 };

typedef struct job {
    const float *y;
    float *out;
    size_t channels, n;       /* of one stream */
    int rate;
    double bit_rate, quality;
} job;

static void run_stream(sori_ctx *c, void *arg, size_t i) {
    const job *j = arg;
    size_t first = i * j->channels * j->n;
    io_mp3(c, j->y + first, j->channels, j->n, j->rate, j->bit_rate, j->quality, j->out + first);
}

static int rate_for(double sr) {
    size_t i = 0;
    while (i + 1 < BASE_COUNT(rates) && rates[i] < sr) i++;
    return rates[i];
}

/* y, at a rate that MP3 has. */
static sori_array *coded(sori_ctx *c, const sori_array *y, int rate, double bit_rate, double quality) {
    size_t n = fx_samples(y), channels = y->ndim == 2 && y->shape[0] == 2 ? 2 : 1;
    sori_array *out = fx_result(c, y, n);
    if (!out) return NULL;
    job j = { y->data, out->data, channels, n, rate, bit_rate, quality };
    base_each(c, fx_channels(y) / channels, run_stream, &j);
    return base_failed(c) ? NULL : out;
}

static bool check(sori_ctx *c, double bit_rate, double quality, const sori_mp3_config *g) {
    if (!(bit_rate >= 8 && bit_rate <= 320))
        sori_fail(c, SORI_EINVAL, "mp3: bit_rate %g is not within 8 .. 320 kbit/s", bit_rate);
    else if (g->quality.mode == 1 && !(quality >= 0 && quality <= 9))
        sori_fail(c, SORI_EINVAL, "mp3: quality %g is not within 0 .. 9", quality);
    else if (quality >= 0 && g->bit_rate != 0)
        sori_fail(c, SORI_EINVAL, "mp3: both bit_rate and quality are given");
    return !base_failed(c);
}

sori_audio sori_mp3(sori_ctx *c, sori_audio y, const sori_mp3_config *config) {
    sori_mp3_config g = config ? *config : (sori_mp3_config){ 0 };
    double bit_rate = g.bit_rate != 0 ? g.bit_rate : 64, quality = feat_option(g.quality, -1, -1);
    sori_audio out = { NULL, y.sr };
    if (!fx_check(c, "mp3", &y) || !check(c, bit_rate, quality, &g)) return out;
    if (y.y->size == 0) {
        out.y = fx_result(c, y.y, fx_samples(y.y));
        return out;
    }
    int scope = sori_begin(c), rate = rate_for(y.sr);
    sori_audio in = y.sr == rate ? y : sori_resample(c, y, rate, NULL);
    sori_audio back = { in.y ? coded(c, in.y, rate, bit_rate, quality) : NULL, rate };
    if (back.y && y.sr != rate) back = sori_resample(c, back, y.sr, NULL);
    if (back.y) out.y = y.sr == rate ? back.y : sori_fix_length(c, back.y, fx_samples(y.y), NULL);
    out.y = sori_end(c, scope, out.y);
    return out;
}
