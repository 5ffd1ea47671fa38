/* batch: what becomes of each zone of a batch.
 *
 * Only a zone's own failure uses up its attempts.  If a batch fails as a whole, store_due() sends
 * its zones in less company next time:
 *
 *   a batch that ends with           each zone without an answer
 *   down                             stays due, in smaller company
 *   gone (told, then no server)      is a suspect: goes alone; gone again then: quarantined
 *   the push program's end           goes alone; it was alone: deferred
 *   "defer" for all, "ok" for none   (each deferred one) stays due, in smaller company
 */
#include "batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "health.h"
#include "queue.h"
#include "target.h"

#define REASON_MAX 400
#define FAILURES_SAID 20 /* of a batch, each with its reason */

bool batch_fill(struct queue *q, struct target *t)
{
	struct batch *b = &t->batch;
	struct err err;
	int64_t now = clock_wall_s();
	if (store_due(q->store, t->name, now, q->conf->batch_zones, q->conf->batch_bytes,
		(unsigned)q->conf->nretry, &b->deliveries, &b->count, &err) < 0 ||
	    (b->count == 0 && store_next_due(q->store, t->name, &t->next_due, &err) < 0)) {
		queue_sick(q, err.text);
		b->count = 0;
		return false;
	}
	t->look = b->count > 0;
	if (b->count == 0)
		return false;
	b->items = mem_alloc(b->count * sizeof(*b->items));
	b->answered = 0;
	b->down[0] = '\0';
	b->gone = false;
	b->started = clock_mono_ms();
	b->patience_ms = (int64_t)t->conf->timeout_s * 1000;
	return true;
}

void batch_send(struct target *t)
{
	struct buf *out = &t->process.to_child;
	buf_reset(out);
	t->process.sent = 0;
	for (size_t i = 0; i < t->batch.count; i++) {
		struct delivery *d = &t->batch.deliveries[i];
		if (d->deleted) {
			buf_addf(out, "del %zu %s\n", i + 1, d->zone);
			continue;
		}
		buf_addf(out, "put %zu %s %zu\n", i + 1, d->zone, d->text.len);
		buf_add(out, d->text.data, d->text.len);
		buf_addc(out, '\n');
		buf_free(&d->text);
	}
	buf_adds(out, "commit\n");
	t->process.deadline = t->batch.started + t->batch.patience_ms;
	process_write(&t->process);
}

static void answer(struct target *t, enum outcome outcome, const char *rest)
{
	struct batch *b = &t->batch;
	char *end;
	errno = 0;
	unsigned long id = strtoul(rest, &end, 10);
	if (rest[0] < '0' || rest[0] > '9' || errno != 0 || id == 0 || id > b->count ||
	    (*end != '\0' && *end != ' ') || b->items[id - 1].outcome != UNANSWERED) {
		msg_warn("%s: the push program answered for a number that awaits no answer: %.60s",
		    t->name, rest);
		return;
	}
	struct item *item = &b->items[id - 1];
	item->outcome = outcome;
	if (outcome != ANSWER_OK) {
		const char *reason = *end == ' ' ? end + 1 : "";
		item->reason = mem_dupn(reason, strnlen(reason, REASON_MAX));
	}
	b->answered++;
	/* The deadline is for the next answer. */
	t->process.deadline = clock_mono_ms() + b->patience_ms;
}

/* The rest of the line after `word`; NULL: the line begins with another word. */
static const char *behind(const char *line, const char *word)
{
	size_t len = strlen(word);
	if (strncmp(line, word, len) != 0 || (line[len] != ' ' && line[len] != '\0'))
		return NULL;
	return line + len + (line[len] == ' ');
}

void batch_line(struct target *t, char *line)
{
	static const char *const words[] = {"ok", "fail", "defer"};
	static const enum outcome outcomes[] = {ANSWER_OK, ANSWER_FAIL, ANSWER_DEFER};
	const char *rest;
	err_clean(line);
	for (size_t i = 0; i < 3; i++) {
		if ((rest = behind(line, words[i])) != NULL) {
			answer(t, outcomes[i], rest);
			return;
		}
	}
	bool gone = (rest = behind(line, "gone")) != NULL;
	if (!gone && (rest = behind(line, "down")) == NULL) {
		if (t->process.noise_lines++ < PROCESS_NOISE_MOST)
			msg_warn("%s: not an answer: %.200s", t->name, line);
		return;
	}
	t->batch.gone = gone;
	snprintf(t->batch.down, sizeof(t->batch.down), "%.*s", REASON_MAX,
	    rest[0] != '\0' ? rest : "the push program says so");
}

static int save_failure(struct queue *q, struct target *t, const struct delivery *d, bool refused,
    const char *reason, struct err *err)
{
	bool last = d->attempts >= q->conf->nretry;
	enum delivery_state state = refused ? DELIVERY_REFUSED
				    : last  ? DELIVERY_PARKED
					    : DELIVERY_DEFERRED;
	int64_t next = last ? 0 : clock_wall_s() + q->conf->retry_s[d->attempts];
	if (t->batch.failed++ < FAILURES_SAID)
		msg_warn("%s: %s: %s: %s", t->name, d->zone,
		    refused ? "refused"
		    : last  ? "parked after the last attempt"
			    : "deferred",
		    reason);
	return store_fail(q->store, t->name, d->zone, d->generation, state, next, reason, err);
}

/* The server died with this zone alone, for the second time. */
static int quarantine(
    struct queue *q, struct target *t, const struct delivery *d, const char *down, struct err *err)
{
	char reason[512];
	snprintf(reason, sizeof(reason),
	    "quarantined: the server went down each time it was given this zone; change the zone, "
	    "or ddo-queue --retry: %.300s",
	    down);
	msg_error("%s: %s: %s", t->name, d->zone, reason);
	if (store_suspect(q->store, t->name, d->zone, d->generation, ALONE_GUILTY, err) < 0)
		return -1;
	return store_fail(
	    q->store, t->name, d->zone, d->generation, DELIVERY_REFUSED, 0, reason, err);
}

/* A value for deliveries.alone: less company than in this batch. */
static unsigned smaller(const struct queue *q, const struct batch *b, const struct delivery *d)
{
	unsigned alone = d->alone + 1;
	while (alone < ALONE_SUSPECT && ((size_t)q->conf->batch_zones >> (3 * alone)) >= b->count)
		alone++;
	return alone > ALONE_SUSPECT ? ALONE_SUSPECT : alone;
}

static int save_unanswered(struct queue *q, struct target *t, const struct delivery *d,
    const char *trouble, struct err *err)
{
	const struct batch *b = &t->batch;
	bool lonely = b->count == 1;
	if (trouble != NULL && lonely)
		return save_failure(q, t, d, false, trouble, err);
	if (b->gone && lonely && d->alone >= ALONE_SUSPECT)
		return quarantine(q, t, d, b->down, err);
	unsigned alone = trouble != NULL || b->gone ? ALONE_SUSPECT : smaller(q, b, d);
	return store_suspect(q->store, t->name, d->zone, d->generation, alone, err);
}

static int save(
    struct queue *q, struct target *t, const char *trouble, size_t done, struct err *err)
{
	bool together = t->batch.count > 1 && done == 0;
	for (size_t i = 0; i < t->batch.count; i++) {
		const struct delivery *d = &t->batch.deliveries[i];
		const struct item *item = &t->batch.items[i];
		int r;
		if (item->outcome == ANSWER_OK)
			r = store_confirm(q->store, t->name, d->zone, d->generation, err);
		else if (item->outcome == UNANSWERED)
			r = save_unanswered(q, t, d, trouble, err);
		else if (item->outcome == ANSWER_DEFER && together)
			r = store_suspect(q->store, t->name, d->zone, d->generation,
			    smaller(q, &t->batch, d), err);
		else
			r = save_failure(q, t, d, item->outcome == ANSWER_FAIL, item->reason, err);
		if (r < 0)
			return -1;
	}
	return 0;
}

/* One zone's reason stands for all; each gives its own when it fails alone. */
static void report_together(const struct target *t, size_t done)
{
	const struct batch *b = &t->batch;
	for (size_t i = 0; b->count > 1 && done == 0 && i < b->count; i++) {
		if (b->items[i].outcome != ANSWER_DEFER)
			continue;
		msg_warn("%s: none of %zu zones was done; they are sent again in smaller batches: "
			 "%s: %s",
		    t->name, b->count, b->deliveries[i].zone, b->items[i].reason);
		return;
	}
}

static void report(const struct target *t, size_t done)
{
	const struct batch *b = &t->batch;
	double seconds = (double)(clock_mono_ms() - b->started) / 1000;
	msg_info("%s: %zu zones, %zu failed, %.3f s, %.0f zones/s", t->name, b->count,
	    b->count - done, seconds, (double)b->count / (seconds > 0.001 ? seconds : 0.001));
}

void batch_end(struct queue *q, struct target *t, const char *trouble)
{
	struct batch *b = &t->batch;
	struct err err;
	size_t done = 0, judged = 0;
	for (size_t i = 0; i < b->count; i++) {
		done += b->items[i].outcome == ANSWER_OK;
		judged += b->items[i].outcome == ANSWER_OK || b->items[i].outcome == ANSWER_FAIL;
	}
	if (store_begin(q->store, &err) < 0 || save(q, t, trouble, done, &err) < 0 ||
	    store_commit(q->store, &err) < 0) {
		store_rollback(q->store);
		queue_sick(q, err.text);
	} else {
		q->store_sick = false;
	}
	process_noise_end(&t->process, t->name);
	report(t, done);
	report_together(t, done);
	if (b->failed > FAILURES_SAID)
		msg_warn("%s: %zu more zones of this batch failed; see ddo-status -z ZONE", t->name,
		    b->failed - FAILURES_SAID);
	if (trouble != NULL)
		msg_error("%s: the push program broke off with %zu zones unanswered: %s", t->name,
		    b->count - b->answered, trouble);
	t->breaks = b->answered > 0 || trouble == NULL ? 0 : t->breaks + 1;
	if (judged > 0)
		health_good(q, t);
	t->look = true;
}

void batch_free(struct batch *b)
{
	store_due_free(b->deliveries, b->count);
	for (size_t i = 0; i < b->count; i++)
		free(b->items[i].reason);
	free(b->items);
	*b = (struct batch){0};
}
