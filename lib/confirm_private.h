/* confirm_private: the second half of confirm(). */
#ifndef DDO_CONFIRM_PRIVATE_H
#define DDO_CONFIRM_PRIVATE_H

#include "confirm.h"

#define CONFIRM_ASK_MS 2000
#define CONFIRM_PAUSE_MOST_MS 128
#define CONFIRM_NUDGE_MS 4

/* After the SOAs, at most until `until` (monotonic ms). */
int confirm_sets(const struct confirm *c, struct push_item *items, const struct changed *changed,
    size_t count, int64_t until, struct err *err);

#endif
