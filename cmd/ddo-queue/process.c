/* process: one run of a push program: its pipes, its deadline, its end. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "push/start.h"
#include "queue.h"

#define LINE_MAX_BYTES 4096

#define CLOSING_MS 10000
#define KILL_MS 2000

int process_start(struct process *p, const struct queue *q, const struct target *t, enum verb verb,
    struct err *err)
{
	static const char *const words[] = {"batch", "probe"};
	*p = (struct process){.verb = verb, .config = q->config, .deadline = INT64_MAX};
	return pusher_start(&p->child, q->conf, t->conf, words[verb], err);
}

bool process_runs(const struct process *p)
{
	return p->child.pid > 0;
}

bool process_closing(const struct process *p)
{
	return process_runs(p) && p->child.in < 0;
}

static void close_stdin(struct process *p)
{
	if (p->child.in >= 0)
		close(p->child.in);
	p->child.in = -1;
}

void process_close(struct process *p)
{
	close_stdin(p);
	p->deadline = clock_mono_ms() + CLOSING_MS;
}

void process_write(struct process *p)
{
	while (p->child.in >= 0 && p->sent < p->to_child.len) {
		ssize_t n =
		    write(p->child.in, p->to_child.data + p->sent, p->to_child.len - p->sent);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) { /* EPIPE: its exit status will tell */
			close_stdin(p);
			break;
		}
		p->sent += (size_t)n;
	}
	buf_free(&p->to_child);
	p->sent = 0;
}

static void take_noise(struct process *p, const char *name, char *line)
{
	err_clean(line);
	if (line[0] == '\0')
		return;
	snprintf(p->last_noise, sizeof(p->last_noise), "%.400s", line);
	if (p->noise_lines++ < PROCESS_NOISE_MOST)
		msg_warn("%s: %.1000s", name, line);
}

/* Takes a line from the front of [*data, *data + *len) into b; of a line longer than LINE_MAX_BYTES
 * only the start is kept, and a NUL ends it.  False: it is not whole yet. */
static bool next_line(struct buf *b, const char **data, size_t *len)
{
	const char *end = memchr(*data, '\n', *len);
	size_t part = end == NULL ? *len : (size_t)(end - *data);
	size_t room = b->len < LINE_MAX_BYTES ? LINE_MAX_BYTES - b->len : 0;
	buf_add(b, *data, part < room ? part : room);
	*data += part + (end != NULL);
	*len -= part + (end != NULL);
	return end != NULL;
}

/* 0: nothing more for now. */
static size_t read_some(int *fd, char *chunk, size_t size)
{
	while (*fd >= 0) {
		ssize_t n = read(*fd, chunk, size);
		if (n > 0)
			return (size_t)n;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		close(*fd);
		*fd = -1;
	}
	return 0;
}

void process_read(struct process *p, const char *name, process_take *take, void *arg)
{
	char chunk[16384];
	const char *at;
	/* Bounded: a program that floods us must not keep the loop from the others. */
	for (int i = 0; i < 64; i++) {
		size_t n = read_some(&p->child.errout, chunk, sizeof(chunk));
		for (at = chunk; n > 0 && next_line(&p->noise, &at, &n); buf_reset(&p->noise))
			take_noise(p, name, p->noise.data);
		size_t m = read_some(&p->child.out, chunk, sizeof(chunk));
		if (at == chunk && m == 0)
			break;
		for (at = chunk; m > 0 && next_line(&p->line, &at, &m); buf_reset(&p->line))
			take(arg, p->line.data);
	}
}

void process_noise_end(struct process *p, const char *name)
{
	if (p->noise_lines > PROCESS_NOISE_MOST)
		msg_warn("%s: %u more lines from the push program are not shown", name,
		    p->noise_lines - PROCESS_NOISE_MOST);
	p->noise_lines = 0;
}

void process_enforce(struct process *p)
{
	if (!process_runs(p) || clock_mono_ms() < p->deadline)
		return;
	child_kill(&p->child, p->termed ? SIGKILL : SIGTERM);
	p->termed = true;
	p->deadline = clock_mono_ms() + KILL_MS;
}

int process_reap(struct process *p, const char *name, char *words, size_t size)
{
	int status = child_reap(&p->child);
	child_close(&p->child);
	if (p->noise.len > 0)
		take_noise(p, name, p->noise.data);
	process_noise_end(p, name);
	int n = WIFSIGNALED(status) ? snprintf(words, size, "killed by signal %d", WTERMSIG(status))
				    : snprintf(words, size, "exit code %d", WEXITSTATUS(status));
	if (p->last_noise[0] != '\0')
		snprintf(words + n, size - (size_t)n, ": %s", p->last_noise);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void process_free(struct process *p)
{
	if (process_runs(p))
		child_reap(&p->child);
	child_close(&p->child);
	buf_free(&p->to_child);
	buf_free(&p->line);
	buf_free(&p->noise);
}
