#include "spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "spool/spool_private.h"

#define HEADROOM_US (60 * 1000000ULL) /* how far the fsynced bound runs ahead */
#define BOOT_ID_LEN 36

/* What `order` holds, as one line of fixed length: it is overwritten in place, so a full disk
 * cannot stop it, and it fits in one sector, so a power cut leaves the old or the new line.  It
 * begins with '?' until its bound is known to be on disk. */
struct order {
	uint64_t last;  /* handed out */
	uint64_t bound; /* fsynced; never exceeded by `last` before it was raised and fsynced */
	bool unsure; /* the bound may not be on disk: whoever raised it died, or the disk failed */
	char boot[BOOT_ID_LEN + 1];
};

static int read_order(struct spool *s, struct order *o, struct err *err)
{
	char line[128] = "";
	*o = (struct order){0};
	if (pread(s->order, line, sizeof(line) - 1, 0) < 0)
		return err_sys(err, "cannot read %s/order", s->path);
	/* New, or made anew: no number that can still be seen is handed out again. */
	if (line[0] == '\0' && spool_greatest(s, &o->last, err) < 0)
		return -1;
	o->unsure = line[0] == '?';
	if (line[0] != '\0' && sscanf(line + o->unsure, "%16" SCNu64 " %16" SCNu64 " %36s",
				   &o->last, &o->bound, o->boot) != 3)
		return err_set(err, "%s/order is not of ddo's making", s->path);
	/* After a power cut `last` may be an old one; the bound is not. */
	if (strcmp(o->boot, s->boot) != 0) {
		if (o->last < o->bound)
			o->last = o->bound;
		memcpy(o->boot, s->boot, sizeof(o->boot));
	}
	return 0;
}

static int put_line(struct spool *s, const struct order *o, struct err *err)
{
	char line[128];
	int len = snprintf(line, sizeof(line), "%c%016" PRIu64 " %016" PRIu64 " %-36s\n",
	    o->unsure ? '?' : ' ', o->last, o->bound, o->boot);
	if (pwrite(s->order, line, (size_t)len, 0) != len)
		return err_sys(err, "cannot write %s/order", s->path);
	return 0;
}

/* Nobody goes by a bound that only the page cache has.  After a failed sync the page counts as
 * clean while the disk has the old one, so it is written anew before it is synced again. */
static int write_order(struct spool *s, struct order *o, struct err *err)
{
	if (o->last > o->bound || o->bound == 0) {
		o->bound = o->last + HEADROOM_US;
		o->unsure = true;
	}
	if (o->unsure) {
		if (put_line(s, o, err) < 0)
			return -1;
		if (fdatasync(s->order) < 0)
			return err_sys(err, "cannot sync %s/order", s->path);
		o->unsure = false;
	}
	return put_line(s, o, err);
}

/* flock(2) keeps processes apart, the mutex the threads that share this descriptor. */
static int lock(struct spool *s, int how, struct err *err)
{
	pthread_mutex_lock(&s->mutex);
	while (flock(s->order, how) < 0) {
		if (errno != EINTR) {
			pthread_mutex_unlock(&s->mutex);
			return err_sys(err, "cannot lock %s/order", s->path);
		}
	}
	return 0;
}

static void unlock(struct spool *s)
{
	flock(s->order, LOCK_UN);
	pthread_mutex_unlock(&s->mutex);
}

void spool_name(uint64_t seq, char out[SPOOL_NAME_SIZE])
{
	snprintf(out, SPOOL_NAME_SIZE, "%016" PRIu64, seq);
}

static int write_tmp(
    struct spool *s, const struct job *job, char name[SPOOL_NAME_SIZE], struct err *err)
{
	uint64_t random;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return err_sys(err, "getrandom");
	snprintf(name, SPOOL_NAME_SIZE, "%016" PRIx64, random);
	struct buf text = {0};
	job_render(job, &text);
	struct err why;
	int r = file_write_tmp(s->tmp, name, 0640, text.data, text.len, &why);
	int saved = errno;
	buf_free(&text);
	errno = saved;
	return r < 0 ? err_set(err, "%s/tmp: %s", s->path, why.text) : 0;
}

/* Renames the staged files into new/ in order.  The numbers are on disk in `order` before the first
 * rename: a number that was used is never handed out again, whoever dies in between. */
static int publish(struct spool *s, char (*names)[SPOOL_NAME_SIZE], struct job *jobs, size_t count,
    size_t *renamed, struct err *err)
{
	struct order o;
	if (lock(s, LOCK_EX, err) < 0)
		return -1;
	int r = read_order(s, &o, err);
	if (r == 0) {
		uint64_t now = (uint64_t)clock_wall_us();
		uint64_t first = now > o.last ? now : o.last + 1;
		for (size_t i = 0; i < count; i++)
			jobs[i].seq = first + i;
		o.last = first + count - 1;
		r = write_order(s, &o, err);
	}
	for (size_t i = 0; r == 0 && i < count; i++) {
		char name[SPOOL_NAME_SIZE];
		spool_name(jobs[i].seq, name);
		r = renameat2(s->tmp, names[i], s->new_, name, RENAME_NOREPLACE);
		if (r < 0)
			err_sys(err, "cannot rename into %s/new", s->path);
		else
			(*renamed)++;
	}
	unlock(s);
	return r;
}

int spool_commit(struct spool *s, struct job *jobs, size_t count, struct err *err)
{
	char(*names)[SPOOL_NAME_SIZE] = mem_alloc(count * sizeof(*names));
	size_t staged = 0, renamed = 0;
	int r = 0;
	for (; r == 0 && staged < count; staged += r == 0)
		r = write_tmp(s, &jobs[staged], names[staged], err);
	if (r == 0)
		r = publish(s, names, jobs, count, &renamed, err);
	int saved = errno;
	for (size_t i = renamed; i < staged; i++)
		unlinkat(s->tmp, names[i], 0);
	free(names);
	errno = saved;
	if (r == 0)
		r = file_sync_dir(s->new_, "spool/new", err);
	return r;
}

int spool_raise(struct spool *s, uint64_t seq, struct err *err)
{
	struct order o;
	if (lock(s, LOCK_EX, err) < 0)
		return -1;
	uint64_t greatest = 0;
	int r = spool_greatest(s, &greatest, err);
	if (r == 0)
		r = read_order(s, &o, err);
	if (greatest > seq)
		seq = greatest;
	if (r == 0 && (o.last < seq || o.bound == 0)) {
		if (o.last < seq)
			o.last = seq;
		r = write_order(s, &o, err);
	}
	unlock(s);
	return r;
}

int spool_mark(struct spool *s, uint64_t *mark, struct err *err)
{
	struct order o;
	if (lock(s, LOCK_SH, err) < 0)
		return -1;
	int r = read_order(s, &o, err);
	unlock(s);
	*mark = o.last;
	return r;
}

static int make_dir(int at, const char *path, const char *shown, bool create, struct err *err)
{
	struct stat st;
	bool made = create && mkdirat(at, path, 0770) == 0;
	if (create && !made && errno != EEXIST)
		return err_sys(err, "cannot create %s", shown);
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* What root enqueues is for the group, or ddo-queue could not read it. */
	if (made && fd >= 0 && fstat(fd, &st) == 0)
		(void)!fchmod(fd, (st.st_mode & 0777) | S_ISGID);
	return fd >= 0 ? fd : err_sys(err, "cannot open %s", shown);
}

static void read_boot_id(struct spool *s)
{
	struct buf id = {0};
	if (file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &id, 4096, NULL) == 0 &&
	    id.len >= BOOT_ID_LEN)
		snprintf(s->boot, sizeof(s->boot), "%.*s", BOOT_ID_LEN, id.data);
	else
		snprintf(s->boot, sizeof(s->boot), "unknown");
	buf_free(&id);
}

static int open_order(struct spool *s, bool create, struct err *err)
{
	s->order = openat(s->dir, "order", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (s->order < 0 && errno == ENOENT && create) {
		s->order = openat(s->dir, "order", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
		/* Both users of the spool write it, whatever the umask of the first. */
		if (s->order >= 0)
			(void)!fchmod(s->order, 0660);
	}
	if (s->order < 0)
		return err_sys(err, "cannot open %s/order", s->path);
	return create ? file_sync_dir(s->dir, s->path, err) : 0;
}

int spool_open(struct spool **out, const char *dir, bool create, struct err *err)
{
	struct spool *s = mem_alloc(sizeof(*s));
	s->path = mem_dup(dir);
	s->dir = s->tmp = s->new_ = s->bad = s->order = -1;
	pthread_mutex_init(&s->mutex, NULL);
	read_boot_id(s);
	char shown[4096];
	const char *const names[] = {"tmp", "new", "bad"};
	int *const fds[] = {&s->tmp, &s->new_, &s->bad};
	s->dir = make_dir(AT_FDCWD, dir, dir, create, err);
	bool good = s->dir >= 0;
	for (size_t i = 0; good && i < 3; i++) {
		snprintf(shown, sizeof(shown), "%s/%s", dir, names[i]);
		*fds[i] = make_dir(s->dir, names[i], shown, create, err);
		good = *fds[i] >= 0;
	}
	if (!good || open_order(s, create, err) < 0) {
		spool_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	const int fds[] = {s->dir, s->tmp, s->new_, s->bad, s->order};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	pthread_mutex_destroy(&s->mutex);
	free(s->path);
	free(s);
}
