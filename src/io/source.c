/* source.c - one face for every decoder: open a file, give its frames as floats, notice its faults once. */
#include "io/io.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool open_file(io_source *s) {
    struct stat st;
    s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);   /* a FIFO must not make us wait */
    if (s->fd < 0 || fstat(s->fd, &st) != 0)
        sori_fail(s->c, SORI_EIO, "%s: cannot open: %s", s->path, strerror(errno));
    else if (S_ISDIR(st.st_mode)) sori_fail(s->c, SORI_EIO, "%s: cannot read: is a directory", s->path);
    else if (!S_ISREG(st.st_mode)) sori_fail(s->c, SORI_EIO, "%s: cannot read: is not a regular file", s->path);
    else s->header.bytes = (uint64_t)st.st_size;
    return !base_failed(s->c);
}

static bool fail_format(io_source *s, const char *why) {
    sori_fail(s->c, SORI_EFORMAT, "%s: %s", s->path, why);
    return false;
}

/* libsndfile first; what it does not know goes to ffmpeg. */
static bool open_decoder(io_source *s) {
    char reason[160] = "";
    const io_header *h = &s->header;
    if (h->kind == IO_EMPTY) return fail_format(s, "is empty");
    if (h->kind == IO_TEXT) return fail_format(s, "is a text file, not sound");
    if (h->fault) {
        sori_fail(s->c, SORI_EFORMAT, "%s: %s (1 to 256 channels, 1 to 2147483647 Hz can be read)", s->path,
                  h->fault);
        return false;
    }
    if (io_sndfile_open(s, reason, sizeof reason)) return true;
    return !base_failed(s->c) && io_ffmpeg_open(s, reason);
}

static bool check_values(io_source *s) {
    if (s->channels < 1 || s->channels > IO_MAX_CHANNELS)
        sori_fail(s->c, SORI_EFORMAT, "%s: %d channels (1 to %d can be read)", s->path, s->channels, IO_MAX_CHANNELS);
    else if (!(s->sr >= 1 && s->sr <= IO_MAX_RATE))
        sori_fail(s->c, SORI_EFORMAT, "%s: sampling rate %g Hz (1 to 2147483647 can be read)", s->path, s->sr);
    else if (s->strict && s->header.truncated)
        sori_fail(s->c, SORI_EFORMAT, "%s: truncated: shorter than its header promises", s->path);
    return !base_failed(s->c);
}

io_source *io_open(sori_ctx *c, const char *path, bool strict) {
    if (base_failed(c)) return NULL;
    if (!path) {
        sori_fail(c, SORI_EINVAL, "load: no path given");
        return NULL;
    }
    io_source *s = base_alloc(c, 1, sizeof *s);
    if (!s) return NULL;
    s->c = c;
    s->fd = -1;
    s->strict = strict;
    s->path = base_strdup(c, path);
    if (s->path && open_file(s)) {
        io_look(s->fd, &s->header);
        s->truncated = s->header.truncated;
        if (open_decoder(s) && check_values(s)) return s;
    }
    io_close(s);
    return NULL;
}

void io_close(io_source *s) {
    if (!s) return;
    if (s->close) s->close(s);
    if (s->fd >= 0) close(s->fd);
    base_free(s->c, s->path);
    base_free(s->c, s);
}

/* --- the end, where faults show --------------------------------------------------------------------------------- */

static void report_shortfall(io_source *s) {
    char promised[48] = "";
    if (s->header.exact && s->declared > s->position)
        base_format(promised, sizeof promised, " of %llu", (unsigned long long)s->declared);
    const char *colon = s->damage[0] ? ": " : "";
    if (s->strict)
        sori_fail(s->c, SORI_EFORMAT, "%s: truncated: %llu%s frames are there%s%s", s->path,
                  (unsigned long long)s->position, promised, colon, s->damage);
    else
        base_warn(s->c, "%s: truncated: using the %llu%s frames that are there%s%s", s->path,
                  (unsigned long long)s->position, promised, colon, s->damage);
}

static void finish(io_source *s) {
    s->ended = true;
    if (base_failed(s->c)) return;
    if (s->damage[0] || (s->header.exact && s->declared > s->position)) s->truncated = true;
    if (s->position == 0)
        sori_fail(s->c, SORI_EFORMAT, "%s: no sound in it%s%s", s->path, s->damage[0] ? ": " : " (0 frames)",
                  s->damage);
    else if (s->truncated)
        report_shortfall(s);
    else if (s->header.lengthless)
        base_warn(s->c, "%s: its header gives no length; using all %llu frames up to the end of the file", s->path,
                  (unsigned long long)s->position);
}

size_t io_read(io_source *s, float *out, size_t n) {
    size_t done = 0;
    while (done < n && !s->ended && !base_failed(s->c) && !base_interrupted(s->c)) {
        size_t got = s->read(s, out + done * (size_t)s->channels, n - done);
        done += got;
        s->position += got;
        if (got == 0 || s->damage[0]) finish(s);
    }
    return base_failed(s->c) ? 0 : done;
}

/* A seek that fails (damaged FLAC) falls back to decoding from the start. */
bool io_skip(io_source *s, uint64_t n) {
    if (s->seek && s->declared >= n && s->seek(s, n)) {
        s->position = n;
        return true;
    }
    float block[2048];
    size_t room = BASE_COUNT(block) / (size_t)s->channels;
    while (s->position < n && io_read(s, block, (size_t)BASE_MIN(n - s->position, room)) > 0) {}
    return s->position >= n && !base_failed(s->c);
}
