/* plan: one line an action, TAB between fields: what, zone, where, why. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/msg.h"
#include "reconcile.h"

static const char *const words[ACTION_KINDS] = {"unproven", "uncompared", "pull", "check", "claim",
    "migrate", "orphan", "delete", "conflict", "push", "ghost", "foreign", "watch", "pending",
    "refused", "brake", "held", "failed"};

bool plan_narrowed(const struct run *r)
{
	return r->o->server != NULL || r->o->target != NULL || r->o->zone != NULL;
}

const char *plan_word(enum action_kind kind)
{
	return words[kind];
}

struct action *plan_add(
    struct run *r, enum action_kind kind, const char *zone, const char *where, const char *fmt, ...)
{
	struct err text;
	va_list ap;
	if (r->nactions == r->cap) {
		r->cap = r->cap == 0 ? 64 : r->cap * 2;
		r->actions = mem_resize(r->actions, r->cap, sizeof(*r->actions));
	}
	va_start(ap, fmt);
	vsnprintf(text.text, sizeof(text.text), fmt, ap);
	va_end(ap);
	err_clean(text.text);
	struct action *a = &r->actions[r->nactions++];
	*a = (struct action){
	    .kind = kind, .zone = zone, .where = where, .reason = mem_dup(text.text)};
	r->counts[kind]++;
	return a;
}

bool plan_about(const struct run *r, const char *zone)
{
	return r->o->zone == NULL || strcmp(r->o->zone, zone) == 0;
}

static int compare_actions(const void *a, const void *b)
{
	const struct action *x = a, *y = b;
	int c = strcmp(x->zone, y->zone);
	if (c == 0)
		c = (int)x->kind - (int)y->kind;
	return c != 0 ? c : strcmp(x->where, y->where);
}

void plan_sort(struct run *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->nactions; i++) {
		if (r->actions[i].dropped) {
			r->counts[r->actions[i].kind]--;
			free(r->actions[i].reason);
		} else {
			r->actions[n++] = r->actions[i];
		}
	}
	r->nactions = n;
	if (n > 0)
		qsort(r->actions, n, sizeof(*r->actions), compare_actions);
}

void plan_print(const struct action *a)
{
	printf("%s\t%s\t%s\t%s\n", words[a->kind], a->zone, a->where, a->reason);
}

void plan_print_all(const struct run *r)
{
	for (size_t i = 0; i < r->nactions; i++) {
		if (r->actions[i].kind != ACT_CHECK)
			plan_print(&r->actions[i]);
	}
}

bool plan_written(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	msg_error("cannot write the plan to standard output; it is carried out");
	return false;
}

/* What is only reported is no difference. */
bool plan_differs(const struct run *r)
{
	static const enum action_kind kinds[] = {ACT_PULL, ACT_CLAIM, ACT_MIGRATE, ACT_ORPHAN,
	    ACT_DELETE, ACT_CONFLICT, ACT_PUSH, ACT_GHOST, ACT_PENDING, ACT_REFUSED, ACT_HELD,
	    ACT_FAILED};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (r->counts[kinds[i]] > 0)
			return true;
	}
	return false;
}
