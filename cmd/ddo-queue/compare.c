/* compare: when a target is compared with the store, and the list that this takes. */
#include "compare.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/msg.h"
#include "queue.h"
#include "store/compare.h"
#include "target.h"

#define LIST_MAX ((size_t)1 << 30)
#define LIST_MS 600000
#define SLICE_LINES 2000

/* When process 1 started, in ticks since the boot: each start of a container counts as one. */
static unsigned long long init_started(void)
{
	struct buf b = {0};
	unsigned long long ticks = 0;
	if (file_read(AT_FDCWD, "/proc/1/stat", &b, 4096, NULL) == 0) {
		const char *rest = strrchr(buf_str(&b), ')');
		for (int field = 2; rest != NULL && field < 22; field++)
			rest = strchr(rest + 1, ' ');
		ticks = rest == NULL ? 0 : strtoull(rest, NULL, 10);
	}
	buf_free(&b);
	return ticks;
}

static void boot_id(char out[40])
{
	struct buf b = {0};
	if (file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &b, 4096, NULL) < 0)
		buf_adds(&b, "unknown");
	snprintf(out, 40, "%.18s:%llu", buf_str(&b), init_started());
	buf_free(&b);
}

void compare_init(struct compare *c)
{
	*c = (struct compare){.phase = COMPARE_RESTING};
	process_init(&c->process);
}

/* A comparison is over, or given up. */
static void rest(struct compare *c)
{
	process_free(&c->process);
	buf_free(&c->out);
	held_free(&c->list);
	buf_free(&c->found.names);
	buf_free(&c->found.held_names);
	c->found = (struct compare_found){0};
	c->phase = COMPARE_RESTING;
	c->since = 0;
	c->at = 0;
}

void compare_stop(struct compare *c)
{
	rest(c);
	c->look_at = 0;
}

int compare_returned(struct queue *q, struct target *t, struct err *err)
{
	char boot[40];
	int64_t when;
	compare_stop(&t->compare);
	t->compare.returned = true;
	t->compare.failures = 0;
	if (store_compared(q->store, t->name, &when, boot, err) < 0)
		return -1;
	return when == 0 ? 0 : store_set_compared(q->store, t->name, 0, boot, err);
}

static void try_later(struct queue *q, struct target *t, const char *why)
{
	struct compare *c = &t->compare;
	size_t step = c->failures < q->conf->nretry ? c->failures : q->conf->nretry - 1;
	if (c->failures++ == 0)
		msg_warn("%s: cannot be compared with the store, will try again: %s", t->name, why);
	rest(c);
	c->look_at = clock_mono_ms() + (int64_t)q->conf->retry_s[step] * 1000;
}

/* Why it is due; NULL: it is not. */
static const char *why_due(struct queue *q, struct target *t, struct err *err)
{
	struct compare *c = &t->compare;
	struct store_restored restored;
	char boot[40], now_boot[40];
	int64_t when, now = clock_wall_s(), hours = q->conf->compare_hours;
	int waits = store_restored_waits(q->store, t->name, err);
	if (waits < 0 || store_restored(q->store, &restored, err) < 0 ||
	    store_compared(q->store, t->name, &when, boot, err) < 0)
		return NULL;
	c->careful = waits > 0;
	c->last = restored.last;
	boot_id(now_boot);
	if (c->careful)
		return "the store is an older copy";
	if (c->returned)
		return "it was down";
	if (when == 0)
		return "it never was, was down, or its configuration changed";
	if (strcmp(boot, now_boot) != 0)
		return "the machine has booted since";
	if (hours > 0 && (when > now || now - when >= hours * 3600))
		return "it is time";
	return NULL;
}

static bool is_down(struct queue *q, const struct target *t, struct err *err)
{
	struct store_target h;
	return store_target_get(q->store, t->name, &h, err) > 0 && h.down;
}

static int over(struct queue *q, struct target *t, struct err *err)
{
	char boot[40], name[80], found[256];
	const struct compare *c = &t->compare;
	boot_id(boot);
	snprintf(name, sizeof(name), "compared.%s", t->name);
	snprintf(found, sizeof(found),
	    "{\"again\":%zu,\"ghosts\":%zu,\"held\":%zu,\"unknown\":%zu}", c->found.again,
	    c->found.ghosts, c->found.held, c->found.unknown);
	if (store_begin(q->store, err) < 0 ||
	    store_set_compared(q->store, t->name, c->started, boot, err) < 0 ||
	    store_meta_set(q->store, name, found, err) < 0)
		return -1;
	snprintf(name, sizeof(name), "restored.%s", t->name);
	if (c->careful && store_meta_set(q->store, name, NULL, err) < 0)
		return -1;
	return store_commit(q->store, err);
}

static void say(const struct target *t)
{
	const struct compare_found *f = &t->compare.found;
	struct buf line = {0};
	buf_addf(&line, "%s: compared with the store because %s: %zu zones are right", t->name,
	    t->compare.why, f->good);
	if (f->again > 0)
		buf_addf(&line, ", %zu missing or older ones are sent again", f->again);
	if (f->ghosts > 0)
		buf_addf(&line, ", %zu deleted ones are removed again", f->ghosts);
	if (f->names.len > 0)
		buf_addf(&line, " (%s)", buf_str(&f->names));
	if (f->held > 0)
		buf_addf(
		    &line, ", %zu are held, see ddo-status (%s)", f->held, buf_str(&f->held_names));
	if (f->unknown > 0)
		buf_addf(&line, ", %zu never were ddo's", f->unknown);
	buf_addf(&line, ", %.2f s", (double)(clock_mono_ms() - t->compare.began) / 1000);
	if (f->again + f->ghosts + f->held > 0)
		msg_warn("%s", buf_str(&line));
	else
		msg_info("%s", buf_str(&line));
	buf_free(&line);
}

static void finish(struct queue *q, struct target *t)
{
	struct compare *c = &t->compare;
	struct err err;
	if (over(q, t, &err) < 0) {
		store_rollback(q->store);
		try_later(q, t, err.text);
		return;
	}
	say(t);
	c->returned = false;
	c->failures = 0;
	rest(c);
}

static void start(struct queue *q, struct target *t)
{
	struct compare *c = &t->compare;
	struct err err;
	int64_t most = (int64_t)t->conf->timeout_s * 1000;
	c->started = clock_wall_s();
	if (process_start(&c->process, q->conf, t->conf, VERB_LIST, &err) < 0) {
		try_later(q, t, err.text);
		return;
	}
	process_close(&c->process);
	c->phase = COMPARE_LISTING;
	c->began = clock_mono_ms();
	c->process.deadline = c->began + (most > LIST_MS ? most : LIST_MS);
}

/* A target that never confirmed anything, such as a new one, needs no list.  1: so it is, 0, -1. */
static int nothing_to_judge(struct queue *q, struct target *t, struct err *err)
{
	int any = t->compare.careful ? 1 : store_confirmed_any(q->store, t->name, err);
	if (any != 0)
		return any < 0 ? -1 : 0;
	t->compare.started = clock_wall_s();
	t->compare.returned = false;
	if (over(q, t, err) == 0)
		return 1;
	store_rollback(q->store);
	return -1;
}

/* Deliveries are dated in seconds, so the list begins in a later second than all it can prove. */
static void look(struct queue *q, struct target *t)
{
	struct compare *c = &t->compare;
	struct err err = {""};
	int64_t us = clock_wall_us(), now = us / 1000000;
	c->look_at = clock_mono_ms() + (int64_t)q->conf->rescan_s * 1000;
	if (q->store_sick)
		return;
	const char *why = is_down(q, t, &err) ? NULL : why_due(q, t, &err);
	if (why != NULL && c->since == 0 && nothing_to_judge(q, t, &err) != 0)
		why = NULL;
	if (err.text[0] != '\0')
		msg_error("%s", err.text);
	if (why == NULL) {
		c->since = 0;
	} else if (c->since == 0 || now <= c->since) {
		c->since = now;
		c->look_at = clock_mono_ms() + 1000 - us % 1000000 / 1000 + 1;
	} else {
		c->why = why;
		start(q, t);
	}
}

void compare_read(struct target *t)
{
	struct compare *c = &t->compare;
	process_collect(&c->process, t->name, &c->out, LIST_MAX);
}

static void ended(struct queue *q, struct target *t)
{
	struct compare *c = &t->compare;
	char words[sizeof(c->process.last_noise) + 64];
	struct err why;
	size_t before;
	do { /* all that is in the pipe; a grandchild may hold it open */
		before = c->out.len;
		compare_read(t);
	} while (c->process.child.out >= 0 && c->out.len > before);
	bool late = c->process.termed;
	int code = process_reap(&c->process, t->name, words, sizeof(words));
	if (!late && code == 0 && c->out.len < LIST_MAX) {
		c->phase = COMPARE_PARSING;
		return;
	}
	if (late)
		err_set(&why, "the list took too long");
	else if (code == 0)
		err_set(&why, "the list is too long");
	else
		err_set(&why, "list: %s", words);
	try_later(q, t, why.text);
}

static void list_step(struct queue *q, struct target *t)
{
	struct compare *c = &t->compare;
	if (child_ended(&c->process.child))
		ended(q, t);
	else
		process_enforce(&c->process);
}

void compare_step(struct queue *q, struct target *t)
{
	struct compare *c = &t->compare;
	struct err err;
	int more;
	if (t->conf == NULL || q->stopping) {
		if (compare_busy(t))
			compare_stop(c);
		return;
	}
	switch (c->phase) {
	case COMPARE_RESTING:
		if (clock_mono_ms() >= c->look_at)
			look(q, t);
		break;
	case COMPARE_LISTING:
		list_step(q, t);
		break;
	case COMPARE_PARSING:
		more = held_parse(&c->list, &c->out, SLICE_LINES, &err);
		if (more < 0) {
			try_later(q, t, err.text);
		} else if (more == 0) {
			c->phase = COMPARE_WALKING;
			c->after[0] = '\0';
		}
		break;
	case COMPARE_WALKING:
		more = compare_walk(q, t, &err);
		if (more < 0)
			try_later(q, t, err.text);
		else if (more == 0)
			finish(q, t);
	}
}

int64_t compare_wakeup(const struct queue *q, const struct target *t)
{
	const struct compare *c = &t->compare;
	if (t->conf == NULL || q->stopping)
		return INT64_MAX;
	if (c->phase == COMPARE_LISTING)
		return c->process.deadline; /* SIGCHLD ends the wait before it */
	return c->phase == COMPARE_RESTING ? c->look_at : 0;
}

bool compare_busy(const struct target *t)
{
	return t->compare.phase != COMPARE_RESTING;
}

bool compare_is_due(const struct target *t)
{
	const struct compare *c = &t->compare;
	return t->conf != NULL && (compare_busy(t) || c->since != 0 || c->look_at == 0);
}
