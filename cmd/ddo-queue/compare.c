#include "compare.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/msg.h"
#include "push/start.h"
#include "queue.h"
#include "store/compare.h"

#define LIST_MAX ((size_t)1 << 30)
#define LIST_MS 600000
#define NOISE_MAX 4096
#define SLICE_LINES 2000

static void boot_id(char out[40])
{
	struct buf b = {0};
	if (file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &b, 4096, NULL) < 0)
		buf_adds(&b, "unknown");
	snprintf(out, 40, "%.*s", (int)strcspn(buf_str(&b), "\n"), buf_str(&b));
	buf_free(&b);
}

void compare_init(struct compare *c)
{
	*c = (struct compare){.child = {.pid = -1, .in = -1, .out = -1, .errout = -1}};
}

/* What a comparison that is over, or is given up, leaves. */
static void rest(struct compare *c)
{
	buf_free(&c->out);
	buf_free(&c->noise);
	held_free(&c->list);
	buf_free(&c->found.names);
	buf_free(&c->found.held_names);
	c->found = (struct compare_found){0};
	c->phase = COMPARE_RESTING;
	c->since = 0;
	c->at = 0;
	c->late = false;
}

void compare_stop(struct compare *c)
{
	if (c->child.pid > 0)
		child_reap(&c->child); /* kills first */
	child_close(&c->child);
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
		msg_warn(
		    "%s: cannot be compared with the store, will go on trying: %s", t->name, why);
	rest(c);
	c->look_at = clock_mono_ms() + (int64_t)q->conf->retry_s[step] * 1000;
}

/* NULL: it is not. */
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
		return "it never was, or not since it was down";
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
	buf_addf(&line, "%s: compared with the store, for %s: %zu zones are right", t->name,
	    t->compare.why, f->good);
	if (f->again > 0)
		buf_addf(&line, ", %zu it lacked or had older go again", f->again);
	if (f->ghosts > 0)
		buf_addf(&line, ", %zu that are deleted go away again", f->ghosts);
	if (f->names.len > 0)
		buf_addf(&line, " (%s)", buf_str(&f->names));
	if (f->held > 0)
		buf_addf(
		    &line, ", %zu are held, see ddo-status (%s)", f->held, buf_str(&f->held_names));
	if (f->unknown > 0)
		buf_addf(&line, ", %zu were never ddo's", f->unknown);
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
	if (pusher_start(&c->child, q->conf, t->conf, "list", &err) < 0) {
		try_later(q, t, err.text);
		return;
	}
	close(c->child.in);
	c->child.in = -1;
	c->phase = COMPARE_LISTING;
	c->began = clock_mono_ms();
	c->deadline = c->began + (most > LIST_MS ? most : LIST_MS);
}

/* A target that never confirmed anything (a new one) needs no list.  1: it is so, 0, -1. */
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

/* Deliveries are dated in seconds: the list begins in a later one than all it can prove. */
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

/* Bounded, as all that is read here. */
static void drain(int *fd, struct buf *out, size_t max)
{
	char chunk[16384];
	for (int i = 0; i < 64 && *fd >= 0; i++) {
		ssize_t n = read(*fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close(*fd);
			*fd = -1;
			return;
		}
		if (out->len < max)
			buf_add(out, chunk, (size_t)n);
	}
}

void compare_read(struct target *t)
{
	struct compare *c = &t->compare;
	drain(&c->child.out, &c->out, LIST_MAX);
	drain(&c->child.errout, &c->noise, NOISE_MAX);
}

/* Its own words, the last line of them. */
static void describe(struct compare *c, int status, struct err *why)
{
	while (c->noise.len > 0 && c->noise.data[c->noise.len - 1] == '\n')
		c->noise.data[--c->noise.len] = '\0';
	const char *start = c->noise.len == 0 ? NULL : strrchr(c->noise.data, '\n');
	if (c->late)
		err_set(why, "the list took too long");
	else if (WIFSIGNALED(status))
		err_set(why, "the list was killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		err_set(why, "%s",
		    c->noise.len == 0 ? "the list failed without a word"
		    : start != NULL   ? start + 1
				      : c->noise.data);
	else
		err_set(why, "the list is too long");
}

static void ended(struct queue *q, struct target *t)
{
	struct compare *c = &t->compare;
	struct err why;
	size_t before;
	do { /* all that is in the pipe; a grandchild may hold it open */
		before = c->out.len;
		compare_read(t);
	} while (c->child.out >= 0 && c->out.len > before);
	int status = child_reap(&c->child);
	child_close(&c->child);
	if (!c->late && WIFEXITED(status) && WEXITSTATUS(status) == 0 && c->out.len < LIST_MAX) {
		c->phase = COMPARE_PARSING;
		return;
	}
	describe(c, status, &why);
	try_later(q, t, why.text);
}

static void list_step(struct queue *q, struct target *t)
{
	struct compare *c = &t->compare;
	if (child_ended(&c->child)) {
		ended(q, t);
	} else if (!c->late && clock_mono_ms() >= c->deadline) {
		c->late = true;
		child_kill(&c->child, SIGKILL);
	}
}

void compare_step(struct queue *q, struct target *t)
{
	struct compare *c = &t->compare;
	struct err err;
	int more;
	if (t->conf == NULL || q->stopping) {
		if (compare_works(t))
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

void compare_fds(const struct target *t, struct pollfd p[COMPARE_FDS])
{
	p[0] = (struct pollfd){.fd = t->compare.child.out, .events = POLLIN};
	p[1] = (struct pollfd){.fd = t->compare.child.errout, .events = POLLIN};
}

int64_t compare_wakeup(const struct queue *q, const struct target *t)
{
	const struct compare *c = &t->compare;
	if (t->conf == NULL || q->stopping)
		return INT64_MAX;
	if (c->phase == COMPARE_LISTING)
		return c->late ? INT64_MAX : c->deadline; /* SIGCHLD ends the wait */
	return c->phase == COMPARE_RESTING ? c->look_at : 0;
}

bool compare_works(const struct target *t)
{
	return t->compare.phase != COMPARE_RESTING;
}

bool compare_is_due(const struct target *t)
{
	const struct compare *c = &t->compare;
	return t->conf != NULL && (compare_works(t) || c->since != 0 || c->look_at == 0);
}
