/* job: any file in the spool.  A refused job has a reason.  An accepted one has a normal zone name,
 * and its rendered text is accepted and renders to the same text. */
#include "fuzz.h"

#include <string.h>

#include "spool/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct job job, again;
	struct buf first = {0}, second = {0};
	struct err err = {""};
	char zone[NAME_SIZE];
	if (job_parse(&job, (const char *)data, size, &err) < 0) {
		HOLDS(err.text[0] != '\0' && strchr(err.text, '\n') == NULL);
		job_free(&job);
		return 0;
	}
	HOLDS(job.zone[0] == '\0' || (name_normalize(job.zone, strlen(job.zone), zone, &err) == 0 &&
					 strcmp(zone, job.zone) == 0));
	HOLDS(job.op != JOB_RESEND || job.target[0] != '\0');
	job_render(&job, &first);
	HOLDS(job_parse(&again, buf_str(&first), first.len, &err) == 0);
	HOLDS(job.op == again.op && job.conditional == again.conditional && job.seen == again.seen);
	HOLDS(job.text_len == again.text_len && strcmp(job.reason, again.reason) == 0);
	HOLDS((job.mine == NULL) == (again.mine == NULL) &&
	      (job.mine == NULL || strcmp(job.mine, again.mine) == 0));
	job_render(&again, &second);
	HOLDS(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
	job_free(&job);
	job_free(&again);
	buf_free(&first);
	buf_free(&second);
	return 0;
}
