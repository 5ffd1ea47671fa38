/* refusal: zones whose newest push was refused.
 *
 * There is one refusal a zone: a newer one replaces it, and an accepted push or a run that finds it
 * pointless ends it.  Their number is bounded whatever is pushed; the oldest go first.  A refusal
 * may hold the refused text for `ddo-enqueue allow`.
 */
#ifndef DDO_STORE_REFUSAL_H
#define DDO_STORE_REFUSAL_H

#include "store/store.h"

#define STORE_REFUSALS_UNKNOWN 1000 /* of zones that the store does not have */
#define STORE_HELD_MOST 1000        /* texts that are held, and their bytes */
#define STORE_HELD_BYTES ((size_t)64 << 20)

struct store_refusal {
	char zone[NAME_SIZE];
	uint64_t seq; /* of the job; microseconds since the epoch */
	bool known;   /* the store has the zone */
	char origin[NAME_SIZE];
	char user[65];
	char client[64];
	char reason[JOB_REASON_SIZE];
	size_t held; /* bytes of the text that an operator may still allow; 0: none */
};

/* Replaces an older refusal of the zone.  `held` may be NULL. */
int store_refuse(struct store *st, const struct store_refusal *r, const char *held, size_t held_len,
    struct err *err);
/* 1: there is one, 0, -1.  `held` (may be NULL) gets the text. */
int store_refusal(struct store *st, const char *zone, struct store_refusal *out, struct buf *held,
    struct err *err);
/* Calls `take` for each refusal, the newest first; `most` of them, 0: all. */
int store_each_refusal(struct store *st, size_t most,
    void (*take)(void *arg, const struct store_refusal *r), void *arg, struct err *err);
/* How many there are, and how many of them hold a text. */
int store_count_refusals(struct store *st, size_t *count, size_t *held, struct err *err);
/* The job `seq` makes an older refusal pointless. */
int store_refusal_end(struct store *st, const char *zone, uint64_t seq, struct err *err);

#endif
