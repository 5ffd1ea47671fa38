/* pull: zones from DirectAdmin into the spool, one after the other: the rate is DirectAdmin's. */
#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "conf/door.h"
#include "reconcile.h"

static void say(
    struct run *r, const struct action *a, enum action_kind kind, const char *what, const char *why)
{
	size_t at = r->nactions;
	plan_add(r, kind, a->zone, a->where, "%s%s", what, why);
	plan_print(&r->actions[at]);
}

/* What the store knows of the zone besides its text stays. */
static int fill(
    struct run *r, const struct action *a, struct job *job, struct store_zone *z, struct err *err)
{
	const struct conf_da *da = a->server->conf;
	int known = store_get(r->store, a->zone, z, NULL, err);
	if (known < 0)
		return -1;
	*job = (struct job){
	    .op = JOB_PUT, .conditional = true, .seen = a->row == NULL ? 0 : a->row->seq};
	snprintf(job->zone, sizeof(job->zone), "%s", a->zone);
	snprintf(job->user, sizeof(job->user), "%s", z->user);
	snprintf(job->client, sizeof(job->client), "%s", z->client);
	snprintf(job->source, sizeof(job->source), "reconcile");
	snprintf(job->origin, sizeof(job->origin), "%s",
	    known > 0 && conf_find_da(r->conf, z->origin) == da ? z->origin : da->hostname);
	job_stamp(job);
	return known;
}

/* As if it had been pushed, for whoever looks at the zone.  The plan has it anyhow. */
static void keep_refusal(struct run *r, struct job *job, const char *why)
{
	struct err err;
	job->op = JOB_REFUSED;
	snprintf(job->reason, sizeof(job->reason), "%.*s", JOB_REASON_SIZE - 1, why);
	if (!r->dry && spool_commit(r->spool, job, 1, &err) < 0)
		msg_warn("%s: its refusal is not kept: %s", job->zone, err.text);
}

/* A target has a newer one than the store, and this is what DirectAdmin's text says of that. */
static void decide_newer(struct run *r, const struct action *a, bool same)
{
	size_t at = r->nactions;
	struct action *about = plan_add(r, same ? ACT_PUSH : ACT_HELD, a->zone,
	    a->target->conf->name, "%s, %s", a->reason,
	    same ? "and DirectAdmin's is the store's" : "and DirectAdmin's is older");
	about->row = a->row;
	about->target = a->target;
	plan_print(&r->actions[at]);
}

/* DirectAdmin's text is here.  True: it is on its way into the store. */
static bool take(struct run *r, const struct action *a, const struct buf *text)
{
	struct store_zone z;
	struct zone *zone;
	struct job job;
	struct err err;
	int known = fill(r, a, &job, &z, &err);
	if (known < 0) {
		say(r, a, ACT_FAILED, "", err.text);
		return false;
	}
	if (door_parse(r->conf, a->zone, buf_str(text), text->len, &zone, &err) < 0) {
		say(r, a, ACT_FAILED, "DirectAdmin's text is refused: ", err.text);
		keep_refusal(r, &job, err.text);
		return false;
	}
	bool live = known > 0 && !z.deleted && !z.wanted;
	bool same = live && strcmp(z.digest, zone->digest) == 0;
	bool back = live && store_serial_less(zone->serial, z.serial);
	uint32_t serial = zone->serial;
	zone_free(zone);
	if ((same || back) && a->target != NULL)
		decide_newer(r, a, same);
	else if (same && a->kind == ACT_CHECK && a->reason[0] != '\0')
		say(r, a, ACT_WATCH,
		    "its text is the same (does that server sign it?): ", a->reason);
	if (same) {
		refusals_end(r, a->zone);
		return false;
	}
	if (back) {
		char words[64];
		snprintf(words, sizeof(words), "serial %u here, %u there", z.serial, serial);
		say(r, a, ACT_WATCH,
		    "DirectAdmin has an older version, which is not taken: ", words);
		return false;
	}
	if (a->kind == ACT_CHECK)
		say(r, a, ACT_PULL, "",
		    a->reason[0] != '\0' ? a->reason : "different from DirectAdmin's");
	job.text = buf_str(text);
	job.text_len = text->len;
	if (!r->dry && spool_commit(r->spool, &job, 1, &err) < 0) {
		say(r, a, ACT_FAILED, "", err.text);
		return false;
	}
	r->pulled += !r->dry;
	return true;
}

static bool pull_one(struct run *r, const struct action *a)
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
		taken = take(r, a, &text);
	} else if (da_fault(s->da) == DA_ABSENT) {
		/* Deleted since the list was made, most likely; if not, it is listed again. */
		say(r, a, ACT_WATCH, "listed, but not there when it was fetched: ", err.text);
	} else {
		servers_failed(s);
		say(r, a, ACT_FAILED, s->silent ? "no further zone is asked of it: " : "",
		    err.text);
	}
	buf_free(&text);
	return taken;
}

void pull_all(struct run *r)
{
	size_t planned = r->nactions; /* what is said meanwhile comes behind */
	struct err err;
	for (size_t i = 0; i < planned; i++) {
		struct action a = r->actions[i];
		bool fetch = a.kind == ACT_PULL && (!r->dry || a.server->deep);
		if (a.kind == ACT_CHECK || fetch)
			pull_one(r, &a);
		/* Its new owner's push was missed, or it would be the owner: so is its text. */
		if (a.kind == ACT_MIGRATE && !r->dry && !pull_one(r, &a) &&
		    act_own(r, &a, &err) < 0)
			say(r, &a, ACT_FAILED, "", err.text);
	}
	if (!r->dry && act_resend(r, planned, &err) < 0)
		die_temp("%s", err.text);
	for (size_t i = 0; i < r->nservers; i++) {
		const struct server *s = &r->servers[i];
		if (s->skipped == 0)
			continue;
		plan_add(r, ACT_FAILED, "-", s->conf->hostname,
		    "it has failed: %zu zones are not fetched in this run", s->skipped);
		plan_print(&r->actions[r->nactions - 1]);
	}
}
