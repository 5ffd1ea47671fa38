/* report: what happened, as the store keeps it and ddo-status shows it.  The orphans and the signed
 * zones are also this program's memory. */
#include "base/clock.h"
#include "base/mem.h"
#include "reconcile.h"

#define NAMES_MOST 100 /* of what is only for reading */

/* A reason holds what others said, and JSON takes UTF-8 only. */
static json_t *words(const char *text)
{
	json_t *value = json_string(text);
	char *plain = value == NULL ? mem_dup(text) : NULL;
	for (char *p = plain; p != NULL && *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	}
	if (value == NULL)
		value = json_string(plain);
	free(plain);
	return value;
}

static json_t *servers(const struct run *r)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->nservers; i++) {
		const struct server *s = &r->servers[i];
		json_array_append_new(
		    list, json_pack("{s:s,s:b,s:b,s:o,s:I,s:I}", "name", s->conf->hostname, "asked",
			      s->asked, "proven", s->proven, "why", words(s->why.text), "listed",
			      (json_int_t)s->list.count, "owned", (json_int_t)s->owned));
	}
	return list;
}

static json_t *targets(const struct run *r)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->ntargets; i++) {
		const struct target *t = &r->targets[i];
		json_array_append_new(
		    list, json_pack("{s:s,s:b,s:b,s:o,s:I}", "name", t->conf->name, "asked",
			      t->asked, "compared", t->compared, "why", words(t->why.text), "held",
			      (json_int_t)t->held.count));
	}
	return list;
}

static json_t *counts(const struct run *r)
{
	json_t *o = json_object();
	for (int k = 0; k < ACTION_KINDS; k++) {
		if (k != ACT_CHECK)
			json_object_set_new(o, plan_word((enum action_kind)k),
			    json_integer((json_int_t)r->counts[k]));
	}
	json_object_set_new(o, "pulled", json_integer((json_int_t)r->pulled));
	json_object_set_new(o, "strays", json_integer((json_int_t)r->strays));
	return o;
}

/* "zone where: why", the first ones of a kind. */
static json_t *names(const struct run *r, enum action_kind kind)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->nactions && json_array_size(list) < NAMES_MOST; i++) {
		const struct action *a = &r->actions[i];
		if (a->kind == kind)
			json_array_append_new(
			    list, json_pack("{s:s,s:s,s:o}", "zone", a->zone, "where", a->where,
				      "why", words(a->reason)));
	}
	return list;
}

static json_t *marks(const struct run *r)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->nnew_marks; i++) {
		const struct mark *m = &r->new_marks[i];
		json_t *cleared = json_array();
		for (size_t k = 0; k < r->nservers && k < 64; k++) {
			if ((m->cleared >> k & 1) != 0)
				json_array_append_new(
				    cleared, json_string(r->servers[k].conf->hostname));
		}
		json_array_append_new(
		    list, json_pack("{s:s,s:s,s:I,s:I,s:I,s:o}", "zone", m->zone, "server",
			      m->server, "seq", (json_int_t)m->seq, "first", (json_int_t)m->first,
			      "runs", (json_int_t)m->runs, "cleared", cleared));
	}
	return list;
}

json_t *report_make(const struct run *r)
{
	static const enum action_kind named[] = {ACT_BRAKE, ACT_CONFLICT, ACT_FOREIGN, ACT_WATCH,
	    ACT_HELD, ACT_FAILED, ACT_MIGRATE, ACT_ORPHAN, ACT_DELETE, ACT_REFUSED};
	json_t *o = json_pack("{s:I,s:I,s:b,s:b,s:o,s:o,s:o,s:o,s:{s:O,s:O,s:o}}", "started",
	    (json_int_t)r->started, "ended", (json_int_t)clock_wall_s(), "dry_run", r->dry,
	    "narrowed", plan_narrowed(r), "servers", servers(r), "targets", targets(r), "counts",
	    counts(r), "orphans", marks(r), "memory", "signed", r->signed_zones, "unsigned",
	    r->unsigned_zones, "compared", servers_compared(r));
	json_t *lists = json_object();
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		json_object_set_new(lists, plan_word(named[i]), names(r, named[i]));
	json_object_set_new(o, "lines", lists);
	return o;
}
