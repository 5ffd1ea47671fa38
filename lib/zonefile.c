#include "zonefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define FILE_MAX ((size_t)1 << 30)
#define FEW 8 /* files up to which each is fsynced; beyond it one syncfs(2) is cheaper */

struct path {
	char text[PATH_MAX];
};

static struct path with(const char *file, const char *suffix)
{
	struct path p;
	snprintf(p.text, sizeof(p.text), "%s%s", file, suffix);
	return p;
}

bool zonefile_exists(int dir, const char *file, const char *suffix)
{
	struct stat st;
	return fstatat(dir, with(file, suffix).text, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool zonefile_is(int dir, const char *file, const struct buf *text)
{
	struct buf old = {0};
	struct stat st;
	bool same = fstatat(dir, file, &st, 0) == 0 && st.st_size == (off_t)text->len &&
		    file_read(dir, file, &old, text->len, NULL) == 0 && old.len == text->len &&
		    memcmp(buf_str(&old), buf_str(text), text->len) == 0;
	buf_free(&old);
	return same;
}

static struct timespec later_than(int dir, const char *file)
{
	struct timespec now;
	struct stat st;
	clock_gettime(CLOCK_REALTIME, &now);
	if (fstatat(dir, file, &st, 0) < 0 || st.st_mtim.tv_sec < now.tv_sec ||
	    (st.st_mtim.tv_sec == now.tv_sec && st.st_mtim.tv_nsec < now.tv_nsec))
		return now;
	now = st.st_mtim;
	if (++now.tv_nsec == 1000000000)
		now = (struct timespec){.tv_sec = now.tv_sec + 1};
	return now;
}

int zonefile_write(int dir, const char *file, const struct buf *text, int *fd, struct err *err)
{
	struct path tmp = with(file, ".new");
	struct timespec times[2];
	unlinkat(dir, tmp.text, 0); /* left by one that died */
	*fd = openat(dir, tmp.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (*fd < 0)
		return err_sys(err, "cannot create %s", tmp.text);
	times[0] = times[1] = later_than(dir, file);
	if (file_write_all(*fd, buf_str(text), text->len) == 0 && futimens(*fd, times) == 0)
		return 0;
	err_sys(err, "cannot write %s", tmp.text);
	close(*fd);
	*fd = -1;
	unlinkat(dir, tmp.text, 0);
	return -1;
}

int zonefile_flush(int dir, int *fds, size_t count, struct err *err)
{
	size_t open = 0;
	int r = 0;
	for (size_t i = 0; i < count; i++)
		open += fds[i] >= 0;
	if (open > FEW && syncfs(dir) < 0)
		r = err_sys(err, "cannot write out the zone files");
	for (size_t i = 0; i < count; i++) {
		if (fds[i] < 0)
			continue;
		if (open <= FEW && fsync(fds[i]) < 0)
			r = err_sys(err, "cannot fsync a zone file");
		if (close(fds[i]) < 0)
			r = err_sys(err, "cannot close a zone file");
		fds[i] = -1;
	}
	return r;
}

/* For a file that somebody else owns (DirectDNSOnly ran as root), or where there are no links. */
static int copy_good(int dir, const char *file, const char *good, struct err *err)
{
	struct path tmp = with(file, ".copy");
	struct buf text = {0};
	unlinkat(dir, tmp.text, 0);
	int r = file_read(dir, file, &text, FILE_MAX, err);
	if (r == 0)
		r = file_write_durable(dir, tmp.text, good, 0644, buf_str(&text), text.len, err);
	buf_free(&text);
	return r;
}

static int keep_good(int dir, const char *file, struct err *err)
{
	struct path good = with(file, ".good"), nothing = with(file, ".void");
	if (zonefile_exists(dir, file, ".void") || /* FILE itself was never proven */
	    linkat(dir, file, dir, good.text, 0) == 0 || errno == EEXIST)
		return 0;
	if (errno == ENOENT) {
		int fd = openat(dir, nothing.text, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		return fd >= 0 && close(fd) == 0 ? 0
						 : err_sys(err, "cannot create %s", nothing.text);
	}
	return copy_good(dir, file, good.text, err);
}

int zonefile_install(int dir, const char *file, struct err *err)
{
	struct path tmp = with(file, ".new");
	if (keep_good(dir, file, err) < 0)
		return -1;
	if (renameat(dir, tmp.text, dir, file) < 0)
		return err_sys(err, "cannot rename %s", tmp.text);
	return 0;
}

int zonefile_restore(int dir, const char *file, struct err *err)
{
	if (zonefile_stamp(dir, with(file, ".good").text, 0, err) < 0)
		return -1;
	if (renameat(dir, with(file, ".good").text, dir, file) < 0)
		return err_sys(err, "cannot put %s.good back", file);
	return file_sync_dir(dir, "of zone files", err);
}

int zonefile_back(int dir, const char *file, bool *back, bool *gone, struct err *err)
{
	*gone = zonefile_exists(dir, file, ".void");
	*back = *gone || zonefile_exists(dir, file, ".good");
	if (*gone)
		return zonefile_remove(dir, file, err);
	if (!*back)
		return 0;
	if (zonefile_stamp(dir, with(file, ".good").text, 0, err) < 0 ||
	    renameat(dir, with(file, ".good").text, dir, file) < 0)
		return err_sys(err, "cannot put %s.good back", file);
	return 0;
}

int zonefile_stamp(int dir, const char *file, int64_t after_s, struct err *err)
{
	struct timespec times[2];
	times[0] = later_than(dir, file);
	if (times[0].tv_sec <= after_s)
		times[0] = (struct timespec){.tv_sec = after_s + 1};
	times[1] = times[0];
	/* A file of another owner that we may write can be given the time of now only. */
	if (utimensat(dir, file, times, 0) < 0 &&
	    (errno != EPERM || utimensat(dir, file, NULL, 0) < 0))
		return err_sys(err, "cannot touch %s", file);
	return 0;
}

void zonefile_settle(int dir, const char *file)
{
	unlinkat(dir, with(file, ".good").text, 0);
	unlinkat(dir, with(file, ".void").text, 0);
}

int zonefile_remove(int dir, const char *file, struct err *err)
{
	static const char *const suffixes[] = {"", ".good", ".new", ".copy", ".void"};
	for (size_t i = 0; i < 5; i++) {
		if (unlinkat(dir, with(file, suffixes[i]).text, 0) < 0 && errno != ENOENT)
			return err_sys(err, "cannot remove %s%s", file, suffixes[i]);
	}
	return 0;
}

int zonefile_zone(const char *file, char zone[NAME_SIZE])
{
	char text[NAME_FILE_SIZE];
	size_t n = 0, len = strlen(file);
	if (len < 4 || len >= sizeof(text) || strcmp(file + len - 3, ".db") != 0)
		return -1;
	for (const char *p = file; p < file + len - 3; p++) {
		bool slash = strncmp(p, "%2F", 3) == 0;
		text[n++] = slash ? '/' : *p;
		p += slash ? 2 : 0;
	}
	return name_normalize(text, n, zone, NULL);
}

int zonefile_parse(
    int dir, const char *file, const char *suffix, struct zone **out, struct err *err)
{
	struct buf text = {0};
	char zone[NAME_SIZE];
	int r = file_read(dir, with(file, suffix).text, &text, FILE_MAX, err);
	if (r == 0)
		r = zone_parse_rendered(buf_str(&text), text.len, out, err);
	if (r < 0 && text.len > 0 && zonefile_zone(file, zone) == 0)
		r = zone_parse(zone, buf_str(&text), text.len, 0, out, err);
	buf_free(&text);
	return r;
}
