/* targets: `ddo-push-KIND list` of all at once, a thread each.  A list counts only when its program
 * ended well: in one that is cut, everything behind the cut would look missing. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "clock.h"
#include "mem.h"
#include "msg.h"
#include "pusher.h"
#include "reconcile.h"

#define LIST_MAX ((size_t)1 << 30)
#define LIST_MS 600000

/* The last line of what it said, which is why it failed. */
static const char *last_line(struct buf *noise)
{
	while (noise->len > 0 && noise->data[noise->len - 1] == '\n')
		noise->data[--noise->len] = '\0';
	const char *start = noise->len == 0 ? NULL : strrchr(noise->data, '\n');
	return start == NULL ? buf_str(noise) : start + 1;
}

static int by_zone(const void *a, const void *b)
{
	return strcmp(((const struct held *)a)->zone, ((const struct held *)b)->zone);
}

static char *cut_field(char **at)
{
	char *field = *at, *tab = strchr(field, '\t');
	if (tab != NULL)
		*tab = '\0';
	*at = tab == NULL ? field + strlen(field) : tab + 1;
	return field;
}

/* Splits the output in place.  What is no such line voids the list. */
static int parse(struct target *t)
{
	size_t cap = 0;
	char *line = t->out.data;
	if (t->out.len > 0 &&
	    (t->out.data[t->out.len - 1] != '\n' || strlen(t->out.data) != t->out.len))
		return err_set(&t->why, "the list does not end with a line");
	for (char *end; line != NULL && *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		char normal[NAME_SIZE];
		struct held h = {.zone = cut_field(&line)};
		h.serial = cut_field(&line);
		h.digest = cut_field(&line);
		/* Other remarks are for people. */
		h.foreign = strcmp(cut_field(&line), "foreign") == 0;
		if (name_normalize(h.zone, strlen(h.zone), normal, NULL) < 0 ||
		    strcmp(normal, h.zone) != 0 || h.digest[0] == '\0' || *line != '\0')
			return err_set(&t->why, "no list: %.100s", h.zone);
		if (t->count == cap) {
			cap = cap == 0 ? 256 : cap * 2;
			t->list = mem_resize(t->list, cap, sizeof(*t->list));
		}
		t->list[t->count++] = h;
	}
	if (t->count > 0)
		qsort(t->list, t->count, sizeof(*t->list), by_zone);
	return 0;
}

static void *list_one(void *arg)
{
	struct target *t = arg;
	int status = 0;
	struct buf noise = {0};
	int timeout = (int)t->conf->timeout_s * 1000;
	t->compared = false;
	if (pusher_run(t->all, t->conf, "list", timeout > LIST_MS ? timeout : LIST_MS, LIST_MAX,
		&t->out, &noise, &status, &t->why) < 0)
		;
	else if (WIFSIGNALED(status))
		err_set(&t->why, "killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		err_set(
		    &t->why, "%s", noise.len > 0 ? last_line(&noise) : "it failed without a word");
	else if (t->out.len >= LIST_MAX)
		err_set(&t->why, "the list is too long");
	else
		t->compared = parse(t) == 0;
	buf_free(&noise);
	return NULL;
}

void targets_start(struct run *r)
{
	for (size_t i = 0; i < r->ntargets; i++) {
		struct target *t = &r->targets[i];
		t->all = r->conf;
		t->started = clock_wall_s();
		if (t->asked && pthread_create(&t->thread, NULL, list_one, t) != 0)
			die_temp("cannot start a thread");
	}
}

void targets_finish(struct run *r)
{
	for (size_t i = 0; i < r->ntargets; i++) {
		struct target *t = &r->targets[i];
		if (!t->asked)
			continue;
		pthread_join(t->thread, NULL);
		if (!t->compared)
			plan_add(r, ACT_UNCOMPARED, "-", t->conf->name, "%s", t->why.text);
	}
}
