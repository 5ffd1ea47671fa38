/* pusher: starting a target's push program (ddo-push(7)) as ddo-queue and ddo-reconcile do: argv
 * only, a session of its own, and nothing in its environment but PATH, LANG, DDO_CONFIG and the
 * configuration's overrides (DADNS_*). */
#ifndef DDO_PUSHER_H
#define DDO_PUSHER_H

#include "base/child.h"
#include "conf/conf.h"

int pusher_start(struct child *c, const struct conf *conf, const struct conf_target *t,
    const char *verb, struct err *err);

/* Runs a verb that reads nothing to its end, as child_run() does. */
int pusher_capture(const struct conf *conf, const struct conf_target *t, const char *verb,
    int timeout_ms, size_t max, struct buf *out, struct buf *noise, int *status, struct err *err);

#endif
