#include "push/files/primary.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "push/files/primary_private.h"

#define ASK_MS 3000
#define LOADING_FAILS "loading fails with it; the server's log says more"

int work_fail(struct primary_work *w, enum push_result result, const char *fmt, ...)
{
	va_list ap;
	char text[sizeof(w->item->reason.text)];
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&w->item->reason, "%s", text);
	w->item->result = result;
	w->step = STEP_NONE;
	return 0;
}

int work_foreign(struct primary *p, struct primary_work *w)
{
	return work_fail(w, PUSH_FAIL, "%s has this zone from elsewhere: it is not in %s",
	    p->kind->daemon, p->zones_dir);
}

void primary_path(const struct primary *p, const char *file, struct buf *out)
{
	buf_addf(out, "%s/%s", p->zones_dir, file);
}

bool primary_has_file(const struct primary *p, const struct primary_work *w)
{
	return zonefile_exists(p->dir, w->file, "");
}

int primary_open(struct primary *p, const struct primary_kind *kind, const struct conf_target *t,
    struct err *err)
{
	p->kind = kind;
	p->dir = -1;
	p->zones_dir = conf_option(t, "zones_dir", NULL);
	p->server = conf_option(t, "server", "127.0.0.1:53");
	if (p->zones_dir == NULL)
		return err_set(err, "zones_dir is missing");
	/* It stands in the server's configuration. */
	if (strpbrk(p->zones_dir, "\"\\\n") != NULL)
		return err_set(err, "zones_dir must not hold quotes or backslashes");
	return dnsq_open(&p->dns, p->server, err);
}

void primary_close(struct primary *p)
{
	dnsq_close(p->dns);
	if (p->dir >= 0)
		close(p->dir);
}

int primary_ready(struct primary *p, struct err *err)
{
	if (p->dir < 0 && (p->dir = file_open_dir(p->zones_dir, err)) < 0)
		return -1;
	return p->kind->ready == NULL ? 0 : p->kind->ready(p, err);
}

int primary_probe(struct primary *p, struct err *err)
{
	struct dnsq_item item = {.zone = "probe.ddo.invalid"};
	if (dnsq_soa(p->dns, &item, 1, ASK_MS, err) < 0)
		return -1;
	if (item.state == DNSQ_NOANSWER)
		return err_set(err, "%s does not answer over DNS", p->server);
	struct err why;
	return zonefile_probe(p->dir, &why) == 0
		   ? 0
		   : err_set(err, "zones_dir %s: %s", p->zones_dir, why.text);
}

/* A zone that the server would die of is refused before anything is touched.  The count of what is
 * left. */
static size_t refuse_deadly(struct primary *p, struct primary_batch *batch)
{
	size_t left = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		char reason[300];
		if (w->item->zone != NULL && p->kind->dies_of != NULL &&
		    p->kind->dies_of(w->item->zone, reason, sizeof(reason)))
			work_fail(w, PUSH_FAIL, "%s would die of it: %s", p->kind->daemon, reason);
		else
			left++;
	}
	return left;
}

/* What the server has of each zone.  -1: it is gone. */
static int ask(struct primary *p, struct primary_batch *batch, struct err *err)
{
	size_t silent = 0;
	if (dnsq_soa(p->dns, batch->answers, batch->count, ASK_MS, err) < 0)
		return -1;
	for (size_t i = 0; i < batch->count; i++)
		silent += batch->answers[i].state == DNSQ_NOANSWER;
	if (silent == batch->count)
		return err_set(err, "%s does not answer over DNS", p->server);
	return 0;
}

static int change(struct primary *p, struct primary_batch *batch, struct err *err)
{
	int r = primary_plan(p, batch, err);
	if (r == 0)
		r = p->kind->tell(p, batch, err);
	if (r == 0)
		r = primary_confirm(p, batch, err);
	if (r == 0 && p->kind->finish != NULL)
		r = p->kind->finish(p, batch, err);
	if (r == 0)
		r = file_sync_dir(p->dir, p->zones_dir, err);
	if (r == 0)
		return 0;
	/* Asked first: somebody may start it anew at once. */
	r = primary_is_gone(p) ? PUSH_GONE : -1;
	primary_dead_undo(p, batch, err);
	return r;
}

static int apply(struct primary *p, struct push_item *items, size_t count, struct err *err);

/* Of what was lost together the halves, each for itself: so the zone is found that ends the loading
 * of all, and the others are not kept waiting. */
static int apart(struct primary *p, struct primary_batch *batch, size_t count, struct err *err)
{
	struct push_item *some = mem_alloc(count * sizeof(*some));
	size_t half = (count + 1) / 2, n = 0;
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->works[i].again)
			some[n++] = *batch->works[i].item;
	}
	int r = apply(p, some, half, err);
	if (r == 0 && count > half)
		r = apply(p, some + half, count - half, err);
	n = 0;
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->works[i].again)
			*batch->works[i].item = some[n++];
	}
	free(some);
	return r;
}

/* A zone with which loading fails is refused when it works with others: else who knows. */
static void condemn(struct primary *p, struct primary_batch *batch)
{
	bool others = false;
	for (size_t i = 0; i < batch->count; i++) {
		const struct primary_work *w = &batch->works[i];
		others = others || (w->told && w->item->zone != NULL && w->item->result == PUSH_OK);
	}
	for (size_t i = 0; others && i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		if (w->again && w->item->result == PUSH_DEFER &&
		    strcmp(w->item->reason.text, LOADING_FAILS) == 0)
			work_fail(w, PUSH_FAIL,
			    "%s refuses it: loading fails with it, and not without it; its log "
			    "says more",
			    p->kind->daemon);
	}
}

static int tell_apart(struct primary *p, struct primary_batch *batch, struct err *err)
{
	struct primary_work *last = NULL;
	size_t lost = 0, told = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		told += w->told;
		lost += w->again;
		last = w->again ? w : last;
	}
	if (last == NULL)
		return 0;
	if (told == 1 && last->item->zone == NULL)
		return work_fail(last, PUSH_DEFER, "%s still answers for it", p->kind->daemon);
	if (told == 1)
		return work_fail(last, PUSH_DEFER, "%s", LOADING_FAILS);
	int r = apart(p, batch, lost, err);
	condemn(p, batch);
	return r;
}

static int apply(struct primary *p, struct push_item *items, size_t count, struct err *err)
{
	struct primary_batch batch = {.count = count};
	batch.works = mem_alloc(count * sizeof(*batch.works));
	batch.answers = mem_alloc(count * sizeof(*batch.answers));
	for (size_t i = 0; i < count; i++) {
		batch.works[i].item = &items[i];
		batch.answers[i].zone = items[i].name;
	}
	int r = 0;
	if (refuse_deadly(p, &batch) > 0) {
		r = ask(p, &batch, err);
		if (r < 0)
			primary_dead_apply(p, &batch, err);
		else if ((r = change(p, &batch, err)) == 0)
			r = tell_apart(p, &batch, err);
	}
	for (size_t i = 0; i < count; i++)
		free(batch.works[i].old_path);
	free(batch.works);
	free(batch.answers);
	return r;
}

int primary_apply(struct primary *p, struct push_item *items, size_t count, struct err *err)
{
	return primary_ready(p, err) < 0 ? -1 : apply(p, items, count, err);
}

int primary_undo(
    struct primary *p, struct primary_batch *batch, struct primary_work *w, struct err *err)
{
	if (w->old_path == NULL && zonefile_exists(p->dir, w->file, ".good")) {
		struct err reason = w->item->reason;
		int r = zonefile_restore(p->dir, w->file, err);
		if (r == 0)
			r = p->kind->reload(p, w, err);
		w->item->reason = reason;
		return r;
	}
	return p->kind->forget(p, batch, w, err);
}
