/* batch: the verb batch: many changes on standard input, an answer to each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/msg.h"
#include "push/push_private.h"

#define COMMAND_MAX 512
#define ITEMS_MAX 100000

struct entry {
	unsigned long long id;
	size_t item; /* index in items; a later change of the zone takes its place */
};

struct batch {
	const struct push_kind *kind;
	void *ctx;
	const struct conf *conf;
	int in;
	FILE *out;
	struct buf data;
	struct entry *entries;
	size_t nentries, entries_cap;
	struct push_item *items;
	size_t nitems, items_cap;
};

/* Reads until data holds at least `len` bytes, or one line when len is 0.  0: end of the input. */
static int need(struct batch *b, size_t len, struct err *err)
{
	for (;;) {
		if (len > 0 ? b->data.len >= len
			    : b->data.len > 0 && memchr(b->data.data, '\n', b->data.len) != NULL)
			return 1;
		if (len == 0 && b->data.len > COMMAND_MAX)
			return err_set(err, "a command is longer than %d bytes", COMMAND_MAX);
		buf_reserve(&b->data, 65536);
		ssize_t n = read(b->in, b->data.data + b->data.len, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot read standard input");
		if (n == 0)
			return b->data.len == 0 ? 0
						: err_set(err, "the input ends within a command");
		b->data.len += (size_t)n;
		b->data.data[b->data.len] = '\0';
	}
}

static int parse_number(const char *s, unsigned long long max, unsigned long long *out)
{
	size_t len = strlen(s);
	if (len == 0 || len > 18 || strspn(s, "0123456789") != len)
		return -1;
	*out = strtoull(s, NULL, 10);
	return *out > max ? -1 : 0;
}

static struct push_item *add_item(struct batch *b, unsigned long long id, const char *zone)
{
	if (b->nentries == b->entries_cap) {
		b->entries_cap = b->entries_cap == 0 ? 64 : b->entries_cap * 2;
		b->entries = mem_resize(b->entries, b->entries_cap, sizeof(*b->entries));
	}
	size_t i = 0;
	while (i < b->nitems && strcmp(b->items[i].name, zone) != 0)
		i++;
	if (i == b->nitems) {
		if (b->nitems == b->items_cap) {
			b->items_cap = b->items_cap == 0 ? 64 : b->items_cap * 2;
			b->items = mem_resize(b->items, b->items_cap, sizeof(*b->items));
		}
		b->items[b->nitems++] = (struct push_item){0};
	}
	struct push_item *item = &b->items[i];
	b->entries[b->nentries++] = (struct entry){.id = id, .item = i};
	zone_free(item->zone);
	*item = (struct push_item){0};
	snprintf(item->name, sizeof(item->name), "%s", zone);
	return item;
}

/* The content behind a put.  A text that does not parse fails as if the target refused it. */
static int take_put(
    struct batch *b, unsigned long long id, const char *zone, size_t len, struct err *err)
{
	int r = need(b, len + 1, err);
	if (r <= 0)
		return r < 0 ? -1 : err_set(err, "the input ends within a zone");
	if (b->data.data[len] != '\n')
		return err_set(err, "no newline behind the %zu bytes of %s", len, zone);
	struct push_item *item = add_item(b, id, zone);
	if (zone_parse(zone, b->data.data, len, b->conf->max_records, &item->zone, &item->reason) <
	    0)
		item->result = PUSH_FAIL;
	buf_consume(&b->data, len + 1);
	return 0;
}

static void answer(struct batch *b, const struct entry *e)
{
	const struct push_item *item = &b->items[e->item];
	if (item->result == PUSH_OK)
		fprintf(b->out, "ok %llu\n", e->id);
	else if (item->result != PUSH_UNDONE)
		fprintf(b->out, "%s %llu %s\n", item->result == PUSH_FAIL ? "fail" : "defer", e->id,
		    item->reason.text);
}

static void forget(struct batch *b)
{
	for (size_t i = 0; i < b->nitems; i++)
		zone_free(b->items[i].zone);
	free(b->items);
	free(b->entries);
	b->items = NULL;
	b->entries = NULL;
	b->nitems = b->items_cap = b->nentries = b->entries_cap = 0;
}

/* Moves the items still to be done to the front, *count of them, and adjusts the entries. */
static void sort_out_refused(struct batch *b, size_t *count)
{
	size_t *where = mem_alloc((b->nitems + 1) * sizeof(*where));
	struct push_item *sorted = mem_alloc((b->nitems + 1) * sizeof(*sorted));
	size_t n = 0;
	for (int refused = 0; refused < 2; refused++) {
		for (size_t i = 0; i < b->nitems; i++) {
			if ((b->items[i].result == PUSH_FAIL) != (refused == 1))
				continue;
			where[i] = n;
			sorted[n++] = b->items[i];
		}
		if (refused == 0)
			*count = n;
	}
	for (size_t i = 0; i < b->nentries; i++)
		b->entries[i].item = where[b->entries[i].item];
	free(where);
	free(b->items);
	b->items = sorted;
	b->items_cap = b->nitems + 1;
}

static int commit(struct batch *b, struct err *err)
{
	size_t count = 0;
	sort_out_refused(b, &count);
	struct err why = {""};
	int down = count > 0 ? b->kind->apply(b->ctx, b->items, count, &why) : 0;
	for (size_t i = 0; down == 0 && i < count; i++) {
		if (b->items[i].result == PUSH_UNDONE) {
			b->items[i].result = PUSH_DEFER;
			err_set(&b->items[i].reason, "the target did not answer for this zone");
		}
	}
	for (size_t i = 0; i < b->nentries; i++)
		answer(b, &b->entries[i]);
	if (down < 0)
		fprintf(b->out, "%s %s\n", down == PUSH_GONE ? "gone" : "down", why.text);
	forget(b);
	if (fflush(b->out) != 0)
		return err_sys(err, "cannot write an answer");
	return down;
}

/* Skips the content behind a put that is not taken. */
static int skip_put(struct batch *b, unsigned long long len, struct err *err)
{
	while (len > 0) {
		int r = need(b, 1, err);
		if (r <= 0)
			return r < 0 ? -1 : err_set(err, "the input ends within a zone");
		size_t n = b->data.len < len ? b->data.len : (size_t)len;
		buf_consume(&b->data, n);
		len -= n;
	}
	int r = need(b, 1, err);
	if (r <= 0)
		return r < 0 ? -1 : err_set(err, "the input ends within a zone");
	if (b->data.data[0] != '\n')
		return err_set(err, "no newline behind a zone");
	buf_consume(&b->data, 1);
	return 0;
}

struct change {
	unsigned long long id, len; /* len: of a put's content */
	bool put;
	char zone[NAME_SIZE]; /* "": not a zone name in normal form */
};

static int parse_change(char *const words[], int n, struct change *c, struct err *err)
{
	c->put = n == 4 && strcmp(words[0], "put") == 0;
	if (!c->put && !(n == 3 && strcmp(words[0], "del") == 0))
		return err_set(err, "unknown command %s", words[0]);
	if (parse_number(words[1], UINT64_MAX, &c->id) < 0)
		return err_set(err, "not a number: %s", words[1]);
	if (c->put && parse_number(words[3], UINT64_MAX, &c->len) < 0)
		return err_set(err, "not a length: %s", words[3]);
	if (name_normalize(words[2], strlen(words[2]), c->zone, NULL) < 0 ||
	    strcmp(c->zone, words[2]) != 0)
		c->zone[0] = '\0';
	return 0;
}

/* A change that cannot be taken gets an answer with the reason; the others go on. */
static int take_change(struct batch *b, const struct change *c, const char *name, struct err *err)
{
	size_t max = b->conf->max_zone;
	bool fits = b->nentries < ITEMS_MAX;
	struct err why;
	if (c->zone[0] == '\0') {
		err_set(&why, "not a zone name in normal form: %s", name);
		fprintf(b->out, "fail %llu %s\n", c->id, why.text);
	} else if (!fits) {
		fprintf(
		    b->out, "defer %llu more than %d zones before a commit\n", c->id, ITEMS_MAX);
	} else if (!c->put) {
		add_item(b, c->id, c->zone);
	} else if (c->len <= max) {
		return take_put(b, c->id, c->zone, (size_t)c->len, err);
	} else {
		struct push_item *item = add_item(b, c->id, c->zone);
		item->result = PUSH_FAIL;
		err_set(&item->reason,
		    "its text has %llu bytes, more than %zu (app.max_zone_bytes)", c->len, max);
	}
	return c->put ? skip_put(b, c->len, err) : 0;
}

static int command(struct batch *b, char *line, struct err *err)
{
	char *words[5] = {"", "", "", "", ""};
	int n = 0;
	for (char *save, *w = strtok_r(line, " ", &save); w != NULL;
	     w = strtok_r(NULL, " ", &save)) {
		if (n == 4)
			return err_set(err, "a command has too many words");
		words[n++] = w;
	}
	if (n == 1 && strcmp(words[0], "commit") == 0)
		return commit(b, err) < 0 ? -2 : 0;
	struct change c = {0};
	if (parse_change(words, n, &c, err) < 0)
		return -1;
	return take_change(b, &c, words[2], err);
}

int push_batch(const struct push_kind *kind, void *ctx, const struct conf *conf, int in, FILE *out)
{
	struct batch b = {.kind = kind, .ctx = ctx, .conf = conf, .in = in, .out = out};
	struct err err = {""};
	int r;
	while ((r = need(&b, 0, &err)) > 0) {
		size_t len = (size_t)((char *)memchr(b.data.data, '\n', b.data.len) - b.data.data);
		char line[COMMAND_MAX + 1];
		if (len > COMMAND_MAX || memchr(b.data.data, '\0', len) != NULL) {
			r = err_set(&err, "a command is too long or holds a NUL");
			break;
		}
		memcpy(line, b.data.data, len);
		line[len] = '\0';
		buf_consume(&b.data, len + 1);
		r = command(&b, line, &err);
		if (r < 0)
			break;
	}
	forget(&b);
	buf_free(&b.data);
	if (r == -1)
		msg_error("batch: %s", err.text);
	return r == 0 ? 0 : r == -2 ? EX_UNAVAILABLE : EX_USAGE;
}
