/* report: what happened in a run, as the store keeps it and ddo-status shows it. */
#include "base/clock.h"
#include "reconcile.h"

#define NAMES_MOST 100 /* of what is only for reading */

static json_t *servers(const struct inputs *in)
{
	json_t *list = json_array();
	for (size_t i = 0; i < in->nservers; i++) {
		const struct server *s = &in->servers[i];
		json_array_append_new(
		    list, json_pack("{s:s,s:b,s:b,s:s,s:I,s:I}", "name", s->conf->hostname, "asked",
			      s->asked, "proven", s->proven, "why", s->why.text, "listed",
			      (json_int_t)s->list.count, "owned", (json_int_t)s->owned));
	}
	return list;
}

static json_t *targets(const struct inputs *in)
{
	json_t *list = json_array();
	for (size_t i = 0; i < in->ntargets; i++) {
		const struct target *t = &in->targets[i];
		json_array_append_new(
		    list, json_pack("{s:s,s:b,s:b,s:s,s:I}", "name", t->conf->name, "asked",
			      t->asked, "compared", t->compared, "why", t->why.text, "held",
			      (json_int_t)t->held.count));
	}
	return list;
}

static json_t *counts(const struct plan *p)
{
	json_t *o = json_object();
	for (int k = 0; k < ACTION_KINDS; k++) {
		enum action_kind kind = (enum action_kind)k;
		if (kind != ACT_CHECK)
			json_object_set_new(
			    o, plan_word(kind), json_integer((json_int_t)plan_count(p, kind)));
	}
	json_object_set_new(o, "pulled", json_integer((json_int_t)p->pulled));
	json_object_set_new(o, "strays", json_integer((json_int_t)p->strays));
	return o;
}

/* The first actions of each kind that a reader wants to see. */
static json_t *lines(const struct plan *p)
{
	static const enum action_kind named[] = {ACT_BRAKE, ACT_CONFLICT, ACT_FOREIGN, ACT_WATCH,
	    ACT_HELD, ACT_FAILED, ACT_MIGRATE, ACT_ORPHAN, ACT_DELETE, ACT_REFUSED};
	json_t *lists = json_object();
	for (size_t k = 0; k < sizeof(named) / sizeof(named[0]); k++) {
		json_t *list = json_array();
		for (size_t i = 0; i < p->nactions && json_array_size(list) < NAMES_MOST; i++) {
			if (p->actions[i].kind == named[k])
				json_array_append_new(list, plan_json(&p->actions[i]));
		}
		json_object_set_new(lists, plan_word(named[k]), list);
	}
	return lists;
}

/* When each DirectAdmin's texts were all compared, for deep_hours. */
static json_t *compared(const struct inputs *in, const struct memory *m)
{
	json_t *o = json_object();
	for (size_t i = 0; i < in->nservers; i++) {
		const struct server *s = &in->servers[i];
		bool now = s->deep && s->proven && !s->silent && !in->dry && !options_narrow(in->o);
		json_object_set_new(o, s->conf->hostname,
		    json_integer(now ? in->started : memory_compared(m, s->conf->hostname)));
	}
	return o;
}

json_t *report_make(const struct inputs *in, const struct plan *p, const struct memory *m)
{
	return json_pack("{s:I,s:I,s:b,s:b,s:o,s:o,s:o,s:o,s:{s:O,s:O,s:o},s:o}", "started",
	    (json_int_t)in->started, "ended", (json_int_t)clock_wall_s(), "dry_run", in->dry,
	    "narrowed", options_narrow(in->o), "servers", servers(in), "targets", targets(in),
	    "counts", counts(p), "orphans", memory_marks(m, in), "memory", "signed",
	    m->signed_zones, "unsigned", m->unsigned_zones, "compared", compared(in, m), "lines",
	    lines(p));
}
