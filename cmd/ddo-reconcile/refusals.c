/* refusals: zones whose newest push was refused, a difference that no run can end. */
#include "store/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "reconcile.h"

struct refusals {
	const struct inputs *in;
	struct plan *plan;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, *(char *const *)b);
}

/* Is the DirectAdmin that pushed it known not to have the zone any more? */
static bool is_gone(const struct inputs *in, const struct store_refusal *f)
{
	const struct conf_da *da = f->origin[0] == '\0' ? NULL : conf_find_da(in->conf, f->origin);
	for (size_t i = 0; da != NULL && i < in->nservers; i++) {
		const struct server *s = &in->servers[i];
		if (s->conf == da && s->proven)
			return s->list.count == 0 || bsearch(f->zone, s->list.zones, s->list.count,
							 sizeof(*s->list.zones), by_name) == NULL;
	}
	return false;
}

/* A refusal that came after this run began is not one that it has looked at. */
static bool end(const struct inputs *in, const struct store_refusal *f)
{
	struct err err;
	if ((int64_t)(f->seq / 1000000) >= in->started)
		return false;
	struct job job = {.op = JOB_FORGET, .conditional = true, .seen = f->seq};
	snprintf(job.zone, sizeof(job.zone), "%s", f->zone);
	snprintf(job.source, sizeof(job.source), "reconcile");
	job_stamp(&job);
	if (!in->dry && spool_commit(in->spool, &job, 1, &err) < 0)
		msg_warn("%s: its refusal is kept: %s", f->zone, err.text);
	return true;
}

void refusals_end(const struct inputs *in, const char *zone)
{
	struct store_refusal f;
	struct err err;
	if (store_refusal(in->store, zone, &f, NULL, &err) > 0)
		end(in, &f);
}

static void look_at(void *arg, const struct store_refusal *f)
{
	struct refusals *all = arg;
	char when[32];
	if (!options_about(all->in->o, f->zone) || (is_gone(all->in, f) && end(all->in, f)))
		return;
	clock_rfc3339((int64_t)(f->seq / 1000000), when);
	plan_add(all->plan, ACT_REFUSED, mem_dup(f->zone),
	    f->origin[0] == '\0' ? "-" : mem_dup(f->origin), "its newest push, %s: %s%s%s", when,
	    f->reason, f->held > 0 ? "; held: ddo-enqueue allow " : "", f->held > 0 ? f->zone : "");
}

int refusals(const struct inputs *in, struct plan *p, struct err *err)
{
	struct refusals all = {.in = in, .plan = p};
	return store_each_refusal(in->store, 0, look_at, &all, err);
}
