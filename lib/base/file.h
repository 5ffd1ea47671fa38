/* file: reads whole files, and writes them durably.
 *
 * file_write_durable() opens `tmp` with O_EXCL, writes, fsyncs, closes with a check and renames to
 * `path`.  Before it promises anything, the caller calls file_sync_dir(), once for many files.
 * `tmp` and `path` are relative to dirfd (AT_FDCWD allowed).  On failure `tmp` is unlinked, err
 * names the step, and errno is kept.  Readers append to `out`, which stays the caller's, and fail
 * with EFBIG beyond `max` bytes.
 */
#ifndef DDO_FILE_H
#define DDO_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

int file_write_all(int fd, const void *data, size_t len); /* -1: errno says why */
int file_read_all(int fd, struct buf *out, size_t max, struct err *err);
int file_read(int dirfd, const char *path, struct buf *out, size_t max, struct err *err);
/* Reads regular files only: opening a fifo or a device could block. */
int file_read_regular(int dirfd, const char *path, struct buf *out, size_t max, struct err *err);
int file_write_tmp(
    int dirfd, const char *tmp, mode_t mode, const void *data, size_t len, struct err *err);
int file_write_durable(int dirfd, const char *tmp, const char *path, mode_t mode, const void *data,
    size_t len, struct err *err);
int file_sync_dir(int dirfd, const char *what, struct err *err);
int file_open_dir(const char *path, struct err *err); /* gives a close-on-exec descriptor */

#endif
