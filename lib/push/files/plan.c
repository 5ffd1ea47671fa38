/* plan: decides what is to be done about each item, and writes the files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "push/files/primary_private.h"

/* FILE and FILE.good (or FILE.void) are both there when an earlier ddo-push died.  The one that the
 * server serves is proven. */
static int settle_old(struct primary *p, const struct work *w, struct err *err)
{
	const struct dnsq_item *a = &w->answer;
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

static void drop_new(struct primary *p, const struct work *w, int *fd)
{
	char tmp[NAME_FILE_SIZE + 8];
	snprintf(tmp, sizeof(tmp), "%s.new", w->file);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	unlinkat(p->dir, tmp, 0);
}

/* Takes what a function of zonefile.h returned: a file's own failure is its zone's. */
static int zone_failed(struct work *w, int r, const struct err *why, struct err *err)
{
	if (r < 0)
		return err_set(err, "%s", why->text);
	return r == ZONEFILE_ODD ? work_fail(w, WORK_DEFERRED, "%s", why->text) : 0;
}

static int drop_refused(struct primary *p, struct work *w, int *fd, const char *reason)
{
	drop_new(p, w, fd);
	return work_fail(w, WORK_REFUSED, "%s refuses it: %s", p->kind->daemon, reason);
}

/* Does the server hold just this already?  1, 0, -1. */
static int is_unchanged(
    struct primary *p, const struct work *w, const struct buf *text, struct err *err)
{
	if (!w->same_serial || !zonefile_is(p->dir, w->file, text) ||
	    zonefile_exists(p->dir, w->file, ".good"))
		return 0;
	return p->kind->shows(p, w, err);
}

/* `declare`: FILE is to be declared. */
static int plan_put(struct primary *p, struct work *w, bool declare, int *fd, struct err *err)
{
	struct buf text = {0};
	struct err why;
	char reason[400];
	if (zone_render(w->item->zone, &text, &why) < 0)
		return work_fail(w, WORK_REFUSED, "%s", why.text);
	bool served = w->answer.state == DNSQ_SERVED;
	w->same_serial = served && w->answer.serial == w->item->zone->serial;
	int r = settle_old(p, w, &why), same = 0;
	if (r == 0 && !declare)
		same = is_unchanged(p, w, &text, err);
	if (r == 0 && same == 0)
		r = zonefile_write(p->dir, w->file, &text, fd, &why);
	buf_free(&text);
	if (same > 0)
		work_confirmed(w);
	if (same != 0 || r != 0)
		return same < 0 ? -1 : zone_failed(w, r, &why, err);
	w->op = declare || w->answer.state == DNSQ_NOTSERVED ? OP_NEW : OP_PUT;
	if (served && p->kind->refuses(p, w, STAGE_NEW, reason, sizeof(reason)))
		return drop_refused(p, w, fd, reason);
	return 0;
}

static int plan(struct primary *p, struct work *w, int *fd, struct err *err)
{
	struct err why;
	if (w->state != WORK_PLANNED)
		return 0;
	if (!work_name_file(p, w))
		return work_fail(w, WORK_REFUSED, "%s", p->kind->too_long);
	if (p->kind->tree)
		zonefile_make_dirs(p->dir, w->file);
	if (w->answer.state == DNSQ_NOANSWER)
		return work_fail(w, WORK_DEFERRED, "%s does not answer over DNS", p->server);
	int owner = p->kind->owner(p, w, err);
	if (owner < 0)
		return -1;
	if (owner == OWNER_OTHER)
		return work_foreign(p, w);
	if (w->item->zone != NULL)
		return plan_put(p, w,
		    owner == OWNER_US_ELSEWHERE || (owner == OWNER_NOBODY && p->list != NULL), fd,
		    err);
	if (owner != OWNER_NOBODY || zonefile_exists(p->dir, w->file, "")) {
		w->op = OP_DEL;
		return 0;
	}
	int r = zonefile_remove(p->dir, w->file, &why); /* left by a put that was killed */
	if (r == 0)
		work_confirmed(w);
	return zone_failed(w, r, &why, err);
}

static int install(struct primary *p, struct work_batch *batch, struct err *err)
{
	bool any = false;
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		struct err why;
		if (!work_is_unproven(w))
			continue;
		int r = zonefile_install(p->dir, w->file, &why);
		if (zone_failed(w, r, &why, err) < 0)
			return -1;
		any = true;
	}
	return any ? file_sync_dir(p->dir, p->zones_dir, err) : 0;
}

int primary_plan(struct primary *p, struct work_batch *batch, struct err *err)
{
	int *fds = mem_alloc((batch->count + 1) * sizeof(*fds));
	int r = 0;
	memset(fds, 0xff, (batch->count + 1) * sizeof(*fds));
	for (size_t i = 0; r == 0 && i < batch->count; i++)
		r = plan(p, &batch->works[i], &fds[i], err);
	if (r == 0)
		r = zonefile_flush(p->dir, fds, batch->count, err);
	if (r == 0)
		r = install(p, batch, err);
	else
		for (size_t i = 0; i < batch->count; i++) {
			if (work_is_unproven(&batch->works[i]))
				drop_new(p, &batch->works[i], &fds[i]);
		}
	free(fds);
	return r;
}
