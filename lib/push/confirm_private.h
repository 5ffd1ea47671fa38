/* confirm_private: what confirm_rows.c and confirm_sets.c share: the RRsets to ask for.
 *
 * questions_choose() fills a zeroed struct questions, free() its list.  questions_put() and
 * questions_take() are one round: the questions that are still open, then their answers in the same
 * order.  confirm_sets() goes on with them after the SOAs, at most until `until` (clock_mono_ms()),
 * and sets the items' results; -1 as confirm_rows().
 */
#ifndef DDO_CONFIRM_PRIVATE_H
#define DDO_CONFIRM_PRIVATE_H

#include "push/confirm_rows.h"

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
/* `ask` has zeroed room for qs->count questions.  Returns how many it wrote. */
size_t questions_put(const struct questions *qs, struct dnsq_item *ask);
/* Returns how many stay open. */
size_t questions_take(struct questions *qs, const struct dnsq_item *answers);

int confirm_sets(const struct confirm_rows *c, struct push_item *items, struct questions *qs,
    int64_t until, struct err *err);

#endif
