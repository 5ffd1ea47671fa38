#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "file.h"
#include "mem.h"

#define ASK_MS 3000

int work_fail(struct work *w, enum push_result result, const char *fmt, ...)
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

int bind_ready(struct bind *b, struct err *err)
{
	if (b->dir < 0 && (b->dir = file_open_dir(b->zones_dir, err)) < 0)
		return -1;
	return b->include != NULL ? include_read(b->include, err) : 0;
}

void bind_path(const struct bind *b, const char *file, struct buf *out)
{
	buf_addf(out, "%s/%s", b->zones_dir, file);
}

int bind_tell(struct bind *b, const char *verb, const char *zone, const char *tail,
    struct buf *text, struct err *err)
{
	struct buf command = {0};
	buf_addf(&command, "%s \"%s\"", verb, zone);
	if (b->view != NULL)
		buf_addf(&command, " IN %s", b->view);
	if (tail != NULL)
		buf_addf(&command, " %s", tail);
	int r = control_run(b->control, buf_str(&command), text, err);
	buf_free(&command);
	return r;
}

int bind_loaded(struct bind *b, const char *zone, char out[64], struct err *err)
{
	struct buf text = {0};
	int r = bind_tell(b, "zonestatus", zone, NULL, &text, err);
	const char *line = r == 0 ? strstr(buf_str(&text), "\nlast loaded: ") : NULL;
	if (line != NULL)
		line += strlen("\nlast loaded: ");
	snprintf(
	    out, 64, "%.*s", line == NULL ? 0 : (int)strcspn(line, "\n"), line == NULL ? "" : line);
	buf_free(&text);
	return r < 0 ? -1 : 0;
}

int bind_apply(void *ctx, struct push_item *items, size_t count, struct err *err)
{
	struct bind *b = ctx;
	if (bind_ready(b, err) < 0)
		return -1;
	struct batch batch = {.count = count};
	batch.works = mem_alloc(count * sizeof(*batch.works));
	batch.answers = mem_alloc(count * sizeof(*batch.answers));
	for (size_t i = 0; i < count; i++) {
		batch.works[i].item = &items[i];
		batch.answers[i].zone = items[i].name;
	}
	int r = dnsq_soa(b->dns, batch.answers, count, ASK_MS, err);
	size_t silent = 0;
	for (size_t i = 0; i < count; i++)
		silent += batch.answers[i].state == DNSQ_NOANSWER;
	if (r == 0 && silent == count)
		r = err_set(err, "%s does not answer over DNS", b->server);
	if (r == 0)
		r = plan_batch(b, &batch, err);
	if (r == 0)
		r = tell_batch(b, &batch, err);
	if (r == 0)
		r = confirm_batch(b, &batch, err);
	if (r == 0)
		r = file_sync_dir(b->dir, b->zones_dir, err);
	for (size_t i = 0; i < count; i++)
		free(batch.works[i].old_path);
	free(batch.works);
	free(batch.answers);
	return r == 0 ? 0 : -1;
}
