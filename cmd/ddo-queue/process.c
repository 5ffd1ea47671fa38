/* process: one process of a push program: its pipes, its deadline, its end. */
#include "process.h"

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

#define LINE_MAX_BYTES 4096
#define READS_MOST 64 /* chunks a call */
#define CLOSING_MS 10000
#define KILL_MS 2000

void process_init(struct process *p)
{
	*p = (struct process){
	    .child = {.pid = -1, .in = -1, .out = -1, .errout = -1}, .deadline = INT64_MAX};
}

int process_start(struct process *p, const struct conf *conf, const struct conf_target *t,
    enum verb verb, struct err *err)
{
	static const char *const words[] = {"batch", "probe", "probe", "list", "check"};
	process_init(p);
	p->verb = verb;
	return pusher_start(&p->child, conf, t, words[verb], err);
}

bool process_alive(const struct process *p)
{
	return p->child.pid > 0;
}

bool process_closing(const struct process *p)
{
	return process_alive(p) && p->child.in < 0;
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
		if (n < 0) { /* EPIPE: its exit status will say why */
			close_stdin(p);
			break;
		}
		p->sent += (size_t)n;
	}
	buf_free(&p->to_child);
	p->sent = 0;
}

static void take_noise(struct process *p, const char *name)
{
	char *line = p->noise.data;
	for (char *nul; (nul = memchr(line, '\0', p->noise.len)) != NULL;)
		*nul = '?';
	err_clean(line);
	if (line[0] == '\0')
		return;
	snprintf(p->last_noise, sizeof(p->last_noise), "%.760s", line);
	bool is_reason = p->verb != VERB_BATCH && p->verb != VERB_PROBE;
	if (!is_reason && p->noise_lines++ < PROCESS_NOISE_MOST)
		msg_warn("%s: %.1000s", name, line);
}

/* Moves a line from the front of [*data, *data + *len) to b, without its newline; it keeps only the
 * start of a line longer than LINE_MAX_BYTES.  False: the line is not whole yet. */
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

/* False: nothing came. */
static bool read_noise(struct process *p, const char *name)
{
	char chunk[16384];
	const char *at = chunk;
	size_t n = read_some(&p->child.errout, chunk, sizeof(chunk));
	bool any = n > 0;
	for (; n > 0 && next_line(&p->noise, &at, &n); buf_reset(&p->noise))
		take_noise(p, name);
	return any;
}

void process_read(struct process *p, const char *name, process_take *take, void *arg)
{
	char chunk[16384];
	for (int i = 0; i < READS_MOST; i++) {
		bool any = read_noise(p, name);
		size_t n = read_some(&p->child.out, chunk, sizeof(chunk));
		if (!any && n == 0)
			break;
		const char *at = chunk;
		for (; n > 0 && next_line(&p->line, &at, &n); buf_reset(&p->line))
			take(arg, p->line.data);
	}
}

void process_collect(struct process *p, const char *name, struct buf *out, size_t most)
{
	char chunk[16384];
	for (int i = 0; i < READS_MOST; i++) {
		bool any = read_noise(p, name);
		size_t n = read_some(&p->child.out, chunk, sizeof(chunk));
		if (!any && n == 0)
			break;
		if (out != NULL && out->len < most)
			buf_add(out, chunk, n);
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
	if (!process_alive(p) || clock_mono_ms() < p->deadline)
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
		take_noise(p, name);
	process_noise_end(p, name);
	int n = WIFSIGNALED(status) ? snprintf(words, size, "killed by signal %d", WTERMSIG(status))
				    : snprintf(words, size, "exit code %d", WEXITSTATUS(status));
	if (p->last_noise[0] != '\0')
		snprintf(words + n, size - (size_t)n, ": %s", p->last_noise);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void process_free(struct process *p)
{
	if (process_alive(p))
		child_reap(&p->child);
	child_close(&p->child);
	buf_free(&p->to_child);
	buf_free(&p->line);
	buf_free(&p->noise);
	process_init(p);
}

void process_fds(const struct process *p, struct pollfd out[PROCESS_FDS])
{
	bool sending = p->to_child.len > 0;
	out[0] = (struct pollfd){.fd = sending ? p->child.in : -1, .events = POLLOUT};
	out[1] = (struct pollfd){.fd = p->child.out, .events = POLLIN};
	out[2] = (struct pollfd){.fd = p->child.errout, .events = POLLIN};
}
