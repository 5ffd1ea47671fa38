/* pull: zones from DirectAdmin into the spool, one after the other: the rate is DirectAdmin's. */
#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "conf/door.h"
#include "reconcile.h"

struct pull {
	const struct inputs *in;
	struct plan *plan;
};

static void say(const struct pull *pull, const struct action *a, enum action_kind kind,
    const char *what, const char *why)
{
	plan_print(pull->plan, plan_add(pull->plan, kind, a->zone, a->where, "%s%s", what, why));
}

/* What the store knows of the zone besides its text stays. */
static int fill(const struct inputs *in, const struct action *a, struct job *job,
    struct store_zone *z, struct err *err)
{
	const struct conf_da *da = a->server->conf;
	int known = store_get(in->store, a->zone, z, NULL, err);
	if (known < 0)
		return -1;
	*job = (struct job){
	    .op = JOB_PUT, .conditional = true, .seen = a->row == NULL ? 0 : a->row->seq};
	snprintf(job->zone, sizeof(job->zone), "%s", a->zone);
	snprintf(job->user, sizeof(job->user), "%s", z->user);
	snprintf(job->client, sizeof(job->client), "%s", z->client);
	snprintf(job->source, sizeof(job->source), "reconcile");
	snprintf(job->origin, sizeof(job->origin), "%s",
	    known > 0 && conf_find_da(in->conf, z->origin) == da ? z->origin : da->hostname);
	job_stamp(job);
	return known;
}

/* Keeps it as if the text had been pushed, so that ddo-status shows it with the zone. */
static void keep_refusal(const struct inputs *in, struct job *job, const char *why)
{
	struct err err;
	job->op = JOB_REFUSED;
	snprintf(job->reason, sizeof(job->reason), "%.*s", JOB_REASON_SIZE - 1, why);
	if (!in->dry && spool_commit(in->spool, job, 1, &err) < 0)
		msg_warn("%s: its refusal is not kept: %s", job->zone, err.text);
}

/* A target has a newer version than the store, and DirectAdmin's text decides. */
static void decide_newer(const struct pull *pull, const struct action *a, bool same)
{
	struct action *made = plan_add(pull->plan, same ? ACT_PUSH : ACT_HELD, a->zone,
	    a->target->conf->name, "%s, %s", a->reason,
	    same ? "and DirectAdmin's is the store's" : "and DirectAdmin's is older");
	made->row = a->row;
	made->target = a->target;
	plan_print(pull->plan, made);
}

/* The store's text stays: DirectAdmin's is the same, or older. */
static void leave(
    const struct pull *pull, const struct action *a, bool same, uint32_t here, uint32_t there)
{
	char serials[64];
	if (a->target != NULL)
		decide_newer(pull, a, same);
	else if (same && a->kind == ACT_CHECK && a->reason[0] != '\0')
		say(pull, a, ACT_WATCH,
		    "its text is the same (does that server sign it?): ", a->reason);
	if (same) {
		refusals_end(pull->in, a->zone);
		return;
	}
	snprintf(serials, sizeof(serials), "serial %u here, %u there", here, there);
	say(pull, a, ACT_WATCH, "DirectAdmin has an older version, which is not taken: ", serials);
}

/* DirectAdmin's text is here.  True: it is on its way into the store. */
static bool take(const struct pull *pull, const struct action *a, const struct buf *text)
{
	const struct inputs *in = pull->in;
	struct store_zone z;
	struct zone *zone;
	struct job job;
	struct err err;
	int known = fill(in, a, &job, &z, &err);
	if (known < 0) {
		say(pull, a, ACT_FAILED, "", err.text);
		return false;
	}
	if (door_parse(in->conf, a->zone, buf_str(text), text->len, &zone, &err) < 0) {
		say(pull, a, ACT_FAILED, "DirectAdmin's text is refused: ", err.text);
		keep_refusal(in, &job, err.text);
		return false;
	}
	bool live = known > 0 && !z.deleted && !z.wanted;
	bool same = live && strcmp(z.digest, zone->digest) == 0;
	bool back = live && store_serial_less(zone->serial, z.serial);
	uint32_t serial = zone->serial;
	zone_free(zone);
	if (same || back) {
		leave(pull, a, same, z.serial, serial);
		return false;
	}
	if (a->kind == ACT_CHECK)
		say(pull, a, ACT_PULL, "",
		    a->reason[0] != '\0' ? a->reason : "different from DirectAdmin's");
	job.text = buf_str(text);
	job.text_len = text->len;
	if (!in->dry && spool_commit(in->spool, &job, 1, &err) < 0) {
		say(pull, a, ACT_FAILED, "", err.text);
		return false;
	}
	if (!in->dry)
		plan_pulled(pull->plan);
	return true;
}

static bool pull_one(const struct pull *pull, const struct action *a)
{
	struct server *s = a->server;
	struct buf text = {0};
	struct err err;
	bool taken = false;
	if (s->silent) {
		s->skipped++;
		return false;
	}
	if (da_zone(s->da, a->zone, &text, &err) == 0) {
		s->denied = 0;
		taken = take(pull, a, &text);
	} else if (da_fault(s->da) == DA_ABSENT) {
		/* Most likely it was deleted since the list; if not, the next run sees it. */
		say(pull, a, ACT_WATCH, "listed, but not there when it was fetched: ", err.text);
	} else {
		servers_failed(s);
		say(pull, a, ACT_FAILED,
		    s->silent ? "it is asked for no more zones in this run: " : "", err.text);
	}
	buf_free(&text);
	return taken;
}

void pull_all(struct inputs *in, struct plan *p)
{
	struct pull pull = {.in = in, .plan = p};
	size_t planned = p->nactions; /* what is added meanwhile comes behind */
	struct err err;
	for (size_t i = 0; i < planned; i++) {
		struct action a = p->actions[i];
		bool fetch = a.kind == ACT_PULL && (!in->dry || a.server->deep);
		if (a.kind == ACT_CHECK || fetch)
			pull_one(&pull, &a);
		/* The new owner's push was missed, or it would be the owner: fetch its text. */
		if (a.kind == ACT_MIGRATE && !in->dry && !pull_one(&pull, &a) &&
		    act_own(in->spool, &a, &err) < 0)
			say(&pull, &a, ACT_FAILED, "", err.text);
	}
	if (!in->dry && act_resend(in, p, planned, &err) < 0)
		die_temp("%s", err.text);
	for (size_t i = 0; i < in->nservers; i++) {
		const struct server *s = &in->servers[i];
		if (s->skipped > 0)
			plan_print(p, plan_add(p, ACT_FAILED, "-", s->conf->hostname,
					  "it has failed: %zu zones are not fetched in this run",
					  s->skipped));
	}
}
