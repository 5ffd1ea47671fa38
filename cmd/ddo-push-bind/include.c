#include "include.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "mem.h"
#include "name.h"
#include "words.h"

#define INCLUDE_MAX ((size_t)1 << 30)
#define HEADER "# Written by ddo-push-bind; zones listed here belong to ddo.\n"

struct entry {
	char *zone, *file;
};

struct include {
	const char *path;
	struct stat seen; /* the file that `entries` came from */
	bool read, changed;
	struct buf others; /* statements that are no zones of ours */
	struct entry *entries;
	size_t count, cap;
};

void include_open(struct include **out, const char *path)
{
	*out = mem_alloc(sizeof(**out));
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

/* Where `zone` is, or belongs. */
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

/* Reads one statement up to its ';'.  Is it "zone NAME [IN] { type primary; file FILE; ... }"? 1: a
 * statement, 0: the end, -1. */
static int statement(struct words *w, char zone[NAME_SIZE], char **file, bool *is_zone)
{
	struct word word, before = {0}, name = {0};
	bool zone_word = false, primary = false;
	int depth = 0;
	*file = NULL;
	for (size_t n = 0;; n++) {
		int r = words_next(w, &word);
		if (r < 0 || (r == 0 && n > 0))
			return -1;
		if (r == 0)
			return 0;
		if (n == 0)
			zone_word = word_is(&word, "zone");
		if (n == 1)
			name = word;
		if (depth == 1 && word_is(&before, "type"))
			primary = word_is(&word, "primary") || word_is(&word, "master");
		if (depth == 1 && word_is(&before, "file") && *file == NULL)
			*file = mem_dupn(word.text, word.len);
		before = word;
		depth += word_is(&word, "{");
		depth -= word_is(&word, "}");
		if (depth < 0)
			return -1;
		if (depth == 0 && word_is(&word, ";"))
			break;
	}
	*is_zone = zone_word && primary && *file != NULL &&
		   name_normalize(name.text, name.len, zone, NULL) == 0;
	return 1;
}

static int parse(struct include *inc, const struct buf *text, struct err *err)
{
	struct words w = {buf_str(text), buf_str(text) + text->len};
	if (strncmp(w.next, HEADER, strlen(HEADER)) == 0)
		w.next += strlen(HEADER);
	for (;;) {
		const char *start = w.next;
		char zone[NAME_SIZE], *file;
		bool is_zone = false;
		int r = statement(&w, zone, &file, &is_zone);
		if (r > 0 && is_zone)
			include_put(inc, zone, file);
		else if (r > 0)
			buf_add(&inc->others, start, (size_t)(w.next - start));
		free(file);
		if (r < 0)
			return err_set(err, "%s: a statement does not end", inc->path);
		if (r == 0)
			return 0;
	}
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
		r = file_read(AT_FDCWD, inc->path, &text, INCLUDE_MAX, err);
	if (r == 0)
		r = parse(inc, &text, err);
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
	buf_adds(&text, HEADER);
	buf_add(&text, inc->others.data, inc->others.len);
	if (inc->others.len > 0)
		buf_addc(&text, '\n');
	for (size_t i = 0; i < inc->count; i++)
		buf_addf(&text, "zone \"%s\" { type primary; file \"%s\"; };\n",
		    inc->entries[i].zone, inc->entries[i].file);
	buf_addf(&tmp, "%s.new", inc->path);
	unlink(buf_str(&tmp)); /* left by one that died */
	int r =
	    file_write_durable(AT_FDCWD, buf_str(&tmp), inc->path, 0644, text.data, text.len, err);
	char *copy = mem_dup(inc->path);
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
