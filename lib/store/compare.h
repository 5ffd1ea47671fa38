/* store_compare: a target's deliveries beside what it lists, and what is held.
 *
 * A delivery is held when sending the store's text could do harm: the target has something newer,
 * or the store is an older copy of itself.  Its state is `refused`, its error begins with
 * STORE_HELD, and its zone is `wanted`, so that ddo-reconcile fetches DirectAdmin's text.
 *
 * The table meta has what is one for the whole store:
 *   taken            the greatest job number that was ever taken
 *   restored         "SECONDS NUMBER": since when this store is known to be an older copy, and what
 *                    the number of the lost one was: no generation up to it is trusted
 *   restored.TARGET  the target was not compared since
 *   compared.TARGET  what the last comparison found, as JSON
 */
#ifndef DDO_STORE_COMPARE_H
#define DDO_STORE_COMPARE_H

#include "store/store.h"

#define STORE_HELD "held: "

/* 1: there, 0: not, -1. */
int store_meta_get(struct store *st, const char *name, char *value, size_t size, struct err *err);
int store_meta_set(
    struct store *st, const char *name, const char *value, struct err *err); /* NULL: forget it */

/* When the target was compared last (0: never, or it is to be compared now), and the boot then. */
int store_compared(
    struct store *st, const char *target, int64_t *when, char boot[40], struct err *err);
int store_set_compared(
    struct store *st, const char *target, int64_t when, const char *boot, struct err *err);
/* Did the target ever confirm anything?  1, 0, -1. */
int store_confirmed_any(struct store *st, const char *target, struct err *err);

struct store_compared_row {
	char zone[NAME_SIZE];
	uint64_t generation;
	bool deleted, wanted;
	uint32_t serial;
	char digest[DIGEST_HEX_SIZE];
	bool done;  /* it was so before `started`, and is */
	bool first; /* held by store_hold_all() */
};

/* The next deliveries of the target, in the order of names: those behind `after`. */
int store_compare_rows(struct store *st, const char *target, const char *after, int64_t started,
    struct store_compared_row *rows, size_t most, size_t *count, struct err *err);

/* Sends the zone again, behind what was pushed. */
int store_send_again(struct store *st, const char *target, const char *zone, struct err *err);
int store_hold(
    struct store *st, const char *target, const char *zone, const char *reason, struct err *err);
/* Holds all that waits and is not younger than `mark`, until the target was compared. */
int store_hold_all(
    struct store *st, const char *target, uint64_t mark, size_t *count, struct err *err);
/* Somebody said that the store is right: zones held there, one or all (""), are no longer wanted.
 */
int store_release(struct store *st, const char *target, const char *zone, struct err *err);

struct store_restored {
	int64_t when; /* seconds since the epoch; 0: it is no older copy */
	uint64_t mark;
};
int store_restored(struct store *st, struct store_restored *out, struct err *err);
/* Is this target still to be compared since?  1, 0, -1. */
int store_restored_waits(struct store *st, const char *target, struct err *err);

#endif
