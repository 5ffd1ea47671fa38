/* intake: from the spool into the store, a chunk of jobs a transaction.
 *
 * intake_open(), then intake_step() each turn of the loop, intake_close().  Set `wanted` when new/
 * may hold new jobs.  A job that cannot be taken stays in new/ and holds up no other one: of two
 * jobs for one zone the newer wins, whichever comes first.  It is tried again with the next
 * listing, which comes with the next push or rescan.  Meanwhile run_dir/intake tells ddo-status why
 * it waits.
 */
#ifndef DDO_QUEUE_INTAKE_H
#define DDO_QUEUE_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct queue;
struct reader;

struct intake {
	struct reader *reader;
	bool reading;     /* the reader has the next chunk in hand */
	bool more;        /* the listing has more */
	bool wanted;      /* new/ may hold jobs that came after it */
	size_t stuck;     /* jobs of this listing that could not be taken */
	struct err first; /* why the first of these could not */
	int64_t next_ms;  /* monotonic ms: after trouble not before */
	int64_t since;    /* seconds since the epoch: intake stands since; 0: it does not */
	struct err why;
};

int intake_open(struct queue *q, struct err *err);
void intake_step(struct queue *q);            /* starts the reader, takes what it has read */
int64_t intake_wakeup(const struct queue *q); /* monotonic ms */
bool intake_over(const struct queue *q);      /* all is taken that can be taken now */
void intake_close(struct queue *q);

#endif
