#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "msg.h"
#include "pusher.h"
#include "queue.h"

#define LINE_MAX_BYTES 4096
#define REASON_MAX 400
#define NOISE_MOST 20 /* lines of a push program's stderr that are logged per batch */

int feed_start(struct queue *q, struct target *t, const char *verb, struct err *err)
{
	int r = pusher_start(&t->child, q->conf, t->conf, verb, err);
	buf_reset(&t->line);
	buf_reset(&t->noise);
	t->noise_lines = 0;
	t->last_noise[0] = '\0';
	t->termed = t->said_down = t->restart = false;
	return r;
}

void feed_encode(struct target *t)
{
	buf_reset(&t->to_child);
	t->sent = 0;
	for (size_t i = 0; i < t->count; i++) {
		struct delivery *d = &t->batch[i];
		if (d->deleted) {
			buf_addf(&t->to_child, "del %zu %s\n", i + 1, d->zone);
			continue;
		}
		buf_addf(&t->to_child, "put %zu %s %zu\n", i + 1, d->zone, d->text.len);
		buf_add(&t->to_child, d->text.data, d->text.len);
		buf_addc(&t->to_child, '\n');
		buf_free(&d->text);
	}
	buf_adds(&t->to_child, "commit\n");
}

void feed_write(struct target *t)
{
	while (t->child.in >= 0 && t->sent < t->to_child.len) {
		ssize_t n =
		    write(t->child.in, t->to_child.data + t->sent, t->to_child.len - t->sent);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) { /* EPIPE: its exit status will tell */
			close(t->child.in);
			t->child.in = -1;
			return;
		}
		t->sent += (size_t)n;
	}
	if (t->sent > 0 && t->sent == t->to_child.len) {
		buf_free(&t->to_child);
		t->sent = 0;
	}
}

static void answer(struct target *t, enum outcome outcome, const char *rest)
{
	char *end;
	errno = 0;
	unsigned long id = strtoul(rest, &end, 10);
	if (rest[0] < '0' || rest[0] > '9' || errno != 0 || id == 0 || id > t->count ||
	    (*end != '\0' && *end != ' ') || t->items[id - 1].outcome != UNANSWERED) {
		msg_warn("%s: the push program answers for a number that is not open: %.60s",
		    t->name, rest);
		return;
	}
	struct item *item = &t->items[id - 1];
	item->outcome = outcome;
	if (outcome != ANSWER_OK)
		item->reason = mem_dupn(
		    *end == ' ' ? end + 1 : "", strnlen(*end == ' ' ? end + 1 : "", REASON_MAX));
	t->answered++;
	/* It moves: the deadline is for the next answer. */
	t->deadline = clock_mono_ms() + t->patience_ms;
}

static void on_line(struct target *t, char *line)
{
	err_clean(line);
	if (t->activity == PROBE) {
		snprintf(t->last_noise, sizeof(t->last_noise), "%s", line);
	} else if (strncmp(line, "ok ", 3) == 0) {
		answer(t, ANSWER_OK, line + 3);
	} else if (strncmp(line, "fail ", 5) == 0) {
		answer(t, ANSWER_FAIL, line + 5);
	} else if (strncmp(line, "defer ", 6) == 0) {
		answer(t, ANSWER_DEFER, line + 6);
	} else if (strncmp(line, "down", 4) == 0 && (line[4] == ' ' || line[4] == '\0')) {
		t->said_down = true;
		snprintf(t->down_reason, sizeof(t->down_reason), "%.*s", REASON_MAX,
		    line[4] == ' ' && line[5] != '\0' ? line + 5 : "the push program says so");
	} else if (t->noise_lines++ < NOISE_MOST) {
		msg_warn("%s: not an answer: %.200s", t->name, line);
	}
}

static void on_noise(struct target *t, char *line)
{
	err_clean(line);
	if (line[0] == '\0')
		return;
	snprintf(t->last_noise, sizeof(t->last_noise), "%.*s", REASON_MAX, line);
	if (t->noise_lines++ < NOISE_MOST)
		msg_warn("%s: %.1000s", t->name, line);
}

/* Hands whole lines to `take`; of a line longer than LINE_MAX_BYTES only the start is kept. */
static void split(struct target *t, struct buf *b, const char *data, size_t len,
    void (*take)(struct target *, char *))
{
	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		size_t part = end == NULL ? len : (size_t)(end - data);
		size_t room = b->len < LINE_MAX_BYTES ? LINE_MAX_BYTES - b->len : 0;
		buf_add(b, data, part < room ? part : room);
		if (end == NULL)
			return;
		/* A NUL ends the line for us: nothing behind it is looked at. */
		take(t, b->data);
		buf_reset(b);
		data += part + 1;
		len -= part + 1;
	}
}

static void drain(struct target *t, int *fd, struct buf *b, void (*take)(struct target *, char *))
{
	char chunk[16384];
	/* Bounded: a program that floods us must not keep the loop from the others. */
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
		split(t, b, chunk, (size_t)n, take);
	}
}

void feed_read(struct queue *q, struct target *t)
{
	drain(t, &t->child.errout, &t->noise, on_noise);
	drain(t, &t->child.out, &t->line, on_line);
	if (t->activity == BATCH && (t->answered == t->count || t->said_down))
		target_batch_end(q, t, NULL);
}

void feed_noise_end(struct target *t)
{
	if (t->noise.len > 0)
		on_noise(t, t->noise.data);
	if (t->noise_lines > NOISE_MOST)
		msg_warn("%s: %u more lines from the push program are not shown", t->name,
		    t->noise_lines - NOISE_MOST);
	t->noise_lines = 0;
	buf_free(&t->noise);
}
