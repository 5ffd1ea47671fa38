/* compare: a target's deliveries beside what it lists, and the deliveries that are held.
 *
 * ddo-queue holds a delivery when sending the store's text could do harm: the target has something
 * newer, or the store is an older copy of itself.  The state of a held delivery is `refused`, its
 * error begins with STORE_HELD, and its zone is `wanted`, so that ddo-reconcile fetches
 * DirectAdmin's text.
 *
 * The table meta has what is one for the whole store:
 *   taken            the greatest job number that was ever taken
 *   restored         "SECONDS NUMBER": since when this store is known to be an older copy, and the
 *                    last job number of the lost one: no generation up to it is trusted
 *   restored.TARGET  ddo-queue has not compared the target since
 *   compared.TARGET  what the last comparison found, as JSON
 */
#ifndef DDO_STORE_COMPARE_H
#define DDO_STORE_COMPARE_H

#include "store/store.h"

#define STORE_HELD "held: "

/* 1: it is there, 0: it is not, -1. */
int store_meta_get(struct store *st, const char *name, char *value, size_t size, struct err *err);
/* A NULL value forgets the name. */
int store_meta_set(struct store *st, const char *name, const char *value, struct err *err);

/* When the target was last compared, in seconds since the epoch, and the boot then.  0: never, or
 * it is to be compared now. */
int store_compared(
    struct store *st, const char *target, int64_t *when, char boot[40], struct err *err);
int store_set_compared(
    struct store *st, const char *target, int64_t when, const char *boot, struct err *err);
/* Targets that are not in the JSON array `targets` are to be compared when they return. */
int store_compared_only(struct store *st, const char *targets, struct err *err);
/* Did the target ever confirm anything?  1, 0, -1. */
int store_confirmed_any(struct store *st, const char *target, struct err *err);

struct store_compared_row {
	char zone[NAME_SIZE];
	uint64_t generation;
	bool deleted, wanted;
	uint32_t serial;
	char digest[DIGEST_HEX_SIZE];
	bool done;  /* confirmed before `started`, and still is */
	bool first; /* held by store_hold_all() */
};

/* The next deliveries of the target behind the zone `after`, in the order of names. */
int store_compare_rows(struct store *st, const char *target, const char *after, int64_t started,
    struct store_compared_row *rows, size_t most, size_t *count, struct err *err);

/* Makes the zone due again, behind what was pushed. */
int store_send_again(struct store *st, const char *target, const char *zone, struct err *err);
/* Holds one delivery. */
int store_hold(
    struct store *st, const char *target, const char *zone, const char *reason, struct err *err);
/* Holds all that waits with a generation up to `last`, until ddo-queue has compared the target. */
int store_hold_all(
    struct store *st, const char *target, uint64_t last, size_t *count, struct err *err);
/* How many deliveries are held. */
int store_count_held(struct store *st, size_t *count, struct err *err);
/* An operator said that the store is right: the zones held there, one or all (""), are no longer
 * wanted. */
int store_release(struct store *st, const char *target, const char *zone, struct err *err);

struct store_restored {
	int64_t when; /* seconds since the epoch; 0: the store is no older copy */
	uint64_t last;
};
int store_restored(struct store *st, struct store_restored *out, struct err *err);
/* Does this target still wait for its comparison since?  1, 0, -1. */
int store_restored_waits(struct store *st, const char *target, struct err *err);
/* Calls `take` for each target that waits, in the order of names. */
int store_each_restored(
    struct store *st, void (*take)(void *arg, const char *target), void *arg, struct err *err);

#endif
