/* refused: what the door says no to is handed on, so that it is seen; and whose a zone is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "base/msg.h"

/* A flood of them leaves half of the queue to pushes that are good. */
static int room(struct api *api, struct err *err)
{
	uint64_t most = (api->conf->max_queue + 1) / 2;
	if (api_room(api, 0, JOB_REASON_SIZE, err) < 0)
		return -1;
	return shared_take_place(api->shared, api->spool, 1, most, err);
}

void api_keep_refusal(struct api *api, const struct job *refused, const char *why)
{
	struct err err;
	struct job job = *refused;
	job.op = JOB_REFUSED;
	job.mine = NULL;
	job.text = NULL;
	job.text_len = 0;
	snprintf(job.reason, sizeof(job.reason), "%.*s", JOB_REASON_SIZE - 1, why);
	job_stamp(&job);
	if (room(api, &err) < 0 || spool_commit(api->spool, &job, 1, &err) < 0)
		msg_warn("%s: its refusal is not kept: %s", job.zone, err.text);
}

int api_store(struct api *api, struct store **out, struct err *err)
{
	const char *path = api->conf->db_path;
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0; /* ddo-queue has never run */
	return store_open(out, path, STORE_READ, err) < 0 ? -1 : 1;
}
