/* memory: what a run knows from the runs before it, and what it passes on.
 *
 * The memory is the newest report in the store: its marks of orphans, and in `memory` the signed
 * zones and when each DirectAdmin's texts were last compared.  memory_load() reads it.  orphans.c
 * fills in the new marks and watch.c the signed zones; report.c writes them into the new report.
 *
 * A mark is an orphan that this program saw and may delete later.  It holds as long as no push
 * changes the zone (its seq).
 */
#ifndef DDO_RECONCILE_MEMORY_H
#define DDO_RECONCILE_MEMORY_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "inputs.h"

struct mark {
	const char *zone;   /* of the last report or of a row */
	const char *server; /* hostname */
	uint64_t seq;
	int64_t first; /* when it was seen first, seconds since the epoch */
	unsigned runs;
	uint64_t cleared; /* a bit a server, of the first 64: its list was proven in one of these
			     runs, and lacked the zone */
};

struct memory {
	json_t *last;       /* the last report, or NULL */
	struct mark *marks; /* of it, by zone */
	size_t nmarks;
	struct mark *new_marks;
	size_t nnew_marks;
	json_t *signed_zones, *unsigned_zones; /* of this run */
};

int memory_load(struct memory *m, const struct inputs *in, struct err *err);
/* The mark of a zone in the last report, or NULL. */
const struct mark *memory_mark(const struct memory *m, const char *zone);
/* What the last report has under memory.KEY: borrowed, NULL: nothing. */
json_t *memory_of(const struct memory *m, const char *key);
/* When all texts of a DirectAdmin were last compared, in seconds since the epoch; 0: never. */
int64_t memory_compared(const struct memory *m, const char *hostname);
uint64_t memory_bit(size_t server); /* of struct mark.cleared */
/* The new marks for the report; for json_decref(). */
json_t *memory_marks(const struct memory *m, const struct inputs *in);

#endif
