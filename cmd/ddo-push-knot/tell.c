#include <string.h>

#include "base/mem.h"
#include "knot.h"
#include "push/files/checkzone.h"

#define CHUNK 200 /* zones of one zone-reload */

static int declare_batch(struct knot *k, struct primary_batch *batch, struct err *err)
{
	struct primary_work **works = mem_alloc((batch->count + 1) * sizeof(struct primary_work *));
	size_t count = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		if (w->step != STEP_ADD && w->step != STEP_DEL)
			continue;
		w->told = true;
		/* Deleted before by one who died, and only the file is left. */
		int has = w->step == STEP_DEL ? knot_has(k, w->item->name, err) : 1;
		if (has < 0) {
			free(works);
			return -1;
		}
		if (has > 0)
			works[count++] = w;
	}
	struct err why;
	int r = count == 0 ? 0 : declare(k, works, count, &why);
	free(works);
	if (r > 0 && declared_template(k, err) < 0)
		return -1;
	return r == 0 ? 0 : err_set(err, "knotd does not take the zones: %s", why.text);
}

/* The operator declares zones himself: what knotd does not have, or still has, is up to him. */
static int leave_to_operator(struct knot *k, struct primary_work *w, struct err *err)
{
	int has = knot_has(k, w->item->name, err);
	if (has < 0)
		return -1;
	w->told = true;
	if (has == 0 && w->step == STEP_ADD)
		return work_fail(
		    w, PUSH_DEFER, "knotd has no such zone declared (mode zonefile-only)");
	if (has == 1 && w->step == STEP_DEL)
		return work_fail(w, PUSH_DEFER, "knotd still has it declared (mode zonefile-only)");
	return 0;
}

/* All that changed with few commands; knotd loads them side by side. */
static int reload_batch(struct knot *k, struct primary_batch *batch, struct err *err)
{
	struct ctl_unit units[CHUNK];
	size_t n = 0;
	int r = 0;
	for (size_t i = 0; r >= 0 && i <= batch->count; i++) {
		if (n == CHUNK || (i == batch->count && n > 0)) {
			r = ctl_run(k->ctl, "zone-reload", units, n, NULL, NULL, err);
			n = 0;
		}
		if (i == batch->count || batch->works[i].step != STEP_RELOAD)
			continue;
		batch->works[i].told = true;
		units[n++] = (struct ctl_unit){.zone = batch->works[i].item->name};
	}
	return r < 0 ? -1 : 0;
}

int knot_tell_batch(struct primary *p, struct primary_batch *batch, struct err *err)
{
	struct knot *k = (struct knot *)p;
	for (size_t i = 0; k->zonefile_only && i < batch->count; i++) {
		struct primary_work *w = &batch->works[i];
		bool his = w->step == STEP_ADD || w->step == STEP_DEL;
		if (his && leave_to_operator(k, w, err) < 0)
			return -1;
	}
	if (!k->zonefile_only && declare_batch(k, batch, err) < 0)
		return -1;
	return reload_batch(k, batch, err);
}

static int reload(struct knot *k, const char *zone, const char *flags, struct err *why)
{
	struct ctl_unit unit = {.zone = zone, .flags = flags};
	return ctl_run(k->ctl, "zone-reload", &unit, 1, NULL, NULL, why);
}

int knot_reload(struct primary *p, struct primary_work *w, struct err *err)
{
	struct err why;
	w->told = true;
	int r = reload((struct knot *)p, w->item->name, NULL, &why);
	if (r > 0)
		w->item->reason = why;
	return r < 0 ? err_set(err, "%s", why.text) : 0;
}

/* kzonecheck's "[owner] words" lines, up to its summary, as one line.  With `fatal` only what knotd
 * itself checks, where nobody asked it for more: aliases. */
static void pick_words(const char *words, bool fatal, struct buf *out)
{
	for (const char *line = words; *line != '\0' && *line != '\n';) {
		size_t len = strcspn(line, "\n");
		if (!fatal || memmem(line, len, "CNAME", 5) != NULL ||
		    memmem(line, len, "DNAME", 5) != NULL) {
			buf_adds(out, out->len > 0 ? " " : "");
			buf_add(out, line, len);
		}
		line += len + (line[len] == '\n');
	}
}

/* knotd has only "failed" for the control socket: kzonecheck knows why. */
static void add_words(struct knot *k, const struct primary_work *w, char *reason, size_t size)
{
	struct buf words = {0}, path = {0}, picked = {0};
	char origin[NAME_SIZE + 1];
	primary_path(&k->p, w->file, &path);
	snprintf(origin, sizeof(origin), "%s.", w->item->name);
	char *argv[] = {(char *)k->checkzone, "-o", origin, "--", path.data, NULL};
	size_t used = strlen(reason);
	if (checkzone_refuses(argv, &words)) {
		pick_words(buf_str(&words), true, &picked);
		if (picked.len == 0)
			pick_words(buf_str(&words), false, &picked);
	}
	if (picked.len == 0)
		buf_adds(&picked, "its log says why; so would kzonecheck");
	if (used < size)
		snprintf(reason + used, size - used, ": %s", buf_str(&picked));
	err_clean(reason);
	buf_free(&words);
	buf_free(&path);
	buf_free(&picked);
}

bool knot_refuses(struct primary *p, const struct primary_work *w, char *reason, size_t size)
{
	struct knot *k = (struct knot *)p;
	struct err why;
	if (reload(k, w->item->name, "B", &why) <= 0 ||
	    strcmp(why.text, knot_strerror(KNOT_EACCES)) == 0 ||
	    strcmp(why.text, knot_strerror(KNOT_ENOENT)) == 0 ||
	    strcmp(why.text, knot_strerror(KNOT_ENOZONE)) == 0)
		return false;
	snprintf(reason, size, "%s", why.text);
	add_words(k, w, reason, size);
	return true;
}

int knot_forget(
    struct primary *p, struct primary_batch *batch, struct primary_work *w, struct err *err)
{
	struct knot *k = (struct knot *)p;
	struct primary_work out = {.item = w->item, .step = STEP_DEL};
	struct primary_work *works[] = {&out};
	struct err why;
	(void)batch;
	if (!k->zonefile_only && declare(k, works, 1, &why) < 0)
		return err_set(err, "%s", why.text);
	return zonefile_remove(p->dir, w->file, err);
}
