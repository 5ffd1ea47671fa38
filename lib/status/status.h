/* status: how the spool, the store and the targets stand, as JSON (jansson).  Everything is read,
 * nothing is written. */
#ifndef DDO_STATUS_H
#define DDO_STATUS_H

#include <jansson.h>

#include "base/err.h"
#include "conf/conf.h"
#include "store/store.h"

enum verdict { GOOD, DEGRADED, BROKEN };

/* A JSON object with runner, spool, targets, reconcile and verdict; for json_decref(). NULL: err.
 */
json_t *status_gather(const struct conf *conf, struct store *st, struct err *err);
enum verdict status_verdict(const json_t *status);

/* The last report of ddo-reconcile, times as text, with seconds, age and overdue added; before the
 * first one {never, overdue}, JSON's null where reconciliation is not enabled.  NULL: err. */
json_t *status_run(const struct conf *conf, struct store *st, struct err *err);
/* Does it tell of what an operator has to look at? */
bool status_run_bad(const json_t *run);

/* Zones whose newest push was refused: {count, held, newest: [{zone, at, origin, user, client,
 * reason, held}]}.  NULL: err. */
json_t *status_refusals(struct store *st, struct err *err);
/* That of one zone, JSON's null: none.  NULL: err. */
json_t *status_refusal(struct store *st, const char *zone, struct err *err);

/* One zone's story: what the store holds and each target's delivery.  NULL with err empty: unknown,
 * and no push of it was refused. */
json_t *status_zone(struct store *st, const char *zone, struct err *err);

#endif
