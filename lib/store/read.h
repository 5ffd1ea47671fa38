/* read: what ddo-status, ddo-httpd and ddo-reconcile read of many zones or deliveries.
 *
 * A store_each_*() calls `take` once a row; the row and its strings are valid during that call
 * only. `take` may ask the store about one zone, but must not start the same walk again.  Walks
 * return 0, or -1 with err.
 *
 * store_read_begin() and store_read_end() make several of them see the same moment.
 *
 * Times are seconds since the epoch; generation and seq are microseconds.
 */
#ifndef DDO_STORE_READ_H
#define DDO_STORE_READ_H

#include "store/delivery.h"

int store_read_begin(struct store *st, struct err *err);
void store_read_end(struct store *st);

struct store_zone_row {
	const char *name;
	uint64_t seq, generation;
	uint32_t serial;
	bool deleted, wanted;
	const char *digest; /* hexadecimal; "" without a text */
	const char *origin;
};
/* Each zone that the store has, in no order. */
int store_each_zone(struct store *st, void (*take)(void *arg, const struct store_zone_row *row),
    void *arg, struct err *err);
/* How many zones are not deleted. */
int store_count_zones(struct store *st, size_t *count, struct err *err);
/* The least seq of all zones; 0: the store has none. */
int store_min_seq(struct store *st, uint64_t *seq, struct err *err);

struct store_delivery_row {
	const char *target, *zone;
	enum delivery_state state;
	uint64_t confirmed; /* generation; 0: never */
	unsigned attempts;
	int64_t next, changed;
	const char *error;
};
/* Each target's delivery of one zone, in the order of targets. */
int store_each_delivery(struct store *st, const char *zone,
    void (*take)(void *arg, const struct store_delivery_row *row), void *arg, struct err *err);
/* The target's deliveries that have an error, `most` of them, the latest first. */
int store_each_failure(struct store *st, const char *target, size_t most,
    void (*take)(void *arg, const struct store_delivery_row *row), void *arg, struct err *err);
/* The state of each delivery of a target, in the order of zones. */
int store_each_state(struct store *st, const char *target,
    void (*take)(void *arg, const char *zone, enum delivery_state state), void *arg,
    struct err *err);

struct store_counts {
	size_t of[DELIVERY_STATES]; /* of those that are done only live zones */
	uint64_t oldest;            /* the least generation of what is not done; 0: all is done */
};
int store_count_deliveries(
    struct store *st, const char *target, struct store_counts *out, struct err *err);

/* Each live zone whose text has RRSIG somewhere. */
int store_each_signed(struct store *st,
    void (*take)(void *arg, const char *zone, const char *text, size_t len), void *arg,
    struct err *err);
/* Each live zone whose serial went backwards: its serial before, and when that was. */
int store_each_backwards(struct store *st,
    void (*take)(void *arg, const char *zone, uint32_t serial, int64_t since), void *arg,
    struct err *err);

#endif
