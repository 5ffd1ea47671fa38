/* check: asks the push program of each enabled target whether its options are right. */
#include "check.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "process.h"

#define LIMIT_MS 10000

struct asked { /* one target */
	const struct conf_target *t;
	struct process process;
	bool wrong;
	struct err why;
};

struct check {
	const struct conf *conf;
	struct asked *list;
	size_t count;
};

static void ask(const struct conf *conf, struct asked *a)
{
	struct err err;
	process_init(&a->process);
	if (conf_find_program(conf, a->t, &a->why) < 0) {
		a->wrong = true;
	} else if (process_start(&a->process, conf, a->t, VERB_CHECK, &err) < 0) {
		msg_warn("%s: its options cannot be checked: %s", a->t->name, err.text);
	} else {
		process_close(&a->process);
		a->process.deadline = clock_mono_ms() + LIMIT_MS;
	}
}

struct check *check_start(const struct conf *conf)
{
	struct check *c = mem_alloc(sizeof(*c));
	*c = (struct check){.conf = conf};
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

/* Our own programs name the file, the line and the key: their line becomes ours. */
static void take_words(const struct conf *conf, struct asked *a)
{
	static const char fatal[] = ": fatal: ";
	const char *line = a->process.last_noise, *program = strrchr(a->t->program, '/') + 1;
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
	char words[sizeof(a->process.last_noise) + 64];
	process_collect(&a->process, a->t->name, NULL, 0);
	if (process_reap(&a->process, a->t->name, words, sizeof(words)) == EX_CONFIG)
		take_words(c->conf, a);
	else if (a->process.termed)
		msg_warn("%s: its options are not checked: %s check took more than %d s",
		    a->t->name, a->t->program, LIMIT_MS / 1000);
}

bool check_over(struct check *c)
{
	bool over = true;
	for (size_t i = 0; i < c->count; i++) {
		struct asked *a = &c->list[i];
		if (!process_alive(&a->process))
			continue;
		process_collect(&a->process, a->t->name, NULL, 0);
		process_enforce(&a->process);
		if (child_ended(&a->process.child))
			end(c, a);
		over = over && !process_alive(&a->process);
	}
	return over;
}

int check_end(struct check *c, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < c->count; i++) {
		struct asked *a = &c->list[i];
		if (a->wrong && r == 0)
			r = err_set(err, "%s", a->why.text);
		process_free(&a->process);
	}
	free(c->list);
	free(c);
	return r;
}

int check_targets(const struct conf *conf, struct err *err)
{
	struct check *c = check_start(conf);
	struct pollfd *p = mem_alloc((c->count + 1) * PROCESS_FDS * sizeof(*p));
	while (!check_over(c)) {
		for (size_t i = 0; i < c->count; i++)
			process_fds(&c->list[i].process, p + i * PROCESS_FDS);
		/* If a grandchild holds the output open, only the time limit shows the exit. */
		poll(p, c->count * PROCESS_FDS, 10);
	}
	free(p);
	return check_end(c, err);
}
