/* take: zones become jobs in the spool. */
#include "take.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "spool/spool.h"

#define JOBS_MOST 500

static void make_job(const struct plan_zone *z, struct job *job)
{
	*job = (struct job){.op = JOB_PUT,
	    .source = "import",
	    .conditional = true,
	    .seen = z->seen,
	    .text = z->text,
	    .text_len = z->len};
	snprintf(job->zone, sizeof(job->zone), "%s", z->name);
	snprintf(job->origin, sizeof(job->origin), "%s", z->origin);
	snprintf(job->user, sizeof(job->user), "%s", z->user);
	job_stamp(job);
}

int take_all(const struct plan *p, struct err *err)
{
	struct spool *spool;
	struct job *jobs = mem_alloc(JOBS_MOST * sizeof(*jobs));
	size_t count = 0;
	int r = spool_open(&spool, p->conf->spool_dir, false, err);
	if (r < 0) {
		free(jobs);
		return -1;
	}
	for (size_t i = 0; r == 0 && i < p->nzones; i++) {
		if (p->zones[i]->take)
			make_job(p->zones[i], &jobs[count++]);
		if (count == JOBS_MOST || (count > 0 && i + 1 == p->nzones)) {
			r = spool_commit(spool, jobs, count, err);
			count = 0;
		}
	}
	spool_close(spool);
	free(jobs);
	return r;
}
