#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "clock.h"
#include "mem.h"
#include "zonefile.h"

#define QUIET_MS 400     /* nothing moved for so long: look at the files */
#define PATIENCE_MS 5000 /* the files are good, and still nothing moves */
#define PAUSE_MOST_MS 64
#define ASK_MS 2000
#define CHECKS_MOST 100 /* files looked at in one go; the rest waits for the next attempt */

static bool is_open(const struct work *w)
{
	return w->told && w->item->result == PUSH_UNDONE;
}

/* 1: as it should be, 0: not yet, -1: named is gone. */
static int is_so(struct bind *b, const struct work *w, const struct dnsq_item *a, struct err *err)
{
	char loaded[64];
	if (w->step == STEP_DEL)
		return a->state == DNSQ_NOTSERVED;
	if (a->state != DNSQ_SERVED || a->serial != w->item->zone->serial)
		return 0;
	if (!w->by_time)
		return 1;
	if (bind_loaded(b, w->item->name, loaded, err) < 0)
		return -1;
	return loaded[0] != '\0' && strcmp(loaded, w->loaded) != 0;
}

static int settle(struct bind *b, struct work *w)
{
	struct err err;
	if (w->step == STEP_DEL && zonefile_remove(b->dir, w->file, &err) < 0)
		return work_fail(w, PUSH_DEFER, "%s", err.text);
	if (w->step != STEP_DEL)
		zonefile_settle(b->dir, w->file);
	w->item->result = PUSH_OK;
	return 0;
}

/* Asks for all that is open. *moved: something was confirmed; *left: what is still open. */
static int look(struct bind *b, struct batch *batch, bool *moved, size_t *left, struct err *err)
{
	struct dnsq_item *ask = mem_alloc((batch->count + 1) * sizeof(*ask));
	size_t n = 0, k = 0;
	for (size_t i = 0; i < batch->count; i++) {
		if (is_open(&batch->works[i]))
			ask[n++].zone = batch->works[i].item->name;
	}
	*moved = false;
	*left = n;
	int r = n == 0 ? 0 : dnsq_soa(b->dns, ask, n, ASK_MS, err);
	for (size_t i = 0; r == 0 && i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (!is_open(w))
			continue;
		batch->answers[i] = ask[k++];
		int so = is_so(b, w, &batch->answers[i], err);
		if (so < 0)
			r = -1;
		if (so <= 0)
			continue;
		settle(b, w);
		*moved = true;
		(*left)--;
	}
	free(ask);
	return r;
}

/* Seconds are all that named tells about the time of a load: two loads in one second look alike, so
 * those are asked for once more. */
static int nudge(struct bind *b, struct batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (!is_open(w) || !w->by_time)
			continue;
		if (zonefile_stamp(b->dir, w->file, 0, err) < 0 || tell_reload(b, w, err) < 0)
			return -1;
	}
	return 0;
}

static int check_files(struct bind *b, struct batch *batch, struct err *err)
{
	size_t checked = 0;
	for (size_t i = 0; i < batch->count && checked < CHECKS_MOST; i++) {
		struct work *w = &batch->works[i];
		char reason[400];
		if (!is_open(w) || w->step == STEP_DEL)
			continue;
		checked++;
		if (!check_refuses(b, w, reason, sizeof(reason)))
			continue;
		if (tell_undo(b, batch, w, err) < 0)
			return -1;
		work_fail(w, PUSH_FAIL, "named refuses it: %s", reason);
	}
	return 0;
}

/* Time is up.  What named may have got meanwhile stays: the next attempt sees. */
static int give_up(struct bind *b, struct batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		struct buf text = {0};
		struct err why;
		if (!is_open(w))
			continue;
		int r = bind_tell(b, "zonestatus", w->item->name, NULL, &text, &why);
		buf_free(&text);
		if (r < 0)
			return err_set(err, "%s", why.text);
		const char *words = r > 0 ? why.text : w->item->reason.text;
		/* A zone that was served from elsewhere: named cannot read our directory, perhaps.
		 */
		if (w->old_path != NULL && tell_undo(b, batch, w, err) < 0)
			return -1;
		if (w->step == STEP_DEL)
			work_fail(w, PUSH_DEFER, "named still answers for it");
		else
			work_fail(w, PUSH_DEFER, "named does not answer serial %u%s%s",
			    w->item->zone->serial, words[0] != '\0' ? ": " : "", words);
	}
	return 0;
}

/* What was taken out of the include file leaves named before its file goes. */
static int clear_refused(struct bind *b, struct batch *batch, struct err *err)
{
	int r = batch->reconfig ? tell_reconfig(b, batch, err) : 0;
	for (size_t i = 0; r == 0 && i < batch->count; i++) {
		const struct work *w = &batch->works[i];
		const char *file = include_file(b->include, w->item->name);
		if (w->item->result != PUSH_OK && w->told && w->item->zone != NULL &&
		    (file == NULL || (w->old_path != NULL && strcmp(file, w->old_path) == 0)))
			r = zonefile_remove(b->dir, w->file, err);
	}
	return r == 0 ? 0 : -1;
}

int confirm_batch(struct bind *b, struct batch *batch, struct err *err)
{
	int64_t since = clock_mono_ms();
	int pause = 1;
	bool checked = false, moved;
	size_t left;
	for (;;) {
		if (look(b, batch, &moved, &left, err) < 0)
			return -1;
		if (left == 0)
			break;
		int64_t now = clock_mono_ms();
		if (moved) {
			since = now;
			pause = 1;
		}
		if (!checked && now - since >= QUIET_MS) {
			checked = true;
			if (check_files(b, batch, err) < 0)
				return -1;
			continue;
		}
		if (now - since >= PATIENCE_MS) {
			if (give_up(b, batch, err) < 0)
				return -1;
			break;
		}
		if (pause == PAUSE_MOST_MS && nudge(b, batch, err) < 0)
			return -1;
		clock_sleep_ms(pause);
		pause = pause < PAUSE_MOST_MS ? pause * 2 : PAUSE_MOST_MS;
	}
	return b->include != NULL ? clear_refused(b, batch, err) : 0;
}
