/* pull: zones from DirectAdmin into the spool, one after the other: the rate is DirectAdmin's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "reconcile.h"
#include "zone.h"

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

/* DirectAdmin's text is here. */
static void take(struct run *r, const struct action *a, const struct buf *text)
{
	struct store_zone z;
	struct zone *zone;
	struct job job;
	struct err err;
	int known = fill(r, a, &job, &z, &err);
	if (known < 0) {
		say(r, a, ACT_FAILED, "", err.text);
		return;
	}
	if (zone_parse(a->zone, buf_str(text), text->len, r->conf->max_records, &zone, &err) < 0) {
		say(r, a, ACT_FAILED, "DirectAdmin's text is refused: ", err.text);
		return;
	}
	bool live = known > 0 && !z.deleted && !z.wanted;
	bool same = live && strcmp(z.digest, zone->digest) == 0;
	bool back = live && store_serial_less(zone->serial, z.serial);
	uint32_t serial = zone->serial;
	zone_free(zone);
	if (same)
		return;
	if (back) {
		char words[64];
		snprintf(words, sizeof(words), "serial %u here, %u there", z.serial, serial);
		say(r, a, ACT_WATCH,
		    "DirectAdmin has an older version, which is not taken: ", words);
		return;
	}
	if (a->kind == ACT_CHECK)
		say(r, a, ACT_PULL, "", "different from DirectAdmin's");
	job.text = buf_str(text);
	job.text_len = text->len;
	if (!r->dry && spool_commit(r->spool, &job, 1, &err) < 0)
		say(r, a, ACT_FAILED, "", err.text);
	else
		r->pulled++;
}

static void pull_one(struct run *r, const struct action *a)
{
	struct server *s = a->server;
	struct buf text = {0};
	struct err err;
	if (da_zone(s->da, a->zone, &text, &err) == 0) {
		take(r, a, &text);
	} else {
		enum da_fault f = da_fault(s->da);
		/* These are about the server, not about one zone. */
		s->silent = f != DA_ABSENT && f != DA_GARBLED;
		say(r, a, ACT_FAILED, s->silent ? "no further zone is asked of it: " : "",
		    err.text);
	}
	buf_free(&text);
}

void pull_all(struct run *r)
{
	size_t planned = r->nactions; /* what is said meanwhile comes behind */
	for (size_t i = 0; i < planned; i++) {
		struct action a = r->actions[i];
		bool pull = a.kind == ACT_PULL && !(r->dry && !r->o->deep);
		if ((pull || a.kind == ACT_CHECK) && !a.server->silent)
			pull_one(r, &a);
	}
}
