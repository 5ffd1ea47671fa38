/* scan: the runner's side: listing, loading, finishing and rejecting jobs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "spool/spool_private.h"

#define JOB_MAX ((size_t)1 << 30)

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

int spool_scan(struct spool *s, uint64_t **seqs, size_t *count, struct err *err)
{
	uint64_t last;
	*seqs = NULL;
	*count = 0;
	/* readdir(3) is no snapshot: it may show a late rename and miss an earlier one.  It surely
	 * shows what was renamed before `last` was read; the rest waits for the next scan. */
	if (spool_last(s, &last, err) < 0)
		return -1;
	DIR *d = spool_list(s->new_, "spool/new", err);
	if (d == NULL)
		return -1;
	size_t cap = 0;
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		uint64_t seq = spool_number(e->d_name);
		if (seq == 0) /* not a job, but ddo throws nothing away */
			renameat(s->new_, e->d_name, s->bad, e->d_name);
		if (seq == 0 || seq > last)
			continue;
		if (*count == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			*seqs = mem_resize(*seqs, cap, sizeof(**seqs));
		}
		(*seqs)[(*count)++] = seq;
	}
	closedir(d);
	if (*count > 0)
		qsort(*seqs, *count, sizeof(**seqs), compare);
	return 0;
}

int spool_reject(struct spool *s, uint64_t seq, struct err *err)
{
	char name[SPOOL_NAME_SIZE];
	spool_name(seq, name);
	if (renameat(s->new_, name, s->bad, name) < 0 && errno != ENOENT)
		return err_sys(err, "cannot move %s/new/%s to bad", s->path, name);
	return 0;
}

int spool_load(struct spool *s, uint64_t seq, struct job *job, struct err *err)
{
	char name[SPOOL_NAME_SIZE];
	spool_name(seq, name);
	struct buf data = {0};
	*job = (struct job){0};
	struct err why;
	if (file_read(s->new_, name, &data, JOB_MAX, &why) < 0) {
		bool large = errno == EFBIG;
		buf_free(&data);
		if (!large)
			return err_set(err, "spool/new: %s", why.text);
		if (spool_reject(s, seq, err) < 0)
			return -1;
		err_set(err, "job %s is too large and was moved to bad/", name);
		return 1;
	}
	int r = job_parse(job, buf_str(&data), data.len, &why);
	buf_free(&data);
	job->seq = seq;
	if (r == 0)
		return 0;
	job_free(job);
	if (spool_reject(s, seq, err) < 0)
		return -1;
	err_set(err, "job %s is unreadable and was moved to bad/: %s", name, why.text);
	return 1;
}

int spool_done(struct spool *s, uint64_t seq, struct err *err)
{
	char name[SPOOL_NAME_SIZE];
	spool_name(seq, name);
	if (unlinkat(s->new_, name, 0) < 0 && errno != ENOENT)
		return err_sys(err, "cannot unlink %s/new/%s", s->path, name);
	return 0;
}

int spool_clean(struct spool *s, unsigned age, struct err *err)
{
	DIR *d = spool_list(s->tmp, "spool/tmp", err);
	if (d == NULL)
		return -1;
	int64_t now = clock_wall_s();
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		struct stat st;
		if (e->d_name[0] != '.' &&
		    fstatat(s->tmp, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_mtime + (int64_t)age < now)
			unlinkat(s->tmp, e->d_name, 0);
	}
	closedir(d);
	return 0;
}

int spool_count(struct spool *s, size_t *in_new, size_t *in_bad, uint64_t *oldest, struct err *err)
{
	struct spool_listing fresh, bad;
	if (spool_survey(s->new_, "spool/new", &fresh, err) < 0 ||
	    spool_survey(s->bad, "spool/bad", &bad, err) < 0)
		return -1;
	*in_new = fresh.count;
	*oldest = fresh.least;
	*in_bad = bad.count;
	return 0;
}

int spool_watch(struct spool *s, struct err *err)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->new_);
	if (fd < 0 || inotify_add_watch(fd, path, IN_MOVED_TO) < 0) {
		err_sys(err, "cannot watch %s/new", s->path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}
