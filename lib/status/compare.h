/* status_compare: what ddo-queue found when it compared targets with the store, as JSON. */
#ifndef DDO_STATUS_COMPARE_H
#define DDO_STATUS_COMPARE_H

#include <jansson.h>

#include "store/store.h"

/* {at, again, ghosts, held, unknown} of the last comparison; {at: null} before it.  NULL: err. */
json_t *status_compared(struct store *st, const char *target, struct err *err);
/* Since when the store is an older copy: {since, compare: [TARGET that is still to be compared],
 * held: deliveries}; JSON's null when it is none, or all is decided.  NULL: err. */
json_t *status_restored(struct store *st, struct err *err);

#endif
