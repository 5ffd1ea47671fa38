/* intake_run: the jobs about a run of ddo-reconcile, not about one zone. */
#include <string.h>

#include "accept.h"
#include "base/msg.h"
#include "queue.h"
#include "store/compare.h"
#include "store/report.h"
#include "target.h"

int intake_resend(struct queue *q, const struct job *job, struct err *err)
{
	size_t count = 0;
	if (targets_find(q, job->target) == NULL) {
		msg_warn("%s: no such target: nothing is sent again", job->target);
		return 0;
	}
	int waits = store_restored_waits(q->store, job->target, err);
	if (waits != 0) {
		msg_warn("%s: nothing is sent again before it is compared with the store, "
			 "which is an older copy",
		    job->target);
		return waits < 0 ? -1 : 0;
	}
	const char *at = job->text, *end = job->text + job->text_len;
	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((line_end == NULL ? end : line_end) - at);
		char zone[NAME_SIZE];
		struct store_zone z;
		struct err why;
		if (name_normalize(at, len, zone, &why) < 0) {
			msg_warn("%s: not sent again: %s", job->target, why.text);
		} else {
			int known = store_get(q->store, zone, &z, NULL, err);
			if (known < 0 ||
			    (known > 0 && store_make_due(q->store, job->target, zone, err) < 0))
				return -1;
			count += known > 0;
		}
		at += len + 1;
	}
	msg_info("%s: %zu zones are sent again for %s", job->target, count, job->source);
	return 0;
}

int intake_report(struct queue *q, const struct job *job, struct err *err)
{
	int r = store_run_add(q->store, job->seq, job->source, job->text, job->text_len, err);
	if (r == 0)
		msg_error("cannot read a report of %s; it is dropped", job->source);
	return r < 0 ? -1 : 0;
}
