/* refusal: remembers refused pushes, with the text if a person may still allow it. */
#include <stdio.h>

#include "accept.h"
#include "base/msg.h"
#include "conf/door.h"
#include "queue.h"
#include "store/refusal.h"

int refusal_keep(
    struct queue *q, const struct job *job, bool known, const char *why, bool hold, struct err *err)
{
	struct store_refusal r = {.seq = job->seq, .known = known};
	snprintf(r.zone, sizeof(r.zone), "%s", job->zone);
	snprintf(r.origin, sizeof(r.origin), "%s", job->origin);
	snprintf(r.user, sizeof(r.user), "%s", job->user);
	snprintf(r.client, sizeof(r.client), "%s", job->client);
	snprintf(r.reason, sizeof(r.reason), "%.*s", JOB_REASON_SIZE - 1, why);
	err_clean(r.reason); /* cut, perhaps within a character */
	return store_refuse(q->store, &r, hold ? job->text : NULL, job->text_len, err);
}

bool refusal_foreign(
    const struct queue *q, const struct job *job, const struct store_zone *z, struct err *why)
{
	bool there = z->seq > 0 && (!z->deleted || z->wanted);
	if (job->mine == NULL || !there || door_owns(q->conf, job->mine, z->origin))
		return false;
	if (z->origin[0] == '\0')
		err_set(why, "the zone has no owner that this login speaks for");
	else
		err_set(why, "%s owns the zone", z->origin);
	msg_warn("%s: %s by %s is %s: %s", job->zone, job->op == JOB_DEL ? "delete" : "push",
	    job->origin, job->op == JOB_PUT ? "held" : "refused", why->text);
	return true;
}

int refusal_allowed(struct queue *q, const struct job *job, struct job *put, struct err *err)
{
	struct store_refusal r;
	struct buf text = {0};
	int found = store_refusal(q->store, job->zone, &r, &text, err);
	if (found >= 0 && text.len == 0)
		msg_warn("%s: no text is held, so there is nothing to allow", job->zone);
	if (found <= 0 || text.len == 0) {
		buf_free(&text);
		return found < 0 ? -1 : 0;
	}
	*put = (struct job){.op = JOB_PUT, .seq = job->seq, .text_len = text.len};
	put->text = put->owned = text.data;
	snprintf(put->zone, sizeof(put->zone), "%s", job->zone);
	snprintf(put->origin, sizeof(put->origin), "%s", r.origin);
	snprintf(put->user, sizeof(put->user), "%s", r.user);
	snprintf(put->client, sizeof(put->client), "%s", r.client);
	snprintf(put->source, sizeof(put->source), "%s", job->source);
	snprintf(put->accepted, sizeof(put->accepted), "%s", job->accepted);
	msg_info("%s: the held push of %s is allowed", job->zone, r.origin);
	return 1;
}
