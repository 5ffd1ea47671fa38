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

static int add(struct bind *b, struct primary_work *w, struct err *err);

int tell_reload(struct primary *p, struct primary_work *w, struct err *err)
{
	struct bind *b = (struct bind *)p;
	struct buf text = {0};
	char loaded[64];
	struct err why;
	w->told = true;
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
	if (r > 0 && says(&why, "not found") && b->include == NULL)
		return add(b, w, err);
	/* "bad zone", say: what is wrong with it is found out while we wait in vain. */
	if (r > 0)
		w->item->reason = why;
	return 0;
}

/* named has a zone of this name: one that it could not load, or somebody else's. */
static int add_again(struct bind *b, struct primary_work *w, struct err *why)
{
	int r = bind_owner(b, w, why);
	if (r < 0)
		return -1;
	if (r != OWNER_US)
		return ADD_FOREIGN;
	return bind_tell(b, "reload", w->item->name, NULL, NULL, why);
}

/* named did not take it, `why` has its words. */
static int not_added(struct bind *b, struct primary_work *w, const struct err *why, struct err *err)
{
	char reason[400];
	struct err load;
	if (says(why, "Not allowing new zones"))
		return err_set(err, "named has no allow-new-zones yes: %s", why->text);
	if (check_refuses(&b->p, w, reason, sizeof(reason)))
		return work_fail(w, PUSH_FAIL, "named refuses it: %s", reason);
	if (ask_load_words(why->text, &load) < 0 || !ask_blames_file(load.text))
		return work_fail(w, PUSH_DEFER, "%s", why->text);
	ask_add_words(b, w, &load);
	return work_fail(w, PUSH_FAIL, "named refuses it: %s", load.text);
}

static int add(struct bind *b, struct primary_work *w, struct err *err)
{
	struct buf tail = {0}, path = {0};
	struct err why;
	bool again = false;
	w->told = true;
	primary_path(&b->p, w->file, &path);
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
	if (r == 0)
		return 0;
	/* It is still there: what is to become of it shows while we wait in vain. */
	if (again && r != ADD_FOREIGN) {
		w->item->reason = why;
		return 0;
	}
	w->told = false;
	r = r == ADD_FOREIGN ? work_foreign(&b->p, w) : not_added(b, w, &why, err);
	zonefile_remove(b->p.dir, w->file, NULL);
	return r;
}

static int del(struct bind *b, struct primary_work *w, struct err *err)
{
	struct err why;
	int r = bind_tell(b, "delzone", w->item->name, NULL, NULL, &why);
	w->told = r == 0 || (r > 0 && says(&why, "not found"));
	if (r < 0)
		return err_set(err, "%s", why.text);
	return w->told ? 0 : work_fail(w, PUSH_DEFER, "%s", why.text);
}

static int tell_reconfig(struct bind *b, struct primary_batch *batch, struct err *err)
{
	batch->reconfig = false;
	if (include_changed(b->include) && include_write(b->include, err) < 0)
		return -1;
	return control_run(b->control, "reconfig", NULL, err);
}

/* A reconfig failed: which of the new zones does named have from elsewhere?  Takes those out. */
static int take_out_foreign(
    struct bind *b, struct primary_batch *batch, bool *some, struct err *err)
{
	*some = false;
	for (size_t i = 0; i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		if (w->step != STEP_ADD || batch->answers[i].state != DNSQ_NOTSERVED)
			continue;
		int owner = bind_owner(b, w, err);
		if (owner < 0)
			return -1;
		if (owner != OWNER_OTHER)
			continue;
		*some = true;
		w->told = false;
		include_del(b->include, w->item->name);
		zonefile_remove(b->p.dir, w->file, NULL);
		work_foreign(&b->p, w);
	}
	return 0;
}

static int tell_include(struct bind *b, struct primary_batch *batch, struct err *err)
{
	include_plan(b->include, &b->p, batch);
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

int tell_batch(struct primary *p, struct primary_batch *batch, struct err *err)
{
	struct bind *b = (struct bind *)p;
	int r = sample_clear(b, batch, err); /* of one that was killed */
	if (r == 0 && b->include != NULL)
		r = tell_include(b, batch, err);
	for (size_t i = 0; r == 0 && i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		bool moved = b->include != NULL && include_moved(batch, i);
		if (w->step == STEP_RELOAD || moved)
			r = tell_reload(p, w, err);
		else if (b->include == NULL && w->step == STEP_ADD)
			r = add(b, w, err);
		else if (b->include == NULL && w->step == STEP_DEL)
			r = del(b, w, err);
	}
	return r;
}

int tell_forget(
    struct primary *p, struct primary_batch *batch, struct primary_work *w, struct err *err)
{
	struct bind *b = (struct bind *)p;
	struct err why;
	if (b->include != NULL) {
		include_forget(b->include, batch, w);
		return 0;
	}
	if (bind_tell(b, "delzone", w->item->name, NULL, NULL, &why) < 0)
		return err_set(err, "%s", why.text);
	return zonefile_remove(p->dir, w->file, err);
}

/* What was taken out of the include file leaves named before its file goes. */
int tell_finish(struct primary *p, struct primary_batch *batch, struct err *err)
{
	struct bind *b = (struct bind *)p;
	int r = sample_clear(b, batch, err);
	if (r == 0 && batch->reconfig)
		r = tell_reconfig(b, batch, err);
	if (r == 0 && b->include != NULL)
		r = include_clear(b->include, p, batch, err);
	return r == 0 ? 0 : -1;
}
