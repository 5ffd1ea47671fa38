/* confirm_private: the RRsets that confirm() asks for (confirm_sets.c). */
#ifndef DDO_CONFIRM_PRIVATE_H
#define DDO_CONFIRM_PRIVATE_H

#include "push/confirm.h"

#define CONFIRM_ASK_MS 2000
#define CONFIRM_PAUSE_MOST_MS 128
#define CONFIRM_NUDGE_MS 4

struct question {
	size_t item;
	const knot_rrset_t *set;
	enum dnsq_state state;
	bool open, looked_into;
};

struct questions {
	struct question *list;
	size_t count, cap;
};

void questions_choose(struct questions *qs, const struct push_item *items,
    const struct changed *changed, size_t count);
/* Those that are open, for dnsq_ask(): how many.  `ask` has room for qs->count, zeroed. */
size_t questions_put(const struct questions *qs, struct dnsq_item *ask);
/* Takes the answers to just these: how many stay open. */
size_t questions_take(struct questions *qs, const struct dnsq_item *answers);

/* After the SOAs, at most until `until` (monotonic ms). */
int confirm_sets(const struct confirm *c, struct push_item *items, struct questions *qs,
    int64_t until, struct err *err);

#endif
