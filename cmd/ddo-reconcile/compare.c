/* compare: all sides are in the order of names; one walk over them. */
#include <nettle/base16.h>
#include <stdlib.h>
#include <string.h>

#include "conf/door.h"
#include "reconcile.h"

/* The proven lists that have the zone: how many, the first, and whether `owner` is one. */
struct listed {
	size_t count;
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

static struct server *server_of(struct run *r, const struct conf_da *conf)
{
	for (size_t i = 0; i < r->nservers; i++) {
		if (r->servers[i].conf == conf)
			return &r->servers[i];
	}
	return NULL;
}

/* In the store and listed by somebody else than its owner, or by several. */
static void decide_owner(struct run *r, const struct row *row, const struct listed *l)
{
	struct server *owner = server_of(r, row->owner);
	const char *by = l->first->conf->hostname;
	if (l->count > 1) {
		if (!l->by_owner)
			about(plan_add(r, ACT_CONFLICT, row->name, by,
				  "%zu servers list it, its owner %s does not: nothing is done",
				  l->count, row->origin[0] == '\0' ? "(none)" : row->origin),
			    row, l->first, NULL);
		else
			plan_add(r, ACT_WATCH, row->name, row->owner->hostname,
			    "%zu servers list it; its owner stays", l->count);
		return;
	}
	if (l->by_owner)
		return;
	/* What its push may not take, its list does not give it: the owner cannot be asked. */
	if (owner == NULL && door_bound(r->conf, by))
		plan_add(r, ACT_HELD, row->name, by,
		    "%s owns it, and the login of %s takes over no zone (zones: owned)",
		    row->origin[0] == '\0' ? "nobody" : row->origin, by);
	else if (row->origin[0] == '\0')
		about(plan_add(r, ACT_CLAIM, row->name, by, "had no owner"), row, l->first, NULL);
	else if (owner == NULL)
		about(plan_add(r, ACT_MIGRATE, row->name, by,
			  "%s, that owned it, is not configured", row->origin),
		    row, l->first, NULL);
	else if (owner->proven)
		about(plan_add(r, ACT_MIGRATE, row->name, by, "%s no longer lists it",
			  owner->conf->hostname),
		    row, l->first, NULL);
	else if (owner->asked)
		plan_add(r, ACT_WATCH, row->name, by, "lists it; its owner %s gives no proof",
		    owner->conf->hostname);
}

static void decide_listed(
    struct run *r, const char *zone, const struct row *row, const struct listed *l)
{
	struct server *s = l->first, *owner = row == NULL ? NULL : server_of(r, row->owner);
	/* What somebody else has may be from before the zone moved. */
	bool waits = owner != NULL && !owner->proven;
	const char *why = NULL;
	struct err refused;
	if ((row == NULL || row->deleted) && door_name(r->conf, zone, &refused) < 0) {
		plan_add(r, ACT_REFUSED, zone, s->conf->hostname, "%s", refused.text);
		return;
	}
	if (row != NULL && !row->deleted) {
		decide_owner(r, row, l);
		s = l->by_owner ? owner : l->first;
	}
	if (row == NULL)
		why = "not in the store";
	else if (row->wanted)
		why = waits ? NULL : "its text is still to be fetched";
	else if (row->deleted)
		why = "deleted in the store";
	if (why != NULL)
		about(plan_add(r, ACT_PULL, row == NULL ? zone : row->name, s->conf->hostname, "%s",
			  why),
		    row, s, NULL);
	else if (s->deep && l->by_owner)
		about(plan_add(r, ACT_CHECK, row->name, s->conf->hostname, "%s", ""), row, s, NULL);
}

static void decide_unlisted(struct run *r, const struct row *row)
{
	struct server *owner = server_of(r, row->owner);
	/* A zone that only its name was told of goes the same way: it would be known for ever. */
	if (row->deleted && !row->wanted)
		return;
	if (owner == NULL)
		r->strays++; /* nobody can be asked about it */
	else if (owner->proven)
		about(plan_add(r, ACT_ORPHAN, row->name, owner->conf->hostname, "%s", ""), row,
		    owner, NULL);
}

static bool same_digest(const struct row *row, const char *hex)
{
	char ours[BASE16_ENCODE_LENGTH(sizeof(row->digest))];
	base16_encode_update(ours, sizeof(row->digest), row->digest);
	return strlen(hex) == sizeof(ours) && memcmp(hex, ours, sizeof(ours)) == 0;
}

/* The server whose text of the zone counts, or NULL. */
static struct server *text_of(struct run *r, const struct row *row, const struct listed *l)
{
	struct server *owner = server_of(r, row->owner);
	if (l->by_owner)
		return owner;
	return l->count == 1 && (owner == NULL || owner->proven) ? l->first : NULL;
}

/* The store may be the older one (a copy of it, somebody's hand on the target): nothing is sent
 * before DirectAdmin's text was seen. */
static void decide_newer(
    struct run *r, const struct row *row, struct target *t, uint32_t serial, const struct listed *l)
{
	struct server *s = text_of(r, row, l);
	const char *name = t->conf->name;
	if (s != NULL)
		about(plan_add(r, ACT_CHECK, row->name, s->conf->hostname,
			  "newer on %s: serial %u there, %u here", name, serial, row->serial),
		    row, s, t);
	else
		about(
		    plan_add(r, ACT_HELD, row->name, name,
			"newer: serial %u there, %u here, and no DirectAdmin to ask; if the store "
			"is right: ddo-queue --retry %s %s",
			serial, row->serial, name, row->name),
		    row, NULL, t);
}

static void decide_live(struct run *r, const struct row *row, struct target *t,
    const struct held *h, const struct listed *l)
{
	uint32_t serial;
	const char *name = t->conf->name;
	/* A program of the operator's own may not know digests; ours say with "-" that the zone is
	 * not served as it was written. */
	bool silent = h != NULL && strcmp(h->digest, "-") == 0 && !conf_known_kind(t->conf->type);
	struct action *a;
	if (h == NULL)
		a = plan_add(r, ACT_PUSH, row->name, name, "missing");
	else if (silent || same_digest(row, h->digest))
		return;
	else if (held_serial(h, &serial) && store_serial_less(row->serial, serial))
		return decide_newer(r, row, t, serial, l);
	else if (h->digest[0] == '-')
		a = plan_add(r, ACT_PUSH, row->name, name, "not served as it was written");
	else if (strtoul(h->serial, NULL, 10) == row->serial)
		a = plan_add(r, ACT_PUSH, row->name, name,
		    "different records, with the same serial %u", row->serial);
	else
		a = plan_add(r, ACT_PUSH, row->name, name, "different: serial %.10s there, %u here",
		    h->serial, row->serial);
	about(a, row, NULL, t);
}

static void decide_target(struct run *r, const char *zone, const struct row *row, struct target *t,
    const struct held *h, const struct listed *l)
{
	const char *name = t->conf->name;
	enum held_state state =
	    row == NULL ? HELD_NONE : (enum held_state)row->states[t - r->targets];
	/* One that is only wanted never was; but ddo-queue may hold a delete, and want to know. */
	bool known = row != NULL && (!(row->deleted && row->wanted) || state == HELD_REFUSED);
	if (h != NULL && (h->foreign || !known)) {
		plan_add(r, ACT_FOREIGN, known ? row->name : zone, name, "%s: left alone",
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
		about(plan_add(r, row->deleted ? ACT_GHOST : ACT_PUSH, row->name, name,
			  "parked: all attempts had failed"),
		    row, NULL, t);
	else if (!row->deleted)
		decide_live(r, row, t, h, l);
	else if (h != NULL)
		about(
		    plan_add(r, ACT_GHOST, row->name, name, "deleted in the store"), row, NULL, t);
}

static const char *smaller(const char *a, const char *b)
{
	return a == NULL || (b != NULL && strcmp(b, a) < 0) ? b : a;
}

/* The next name of all sides, NULL at their end. */
static const char *next_name(struct run *r, size_t row)
{
	const char *name = row < r->nrows ? r->rows[row].name : NULL;
	for (size_t i = 0; i < r->nservers; i++) {
		struct server *s = &r->servers[i];
		if (s->proven && s->at < s->list.count)
			name = smaller(name, s->list.zones[s->at]);
	}
	for (size_t i = 0; i < r->ntargets; i++) {
		struct target *t = &r->targets[i];
		if (t->compared && t->at < t->held.count)
			name = smaller(name, t->held.zones[t->at].zone);
	}
	return name;
}

static struct listed take_listed(struct run *r, const char *name, const struct row *row)
{
	struct listed l = {0};
	for (size_t i = 0; i < r->nservers; i++) {
		struct server *s = &r->servers[i];
		if (!s->proven || s->at >= s->list.count || strcmp(s->list.zones[s->at], name) != 0)
			continue;
		s->at++;
		l.first = l.count++ == 0 ? s : l.first;
		l.by_owner = l.by_owner || (row != NULL && row->owner == s->conf);
	}
	return l;
}

static void compare_one(struct run *r, const char *name, const struct row *row)
{
	bool narrow = !plan_about(r, name);
	struct listed l = take_listed(r, name, row);
	if (!narrow && l.count > 0)
		decide_listed(r, name, row, &l);
	else if (!narrow && row != NULL)
		decide_unlisted(r, row);
	for (size_t i = 0; i < r->ntargets; i++) {
		struct target *t = &r->targets[i];
		const struct held *h = NULL;
		if (!t->compared)
			continue;
		/* Should it list a zone twice, the first one counts. */
		for (; t->at < t->held.count && strcmp(t->held.zones[t->at].zone, name) == 0;
		     t->at++)
			h = h == NULL ? &t->held.zones[t->at] : h;
		if (!narrow)
			decide_target(r, name, row, t, h, &l);
	}
}

void compare(struct run *r)
{
	const char *name;
	for (size_t row = 0; (name = next_name(r, row)) != NULL;) {
		bool known = row < r->nrows && strcmp(r->rows[row].name, name) == 0;
		compare_one(r, name, known ? &r->rows[row] : NULL);
		row += known;
	}
	for (size_t i = 0; i < r->ntargets; i++) {
		struct target *t = &r->targets[i];
		if (t->pending > 0)
			plan_add(r, ACT_PENDING, "-", t->conf->name, "%zu deliveries are under way",
			    t->pending);
		if (t->refused > 0)
			plan_add(r, ACT_REFUSED, "-", t->conf->name,
			    "%zu zones, which ddo-status names with the reasons", t->refused);
	}
}

/* A zone to be pulled that the store had never heard of, and now has. */
static int arrived(struct run *r, const struct action *a, struct err *err)
{
	struct store_zone z;
	return a->kind == ACT_PULL ? store_get(r->store, a->zone, &z, NULL, err) : 0;
}

int compare_again(struct run *r, struct err *err)
{
	for (size_t i = 0; i < r->nactions; i++) {
		struct action *a = &r->actions[i];
		int changed = a->row == NULL ? arrived(r, a, err)
					     : snapshot_changed(r, a->row, a->target, err);
		if (changed < 0)
			return -1;
		a->dropped = changed > 0;
	}
	return 0;
}
