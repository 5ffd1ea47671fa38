/* target: what one target does next.
 *
 *   its process                     its batch
 *   none                            none
 *   VERB_BATCH, stdin open          none: waits for the next one until idle_until
 *   VERB_BATCH, stdin open          under way
 *   closing (stdin closed)          none
 *   VERB_PROBE                      none: it is down, or looks so
 *   VERB_IDLE                       none: nothing is due; ends at once when something is
 */
#include "target.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/msg.h"
#include "health.h"
#include "queue.h"

#define PROBE_MS 30000
#define BREAKS_MOST 3 /* batches broken off in a row: is it the push program, or the target? */

static bool idles(const struct target *t)
{
	return process_alive(&t->process) && t->process.verb == VERB_BATCH &&
	       !process_closing(&t->process) && t->batch.count == 0;
}

static bool probes_idly(const struct target *t)
{
	return process_alive(&t->process) && t->process.verb == VERB_IDLE;
}

bool target_busy(const struct target *t)
{
	return process_alive(&t->process) && !idles(t) && !probes_idly(t);
}

static void end_batch(struct queue *q, struct target *t, const char *trouble)
{
	char down[sizeof(t->batch.down)];
	snprintf(down, sizeof(down), "%s", t->batch.down);
	batch_end(q, t, trouble);
	batch_free(&t->batch);
	t->process.deadline = INT64_MAX;
	t->idle_until = clock_mono_ms() + (int64_t)q->conf->linger_s * 1000;
	if (down[0] != '\0')
		health_down(q, t, down);
	if (process_alive(&t->process) && (trouble != NULL || down[0] != '\0'))
		process_close(&t->process);
}

static void on_line(void *arg, char *line)
{
	struct target *t = arg;
	if (t->process.verb == VERB_BATCH) {
		batch_line(t, line);
		return;
	}
	err_clean(line);
	snprintf(t->process.last_noise, sizeof(t->process.last_noise), "%s", line);
}

void target_read(struct queue *q, struct target *t)
{
	process_read(&t->process, t->name, on_line, t);
	if (t->batch.count > 0 && (t->batch.answered == t->batch.count || t->batch.down[0] != '\0'))
		end_batch(q, t, NULL);
}

static void probed(struct queue *q, struct target *t, int code, const char *words)
{
	t->breaks = 0;
	if (code != 0)
		health_down(q, t, t->process.termed ? "the probe took too long" : words);
	else
		health_up(q, t, t->process.last_noise);
}

/* Nobody waits for this probe, so only a failure is news.  A push program may lack the verb. */
static void probed_idly(struct queue *q, struct target *t, int code, const char *words)
{
	if (t->dropped)
		return;
	if (code == EX_USAGE) {
		msg_warn("%s: cannot be probed while nothing is due: %s", t->name, words);
		t->unprobed = true;
	} else if (code != 0) {
		probed(q, t, code, words);
	} else if (t->next_due == INT64_MAX) {
		health_good(q, t); /* it has been up for a while, and owes nothing */
	}
}

void target_exited(struct queue *q, struct target *t)
{
	struct process *p = &t->process;
	char words[sizeof(p->last_noise) + 64];
	bool closing = process_closing(p);
	target_read(q, t); /* may end the batch */
	closing = closing || (process_closing(p) && t->batch.count == 0);
	int code = process_reap(p, t->name, words, sizeof(words));
	if (p->verb == VERB_IDLE) {
		probed_idly(q, t, code, words);
	} else if (p->verb == VERB_PROBE) {
		probed(q, t, code, words);
	} else if (t->batch.count > 0) {
		/* These two codes are about the target.  64 is a breach of the protocol, by ddo or
		 * the push program. */
		if (code == EX_UNAVAILABLE || code == EX_CONFIG)
			snprintf(t->batch.down, sizeof(t->batch.down), "%.500s",
			    code == EX_UNAVAILABLE && p->last_noise[0] != '\0' ? p->last_noise
									       : words);
		bool late = p->termed;
		end_batch(q, t,
		    t->batch.down[0] != '\0' ? NULL
		    : late                   ? "no answer within the deadline"
					     : words);
		if (late && t->breaks >= BREAKS_MOST)
			health_down(q, t, "no answer within the deadline");
	} else if (!closing && code != 0) {
		msg_warn("%s: the idle push program ended: %s", t->name, words);
	}
	process_free(p);
}

static bool start(struct queue *q, struct target *t, enum verb verb)
{
	struct err err;
	if (process_start(&t->process, q->conf, t->conf, verb, &err) == 0) {
		t->process.config = q->config;
		return true;
	}
	t->breaks = 0;
	health_down(q, t, err.text);
	return false;
}

static void start_probe(struct queue *q, struct target *t, enum verb verb)
{
	int64_t most = (int64_t)t->conf->timeout_s * 1000;
	t->dropped = false;
	if (!start(q, t, verb))
		return;
	process_close(&t->process);
	t->process.deadline = clock_mono_ms() + (most < PROBE_MS ? most : PROBE_MS);
}

/* A delivery waits for no idle probe. */
static void drop_probe(struct target *t)
{
	if (!t->dropped)
		child_kill(&t->process.child, SIGKILL);
	t->dropped = true;
	t->process.deadline = INT64_MAX;
}

static int64_t next_idle_probe(const struct queue *q, const struct target *t)
{
	return q->conf->probe_s == 0 || q->once || t->unprobed ? INT64_MAX : t->probe_at;
}

static void idle_probe(struct queue *q, struct target *t)
{
	int64_t now = clock_mono_ms(), pause = (int64_t)q->conf->probe_s * 1000;
	if (now < next_idle_probe(q, t))
		return;
	if (process_alive(&t->process)) { /* first it ends */
		process_close(&t->process);
		return;
	}
	t->probe_at += (now - t->probe_at) / pause * pause + pause; /* each keeps its place */
	start_probe(q, t, VERB_IDLE);
}

static void start_batch(struct queue *q, struct target *t)
{
	if (!batch_fill(q, t))
		return;
	if (process_alive(&t->process) || start(q, t, VERB_BATCH))
		batch_send(t);
	else
		batch_free(&t->batch);
}

static bool is_leaving(const struct queue *q, const char *name)
{
	for (size_t i = 0; i < q->nleaving; i++) {
		if (strcmp(q->leaving[i]->name, name) == 0)
			return true;
	}
	return false;
}

static bool has_due(const struct target *t)
{
	return t->look || clock_wall_s() >= t->next_due;
}

void target_step(struct queue *q, struct target *t)
{
	struct store_target h;
	bool over = t->conf == NULL || q->stopping;
	process_enforce(&t->process);
	if (probes_idly(t)) {
		if (over || has_due(t) || t->process.config != q->config)
			drop_probe(t);
		return;
	}
	if (target_busy(t))
		return;
	bool open = process_alive(&t->process);
	if (open && (over || t->process.config != q->config || clock_mono_ms() >= t->idle_until)) {
		process_close(&t->process);
		return;
	}
	/* One push program a target: if a target left and came back, its old one ends first. */
	if (over || queue_is_sick(q) || is_leaving(q, t->name) || !health_get(q, t, &h))
		return;
	bool probe = h.down ? clock_wall_s() >= h.next_probe : t->breaks >= BREAKS_MOST;
	if (open && (h.down || probe))
		process_close(&t->process);
	else if (probe)
		start_probe(q, t, VERB_PROBE);
	else if (!h.down && has_due(t))
		start_batch(q, t);
	else if (!h.down)
		idle_probe(q, t);
}

bool target_is_due(struct queue *q, struct target *t)
{
	struct store_target h;
	if (!health_get(q, t, &h))
		return false;
	return h.down ? clock_wall_s() >= h.next_probe : t->breaks >= BREAKS_MOST || has_due(t);
}

static int64_t from_wall(int64_t wall_s)
{
	if (wall_s == INT64_MAX)
		return INT64_MAX;
	/* Rounded up, so that the loop wakes when it is due, not just before. */
	int64_t ahead = wall_s * 1000 - clock_wall_us() / 1000;
	return clock_mono_ms() + (ahead > 0 ? ahead + 1 : 0);
}

int64_t target_wakeup(struct queue *q, struct target *t)
{
	struct store_target h;
	if (target_busy(t) || (probes_idly(t) && t->dropped))
		return t->process.deadline;
	if (probes_idly(t)) {
		int64_t due = t->look ? 0 : from_wall(t->next_due);
		return due < t->process.deadline ? due : t->process.deadline;
	}
	int64_t when = process_alive(&t->process) ? t->idle_until : INT64_MAX;
	if (t->conf == NULL || q->stopping)
		return process_alive(&t->process) ? 0 : INT64_MAX;
	if (queue_is_sick(q) || !health_get(q, t, &h))
		return q->sick_until < when ? q->sick_until : when;
	if (is_leaving(q, t->name))
		return when; /* SIGCHLD ends the wait */
	int64_t due = h.down                                ? from_wall(h.next_probe)
		      : t->look || t->breaks >= BREAKS_MOST ? 0
							    : from_wall(t->next_due);
	int64_t idle = h.down ? INT64_MAX : next_idle_probe(q, t);
	if (idle < when)
		when = idle;
	return due < when ? due : when;
}
