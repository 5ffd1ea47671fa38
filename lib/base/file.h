/* file: reading whole files, and the one durable write.
 *
 * file_write_durable() is: open tmp O_EXCL, write loop, fsync, checked close, rename to path.  The
 * caller fsyncs the directory with file_sync_dir() (once for many files) before it promises
 * anything. `tmp` and `path` are relative to dirfd (AT_FDCWD allowed); on failure tmp is unlinked.
 */
#ifndef DDO_FILE_H
#define DDO_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

int file_write_all(
    int fd, const void *data, size_t len); /* retries EINTR and short writes; errno */
int file_read_all(int fd, struct buf *out, size_t max, struct err *err); /* -1 EFBIG beyond max */
int file_read(int dirfd, const char *path, struct buf *out, size_t max, struct err *err);
/* The same of a regular file only: opening a fifo or a device would wait for somebody. */
int file_read_regular(int dirfd, const char *path, struct buf *out, size_t max, struct err *err);
int file_write_tmp(
    int dirfd, const char *tmp, mode_t mode, const void *data, size_t len, struct err *err);
int file_write_durable(int dirfd, const char *tmp, const char *path, mode_t mode, const void *data,
    size_t len, struct err *err);
int file_sync_dir(int dirfd, const char *what, struct err *err);
int file_open_dir(const char *path, struct err *err); /* O_DIRECTORY|O_CLOEXEC descriptor */

#endif
