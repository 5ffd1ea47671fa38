/* tell: tells NSD of what was planned, and of what changed afterwards. */
#include <string.h>

#include "base/mem.h"
#include "nsd.h"

/* One command about a zone.  As control_command(); the answer is dropped. */
static int tell(struct nsd *n, const char *verb, const char *zone, struct err *err)
{
	struct buf command = {0};
	buf_addf(&command, "%s %s", verb, zone);
	n->idle = false;
	int r = control_command(n->control, buf_str(&command), NULL, NULL, err);
	buf_free(&command);
	return r;
}

static int reload(struct nsd *n, struct work *w, struct err *err)
{
	work_told(w);
	int r = tell(n, "reload", w->item->name, err);
	/* NSD lost a delete: its server has the zone, and its list does not. */
	if (r > 0 && n->p.list == NULL && strstr(err->text, "not configured") != NULL) {
		struct buf zone = {0};
		buf_addf(&zone, "%s %s", w->item->name, n->pattern);
		r = tell(n, "addzone", buf_str(&zone), err);
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

/* Is this a whole line of NSD's answer? */
static bool is_said(
    const struct buf *answer, const char *before, const char *zone, const char *after)
{
	struct buf line = {0};
	buf_addf(&line, "%s%s%s\n", before, zone, after);
	const char *found = answer->len == 0 ? NULL : strstr(answer->data, line.data);
	buf_free(&line);
	return found != NULL && (found == answer->data || found[-1] == '\n');
}

/* "addzones" or "delzones" of all works that are `in`. */
static int tell_all(struct nsd *n, const struct work_batch *batch, const bool *in, bool add,
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
	n->idle = false;
	buf_reset(answer);
	int r = lines.len == 0 ? 0
			       : control_command(n->control, add ? "addzones" : "delzones", &lines,
				     answer, err);
	buf_free(&lines);
	return r < 0 ? -1 : 0;
}

/* NSD's list and its server disagree: NSD lost a change when a reload failed, and now sees nothing
 * to do.  So it is told the opposite first. */
static int tell_lost(struct nsd *n, const struct work_batch *batch, bool *in, bool add,
    struct buf *answer, struct err *err)
{
	struct buf ignored = {0};
	bool any = false;
	for (size_t i = 0; i < batch->count; i++) {
		const char *zone = batch->works[i].item->name;
		enum dnsq_state state = batch->works[i].answer.state;
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

static int take_answer(struct nsd *n, struct work *w, const struct buf *answer, struct err *err)
{
	char words[400];
	bool add = w->op == OP_NEW;
	find_words(answer, w->item->name, words, sizeof(words));
	if (is_said(answer, add ? "added: " : "removed: ", w->item->name, "") ||
	    (!add && strstr(words, "not present") != NULL)) {
		work_told(w);
		return 0;
	}
	if (add)
		zonefile_remove(n->p.dir, w->file, NULL);
	if (add && strstr(words, "pattern") != NULL)
		return err_set(err, "%s", words);
	return work_fail(w, WORK_DEFERRED, "%s", words[0] != '\0' ? words : "NSD does not say why");
}

static int tell_list(struct nsd *n, struct work_batch *batch, enum work_op op, struct err *err)
{
	struct buf answer = {0};
	bool *in = mem_alloc((batch->count + 1) * sizeof(*in));
	for (size_t i = 0; i < batch->count; i++)
		in[i] = work_is_due(&batch->works[i], op);
	int r = tell_all(n, batch, in, op == OP_NEW, &answer, err);
	/* "error" at its start may be about the first line only. */
	for (size_t i = 0; r == 0 && i < batch->count; i++) {
		if (in[i])
			r = take_answer(n, &batch->works[i], &answer, err);
	}
	if (r == 0)
		r = tell_lost(n, batch, in, op == OP_NEW, &answer, err);
	free(in);
	buf_free(&answer);
	return r;
}

static int reconfig(struct nsd *n, struct work_batch *batch, struct err *err)
{
	struct buf answer = {0};
	batch->reconfig = false;
	n->idle = false;
	if (include_changed(n->p.list) && include_write(n->p.list, err) < 0)
		return -1;
	int r = control_command(n->control, "reconfig", NULL, &answer, err);
	if (r == 0 && (answer.len < 3 || strcmp(answer.data + answer.len - 3, "ok\n") != 0))
		r = err_set(err, "NSD refuses its configuration: reconfig: %s", answer.data);
	buf_free(&answer);
	return r == 0 ? 0 : -1;
}

/* As tell_lost(), for the list: NSD compares it with what it believes to have. */
static int include_lost(struct nsd *n, struct work_batch *batch, struct err *err)
{
	struct include *list = n->p.list;
	for (size_t i = 0; i < batch->count; i++) {
		const struct work *w = &batch->works[i];
		bool listed = include_file(list, w->item->name) != NULL;
		struct buf path = {0};
		zonefile_path(n->p.zones_dir, w->file, &path);
		if (w->op == OP_NEW && w->answer.state == DNSQ_NOTSERVED && listed &&
		    !include_elsewhere(list, &n->p, w))
			include_del(list, w->item->name);
		else if (w->op == OP_DEL && w->answer.state != DNSQ_NOTSERVED && !listed)
			include_put(list, w->item->name, buf_str(&path));
		buf_free(&path);
	}
	return include_changed(list) ? reconfig(n, batch, err) : 0;
}

int nsd_tell_batch(struct primary *p, struct work_batch *batch, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	int r = 0;
	if (p->list == NULL) {
		r = tell_list(n, batch, OP_DEL, err);
		if (r == 0)
			r = tell_list(n, batch, OP_NEW, err);
	} else {
		r = include_lost(n, batch, err);
		include_plan(p->list, p, batch);
		if (r == 0 && batch->reconfig)
			r = reconfig(n, batch, err);
	}
	for (size_t i = 0; r == 0 && i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (work_is_due(w, OP_PUT) || (p->list != NULL && include_moved(w)))
			r = reload(n, w, err);
	}
	return r;
}

int nsd_tell_one(
    struct primary *p, struct work_batch *batch, struct work *w, enum work_op op, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	struct err why;
	if (op == OP_PUT)
		return reload(n, w, err);
	if (p->list != NULL) {
		include_forget(p->list, batch, w);
		return 0;
	}
	if (tell(n, "delzone", w->item->name, &why) < 0)
		return err_set(err, "%s", why.text);
	return zonefile_remove(p->dir, w->file, err);
}

int nsd_finish(struct primary *p, struct work_batch *batch, struct err *err)
{
	return batch->reconfig ? reconfig((struct nsd *)p, batch, err) : 0;
}
