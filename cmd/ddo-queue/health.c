/* health: what each event does to a target's row in the store.
 *
 * A restart, a clock that steps back (store_clamp()) and `ddo-queue --retry` change the row too, so
 * this file remembers nothing itself.
 *
 *   event     down   since       step
 *   down      yes    now, if up  first step when the last batch was good, else the next one
 *   up        no     stays       stays: a probe that succeeds proves little
 *   good      no     0           first
 */
#include "health.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/msg.h"
#include "compare.h"
#include "queue.h"
#include "target.h"

#define SICK_MS 5000

void queue_sick(struct queue *q, const char *why)
{
	if (!q->store_sick)
		msg_error("cannot write the store, will try again: %s", why);
	q->store_sick = true;
	q->sick_until = clock_mono_ms() + SICK_MS;
}

bool queue_is_sick(const struct queue *q)
{
	return q->store_sick && clock_mono_ms() < q->sick_until;
}

bool health_get(struct queue *q, const struct target *t, struct store_target *h)
{
	struct err err;
	if (store_target_get(q->store, t->name, h, &err) >= 0)
		return true;
	queue_sick(q, err.text);
	return false;
}

static void save(struct queue *q, const struct store_target *h)
{
	struct err err;
	if (store_target_set(q->store, h, &err) < 0)
		queue_sick(q, err.text);
}

void health_down(struct queue *q, struct target *t, const char *reason)
{
	struct store_target h;
	int64_t now = clock_wall_s();
	if (!health_get(q, t, &h))
		return;
	if (h.down)
		msg_info("%s: still down: %s", t->name, reason);
	else
		msg_error("%s: down: %s", t->name, reason);
	h.step = h.since != 0 ? h.step + 1 : 0;
	if (h.step >= q->conf->nretry)
		h.step = (unsigned)q->conf->nretry - 1;
	if (!h.down)
		h.since = now;
	h.down = true;
	h.next_probe = now + q->conf->retry_s[h.step];
	snprintf(h.reason, sizeof(h.reason), "%s", reason);
	save(q, &h);
}

void health_up(struct queue *q, struct target *t, const char *words)
{
	struct store_target h;
	struct err err;
	size_t count = 0;
	t->look = true;
	if (!health_get(q, t, &h) || !h.down)
		return;
	h.down = false;
	h.reason[0] = '\0';
	/* What failed or was parked while it was away goes at once. */
	if (store_rearm(q->store, t->name, "", REARM_FAILED, &count, &err) < 0 ||
	    compare_returned(q, t, &err) < 0)
		queue_sick(q, err.text);
	save(q, &h);
	msg_info(
	    "%s: up again after %lld s: %s", t->name, (long long)(clock_wall_s() - h.since), words);
}

void health_good(struct queue *q, struct target *t)
{
	struct store_target h;
	if (!health_get(q, t, &h) || h.down || h.since == 0)
		return;
	h.since = 0;
	h.step = 0;
	save(q, &h);
}

int health_probe_now(struct queue *q, const struct target *t, struct err *err)
{
	struct store_target h;
	if (store_target_get(q->store, t->name, &h, err) < 0)
		return -1;
	h.next_probe = 0;
	return h.down ? store_target_set(q->store, &h, err) : 0;
}
