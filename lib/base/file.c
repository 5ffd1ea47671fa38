/* file: reads whole files, writes them durably. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

int file_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_read_all(int fd, struct buf *out, size_t max, struct err *err)
{
	size_t start = out->len;
	for (;;) {
		buf_reserve(out, 16384);
		ssize_t n = read(fd, out->data + out->len, 16384);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot read");
		out->data[out->len + (size_t)n] = '\0';
		out->len += (size_t)n;
		if (out->len - start > max) {
			errno = EFBIG;
			return err_set(err, "larger than %zu bytes", max);
		}
		if (n == 0)
			return 0;
	}
}

static int read_and_close(int fd, const char *path, struct buf *out, size_t max, struct err *err)
{
	struct err why;
	int r = file_read_all(fd, out, max, &why);
	int saved = errno;
	close(fd);
	errno = saved;
	return r == 0 ? 0 : err_set(err, "%s: %s", path, why.text);
}

int file_read(int dirfd, const char *path, struct buf *out, size_t max, struct err *err)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open %s", path);
	return read_and_close(fd, path, out, max, err);
}

int file_read_regular(int dirfd, const char *path, struct buf *out, size_t max, struct err *err)
{
	struct stat st;
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, "cannot open %s", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return read_and_close(fd, path, out, max, err);
	close(fd);
	errno = EINVAL;
	return err_set(err, "%s is not a regular file", path);
}

int file_write_tmp(
    int dirfd, const char *tmp, mode_t mode, const void *data, size_t len, struct err *err)
{
	int fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return err_sys(err, "cannot create %s", tmp);
	const char *step = "write";
	if (file_write_all(fd, data, len) < 0)
		goto fail;
	step = "fsync";
	if (fsync(fd) < 0)
		goto fail;
	step = "close";
	int r = close(fd);
	fd = -1;
	if (r == 0)
		return 0;
fail:
	err_sys(err, "cannot %s %s", step, tmp);
	int saved = errno;
	if (fd >= 0)
		close(fd);
	unlinkat(dirfd, tmp, 0);
	errno = saved;
	return -1;
}

int file_write_durable(int dirfd, const char *tmp, const char *path, mode_t mode, const void *data,
    size_t len, struct err *err)
{
	if (file_write_tmp(dirfd, tmp, mode, data, len, err) < 0)
		return -1;
	if (renameat(dirfd, tmp, dirfd, path) == 0)
		return 0;
	err_sys(err, "cannot rename %s to %s", tmp, path);
	int saved = errno;
	unlinkat(dirfd, tmp, 0);
	errno = saved;
	return -1;
}

int file_sync_dir(int dirfd, const char *what, struct err *err)
{
	return fsync(dirfd) == 0 ? 0 : err_sys(err, "cannot fsync the directory %s", what);
}

int file_open_dir(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : err_sys(err, "cannot open the directory %s", path);
}
