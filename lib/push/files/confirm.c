#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "push/files/primary_private.h"

#define QUIET_MS 400     /* nothing moved for so long: look at the files */
#define PATIENCE_MS 5000 /* the files are good, and still nothing moves */
#define LOADING_MS 45000 /* the same, of a server that says that it is still loading */
#define PAUSE_MOST_MS 64
#define ASK_MS 2000
#define CHECKS_MOST 100 /* files looked at in one go; the rest waits for the next attempt */

static bool is_open(const struct primary_work *w)
{
	return w->told && !w->again && w->item->result == PUSH_UNDONE;
}

/* 1: as it should be, 0: not yet, -1: the server is gone. */
static int is_so(
    struct primary *p, const struct primary_work *w, const struct dnsq_item *a, struct err *err)
{
	if (w->step == STEP_DEL)
		return a->state == DNSQ_NOTSERVED;
	if (a->state != DNSQ_SERVED || a->serial != w->item->zone->serial)
		return 0;
	return w->same_serial ? p->kind->shows(p, w, err) : 1;
}

static int settle(struct primary *p, struct primary_work *w)
{
	struct err err;
	if (w->step == STEP_DEL && zonefile_remove(p->dir, w->file, &err) != 0)
		return work_fail(w, PUSH_DEFER, "%s", err.text);
	if (w->step != STEP_DEL) /* where it cannot go, the next put says so */
		zonefile_settle(p->dir, w->file, NULL);
	w->item->result = PUSH_OK;
	return 0;
}

/* Asks for all that is open. *moved: something was confirmed; *left: what is still open. */
static int look(
    struct primary *p, struct primary_batch *batch, bool *moved, size_t *left, struct err *err)
{
	struct dnsq_item *ask = mem_alloc((batch->count + 1) * sizeof(*ask));
	size_t n = 0, k = 0;
	for (size_t i = 0; i < batch->count; i++) {
		if (is_open(&batch->works[i]))
			ask[n++].zone = batch->works[i].item->name;
	}
	*moved = false;
	*left = n;
	int r = n == 0 ? 0 : dnsq_soa(p->dns, ask, n, ASK_MS, err);
	for (size_t i = 0; r == 0 && i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		if (!is_open(w))
			continue;
		batch->answers[i] = ask[k++];
		int so = is_so(p, w, &batch->answers[i], err);
		if (so < 0)
			r = -1;
		if (so <= 0)
			continue;
		settle(p, w);
		*moved = true;
		(*left)--;
	}
	free(ask);
	return r;
}

/* What cannot be told from what was there before is told once more: seconds are all that named says
 * about the time of a load, and two loads in one second look alike.
 */
static int nudge(struct primary *p, struct primary_batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		if (!is_open(w) || !w->same_serial)
			continue;
		int r = zonefile_stamp(p->dir, w->file, 0, err);
		if (r < 0 || (r == 0 && p->kind->reload(p, w, err) < 0))
			return -1;
	}
	return 0;
}

/* The server is done with FILE and does not serve it: what it loads at its next start is the
 * version before.  Where that cannot be put back, the delivery is tried again.
 */
static int take_back(struct primary *p, struct primary_batch *batch, struct primary_work *w,
    enum push_result result, const struct err *reason, struct err *err)
{
	struct err why;
	int r = primary_undo(p, batch, w, &why);
	if (r < 0)
		return err_set(err, "%s", why.text);
	if (r > 0)
		return work_fail(w, PUSH_DEFER, "%s; %s", why.text, reason->text);
	return work_fail(w, result, "%s", reason->text);
}

static int check_file(
    struct primary *p, struct primary_batch *batch, struct primary_work *w, struct err *err)
{
	char words[400];
	struct err reason;
	w->checked = true;
	if (!p->kind->refuses(p, w, words, sizeof(words)))
		return 0;
	err_set(&reason, "%s refuses it: %s", p->kind->daemon, words);
	return take_back(p, batch, w, PUSH_FAIL, &reason, err);
}

/* Looks at the files of what is still open; with `broken` only where the server has no data now. */
static int check_files(struct primary *p, struct primary_batch *batch, bool broken, struct err *err)
{
	size_t checked = 0;
	for (size_t i = 0; i < batch->count && checked < CHECKS_MOST; i++) {
		struct primary_work *w = &batch->works[i];
		if (!is_open(w) || w->step == STEP_DEL || w->checked ||
		    (broken && batch->answers[i].state != DNSQ_BROKEN))
			continue;
		checked++;
		if (check_file(p, batch, w, err) < 0)
			return -1;
	}
	return 0;
}

/* The files are good, and still nothing moves.  Where the server is through with all of it, it lost
 * what it does not show: one zone ended the loading of all.  They are taken back, to be told again
 * apart from each other.  One that has no data is another matter. */
static int take_apart(struct primary *p, struct primary_batch *batch, struct err *err)
{
	bool moved;
	size_t left;
	int r = p->kind->through == NULL ? 0 : p->kind->through(p, err);
	if (r <= 0)
		return r;
	if (look(p, batch, &moved, &left, err) < 0)
		return -1;
	for (size_t i = 0; i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		if (!is_open(w) || (w->step != STEP_DEL && batch->answers[i].state == DNSQ_BROKEN))
			continue;
		int undone = w->step == STEP_DEL ? 0 : primary_undo(p, batch, w, err);
		if (undone < 0)
			return -1;
		if (undone > 0)
			work_fail(w, PUSH_DEFER, "%s", err->text);
		else
			w->again = true;
	}
	return 0;
}

static int give_up_one(struct primary *p, struct primary_batch *batch, struct primary_work *w,
    bool last, struct err *err)
{
	struct err why = {""}, reason;
	int state = p->kind->words(p, w, &why, err);
	if (state < 0)
		return -1;
	if (state == PRIMARY_LOADING && !last)
		return 0;
	const char *words = why.text[0] != '\0' ? why.text : w->item->reason.text;
	bool refused = state == PRIMARY_REFUSED && w->step != STEP_DEL;
	if (w->step == STEP_DEL)
		err_set(&reason, "%s still answers for it", p->kind->daemon);
	else if (refused)
		err_set(&reason, "%s refuses it: %s", p->kind->daemon, words);
	else
		err_set(&reason, "%s does not answer serial %u%s%s", p->kind->daemon,
		    w->item->zone->serial, words[0] != '\0' ? ": " : "", words);
	/* A zone that was served from elsewhere: the server cannot read our directory, perhaps. */
	if (w->old_path != NULL || (w->step != STEP_DEL && state >= PRIMARY_FAILED))
		return take_back(p, batch, w, refused ? PUSH_FAIL : PUSH_DEFER, &reason, err);
	return work_fail(w, PUSH_DEFER, "%s", reason.text);
}

/* Time is up.  What the server may be about to serve stays: the next attempt sees.  Unless it is
 * the last time, who is seen to be loading goes on. */
static int give_up(struct primary *p, struct primary_batch *batch, bool last, struct err *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		if (is_open(w) && give_up_one(p, batch, w, last, err) < 0)
			return -1;
	}
	return 0;
}

int primary_confirm(struct primary *p, struct primary_batch *batch, struct err *err)
{
	int64_t since = clock_mono_ms(), patience = PATIENCE_MS;
	int pause = 1;
	bool checked = false, moved;
	size_t left;
	for (;;) {
		if (look(p, batch, &moved, &left, err) < 0)
			return -1;
		if (left == 0)
			break;
		int64_t now = clock_mono_ms();
		if (moved) {
			since = now;
			patience = PATIENCE_MS;
			pause = 1;
		}
		if (p->kind->broken_is_refused && check_files(p, batch, true, err) < 0)
			return -1;
		if (!checked && now - since >= QUIET_MS) {
			checked = true;
			if (check_files(p, batch, false, err) < 0 || take_apart(p, batch, err) < 0)
				return -1;
			continue;
		}
		if (now - since >= patience) {
			patience += PATIENCE_MS;
			if (give_up(p, batch, patience > LOADING_MS, err) < 0)
				return -1;
			continue;
		}
		if (pause == PAUSE_MOST_MS && nudge(p, batch, err) < 0)
			return -1;
		clock_sleep_ms(pause);
		pause = pause < PAUSE_MOST_MS ? pause * 2 : PAUSE_MOST_MS;
	}
	return 0;
}
