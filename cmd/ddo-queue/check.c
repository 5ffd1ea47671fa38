/* check: asks the push program of each enabled target whether its options are right. */
#include "check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "push/start.h"

#define LIMIT_MS 10000
#define NOISE_MOST 4096

struct asked { /* one target */
	const struct conf_target *t;
	struct child child;
	struct buf noise; /* the end of what it wrote to stderr */
	bool wrong;
	struct err why;
};

struct check {
	const struct conf *conf;
	struct asked *list;
	size_t count;
	int64_t deadline; /* monotonic ms */
	bool late;
};

static void ask(const struct conf *conf, struct asked *a)
{
	struct err err;
	a->child = (struct child){.pid = -1, .in = -1, .out = -1, .errout = -1};
	if (conf_find_program(conf, a->t, &a->why) < 0) {
		a->wrong = true;
	} else if (pusher_start(&a->child, conf, a->t, "check", &err) < 0) {
		msg_warn("%s: its options cannot be checked: %s", a->t->name, err.text);
	} else {
		close(a->child.in);
		a->child.in = -1;
	}
}

struct check *check_start(const struct conf *conf)
{
	struct check *c = mem_alloc(sizeof(*c));
	*c = (struct check){.conf = conf, .deadline = clock_mono_ms() + LIMIT_MS};
	c->list = mem_alloc((conf->ntargets + 1) * sizeof(*c->list));
	for (size_t i = 0; i < conf->ntargets; i++) {
		if (!conf->targets[i].enabled)
			continue;
		struct asked *a = &c->list[c->count++];
		*a = (struct asked){.t = &conf->targets[i]};
		ask(conf, a);
	}
	return c;
}

/* Keeps the last of it in `out`; NULL: none. */
static void drain(int fd, struct buf *out)
{
	char chunk[4096];
	/* Bounded: a program that floods us must not keep the loop. */
	for (int i = 0; fd >= 0 && i < 64; i++) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		if (out == NULL)
			continue;
		buf_add(out, chunk, (size_t)n);
		if (out->len > NOISE_MOST)
			buf_consume(out, out->len - NOISE_MOST);
	}
}

/* The last line that is not empty, cleaned. */
static const char *last_line(struct buf *noise)
{
	char *text = noise->data;
	if (text == NULL)
		return "";
	for (size_t i = 0; i < noise->len; i++)
		text[i] = text[i] == '\0' ? '?' : text[i];
	while (noise->len > 0 && text[noise->len - 1] == '\n')
		text[--noise->len] = '\0';
	char *line = strrchr(text, '\n');
	line = line == NULL ? text : line + 1;
	err_clean(line);
	return line;
}

/* Our own programs name the file, the line and the key: their line becomes ours. */
static void take_words(const struct conf *conf, struct asked *a)
{
	static const char fatal[] = ": fatal: ";
	const char *line = last_line(&a->noise), *program = strrchr(a->t->program, '/') + 1;
	size_t len = strlen(program);
	a->wrong = true;
	if (strncmp(line, program, len) == 0 && strncmp(line + len, fatal, strlen(fatal)) == 0)
		err_set(&a->why, "%s", line + len + strlen(fatal));
	else
		conf_option_wrong(conf, a->t, NULL,
		    line[0] != '\0' ? line : "its push program refuses the options", &a->why);
}

static void end(struct check *c, struct asked *a)
{
	int status = child_reap(&a->child);
	drain(a->child.errout, &a->noise);
	child_close(&a->child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EX_CONFIG)
		take_words(c->conf, a);
	else if (c->late)
		msg_warn("%s: its options are not checked: %s check took more than %d s",
		    a->t->name, a->t->program, LIMIT_MS / 1000);
}

bool check_over(struct check *c)
{
	bool over = true;
	bool late = !c->late && clock_mono_ms() >= c->deadline;
	c->late = c->late || late;
	for (size_t i = 0; i < c->count; i++) {
		struct asked *a = &c->list[i];
		if (a->child.pid <= 0)
			continue;
		drain(a->child.out, NULL);
		drain(a->child.errout, &a->noise);
		if (child_ended(&a->child)) {
			end(c, a);
			continue;
		}
		over = false;
		if (late)
			child_kill(&a->child, SIGKILL);
	}
	return over;
}

int check_end(struct check *c, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < c->count; i++) {
		struct asked *a = &c->list[i];
		if (a->child.pid > 0)
			child_reap(&a->child);
		child_close(&a->child);
		if (a->wrong && r == 0)
			r = err_set(err, "%s", a->why.text);
		buf_free(&a->noise);
	}
	free(c->list);
	free(c);
	return r;
}

int check_targets(const struct conf *conf, struct err *err)
{
	struct check *c = check_start(conf);
	struct pollfd *p = mem_alloc((2 * c->count + 1) * sizeof(*p));
	while (!check_over(c)) {
		for (size_t i = 0; i < c->count; i++) {
			p[2 * i] = (struct pollfd){.fd = c->list[i].child.out, .events = POLLIN};
			p[2 * i + 1] =
			    (struct pollfd){.fd = c->list[i].child.errout, .events = POLLIN};
		}
		/* If a grandchild holds the output open, only the time limit shows the exit. */
		poll(p, 2 * c->count, 10);
	}
	free(p);
	return check_end(c, err);
}
