/* queue: reads a persist-queue. */
#include "queue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "old.h"

#define INFO_MOST 65536
#define CHUNK_MOST ((size_t)256 << 20)
#define CHUNKS_MOST 100000

struct place {
	int64_t file, count, offset;
};

struct queue {
	struct plan *plan;
	const char *dir;
	void (*take)(void *arg, const struct pickle_value *item, const char *where);
	void *arg;
	struct place tail, head;
	int64_t size, items;
};

static int place(const struct pickle_value *info, const char *key, struct place *out)
{
	const struct pickle_value *list = pickle_get(info, key);
	int64_t *to[] = {&out->file, &out->count, &out->offset};
	size_t n = 0;
	if (list == NULL || list->kind != PICKLE_LIST)
		return -1;
	for (const struct pickle_cell *c = list->first; c != NULL; c = c->next) {
		if (n == 3 || c->value->kind != PICKLE_NUMBER || c->value->number < 0)
			return -1;
		*to[n++] = c->value->number;
	}
	return n == 3 ? 0 : -1;
}

static int read_info(struct queue *q, struct err *err)
{
	struct buf text = {0};
	struct pickle *p = NULL;
	const struct pickle_value *info, *size;
	size_t used;
	char *path = old_path(q->dir, "info");
	int r = old_read(path, false, INFO_MOST, &text, err);
	if (r == 0) {
		struct err why;
		r = pickle_read(&p, &info, buf_str(&text), text.len, &used, &why);
		if (r < 0)
			err_set(err, "%s: %s", path, why.text);
		errno = EINVAL;
	}
	if (r == 0) {
		size = pickle_get(info, "size");
		q->size = size != NULL && size->kind == PICKLE_NUMBER ? size->number : -1;
		if (place(info, "tail", &q->tail) < 0 || place(info, "head", &q->head) < 0 ||
		    q->tail.file > q->head.file || q->head.file - q->tail.file > CHUNKS_MOST ||
		    q->head.file > 99999999)
			r = err_set(err, "%s: no tail and head of a queue", path);
		pickle_free(p);
	}
	free(path);
	buf_free(&text);
	return r;
}

/* The items of one chunk, from octet `at` to `end`. */
static void read_items(struct queue *q, const char *path, const char *data, size_t at, size_t end)
{
	while (at < end) {
		struct pickle *p;
		const struct pickle_value *item;
		size_t used;
		struct err why;
		struct buf where = {0};
		buf_addf(&where, "%s:%zu", path, at);
		int r = pickle_read(&p, &item, data + at, end - at, &used, &why);
		if (r == 0) {
			q->items++;
			q->take(q->arg, item, where.data);
			pickle_free(p);
			at += used;
		} else {
			plan_line(q->plan, PLAN_FAILED, NULL, where.data,
			    "cannot read this item, nor those behind it in this file: %s",
			    why.text);
		}
		buf_free(&where);
		if (r < 0)
			return;
	}
}

static void read_chunk(struct queue *q, int64_t number)
{
	char name[32];
	struct buf data = {0};
	struct err why;
	snprintf(name, sizeof(name), "q%05lld", (long long)number);
	char *path = old_path(q->dir, name);
	size_t from = number == q->tail.file ? (size_t)q->tail.offset : 0;
	bool last = number == q->head.file;
	/* The head may stand at the beginning of a file that is not there yet. */
	if (last && q->head.offset == 0 && !old_exists(path)) {
		free(path);
		return;
	}
	if (old_read(path, false, CHUNK_MOST, &data, &why) < 0) {
		plan_line(q->plan, PLAN_FAILED, NULL, path, "its items are lost: %s", why.text);
	} else {
		size_t to = last ? (size_t)q->head.offset : data.len;
		if (from > data.len || to > data.len) {
			plan_line(q->plan, PLAN_FAILED, NULL, path,
			    "shorter than the queue's info says: its last items are lost");
			to = data.len;
		} else if (to < data.len) {
			plan_line(q->plan, PLAN_LEFT, NULL, path,
			    "%zu octets behind the head: a push that was not acknowledged",
			    data.len - to);
		}
		if (from < to)
			read_items(q, path, data.data, from, to);
	}
	buf_free(&data);
	free(path);
}

/* A queue that never had an item has no info, and an empty chunk. */
static bool is_new(const char *dir)
{
	struct stat st;
	char *chunk = old_path(dir, "q00000");
	bool filled = lstat(chunk, &st) == 0 && st.st_size > 0;
	free(chunk);
	return !filled;
}

void queue_read(struct plan *p, const char *dir,
    void (*take)(void *arg, const struct pickle_value *item, const char *where), void *arg)
{
	struct queue q = {.plan = p, .dir = dir, .take = take, .arg = arg};
	struct err why;
	if (read_info(&q, &why) < 0) {
		if (errno == ENOENT && is_new(dir))
			plan_line(p, PLAN_READ, NULL, dir, "an empty queue");
		else
			plan_line(p, PLAN_FAILED, NULL, dir, "its items are lost: %s", why.text);
		return;
	}
	for (int64_t n = q.tail.file; n <= q.head.file; n++)
		read_chunk(&q, n);
	if (q.items == q.size || q.size < 0)
		plan_line(p, PLAN_READ, NULL, dir, "a queue; items: %lld", (long long)q.items);
	else
		plan_line(p, PLAN_FAILED, NULL, dir, "%lld of its %lld items could be read",
		    (long long)q.items, (long long)q.size);
}
