/* media.c - pictures and sound inside the page, as data: URLs. */
#include "report/report.h"
#include "array/array.h"
#include <math.h>
#include <string.h>

#define WIDE 560             /* units; larger pictures shrink to this and then scroll, so that labels stay readable */
#define NARROW 360           /* units; cards with larger pictures are wider */
#define WAV_HEADER 44
#define MOST_SAMPLES (UINT64_C(1) << 28)

static void end_figure(sori_report *r, const char *caption) {
    if (caption) report_element(&r->body, "<figcaption dir=\"auto\">", caption, "</figcaption>");
    report_put(&r->body, "</figure>\n");
}

sori_status sori_report_plot(sori_report *r, sori_plot *plot, const char *caption) {
    double w, h;
    if (!report_ready(r)) return report_status(r);
    if (!plot) return sori_fail(r->c, SORI_EINVAL, "report: no plot given");
    int scope = sori_begin(r->c);
    sori_array *png = sori_plot_png(plot);
    if (png && sori_plot_size(plot, &w, &h) == SORI_OK) {
        report_printf(&r->body, "<figure class=\"plot%s\">", w > WIDE ? " wide" : w > NARROW ? " mid" : "");
        report_element(&r->body, "<img alt=\"", caption, "\"");
        report_printf(&r->body, " width=\"%.0f\" height=\"%.0f\" src=\"data:image/png;base64,", w, h);
        report_put_base64(&r->body, png->data, png->size);
        report_put(&r->body, "\">");
        end_figure(r, caption);
    }
    sori_end(r->c, scope, NULL);
    return report_status(r);
}

static void put_u16(uint8_t *out, uint32_t v) { out[0] = v & 255, out[1] = v >> 8 & 255; }
static void put_u32(uint8_t *out, uint32_t v) { put_u16(out, v), put_u16(out + 2, v >> 16); }

/* RIFF, 16-bit PCM (Microsoft and IBM, "Multimedia programming interface and data specifications 1.0", 1991). */
static void put_header(uint8_t *out, uint32_t channels, uint32_t sr, uint32_t bytes) {
    memcpy(out, "RIFF....WAVEfmt ....................data....", WAV_HEADER);
    put_u32(out + 4, bytes + WAV_HEADER - 8);
    put_u32(out + 16, 16);
    put_u16(out + 20, 1);
    put_u16(out + 22, channels);
    put_u32(out + 24, sr);
    put_u32(out + 28, sr * channels * 2);
    put_u16(out + 32, channels * 2);
    put_u16(out + 34, 16);
    put_u32(out + 40, bytes);
}

static uint32_t pcm(float v) { return (uint32_t)lrintf(32767 * fminf(fmaxf(isnan(v) ? 0 : v, -1), 1)); }

/* Frame by frame; `channels` is as many as y [given][n] has, or 1 for their mean. */
static void put_samples(uint8_t *out, const float *y, size_t given, size_t n, size_t channels) {
    size_t mixed = given / channels;
    for (size_t i = 0; i < n; i++)
        for (size_t ch = 0; ch < channels; ch++, out += 2) {
            float sum = 0;
            for (size_t k = 0; k < mixed; k++) sum += y[(ch + k) * n + i];
            put_u16(out, pcm(sum / (float)mixed));
        }
}

sori_status sori_report_audio(sori_report *r, sori_audio y, const char *caption) {
    if (!report_ready(r) || !array_check(r->c, "report", y.y, SORI_F32, 1)) return report_status(r);
    size_t n = y.y->shape[y.y->ndim - 1], given = n ? y.y->size / n : 0, channels = given > 2 ? 1 : given;
    if (y.y->ndim > 2 || given == 0 || n > MOST_SAMPLES || !(y.sr >= 1 && y.sr <= 768000))
        return sori_fail(r->c, SORI_EINVAL,
                         "report: sound of %zu x %zu samples at %g Hz (1 to 2^28 samples, 1 to 768000 Hz)", given, n,
                         y.sr);
    size_t bytes = 2 * n * channels;
    uint8_t *wav = base_alloc_raw(r->c, WAV_HEADER + bytes, 1);
    if (!wav) return report_status(r);
    put_header(wav, (uint32_t)channels, (uint32_t)lround(y.sr), (uint32_t)bytes);
    put_samples(wav + WAV_HEADER, y.y->data, given, n, channels);
    report_put(&r->body, "<figure><audio controls preload=\"metadata\" src=\"data:audio/wav;base64,");
    report_put_base64(&r->body, wav, WAV_HEADER + bytes);
    report_put(&r->body, "\"></audio>");
    end_figure(r, caption);
    base_free(r->c, wav);
    return report_status(r);
}
