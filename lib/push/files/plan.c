#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "push/files/primary_private.h"

static bool is_elsewhere(struct primary *p, const struct primary_work *w)
{
	return p->kind->elsewhere != NULL && p->kind->elsewhere(p, w);
}

/* Of FILE and FILE.good (or FILE.void), both there because somebody died: the one that the server
 * serves is proven. */
static int settle_old(
    struct primary *p, const struct primary_work *w, const struct dnsq_item *a, struct err *err)
{
	struct zone *now = NULL, *good = NULL;
	int r = 0;
	if (a->state != DNSQ_SERVED || (!zonefile_exists(p->dir, w->file, ".good") &&
					   !zonefile_exists(p->dir, w->file, ".void")))
		return 0;
	if (zonefile_parse(p->dir, w->file, "", &now, NULL) == 0 && now->serial == a->serial &&
	    (zonefile_parse(p->dir, w->file, ".good", &good, NULL) < 0 ||
		good->serial != a->serial))
		r = zonefile_settle(p->dir, w->file, err);
	zone_free(now);
	zone_free(good);
	return r;
}

static void drop_new(struct primary *p, const struct primary_work *w, int *fd)
{
	char tmp[NAME_FILE_SIZE + 8];
	snprintf(tmp, sizeof(tmp), "%s.new", w->file);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	unlinkat(p->dir, tmp, 0);
}

/* What a function of zonefile.h returned: a file's own failure is its zone's. */
static int zone_failed(struct primary_work *w, int r, const struct err *why, struct err *err)
{
	if (r < 0)
		return err_set(err, "%s", why->text);
	return r == ZONEFILE_ODD ? work_fail(w, PUSH_DEFER, "%s", why->text) : 0;
}

static int drop_refused(struct primary *p, struct primary_work *w, int *fd, const char *reason)
{
	drop_new(p, w, fd);
	return work_fail(w, PUSH_FAIL, "%s refuses it: %s", p->kind->daemon, reason);
}

static int plan_put(
    struct primary *p, struct primary_work *w, const struct dnsq_item *a, int *fd, struct err *err)
{
	struct buf text = {0};
	struct err why;
	const struct zone *z = w->item->zone;
	if (zone_render(z, &text, &why) < 0)
		return work_fail(w, PUSH_FAIL, "%s", why.text);
	bool served = a->state == DNSQ_SERVED;
	bool same_serial = served && a->serial == z->serial;
	int r = settle_old(p, w, a, &why);
	if (r != 0) {
		buf_free(&text);
		return zone_failed(w, r, &why, err);
	}
	int holds = 0;
	if (same_serial && !is_elsewhere(p, w) && zonefile_is(p->dir, w->file, &text) &&
	    !zonefile_exists(p->dir, w->file, ".good"))
		holds = p->kind->holds == NULL ? 1 : p->kind->holds(p, w, err);
	if (holds != 0) {
		w->item->result = holds > 0 ? PUSH_OK : PUSH_UNDONE;
		buf_free(&text);
		return holds > 0 ? 0 : -1;
	}
	r = zonefile_write(p->dir, w->file, &text, fd, &why);
	buf_free(&text);
	if (r != 0)
		return zone_failed(w, r, &why, err);
	w->step = is_elsewhere(p, w) || a->state == DNSQ_NOTSERVED ? STEP_ADD : STEP_RELOAD;
	w->same_serial = same_serial;
	char reason[400];
	if (served && p->kind->precheck != NULL && p->kind->precheck(p, w, reason, sizeof(reason)))
		return drop_refused(p, w, fd, reason);
	return same_serial && p->kind->mark != NULL ? p->kind->mark(p, w, err) : 0;
}

static int plan(
    struct primary *p, struct primary_work *w, const struct dnsq_item *a, int *fd, struct err *err)
{
	struct err why;
	if (w->item->result != PUSH_UNDONE)
		return 0;
	if (p->kind->file(p, w->item->name, w->file, &why) < 0)
		return work_fail(w, PUSH_FAIL, "%s", why.text);
	if (a->state == DNSQ_NOANSWER)
		return work_fail(w, PUSH_DEFER, "%s does not answer over DNS", p->server);
	int owner = p->kind->owner(p, w, a, err);
	if (owner < 0)
		return -1;
	if (owner == OWNER_OTHER)
		return work_foreign(p, w);
	if (w->item->zone != NULL)
		return plan_put(p, w, a, fd, err);
	if (owner == OWNER_US || zonefile_exists(p->dir, w->file, "")) {
		w->step = STEP_DEL;
		return 0;
	}
	int r = zonefile_remove(p->dir, w->file, &why); /* what a put left that was killed */
	if (r == 0)
		w->item->result = PUSH_OK;
	return zone_failed(w, r, &why, err);
}

static int install(struct primary *p, struct primary_batch *batch, struct err *err)
{
	bool any = false;
	for (size_t i = 0; i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		struct err why;
		if (w->step != STEP_ADD && w->step != STEP_RELOAD)
			continue;
		int r = zonefile_install(p->dir, w->file, &why);
		if (zone_failed(w, r, &why, err) < 0)
			return -1;
		any = true;
	}
	return any ? file_sync_dir(p->dir, p->zones_dir, err) : 0;
}

int primary_plan(struct primary *p, struct primary_batch *batch, struct err *err)
{
	int *fds = mem_alloc((batch->count + 1) * sizeof(*fds));
	int r = 0;
	memset(fds, 0xff, (batch->count + 1) * sizeof(*fds));
	for (size_t i = 0; r == 0 && i < batch->count; i++)
		r = plan(p, &batch->works[i], &batch->answers[i], &fds[i], err);
	if (r == 0)
		r = zonefile_flush(p->dir, fds, batch->count, err);
	if (r == 0)
		r = install(p, batch, err);
	else
		for (size_t i = 0; i < batch->count; i++) {
			if (batch->works[i].step == STEP_ADD || batch->works[i].step == STEP_RELOAD)
				drop_new(p, &batch->works[i], &fds[i]);
		}
	free(fds);
	return r;
}
