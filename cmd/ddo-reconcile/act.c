/* act: jobs into the spool.  Each holds only while the store has what this run saw. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "reconcile.h"
#include "store/archive.h"

#define CHUNK 256

/* A job about one zone. */
static void fill(struct job *job, enum job_op op, const struct action *a, const char *origin)
{
	*job = (struct job){.op = op, .conditional = true, .seen = a->row->seq};
	snprintf(job->zone, sizeof(job->zone), "%s", a->zone);
	snprintf(job->origin, sizeof(job->origin), "%s", origin);
	snprintf(job->source, sizeof(job->source), "reconcile");
	job_stamp(job);
}

int act_own(struct spool *spool, const struct action *a, struct err *err)
{
	struct job job;
	fill(&job, JOB_OWN, a, a->server->conf->hostname);
	return spool_commit(spool, &job, 1, err);
}

static int one_by_one(const struct inputs *in, const struct plan *p, struct err *err)
{
	struct job *jobs = mem_alloc(CHUNK * sizeof(*jobs));
	size_t count = 0;
	int result = 0;
	for (size_t i = 0; result == 0 && i < p->nactions; i++) {
		const struct action *a = &p->actions[i];
		if (a->kind == ACT_CLAIM)
			fill(&jobs[count++], JOB_OWN, a, a->server->conf->hostname);
		else if (a->kind == ACT_DELETE)
			fill(&jobs[count++], JOB_DEL, a, a->row->origin);
		if (count == CHUNK || (count > 0 && i + 1 == p->nactions)) {
			result = spool_commit(in->spool, jobs, count, err);
			count = 0;
		}
	}
	free(jobs);
	return result;
}

/* One job for all zones, so that a target that lost everything costs one file. */
static int send_again(struct spool *spool, const struct plan *p, const struct target *t,
    size_t first, struct err *err)
{
	struct buf zones = {0};
	for (size_t i = first; i < p->nactions; i++) {
		const struct action *a = &p->actions[i];
		if (a->target == t && (a->kind == ACT_PUSH || a->kind == ACT_GHOST))
			buf_addf(&zones, "%s\n", a->zone);
	}
	struct job job = {.op = JOB_RESEND, .text = buf_str(&zones), .text_len = zones.len};
	snprintf(job.target, sizeof(job.target), "%s", t->conf->name);
	snprintf(job.source, sizeof(job.source), "reconcile");
	job_stamp(&job);
	int result = zones.len == 0 ? 0 : spool_commit(spool, &job, 1, err);
	buf_free(&zones);
	return result;
}

int act_resend(const struct inputs *in, const struct plan *p, size_t first, struct err *err)
{
	int result = 0;
	for (size_t i = 0; result == 0 && i < in->ntargets; i++)
		result = send_again(in->spool, p, &in->targets[i], first, err);
	return result;
}

int act(const struct inputs *in, const struct plan *p, struct err *err)
{
	return one_by_one(in, p, err) < 0 ? -1 : act_resend(in, p, 0, err);
}

int act_restore(const struct inputs *in, const char *zone, struct err *err)
{
	struct store_zone z = {0};
	struct buf text = {0};
	struct job job = {.op = JOB_RESTORE};
	int known = store_get(in->store, zone, &z, NULL, err);
	if (known > 0 && !z.deleted) {
		err_set(err, "%s: it is not deleted", zone);
		return 0;
	}
	int found = known < 0 ? -1 : store_archived(in->store, zone, &z, &text, err);
	buf_free(&text);
	if (found == 0)
		err_set(err, "%s: the archive does not have it", zone);
	if (found <= 0)
		return found;
	snprintf(job.zone, sizeof(job.zone), "%s", zone);
	snprintf(job.source, sizeof(job.source), "reconcile");
	job_stamp(&job);
	return spool_commit(in->spool, &job, 1, err) < 0 ? -1 : 1;
}

int act_report(struct spool *spool, const json_t *report, struct err *err)
{
	char *text = json_dumps(report, JSON_COMPACT);
	struct job job = {.op = JOB_REPORT, .text = text, .text_len = strlen(text)};
	snprintf(job.source, sizeof(job.source), "reconcile");
	job_stamp(&job);
	int result = spool_commit(spool, &job, 1, err);
	free(text);
	return result;
}
