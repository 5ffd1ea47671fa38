/* shared: the numbers that all ddo-httpd processes of one spool share, in spool/httpd.state.
 *
 * Failed logins and the last good one by address, how many jobs wait, and counters for /metrics.
 * They are hints that may be lost: nothing here is synced, an unreadable or full disk makes it
 * forget and never fails a request.  A table of fixed size; where an address finds no place, the
 * one with the fewest failures in its row makes room, but one that logged in last.  IPv6 addresses
 * count by /64.  Thread-safe, and safe among processes (flock).  Times are CLOCK_REALTIME; one that
 * lies in the future is no longer believed.
 */
#ifndef DDO_SHARED_H
#define DDO_SHARED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "spool/spool.h"

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
/* One more, unless there are `most`: then false.  *now gets how many there are; 0: an address that
 * has none. */
bool shared_fail(
    struct shared *s, const char *address, unsigned window_s, unsigned most, unsigned *now);
/* After a good login: takes `counted` back, and the others too when there are fewer than `lock`. */
void shared_forget(
    struct shared *s, const char *address, unsigned window_s, unsigned lock, unsigned counted);

/* Has somebody logged in from there within 30 days?  shared_know() says so. */
bool shared_knows(struct shared *s, const char *address);
void shared_know(struct shared *s, const char *address, unsigned window_s);

/* Whose turn it is to try from a locked address: one each `pace_ms`, as failures from `lock` on to
 * `most`.  TURN_TAKEN counted one; shared_give_back() when it was none. */
enum shared_turn { TURN_TAKEN, TURN_LATER, TURN_NEVER, TURN_FREE /* no longer locked */ };
struct shared_lock {
	unsigned window_s, lock, most, pace_ms;
};
enum shared_turn shared_turn(struct shared *s, const char *address, const struct shared_lock *lock);
void shared_give_back(struct shared *s, const char *address, const struct shared_lock *lock);

/* Takes `n` places of `max` in the queue; with 0 only looks whether there is one.  -1: so many
 * there are not.  The count is what spool/new held up to a second ago, and what was accepted since;
 * it says no by one that is at most 0.2 s old.  Both times are longer where counting takes more
 * than a tenth of them. */
int shared_take_place(
    struct shared *s, struct spool *spool, uint64_t n, uint64_t max, struct err *err);

#endif
