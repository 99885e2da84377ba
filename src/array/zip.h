/* array/zip.h - the members of a ZIP archive, for the formats that are one. Private to the array room. */
#ifndef ARRAY_ZIP_H
#define ARRAY_ZIP_H

#include "array/file.h"

typedef struct array_zip_member {
    const unsigned char *name;       /* [name_size], no NUL in it */
    size_t name_size;
    uint32_t method, flags, crc;
    uint64_t packed, size, offset;   /* offset of its data in the file */
} array_zip_member;

typedef struct array_zip {
    sori_ctx *c;
    const char *path, *kind;         /* ".npz", for messages */
    int fd;
    uint64_t bytes;
    unsigned char *directory;
    size_t directory_size, at, count;
    array_zip_member *members;       /* [count] */
} array_zip;

/* Look at all members before any is read; close after an error too. */
bool array_zip_open(array_zip *z, sori_ctx *c, const char *path, const char *kind);
void array_zip_close(array_zip *z);

/* Unpack a member for take, which must take all of it; then its checksum is verified. */
typedef bool array_zip_take(array_stream *s, void *user);
bool array_zip_read(const array_zip *z, const array_zip_member *m, const char *name, array_zip_take *take, void *user);

/* "path: damaged .npz: what"; false. */
bool array_zip_damaged(const array_zip *z, const char *what);

#endif
