#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"
#include "file.h"
#include "mem.h"
#include "zonefile.h"

int bind_owner(struct bind *b, const struct work *w, struct err *err)
{
	struct buf text = {0}, path = {0};
	/* showzone knows only views that allow new zones; zonestatus fails for what is not loaded.
	 */
	const char *verb = b->include == NULL ? "showzone" : "zonestatus";
	struct err why;
	bind_path(b, w->file, &path);
	int r = bind_tell(b, verb, w->item->name, NULL, &text, &why);
	bool ours = strstr(buf_str(&text), buf_str(&path)) != NULL;
	bool nobody = r > 0 && (b->include == NULL || strstr(why.text, "not found") != NULL);
	buf_free(&text);
	buf_free(&path);
	if (r < 0)
		return err_set(err, "%s", why.text);
	return nobody ? OWNER_NOBODY : ours ? OWNER_US : OWNER_OTHER;
}

static bool is_listed(const struct bind *b, const struct work *w)
{
	return b->include != NULL && include_file(b->include, w->item->name) != NULL;
}

/* As bind_owner(), asking named only where its answer counts: a put need not ask about a zone that
 * has a file of ours, a del does, for it cannot be undone. */
static int owner_of(
    struct bind *b, const struct work *w, const struct dnsq_item *a, struct err *err)
{
	bool has_file = b->include == NULL && zonefile_exists(b->dir, w->file, "");
	if (is_listed(b, w) || (has_file && w->item->zone != NULL))
		return OWNER_US;
	return a->state == DNSQ_NOTSERVED && !has_file ? OWNER_NOBODY : bind_owner(b, w, err);
}

static bool listed_elsewhere(const struct bind *b, const struct work *w)
{
	struct buf path = {0};
	bind_path(b, w->file, &path);
	const char *file = b->include == NULL ? NULL : include_file(b->include, w->item->name);
	bool elsewhere = b->include != NULL && (file == NULL || strcmp(file, buf_str(&path)) != 0);
	buf_free(&path);
	return elsewhere;
}

/* Of FILE and FILE.good, both there because somebody died: the one that named serves is proven. */
static void settle_old(struct bind *b, const struct work *w, const struct dnsq_item *a)
{
	struct zone *now = NULL, *good = NULL;
	if (a->state != DNSQ_SERVED || !zonefile_exists(b->dir, w->file, ".good"))
		return;
	if (zonefile_parse(b->dir, w->file, "", &now, NULL) == 0 && now->serial == a->serial &&
	    (zonefile_parse(b->dir, w->file, ".good", &good, NULL) < 0 ||
		good->serial != a->serial))
		zonefile_settle(b->dir, w->file);
	zone_free(now);
	zone_free(good);
}

static int plan_put(
    struct bind *b, struct work *w, const struct dnsq_item *a, int *fd, struct err *err)
{
	struct buf text = {0};
	struct err why;
	const struct zone *z = w->item->zone;
	if (zone_render(z, &text, &why) < 0)
		return work_fail(w, PUSH_FAIL, "%s", why.text);
	bool served = a->state == DNSQ_SERVED;
	bool same_serial = served && a->serial == z->serial;
	settle_old(b, w, a);
	if (same_serial && !listed_elsewhere(b, w) && zonefile_is(b->dir, w->file, &text) &&
	    !zonefile_exists(b->dir, w->file, ".good")) {
		w->item->result = PUSH_OK;
		buf_free(&text);
		return 0;
	}
	int r = zonefile_write(b->dir, w->file, &text, fd, err);
	buf_free(&text);
	if (r < 0)
		return -1;
	w->step = listed_elsewhere(b, w) || a->state == DNSQ_NOTSERVED ? STEP_ADD : STEP_RELOAD;
	w->by_time = same_serial;
	return same_serial ? bind_loaded(b, w->item->name, w->loaded, err) : 0;
}

static int plan(struct bind *b, struct work *w, const struct dnsq_item *a, int *fd, struct err *err)
{
	name_to_file(w->item->name, w->file);
	if (a->state == DNSQ_NOANSWER)
		return work_fail(w, PUSH_DEFER, "%s does not answer over DNS", b->server);
	int owner = owner_of(b, w, a, err);
	if (owner < 0)
		return -1;
	if (owner == OWNER_OTHER)
		return work_fail(w, PUSH_FAIL,
		    "named has this zone from elsewhere: it is not in %s", b->zones_dir);
	if (w->item->zone != NULL)
		return plan_put(b, w, a, fd, err);
	if (owner == OWNER_US || zonefile_exists(b->dir, w->file, ""))
		w->step = STEP_DEL;
	else if (zonefile_remove(b->dir, w->file, err) < 0) /* what a put left that was killed */
		return -1;
	else
		w->item->result = PUSH_OK;
	return 0;
}

static void drop_new(struct bind *b, const struct batch *batch, int *fds)
{
	for (size_t i = 0; i < batch->count; i++) {
		char tmp[NAME_FILE_SIZE + 8];
		snprintf(tmp, sizeof(tmp), "%s.new", batch->works[i].file);
		if (fds[i] >= 0)
			close(fds[i]);
		if (batch->works[i].step == STEP_ADD || batch->works[i].step == STEP_RELOAD)
			unlinkat(b->dir, tmp, 0);
	}
}

static int install(struct bind *b, struct batch *batch, struct err *err)
{
	bool any = false;
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (w->step != STEP_ADD && w->step != STEP_RELOAD)
			continue;
		if (zonefile_install(b->dir, w->file, err) < 0)
			return -1;
		any = true;
	}
	return any ? file_sync_dir(b->dir, b->zones_dir, err) : 0;
}

int plan_batch(struct bind *b, struct batch *batch, struct err *err)
{
	int *fds = mem_alloc((batch->count + 1) * sizeof(*fds));
	int r = 0;
	memset(fds, 0xff, (batch->count + 1) * sizeof(*fds));
	for (size_t i = 0; r == 0 && i < batch->count; i++)
		r = plan(b, &batch->works[i], &batch->answers[i], &fds[i], err);
	if (r == 0)
		r = zonefile_flush(b->dir, fds, batch->count, err);
	if (r < 0)
		drop_new(b, batch, fds);
	else
		r = install(b, batch, err);
	free(fds);
	return r;
}
