/* orphans: zones that their owner's proven list lacks, from the first mark to the delete. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "reconcile.h"

static struct mark next_mark(
    const struct inputs *in, const struct memory *memory, const struct action *a)
{
	struct mark m = {.zone = a->zone,
	    .server = a->where,
	    .seq = a->row->seq,
	    .first = in->started,
	    .runs = 1};
	const struct mark *old = memory_mark(memory, a->zone);
	if (old != NULL && old->seq == m.seq && strcmp(old->server, m.server) == 0 &&
	    old->first <= in->started) {
		m.first = old->first;
		m.runs = old->runs + 1;
		m.cleared = old->cleared;
	}
	for (size_t i = 0; i < in->nservers; i++)
		m.cleared |= in->servers[i].proven ? memory_bit(i) : 0;
	return m;
}

static void explain(struct action *a, const struct mark *m, int64_t due, unsigned runs)
{
	char since[32], when[32], until[96] = "";
	clock_rfc3339(m->first, since);
	clock_rfc3339(due, when);
	if (a->kind == ACT_ORPHAN)
		snprintf(until, sizeof(until), "; to be deleted by run %u or later, not before %s",
		    runs, when);
	plan_reason(a, "no longer listed since %s, seen in %u %s%s", since, m->runs,
	    m->runs == 1 ? "run" : "runs", until);
}

static void mark_all(const struct inputs *in, struct plan *p, struct memory *memory)
{
	const struct conf_reconcile *c = &in->conf->reconcile;
	memory->new_marks = mem_alloc(
	    (plan_count(p, ACT_ORPHAN) + memory->nmarks + 1) * sizeof(*memory->new_marks));
	for (size_t i = 0; i < p->nactions; i++) {
		struct action *a = &p->actions[i];
		if (a->kind != ACT_ORPHAN || a->dropped)
			continue;
		struct mark m = next_mark(in, memory, a);
		int64_t due = m.first + (int64_t)c->grace_hours * 3600;
		memory->new_marks[memory->nnew_marks++] = m;
		a->cleared = m.cleared;
		if (m.runs >= c->confirm_runs && in->started >= due)
			plan_change(p, a, ACT_DELETE);
		explain(a, &m, due, c->confirm_runs);
	}
}

/* Marks of what this run did not look at stay as they are. */
static void keep_marks(const struct inputs *in, struct memory *memory)
{
	for (size_t i = 0; i < memory->nmarks; i++) {
		const struct mark *m = &memory->marks[i];
		bool looked = options_about(in->o, m->zone);
		for (size_t k = 0; k < in->nservers; k++) {
			const struct server *s = &in->servers[k];
			if (strcmp(s->conf->hostname, m->server) == 0 && (!looked || !s->proven))
				memory->new_marks[memory->nnew_marks++] = *m;
		}
	}
}

static void stop_deletes(struct plan *p)
{
	for (size_t i = 0; i < p->nactions; i++) {
		if (p->actions[i].kind == ACT_DELETE)
			plan_change(p, &p->actions[i], ACT_HELD);
	}
}

/* One delete is no mass delete, however few zones the server has. */
static bool too_many(const struct server *s, size_t deletes, size_t percent)
{
	size_t free_ones = percent > 0 ? 1 : 0;
	return deletes > free_ones && deletes * 100 > s->owned * percent;
}

static void brake(const struct inputs *in, struct plan *p)
{
	const struct conf_reconcile *c = &in->conf->reconcile;
	size_t total = plan_count(p, ACT_DELETE);
	if (in->o->yes_delete == total)
		return;
	if (in->o->yes_delete > 0) {
		plan_add(p, ACT_BRAKE, "-", "-",
		    "--yes-delete %zu, but %zu zones are to be deleted: no zone is deleted",
		    in->o->yes_delete, total);
		stop_deletes(p);
		return;
	}
	bool stop = total > c->max_deletes;
	if (stop)
		plan_add(p, ACT_BRAKE, "-", "-",
		    "%zu deletes are more than max_deletes, %u: none is done without "
		    "--yes-delete %zu",
		    total, c->max_deletes, total);
	for (size_t i = 0; i < in->nservers; i++) {
		const struct server *s = &in->servers[i];
		size_t deletes = plan_count_of(p, ACT_DELETE, s);
		if (!too_many(s, deletes, c->max_delete_percent))
			continue;
		stop = true;
		plan_add(p, ACT_BRAKE, "-", s->conf->hostname,
		    "%zu deletes of its %zu zones are more than max_delete_percent, %u: none of "
		    "the run is done without --yes-delete %zu",
		    deletes, s->owned, c->max_delete_percent, total);
	}
	if (stop)
		stop_deletes(p);
}

/* A server that refuses every zone (a key without CMD_API_DNS_ADMIN) says nothing by it. */
static bool gives_texts(struct server *s)
{
	struct buf text = {0};
	struct err err;
	if (!s->tried && s->list.count > 0)
		s->gives = da_zone(s->da, s->list.zones[0], &text, &err) == 0;
	s->tried = true;
	buf_free(&text);
	return s->gives || s->list.count == 0;
}

/* Why this DirectAdmin objects to the action: it gives out the zone, or cannot be asked.  0: it
 * does not.  A refusal is no objection when its proven list lacks the zone and it gives out others.
 * Silence is none of a server that is not the owner and was cleared since the mark. */
static int objects(const struct conf *conf, struct server *s, uint64_t bit, const struct action *a,
    struct err *why)
{
	struct buf text = {0};
	struct err err;
	bool cleared = s != a->server && (a->cleared & bit) != 0;
	if (s->silent)
		return cleared ? 0
			       : err_set(why, "cannot be asked: %s has failed before",
				     s->conf->hostname);
	if (s->da == NULL && da_open(&s->da, conf, s->conf, &err) < 0)
		return err_set(why, "cannot be asked: %s", err.text);
	int found = da_zone(s->da, a->zone, &text, &err);
	enum da_fault fault = found == 0 ? DA_NONE : da_fault(s->da);
	buf_free(&text);
	if (found == 0)
		return err_set(
		    why, "not listed, yet %s gives out a text for it", s->conf->hostname);
	if (fault == DA_ABSENT || (fault == DA_DENIED && s->proven && gives_texts(s))) {
		s->denied = 0;
		return 0;
	}
	servers_failed(s);
	return cleared ? 0 : err_set(why, "cannot be asked: %s", err.text);
}

/* A zone that one of the DirectAdmins (`only`, NULL: any) still gives out is not gone, whatever the
 * lists say.  Nor is one that may have moved to a DirectAdmin that was silent since the mark. */
static void ask(
    const struct inputs *in, struct plan *p, struct action *a, const struct conf_da *only)
{
	struct err why;
	for (size_t i = 0; i < in->nservers; i++) {
		struct server *s = &in->servers[i];
		if (only != NULL && s->conf != only)
			continue;
		if (objects(in->conf, s, memory_bit(i), a, &why) < 0) {
			plan_reason(a, "%s", why.text);
			plan_change(p, a, ACT_HELD);
			return;
		}
	}
}

/* The marks of what this run deletes are no longer needed. */
static void drop_marks(const struct plan *p, struct memory *memory)
{
	size_t n = 0;
	for (size_t i = 0; i < memory->nnew_marks; i++) {
		const struct mark *m = &memory->new_marks[i];
		bool deleted = false;
		for (size_t k = 0; k < p->nactions && !deleted; k++)
			deleted = p->actions[k].kind == ACT_DELETE &&
				  strcmp(p->actions[k].zone, m->zone) == 0;
		if (!deleted)
			memory->new_marks[n++] = *m;
	}
	memory->nnew_marks = n;
}

void orphans_decide(struct inputs *in, struct plan *p, struct memory *memory)
{
	mark_all(in, p, memory);
	keep_marks(in, memory);
	brake(in, p);
	for (size_t i = 0; i < p->nactions; i++) {
		struct action *a = &p->actions[i];
		if (a->kind == ACT_DELETE)
			ask(in, p, a, NULL);
		/* Its owner still gives it out: the other server lists a copy, and it has not
		 * moved. */
		else if (a->kind == ACT_MIGRATE && !a->dropped && a->row->owner != NULL)
			ask(in, p, a, a->row->owner);
	}
	if (!in->dry && plan_count(p, ACT_DELETE) > 0)
		drop_marks(p, memory);
}
