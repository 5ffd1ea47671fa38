/* status_private: what the parts of status share.
 *
 * compare.c, refusal.c and run.c each make one part of the status, which status.c puts together.
 * All of them read the store and return JSON for json_decref(), or NULL with err.  Times are text
 * (RFC 3339, UTC); JSON's null stands for what is not there.
 */
#ifndef DDO_STATUS_PRIVATE_H
#define DDO_STATUS_PRIVATE_H

#include "status/status.h"

/* {at, again, ghosts, held, unknown} of the last comparison; {at: null} before it. */
json_t *status_compared(struct store *st, const char *target, struct err *err);
/* Since when the store is an older copy: {since, compare: [TARGET that ddo-queue still has to
 * compare], held: deliveries}.  JSON's null when it is none, or all is decided. */
json_t *status_restored(struct store *st, struct err *err);

/* refusal.c: {count, held, newest: [{zone, at, origin, user, client, reason, held}]}. */
json_t *status_refusals(struct store *st, struct err *err);
json_t *status_refusal(struct store *st, const char *zone, struct err *err);

/* run.c: the last report, times as text, with seconds, age and overdue added.  Before the first one
 * {never, overdue}, JSON's null where reconciliation is not enabled. */
json_t *status_run(const struct conf *conf, struct store *st, struct err *err);
/* Does it tell of something that an operator has to look at? */
bool status_run_bad(const json_t *run);

json_t *status_when(int64_t wall_s); /* seconds since the epoch, as text */

#endif
