#include "push/confirm.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "push/confirm_private.h"

#define FEW 256

static bool is_open(
    const struct confirm *c, const struct push_item *item, const struct dnsq_item *answer)
{
	if (item->result != PUSH_OK)
		return false;
	if (item->zone == NULL)
		return !c->remembers && answer->state != DNSQ_NOTSERVED;
	return answer->state != DNSQ_SERVED || answer->serial != item->zone->serial;
}

/* Asks about all that is open; *left of them, *silent of these without an answer.  In the same go
 * for the RRsets of qs, NULL: for none. */
static int look(const struct confirm *c, struct push_item *items, struct dnsq_item *answers,
    size_t count, struct questions *qs, size_t *left, size_t *silent, struct err *err)
{
	size_t room = count + 1 + (qs == NULL ? 0 : qs->count), n = 0, k = 0;
	struct dnsq_item *ask = mem_alloc(room * sizeof(*ask));
	for (size_t i = 0; i < count; i++) {
		if (is_open(c, &items[i], &answers[i]))
			ask[n++].zone = items[i].name;
	}
	*left = *silent = 0;
	size_t sets = qs == NULL ? 0 : questions_put(qs, ask + n);
	int r = n == 0 ? 0 : dnsq_ask(c->dns, ask, n + sets, CONFIRM_ASK_MS, err);
	if (r == 0 && n > 0 && qs != NULL)
		questions_take(qs, ask + n);
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (!is_open(c, &items[i], &answers[i]))
			continue;
		answers[i] = ask[k++];
		*left += is_open(c, &items[i], &answers[i]);
		*silent += answers[i].state == DNSQ_NOANSWER;
	}
	free(ask);
	return r;
}

static int nudge(const struct confirm *c, struct push_item *items, const struct dnsq_item *answers,
    size_t count, struct err *err)
{
	struct push_item **late = mem_alloc((count + 1) * sizeof(struct push_item *));
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		if (is_open(c, &items[i], &answers[i]))
			late[n++] = &items[i];
	}
	int r = n == 0 ? 0 : c->nudge(c->ctx, late, n, err);
	free(late);
	return r;
}

static void give_up(const struct confirm *c, struct push_item *item, const struct dnsq_item *answer)
{
	item->result = PUSH_DEFER;
	if (item->zone == NULL)
		err_set(&item->reason, "deleted, but %s still answers for it", c->server);
	else if (answer->state == DNSQ_SERVED)
		err_set(&item->reason, "written, but %s still answers serial %u", c->server,
		    answer->serial);
	else
		err_set(&item->reason, "written, but %s does not answer for it (%s)", c->server,
		    answer->state == DNSQ_NOANSWER ? "silence"
		    : answer->state == DNSQ_BROKEN ? "SERVFAIL"
						   : "not served");
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

int confirm(const struct confirm *c, struct push_item *items, const struct changed *changed,
    size_t count, struct err *err)
{
	struct dnsq_item *answers = mem_alloc((count + 1) * sizeof(*answers));
	int64_t until = clock_mono_ms() + c->patience_s * (int64_t)1000;
	size_t left = 0, silent = 0;
	struct questions qs = {0};
	questions_choose(&qs, items, changed, count);
	/* All at once the first time, for mostly the server is as far. */
	struct questions *few = qs.count <= FEW ? &qs : NULL;
	int r, pause = 1;
	while ((r = look(c, items, answers, count, few, &left, &silent, err)) == 0 && left > 0 &&
	       silent < left && clock_mono_ms() < until) {
		few = NULL;
		if (c->nudge != NULL && pause >= CONFIRM_NUDGE_MS &&
		    (r = nudge(c, items, answers, count, err)) < 0)
			break;
		clock_sleep_ms(pause);
		pause = pause < CONFIRM_PAUSE_MOST_MS ? pause * 2 : CONFIRM_PAUSE_MOST_MS;
	}
	if (r == 0 && left > 0 && silent == left)
		r = err_set(err, "written, but %s does not answer over DNS", c->server);
	for (size_t i = 0; i < count; i++) {
		if (!is_open(c, &items[i], &answers[i]))
			continue;
		if (r < 0)
			items[i].result = PUSH_UNDONE;
		else
			give_up(c, &items[i], &answers[i]);
	}
	if (r == 0)
		r = confirm_sets(c, items, &qs, until, err);
	free(qs.list);
	free(answers);
	return r;
}
