/* dead: puts the files right when the server is gone. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "push/files/include.h"
#include "push/files/primary_private.h"

#define ASK_MS 1000
#define DEPTH_MOST 32 /* directories: '/' in the name of a reverse zone */

static void add_words(struct err *err, size_t count, const struct err *trouble)
{
	struct err why = *err;
	if (trouble->text[0] != '\0')
		err_set(err, "%s; and the zone files could not be put right: %s", why.text,
		    trouble->text);
	else if (count > 0)
		err_set(err, "%s; %zu unproven zone files were taken back", why.text, count);
}

/* Makes declarations and directory durable. */
static void finish(struct primary *p, bool changed, struct err *trouble)
{
	struct include *list = p->list;
	struct err why;
	if ((list != NULL && include_changed(list) && include_write(list, &why) < 0) ||
	    (changed && file_sync_dir(p->dir, p->zones_dir, &why) < 0))
		*trouble = why;
}

void primary_dead_undo(struct primary *p, struct work_batch *batch, struct err *err)
{
	struct include *list = p->list;
	struct err trouble = {""}, why;
	size_t count = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		bool back, gone;
		if (!work_is_unproven(w))
			continue;
		if (zonefile_back(p->dir, w->file, &back, &gone, &why) != 0) {
			trouble = why;
			continue;
		}
		count += back;
		if (list != NULL && w->state == WORK_TOLD && (gone || w->old_path != NULL))
			include_forget(list, batch, w);
	}
	finish(p, count > 0, &trouble);
	add_words(err, count, &trouble);
}

/* A put by hand is what the operator wants now.  In a batch, FILE.good stays as it was. */
static int put_one(struct primary *p, const struct work *w, struct err *err)
{
	struct buf text = {0};
	int fd = -1;
	if (!zonefile_exists(p->dir, w->file, ""))
		return 0;
	int r = zone_render(w->item->zone, &text, err);
	if (r == 0)
		r = zonefile_write(p->dir, w->file, &text, &fd, err);
	buf_free(&text);
	if (r == 0)
		r = zonefile_flush(p->dir, &fd, 1, err);
	if (r == 0)
		r = zonefile_install(p->dir, w->file, err);
	if (r == 0 && w->item->by_hand)
		r = zonefile_settle(p->dir, w->file, err);
	return r;
}

void primary_dead_apply(struct primary *p, struct work_batch *batch, struct err *err)
{
	struct include *list = p->list;
	struct err trouble = {""}, why;
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (w->state != WORK_PLANNED || !work_name_file(p, w))
			continue;
		if (w->item->zone == NULL && list != NULL)
			include_del(list, w->item->name);
		int r = w->item->zone == NULL ? zonefile_remove(p->dir, w->file, &why)
					      : put_one(p, w, &why);
		if (r != 0)
			trouble = why;
	}
	finish(p, true, &trouble);
	add_words(err, 0, &trouble);
}

/* Takes the zone that is declared with this file out of the list. */
static void undeclare(struct primary *p, struct include *list, const char *file)
{
	struct buf path = {0};
	zonefile_path(p->zones_dir, file, &path);
	for (size_t i = 0; i < include_count(list); i++) {
		const char *zone = include_zone(list, i);
		if (strcmp(include_file(list, zone), buf_str(&path)) != 0)
			continue;
		include_del(list, zone);
		break;
	}
	buf_free(&path);
}

struct sweep {
	struct primary *p;
	size_t count;
	struct err trouble;
};

/* `name` is a file of ours followed by ".good" or ".void". */
static void take_back(struct sweep *s, const char *name)
{
	struct include *list = s->p->list;
	char *file = mem_dupn(name, strlen(name) - strlen(".good"));
	struct err why;
	bool back, gone;
	if (zonefile_back(s->p->dir, file, &back, &gone, &why) != 0)
		s->trouble = why;
	else {
		s->count += back;
		if (gone && list != NULL)
			undeclare(s->p, list, file);
	}
	free(file);
}

static bool ends(const char *text, const char *end)
{
	size_t len = strlen(text);
	return len > strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

static void sweep(struct sweep *s, const char *where, int depth)
{
	int fd = openat(s->p->dir, where[0] == '\0' ? "." : where,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		struct buf name = {0};
		if (e->d_name[0] == '.')
			continue;
		buf_addf(&name, "%s%s%s", where, where[0] == '\0' ? "" : "/", e->d_name);
		if (ends(e->d_name, ".db.good") || ends(e->d_name, ".db.void"))
			take_back(s, buf_str(&name));
		else if (e->d_type == DT_DIR && depth < DEPTH_MOST)
			sweep(s, buf_str(&name), depth + 1);
		buf_free(&name);
	}
	closedir(dir);
}

bool primary_is_gone(struct primary *p)
{
	struct dnsq_item item = {.zone = "probe.ddo.invalid"};
	struct err err;
	return dnsq_ask(p->dns, &item, 1, ASK_MS, &err) < 0 || item.state == DNSQ_NOANSWER;
}

void primary_probe_dead(struct primary *p, struct err *err)
{
	struct sweep s = {.p = p};
	if (p->dir < 0 || !primary_is_gone(p))
		return;
	sweep(&s, "", 0);
	finish(p, s.count > 0, &s.trouble);
	add_words(err, s.count, &s.trouble);
}
