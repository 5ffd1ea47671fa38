/* orphans: zones that their owner's proven list lacks.  A mark is kept in each report, for the next
 * run; it holds as long as nobody pushed the zone (its seq). */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "reconcile.h"

static int by_zone(const void *a, const void *b)
{
	return strcmp(((const struct mark *)a)->zone, ((const struct mark *)b)->zone);
}

static uint64_t bit(size_t server)
{
	return server < 64 ? UINT64_C(1) << server : 0;
}

static uint64_t read_cleared(const struct run *r, const json_t *list)
{
	const json_t *name;
	uint64_t bits = 0;
	size_t i;
	json_array_foreach(list, i, name)
	{
		for (size_t k = 0; json_is_string(name) && k < r->nservers; k++) {
			if (strcmp(json_string_value(name), r->servers[k].conf->hostname) == 0)
				bits |= bit(k);
		}
	}
	return bits;
}

static void read_marks(struct run *r)
{
	json_t *list = json_object_get(r->last, "orphans"), *m;
	size_t i;
	r->marks = mem_alloc((json_array_size(list) + 1) * sizeof(*r->marks));
	json_array_foreach(list, i, m)
	{
		const char *zone = json_string_value(json_object_get(m, "zone"));
		const char *server = json_string_value(json_object_get(m, "server"));
		if (zone == NULL || server == NULL)
			continue;
		r->marks[r->nmarks++] = (struct mark){.zone = zone,
		    .server = server,
		    .seq = (uint64_t)json_integer_value(json_object_get(m, "seq")),
		    .first = json_integer_value(json_object_get(m, "first")),
		    .runs = (unsigned)json_integer_value(json_object_get(m, "runs")),
		    .cleared = read_cleared(r, json_object_get(m, "cleared"))};
	}
	if (r->nmarks > 0)
		qsort(r->marks, r->nmarks, sizeof(*r->marks), by_zone);
}

int orphans_load(struct run *r, struct err *err)
{
	struct buf report = {0};
	int found = store_run_last(r->store, "reconcile", false, &report, err);
	if (found > 0)
		r->last = json_loadb(buf_str(&report), report.len, 0, NULL);
	buf_free(&report);
	read_marks(r);
	return found < 0 ? -1 : 0;
}

static struct mark next_mark(const struct run *r, const struct action *a)
{
	struct mark m = {.zone = a->zone,
	    .server = a->where,
	    .seq = a->row->seq,
	    .first = r->started,
	    .runs = 1};
	const struct mark *old =
	    r->nmarks == 0 ? NULL : bsearch(&m, r->marks, r->nmarks, sizeof(m), by_zone);
	if (old != NULL && old->seq == m.seq && strcmp(old->server, m.server) == 0 &&
	    old->first <= r->started) {
		m.first = old->first;
		m.runs = old->runs + 1;
		m.cleared = old->cleared;
	}
	for (size_t i = 0; i < r->nservers; i++)
		m.cleared |= r->servers[i].proven ? bit(i) : 0;
	return m;
}

static void explain(struct action *a, const struct mark *m, int64_t due, unsigned runs)
{
	char since[32], when[32];
	struct buf text = {0};
	clock_rfc3339(m->first, since);
	clock_rfc3339(due, when);
	buf_addf(&text, "no longer listed since %s, seen in %u %s", since, m->runs,
	    m->runs == 1 ? "run" : "runs");
	if (a->kind == ACT_ORPHAN)
		buf_addf(&text, "; deleted from the %u. run on, not before %s", runs, when);
	free(a->reason);
	a->reason = text.data;
}

static void mark_all(struct run *r)
{
	const struct conf_reconcile *c = &r->conf->reconcile;
	r->new_marks = mem_alloc((r->counts[ACT_ORPHAN] + r->nmarks + 1) * sizeof(*r->new_marks));
	for (size_t i = 0; i < r->nactions; i++) {
		struct action *a = &r->actions[i];
		if (a->kind != ACT_ORPHAN || a->dropped)
			continue;
		struct mark m = next_mark(r, a);
		int64_t due = m.first + (int64_t)c->grace_hours * 3600;
		r->new_marks[r->nnew_marks++] = m;
		a->cleared = m.cleared;
		if (m.runs >= c->confirm_runs && r->started >= due) {
			a->kind = ACT_DELETE;
			a->server->deletes++;
			r->counts[ACT_ORPHAN]--;
			r->counts[ACT_DELETE]++;
		}
		explain(a, &m, due, c->confirm_runs);
	}
}

/* Marks of what this run did not look at stay as they are. */
static void keep_marks(struct run *r)
{
	for (size_t i = 0; i < r->nmarks; i++) {
		const struct mark *m = &r->marks[i];
		bool looked = plan_about(r, m->zone);
		for (size_t k = 0; k < r->nservers; k++) {
			const struct server *s = &r->servers[k];
			if (strcmp(s->conf->hostname, m->server) == 0 && (!looked || !s->proven))
				r->new_marks[r->nnew_marks++] = *m;
		}
	}
}

static void stop_deletes(struct run *r)
{
	r->brake = true;
	for (size_t i = 0; i < r->nactions; i++) {
		struct action *a = &r->actions[i];
		if (a->kind == ACT_DELETE) {
			a->kind = ACT_HELD;
			r->counts[ACT_DELETE]--;
			r->counts[ACT_HELD]++;
		}
	}
}

/* One delete is no mass delete, however few zones the server has. */
static bool too_many(const struct run *r, const struct server *s)
{
	size_t percent = r->conf->reconcile.max_delete_percent;
	size_t free_ones = percent > 0 ? 1 : 0;
	return s->deletes > free_ones && s->deletes * 100 > s->owned * percent;
}

static void brake(struct run *r)
{
	const struct conf_reconcile *c = &r->conf->reconcile;
	size_t total = r->counts[ACT_DELETE];
	if (r->o->yes_delete == total)
		return;
	if (r->o->yes_delete > 0) {
		plan_add(r, ACT_BRAKE, "-", "-",
		    "--yes-delete %zu, but %zu zones are to be deleted: none is", r->o->yes_delete,
		    total);
		stop_deletes(r);
		return;
	}
	bool stop = total > c->max_deletes;
	if (stop)
		plan_add(r, ACT_BRAKE, "-", "-",
		    "%zu deletes are more than max_deletes, %u: none is done without "
		    "--yes-delete %zu",
		    total, c->max_deletes, total);
	for (size_t i = 0; i < r->nservers; i++) {
		const struct server *s = &r->servers[i];
		if (!too_many(r, s))
			continue;
		stop = true;
		plan_add(r, ACT_BRAKE, "-", s->conf->hostname,
		    "%zu deletes of its %zu zones are more than max_delete_percent, %u: none of "
		    "the run is done without --yes-delete %zu",
		    s->deletes, s->owned, c->max_delete_percent, total);
	}
	if (stop)
		stop_deletes(r);
}

/* One that refuses each zone (a key without CMD_API_DNS_ADMIN) says nothing by refusing one. */
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

/* Why this DirectAdmin objects to the delete: it gives the zone out, or cannot be asked.  0: it
 * does not.  A refusal without a reason that is known is no objection of one whose proven list
 * lacks it, and silence none of one that is not the owner and was cleared since the mark. */
static int objects(struct run *r, size_t server, const struct action *a, struct err *why)
{
	struct server *s = &r->servers[server];
	struct buf text = {0};
	struct err err;
	bool cleared = s != a->server && (a->cleared & bit(server)) != 0;
	if (s->silent)
		return cleared ? 0
			       : err_set(why, "cannot be asked: %s has failed before",
				     s->conf->hostname);
	if (s->da == NULL && da_open(&s->da, r->conf, s->conf, &err) < 0)
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

static void hold(struct run *r, struct action *a, const char *why)
{
	free(a->reason);
	a->reason = mem_dup(why);
	r->counts[a->kind]--;
	a->kind = ACT_HELD;
	r->counts[ACT_HELD]++;
}

/* Whatever the lists say: a zone that some DirectAdmin still gives out is not gone, and one that
 * may have moved to a DirectAdmin which nobody could ask since the mark is not known to be. */
static void ask_all(struct run *r, struct action *a)
{
	struct err why;
	int objection = 0;
	for (size_t i = 0; objection == 0 && i < r->nservers; i++)
		objection = objects(r, i, a, &why);
	if (objection < 0)
		hold(r, a, why.text);
}

/* So is a zone that its owner still gives out not moved: the other one lists a copy. */
static void ask_owner(struct run *r, struct action *a)
{
	struct err why;
	for (size_t i = 0; i < r->nservers; i++) {
		if (r->servers[i].conf == a->row->owner && objects(r, i, a, &why) < 0) {
			hold(r, a, why.text);
			return;
		}
	}
}

/* Marks of what is deleted now have done their work. */
static void drop_marks(struct run *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->nnew_marks; i++) {
		const struct mark *m = &r->new_marks[i];
		bool deleted = false;
		for (size_t k = 0; k < r->nactions && !deleted; k++)
			deleted = r->actions[k].kind == ACT_DELETE &&
				  strcmp(r->actions[k].zone, m->zone) == 0;
		if (!deleted)
			r->new_marks[n++] = *m;
	}
	r->nnew_marks = n;
}

void orphans_decide(struct run *r)
{
	mark_all(r);
	keep_marks(r);
	brake(r);
	for (size_t i = 0; i < r->nactions; i++) {
		struct action *a = &r->actions[i];
		if (a->kind == ACT_DELETE)
			ask_all(r, a);
		else if (a->kind == ACT_MIGRATE && !a->dropped)
			ask_owner(r, a);
	}
	if (!r->dry && r->counts[ACT_DELETE] > 0)
		drop_marks(r);
}
