/* restored: is the store an older copy of itself, for example from a backup?
 *
 * The store keeps the greatest job number that was ever taken.  So does the spool's file `taken`,
 * which ddo-queue writes after the commit and never syncs: it may be behind the store, and is ahead
 * only if the store lost what it had.  Call restored_check() once, after the store is opened and
 * before targets_load().  taken_keep() belongs into each transaction that takes jobs, taken_tell()
 * behind it.  They return 0, or -1 and a reason.
 */
#ifndef DDO_QUEUE_RESTORED_H
#define DDO_QUEUE_RESTORED_H

#include <stdint.h>

#include "base/err.h"

struct queue;

int restored_check(struct queue *q, struct err *err);
/* A target appears: in an older copy, what waits for it waits until it was compared. */
int restored_join(struct queue *q, const char *target, struct err *err);
int taken_keep(struct queue *q, uint64_t seq, struct err *err);
void taken_tell(struct queue *q, uint64_t seq);

#endif
