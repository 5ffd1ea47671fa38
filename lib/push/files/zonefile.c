/* zonefile: writes, proves, restores and removes zone files, durably. */
#include "push/files/zonefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define FILE_MAX ((size_t)1 << 30)
#define PROBE_FILE ".ddo-probe"
#define SUFFIX_MOST 5 /* ".good" */
#define FEW 8         /* files up to which each is fsynced; beyond it one syncfs(2) is cheaper */

struct path {
	char text[PATH_MAX];
};

static struct path with(const char *file, const char *suffix)
{
	struct path p;
	snprintf(p.text, sizeof(p.text), "%s%s", file, suffix);
	return p;
}

/* Does the directory take a file at all?  An entry of that name that stays proves nothing. */
static bool takes_files(int dir)
{
	unlinkat(dir, PROBE_FILE, 0);
	int fd = openat(dir, PROBE_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST && faccessat(dir, ".", W_OK | X_OK, AT_EACCESS) == 0;
	close(fd);
	unlinkat(dir, PROBE_FILE, 0);
	return true;
}

static bool fails_all(int dir, int why)
{
	static const int common[] = {ENOSPC, EDQUOT, EROFS, EIO, EMFILE, ENFILE, ENOMEM};
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		if (why == common[i])
			return true;
	}
	return !takes_files(dir);
}

/* An action on `file` failed with errno: does this fail all zones, or only this one? */
static int fault(int dir, const char *file, const char *action, struct err *err)
{
	int why = errno;
	struct stat st;
	err_sys(err, "cannot %s %s", action, file);
	if (fails_all(dir, why))
		return -1;
	if (fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ZONEFILE_ODD;
	if (S_ISDIR(st.st_mode))
		err_set(err, "%s in zones_dir is a directory: move it away", file);
	else if (!S_ISREG(st.st_mode))
		err_set(err, "%s in zones_dir is not a regular file: remove it", file);
	else
		err_set(err, "cannot %s %s: %s: check its owner, mode and attributes (lsattr)",
		    action, file, strerror(why));
	return ZONEFILE_ODD;
}

bool zonefile_exists(int dir, const char *file, const char *suffix)
{
	struct stat st;
	return fstatat(dir, with(file, suffix).text, &st, 0) == 0 && S_ISREG(st.st_mode);
}

bool zonefile_is(int dir, const char *file, const struct buf *text)
{
	struct buf old = {0};
	struct stat st;
	bool same = fstatat(dir, file, &st, 0) == 0 && st.st_size == (off_t)text->len &&
		    file_read_regular(dir, file, &old, text->len, NULL) == 0 &&
		    old.len == text->len && memcmp(buf_str(&old), buf_str(text), text->len) == 0;
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
		return fault(dir, tmp.text, "create", err);
	times[0] = times[1] = later_than(dir, file);
	if (file_write_all(*fd, buf_str(text), text->len) == 0 && futimens(*fd, times) == 0)
		return 0;
	int why = errno;
	close(*fd);
	*fd = -1;
	unlinkat(dir, tmp.text, 0);
	errno = why;
	return fault(dir, tmp.text, "write", err);
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

/* For a file with another owner (DirectDNSOnly ran as root), or a file system without links. */
static int copy_good(int dir, const char *file, const char *good, struct err *err)
{
	struct path tmp = with(file, ".copy");
	struct buf text = {0};
	unlinkat(dir, tmp.text, 0);
	int r = 0;
	if (file_read_regular(dir, file, &text, FILE_MAX, NULL) < 0)
		r = fault(dir, file, "read", err);
	else if (file_write_durable(dir, tmp.text, good, 0644, buf_str(&text), text.len, NULL) < 0)
		r = fault(dir, tmp.text, "write", err);
	buf_free(&text);
	return r;
}

/* FILE becomes FILE.good, or FILE.void where there is no FILE.  When one of them is there already,
 * FILE was never proven, and both stay.  `made` is the new one, or "". */
static int keep_good(int dir, const char *file, struct path *made, struct err *err)
{
	struct path good = with(file, ".good"), nothing = with(file, ".void");
	made->text[0] = '\0';
	if (zonefile_exists(dir, file, ".good") || zonefile_exists(dir, file, ".void"))
		return 0;
	if (!zonefile_exists(dir, file, "")) {
		int fd = openat(
		    dir, nothing.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0 || close(fd) < 0)
			return fault(dir, nothing.text, "create", err);
		*made = nothing;
		return 0;
	}
	int r = linkat(dir, file, dir, good.text, 0);
	if (r < 0 && errno == EEXIST) { /* a fifo, a link that leads nowhere */
		unlinkat(dir, good.text, 0);
		r = linkat(dir, file, dir, good.text, 0);
	}
	if (r < 0 && errno == EEXIST)
		return fault(dir, good.text, "replace", err);
	r = r == 0 ? 0 : copy_good(dir, file, good.text, err);
	if (r == 0)
		*made = good;
	return r;
}

int zonefile_install(int dir, const char *file, struct err *err)
{
	struct path tmp = with(file, ".new"), made;
	int r = keep_good(dir, file, &made, err);
	if (r == 0 && renameat(dir, tmp.text, dir, file) < 0) {
		r = fault(dir, file, "replace", err);
		if (made.text[0] != '\0')
			unlinkat(dir, made.text, 0);
	}
	if (r != 0)
		unlinkat(dir, tmp.text, 0);
	return r;
}

int zonefile_restore(int dir, const char *file, struct err *err)
{
	struct path good = with(file, ".good");
	int r = zonefile_stamp(dir, good.text, 0, err);
	if (r == 0 && renameat(dir, good.text, dir, file) < 0)
		r = fault(dir, file, "restore the previous version as", err);
	return r == 0 ? file_sync_dir(dir, "of zone files", err) : r;
}

int zonefile_back(int dir, const char *file, bool *back, bool *gone, struct err *err)
{
	struct path good = with(file, ".good");
	*gone = zonefile_exists(dir, file, ".void");
	*back = *gone || zonefile_exists(dir, file, ".good");
	if (*gone)
		return zonefile_remove(dir, file, err);
	if (!*back)
		return 0;
	int r = zonefile_stamp(dir, good.text, 0, err);
	if (r == 0 && renameat(dir, good.text, dir, file) < 0)
		r = fault(dir, file, "restore the previous version as", err);
	return r;
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
		return fault(dir, file, "touch", err);
	return 0;
}

int zonefile_stamp_old(int dir, const char *file, struct err *err)
{
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	return utimensat(dir, file, times, 0) == 0 ? 0 : fault(dir, file, "touch", err);
}

static int remove_all(
    int dir, const char *file, const char *const *suffixes, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct path path = with(file, suffixes[i]);
		if (unlinkat(dir, path.text, 0) < 0 && errno != ENOENT && errno != ENOTDIR &&
		    errno != EISDIR)
			return fault(dir, path.text, "remove", err);
	}
	return 0;
}

int zonefile_settle(int dir, const char *file, struct err *err)
{
	static const char *const suffixes[] = {".good", ".void"};
	return remove_all(dir, file, suffixes, 2, err);
}

int zonefile_remove(int dir, const char *file, struct err *err)
{
	static const char *const suffixes[] = {"", ".good", ".new", ".copy", ".void"};
	return remove_all(dir, file, suffixes, 5, err);
}

int zonefile_probe(int dir, struct err *err)
{
	char filler[4096] = {0}, name[sizeof(PROBE_FILE) + 16] = PROBE_FILE;
	struct stat st;
	unlinkat(dir, name, 0);
	/* An entry with its name cannot be removed. */
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		snprintf(name, sizeof(name), PROBE_FILE ".%d", (int)getpid());
	int r = file_write_tmp(dir, name, 0600, filler, sizeof(filler), err);
	unlinkat(dir, name, 0);
	return r;
}

void zonefile_path(const char *zones_dir, const char *file, struct buf *out)
{
	buf_addf(out, "%s/%s", zones_dir, file);
}

bool zonefile_name(const char *zone, bool tree, char out[NAME_FILE_SIZE])
{
	bool fits = strlen(zone) + strlen(".db") + SUFFIX_MOST <= NAME_FILE_SIZE - 1;
	if (!tree || !fits)
		name_to_file(zone, out);
	else
		snprintf(out, NAME_FILE_SIZE, "%s.db", zone);
	/* NSD reads a '%' in its configuration as the start of something else. */
	for (char *s = out; tree && (s = strchr(s, '%')) != NULL;)
		*s = '_';
	return !tree || fits;
}

void zonefile_make_dirs(int dir, const char *file)
{
	char path[NAME_FILE_SIZE];
	snprintf(path, sizeof(path), "%s", file);
	for (char *s = strchr(path, '/'); s != NULL; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdirat(dir, path, 0755);
		*s = '/';
	}
}

void zonefile_drop_dirs(int dir, const char *file)
{
	char path[NAME_FILE_SIZE];
	snprintf(path, sizeof(path), "%s", file);
	for (char *slash; (slash = strrchr(path, '/')) != NULL;) {
		*slash = '\0';
		if (unlinkat(dir, path, AT_REMOVEDIR) < 0)
			break;
	}
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
	int r = file_read_regular(dir, with(file, suffix).text, &text, FILE_MAX, err);
	if (r == 0)
		r = zone_parse_rendered(buf_str(&text), text.len, out, err);
	if (r < 0 && text.len > 0 && zonefile_zone(file, zone) == 0)
		r = zone_parse(zone, buf_str(&text), text.len, 0, out, err);
	buf_free(&text);
	return r;
}
