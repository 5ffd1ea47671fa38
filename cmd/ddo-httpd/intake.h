/* intake: the limits of the spool, and the refusals that go into it.
 *
 * A handler asks intake_room() before each spool_commit().  The limits are app.max_queue (jobs)
 * and app.disk_reserve_bytes (free space); asking takes the places in the queue.  A refused push
 * becomes a job of its own, so that an operator sees the reason beside the zone and not only in a
 * log.  Thread-safe.
 */
#ifndef DDO_INTAKE_H
#define DDO_INTAKE_H

#include <stdint.h>

#include "api.h"
#include "spool/job.h"

/* -1: there is no room for `jobs` more jobs of `bytes` in all; err says which limit it is. */
int intake_room(struct api *api, uint64_t jobs, uint64_t bytes, struct err *err);
/* Keeps the reason `why` for refused->zone.  Best effort: a failure is logged, the answer stays. */
void intake_refusal(struct api *api, const struct job *refused, const char *why);

#endif
