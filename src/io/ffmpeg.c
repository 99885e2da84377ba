/* ffmpeg.c - what libsndfile does not know (m4a, mp4, webm, wma, video) through the ffmpeg program.
 *
 * The program gets an argument vector, never a shell line. The demuxer is chosen here from the first bytes and named
 * to it, so that a text that ffmpeg would take for a playlist, and follow to other files or hosts, is never given to
 * it; the name goes in as file:NAME, so that a leading "-" or a colon means nothing. It answers with Sun's AU on a
 * pipe: a 24-byte header that needs no length, then big-endian floats. What it says on its error channel is read
 * beside the sound, its first line kept. It runs in a process group of its own: Ctrl-C is ours to handle. */
#define _GNU_SOURCE
#include "io/io.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;   /* handed on to the program, which needs its PATH */

#define PENDING 65536    /* bytes from the pipe at once */

typedef struct process {
    pid_t pid;
    int sound, errors;           /* our ends of its pipes; -1 when closed */
    unsigned char pending[PENDING];
    size_t at, n;
    char said[160];              /* the first line of its error channel */
    size_t said_n;
    int exit_status;
} process;

typedef struct container { size_t at, n; const char *bytes, *demuxer, *name; } container;

static const container *container_of(const io_header *h) {
    static const container kinds[] = {
        { 4, 4, "ftyp", "mov", "MP4" }, { 4, 4, "moov", "mov", "MP4" }, { 4, 4, "mdat", "mov", "MP4" },
        { 4, 4, "free", "mov", "MP4" }, { 4, 4, "wide", "mov", "MP4" }, { 4, 4, "skip", "mov", "MP4" },
        { 0, 4, "\x1a\x45\xdf\xa3", "matroska", "Matroska" }, { 0, 4, "\x30\x26\xb2\x75", "asf", "ASF" },
        { 8, 4, "AVI ", "avi", "AVI" }, { 0, 3, "FLV", "flv", "FLV" }, { 0, 4, "\0\0\1\xba", "mpeg", "MPEG-PS" },
        { 0, 4, "wvpk", "wv", "WavPack" }, { 0, 4, "MAC ", "ape", "APE" }, { 0, 4, "TTA1", "tta", "TTA" },
        { 0, 5, "#!AMR", "amr", "AMR" }, { 0, 4, "DSD ", "dsf", "DSF" }, { 0, 3, "MP+", "mpc", "Musepack" },
        { 0, 4, "MPCK", "mpc8", "Musepack" }, { 0, 2, "\x0b\x77", "ac3", "AC-3" }, { 0, 4, "OggS", "ogg", "OGG" },
        { 0, 4, "fLaC", "flac", "FLAC" }, { 8, 4, "WAVE", "wav", "WAV" },
    };
    static const container aac = { .demuxer = "aac", .name = "AAC" }, mp3 = { .demuxer = "mp3", .name = "MPEG" },
                           mpegts = { .demuxer = "mpegts", .name = "MPEG-TS" };
    const unsigned char *p = h->start;
    for (size_t i = 0; i < BASE_COUNT(kinds); i++)
        if (h->start_size >= kinds[i].at + kinds[i].n && !memcmp(p + kinds[i].at, kinds[i].bytes, kinds[i].n))
            return &kinds[i];
    if (h->start_size >= 2 && p[0] == 0xff && (p[1] & 0xf6) == 0xf0) return &aac;   /* ADTS: sync, layer 0 */
    if (h->kind == IO_MPEG) return &mp3;
    return h->start_size > 188 && p[0] == 0x47 && p[188] == 0x47 ? &mpegts : NULL;
}

/* --- the process ------------------------------------------------------------------------------------------------ */

static int spawn(process *p, const char *demuxer, const char *url) {
    int sound[2] = { -1, -1 }, errors[2] = { -1, -1 };
    if (pipe2(sound, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0) {
        int why = errno;
        if (sound[0] >= 0) close(sound[0]), close(sound[1]);
        return why;
    }
    const char *argv[] = { "ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-f", demuxer,
                           "-i", url, "-map", "0:a:0", "-vn", "-sn", "-dn", "-c:a", "pcm_f32be", "-f", "au", "pipe:1",
                           NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, broken_pipe;
    sigemptyset(&none);
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);   /* so that it ends when we close the pipe, whatever the caller ignores */
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, sound[1], 1);
    posix_spawn_file_actions_adddup2(&files, errors[1], 2);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &broken_pipe);
    int why = posix_spawnp(&p->pid, "ffmpeg", &files, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    close(sound[1]);
    close(errors[1]);
    p->sound = sound[0];
    p->errors = errors[0];
    if (why) p->pid = 0;
    return why;
}

static void close_pipe(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* Its first line is kept; the rest is read and dropped, so that it never waits for us. */
static void take_errors(process *p) {
    char text[1024];
    ssize_t n = read(p->errors, text, sizeof text);
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) close_pipe(&p->errors);
    for (ssize_t i = 0; i < n && p->said_n + 1 < sizeof p->said; i++) {
        unsigned char ch = (unsigned char)text[i];
        p->said[p->said_n++] = (char)(ch < 32 ? '\n' : ch);
    }
}

/* Wait for sound; false once both channels are closed. */
static bool take_sound(process *p) {
    p->at = p->n = 0;
    while (p->n == 0 && (p->sound >= 0 || p->errors >= 0)) {
        struct pollfd fds[2] = { { .fd = p->sound, .events = POLLIN }, { .fd = p->errors, .events = POLLIN } };
        if (poll(fds, 2, -1) < 0 && errno != EINTR) break;
        if (p->errors >= 0 && fds[1].revents) take_errors(p);
        if (p->sound < 0 || !fds[0].revents) continue;
        ssize_t got = read(p->sound, p->pending, sizeof p->pending);
        if (got > 0) p->n = (size_t)got;
        else if (got == 0 || errno != EINTR) close_pipe(&p->sound);
    }
    return p->n > 0;
}

static size_t take(process *p, unsigned char *out, size_t n) {
    size_t done = 0;
    while (done < n && (p->at < p->n || take_sound(p))) {
        size_t count = BASE_MIN(n - done, p->n - p->at);
        memcpy(out + done, p->pending + p->at, count);
        p->at += count;
        done += count;
    }
    return done;
}

static void reap(process *p) {
    int status = 0;
    close_pipe(&p->sound);
    close_pipe(&p->errors);
    if (p->pid <= 0) return;
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR) {}
    p->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    p->pid = 0;
}

/* "[mov,mp4 @ 0x55d0] moov atom not found" -> "moov atom not found"; the file's name is in our sentence already. */
static const char *first_line(process *p, const char *path) {
    p->said[strcspn(p->said, "\n")] = 0;
    const char *text = p->said, *mark = strstr(text, "] ");
    size_t n = strlen(path);
    if (text[0] == '[' && mark) text = mark + 2;
    if (!strncmp(text, "file:", 5) && !strncmp(text + 5, path, n) && !strncmp(text + 5 + n, ": ", 2)) text += n + 7;
    if (strstr(text, "matches no streams")) return "no sound stream in it";
    return *text ? text : "no reason given";
}

/* --- the decoder ------------------------------------------------------------------------------------------------ */

static uint32_t be32(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static size_t decode(io_source *s, float *out, size_t n) {
    process *p = s->decoder;
    size_t width = (size_t)s->channels * 4, got = take(p, (unsigned char *)out, n * width);
    for (size_t i = 0; i < got / 4; i++) {
        uint32_t bits = be32((unsigned char *)(out + i));
        memcpy(out + i, &bits, 4);
    }
    if (got < n * width && p->sound < 0 && p->pid > 0) {
        reap(p);
        if (p->exit_status || p->said[0]) base_format(s->damage, sizeof s->damage, "ffmpeg: %s",
                                                         first_line(p, s->path));
    }
    return got / width;
}

static void close_decoder(io_source *s) {
    process *p = s->decoder;
    if (p && p->pid > 0) kill(p->pid, SIGKILL);
    if (p) reap(p);
    base_free(s->c, p);
    s->decoder = NULL;
}

/* AU: ".snd", offset of the samples, their size, encoding 6 (float), rate, channels, a note up to the offset. */
static bool read_header(io_source *s, const char *reason) {
    process *p = s->decoder;
    unsigned char h[24], note;
    if (take(p, h, sizeof h) < sizeof h || memcmp(h, ".snd", 4) || be32(h + 12) != 6) {
        reap(p);
        bool known = s->header.kind != IO_UNKNOWN;   /* libsndfile's own kinds: its reason is the better one */
        sori_fail(s->c, SORI_EFORMAT, "%s: not sound that can be read: %s%s", s->path, known ? "" : "ffmpeg: ",
                  known ? reason : first_line(p, s->path));
        return false;
    }
    for (uint32_t i = 24; i < be32(h + 4); i++)
        if (take(p, &note, 1) != 1) break;
    s->sr = be32(h + 16);
    s->channels = (int)BASE_MIN(be32(h + 20), (uint32_t)IO_MAX_CHANNELS + 1);
    return true;
}

bool io_ffmpeg_open(io_source *s, const char *reason) {
    const container *kind = container_of(&s->header);
    if (!kind) {
        sori_fail(s->c, SORI_EFORMAT, "%s: not sound that can be read: %s", s->path, reason);
        return false;
    }
    process *p = base_alloc(s->c, 1, sizeof *p);
    char *url = base_printf(s->c, "file:%s", s->path);
    if (!p || !url) {
        base_free(s->c, url);
        base_free(s->c, p);
        return false;
    }
    p->sound = p->errors = -1;
    s->decoder = p;
    s->read = decode;
    s->seek = NULL;
    s->close = close_decoder;
    base_format(s->format, sizeof s->format, "%s", kind->name);
    base_format(s->encoding, sizeof s->encoding, "through ffmpeg");
    s->header.exact = false;
    int why = spawn(p, kind->demuxer, url);
    base_free(s->c, url);
    if (why == ENOENT && s->header.kind != IO_UNKNOWN)   /* damaged, but of a kind that needs no ffmpeg */
        sori_fail(s->c, SORI_EFORMAT, "%s: not sound that can be read: %s", s->path, reason);
    else if (why == ENOENT)
        sori_fail(s->c, SORI_EUNSUP, "%s: this kind of file (%s) needs the ffmpeg program, which is not installed",
                  s->path, kind->name);
    else if (why)
        sori_fail(s->c, SORI_EIO, "%s: cannot start ffmpeg: %s", s->path, strerror(why));
    return !why && read_header(s, reason);
}
