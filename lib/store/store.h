/* store: zones.db, what every target should serve and what it has confirmed (ddo(7), INTERNALS.md).
 *
 * SQLite in WAL mode with synchronous=FULL: what store_commit() returned 0 for survives a power
 * cut. Only ddo-queue opens it STORE_WRITE; everybody else STORE_READ, which never creates or
 * changes the file (a missing one is an error with errno ENOENT).  The WAL and its index stay on
 * disk after the writer closes (SQLITE_FCNTL_PERSIST_WAL), so that readers without write permission
 * can open it.
 *
 * zones.generation is the place in the order of acceptance (job.seq, microseconds) of the job that
 * last changed the zone; zones.seq that of the last accepted one, changed or not.  deliveries.next
 * is when an attempt is due (seconds since the epoch, 0 at once), NULL when nothing is to be done.
 *
 * A struct store belongs to one thread at a time.  Strings in results are copies inside the struct.
 */
#ifndef DDO_STORE_H
#define DDO_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "dns/name.h"
#include "spool/job.h"

enum store_mode { STORE_READ, STORE_WRITE };

struct store;

int store_open(struct store **out, const char *path, enum store_mode mode, struct err *err);
void store_close(struct store *st);
sqlite3 *store_db(struct store *st); /* for others' own queries */

int store_begin(struct store *st, struct err *err);
int store_commit(struct store *st, struct err *err);
void store_rollback(struct store *st);

struct store_zone {
	char name[NAME_SIZE];
	uint64_t generation;
	uint64_t seq;
	bool deleted;
	bool wanted;     /* the origin says it exists, its text is still to be pulled */
	uint32_t serial; /* 0 when there is no text */
	char digest[DIGEST_HEX_SIZE];
	char origin[NAME_SIZE];
	char user[65];
	char client[64];
	char accepted[40];
	char note[256]; /* the last thing worth telling: a refused delete, a move */
};

/* 1: found, 0: the store never heard of it, -1. `text` (may be NULL) gets the rendered text. */
int store_get(
    struct store *st, const char *zone, struct store_zone *out, struct buf *text, struct err *err);
int store_set(struct store *st, const struct store_zone *z, const char *text, size_t text_len,
    struct err *err);

struct store_owner {
	char origin[NAME_SIZE];
	char user[65];
};

/* 1: a live zone (or a wanted one), 0: not, -1. */
int store_owner(struct store *st, const char *zone, struct store_owner *out, struct err *err);
int store_max_seq(struct store *st, uint64_t *seq, struct err *err);

/* Keeps the zone as it is in the archive, in place of what was there of it before, and the other
 * way round: fills in serial and digest of *z, and *text. 1, 0: not there, -1. */
int store_archive(struct store *st, const char *zone, struct err *err);
int store_archived(
    struct store *st, const char *zone, struct store_zone *z, struct buf *text, struct err *err);
/* Forgets what was archived before `before` (seconds since the epoch). */
int store_archive_prune(struct store *st, int64_t before, struct err *err);

/* The zone's serial goes from `was` to `now`: remembers from where it went backwards (RFC 1982
 * section 3.2) until it is there again.  `was` 0: there was no zone; `now` 0: there is none any
 * more. */
int store_serial(struct store *st, const char *zone, uint32_t was, uint32_t now, struct err *err);
bool store_serial_less(uint32_t a, uint32_t b); /* RFC 1982 */

/* deliveries ----------------------------------------------------------------------------------- */

enum delivery_state {
	DELIVERY_DONE,     /* confirmed: the target serves this generation */
	DELIVERY_DUE,      /* to be delivered at `next` */
	DELIVERY_DEFERRED, /* failed, will be tried again at `next` */
	DELIVERY_PARKED,   /* failed too often; waits for a newer push, --retry or the reconciler */
	DELIVERY_REFUSED   /* the target said these bytes will never do; waits likewise */
};

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

/* Makes `zone` due at once on `target`, attempts forgotten. */
int store_make_due(struct store *st, const char *target, const char *zone, struct err *err);
/* Makes what failed due again, of one zone or all (""). */
enum store_rearm {
	REARM_FAILED,  /* deferred and parked ones */
	REARM_REFUSED, /* and refused ones */
	REARM_ALL      /* and quarantined ones */
};
int store_rearm(struct store *st, const char *target, const char *zone, enum store_rearm which,
    size_t *count, struct err *err);

/* The due deliveries of a target that go together, those first that never failed: at most
 * max_count, and no more after max_bytes of text.  With each failed attempt a delivery gets an
 * eighth of the company, for its `last` attempt and as a suspect none: so a zone that fails or
 * breaks its whole batch is found. *list is for store_due_free(). */
int store_due(struct store *st, const char *target, int64_t now, size_t max_count, size_t max_bytes,
    unsigned last, struct delivery **list, size_t *count, struct err *err);
void store_due_free(struct delivery *list, size_t count);
/* When the next one is due: seconds since the epoch, INT64_MAX never. */
int store_next_due(struct store *st, const char *target, int64_t *when, struct err *err);
/* How many zones the target holds, as far as it ever confirmed any. */
int store_held(struct store *st, const char *target, size_t *count, struct err *err);

/* The target confirmed `generation` of zone: done, unless the zone has moved on meanwhile. */
int store_confirm(
    struct store *st, const char *target, const char *zone, uint64_t generation, struct err *err);
/* An attempt at `generation` failed; no-op when the zone has moved on meanwhile. */
int store_fail(struct store *st, const char *target, const char *zone, uint64_t generation,
    enum delivery_state state, int64_t next, const char *reason, struct err *err);
/* An attempt at `generation` ended without an answer: it stays due, behind what never failed, with
 * this deliveries.alone.  No-op when the zone has moved on meanwhile. */
int store_suspect(struct store *st, const char *target, const char *zone, uint64_t generation,
    unsigned alone, struct err *err);
/* The word of its state, and when that changed (seconds since the epoch). 1, 0: no row, -1. */
int store_delivery_state(struct store *st, const char *target, const char *zone, char state[16],
    int64_t *changed, struct err *err);
/* Deferred times that lie further ahead than `most` seconds (the clock stepped back) come back. */
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

/* targets -------------------------------------------------------------------------------------- */

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

/* refusals -------------------------------------------------------------------------------------
 *
 * Of each zone whose newest push was refused.  Bounded, whoever pushes what: the oldest go. */

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
	size_t held; /* bytes of the text that a person may still allow; 0: none */
};

/* In place of an older one.  `held` may be NULL. */
int store_refuse(struct store *st, const struct store_refusal *r, const char *held, size_t held_len,
    struct err *err);
/* 1: there is one, 0, -1.  `held` (may be NULL) gets the text. */
int store_refusal(struct store *st, const char *zone, struct store_refusal *out, struct buf *held,
    struct err *err);
/* The job `seq` makes an older refusal pointless. */
int store_refusal_end(struct store *st, const char *zone, uint64_t seq, struct err *err);

/* runs ----------------------------------------------------------------------------------------- */

#define STORE_RUNS 100 /* that are kept of each program */

/* Keeps a report: a JSON object with the numbers `started` and `ended`; of its `memory` only the
 * newest one's.  1: kept, or there already
 * with this id; 0: it is none; -1. */
int store_run_add(struct store *st, uint64_t id, const char *program, const char *report,
    size_t len, struct err *err);
/* The newest report of a program; of those that `narrowed` is false in, when there is one and it is
 * asked for.  1, 0: none, -1. */
int store_run_last(
    struct store *st, const char *program, bool whole, struct buf *report, struct err *err);

#endif
