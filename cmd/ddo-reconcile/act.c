/* act: jobs into the spool.  Each holds only while the store still has what this run has seen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "reconcile.h"

#define CHUNK 256

/* Of an action about one zone. */
static void fill(struct job *job, enum job_op op, const struct action *a, const char *origin)
{
	*job = (struct job){.op = op, .conditional = true, .seen = a->row->seq};
	snprintf(job->zone, sizeof(job->zone), "%s", a->zone);
	snprintf(job->origin, sizeof(job->origin), "%s", origin);
	snprintf(job->source, sizeof(job->source), "reconcile");
	job_stamp(job);
}

int act_own(struct run *r, const struct action *a, struct err *err)
{
	struct job job;
	fill(&job, JOB_OWN, a, a->server->conf->hostname);
	return spool_commit(r->spool, &job, 1, err);
}

static int one_by_one(struct run *r, struct err *err)
{
	struct job *jobs = mem_alloc(CHUNK * sizeof(*jobs));
	size_t count = 0;
	int result = 0;
	for (size_t i = 0; result == 0 && i < r->nactions; i++) {
		const struct action *a = &r->actions[i];
		if (a->kind == ACT_CLAIM)
			fill(&jobs[count++], JOB_OWN, a, a->server->conf->hostname);
		else if (a->kind == ACT_DELETE)
			fill(&jobs[count++], JOB_DEL, a, a->row->origin);
		if (count == CHUNK || (count > 0 && i + 1 == r->nactions)) {
			result = spool_commit(r->spool, jobs, count, err);
			count = 0;
		}
	}
	free(jobs);
	return result;
}

/* One job, so that a target that lost everything costs one file. */
static int send_again(struct run *r, const struct target *t, size_t first, struct err *err)
{
	struct buf zones = {0};
	for (size_t i = first; i < r->nactions; i++) {
		const struct action *a = &r->actions[i];
		if (a->target == t && (a->kind == ACT_PUSH || a->kind == ACT_GHOST))
			buf_addf(&zones, "%s\n", a->zone);
	}
	struct job job = {.op = JOB_RESEND, .text = buf_str(&zones), .text_len = zones.len};
	snprintf(job.target, sizeof(job.target), "%s", t->conf->name);
	snprintf(job.source, sizeof(job.source), "reconcile");
	job_stamp(&job);
	int result = zones.len == 0 ? 0 : spool_commit(r->spool, &job, 1, err);
	buf_free(&zones);
	return result;
}

int act_resend(struct run *r, size_t first, struct err *err)
{
	int result = 0;
	for (size_t i = 0; result == 0 && i < r->ntargets; i++)
		result = send_again(r, &r->targets[i], first, err);
	return result;
}

int act(struct run *r, struct err *err)
{
	return one_by_one(r, err) < 0 ? -1 : act_resend(r, 0, err);
}

int act_restore(struct run *r, struct err *err)
{
	struct store_zone z = {0};
	struct buf text = {0};
	struct job job = {.op = JOB_RESTORE};
	const char *zone = r->o->restore;
	int known = store_get(r->store, zone, &z, NULL, err);
	if (known > 0 && !z.deleted) {
		err_set(err, "%s: it is not deleted", zone);
		return 0;
	}
	int found = known < 0 ? -1 : store_archived(r->store, zone, &z, &text, err);
	buf_free(&text);
	if (found == 0)
		err_set(err, "%s: the archive does not have it", zone);
	if (found <= 0)
		return found;
	snprintf(job.zone, sizeof(job.zone), "%s", zone);
	snprintf(job.source, sizeof(job.source), "reconcile");
	job_stamp(&job);
	return spool_commit(r->spool, &job, 1, err) < 0 ? -1 : 1;
}

int act_report(struct run *r, struct err *err)
{
	json_t *report = report_make(r);
	char *text = json_dumps(report, JSON_COMPACT);
	json_decref(report);
	struct job job = {.op = JOB_REPORT, .text = text, .text_len = strlen(text)};
	snprintf(job.source, sizeof(job.source), "reconcile");
	job_stamp(&job);
	int result = spool_commit(r->spool, &job, 1, err);
	free(text);
	return result;
}
