/* primary: brings zones into a server that is primary for them and reads them from files. */
#include "push/files/primary.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "push/files/include.h"
#include "push/files/primary_private.h"

#define ASK_MS 3000
#define LOADING_FAILS "loading fails with it; the server's log says more"

int primary_open(struct primary *p, const struct primary_kind *kind, const struct conf_target *t,
    struct err *err)
{
	p->kind = kind;
	p->list = NULL;
	p->dir = -1;
	p->zones_dir = conf_option(t, "zones_dir", NULL);
	p->server = conf_option(t, "server", "127.0.0.1:53");
	if (p->zones_dir == NULL)
		return err_set(err, "zones_dir is missing");
	/* It becomes part of the server's configuration. */
	if (strpbrk(p->zones_dir, "\"\\\n") != NULL)
		return err_set(err, "zones_dir must not hold quotes or backslashes");
	return dnsq_open(&p->dns, p->server, err);
}

void primary_close(struct primary *p)
{
	dnsq_close(p->dns);
	include_close(p->list);
	if (p->dir >= 0)
		close(p->dir);
}

int primary_ready(struct primary *p, struct err *err)
{
	if (p->dir < 0 && (p->dir = file_open_dir(p->zones_dir, err)) < 0)
		return -1;
	return p->list == NULL ? 0 : include_read(p->list, err);
}

int primary_probe(struct primary *p, struct err *err)
{
	struct dnsq_item item = {.zone = "probe.ddo.invalid"};
	if (dnsq_ask(p->dns, &item, 1, ASK_MS, err) < 0)
		return -1;
	if (item.state == DNSQ_NOANSWER)
		return err_set(err, "%s does not answer over DNS", p->server);
	struct err why;
	return zonefile_probe(p->dir, &why) == 0
		   ? 0
		   : err_set(err, "zones_dir %s: %s", p->zones_dir, why.text);
}

/* Refuses zones that the server would die of, or serve otherwise, before anything is touched.
 * Returns the count of what is left. */
static size_t refuse_records(struct primary *p, struct work_batch *batch)
{
	size_t left = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		char reason[300];
		if (w->item->zone != NULL &&
		    p->kind->refuses(p, w, STAGE_RECORDS, reason, sizeof(reason)))
			work_fail(w, WORK_REFUSED, "%s would %s", p->kind->daemon, reason);
		else
			left++;
	}
	return left;
}

/* What the server has of each zone.  -1: it is gone. */
static int ask(struct primary *p, struct work_batch *batch, struct err *err)
{
	struct dnsq_item *ask = mem_alloc((batch->count + 1) * sizeof(*ask));
	size_t silent = 0;
	for (size_t i = 0; i < batch->count; i++)
		ask[i].zone = batch->works[i].item->name;
	int r = dnsq_ask(p->dns, ask, batch->count, ASK_MS, err);
	for (size_t i = 0; r == 0 && i < batch->count; i++) {
		batch->works[i].answer = ask[i];
		silent += ask[i].state == DNSQ_NOANSWER;
	}
	free(ask);
	if (r == 0 && silent == batch->count)
		return err_set(err, "%s does not answer over DNS", p->server);
	return r;
}

/* What was taken out of the list leaves the server before its file goes. */
static int finish(struct primary *p, struct work_batch *batch, struct err *err)
{
	int r = p->kind->finish == NULL ? 0 : p->kind->finish(p, batch, err);
	if (r == 0 && p->list != NULL)
		r = include_clear(p->list, p, batch, err);
	for (size_t i = 0; p->kind->tree && i < batch->count; i++)
		zonefile_drop_dirs(p->dir, batch->works[i].file);
	return r;
}

static int change(struct primary *p, struct work_batch *batch, struct err *err)
{
	int r = primary_plan(p, batch, err);
	if (r == 0)
		r = p->kind->tell(p, batch, err);
	if (r == 0)
		r = primary_confirm(p, batch, err);
	if (r == 0)
		r = finish(p, batch, err);
	if (r == 0)
		r = file_sync_dir(p->dir, p->zones_dir, err);
	if (r == 0)
		return 0;
	/* Asked first: it may be started again at once. */
	r = primary_is_gone(p) ? PUSH_GONE : -1;
	primary_dead_undo(p, batch, err);
	return r;
}

/* Was the server told of it, so that what became of it proves something? */
static bool was_told(const struct work *w)
{
	return w->op != OP_NONE;
}

/* After change(): it was taken back and is still to be told. */
static bool is_lost(const struct work *w)
{
	return w->state == WORK_PLANNED && was_told(w);
}

static int apply(struct primary *p, struct push_item *items, size_t count, struct err *err);

/* Applies what was lost in two halves, each for itself.  So the zone is found that ends the loading
 * of all, and the others are not kept waiting. */
static int apply_apart(struct primary *p, struct work_batch *batch, size_t count, struct err *err)
{
	struct push_item *some = mem_alloc(count * sizeof(*some));
	size_t half = (count + 1) / 2, n = 0;
	for (size_t i = 0; i < batch->count; i++) {
		if (is_lost(&batch->works[i]))
			some[n++] = *batch->works[i].item;
	}
	int r = apply(p, some, half, err);
	if (r == 0 && count > half)
		r = apply(p, some + half, count - half, err);
	n = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (!is_lost(w))
			continue;
		*w->item = some[n++];
		work_follow(w);
	}
	free(some);
	return r;
}

/* Loading fails with one zone alone.  It is refused when others loaded: else the fault may be the
 * server's. */
static void condemn(struct primary *p, struct work_batch *batch)
{
	bool others = false;
	for (size_t i = 0; i < batch->count; i++) {
		const struct work *w = &batch->works[i];
		others =
		    others || (was_told(w) && w->item->zone != NULL && w->state == WORK_CONFIRMED);
	}
	for (size_t i = 0; others && i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (w->state == WORK_DEFERRED && strcmp(w->item->reason.text, LOADING_FAILS) == 0)
			work_fail(w, WORK_REFUSED,
			    "%s refuses it: loading fails with it, and not without it; its log "
			    "says more",
			    p->kind->daemon);
	}
}

static int tell_apart(struct primary *p, struct work_batch *batch, struct err *err)
{
	struct work *last = NULL;
	size_t lost = 0, told = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		told += was_told(w);
		lost += is_lost(w);
		last = is_lost(w) ? w : last;
	}
	if (last == NULL)
		return 0;
	if (told == 1 && last->item->zone == NULL)
		return work_fail(last, WORK_DEFERRED, "%s still answers for it", p->kind->daemon);
	if (told == 1)
		return work_fail(last, WORK_DEFERRED, "%s", LOADING_FAILS);
	int r = apply_apart(p, batch, lost, err);
	condemn(p, batch);
	return r;
}

static int apply(struct primary *p, struct push_item *items, size_t count, struct err *err)
{
	struct work_batch batch = {.count = count};
	batch.works = mem_alloc(count * sizeof(*batch.works));
	for (size_t i = 0; i < count; i++)
		batch.works[i].item = &items[i];
	int r = 0;
	if (refuse_records(p, &batch) > 0) {
		r = ask(p, &batch, err);
		if (r < 0)
			primary_dead_apply(p, &batch, err);
		else if ((r = change(p, &batch, err)) == 0)
			r = tell_apart(p, &batch, err);
	}
	for (size_t i = 0; i < count; i++)
		free(batch.works[i].old_path);
	free(batch.works);
	return r;
}

int primary_apply(struct primary *p, struct push_item *items, size_t count, struct err *err)
{
	return primary_ready(p, err) < 0 ? -1 : apply(p, items, count, err);
}
