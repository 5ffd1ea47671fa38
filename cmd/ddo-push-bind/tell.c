/* tell: tells named of what was planned, and of what changed afterwards. */
#include <string.h>

#include "base/mem.h"
#include "bind.h"

#define ADD_FOREIGN 2

static bool says(const struct err *err, const char *words)
{
	return strstr(err->text, words) != NULL;
}

/* Seconds since the epoch of "Tue, 24 Nov 2026 05:00:00 GMT"; 0 when it is none. */
static int64_t parse_time(const char *text)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return end == NULL ? 0 : (int64_t)timegm(&tm);
}

static int add(struct bind *b, struct work *w, struct err *err);

static int reload(struct bind *b, struct work *w, struct err *err)
{
	struct buf text = {0};
	char loaded[64];
	struct err why;
	work_told(w);
	int r = bind_tell(b, "reload", w->item->name, NULL, &text, &why);
	/* named believes that it has this file already: its clock was ahead when it loaded. */
	if (r == 0 && strstr(buf_str(&text), "up-to-date") != NULL) {
		r = bind_loaded(b, w->item->name, loaded, &why);
		if (r == 0)
			r = zonefile_stamp(b->p.dir, w->file, parse_time(loaded), &why);
		if (r == 0)
			r = bind_tell(b, "reload", w->item->name, NULL, NULL, &why);
	}
	buf_free(&text);
	if (r < 0)
		return err_set(err, "%s", why.text);
	if (r > 0 && says(&why, "not found") && b->p.list == NULL)
		return add(b, w, err);
	/* For example "bad zone": what is wrong shows while we wait in vain. */
	if (r > 0)
		w->item->reason = why;
	return 0;
}

/* named has a zone of this name: one that it could not load, or another's. */
static int add_again(struct bind *b, struct work *w, struct err *why)
{
	int r = bind_ask_owner(b, w, why);
	if (r < 0)
		return -1;
	if (r != OWNER_US)
		return ADD_FOREIGN;
	return bind_tell(b, "reload", w->item->name, NULL, NULL, why);
}

/* named did not take it, `why` has its words. */
static int not_added(struct bind *b, struct work *w, const struct err *why, struct err *err)
{
	char reason[400];
	struct err load;
	if (says(why, "Not allowing new zones"))
		return err_set(err, "named has no allow-new-zones yes: %s", why->text);
	if (check_refuses(b, w, reason, sizeof(reason)))
		return work_fail(w, WORK_REFUSED, "named refuses it: %s", reason);
	if (reason_of_load(why->text, &load) < 0 || !reason_blames_file(load.text))
		return work_fail(w, WORK_DEFERRED, "%s", why->text);
	reason_add_details(b, w, &load);
	return work_fail(w, WORK_REFUSED, "named refuses it: %s", load.text);
}

static int add(struct bind *b, struct work *w, struct err *err)
{
	struct buf tail = {0}, path = {0};
	struct err why;
	bool again = false;
	zonefile_path(b->p.zones_dir, w->file, &path);
	buf_addf(&tail, "{ type primary; file \"%s\"; };", buf_str(&path));
	int r = bind_tell(b, "addzone", w->item->name, buf_str(&tail), NULL, &why);
	if (r > 0 && says(&why, "already exists")) {
		again = true;
		r = add_again(b, w, &why);
	}
	buf_free(&tail);
	buf_free(&path);
	if (r < 0)
		return err_set(err, "%s", why.text);
	if (r == ADD_FOREIGN || (r > 0 && !again)) {
		r = r == ADD_FOREIGN ? work_foreign(&b->p, w) : not_added(b, w, &why, err);
		zonefile_remove(b->p.dir, w->file, NULL);
		return r;
	}
	/* Refused, but named still has it: what becomes of it shows while we wait in vain. */
	if (r > 0)
		w->item->reason = why;
	work_told(w);
	return 0;
}

static int del(struct bind *b, struct work *w, struct err *err)
{
	struct err why;
	int r = bind_tell(b, "delzone", w->item->name, NULL, NULL, &why);
	if (r < 0)
		return err_set(err, "%s", why.text);
	if (r > 0 && !says(&why, "not found"))
		return work_fail(w, WORK_DEFERRED, "%s", why.text);
	work_told(w);
	return 0;
}

static int tell_reconfig(struct bind *b, struct work_batch *batch, struct err *err)
{
	batch->reconfig = false;
	if (include_changed(b->p.list) && include_write(b->p.list, err) < 0)
		return -1;
	return control_command(b->control, "reconfig", NULL, err);
}

/* A reconfig failed: which of the new zones does named have from elsewhere?  Takes those out. */
static int take_out_foreign(struct bind *b, struct work_batch *batch, bool *some, struct err *err)
{
	*some = false;
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (w->op != OP_NEW || w->answer.state != DNSQ_NOTSERVED)
			continue;
		int owner = bind_ask_owner(b, w, err);
		if (owner < 0)
			return -1;
		if (owner != OWNER_OTHER)
			continue;
		*some = true;
		include_del(b->p.list, w->item->name);
		zonefile_remove(b->p.dir, w->file, NULL);
		work_foreign(&b->p, w);
	}
	return 0;
}

static int tell_include(struct bind *b, struct work_batch *batch, struct err *err)
{
	include_plan(b->p.list, &b->p, batch);
	int r = batch->reconfig ? tell_reconfig(b, batch, err) : 0;
	bool some = false;
	if (r > 0 && take_out_foreign(b, batch, &some, err) < 0)
		return -1;
	if (some)
		r = tell_reconfig(b, batch, err);
	if (r > 0) {
		struct err why = *err;
		return err_set(err, "named refuses its configuration: reconfig: %s", why.text);
	}
	return r;
}

/* How named stood before: only the time of a load shows that it has another FILE. */
static int take_down(struct bind *b, struct work_batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		bool due = work_is_due(w, OP_NEW) || work_is_due(w, OP_PUT);
		if (due && w->same_serial && bind_loaded(b, w->item->name, w->before, err) < 0)
			return -1;
	}
	return 0;
}

int tell_batch(struct primary *p, struct work_batch *batch, struct err *err)
{
	struct bind *b = (struct bind *)p;
	int r = sample_clear(b, batch, err); /* left by one that was killed */
	if (r == 0)
		r = take_down(b, batch, err);
	if (r == 0 && p->list != NULL)
		r = tell_include(b, batch, err);
	for (size_t i = 0; r == 0 && i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (work_is_due(w, OP_PUT) || (p->list != NULL && include_moved(w)))
			r = reload(b, w, err);
		else if (work_is_due(w, OP_NEW))
			r = add(b, w, err);
		else if (work_is_due(w, OP_DEL))
			r = del(b, w, err);
	}
	return r;
}

int tell_one(
    struct primary *p, struct work_batch *batch, struct work *w, enum work_op op, struct err *err)
{
	struct bind *b = (struct bind *)p;
	struct err why;
	if (op == OP_PUT)
		return reload(b, w, err);
	if (p->list != NULL) {
		include_forget(p->list, batch, w);
		return 0;
	}
	if (bind_tell(b, "delzone", w->item->name, NULL, NULL, &why) < 0)
		return err_set(err, "%s", why.text);
	return zonefile_remove(p->dir, w->file, err);
}

int tell_finish(struct primary *p, struct work_batch *batch, struct err *err)
{
	struct bind *b = (struct bind *)p;
	int r = sample_clear(b, batch, err);
	if (r == 0 && batch->reconfig)
		r = tell_reconfig(b, batch, err);
	return r == 0 ? 0 : -1;
}
