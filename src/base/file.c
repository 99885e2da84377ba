/* file.c - output files that appear whole or not at all, and small helpers on paths.
 *
 * The temporary lies in the target's own folder (rename must not cross file systems) under a short name of its
 * own, so that a long target name still fits. Commit: flush, fsync, close, rename, fsync of the folder; whichever
 * fails, the temporary is removed and the old target is untouched.
 * A link is followed, so that the file it points to is replaced and not the link. A device or a pipe (/dev/null) is
 * written to directly: renaming over it would destroy it. */
#include "base/base.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUFFER 65536

struct base_file {
    sori_ctx *c;
    char *path, *temporary;
    int fd;
    bool failed;
    uint64_t position;             /* of the next byte written */
    size_t used;                   /* bytes waiting in buffer */
    char buffer[BUFFER];
};

static bool fail_file(base_file *f, const char *what) {
    if (!f->failed) sori_fail(f->c, SORI_EIO, "%s: cannot %s: %s", f->path, what, strerror(errno));
    f->failed = true;
    return false;
}

static char *folder_of(sori_ctx *c, const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? base_printf(c, "%.*s", slash == path ? 1 : (int)(slash - path), path) : base_strdup(c, ".");
}

/* Create the temporary: a name nobody else uses, with the permissions of the file it will replace, or those
 * the umask gives. 100 tries, for clocks that stand still. */
static bool create_temporary(base_file *f) {
    char *dir = folder_of(f->c, f->path);
    for (int i = 0; dir && i < 100; i++) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        base_free(f->c, f->temporary);
        f->temporary = base_printf(f->c, "%s/.sori-%lx-%lx-%x", dir, (long)getpid(), t.tv_nsec, i);
        if (!f->temporary) break;
        f->fd = open(f->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (f->fd >= 0 || errno != EEXIST) break;
    }
    int why = errno;
    base_free(f->c, dir);
    struct stat old;
    if (f->fd < 0) sori_fail(f->c, SORI_EIO, "%s: cannot create: %s", f->path, strerror(why));
    else if (stat(f->path, &old) == 0 && S_ISREG(old.st_mode) && fchmod(f->fd, old.st_mode & 07777) != 0)
        errno = 0;   /* a file system without modes is no reason to fail */
    return f->fd >= 0;
}

static bool open_device(base_file *f) {
    f->fd = open(f->path, O_WRONLY | O_CLOEXEC);
    if (f->fd < 0) sori_fail(f->c, SORI_EIO, "%s: cannot open: %s", f->path, strerror(errno));
    return f->fd >= 0;
}

/* The path itself, or the file a chain of links leads to. A link to nothing is replaced like a file. */
static char *resolve(sori_ctx *c, const char *path) {
    struct stat st;
    char *real = lstat(path, &st) == 0 && S_ISLNK(st.st_mode) ? realpath(path, NULL) : NULL;
    char *copy = base_strdup(c, real ? real : path);
    free(real);
    return copy;
}

base_file *base_file_new(sori_ctx *c, const char *path) {
    if (base_failed(c)) return NULL;
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        sori_fail(c, SORI_EIO, "%s: cannot write: is a directory", path);
        return NULL;
    }
    bool device = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
    base_file *f = base_alloc_raw(c, 1, sizeof *f);
    if (!f) return NULL;
    memset(f, 0, offsetof(base_file, buffer));
    f->c = c;
    f->fd = -1;
    f->path = resolve(c, path);
    if (!f->path || !(device ? open_device(f) : create_temporary(f))) {
        base_free(c, f->temporary);
        f->temporary = NULL;   /* nothing to remove */
        base_file_abort(f);
        return NULL;
    }
    return f;
}

static bool write_all(base_file *f, const char *data, size_t n) {
    while (n > 0) {
        ssize_t done = write(f->fd, data, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return fail_file(f, "write");
        data += done;
        n -= (size_t)done;
    }
    return true;
}

static bool flush(base_file *f) {
    bool ok = !f->failed && write_all(f, f->buffer, f->used);
    f->used = 0;
    return ok;
}

bool base_file_write(base_file *f, const void *data, size_t n) {
    if (!f || f->failed) return false;
    if (f->used + n > BUFFER && !flush(f)) return false;
    f->position += n;
    if (n >= BUFFER) return write_all(f, data, n);
    memcpy(f->buffer + f->used, data, n);
    f->used += n;
    return true;
}

bool base_file_printf(base_file *f, const char *format, ...) {
    if (!f || f->failed) return false;
    char small[512], *text = small;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = base_vformat(small, sizeof small, format, args);
    if (n >= (int)sizeof small && (text = base_alloc_raw(f->c, (size_t)n + 1, 1)))
        base_vformat(text, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    bool ok = text && base_file_write(f, text, (size_t)n);
    if (text != small) base_free(f->c, text);
    if (!ok) f->failed = true;
    return ok;
}

bool base_file_seek(base_file *f, uint64_t position) {
    if (!f || !flush(f)) return false;
    if (lseek(f->fd, (off_t)position, SEEK_SET) < 0) return fail_file(f, "seek");
    f->position = position;
    return true;
}

uint64_t base_file_tell(const base_file *f) { return f->position; }

size_t base_file_read(base_file *f, void *data, size_t n) {
    if (!f || !flush(f)) return 0;
    size_t done = 0;
    for (ssize_t got; done < n && (got = read(f->fd, (char *)data + done, n - done)) > 0;) done += (size_t)got;
    f->position += done;
    return done;
}

uint64_t base_file_length(const base_file *f) {
    struct stat st;
    uint64_t on_disk = fstat(f->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
    return BASE_MAX(on_disk, f->position);
}

static void sync_folder(const base_file *f) {
    char *dir = folder_of(f->c, f->path);
    int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        if (fsync(fd) != 0) errno = 0;   /* the rename stands; some file systems cannot sync a folder */
        close(fd);
    }
    base_free(f->c, dir);
}

static void file_free(base_file *f) {
    base_free(f->c, f->temporary);
    base_free(f->c, f->path);
    base_free(f->c, f);
}

sori_status base_file_commit(base_file *f) {
    if (!f) return SORI_EIO;
    sori_ctx *c = f->c;
    if (!base_failed(c) && flush(f) && fsync(f->fd) != 0 && errno != EINVAL) fail_file(f, "sync");
    if (close(f->fd) != 0 && !f->failed) fail_file(f, "close");
    f->fd = -1;
    if (base_failed(c) || f->failed) {
        sori_fail(c, SORI_EIO, "%s: cannot write", f->path);
        base_file_abort(f);
        return sori_error(c);
    }
    if (f->temporary && rename(f->temporary, f->path) != 0) {
        fail_file(f, "rename");
        base_file_abort(f);
        return sori_error(c);
    }
    if (f->temporary) sync_folder(f);
    file_free(f);
    return sori_error(c);
}

void base_file_abort(base_file *f) {
    if (!f) return;
    if (f->fd >= 0) close(f->fd);
    if (f->temporary) unlink(f->temporary);
    file_free(f);
}

/* The same for programs that extend sori. */
sori_file *sori_file_new(sori_ctx *c, const char *path) { return base_file_new(c, path); }
bool sori_file_write(sori_file *f, const void *data, size_t n) { return base_file_write(f, data, n); }
sori_status sori_file_commit(sori_file *f) { return base_file_commit(f); }
void sori_file_abort(sori_file *f) { base_file_abort(f); }
sori_status sori_make_dirs(sori_ctx *c, const char *path) { return base_make_dirs(c, path); }

/* --- reading ------------------------------------------------------------ */

/* Files such as pipes have no length, so the buffer grows with what arrives. */
static char *read_fd(sori_ctx *c, int fd, const char *path, uint64_t limit, size_t *size) {
    size_t room = 4096, n = 0;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size <= limit) room = (size_t)st.st_size + 1;
    char *data = base_alloc_raw(c, room, 1);
    while (data) {
        ssize_t got = read(fd, data + n, room - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) sori_fail(c, SORI_EIO, "%s: cannot read: %s", path, strerror(errno));
        if (got <= 0) break;
        n += (size_t)got;
        if (n > limit) {
            sori_fail(c, SORI_EFORMAT, "%s: larger than %llu bytes", path, (unsigned long long)limit);
            break;
        }
        if (n == room) {
            char *larger = base_grow(c, data, room, room * 2, 1);
            if (!larger) break;
            data = larger;
            room *= 2;
        }
    }
    if (!data || base_failed(c)) {
        base_free(c, data);
        return NULL;
    }
    data[n] = 0;
    *size = n;
    return data;
}

char *base_read_file(sori_ctx *c, const char *path, uint64_t limit, size_t *size) {
    if (base_failed(c)) return NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        sori_fail(c, SORI_EIO, "%s: cannot open: %s", path, strerror(errno));
        return NULL;
    }
    char *data = read_fd(c, fd, path, limit, size);
    close(fd);
    return data;
}

/* --- paths ------------------------------------------------------------ */

sori_status base_make_dirs(sori_ctx *c, const char *path) {
    char *p = base_failed(c) ? NULL : base_strdup(c, path);
    if (!p) return sori_error(c);
    for (char *s = p + 1;; s++) {
        if (*s != '/' && *s != 0) continue;
        char end = *s;
        *s = 0;
        struct stat st;
        if (mkdir(p, 0777) != 0 && !(errno == EEXIST && stat(p, &st) == 0 && S_ISDIR(st.st_mode))) {
            sori_fail(c, SORI_EIO, "%s: cannot make the folder: %s", p, strerror(errno));
            break;
        }
        *s = end;
        if (!end) break;
    }
    base_free(c, p);
    return sori_error(c);
}

char *base_path_join(sori_ctx *c, const char *dir, const char *name) {
    size_t n = strlen(dir);
    return base_printf(c, n && dir[n - 1] == '/' ? "%s%s" : "%s/%s", dir, name);
}

const char *base_path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *base_path_ext(const char *path) {
    const char *name = base_path_name(path), *dot = strrchr(name, '.');
    return dot && dot != name ? dot + 1 : "";
}
