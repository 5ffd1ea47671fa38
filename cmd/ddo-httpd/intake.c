/* intake: is there room in the spool, and what becomes of a refused push. */
#include "intake.h"

#include <stdio.h>
#include <sys/statvfs.h>

#include "base/msg.h"

int intake_room(struct api *api, uint64_t jobs, uint64_t bytes, struct err *err)
{
	const struct conf *conf = api->conf;
	struct statvfs fs;
	if (conf->disk_reserve > 0 && statvfs(conf->spool_dir, &fs) == 0) {
		uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
		if (free_bytes < conf->disk_reserve + bytes)
			return err_set(err,
			    "%s has only %llu bytes free; app.disk_reserve_bytes is %zu",
			    conf->spool_dir, (unsigned long long)free_bytes, conf->disk_reserve);
	}
	return shared_take_place(api->shared, api->spool, jobs, conf->max_queue, err);
}

/* Refusals may fill half of the queue; the other half stays for good pushes. */
static int room_for_refusal(struct api *api, struct err *err)
{
	uint64_t most = (api->conf->max_queue + 1) / 2;
	if (intake_room(api, 0, JOB_REASON_SIZE, err) < 0)
		return -1;
	return shared_take_place(api->shared, api->spool, 1, most, err);
}

void intake_refusal(struct api *api, const struct job *refused, const char *why)
{
	struct err err;
	struct job job = *refused;
	job.op = JOB_REFUSED;
	job.mine = NULL;
	job.text = NULL;
	job.text_len = 0;
	snprintf(job.reason, sizeof(job.reason), "%.*s", JOB_REASON_SIZE - 1, why);
	job_stamp(&job);
	if (room_for_refusal(api, &err) < 0 || spool_commit(api->spool, &job, 1, &err) < 0)
		msg_warn("cannot keep the refusal of %s: %s", job.zone, err.text);
}
