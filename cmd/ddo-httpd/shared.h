/* shared: the numbers that all ddo-httpd processes of a spool share, in spool/httpd.state.
 *
 * They are failed logins and good ones by address, the length of the queue, and counters for
 * /metrics.  They are hints and may be lost: nothing is synced, and a broken or full disk never
 * fails a request.  The table has a fixed size.  In a full row the address with the fewest failures
 * makes room; addresses with a good login go last.  IPv6 addresses count by /64.  Thread-safe, and
 * safe among processes (flock).  Times are CLOCK_REALTIME; a time in the future counts as unknown.
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

/* Always gives one.  -1: it has no file (err says why), so it forgets at once. */
int shared_open(struct shared **out, const char *spool_dir, struct err *err);
void shared_close(struct shared *s);

void shared_add(struct shared *s, enum shared_count which, uint64_t n);
void shared_read(struct shared *s, uint64_t counts[SHARED_COUNTS]);

/* Failed logins of an address within the last `window_s` seconds.  *left_s: the last of them counts
 * for so long.  An empty address has none. */
unsigned shared_failures(
    struct shared *s, const char *address, unsigned window_s, unsigned *left_s);
/* Counts one more.  False: there are `most`.  *now gets the new number; 0: no address. */
bool shared_fail(
    struct shared *s, const char *address, unsigned window_s, unsigned most, unsigned *now);
/* After a good login: takes `counted` back; if fewer than `lock` are left, takes all back. */
void shared_forget(
    struct shared *s, const char *address, unsigned window_s, unsigned lock, unsigned counted);

/* True when a login from there was good within 30 days; shared_know() notes one. */
bool shared_knows(struct shared *s, const char *address);
void shared_know(struct shared *s, const char *address, unsigned window_s);

/* From a locked address one login may be tried each `pace_ms`, while failures are from `lock` to
 * `most`.  TURN_TAKEN has counted a failure; call shared_give_back() when the login was good. */
enum shared_turn { TURN_TAKEN, TURN_LATER, TURN_NEVER, TURN_FREE /* not locked any more */ };
struct shared_lock {
	unsigned window_s, lock, most, pace_ms;
};
enum shared_turn shared_turn(struct shared *s, const char *address, const struct shared_lock *lock);
void shared_give_back(struct shared *s, const char *address, const struct shared_lock *lock);

/* Takes `n` of the `max` places in the queue; with 0 it only looks whether one is free.  -1: too
 * few are free.  The length is a count of spool/new, at most 1 s old, plus the jobs accepted since.
 * A refusal needs a count that is at most 0.2 s old.  Where counting takes more than a tenth of
 * these times, they are longer. */
int shared_take_place(
    struct shared *s, struct spool *spool, uint64_t n, uint64_t max, struct err *err);

#endif
