/* status: the spool, the store, the targets and the last run, as JSON (jansson).
 *
 * ddo-status prints it, and ddo-httpd serves it as /status, /metrics and the page.  Everything is
 * read, nothing is written.  The JSON is for json_decref(); ddo-status(1) describes its keys.  NULL
 * means that the store could not be read, and err says why.
 *
 * The verdict is about the whole node: GOOD, DEGRADED (something fails, or waits after a failure)
 * or BROKEN (ddo-queue does not run, the spool cannot be read, or no target is up).
 */
#ifndef DDO_STATUS_H
#define DDO_STATUS_H

#include <jansson.h>

#include "base/err.h"
#include "conf/conf.h"
#include "store/store.h"

enum verdict { GOOD, DEGRADED, BROKEN };

/* An object with runner, spool, zones, targets, restored, refusals, reconcile and verdict. */
json_t *status_gather(const struct conf *conf, struct store *st, struct err *err);
enum verdict status_verdict(const json_t *status);

/* One zone: what the store holds of it, and each target's delivery.  NULL with an empty err: the
 * store does not know it, and no push of it was refused. */
json_t *status_zone(struct store *st, const char *zone, struct err *err);

#endif
