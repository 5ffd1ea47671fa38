/* compare: does a target still hold what it confirmed?
 *
 * Due when the machine has booted since, when the target comes back from being down, when the store
 * is an older copy of itself, and every queue.compare_hours.  `ddo-push-KIND list` runs beside the
 * batches, in a process of its own that nothing waits for.  ddo-queue parses its output and
 * compares it with the store in slices of some milliseconds, one each turn of the loop.
 *
 * A list counts only if its program exits with 0 and it ends with a whole line.  compare_walk.c
 * judges only deliveries that were done before the list began and still are.
 *
 *   phase      is left by
 *   RESTING    it is due, and the second in which that was seen is over: LISTING
 *   LISTING    the process ends: PARSING; on failure RESTING, tried again after retry_schedule
 *   PARSING    WALKING, or the same
 *   WALKING    RESTING
 */
#ifndef DDO_QUEUE_COMPARE_H
#define DDO_QUEUE_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/name.h"
#include "process.h"
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
	struct process process; /* of the list */
	int64_t look_at;        /* monotonic ms: when the store is asked whether it is due */
	int64_t since;          /* wall clock seconds: when it was found to be due; 0: it is not */
	const char *why;
	bool returned;     /* the target was down */
	unsigned failures; /* lists that failed in a row */
	int64_t started;   /* wall clock seconds: of the list */
	int64_t began;     /* monotonic ms: of the list */
	struct buf out;
	struct held_list list;
	size_t at; /* in the list */
	char after[NAME_SIZE];
	bool careful; /* the store is an older copy; nothing up to `last` is trusted */
	uint64_t last;
	struct compare_found found;
};

void compare_init(struct compare *c);
/* Kills the list and forgets it.  The comparison begins anew when it is due. */
void compare_stop(struct compare *c);
/* The target has come back from being down. */
int compare_returned(struct queue *q, struct target *t, struct err *err);
void compare_step(struct queue *q, struct target *t);
void compare_read(struct target *t);
int64_t compare_wakeup(const struct queue *q, const struct target *t); /* monotonic ms */
bool compare_busy(const struct target *t);                             /* it is under way */
bool compare_is_due(const struct target *t);                           /* or will be in a moment */

/* compare_walk.c: one slice.  1: there is more, 0: that was all, -1: the store is in trouble. */
int compare_walk(struct queue *q, struct target *t, struct err *err);

#endif
