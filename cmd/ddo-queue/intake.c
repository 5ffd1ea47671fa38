/* intake: takes each chunk of jobs, in one transaction, and tells why jobs wait. */
#include "intake.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "accept.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/msg.h"
#include "queue.h"
#include "reader.h"
#include "restored.h"
#include "target.h"

#define AGAIN_MS 1000
#define SPARED_MOST 3 /* more jobs that the store refuses mean that the store itself fails */

/* run_dir/intake: "SINCE JOBS REASON", only while intake stands. */
static void tell(const struct queue *q)
{
	const struct intake *in = &q->intake;
	struct buf text = {0};
	struct err err;
	int dir = file_open_dir(q->conf->run_dir, &err);
	if (dir < 0)
		return;
	if (in->since == 0) {
		unlinkat(dir, "intake", 0);
	} else {
		buf_addf(&text, "%lld %zu %s\n", (long long)in->since, in->stuck, in->why.text);
		if (file_write_durable(
			dir, "intake.new", "intake", 0644, text.data, text.len, &err) < 0)
			msg_warn("%s: %s", q->conf->run_dir, err.text);
	}
	close(dir);
	buf_free(&text);
}

static void stands(struct queue *q, const char *why)
{
	struct intake *in = &q->intake;
	bool same = in->since != 0 && strcmp(in->why.text, why) == 0;
	if (in->since == 0)
		in->since = clock_wall_s();
	err_set(&in->why, "%s", why);
	if (!same)
		msg_error("cannot take jobs into the store, will try again: %s", why);
	tell(q);
}

static void goes_on(struct queue *q)
{
	if (q->intake.since == 0)
		return;
	q->intake.since = 0;
	msg_info("jobs are taken again");
	tell(q);
}

/* Leaves a job where it is. */
static void leave(struct queue *q, struct ready_job *j, const struct err *why)
{
	struct intake *in = &q->intake;
	if (in->stuck++ == 0)
		in->first = *why;
	j->state = READY_NOT;
}

/* The number of the last job taken with this chunk; 0: none. */
static uint64_t greatest(const struct chunk *c)
{
	uint64_t seq = 0;
	for (size_t i = 0; i < c->count; i++) {
		if (c->jobs[i].state == READY)
			seq = c->jobs[i].seq;
	}
	return seq;
}

/* All jobs of the chunk in one transaction.  -1: *bad is the one that failed, or count. */
static int apply(
    struct queue *q, struct chunk *c, enum accept *results, size_t *bad, struct err *err)
{
	*bad = c->count;
	if (store_begin(q->store, err) < 0)
		return -1;
	for (size_t i = 0; i < c->count; i++) {
		results[i] = TAKEN;
		if (c->jobs[i].state == READY && accept_job(q, &c->jobs[i], &results[i], err) < 0) {
			*bad = i;
			store_rollback(q->store);
			return -1;
		}
	}
	if (taken_keep(q, greatest(c), err) == 0 && store_commit(q->store, err) == 0)
		return 0;
	store_rollback(q->store);
	return -1;
}

/* Leaves out the jobs that make the store fail, and takes the others. */
static int apply_most(struct queue *q, struct chunk *c, enum accept *results, struct err *err)
{
	for (int spared = 0;; spared++) {
		size_t bad;
		if (apply(q, c, results, &bad, err) == 0)
			return 0;
		if (bad == c->count || spared == SPARED_MOST)
			return -1;
		leave(q, &c->jobs[bad], err);
	}
}

static int take(struct queue *q, struct chunk *c, struct err *err)
{
	enum accept results[CHUNK_JOBS];
	for (size_t i = 0; i < c->count; i++) {
		if (c->jobs[i].state == READY_NOT)
			leave(q, &c->jobs[i], &c->jobs[i].why);
		if (c->jobs[i].state == READY_BAD)
			msg_error("%s", c->jobs[i].why.text);
	}
	if (apply_most(q, c, results, err) < 0)
		return -1;
	taken_tell(q, greatest(c));
	/* Not earlier: until the commit the files are the only copy. */
	for (size_t i = 0; i < c->count; i++) {
		struct err why;
		if (c->jobs[i].state != READY)
			continue;
		int r = results[i] == TAKEN ? spool_done(q->spool, c->jobs[i].seq, &why)
					    : spool_reject(q->spool, c->jobs[i].seq, &why);
		if (r < 0)
			msg_error("%s", why.text); /* taking it again changes nothing */
	}
	for (size_t i = 0; i < q->ntargets; i++)
		q->targets[i]->look = true;
	return 0;
}

static void took(struct queue *q, struct chunk *c, struct err *err)
{
	struct intake *in = &q->intake;
	in->reading = false;
	bool good = c->status == 0 && take(q, c, err) == 0;
	reader_forget(in->reader);
	if (!good) {
		/* What was listed may be gone, or taken, by then: list anew. */
		in->more = false;
		in->wanted = true;
		in->next_ms = clock_mono_ms() + AGAIN_MS;
		stands(q, err->text);
		return;
	}
	in->more = c->more;
	if (in->more)
		return;
	if (in->stuck > 0)
		stands(q, in->first.text);
	else
		goes_on(q);
}

void intake_step(struct queue *q)
{
	struct intake *in = &q->intake;
	struct chunk chunk;
	struct err err;
	if (in->reading && reader_take(in->reader, &chunk, &err))
		took(q, &chunk, &err);
	if (in->reading || q->stopping || q->reload || !(in->more || in->wanted) ||
	    clock_mono_ms() < in->next_ms)
		return;
	if (!in->more) {
		in->wanted = false; /* what comes from now on is for the next listing */
		in->stuck = 0;
	}
	in->reading = true;
	reader_start(in->reader, !in->more, q->conf);
}

int64_t intake_wakeup(const struct queue *q)
{
	const struct intake *in = &q->intake;
	return in->reading || q->stopping || !(in->more || in->wanted) ? INT64_MAX : in->next_ms;
}

bool intake_over(const struct queue *q)
{
	const struct intake *in = &q->intake;
	return !in->reading && (in->since != 0 || !(in->more || in->wanted));
}

int intake_open(struct queue *q, struct err *err)
{
	q->intake.wanted = true;
	tell(q);
	return reader_open(&q->intake.reader, q->spool, err);
}

void intake_close(struct queue *q)
{
	reader_close(q->intake.reader);
}
