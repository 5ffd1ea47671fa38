/* confirm: waits until the server answers what it was told, or finds out why it does not. */
#include "push/confirm.h"

#include <stdlib.h>
#include <string.h>

#include "push/files/primary_private.h"

#define QUIET_MS 400     /* no progress for so long: look at the files */
#define PATIENCE_MS 5000 /* the files are good, and there is still no progress */
#define LOADING_MS 45000 /* the same, of a server that says that it is still loading */
#define PAUSE_MOST_MS 64
#define CHECKS_MOST 100 /* files looked at in one go; the rest waits for the next attempt */

struct waiting {
	struct primary *p;
	struct work_batch *batch;
	const struct confirm *loop;
};

/* 1: as it should be, 0: not yet, -1: the server is gone. */
static int is_so(struct primary *p, const struct work *w, struct err *err)
{
	if (w->op == OP_DEL)
		return w->answer.state == DNSQ_NOTSERVED;
	if (w->answer.state != DNSQ_SERVED || w->answer.serial != w->item->zone->serial)
		return 0;
	return w->same_serial ? p->kind->shows(p, w, err) : 1;
}

static int accept_one(struct primary *p, struct work *w)
{
	struct err err;
	if (w->op == OP_DEL && zonefile_remove(p->dir, w->file, &err) != 0)
		return work_fail(w, WORK_DEFERRED, "%s", err.text);
	if (w->op != OP_DEL) /* where it cannot go, the next put says so */
		zonefile_settle(p->dir, w->file, NULL);
	work_confirmed(w);
	return 0;
}

/* The server refuses FILE, or does not load it: the last good one returns and is told, a new zone
 * leaves nothing.  ZONEFILE_ODD: a file is in the way (err). */
static int undo(struct primary *p, struct work_batch *batch, struct work *w, struct err *err)
{
	if (w->old_path != NULL || !zonefile_exists(p->dir, w->file, ".good"))
		return p->kind->tell_one(p, batch, w, OP_DEL, err);
	struct err reason = w->item->reason;
	int r = zonefile_restore(p->dir, w->file, err);
	if (r == 0)
		r = p->kind->tell_one(p, batch, w, OP_PUT, err);
	w->item->reason = reason;
	return r;
}

/* The server is done with FILE and does not serve it: at its next start it is to load the version
 * before.  Where that cannot be put back, the delivery is tried again. */
static int take_back(struct primary *p, struct work_batch *batch, struct work *w,
    enum work_state state, const struct err *reason, struct err *err)
{
	struct err why;
	int r = undo(p, batch, w, &why);
	if (r < 0)
		return err_set(err, "%s", why.text);
	if (r > 0)
		return work_fail(w, WORK_DEFERRED, "%s; %s", why.text, reason->text);
	return work_fail(w, state, "%s", reason->text);
}

static int check_file(struct primary *p, struct work_batch *batch, struct work *w, struct err *err)
{
	char words[400];
	struct err reason;
	w->checked = true;
	if (!p->kind->refuses(p, w, STAGE_FILE, words, sizeof(words)))
		return 0;
	err_set(&reason, "%s refuses it: %s", p->kind->daemon, words);
	return take_back(p, batch, w, WORK_REFUSED, &reason, err);
}

/* Looks at the files of what is open; with `broken` only where the server has no data now. */
static int check_files(struct primary *p, struct work_batch *batch, bool broken, struct err *err)
{
	size_t checked = 0;
	for (size_t i = 0; i < batch->count && checked < CHECKS_MOST; i++) {
		struct work *w = &batch->works[i];
		if (w->state != WORK_TOLD || w->op == OP_DEL || w->checked ||
		    (broken && w->answer.state != DNSQ_BROKEN))
			continue;
		checked++;
		if (check_file(p, batch, w, err) < 0)
			return -1;
	}
	return 0;
}

static size_t ask(void *ctx, struct dnsq_item *ask)
{
	const struct waiting *wait = ctx;
	size_t n = 0;
	for (size_t i = 0; i < wait->batch->count; i++) {
		if (wait->batch->works[i].state == WORK_TOLD)
			ask[n++].zone = wait->batch->works[i].item->name;
	}
	return n;
}

static int take(void *ctx, const struct dnsq_item *answers, size_t *open, struct err *err)
{
	const struct waiting *wait = ctx;
	for (size_t i = 0; i < wait->batch->count; i++) {
		struct work *w = &wait->batch->works[i];
		if (w->state != WORK_TOLD)
			continue;
		w->answer = *answers++;
		int so = is_so(wait->p, w, err);
		if (so < 0)
			return -1;
		if (so == 0)
			continue;
		accept_one(wait->p, w);
		(*open)--;
	}
	/* What is refused here is no progress of the server's. */
	if (*open > 0 && wait->p->kind->broken_is_refused)
		return check_files(wait->p, wait->batch, true, err);
	return 0;
}

/* What cannot be told from what was there before is told once more: seconds are all that named says
 * about the time of a load, and two loads in one second look alike. */
static int nudge(void *ctx, struct err *err)
{
	const struct waiting *wait = ctx;
	struct primary *p = wait->p;
	for (size_t i = 0; i < wait->batch->count; i++) {
		struct work *w = &wait->batch->works[i];
		if (w->state != WORK_TOLD || !w->same_serial)
			continue;
		int r = zonefile_stamp(p->dir, w->file, 0, err);
		if (r < 0 || (r == 0 && p->kind->tell_one(p, wait->batch, w, OP_PUT, err) < 0))
			return -1;
	}
	return 0;
}

/* The files are good, and there is no progress.  A server that is done with all of it lost what it
 * does not show: one zone ended the loading of all.  These works are taken back, to be told again
 * apart from each other.  A zone that has no data is another matter. */
static int take_lost_back(const struct waiting *wait, struct err *err)
{
	struct primary *p = wait->p;
	size_t asked, open;
	int r = p->kind->shows(p, NULL, err);
	if (r <= 0)
		return r;
	if (confirm_look(wait->loop, &asked, &open, err) < 0)
		return -1;
	for (size_t i = 0; i < wait->batch->count; i++) {
		struct work *w = &wait->batch->works[i];
		if (w->state != WORK_TOLD || (w->op != OP_DEL && w->answer.state == DNSQ_BROKEN))
			continue;
		int undone = w->op == OP_DEL ? 0 : undo(p, wait->batch, w, err);
		if (undone < 0)
			return -1;
		if (undone > 0)
			work_fail(w, WORK_DEFERRED, "%s", err->text);
		else
			work_replan(w);
	}
	return 0;
}

static int quiet(void *ctx, struct err *err)
{
	const struct waiting *wait = ctx;
	return check_files(wait->p, wait->batch, false, err) < 0 ? -1 : take_lost_back(wait, err);
}

static int give_up_one(
    struct primary *p, struct work_batch *batch, struct work *w, bool last, struct err *err)
{
	struct err why = {""}, reason;
	int outcome = p->kind->outcome(p, w, &why, err);
	if (outcome < 0)
		return -1;
	if (outcome == OUTCOME_LOADING && !last)
		return 0;
	const char *words = why.text[0] != '\0' ? why.text : w->item->reason.text;
	bool refused = outcome == OUTCOME_REFUSED && w->op != OP_DEL;
	if (w->op == OP_DEL)
		err_set(&reason, "%s still answers for it", p->kind->daemon);
	else if (refused)
		err_set(&reason, "%s refuses it: %s", p->kind->daemon, words);
	else
		err_set(&reason, "%s does not answer serial %u%s%s", p->kind->daemon,
		    w->item->zone->serial, words[0] != '\0' ? ": " : "", words);
	/* A zone that was served from another file: perhaps the server cannot read zones_dir. */
	if (w->old_path != NULL || (w->op != OP_DEL && outcome >= OUTCOME_FAILED))
		return take_back(p, batch, w, refused ? WORK_REFUSED : WORK_DEFERRED, &reason, err);
	return work_fail(w, WORK_DEFERRED, "%s", reason.text);
}

/* What the server may be about to serve stays: the next attempt sees.  A server that is still
 * loading gets more time. */
static int give_up(void *ctx, int64_t waited_ms, struct err *err)
{
	const struct waiting *wait = ctx;
	for (size_t i = 0; i < wait->batch->count; i++) {
		struct work *w = &wait->batch->works[i];
		if (w->state == WORK_TOLD &&
		    give_up_one(wait->p, wait->batch, w, waited_ms >= LOADING_MS, err) < 0)
			return -1;
	}
	return 0;
}

int primary_confirm(struct primary *p, struct work_batch *batch, struct err *err)
{
	struct waiting wait = {.p = p, .batch = batch};
	const struct confirm loop = {.dns = p->dns,
	    .pause_most_ms = PAUSE_MOST_MS,
	    .nudge_ms = PAUSE_MOST_MS,
	    .quiet_ms = QUIET_MS,
	    .patience_ms = PATIENCE_MS,
	    .patience_renews = true,
	    .ask = ask,
	    .room = batch->count,
	    .take = take,
	    .nudge = nudge,
	    .quiet = quiet,
	    .late = give_up,
	    .ctx = &wait};
	wait.loop = &loop;
	return confirm_wait(&loop, err);
}
