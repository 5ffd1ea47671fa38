/* delivery: what each target has confirmed of each zone, what it still has to get, and targets.
 *
 * A delivery is a row a target and zone.  It becomes due when the zone's generation changes
 * (store_make_due()), goes out with store_due(), and ends in one of store_confirm(), store_fail()
 * or store_suspect(), each with the generation that was sent: an answer about an older generation
 * changes nothing but what the target confirmed.  Call these functions in a transaction.
 *
 * Times are seconds since the epoch.  The column `next` says when an attempt is due (0: at once,
 * NULL: never).  Below 1,000,000 it is a place in the line of those that are due at once, behind
 * what never failed.  A list of deliveries is for store_due_free().
 */
#ifndef DDO_STORE_DELIVERY_H
#define DDO_STORE_DELIVERY_H

#include "store/store.h"

enum delivery_state {
	DELIVERY_DONE,     /* confirmed: the target serves this generation */
	DELIVERY_DUE,      /* to be delivered at `next` */
	DELIVERY_DEFERRED, /* failed, will be tried again at `next` */
	DELIVERY_PARKED,   /* failed too often; waits for a newer push, --retry or ddo-reconcile */
	DELIVERY_REFUSED,  /* the target will never take these bytes; waits likewise */
	DELIVERY_STATES
};

/* The word for it, in the store and for readers, and back.  A word that is none means due. */
const char *store_state_word(enum delivery_state state);
enum delivery_state store_state_of(const char *word);

struct delivery {
	char zone[NAME_SIZE];
	uint64_t generation; /* of the zone now */
	bool deleted;
	unsigned attempts; /* failed ones since the generation changed */
	unsigned alone;
	struct buf text;
};

/* deliveries.alone: how much company a delivery may have, until it is confirmed.  Each step means
 * an eighth of a whole batch. */
#define ALONE_SUSPECT 21 /* none: a batch with it broke off, or took the server down */
#define ALONE_GUILTY 22  /* it did so alone: quarantined */

/* Adds the missing rows of a target (new, enabled again) and makes due what it has not confirmed,
 * unless it was tried and failed.  *due counts rows made due. */
int store_sync_target(struct store *st, const char *target, size_t *due, struct err *err);

/* Makes `zone` due at once on `target`, and forgets its failed attempts. */
int store_make_due(struct store *st, const char *target, const char *zone, struct err *err);
/* Makes what failed due again, of one zone or all (""). */
enum store_rearm {
	REARM_FAILED,  /* deferred and parked ones */
	REARM_REFUSED, /* and refused ones */
	REARM_ALL      /* and quarantined ones */
};
int store_rearm(struct store *st, const char *target, const char *zone, enum store_rearm which,
    size_t *count, struct err *err);

/* The due deliveries of a target that go out together: at most max_count, and no more after
 * max_bytes of text.  Those that never failed come first.  Each failed attempt leaves a delivery an
 * eighth of its company; in its `last` attempt, and as a suspect, it goes alone.  That finds the
 * zone that fails or breaks its whole batch. */
int store_due(struct store *st, const char *target, int64_t now, size_t max_count, size_t max_bytes,
    unsigned last, struct delivery **list, size_t *count, struct err *err);
void store_due_free(struct delivery *list, size_t count);
/* When the next one is due; INT64_MAX: never. */
int store_next_due(struct store *st, const char *target, int64_t *when, struct err *err);
/* How many zones the target holds, by what it confirmed. */
int store_held(struct store *st, const char *target, size_t *count, struct err *err);

/* The target confirmed `generation` of the zone: done, unless the zone has a newer one by now. */
int store_confirm(
    struct store *st, const char *target, const char *zone, uint64_t generation, struct err *err);
/* An attempt at `generation` failed.  Does nothing when the zone has a newer one by now. */
int store_fail(struct store *st, const char *target, const char *zone, uint64_t generation,
    enum delivery_state state, int64_t next, const char *reason, struct err *err);
/* An attempt at `generation` ended without an answer: it stays due, behind what never failed, with
 * this deliveries.alone.  Does nothing when the zone has a newer generation by now. */
int store_suspect(struct store *st, const char *target, const char *zone, uint64_t generation,
    unsigned alone, struct err *err);
/* Its state, and when that changed. 1, 0: no row, -1. */
int store_delivery_state(struct store *st, const char *target, const char *zone,
    enum delivery_state *state, int64_t *changed, struct err *err);
/* Makes due what is deferred by more than `most` seconds: the clock has stepped back. */
int store_clamp(struct store *st, int64_t now, int64_t most, struct err *err);

/* Seconds from acceptance to confirmation, as a histogram that store_confirm() keeps. */
#define STORE_LATENCY_BOUNDS 16
extern const double store_latency_bounds[STORE_LATENCY_BOUNDS];
struct store_latency {
	uint64_t count[STORE_LATENCY_BOUNDS + 1]; /* up to each bound and above the one before; the
						     last: above all */
	double sum;
};
int store_latency(struct store *st, const char *target, struct store_latency *out, struct err *err);

struct store_target {
	char name[65];
	bool down;
	int64_t since; /* down since, seconds since the epoch */
	int64_t next_probe;
	unsigned step; /* probes that failed in this outage */
	char reason[512];
};

int store_target_get(
    struct store *st, const char *name, struct store_target *out, struct err *err); /* 1, 0, -1 */
int store_target_set(struct store *st, const struct store_target *t, struct err *err);

#endif
