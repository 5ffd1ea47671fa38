/* include: reads, changes and writes the file in which a server's zones are declared. */
#include "push/files/include.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define INCLUDE_MAX ((size_t)1 << 30)

struct entry {
	char *zone, *file;
};

struct include {
	const char *path;
	const struct include_format *format;
	struct stat seen; /* the file that `entries` came from */
	bool read, changed;
	struct buf others; /* statements that are not about zones of ours */
	struct entry *entries;
	size_t count, cap;
};

void include_open(struct include **out, const struct include_format *format, const char *path)
{
	*out = mem_alloc(sizeof(**out));
	(*out)->format = format;
	(*out)->path = path;
}

static void forget(struct include *inc)
{
	for (size_t i = 0; i < inc->count; i++) {
		free(inc->entries[i].zone);
		free(inc->entries[i].file);
	}
	inc->count = 0;
	buf_reset(&inc->others);
	inc->read = inc->changed = false;
}

void include_close(struct include *inc)
{
	if (inc == NULL)
		return;
	forget(inc);
	buf_free(&inc->others);
	free(inc->entries);
	free(inc);
}

/* The index of `zone`, or where it belongs. */
static size_t place(const struct include *inc, const char *zone, bool *found)
{
	size_t low = 0, high = inc->count;
	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(inc->entries[mid].zone, zone);
		*found = *found || c == 0;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const char *include_file(const struct include *inc, const char *zone)
{
	bool found;
	size_t i = place(inc, zone, &found);
	return found ? inc->entries[i].file : NULL;
}

void include_put(struct include *inc, const char *zone, const char *file)
{
	bool found;
	size_t i = place(inc, zone, &found);
	if (found && strcmp(inc->entries[i].file, file) == 0)
		return;
	inc->changed = true;
	if (found) {
		free(inc->entries[i].file);
		inc->entries[i].file = mem_dup(file);
		return;
	}
	if (inc->count == inc->cap) {
		inc->cap = inc->cap == 0 ? 256 : inc->cap * 2;
		inc->entries = mem_resize(inc->entries, inc->cap, sizeof(*inc->entries));
	}
	memmove(&inc->entries[i + 1], &inc->entries[i], (inc->count - i) * sizeof(*inc->entries));
	inc->entries[i] = (struct entry){mem_dup(zone), mem_dup(file)};
	inc->count++;
}

void include_del(struct include *inc, const char *zone)
{
	bool found;
	size_t i = place(inc, zone, &found);
	if (!found)
		return;
	free(inc->entries[i].zone);
	free(inc->entries[i].file);
	inc->count--;
	memmove(&inc->entries[i], &inc->entries[i + 1], (inc->count - i) * sizeof(*inc->entries));
	inc->changed = true;
}

void include_keep(struct include *inc, const char *text, size_t len)
{
	buf_add(&inc->others, text, len);
}

static int parse(struct include *inc, const char *text, size_t len, struct err *err)
{
	size_t header = strlen(inc->format->header);
	if (strncmp(text, inc->format->header, header) != 0)
		header = 0;
	if (inc->format->parse(inc, text + header, text + len) < 0)
		return err_set(err, "%s: %s", inc->path, inc->format->unreadable);
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

int include_read(struct include *inc, struct err *err)
{
	struct stat st = {0};
	struct buf text = {0};
	if (stat(inc->path, &st) < 0 && errno != ENOENT)
		return err_sys(err, "cannot read %s", inc->path);
	if (inc->read && !inc->changed && same_file(&st, &inc->seen))
		return 0;
	forget(inc);
	int r = 0;
	if (st.st_ino != 0)
		r = file_read_regular(AT_FDCWD, inc->path, &text, INCLUDE_MAX, err);
	if (r == 0)
		r = parse(inc, buf_str(&text), text.len, err);
	buf_free(&text);
	inc->read = r == 0;
	inc->changed = false;
	inc->seen = st;
	return r;
}

bool include_changed(const struct include *inc)
{
	return inc->changed;
}

int include_write(struct include *inc, struct err *err)
{
	struct buf text = {0}, tmp = {0};
	buf_adds(&text, inc->format->header);
	buf_add(&text, inc->others.data, inc->others.len);
	if (inc->others.len > 0)
		buf_addc(&text, '\n');
	for (size_t i = 0; i < inc->count; i++)
		inc->format->print(&text, inc->entries[i].zone, inc->entries[i].file);
	char *copy =
	    realpath(inc->path, NULL); /* what a link points to is replaced, not the link */
	if (copy == NULL)
		copy = mem_dup(inc->path);
	buf_addf(&tmp, "%s.new", copy);
	unlink(buf_str(&tmp)); /* an earlier ddo-push may have died here */
	int r = file_write_durable(AT_FDCWD, buf_str(&tmp), copy, 0644, text.data, text.len, err);
	int dir = r == 0 ? file_open_dir(dirname(copy), err) : -1;
	if (r == 0 && (dir < 0 || file_sync_dir(dir, copy, err) < 0))
		r = -1;
	if (dir >= 0)
		close(dir);
	free(copy);
	buf_free(&text);
	buf_free(&tmp);
	if (r == 0 && stat(inc->path, &inc->seen) == 0)
		inc->changed = false;
	return r;
}

size_t include_count(const struct include *inc)
{
	return inc->count;
}

const char *include_zone(const struct include *inc, size_t i)
{
	return inc->entries[i].zone;
}

bool include_elsewhere(const struct include *inc, const struct primary *p, const struct work *w)
{
	struct buf path = {0};
	zonefile_path(p->zones_dir, w->file, &path);
	const char *file = include_file(inc, w->item->name);
	bool elsewhere = file == NULL || strcmp(file, buf_str(&path)) != 0;
	buf_free(&path);
	return elsewhere;
}

void include_plan(struct include *inc, const struct primary *p, struct work_batch *batch)
{
	struct buf path = {0};
	for (size_t i = 0; i < batch->count; i++) {
		struct work *w = &batch->works[i];
		if (work_is_due(w, OP_NEW)) {
			buf_reset(&path);
			zonefile_path(p->zones_dir, w->file, &path);
			w->old_path = mem_dup(include_file(inc, w->item->name));
			include_put(inc, w->item->name, buf_str(&path));
		} else if (work_is_due(w, OP_DEL)) {
			include_del(inc, w->item->name);
		} else {
			continue;
		}
		/* Also when the list does not change: an earlier ddo-push may have died here. */
		batch->reconfig = true;
		work_told(w);
	}
	buf_free(&path);
}

void include_forget(struct include *inc, struct work_batch *batch, const struct work *w)
{
	if (w->old_path != NULL)
		include_put(inc, w->item->name, w->old_path);
	else
		include_del(inc, w->item->name);
	batch->reconfig = true;
}

int include_clear(const struct include *inc, const struct primary *p,
    const struct work_batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct work *w = &batch->works[i];
		const char *file = include_file(inc, w->item->name);
		if (w->state != WORK_CONFIRMED && (w->op == OP_NEW || w->op == OP_PUT) &&
		    (file == NULL || (w->old_path != NULL && strcmp(file, w->old_path) == 0)) &&
		    zonefile_remove(p->dir, w->file, err) < 0)
			return -1;
	}
	return 0;
}

bool include_moved(const struct work *w)
{
	return w->op == OP_NEW && w->state == WORK_TOLD && w->answer.state == DNSQ_SERVED;
}
