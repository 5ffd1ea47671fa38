#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "msg.h"
#include "queue.h"

#define PROBE_MS 30000
#define CLOSING_MS 10000
#define KILL_MS 2000
#define LONELY_CRASHES_MOST 3
#define SICK_MS 5000

static struct target *find(const struct queue *q, const char *name)
{
	for (size_t i = 0; i < q->ntargets; i++) {
		if (strcmp(q->targets[i]->name, name) == 0)
			return q->targets[i];
	}
	return NULL;
}

static int add(struct queue *q, const struct conf_target *ct, struct err *err)
{
	struct target *t = mem_alloc(sizeof(*t));
	size_t due = 0;
	t->name = mem_dup(ct->name);
	compare_init(&t->compare);
	t->child = (struct child){.pid = -1, .in = -1, .out = -1, .errout = -1};
	t->limit = 1; /* the first batch also finds out whether the program works at all */
	t->look = true;
	if (store_target_get(q->store, t->name, &t->health, err) < 0 ||
	    store_sync_target(q->store, t->name, &due, err) < 0 ||
	    restored_join(q, t->name, err) < 0) {
		target_free(t);
		return -1;
	}
	if (due > 0)
		msg_info("%s: %zu zones differ from what it last confirmed", t->name, due);
	q->targets = mem_resize(q->targets, q->ntargets + 1, sizeof(struct target *));
	q->targets[q->ntargets++] = t;
	return 0;
}

int targets_load(struct queue *q, struct err *err)
{
	for (size_t i = 0; i < q->ntargets; i++) {
		q->targets[i]->removed = true;
		q->targets[i]->conf = NULL;
	}
	for (size_t i = 0; i < q->conf->ntargets; i++) {
		const struct conf_target *ct = &q->conf->targets[i];
		if (!ct->enabled)
			continue;
		struct target *t = find(q, ct->name);
		if (t == NULL && add(q, ct, err) < 0)
			return -1;
		t = find(q, ct->name);
		t->conf = ct;
		t->removed = false;
		t->restart = t->child.pid > 0;
		compare_stop(&t->compare); /* its configuration may be another */
		t->look = true;
	}
	return 0;
}

static void batch_free(struct target *t)
{
	store_due_free(t->batch, t->count);
	for (size_t i = 0; i < t->count; i++)
		free(t->items[i].reason);
	free(t->items);
	t->batch = NULL;
	t->items = NULL;
	t->count = t->answered = 0;
	buf_free(&t->to_child);
	t->sent = 0;
}

void target_free(struct target *t)
{
	if (t->child.pid > 0)
		child_reap(&t->child);
	child_close(&t->child);
	compare_stop(&t->compare);
	batch_free(t);
	buf_free(&t->line);
	buf_free(&t->noise);
	free(t->name);
	free(t);
}

bool target_busy(const struct target *t)
{
	return t->activity != IDLE;
}

/* The store could not be written (a full disk): nothing is lost, it is all still due. */
static void sick(struct queue *q, const char *why)
{
	if (!q->store_sick)
		msg_error("the store cannot be written, will go on trying: %s", why);
	q->store_sick = true;
	q->sick_until = clock_mono_ms() + SICK_MS;
}

static void save_health(struct queue *q, struct target *t)
{
	struct err err;
	if (store_target_set(q->store, &t->health, &err) < 0)
		sick(q, err.text);
}

void target_down(struct queue *q, struct target *t, const char *reason)
{
	int64_t now = clock_wall_s();
	struct store_target *h = &t->health;
	if (!h->down) {
		h->since = now;
		h->step = 0;
		msg_error("%s: down: %s", t->name, reason);
	} else {
		h->step++;
		msg_info("%s: still down: %s", t->name, reason);
	}
	h->down = true;
	size_t step = h->step < q->conf->nretry ? h->step : q->conf->nretry - 1;
	h->next_probe = now + q->conf->retry_s[step];
	snprintf(h->reason, sizeof(h->reason), "%s", reason);
	save_health(q, t);
}

static void target_up(struct queue *q, struct target *t, const char *words)
{
	size_t count = 0;
	struct err err;
	t->health.down = false;
	t->health.step = 0;
	t->health.reason[0] = '\0';
	t->lonely_crashes = 0;
	t->look = true;
	/* What failed or was parked while it was away goes at once. */
	if (store_rearm(q->store, t->name, "", false, &count, &err) < 0 ||
	    compare_returned(q, t, &err) < 0)
		sick(q, err.text);
	save_health(q, t);
	msg_info("%s: up again after %lld s: %s", t->name,
	    (long long)(clock_wall_s() - t->health.since), words);
}

static int save_failure(struct queue *q, struct target *t, const struct delivery *d, bool refused,
    const char *reason, struct err *err)
{
	bool last = d->attempts >= q->conf->nretry;
	enum delivery_state state = refused ? DELIVERY_REFUSED
				    : last  ? DELIVERY_PARKED
					    : DELIVERY_DEFERRED;
	int64_t next = last ? 0 : clock_wall_s() + q->conf->retry_s[d->attempts];
	msg_warn("%s: %s: %s: %s", t->name, d->zone,
	    refused ? "refused"
	    : last  ? "parked after the last attempt"
		    : "deferred",
	    reason);
	return store_fail(q->store, t->name, d->zone, d->generation, state, next, reason, err);
}

static int save_answers(struct queue *q, struct target *t, const char *lonely, struct err *err)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct delivery *d = &t->batch[i];
		const struct item *item = &t->items[i];
		int r = 0;
		if (item->outcome == ANSWER_OK)
			r = store_confirm(q->store, t->name, d->zone, d->generation, err);
		else if (item->outcome != UNANSWERED)
			r = save_failure(q, t, d, item->outcome == ANSWER_FAIL, item->reason, err);
		else if (lonely != NULL)
			r = save_failure(q, t, d, false, lonely, err);
		if (r < 0)
			return -1;
	}
	return 0;
}

static void log_batch(const struct target *t)
{
	size_t failed = 0;
	for (size_t i = 0; i < t->count; i++)
		failed += t->items[i].outcome != ANSWER_OK;
	double seconds = (double)(clock_mono_ms() - t->started) / 1000;
	msg_info("%s: %zu zones, %zu failed, %.3f s, %.0f zones/s", t->name, t->count, failed,
	    seconds, (double)t->count / (seconds > 0.001 ? seconds : 0.001));
}

/* `trouble` NULL: all is answered, or the target said that it is down.  Otherwise the push program
 * broke off, and what is unanswered tells nothing about the zones: they go again one by one, so
 * that one that kills its program is found and does not take its neighbours along. */
void target_batch_end(struct queue *q, struct target *t, const char *trouble)
{
	size_t open = t->count - t->answered;
	bool alone = trouble != NULL && t->count == 1 && open == 1;
	struct err err;
	t->activity = IDLE;
	t->look = true;
	if (store_begin(q->store, &err) < 0 ||
	    save_answers(q, t, alone ? trouble : NULL, &err) < 0 ||
	    store_commit(q->store, &err) < 0) {
		store_rollback(q->store);
		sick(q, err.text);
	} else {
		q->store_sick = false;
	}
	feed_noise_end(t);
	log_batch(t);
	size_t most = q->conf->batch_zones;
	bool some_ok = false;
	for (size_t i = 0; i < t->count; i++)
		some_ok = some_ok || t->items[i].outcome == ANSWER_OK;
	if (trouble != NULL) {
		msg_error("%s: the push program broke off with %zu zones unanswered: %s", t->name,
		    open, trouble);
		t->limit = 1;
	} else {
		t->limit = t->limit > most / 8 ? most : t->limit * 8;
	}
	t->lonely_crashes = some_ok ? 0 : t->lonely_crashes + alone;
	batch_free(t);
	if (t->said_down)
		target_down(q, t, t->down_reason);
	else if (t->lonely_crashes >= LONELY_CRASHES_MOST)
		target_down(q, t, trouble);
	t->said_down = false;
	t->deadline = clock_mono_ms() + (int64_t)q->conf->linger_s * 1000;
	if (t->child.pid > 0 && (trouble != NULL || t->health.down || t->removed || t->restart))
		target_close(t);
}

void target_close(struct target *t)
{
	if (t->child.in >= 0)
		close(t->child.in);
	t->child.in = -1;
	t->activity = CLOSING;
	t->deadline = clock_mono_ms() + CLOSING_MS;
}

static const char *describe(int status, const char *noise, char *out, size_t size)
{
	int n = WIFSIGNALED(status) ? snprintf(out, size, "killed by signal %d", WTERMSIG(status))
				    : snprintf(out, size, "exit code %d", WEXITSTATUS(status));
	if (noise[0] != '\0')
		snprintf(out + n, size - (size_t)n, ": %s", noise);
	return out;
}

void target_exited(struct queue *q, struct target *t)
{
	char words[512 + 64];
	enum activity was = t->activity;
	feed_read(q, t); /* may end the batch */
	bool batch_over = was == BATCH && t->activity != BATCH;
	int status = child_reap(&t->child);
	child_close(&t->child);
	feed_noise_end(t);
	bool late = t->termed;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	describe(status, t->last_noise, words, sizeof(words));
	enum activity activity = t->activity;
	t->activity = IDLE;
	t->termed = false;
	if (activity == PROBE) {
		if (code == 0)
			target_up(q, t, t->last_noise);
		else
			target_down(q, t, late ? "the probe took too long" : words);
	} else if (activity == BATCH && !batch_over) {
		/* 69, 64 and 78 speak of the target, not of a zone. */
		if (code == EX_UNAVAILABLE || code == EX_USAGE || code == EX_CONFIG) {
			t->said_down = true;
			snprintf(t->down_reason, sizeof(t->down_reason), "%.500s",
			    code == EX_UNAVAILABLE && t->last_noise[0] != '\0' ? t->last_noise
									       : words);
		}
		target_batch_end(q, t,
		    t->said_down ? NULL
		    : late       ? "no answer within the deadline"
				 : words);
	} else if (activity == IDLE && code != 0) {
		msg_warn("%s: the idle push program ended: %s", t->name, words);
	}
}

static void start_probe(struct queue *q, struct target *t)
{
	struct err err;
	if (feed_start(q, t, "probe", &err) < 0) {
		target_down(q, t, err.text);
		return;
	}
	close(t->child.in);
	t->child.in = -1;
	t->activity = PROBE;
	t->deadline = clock_mono_ms() + PROBE_MS;
}

static void start_batch(struct queue *q, struct target *t)
{
	struct err err;
	int64_t now = clock_wall_s();
	t->look = false;
	if (store_due(q->store, t->name, now, t->limit, q->conf->batch_bytes, &t->batch, &t->count,
		&err) < 0 ||
	    (t->count == 0 && store_next_due(q->store, t->name, &t->next_due, &err) < 0)) {
		sick(q, err.text);
		t->look = true;
		t->count = 0;
		return;
	}
	if (t->count == 0)
		return;
	if (t->child.pid <= 0 && feed_start(q, t, "batch", &err) < 0) {
		store_due_free(t->batch, t->count);
		t->batch = NULL;
		t->count = 0;
		target_down(q, t, err.text);
		return;
	}
	t->items = mem_alloc(t->count * sizeof(*t->items));
	t->answered = 0;
	t->activity = BATCH;
	t->started = clock_mono_ms();
	t->patience_ms = (int64_t)t->conf->timeout_s * 1000;
	t->deadline = t->started + t->patience_ms;
	feed_encode(t);
	feed_write(t);
}

static void enforce_deadline(struct target *t)
{
	if (t->child.pid <= 0 || clock_mono_ms() < t->deadline)
		return;
	if (t->activity == IDLE) { /* lingered long enough */
		target_close(t);
		return;
	}
	child_kill(&t->child, t->termed ? SIGKILL : SIGTERM);
	t->termed = true;
	t->deadline = clock_mono_ms() + KILL_MS;
}

void target_step(struct queue *q, struct target *t)
{
	enforce_deadline(t);
	if (t->activity != IDLE)
		return;
	if (t->child.pid > 0 && (t->removed || t->restart || q->stopping)) {
		target_close(t);
		return;
	}
	if (t->removed || q->stopping || (q->store_sick && clock_mono_ms() < q->sick_until))
		return;
	int64_t now = clock_wall_s();
	if (t->health.down) {
		if (t->child.pid <= 0 && now >= t->health.next_probe)
			start_probe(q, t);
		return;
	}
	if (t->look || now >= t->next_due)
		start_batch(q, t);
}

static int64_t from_wall(int64_t wall_s)
{
	if (wall_s == INT64_MAX)
		return INT64_MAX;
	/* The end of the second before: rounded up, so that we wake when it is due, not just
	 * before. */
	int64_t ahead = wall_s * 1000 - clock_wall_us() / 1000;
	return clock_mono_ms() + (ahead > 0 ? ahead + 1 : 0);
}

int64_t target_wakeup(const struct queue *q, const struct target *t)
{
	if (t->activity != IDLE)
		return t->deadline;
	int64_t when = t->child.pid > 0 ? t->deadline : INT64_MAX;
	int64_t work = INT64_MAX;
	if (t->removed || q->stopping)
		return when;
	if (t->health.down)
		work = from_wall(t->health.next_probe);
	else
		work = t->look ? 0 : from_wall(t->next_due);
	if (q->store_sick && work < q->sick_until)
		work = q->sick_until;
	return work < when ? work : when;
}
