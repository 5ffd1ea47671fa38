/* compare_walk: judges each delivery: one walk over store and list, both sorted by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "compare.h"
#include "queue.h"
#include "store/compare.h"
#include "target.h"

#define SLICE_ROWS 128
#define NAMES_MOST 5

enum finding { LEFT, GOOD, AGAIN, GHOST, HELD };

static enum finding held(
    struct err *why, const struct target *t, const char *zone, const char *reason)
{
	err_set(why,
	    STORE_HELD "%s; ddo-reconcile will ask DirectAdmin, or send the store's zone: "
		       "ddo-queue --retry %s %s",
	    reason, t->name, zone);
	return HELD;
}

/* The zone is live in the store, and the target has it. */
static enum finding judge_both(const struct target *t, const struct store_compared_row *row,
    const struct held *h, bool old, struct err *why)
{
	char text[128];
	uint32_t serial;
	if (strcmp(h->digest, row->digest) == 0)
		return GOOD;
	if (!held_serial(h, &serial)) {
		/* "-" is no serial.  From our own kinds it means that the zone is not served;
		 * another push program may not know serials. */
		if (!conf_known_kind(t->conf->type))
			return LEFT;
		return old ? held(why, t, row->zone,
				 "the store is an older copy, and the target "
				 "does not serve what it has")
			   : AGAIN;
	}
	if (store_serial_less(serial, row->serial))
		return AGAIN;
	if (serial == row->serial && strcmp(h->digest, "-") == 0)
		return LEFT;
	if (serial == row->serial && !old)
		return AGAIN;
	snprintf(text, sizeof(text),
	    serial == row->serial ? "the store is an older copy, and the target has other records "
				    "with the same serial %u"
				  : "the target has serial %u, the store only %u",
	    serial, row->serial);
	return held(why, t, row->zone, text);
}

static enum finding judge(const struct target *t, const struct store_compared_row *row,
    const struct held *h, struct err *why)
{
	const struct compare *c = &t->compare;
	bool old = c->careful && row->generation <= c->last;
	bool there = h != NULL && !h->foreign;
	if (!row->done && !(old && row->first))
		return LEFT;
	if (row->deleted && !there)
		return GOOD;
	if (row->deleted && old)
		return held(why, t, row->zone,
		    "the store, an older copy, has it deleted, and the target has it");
	if (row->deleted) /* wanted: DirectAdmin has it again, its text is on the way */
		return row->wanted ? LEFT : GHOST;
	if (there)
		return judge_both(t, row, h, old, why);
	/* A target with an empty list has lost its zones. */
	if (old && c->list.count > 0)
		return held(why, t, row->zone,
		    "the store, an older copy, has it, and the target does not: perhaps it was "
		    "deleted since");
	return AGAIN;
}

static void name(struct buf *names, size_t count, const char *zone)
{
	if (count < NAMES_MOST)
		buf_addf(names, "%s%s", count > 0 ? ", " : "", zone);
	else if (count == NAMES_MOST)
		buf_adds(names, ", ...");
}

static int act(struct queue *q, struct target *t, const struct store_compared_row *row,
    enum finding finding, const struct err *why, struct err *err)
{
	struct compare_found *f = &t->compare.found;
	f->good += finding == GOOD && !row->deleted;
	if (finding == HELD) {
		name(&f->held_names, f->held++, row->zone);
		return store_hold(q->store, t->name, row->zone, why->text, err);
	}
	if (finding == AGAIN || finding == GHOST) {
		name(&f->names, f->again + f->ghosts, row->zone);
		f->again += finding == AGAIN;
		f->ghosts += finding == GHOST;
	} else if (!row->first) {
		return 0;
	}
	t->look = true;
	return store_send_again(q->store, t->name, row->zone, err);
}

/* The list's first entry for this zone.  The entries before it were never ddo's. */
static const struct held *find(struct compare *c, const char *zone)
{
	const struct held *found = NULL;
	for (; c->at < c->list.count; c->at++) {
		const struct held *h = &c->list.zones[c->at];
		int order = zone == NULL ? -1 : strcmp(h->zone, zone);
		if (order > 0)
			break;
		if (order < 0)
			c->found.unknown += !h->foreign;
		else if (found == NULL)
			found = h;
	}
	return found;
}

static int walk_rows(struct queue *q, struct target *t, const struct store_compared_row *rows,
    size_t count, struct err *err)
{
	bool begun = false;
	for (size_t i = 0; i < count; i++) {
		struct err why;
		const struct store_compared_row *row = &rows[i];
		enum finding finding = judge(t, row, find(&t->compare, row->zone), &why);
		bool writes = finding >= AGAIN || row->first;
		if (writes && !begun && store_begin(q->store, err) < 0)
			return -1;
		begun = begun || writes;
		if (act(q, t, row, finding, &why, err) < 0)
			return -1;
	}
	return begun ? store_commit(q->store, err) : 0;
}

int compare_walk(struct queue *q, struct target *t, struct err *err)
{
	struct compare *c = &t->compare;
	struct store_compared_row *rows = mem_alloc(SLICE_ROWS * sizeof(*rows));
	size_t count;
	int r = store_compare_rows(
	    q->store, t->name, c->after, c->started, rows, SLICE_ROWS, &count, err);
	if (r == 0)
		r = walk_rows(q, t, rows, count, err);
	if (r < 0)
		store_rollback(q->store);
	else if (count > 0)
		snprintf(c->after, sizeof(c->after), "%s", rows[count - 1].zone);
	free(rows);
	if (r < 0 || count == SLICE_ROWS)
		return r < 0 ? -1 : 1;
	find(c, NULL); /* the rest of the list was never ddo's */
	return 0;
}
