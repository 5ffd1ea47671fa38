/* confirm_rows: waits until a server answers the SOAs of zones that were written to a database. */
#include "push/confirm_rows.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "push/confirm.h"
#include "push/confirm_private.h"

#define FEW 256

struct waiting {
	const struct confirm_rows *c;
	struct push_item *items;
	struct dnsq_item *answers; /* the last, to each item's SOA */
	size_t count;
	struct questions *sets; /* to be asked in the same round; NULL: none */
};

static bool is_open(const struct waiting *w, size_t i)
{
	const struct push_item *item = &w->items[i];
	if (item->result != PUSH_OK)
		return false;
	if (item->zone == NULL)
		return !w->c->remembers && w->answers[i].state != DNSQ_NOTSERVED;
	return w->answers[i].state != DNSQ_SERVED || w->answers[i].serial != item->zone->serial;
}

static size_t ask(void *ctx, struct dnsq_item *ask)
{
	struct waiting *w = ctx;
	size_t n = 0;
	for (size_t i = 0; i < w->count; i++) {
		if (is_open(w, i))
			ask[n++].zone = w->items[i].name;
	}
	if (n > 0 && w->sets != NULL)
		n += questions_put(w->sets, ask + n);
	return n;
}

static int take(void *ctx, const struct dnsq_item *answers, size_t *open, struct err *err)
{
	struct waiting *w = ctx;
	size_t silent = 0, k = 0;
	*open = 0;
	for (size_t i = 0; i < w->count; i++) {
		if (!is_open(w, i))
			continue;
		w->answers[i] = answers[k++];
		*open += is_open(w, i);
		silent += w->answers[i].state == DNSQ_NOANSWER;
	}
	if (w->sets != NULL)
		questions_take(w->sets, answers + k);
	w->sets = NULL;
	if (*open > 0 && silent == *open)
		return err_set(err, "written, but %s does not answer over DNS", w->c->server);
	return 0;
}

static int nudge(void *ctx, struct err *err)
{
	struct waiting *w = ctx;
	struct push_item **late = mem_alloc((w->count + 1) * sizeof(struct push_item *));
	size_t n = 0;
	for (size_t i = 0; i < w->count; i++) {
		if (is_open(w, i))
			late[n++] = &w->items[i];
	}
	int r = n == 0 ? 0 : w->c->nudge(w->c->ctx, late, n, err);
	free(late);
	return r;
}

static void give_up_one(struct waiting *w, size_t i)
{
	struct push_item *item = &w->items[i];
	const struct dnsq_item *answer = &w->answers[i];
	item->result = PUSH_DEFER;
	if (item->zone == NULL)
		err_set(&item->reason, "deleted, but %s still answers for it", w->c->server);
	else if (answer->state == DNSQ_SERVED)
		err_set(&item->reason, "written, but %s still answers serial %u", w->c->server,
		    answer->serial);
	else
		err_set(&item->reason, "written, but %s does not answer for it (%s%s)",
		    w->c->server,
		    answer->state == DNSQ_NOANSWER ? "silence"
		    : answer->state == DNSQ_BROKEN ? "SERVFAIL"
						   : "not served",
		    answer->state == DNSQ_NOTSERVED && w->c->interval != NULL ? w->c->interval
									      : "");
}

static int give_up(void *ctx, int64_t waited_ms, struct err *err)
{
	struct waiting *w = ctx;
	(void)waited_ms;
	(void)err;
	for (size_t i = 0; i < w->count; i++) {
		if (is_open(w, i))
			give_up_one(w, i);
	}
	return 0;
}

void changed_add(struct changed *c, const knot_rrset_t *set)
{
	if (c->count > 0 && c->list[c->count - 1] == set)
		return;
	if (c->count == c->cap) {
		c->cap = c->cap == 0 ? 16 : c->cap * 2;
		c->list = mem_resize(c->list, c->cap, sizeof(knot_rrset_t *));
	}
	c->list[c->count++] = set;
}

void changed_free(struct changed *c)
{
	free(c->list);
	*c = (struct changed){0};
}

int confirm_rows(const struct confirm_rows *c, struct push_item *items,
    const struct changed *changed, size_t count, struct err *err)
{
	int64_t patience_ms = c->patience_s * (int64_t)1000;
	int64_t until = clock_mono_ms() + patience_ms;
	struct questions qs = {0};
	questions_choose(&qs, items, changed, count);
	struct waiting w = {.c = c,
	    .items = items,
	    .answers = mem_alloc((count + 1) * sizeof(*w.answers)),
	    .count = count,
	    /* All at once the first time, for mostly the server is ready by then. */
	    .sets = qs.count <= FEW ? &qs : NULL};
	const struct confirm loop = {.dns = c->dns,
	    .pause_most_ms = CONFIRM_PAUSE_MOST_MS,
	    .nudge_ms = CONFIRM_NUDGE_MS,
	    .patience_ms = patience_ms,
	    .ask = ask,
	    .room = count + qs.count,
	    .take = take,
	    .nudge = c->nudge == NULL ? NULL : nudge,
	    .late = give_up,
	    .ctx = &w};
	int r = confirm_wait(&loop, err);
	for (size_t i = 0; r < 0 && i < count; i++) {
		if (is_open(&w, i))
			items[i].result = PUSH_UNDONE;
	}
	if (r == 0)
		r = confirm_sets(c, items, &qs, until, err);
	free(qs.list);
	free(w.answers);
	return r;
}
