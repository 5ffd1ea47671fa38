/* status: how the spool, the store and the targets stand, as JSON (jansson).  Everything is read,
 * nothing is written. */
#ifndef DDO_STATUS_H
#define DDO_STATUS_H

#include <jansson.h>

#include "conf.h"
#include "err.h"
#include "store.h"

enum verdict { GOOD, DEGRADED, BROKEN };

/* A JSON object with runner, spool, targets and verdict; for json_decref(). NULL: err. */
json_t *status_gather(const struct conf *conf, struct store *st, struct err *err);
enum verdict status_verdict(const json_t *status);

/* One zone's story: what the store holds and each target's delivery.  NULL with err empty: unknown.
 */
json_t *status_zone(struct store *st, const char *zone, struct err *err);

#endif
