/* tell: tells knotd of what was planned, and of what changed afterwards. */
#include <stdlib.h>

#include "base/mem.h"
#include "knot.h"

#define CHUNK 200 /* zones of one zone-reload */

static int declare_batch(struct knot *k, struct work_batch *batch, struct err *err)
{
	struct work **works = mem_alloc((batch->count + 1) * sizeof(struct work *));
	size_t count = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (!work_is_due(w, OP_NEW) && !work_is_due(w, OP_DEL))
			continue;
		work_told(w);
		/* Only the file is left when an earlier ddo-push-knot died after the delete. */
		int has = w->op == OP_DEL ? knot_has(k, w->item->name, err) : 1;
		if (has < 0) {
			free(works);
			return -1;
		}
		if (has > 0)
			works[count++] = w;
	}
	struct err why;
	int r = count == 0 ? 0 : declare(k, works, count, &why);
	free(works);
	if (r > 0 && declared_template(k, err) < 0)
		return -1;
	return r == 0 ? 0 : err_set(err, "knotd does not take the zones: %s", why.text);
}

/* The operator declares the zones: what knotd does not have, or still has, is up to them. */
static int leave_to_operator(struct knot *k, struct work *w, struct err *err)
{
	int has = knot_has(k, w->item->name, err);
	if (has < 0)
		return -1;
	if (has == 0 && w->op == OP_NEW)
		return work_fail(
		    w, WORK_DEFERRED, "knotd has no such zone declared (mode zonefile-only)");
	if (has == 1 && w->op == OP_DEL)
		return work_fail(
		    w, WORK_DEFERRED, "knotd still has it declared (mode zonefile-only)");
	work_told(w);
	return 0;
}

/* All that changed with few commands; knotd loads them side by side. */
static int reload_batch(struct knot *k, struct work_batch *batch, struct err *err)
{
	struct ctl_unit units[CHUNK];
	size_t n = 0;
	int r = 0;
	for (size_t i = 0; r >= 0 && i <= batch->count; i++) {
		if (n == CHUNK || (i == batch->count && n > 0)) {
			r = ctl_command(k->ctl, "zone-reload", units, n, NULL, NULL, err);
			n = 0;
		}
		if (i == batch->count || !work_is_due(&batch->works[i], OP_PUT))
			continue;
		work_told(&batch->works[i]);
		units[n++] = (struct ctl_unit){.zone = batch->works[i].item->name};
	}
	return r < 0 ? -1 : 0;
}

int knot_tell_batch(struct primary *p, struct work_batch *batch, struct err *err)
{
	struct knot *k = (struct knot *)p;
	for (size_t i = 0; k->zonefile_only && i < batch->count; i++) {
		struct work *w = &batch->works[i];
		bool declares = work_is_due(w, OP_NEW) || work_is_due(w, OP_DEL);
		if (declares && leave_to_operator(k, w, err) < 0)
			return -1;
	}
	if (!k->zonefile_only && declare_batch(k, batch, err) < 0)
		return -1;
	return reload_batch(k, batch, err);
}

static int reload(struct knot *k, struct work *w, struct err *err)
{
	struct ctl_unit unit = {.zone = w->item->name};
	struct err why;
	work_told(w);
	int r = ctl_command(k->ctl, "zone-reload", &unit, 1, NULL, NULL, &why);
	if (r > 0)
		w->item->reason = why;
	return r < 0 ? err_set(err, "%s", why.text) : 0;
}

int knot_tell_one(
    struct primary *p, struct work_batch *batch, struct work *w, enum work_op op, struct err *err)
{
	struct knot *k = (struct knot *)p;
	struct work out = {.item = w->item, .op = OP_DEL};
	struct work *works[] = {&out};
	struct err why;
	(void)batch;
	if (op == OP_PUT)
		return reload(k, w, err);
	if (!k->zonefile_only && declare(k, works, 1, &why) < 0)
		return err_set(err, "%s", why.text);
	return zonefile_remove(p->dir, w->file, err);
}
