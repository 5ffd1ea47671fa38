/* targets: asks all targets at once with `ddo-push-KIND list`, in a thread each. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "inputs.h"
#include "plan.h"
#include "push/start.h"

#define LIST_MAX ((size_t)1 << 30)
#define LIST_MS 600000

/* The last line that it printed says why it failed. */
static const char *last_line(struct buf *noise)
{
	while (noise->len > 0 && noise->data[noise->len - 1] == '\n')
		noise->data[--noise->len] = '\0';
	const char *start = noise->len == 0 ? NULL : strrchr(noise->data, '\n');
	return start == NULL ? buf_str(noise) : start + 1;
}

/* A list counts only when its program ended well: in one that is cut, everything behind the cut
 * would look missing. */
static void *list_one(void *arg)
{
	struct target *t = arg;
	int status = 0;
	struct buf noise = {0};
	int timeout = (int)t->conf->timeout_s * 1000;
	t->compared = false;
	if (pusher_capture(t->all, t->conf, "list", timeout > LIST_MS ? timeout : LIST_MS, LIST_MAX,
		&t->out, &noise, &status, &t->why) < 0)
		;
	else if (WIFSIGNALED(status))
		err_set(&t->why, "killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		err_set(&t->why, "%s",
		    noise.len > 0 ? last_line(&noise) : "it failed and printed no reason");
	else if (t->out.len >= LIST_MAX)
		err_set(&t->why, "the list is too long");
	else
		t->compared = held_parse(&t->held, &t->out, SIZE_MAX, &t->why) == 0;
	buf_free(&noise);
	return NULL;
}

void targets_start(struct inputs *in)
{
	for (size_t i = 0; i < in->ntargets; i++) {
		struct target *t = &in->targets[i];
		t->started = clock_wall_s();
		if (t->asked && !t->waits && pthread_create(&t->thread, NULL, list_one, t) != 0)
			die_temp("cannot start a thread");
	}
}

void targets_finish(struct inputs *in, struct plan *p)
{
	for (size_t i = 0; i < in->ntargets; i++) {
		struct target *t = &in->targets[i];
		if (!t->asked)
			continue;
		if (t->waits)
			err_set(&t->why, "the store is an older copy, and ddo-queue has not "
					 "compared this target with it yet");
		else
			pthread_join(t->thread, NULL);
		if (!t->compared)
			plan_add(p, ACT_UNCOMPARED, "-", t->conf->name, "%s", t->why.text);
	}
}
