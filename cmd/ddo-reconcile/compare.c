/* compare: walks through all sides in the order of names, and decides about each zone. */
#include <nettle/base16.h>
#include <stdlib.h>
#include <string.h>

#include "conf/door.h"
#include "reconcile.h"

/* The zone that the walk has reached. */
struct walk {
	struct inputs *in;
	struct plan *plan;
	const char *zone;
	const struct row *row; /* NULL: the store never heard of it */
	/* The proven lists that have it: how many, the first, and whether its owner's is one. */
	size_t listed;
	struct server *first;
	bool by_owner;
};

static struct action *about(
    struct action *a, const struct row *row, struct server *s, struct target *t)
{
	a->row = row;
	a->server = s;
	a->target = t;
	return a;
}

static struct server *owner_of(const struct walk *w)
{
	for (size_t i = 0; w->row != NULL && i < w->in->nservers; i++) {
		if (w->in->servers[i].conf == w->row->owner)
			return &w->in->servers[i];
	}
	return NULL;
}

/* In the store, and listed by another server than its owner, or by several. */
static void decide_owner(const struct walk *w)
{
	const struct row *row = w->row;
	struct plan *p = w->plan;
	struct server *owner = owner_of(w);
	const char *by = w->first->conf->hostname;
	if (w->listed > 1 && !w->by_owner)
		about(plan_add(p, ACT_CONFLICT, row->name, by,
			  "%zu servers list it, its owner %s does not: nothing is done", w->listed,
			  row->origin[0] == '\0' ? "(none)" : row->origin),
		    row, w->first, NULL);
	else if (w->listed > 1)
		plan_add(p, ACT_WATCH, row->name, row->owner->hostname,
		    "%zu servers list it; its owner stays", w->listed);
	else if (w->by_owner)
		return;
	/* Its push may not take the zone over, and no owner can be asked, so its list does not. */
	else if (owner == NULL && door_bound(w->in->conf, by))
		plan_add(p, ACT_HELD, row->name, by,
		    "%s owns it, and the login of %s may take over no zone (zones: owned)",
		    row->origin[0] == '\0' ? "no server" : row->origin, by);
	else if (row->origin[0] == '\0')
		about(plan_add(p, ACT_CLAIM, row->name, by, "had no owner"), row, w->first, NULL);
	else if (owner == NULL)
		about(plan_add(p, ACT_MIGRATE, row->name, by, "its owner %s is not configured",
			  row->origin),
		    row, w->first, NULL);
	else if (owner->proven)
		about(plan_add(p, ACT_MIGRATE, row->name, by, "%s no longer lists it",
			  owner->conf->hostname),
		    row, w->first, NULL);
	else if (owner->asked)
		plan_add(p, ACT_WATCH, row->name, by, "lists it; its owner %s gives no proof",
		    owner->conf->hostname);
}

static void decide_listed(const struct walk *w)
{
	const struct row *row = w->row;
	struct server *s = w->first, *owner = owner_of(w);
	/* Another server's text may be from before the zone moved. */
	bool waits = owner != NULL && !owner->proven;
	const char *why = NULL;
	struct err refused;
	if ((row == NULL || row->deleted) && door_name(w->in->conf, w->zone, &refused) < 0) {
		plan_add(w->plan, ACT_REFUSED, w->zone, s->conf->hostname, "%s", refused.text);
		return;
	}
	if (row != NULL && !row->deleted) {
		decide_owner(w);
		s = w->by_owner ? owner : w->first;
	}
	if (row == NULL)
		why = "not in the store";
	else if (row->wanted)
		why = waits ? NULL : "its text is still to be fetched";
	else if (row->deleted)
		why = "deleted in the store";
	if (why != NULL)
		about(plan_add(w->plan, ACT_PULL, w->zone, s->conf->hostname, "%s", why), row, s,
		    NULL);
	else if (s->deep && w->by_owner)
		about(plan_add(w->plan, ACT_CHECK, w->zone, s->conf->hostname, "%s", ""), row, s,
		    NULL);
}

static void decide_unlisted(const struct walk *w)
{
	struct server *owner = owner_of(w);
	/* A zone of which only the name is known goes the same way, or it would stay for ever. */
	if (w->row->deleted && !w->row->wanted)
		return;
	if (owner == NULL)
		plan_stray(w->plan); /* no server can be asked about it */
	else if (owner->proven)
		about(plan_add(w->plan, ACT_ORPHAN, w->zone, owner->conf->hostname, "%s", ""),
		    w->row, owner, NULL);
}

static bool same_digest(const struct row *row, const char *hex)
{
	char ours[BASE16_ENCODE_LENGTH(sizeof(row->digest))];
	base16_encode_update(ours, sizeof(row->digest), row->digest);
	return strlen(hex) == sizeof(ours) && memcmp(hex, ours, sizeof(ours)) == 0;
}

/* The server whose text of the zone counts, or NULL. */
static struct server *text_of(const struct walk *w)
{
	struct server *owner = owner_of(w);
	if (w->by_owner)
		return owner;
	return w->listed == 1 && (owner == NULL || owner->proven) ? w->first : NULL;
}

/* The store may be the older one (it is an older copy, or a person changed the target): nothing is
 * sent before DirectAdmin's text was seen. */
static void decide_newer(const struct walk *w, struct target *t, uint32_t serial)
{
	struct server *s = text_of(w);
	const char *name = t->conf->name;
	if (s != NULL)
		about(plan_add(w->plan, ACT_CHECK, w->zone, s->conf->hostname,
			  "newer on %s: serial %u there, %u here", name, serial, w->row->serial),
		    w->row, s, t);
	else
		about(
		    plan_add(w->plan, ACT_HELD, w->zone, name,
			"newer: serial %u there, %u here, and no DirectAdmin to ask; if the store "
			"is right: ddo-queue --retry %s %s",
			serial, w->row->serial, name, w->zone),
		    w->row, NULL, t);
}

static void decide_live(const struct walk *w, struct target *t, const struct held *h)
{
	uint32_t serial, here = w->row->serial;
	const char *name = t->conf->name;
	/* A program of the operator's own may not know digests; ours say with "-" that the zone is
	 * not served as it was written. */
	bool silent = h != NULL && strcmp(h->digest, "-") == 0 && !conf_known_kind(t->conf->type);
	struct action *a;
	if (h == NULL)
		a = plan_add(w->plan, ACT_PUSH, w->zone, name, "missing");
	else if (silent || same_digest(w->row, h->digest))
		return;
	else if (held_serial(h, &serial) && store_serial_less(here, serial)) {
		decide_newer(w, t, serial);
		return;
	} else if (h->digest[0] == '-')
		a = plan_add(w->plan, ACT_PUSH, w->zone, name, "not served as it was written");
	else if (strtoul(h->serial, NULL, 10) == here)
		a = plan_add(w->plan, ACT_PUSH, w->zone, name,
		    "different records, with the same serial %u", here);
	else
		a = plan_add(w->plan, ACT_PUSH, w->zone, name,
		    "different: serial %.10s there, %u here", h->serial, here);
	about(a, w->row, NULL, t);
}

static void decide_target(const struct walk *w, struct target *t, const struct held *h)
{
	const struct row *row = w->row;
	const char *name = t->conf->name;
	enum held_state state =
	    row == NULL ? HELD_NONE : (enum held_state)row->states[t - w->in->targets];
	/* A zone that is only wanted was never served; but ddo-queue may hold a delete, and want to
	 * know. */
	bool known = row != NULL && (!(row->deleted && row->wanted) || state == HELD_REFUSED);
	if (h != NULL && (h->foreign || !known)) {
		plan_add(w->plan, ACT_FOREIGN, w->zone, name, "%s: left alone",
		    known ? "not ddo's there" : "never ddo's");
		h = NULL;
	}
	if (!known)
		return;
	if (state == HELD_PENDING)
		t->pending++;
	else if (state == HELD_REFUSED)
		t->refused++;
	else if (state == HELD_PARKED)
		about(plan_add(w->plan, row->deleted ? ACT_GHOST : ACT_PUSH, w->zone, name,
			  "parked: all attempts had failed"),
		    row, NULL, t);
	else if (!row->deleted)
		decide_live(w, t, h);
	else if (h != NULL)
		about(plan_add(w->plan, ACT_GHOST, w->zone, name, "deleted in the store"), row,
		    NULL, t);
}

static const char *smaller(const char *a, const char *b)
{
	return a == NULL || (b != NULL && strcmp(b, a) < 0) ? b : a;
}

/* The next name of all sides, NULL at their end. */
static const char *next_name(const struct inputs *in, size_t row)
{
	const char *name = row < in->snapshot.nrows ? in->snapshot.rows[row].name : NULL;
	for (size_t i = 0; i < in->nservers; i++) {
		const struct server *s = &in->servers[i];
		if (s->proven && s->at < s->list.count)
			name = smaller(name, s->list.zones[s->at]);
	}
	for (size_t i = 0; i < in->ntargets; i++) {
		const struct target *t = &in->targets[i];
		if (t->compared && t->at < t->held.count)
			name = smaller(name, t->held.zones[t->at].zone);
	}
	return name;
}

static void take_listed(struct walk *w)
{
	for (size_t i = 0; i < w->in->nservers; i++) {
		struct server *s = &w->in->servers[i];
		if (!s->proven || s->at >= s->list.count ||
		    strcmp(s->list.zones[s->at], w->zone) != 0)
			continue;
		s->at++;
		if (w->listed++ == 0)
			w->first = s;
		w->by_owner = w->by_owner || (w->row != NULL && w->row->owner == s->conf);
	}
}

static void compare_one(struct walk *w)
{
	bool left_out = !options_about(w->in->o, w->zone);
	take_listed(w);
	if (!left_out && w->listed > 0)
		decide_listed(w);
	else if (!left_out && w->row != NULL)
		decide_unlisted(w);
	for (size_t i = 0; i < w->in->ntargets; i++) {
		struct target *t = &w->in->targets[i];
		const struct held *h = NULL;
		if (!t->compared)
			continue;
		/* When it lists a zone twice, the first one counts. */
		for (; t->at < t->held.count && strcmp(t->held.zones[t->at].zone, w->zone) == 0;
		     t->at++)
			h = h == NULL ? &t->held.zones[t->at] : h;
		if (!left_out)
			decide_target(w, t, h);
	}
}

void compare(struct inputs *in, struct plan *p)
{
	const struct snapshot *s = &in->snapshot;
	const char *name;
	for (size_t row = 0; (name = next_name(in, row)) != NULL;) {
		struct walk w = {.in = in, .plan = p, .zone = name};
		if (row < s->nrows && strcmp(s->rows[row].name, name) == 0) {
			w.row = &s->rows[row++];
			w.zone = w.row->name;
		}
		compare_one(&w);
	}
	for (size_t i = 0; i < in->ntargets; i++) {
		const struct target *t = &in->targets[i];
		if (t->pending > 0)
			plan_add(p, ACT_PENDING, "-", t->conf->name, "%zu deliveries are under way",
			    t->pending);
		if (t->refused > 0)
			plan_add(p, ACT_REFUSED, "-", t->conf->name,
			    "%zu zones; ddo-status names them and the reasons", t->refused);
	}
}

/* Has the store got a zone meanwhile that it did not know, and that is to be pulled? */
static int arrived(struct store *st, const struct action *a, struct err *err)
{
	struct store_zone z;
	return a->kind == ACT_PULL ? store_get(st, a->zone, &z, NULL, err) : 0;
}

int compare_again(struct store *st, struct plan *p, struct err *err)
{
	for (size_t i = 0; i < p->nactions; i++) {
		struct action *a = &p->actions[i];
		int changed = a->row == NULL ? arrived(st, a, err)
					     : snapshot_changed(st, a->row, a->target, err);
		if (changed < 0)
			return -1;
		if (changed > 0)
			plan_drop(p, a);
	}
	return 0;
}
