/* order: the numbers that make the order of acceptance, and the lock under which they are given. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "spool/spool_private.h"

#define HEADROOM_US (60 * 1000000ULL) /* how far the fsynced bound is ahead of the last number */

/* `order` holds this as one line of fixed length.  It is overwritten in place, so a full disk
 * cannot stop it, and it fits in one sector, so a power cut leaves the old or the new line.  The
 * line begins with '?' until its bound is known to be on disk. */
struct order {
	uint64_t last;  /* handed out */
	uint64_t bound; /* fsynced; `last` exceeds it only after it was raised and fsynced */
	bool unsure;    /* the bound may not be on disk: its writer died, or the disk failed */
	char boot[SPOOL_BOOT_SIZE];
};

static int read_order(struct spool *s, struct order *o, struct err *err)
{
	char line[128] = "";
	struct spool_listing listing;
	*o = (struct order){0};
	if (pread(s->order, line, sizeof(line) - 1, 0) < 0)
		return err_sys(err, "cannot read %s/order", s->path);
	/* A new `order`, or a lost one: no number that new/ still shows may be used again. */
	if (line[0] == '\0') {
		if (spool_survey(s->new_, "spool/new", &listing, err) < 0)
			return -1;
		o->last = listing.greatest;
	}
	o->unsure = line[0] == '?';
	if (line[0] != '\0' && sscanf(line + o->unsure, "%16" SCNu64 " %16" SCNu64 " %36s",
				   &o->last, &o->bound, o->boot) != 3)
		return err_set(err, "%s/order was not written by ddo", s->path);
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

/* No number relies on a bound that only the page cache has.  After a failed sync the kernel counts
 * the page as clean although the disk has the old one, so it is rewritten before the next sync. */
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

int order_lock(struct spool *s, struct err *err)
{
	return lock(s, LOCK_EX, err);
}

void order_unlock(struct spool *s)
{
	flock(s->order, LOCK_UN);
	pthread_mutex_unlock(&s->mutex);
}

int order_next(struct spool *s, size_t count, uint64_t *first, struct err *err)
{
	struct order o;
	if (read_order(s, &o, err) < 0)
		return -1;
	uint64_t now = (uint64_t)clock_wall_us();
	*first = now > o.last ? now : o.last + 1;
	o.last = *first + count - 1;
	return write_order(s, &o, err);
}

int spool_raise(struct spool *s, uint64_t seq, struct err *err)
{
	struct order o;
	struct spool_listing listing = {0};
	if (lock(s, LOCK_EX, err) < 0)
		return -1;
	int r = spool_survey(s->new_, "spool/new", &listing, err);
	if (r == 0)
		r = read_order(s, &o, err);
	if (listing.greatest > seq)
		seq = listing.greatest;
	if (r == 0 && (o.last < seq || o.bound == 0)) {
		if (o.last < seq)
			o.last = seq;
		r = write_order(s, &o, err);
	}
	order_unlock(s);
	return r;
}

int spool_last(struct spool *s, uint64_t *last, struct err *err)
{
	struct order o;
	if (lock(s, LOCK_SH, err) < 0)
		return -1;
	int r = read_order(s, &o, err);
	order_unlock(s);
	*last = o.last;
	return r;
}

static void read_boot_id(struct spool *s)
{
	struct buf id = {0};
	size_t len = sizeof(s->boot) - 1;
	if (file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &id, 4096, NULL) == 0 &&
	    id.len >= len)
		snprintf(s->boot, sizeof(s->boot), "%.*s", (int)len, id.data);
	else
		snprintf(s->boot, sizeof(s->boot), "unknown");
	buf_free(&id);
}

int order_open(struct spool *s, bool create, struct err *err)
{
	read_boot_id(s);
	s->order = openat(s->dir, "order", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (s->order < 0 && errno == ENOENT && create) {
		s->order = openat(s->dir, "order", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
		/* Both users of the spool write it, whatever umask its creator has. */
		if (s->order >= 0)
			(void)!fchmod(s->order, 0660);
	}
	if (s->order < 0)
		return err_sys(err, "cannot open %s/order", s->path);
	return create ? file_sync_dir(s->dir, s->path, err) : 0;
}
