/* work: the states of one item on its way into a server that reads zones from files. */
#include "push/files/work.h"

#include <stdarg.h>
#include <stdio.h>

#include "push/files/primary.h"

bool work_name_file(const struct primary *p, struct work *w)
{
	return zonefile_name(w->item->name, p->kind->tree, w->file) || p->list != NULL;
}

bool work_is_due(const struct work *w, enum work_op op)
{
	return w->state == WORK_PLANNED && w->op == op;
}

bool work_is_unproven(const struct work *w)
{
	return (w->state == WORK_PLANNED || w->state == WORK_TOLD) &&
	       (w->op == OP_NEW || w->op == OP_PUT);
}

void work_told(struct work *w)
{
	w->state = WORK_TOLD;
}

void work_confirmed(struct work *w)
{
	w->state = WORK_CONFIRMED;
	w->item->result = PUSH_OK;
}

void work_replan(struct work *w)
{
	w->state = WORK_PLANNED;
}

void work_follow(struct work *w)
{
	static const enum work_state states[] = {[PUSH_UNDONE] = WORK_PLANNED,
	    [PUSH_OK] = WORK_CONFIRMED,
	    [PUSH_FAIL] = WORK_REFUSED,
	    [PUSH_DEFER] = WORK_DEFERRED};
	w->state = states[w->item->result];
}

int work_fail(struct work *w, enum work_state state, const char *fmt, ...)
{
	va_list ap;
	char text[sizeof(w->item->reason.text)]; /* the reason before may be an argument */
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&w->item->reason, "%s", text);
	if (w->state == WORK_PLANNED)
		w->op = OP_NONE;
	w->state = state;
	w->item->result = state == WORK_REFUSED ? PUSH_FAIL : PUSH_DEFER;
	return 0;
}

int work_foreign(const struct primary *p, struct work *w)
{
	work_fail(w, WORK_REFUSED, "%s has this zone from elsewhere: it is not in %s",
	    p->kind->daemon, p->zones_dir);
	w->op = OP_NONE;
	return 0;
}
