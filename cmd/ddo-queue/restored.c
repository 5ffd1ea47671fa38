/* restored: notices that the store is an older copy of itself. */
#include "restored.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "queue.h"
#include "store/compare.h"

/* A line of fixed length: it is overwritten in place, so a full disk does not stop it. */
#define LINE "%016" PRIu64 "\n"

/* 0: no number, or it cannot be read. */
static uint64_t read_file(int fd)
{
	char line[32] = "";
	uint64_t seq = 0;
	if (fd < 0 || pread(fd, line, sizeof(line) - 1, 0) < 17 ||
	    sscanf(line, "%16" SCNu64 "\n", &seq) != 1)
		return 0;
	return seq;
}

static void write_file(struct queue *q)
{
	char line[32];
	int len = snprintf(line, sizeof(line), LINE, q->taken);
	if (q->taken_fd >= 0 && pwrite(q->taken_fd, line, (size_t)len, 0) != len)
		msg_debug("cannot write the spool's file taken: %s", strerror(errno));
}

static int stored(struct queue *q, uint64_t *seq, struct err *err)
{
	char value[32] = "";
	int r = store_meta_get(q->store, "taken", value, sizeof(value), err);
	if (r < 0 || store_max_seq(q->store, seq, err) < 0)
		return -1;
	uint64_t kept = r > 0 ? strtoull(value, NULL, 10) : 0;
	if (kept > *seq)
		*seq = kept;
	return 0;
}

/* The transaction may still fail: q->taken is only what is committed. */
int taken_keep(struct queue *q, uint64_t seq, struct err *err)
{
	char value[32];
	snprintf(value, sizeof(value), "%" PRIu64, seq);
	return seq > q->taken ? store_meta_set(q->store, "taken", value, err) : 0;
}

void taken_tell(struct queue *q, uint64_t seq)
{
	if (seq <= q->taken)
		return;
	q->taken = seq;
	write_file(q);
}

static int remember(struct queue *q, uint64_t lost, struct err *err)
{
	char value[64], name[80];
	snprintf(value, sizeof(value), "%" PRId64 " %" PRIu64, clock_wall_s(), lost);
	if (store_meta_set(q->store, "restored", value, err) < 0 || taken_keep(q, lost, err) < 0)
		return -1;
	/* The disabled targets too: they may return. */
	for (size_t i = 0; i < q->conf->ntargets; i++) {
		snprintf(name, sizeof(name), "restored.%s", q->conf->targets[i].name);
		if (store_meta_set(q->store, name, "1", err) < 0)
			return -1;
	}
	return 0;
}

int restored_check(struct queue *q, struct err *err)
{
	char path[4096], here[32], there[32];
	uint64_t seq = 0;
	snprintf(path, sizeof(path), "%s/taken", q->conf->spool_dir);
	q->taken_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (q->taken_fd < 0)
		msg_warn("cannot open %s, so ddo-queue cannot notice a restored store: %s", path,
		    strerror(errno));
	if (stored(q, &seq, err) < 0)
		return -1;
	q->taken = seq;
	uint64_t outside = read_file(q->taken_fd);
	if (outside <= seq) {
		if (seq > 0)
			write_file(q);
		return 0;
	}
	clock_rfc3339((int64_t)(seq / 1000000), here);
	clock_rfc3339((int64_t)(outside / 1000000), there);
	msg_error(
	    "the store is an older copy: its last job is of %s, but ddo-queue has taken one of %s. "
	    "Each target is compared before it is sent anything older; what only "
	    "DirectAdmin can decide is held for ddo-reconcile, see ddo-status",
	    seq == 0 ? "never" : here, there);
	if (store_begin(q->store, err) < 0 || remember(q, outside, err) < 0 ||
	    store_commit(q->store, err) < 0) {
		store_rollback(q->store);
		return -1;
	}
	q->taken = outside;
	return 0;
}

int restored_join(struct queue *q, const char *target, struct err *err)
{
	struct store_restored restored;
	size_t count = 0;
	int waits = store_restored_waits(q->store, target, err);
	if (waits <= 0)
		return waits;
	if (store_restored(q->store, &restored, err) < 0 ||
	    store_hold_all(q->store, target, restored.last, &count, err) < 0)
		return -1;
	if (count > 0)
		msg_warn("%s: %zu deliveries of the older copy wait until it is compared", target,
		    count);
	return 0;
}
