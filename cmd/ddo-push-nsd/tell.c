#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
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
	w->told = true;
	return nsd_tell((struct nsd *)p, "reload", w->item->name, err) < 0 ? -1 : 0;
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

/* Does NSD list this zone as done? */
static bool is_done(const struct buf *answer, const char *done, const char *zone)
{
	struct buf line = {0};
	buf_addf(&line, "%s: %s\n", done, zone);
	const char *found = answer->len == 0 ? NULL : strstr(answer->data, line.data);
	buf_free(&line);
	return found != NULL && (found == answer->data || found[-1] == '\n');
}

/* "addzones" or "delzones" of all works of this step. */
static int tell_list(
    struct nsd *n, struct primary_batch *batch, enum primary_step step, struct err *err)
{
	struct buf lines = {0}, answer = {0};
	const char *done = step == STEP_ADD ? "added" : "removed";
	for (size_t i = 0; i < batch->count; i++) {
		const char *zone = batch->works[i].item->name;
		if (batch->works[i].step == step && step == STEP_ADD)
			buf_addf(&lines, "%s %s\n", zone, n->pattern);
		else if (batch->works[i].step == step)
			buf_addf(&lines, "%s\n", zone);
	}
	n->settled = false;
	int r = 0;
	if (lines.len > 0)
		r = control_run(
		    n->control, step == STEP_ADD ? "addzones" : "delzones", &lines, &answer, err);
	/* "error" at its start may be about the first line only. */
	for (size_t i = 0; r >= 0 && i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		char words[400];
		if (w->step != step)
			continue;
		w->told = true;
		if (is_done(&answer, done, w->item->name))
			continue;
		find_words(&answer, w->item->name, words, sizeof(words));
		if (step == STEP_DEL && strstr(words, "not present") != NULL)
			continue;
		w->told = false;
		if (step == STEP_ADD)
			zonefile_remove(n->p.dir, w->file, NULL);
		if (step == STEP_ADD && strstr(words, "pattern") != NULL)
			r = err_set(err, "%s", words);
		else
			work_fail(
			    w, PUSH_DEFER, "%s", words[0] != '\0' ? words : "NSD does not say");
	}
	buf_free(&lines);
	buf_free(&answer);
	return r < 0 ? -1 : 0;
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

int nsd_tell_batch(struct primary *p, struct primary_batch *batch, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	int r = 0;
	if (n->include == NULL) {
		r = tell_list(n, batch, STEP_DEL, err);
		if (r == 0)
			r = tell_list(n, batch, STEP_ADD, err);
	} else {
		include_plan(n->include, p, batch);
		r = batch->reconfig ? reconfig(n, batch, err) : 0;
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
