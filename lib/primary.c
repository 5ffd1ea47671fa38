#include "primary.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "mem.h"
#include "primary_private.h"

#define ASK_MS 3000

int work_fail(struct primary_work *w, enum push_result result, const char *fmt, ...)
{
	va_list ap;
	char text[sizeof(w->item->reason.text)];
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&w->item->reason, "%s", text);
	w->item->result = result;
	w->step = STEP_NONE;
	return 0;
}

int work_foreign(struct primary *p, struct primary_work *w)
{
	return work_fail(w, PUSH_FAIL, "%s has this zone from elsewhere: it is not in %s",
	    p->kind->daemon, p->zones_dir);
}

void primary_path(const struct primary *p, const char *file, struct buf *out)
{
	buf_addf(out, "%s/%s", p->zones_dir, file);
}

bool primary_has_file(const struct primary *p, const struct primary_work *w)
{
	return zonefile_exists(p->dir, w->file, "");
}

int primary_open(struct primary *p, const struct primary_kind *kind, const struct conf_target *t,
    struct err *err)
{
	p->kind = kind;
	p->dir = -1;
	p->zones_dir = conf_option(t, "zones_dir", NULL);
	p->server = conf_option(t, "server", "127.0.0.1:53");
	if (p->zones_dir == NULL)
		return err_set(err, "zones_dir is missing");
	/* It stands in the server's configuration. */
	if (strpbrk(p->zones_dir, "\"\\\n") != NULL)
		return err_set(err, "zones_dir must not hold quotes or backslashes");
	return dnsq_open(&p->dns, p->server, err);
}

void primary_close(struct primary *p)
{
	dnsq_close(p->dns);
	if (p->dir >= 0)
		close(p->dir);
}

int primary_ready(struct primary *p, struct err *err)
{
	if (p->dir < 0 && (p->dir = file_open_dir(p->zones_dir, err)) < 0)
		return -1;
	return p->kind->ready == NULL ? 0 : p->kind->ready(p, err);
}

int primary_probe(struct primary *p, struct err *err)
{
	struct dnsq_item item = {.zone = "probe.ddo.invalid"};
	if (dnsq_soa(p->dns, &item, 1, ASK_MS, err) < 0)
		return -1;
	if (item.state == DNSQ_NOANSWER)
		return err_set(err, "%s does not answer over DNS", p->server);
	struct err why;
	return zonefile_probe(p->dir, &why) == 0
		   ? 0
		   : err_set(err, "zones_dir %s: %s", p->zones_dir, why.text);
}

int primary_apply(struct primary *p, struct push_item *items, size_t count, struct err *err)
{
	if (primary_ready(p, err) < 0)
		return -1;
	struct primary_batch batch = {.count = count};
	batch.works = mem_alloc(count * sizeof(*batch.works));
	batch.answers = mem_alloc(count * sizeof(*batch.answers));
	for (size_t i = 0; i < count; i++) {
		batch.works[i].item = &items[i];
		batch.answers[i].zone = items[i].name;
	}
	int r = dnsq_soa(p->dns, batch.answers, count, ASK_MS, err);
	size_t silent = 0;
	for (size_t i = 0; i < count; i++)
		silent += batch.answers[i].state == DNSQ_NOANSWER;
	if (r == 0 && silent == count)
		r = err_set(err, "%s does not answer over DNS", p->server);
	if (r == 0)
		r = primary_plan(p, &batch, err);
	if (r == 0)
		r = p->kind->tell(p, &batch, err);
	if (r == 0)
		r = primary_confirm(p, &batch, err);
	if (r == 0 && p->kind->finish != NULL)
		r = p->kind->finish(p, &batch, err);
	if (r == 0)
		r = file_sync_dir(p->dir, p->zones_dir, err);
	for (size_t i = 0; i < count; i++)
		free(batch.works[i].old_path);
	free(batch.works);
	free(batch.answers);
	return r == 0 ? 0 : -1;
}

int primary_undo(
    struct primary *p, struct primary_batch *batch, struct primary_work *w, struct err *err)
{
	if (w->old_path == NULL && zonefile_exists(p->dir, w->file, ".good")) {
		struct err reason = w->item->reason;
		int r = zonefile_restore(p->dir, w->file, err);
		if (r == 0)
			r = p->kind->reload(p, w, err);
		w->item->reason = reason;
		return r;
	}
	return p->kind->forget(p, batch, w, err);
}
