/* shared: the numbers that all ddo-httpd processes of one spool share, in spool/httpd.state.
 *
 * Failed logins by address, how many jobs wait, and counters for /metrics.  They are hints that may
 * be lost: nothing here is synced, an unreadable or full disk makes it forget and never fails a
 * request.  A table of fixed size; where an address finds no place, the one with the fewest
 * failures in its row makes room.  IPv6 addresses count by /64.  Thread-safe, and safe among
 * processes (flock).  Times are CLOCK_REALTIME; one that lies in the future is no longer believed.
 */
#ifndef DDO_SHARED_H
#define DDO_SHARED_H

#include <stdint.h>

#include "err.h"
#include "spool.h"

enum shared_count {
	COUNT_ACCEPTED,
	COUNT_REFUSED,
	COUNT_FAILED,
	COUNT_LOGIN_FAILED,
	COUNT_LOCKED_OUT,
	SHARED_COUNTS
};

struct shared;

/* Always gives one; one without a file, with err filled in, when there is none to be had (-1). */
int shared_open(struct shared **out, const char *spool_dir, struct err *err);
void shared_close(struct shared *s);

void shared_add(struct shared *s, enum shared_count which, uint64_t n);
void shared_read(struct shared *s, uint64_t counts[SHARED_COUNTS]);

/* Failed logins of an address within the last `window_s` seconds; *left_s gets how long the last of
 * them will count.  An empty address has none. */
unsigned shared_failures(
    struct shared *s, const char *address, unsigned window_s, unsigned *left_s);
unsigned shared_fail(struct shared *s, const char *address, unsigned window_s); /* one more */
void shared_forget(struct shared *s, const char *address);

/* Takes `n` places of `max` in the queue; with 0 only looks whether there is one.  -1: so many
 * there are not.  The count is what spool/new held up to a second ago, and what was accepted since;
 * before it says no, it counts anew. */
int shared_take_place(
    struct shared *s, struct spool *spool, uint64_t n, uint64_t max, struct err *err);

#endif
