/* start: starts a target's push program (ddo-push(7)), as ddo-queue and ddo-reconcile do.
 *
 * argv only, never a shell; a session of its own; the working directory of the caller.  Its
 * environment is PATH, LANG, DDO_CONFIG and the overrides of the configuration (DADNS_*), nothing
 * else.  pusher_start() returns at once: the caller reads, waits and reaps (base/child.h).
 * pusher_capture() waits for the end of a verb that reads nothing; out and noise get at most `max`
 * bytes each, *status is that of waitpid(2).  -1 with err: it did not start, or took too long.
 */
#ifndef DDO_PUSHER_H
#define DDO_PUSHER_H

#include "base/child.h"
#include "conf/conf.h"

int pusher_start(struct child *c, const struct conf *conf, const struct conf_target *t,
    const char *verb, struct err *err);

int pusher_capture(const struct conf *conf, const struct conf_target *t, const char *verb,
    int timeout_ms, size_t max, struct buf *out, struct buf *noise, int *status, struct err *err);

#endif
