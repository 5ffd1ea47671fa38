/* accept: takes one job of any kind. */
#include "accept.h"

#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "conf/door.h"
#include "health.h"
#include "queue.h"
#include "store/archive.h"
#include "store/compare.h"
#include "store/refusal.h"
#include "target.h"

static int make_due_everywhere(struct queue *q, const char *zone, struct err *err)
{
	for (size_t i = 0; i < q->ntargets; i++) {
		if (store_make_due(q->store, q->targets[i]->name, zone, err) < 0)
			return -1;
	}
	return 0;
}

static int rearm(struct queue *q, const char *target, const char *zone, enum store_rearm which,
    size_t *count, struct err *err)
{
	for (size_t i = 0; i < q->ntargets; i++) {
		const struct target *t = q->targets[i];
		if ((target[0] == '\0' || strcmp(target, t->name) == 0) &&
		    store_rearm(q->store, t->name, zone, which, count, err) < 0)
			return -1;
	}
	return 0;
}

static void copy_who(struct store_zone *z, const struct job *job)
{
	z->seq = job->seq;
	snprintf(z->name, sizeof(z->name), "%s", job->zone);
	snprintf(z->user, sizeof(z->user), "%s", job->user);
	snprintf(z->client, sizeof(z->client), "%s", job->client);
	snprintf(z->accepted, sizeof(z->accepted), "%s", job->accepted);
}

/* The last origin that pushed a zone owns it.  A shell that names none leaves the owner alone.  The
 * owner of a deleted zone owns nothing, or its list would make the new zone an orphan. */
static void take_over(struct store_zone *z, const struct job *job)
{
	if (z->deleted && !z->wanted)
		z->origin[0] = '\0';
	if (job->origin[0] == '\0' || strcmp(job->origin, z->origin) == 0)
		return;
	if (z->origin[0] != '\0' && !z->deleted) {
		snprintf(z->note, sizeof(z->note), "%.30s moved from %.80s to %.80s", job->accepted,
		    z->origin, job->origin);
		msg_info("%s: moves from %s to %s", job->zone, z->origin, job->origin);
	}
	snprintf(z->origin, sizeof(z->origin), "%s", job->origin);
}

/* Has the store exactly this zone?  The digest does not tell: it leaves out the apex ZONEMD. */
static int is_same(struct queue *q, const struct ready_job *ready, struct err *err)
{
	return store_has_text(
	    q->store, ready->job.zone, buf_str(&ready->text), ready->text.len, err);
}

/* The note about records outside the zone stands until a push without them. */
static void note_left_out(struct store_zone *z, const struct ready_job *ready)
{
	struct err what;
	if (zone_left_out(ready->zone, &what)) {
		msg_warn("%s: %s", ready->job.zone, what.text);
		snprintf(z->note, sizeof(z->note), "%.30s %.200s", ready->job.accepted, what.text);
	} else if (strstr(z->note, "outside the zone left out") != NULL) {
		z->note[0] = '\0';
	}
}

/* The zone becomes what the put says. */
static int apply(struct queue *q, const struct ready_job *ready, struct store_zone *z, bool known,
    struct err *err)
{
	const struct job *job = &ready->job;
	const struct zone *zone = ready->zone;
	bool live = known && !z->deleted;
	int same = live && strcmp(z->digest, zone->digest) == 0 ? is_same(q, ready, err) : 0;
	if (same < 0)
		return -1;
	uint32_t serial = live ? z->serial : 0;
	take_over(z, job);
	copy_who(z, job);
	note_left_out(z, ready);
	z->deleted = z->wanted = false;
	if (same > 0) {
		size_t count = 0;
		return store_set(q->store, z, NULL, 0, err) < 0
			   ? -1
			   : rearm(q, "", job->zone, REARM_REFUSED, &count, err);
	}
	z->generation = job->seq;
	z->serial = zone->serial;
	snprintf(z->digest, sizeof(z->digest), "%s", zone->digest);
	if (store_set(q->store, z, buf_str(&ready->text), ready->text.len, err) < 0 ||
	    make_due_everywhere(q, job->zone, err) < 0)
		return -1;
	return store_serial(q->store, job->zone, serial, zone->serial, err);
}

static int put(struct queue *q, const struct ready_job *ready, struct store_zone *z, bool known,
    enum accept *result, struct err *err)
{
	const struct job *job = &ready->job;
	struct err why;
	if (ready->zone == NULL) {
		msg_error("%s: job %llu is refused and was moved to bad/: %s", job->zone,
		    (unsigned long long)job->seq, ready->why.text);
		*result = REJECTED;
		return refusal_keep(q, job, known, ready->why.text, false, err);
	}
	if (refusal_foreign(q, job, z, &why))
		return refusal_keep(q, job, known, why.text, true, err);
	return apply(q, ready, z, known, err) < 0
		   ? -1
		   : store_refusal_end(q->store, job->zone, job->seq, err);
}

/* May this job delete the zone?  A sender that named no origin is known by its address. */
static bool may_delete(const struct conf *conf, const struct store_zone *z, const struct job *job)
{
	const struct conf_da *owner = conf_find_da(conf, z->origin);
	if (strcmp(job->source, "manual") == 0 && job->origin[0] == '\0')
		return true;
	if (z->origin[0] == '\0' || strcmp(z->origin, job->origin) == 0)
		return true;
	if (owner != NULL && owner == conf_find_da(conf, job->origin))
		return true;
	bool unnamed = strcmp(job->origin, job->client) == 0 || strcmp(z->origin, z->client) == 0;
	return unnamed && job->client[0] != '\0' && strcmp(z->client, job->client) == 0;
}

static int del(
    struct queue *q, const struct job *job, struct store_zone *z, bool known, struct err *err)
{
	struct err why;
	if (refusal_foreign(q, job, z, &why))
		return refusal_keep(q, job, known, why.text, false, err);
	if (!known) {
		msg_info("%s: delete of an unknown zone: nothing to do", job->zone);
		return store_refusal_end(q->store, job->zone, job->seq, err);
	}
	if (z->deleted && !z->wanted) {
		size_t count = 0;
		z->seq = job->seq;
		return store_set(q->store, z, NULL, 0, err) < 0 ? -1
		       : rearm(q, "", job->zone, REARM_REFUSED, &count, err) < 0
			   ? -1
			   : store_refusal_end(q->store, job->zone, job->seq, err);
	}
	if (!may_delete(q->conf, z, job)) {
		snprintf(z->note, sizeof(z->note),
		    "%.30s delete by %.80s refused: %.80s owns the zone", job->accepted,
		    job->origin, z->origin);
		msg_warn("%s: delete by %s refused: %s owns the zone", job->zone, job->origin,
		    z->origin);
		return store_set(q->store, z, NULL, 0, err);
	}
	bool served = !z->deleted;
	if (served && (store_archive(q->store, job->zone, err) < 0 ||
			  store_serial(q->store, job->zone, 0, 0, err) < 0))
		return -1;
	copy_who(z, job);
	if (strcmp(job->source, "reconcile") == 0)
		snprintf(z->note, sizeof(z->note),
		    "%.30s deleted by ddo-reconcile: no DirectAdmin lists it", job->accepted);
	z->generation = job->seq;
	z->deleted = true;
	z->wanted = false;
	z->serial = 0;
	z->digest[0] = '\0';
	if (store_set(q->store, z, "", 0, err) < 0 ||
	    store_refusal_end(q->store, job->zone, job->seq, err) < 0)
		return -1;
	/* A target may hold it until DirectAdmin decides; this is the decision. */
	size_t count = 0;
	return served ? make_due_everywhere(q, job->zone, err)
		      : rearm(q, "", job->zone, REARM_REFUSED, &count, err);
}

static int wanted(
    struct queue *q, const struct job *job, struct store_zone *z, bool known, struct err *err)
{
	struct err why;
	if (door_name(q->conf, job->zone, &why) < 0 || refusal_foreign(q, job, z, &why))
		return refusal_keep(q, job, known, why.text, false, err);
	if (known && z->deleted)
		take_over(z, job);
	z->wanted = true;
	if (known) {
		z->seq = job->seq;
		return store_set(q->store, z, NULL, 0, err);
	}
	copy_who(z, job);
	snprintf(z->origin, sizeof(z->origin), "%s", job->origin);
	z->generation = job->seq;
	z->deleted = true; /* nothing to serve yet */
	return store_set(q->store, z, "", 0, err);
}

static int own(struct queue *q, const struct job *job, struct store_zone *z, struct err *err)
{
	take_over(z, job);
	z->seq = job->seq;
	return store_set(q->store, z, NULL, 0, err);
}

/* The zone gets no owner, so that no list makes it an orphan again.  The next push owns it. */
static int restore(struct queue *q, const struct job *job, struct store_zone *z, struct err *err)
{
	struct buf text = {0};
	int r = z->deleted ? store_archived(q->store, job->zone, z, &text, err) : 0;
	if (r > 0) {
		copy_who(z, job);
		z->generation = job->seq;
		z->deleted = z->wanted = false;
		z->origin[0] = '\0';
		snprintf(
		    z->note, sizeof(z->note), "%.30s restored from the archive", job->accepted);
		msg_info("%s: restored from the archive, serial %u", job->zone, z->serial);
		r = store_set(q->store, z, buf_str(&text), text.len, err);
		if (r == 0)
			r = make_due_everywhere(q, job->zone, err);
	} else if (r == 0) {
		msg_warn("%s: nothing to restore: %s", job->zone,
		    z->deleted ? "the archive does not have it" : "it is not deleted");
	}
	buf_free(&text);
	return r;
}

/* The held text becomes the zone, whatever its owner, if it still passes the limits. */
static int allow(
    struct queue *q, const struct job *job, struct store_zone *z, bool known, struct err *err)
{
	struct ready_job held = {.state = READY};
	int r = refusal_allowed(q, job, &held.job, err);
	if (r <= 0)
		return r;
	ready_parse(&held, q->conf);
	if (held.zone == NULL) {
		msg_error("%s: the held push is refused and dropped: %s", job->zone, held.why.text);
		r = refusal_keep(q, &held.job, known, held.why.text, false, err);
	} else {
		r = apply(q, &held, z, known, err) < 0
			? -1
			: store_refusal_end(q->store, job->zone, job->seq, err);
	}
	ready_free(&held);
	return r;
}

/* A named zone of a named target goes in any state: an operator has looked at it. */
static int send_one(
    struct queue *q, const char *target, const char *name, size_t *count, struct err *err)
{
	struct store_zone z;
	int known = store_get(q->store, name, &z, NULL, err);
	if (known <= 0 || (z.deleted && z.wanted))
		return known < 0 ? -1 : 0;
	(*count)++;
	return store_make_due(q->store, target, name, err);
}

static int retry(struct queue *q, const struct job *job, struct err *err)
{
	size_t count = 0;
	bool one = job->target[0] != '\0' && job->zone[0] != '\0';
	for (size_t i = 0; i < q->ntargets; i++) {
		const struct target *t = q->targets[i];
		if (job->target[0] != '\0' && strcmp(job->target, t->name) != 0)
			continue;
		if (health_probe_now(q, t, err) < 0 ||
		    store_release(q->store, t->name, job->zone, err) < 0 ||
		    (one ? send_one(q, t->name, job->zone, &count, err)
			 : rearm(q, t->name, job->zone, REARM_ALL, &count, err)) < 0)
			return -1;
	}
	msg_info("retry: %zu deliveries are due again", count);
	return 0;
}

int accept_job(struct queue *q, const struct ready_job *ready, enum accept *result, struct err *err)
{
	const struct job *job = &ready->job;
	*result = TAKEN;
	if (job->op == JOB_RETRY)
		return retry(q, job, err);
	if (job->op == JOB_RESEND)
		return intake_resend(q, job, err);
	if (job->op == JOB_REPORT)
		return intake_report(q, job, err);
	if (job->op == JOB_FORGET) /* only that refusal, if it says which */
		return store_refusal_end(
		    q->store, job->zone, job->conditional ? job->seen + 1 : job->seq, err);
	struct store_zone z;
	int known = store_get(q->store, job->zone, &z, NULL, err);
	if (known < 0)
		return -1;
	/* Taken already (a crash between commit and unlink), or older than what the store holds. */
	if (known && z.seq >= job->seq) {
		if (z.seq > job->seq)
			msg_info("%s: job %llu is older than the store's %llu and changes nothing",
			    job->zone, (unsigned long long)job->seq, (unsigned long long)z.seq);
		return 0;
	}
	if (job->conditional && (known ? z.seq : 0) != job->seen) {
		msg_info("%s: changed after %s looked, so its job changes nothing", job->zone,
		    job->source);
		return 0;
	}
	switch (job->op) {
	case JOB_PUT:
		return put(q, ready, &z, known, result, err);
	case JOB_OWN:
		return known ? own(q, job, &z, err) : 0;
	case JOB_RESTORE:
		return known ? restore(q, job, &z, err) : 0;
	case JOB_REFUSED:
		return refusal_keep(q, job, known, job->reason, false, err);
	case JOB_ALLOW:
		return allow(q, job, &z, known, err);
	case JOB_FORGET:
		return store_refusal_end(q->store, job->zone, job->seq, err);
	case JOB_DEL:
		return del(q, job, &z, known, err);
	default:
		return wanted(q, job, &z, known, err);
	}
}
