#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "nsd.h"

int nsd_tell(struct nsd *n, const char *verb, const char *zone, struct err *err)
{
	struct buf command = {0};
	buf_addf(&command, "%s %s", verb, zone);
	n->settled = false;
	int r = control_run(n->control, buf_str(&command), NULL, NULL, err);
	buf_free(&command);
	return r;
}

int nsd_reload(struct primary *p, struct primary_work *w, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	w->told = true;
	int r = nsd_tell(n, "reload", w->item->name, err);
	/* It lost a delete: its server has the zone, and its list has not. */
	if (r > 0 && n->include == NULL && strstr(err->text, "not configured") != NULL) {
		struct buf zone = {0};
		buf_addf(&zone, "%s %s", w->item->name, n->pattern);
		r = nsd_tell(n, "addzone", buf_str(&zone), err);
		buf_free(&zone);
	}
	return r < 0 ? -1 : 0;
}

/* The line in which NSD says what is wrong with `line`, the one before that which names it. */
static void find_words(const struct buf *answer, const char *line, char *out, size_t size)
{
	struct buf what = {0};
	buf_addf(&what, "error for input line '%s'", line);
	const char *found = answer->len == 0 ? NULL : strstr(answer->data, what.data);
	const char *start = found;
	buf_free(&what);
	out[0] = '\0';
	if (found == NULL || found - answer->data < 2)
		return;
	for (start--; start > answer->data && start[-1] != '\n';)
		start--;
	snprintf(out, size, "%.*s", (int)strcspn(start, "\n"), start);
}

/* A whole line of NSD's answer? */
static bool is_said(
    const struct buf *answer, const char *before, const char *zone, const char *behind)
{
	struct buf line = {0};
	buf_addf(&line, "%s%s%s\n", before, zone, behind);
	const char *found = answer->len == 0 ? NULL : strstr(answer->data, line.data);
	buf_free(&line);
	return found != NULL && (found == answer->data || found[-1] == '\n');
}

/* "addzones" or "delzones" of all works that are `in`. */
static int tell_all(struct nsd *n, const struct primary_batch *batch, const bool *in, bool add,
    struct buf *answer, struct err *err)
{
	struct buf lines = {0};
	for (size_t i = 0; i < batch->count; i++) {
		const char *zone = batch->works[i].item->name;
		if (in[i] && add)
			buf_addf(&lines, "%s %s\n", zone, n->pattern);
		else if (in[i])
			buf_addf(&lines, "%s\n", zone);
	}
	n->settled = false;
	buf_reset(answer);
	int r = lines.len == 0
		    ? 0
		    : control_run(n->control, add ? "addzones" : "delzones", &lines, answer, err);
	buf_free(&lines);
	return r < 0 ? -1 : 0;
}

/* NSD lists what its server does not have, or does not list what it has: it lost a change when a
 * reload failed, and sees none in the same one.  So it is told of the opposite before. */
static int tell_lost(struct nsd *n, const struct primary_batch *batch, bool *in, bool add,
    struct buf *answer, struct err *err)
{
	struct buf ignored = {0};
	bool any = false;
	for (size_t i = 0; i < batch->count; i++) {
		const char *zone = batch->works[i].item->name;
		enum dnsq_state state = batch->answers[i].state;
		in[i] = in[i] && (add ? state == DNSQ_NOTSERVED &&
					     is_said(answer, "zone ", zone, " already exists")
				      : state != DNSQ_NOTSERVED && is_said(answer, "warning zone ",
								       zone, " not present"));
		any = any || in[i];
	}
	int r = any ? tell_all(n, batch, in, !add, &ignored, err) : 0;
	if (r == 0 && any)
		r = tell_all(n, batch, in, add, &ignored, err);
	buf_free(&ignored);
	return r;
}

static int take_answer(
    struct nsd *n, struct primary_work *w, const struct buf *answer, struct err *err)
{
	char words[400];
	bool add = w->step == STEP_ADD;
	w->told = true;
	if (is_said(answer, add ? "added: " : "removed: ", w->item->name, ""))
		return 0;
	find_words(answer, w->item->name, words, sizeof(words));
	if (!add && strstr(words, "not present") != NULL)
		return 0;
	w->told = false;
	if (add)
		zonefile_remove(n->p.dir, w->file, NULL);
	if (add && strstr(words, "pattern") != NULL)
		return err_set(err, "%s", words);
	return work_fail(w, PUSH_DEFER, "%s", words[0] != '\0' ? words : "NSD does not say");
}

static int tell_list(
    struct nsd *n, struct primary_batch *batch, enum primary_step step, struct err *err)
{
	struct buf answer = {0};
	bool *in = mem_alloc((batch->count + 1) * sizeof(*in));
	for (size_t i = 0; i < batch->count; i++)
		in[i] = batch->works[i].step == step;
	int r = tell_all(n, batch, in, step == STEP_ADD, &answer, err);
	/* "error" at its start may be about the first line only. */
	for (size_t i = 0; r == 0 && i < batch->count; i++) {
		if (in[i])
			r = take_answer(n, &batch->works[i], &answer, err);
	}
	if (r == 0)
		r = tell_lost(n, batch, in, step == STEP_ADD, &answer, err);
	free(in);
	buf_free(&answer);
	return r;
}

static int reconfig(struct nsd *n, struct primary_batch *batch, struct err *err)
{
	struct buf answer = {0};
	batch->reconfig = false;
	n->settled = false;
	if (include_changed(n->include) && include_write(n->include, err) < 0)
		return -1;
	int r = control_run(n->control, "reconfig", NULL, &answer, err);
	if (r == 0 && (answer.len < 3 || strcmp(answer.data + answer.len - 3, "ok\n") != 0))
		r = err_set(err, "NSD refuses its configuration: reconfig: %s", answer.data);
	buf_free(&answer);
	return r == 0 ? 0 : -1;
}

/* As tell_lost(), for the list: NSD compares it with what it believes to have. */
static int include_lost(struct nsd *n, struct primary_batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct primary_work *w = &batch->works[i];
		enum dnsq_state state = batch->answers[i].state;
		bool listed = include_file(n->include, w->item->name) != NULL;
		struct buf path = {0};
		primary_path(&n->p, w->file, &path);
		if (w->step == STEP_ADD && state == DNSQ_NOTSERVED && listed &&
		    !nsd_elsewhere(&n->p, w))
			include_del(n->include, w->item->name);
		else if (w->step == STEP_DEL && state != DNSQ_NOTSERVED && !listed)
			include_put(n->include, w->item->name, buf_str(&path));
		buf_free(&path);
	}
	return include_changed(n->include) ? reconfig(n, batch, err) : 0;
}

int nsd_tell_batch(struct primary *p, struct primary_batch *batch, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	int r = 0;
	if (n->include == NULL) {
		r = tell_list(n, batch, STEP_DEL, err);
		if (r == 0)
			r = tell_list(n, batch, STEP_ADD, err);
	} else {
		r = include_lost(n, batch, err);
		include_plan(n->include, p, batch);
		if (r == 0 && batch->reconfig)
			r = reconfig(n, batch, err);
	}
	for (size_t i = 0; r == 0 && i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		if (w->step == STEP_RELOAD || (n->include != NULL && include_moved(batch, i)))
			r = nsd_reload(p, w, err);
	}
	return r;
}

int nsd_forget(
    struct primary *p, struct primary_batch *batch, struct primary_work *w, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	struct err why;
	if (n->include != NULL) {
		include_forget(n->include, batch, w);
		return 0;
	}
	if (nsd_tell(n, "delzone", w->item->name, &why) < 0)
		return err_set(err, "%s", why.text);
	return zonefile_remove(p->dir, w->file, err);
}

/* The directories that nsd_file() made, where they are empty again. */
static void remove_dirs(struct primary *p, const struct primary_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		char dir[NAME_FILE_SIZE];
		snprintf(dir, sizeof(dir), "%s", batch->works[i].file);
		for (char *slash; (slash = strrchr(dir, '/')) != NULL;) {
			*slash = '\0';
			if (unlinkat(p->dir, dir, AT_REMOVEDIR) < 0)
				break;
		}
	}
}

int nsd_finish(struct primary *p, struct primary_batch *batch, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	int r = batch->reconfig ? reconfig(n, batch, err) : 0;
	if (r == 0 && n->include != NULL)
		r = include_clear(n->include, p, batch, err);
	remove_dirs(p, batch);
	return r;
}
