/* refusals: what DirectAdmin has and the store refused is a difference that no run can end. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "reconcile.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(a, *(char *const *)b);
}

/* Is the DirectAdmin that pushed it known not to have the zone any more? */
static bool is_gone(const struct run *r, const struct store_refusal *f)
{
	const struct conf_da *da = f->origin[0] == '\0' ? NULL : conf_find_da(r->conf, f->origin);
	for (size_t i = 0; da != NULL && i < r->nservers; i++) {
		const struct server *s = &r->servers[i];
		if (s->conf == da && s->proven)
			return s->list.count == 0 || bsearch(f->zone, s->list.zones, s->list.count,
							 sizeof(*s->list.zones), by_name) == NULL;
	}
	return false;
}

/* What was refused after this run began is not what it has looked at. */
static bool end(struct run *r, const struct store_refusal *f)
{
	struct err err;
	if ((int64_t)(f->seq / 1000000) >= r->started)
		return false;
	struct job job = {.op = JOB_FORGET, .conditional = true, .seen = f->seq};
	snprintf(job.zone, sizeof(job.zone), "%s", f->zone);
	snprintf(job.source, sizeof(job.source), "reconcile");
	job_stamp(&job);
	if (!r->dry && spool_commit(r->spool, &job, 1, &err) < 0)
		msg_warn("%s: its refusal is kept: %s", f->zone, err.text);
	return true;
}

void refusals_end(struct run *r, const char *zone)
{
	struct store_refusal f;
	struct err err;
	if (store_refusal(r->store, zone, &f, NULL, &err) > 0)
		end(r, &f);
}

static void look_at(void *arg, const struct store_refusal *f)
{
	struct run *r = arg;
	char when[32];
	if (!plan_about(r, f->zone) || (is_gone(r, f) && end(r, f)))
		return;
	clock_rfc3339((int64_t)(f->seq / 1000000), when);
	plan_add(r, ACT_REFUSED, mem_dup(f->zone), f->origin[0] == '\0' ? "-" : mem_dup(f->origin),
	    "its newest push, %s: %s%s%s", when, f->reason,
	    f->held > 0 ? "; held: ddo-enqueue allow " : "", f->held > 0 ? f->zone : "");
}

int refusals(struct run *r, struct err *err)
{
	return store_each_refusal(r->store, 0, look_at, r, err);
}
