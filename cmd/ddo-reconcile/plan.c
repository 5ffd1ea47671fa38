/* plan: actions, their counts, and how they are printed. */
#include "plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/msg.h"

static const char *const words[ACTION_KINDS] = {"unproven", "uncompared", "pull", "check", "claim",
    "migrate", "orphan", "delete", "conflict", "push", "ghost", "foreign", "watch", "pending",
    "refused", "brake", "held", "failed"};

#define PRINTED_MOST 20 /* of a kind, or the log would be full of them each hour */

const char *plan_word(enum action_kind kind)
{
	return words[kind];
}

static char *reason(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

static char *reason(const char *fmt, va_list ap)
{
	struct err text;
	vsnprintf(text.text, sizeof(text.text), fmt, ap);
	err_clean(text.text);
	return mem_dup(text.text);
}

struct action *plan_add(struct plan *p, enum action_kind kind, const char *zone, const char *where,
    const char *fmt, ...)
{
	va_list ap;
	if (p->nactions == p->cap) {
		p->cap = p->cap == 0 ? 64 : p->cap * 2;
		p->actions = mem_resize(p->actions, p->cap, sizeof(*p->actions));
	}
	struct action *a = &p->actions[p->nactions++];
	va_start(ap, fmt);
	*a = (struct action){.kind = kind, .zone = zone, .where = where, .reason = reason(fmt, ap)};
	va_end(ap);
	p->counts[kind]++;
	return a;
}

void plan_reason(struct action *a, const char *fmt, ...)
{
	va_list ap;
	free(a->reason);
	va_start(ap, fmt);
	a->reason = reason(fmt, ap);
	va_end(ap);
}

void plan_change(struct plan *p, struct action *a, enum action_kind kind)
{
	if (!a->dropped) {
		p->counts[a->kind]--;
		p->counts[kind]++;
	}
	a->kind = kind;
}

void plan_drop(struct plan *p, struct action *a)
{
	if (!a->dropped)
		p->counts[a->kind]--;
	a->dropped = true;
}

void plan_pulled(struct plan *p)
{
	p->pulled++;
}

void plan_stray(struct plan *p)
{
	p->strays++;
}

size_t plan_count(const struct plan *p, enum action_kind kind)
{
	return p->counts[kind];
}

size_t plan_count_of(const struct plan *p, enum action_kind kind, const struct server *s)
{
	size_t count = 0;
	for (size_t i = 0; i < p->nactions; i++) {
		const struct action *a = &p->actions[i];
		count += a->kind == kind && a->server == s && !a->dropped;
	}
	return count;
}

static int compare_actions(const void *a, const void *b)
{
	const struct action *x = a, *y = b;
	int c = strcmp(x->zone, y->zone);
	if (c == 0)
		c = (int)x->kind - (int)y->kind;
	return c != 0 ? c : strcmp(x->where, y->where);
}

void plan_sort(struct plan *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->nactions; i++) {
		if (p->actions[i].dropped)
			free(p->actions[i].reason);
		else
			p->actions[n++] = p->actions[i];
	}
	p->nactions = n;
	if (n > 0)
		qsort(p->actions, n, sizeof(*p->actions), compare_actions);
}

json_t *plan_json(const struct action *a)
{
	return json_pack("{s:s,s:s,s:s}", "zone", a->zone, "where", a->where, "why", a->reason);
}

static void print_json(const struct action *a)
{
	json_t *o = json_pack("{s:s}", "what", words[a->kind]), *rest = plan_json(a);
	json_object_update(o, rest);
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(rest);
	json_decref(o);
}

/* The brake bounds the deletes, and each is worth a line. */
static bool is_whole(const struct plan *p, enum action_kind kind)
{
	return p->json || p->whole || kind == ACT_DELETE;
}

void plan_print(struct plan *p, const struct action *a)
{
	if (p->printed[a->kind]++ >= PRINTED_MOST && !is_whole(p, a->kind))
		return;
	if (p->json)
		print_json(a);
	else
		printf("%s\t%s\t%s\t%s\n", words[a->kind], a->zone, a->where, a->reason);
}

void plan_print_rest(const struct plan *p)
{
	for (int k = 0; k < ACTION_KINDS; k++) {
		if (p->printed[k] > PRINTED_MOST && !is_whole(p, (enum action_kind)k))
			printf("%s\t-\t-\tand %zu more: ddo-reconcile -n lists those that stay\n",
			    words[k], p->printed[k] - PRINTED_MOST);
	}
}

void plan_print_all(struct plan *p)
{
	for (size_t i = 0; i < p->nactions; i++) {
		if (p->actions[i].kind != ACT_CHECK)
			plan_print(p, &p->actions[i]);
	}
}

bool plan_written(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	msg_error("cannot write the plan to standard output; the run does it all the same");
	return false;
}

/* A difference is what a run makes good, or would; what is only reported is none. */
static bool differs(const struct plan *p)
{
	static const enum action_kind kinds[] = {ACT_PULL, ACT_CLAIM, ACT_MIGRATE, ACT_ORPHAN,
	    ACT_DELETE, ACT_CONFLICT, ACT_PUSH, ACT_GHOST, ACT_PENDING, ACT_REFUSED, ACT_HELD,
	    ACT_FAILED};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (p->counts[kinds[i]] > 0)
			return true;
	}
	return false;
}

int plan_status(const struct plan *p)
{
	if (p->counts[ACT_BRAKE] > 0)
		return EXIT_BRAKE;
	if (p->counts[ACT_UNPROVEN] + p->counts[ACT_UNCOMPARED] + p->counts[ACT_FAILED] > 0)
		return EX_UNAVAILABLE;
	return differs(p) ? EXIT_DIFFERENCES : EXIT_IN_SYNC;
}
