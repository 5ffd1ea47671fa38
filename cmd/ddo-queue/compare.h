/* compare: does a target still hold what it confirmed?
 *
 * Asked when the machine has booted since, when the target comes back from being down, when the
 * store is an older copy of itself, and every queue.compare_hours.  `ddo-push-KIND list` runs
 * beside the batches, in a process of its own that nothing waits for; its output is parsed and
 * compared with the store in slices of some milliseconds, one a turn of the loop.
 *
 * A list counts only when its program ended with 0 and a whole line, and only deliveries that were
 * done before it began and still are when they are looked at are judged (compare_walk.c).
 *
 *   phase      is left by
 *   RESTING    it is due, and the second in which that was seen is over: LISTING
 *   LISTING    the process ends: PARSING, or RESTING and tried again after retry_schedule
 *   PARSING    WALKING, or the same
 *   WALKING    RESTING
 */
#ifndef DDO_COMPARE_H
#define DDO_COMPARE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/child.h"
#include "dns/name.h"
#include "push/held.h"

struct queue;
struct target;

enum compare_phase { COMPARE_RESTING, COMPARE_LISTING, COMPARE_PARSING, COMPARE_WALKING };

struct compare_found {
	size_t good, again, ghosts, held, unknown;
	struct buf names, held_names; /* the first of them */
};

struct compare {
	enum compare_phase phase;
	struct child child; /* pid -1: none */
	int64_t look_at;    /* monotonic ms: when the store is asked whether it is time */
	int64_t since;      /* wall clock seconds: when it was found to be due; 0: it is not */
	const char *why;
	bool returned;     /* it was down */
	unsigned failures; /* lists that failed in a row */
	int64_t started;   /* wall clock seconds: of the list */
	int64_t began;     /* monotonic ms: the list */
	int64_t deadline;  /* monotonic ms: of the list */
	bool late;
	struct buf out, noise;
	struct held_list list;
	size_t at; /* in the list */
	char after[NAME_SIZE];
	bool careful; /* the store is an older copy; nothing up to `last` is trusted */
	uint64_t last;
	struct compare_found found;
};

#define COMPARE_FDS 2

void compare_init(struct compare *c);
void compare_stop(struct compare *c); /* kills, forgets; it will begin anew when it is due */
/* The target has come back from being down. */
int compare_returned(struct queue *q, struct target *t, struct err *err);
void compare_step(struct queue *q, struct target *t);
void compare_fds(const struct target *t, struct pollfd p[COMPARE_FDS]);
void compare_read(struct target *t);
int64_t compare_wakeup(const struct queue *q, const struct target *t); /* monotonic ms */
bool compare_works(const struct target *t);                            /* something is under way */
bool compare_is_due(const struct target *t);                           /* or will be in a moment */

/* compare_walk.c: one slice.  1: there is more, 0: that was all, -1: the store is in trouble. */
int compare_walk(struct queue *q, struct target *t, struct err *err);

/* restored.c: is the store an older copy of itself?
 *
 * The greatest job number ever taken is kept in the store, and in the spool's file `taken`, which
 * is written after the commit and never synced: so the file may be behind the store, and is ahead
 * of it only when the store lost what it had.  Call restored_check() once, after the store is
 * opened and before targets are; the others in each transaction that takes jobs, and behind it. */
int restored_check(struct queue *q, struct err *err);
/* A target appears: what waits for it in an older copy waits until it was compared. */
int restored_join(struct queue *q, const char *target, struct err *err);
int taken_keep(struct queue *q, uint64_t seq, struct err *err);
void taken_tell(struct queue *q, uint64_t seq);

#endif
