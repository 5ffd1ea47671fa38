/* check: what named-checkzone says about a zone file. */
#include <string.h>

#include "bind.h"
#include "push/files/checkzone.h"

#define REFUSES "not loaded due to errors."

struct line {
	const char *text;
	size_t len;
};

static bool next_line(const char **at, struct line *out)
{
	if (**at == '\0')
		return false;
	*out = (struct line){*at, strcspn(*at, "\n")};
	*at += out->len + ((*at)[out->len] == '\n');
	return true;
}

static bool begins(const struct line *l, const char *text)
{
	return l->len >= strlen(text) && memcmp(l->text, text, strlen(text)) == 0;
}

static bool ends(const struct line *l, const char *text, size_t len)
{
	return l->len >= len && memcmp(l->text + l->len - len, text, len) == 0;
}

static bool has(const struct line *l, const struct line *text)
{
	return text->len > 0 && memmem(l->text, l->len, text->text, text->len) != NULL;
}

/* What follows `start` in the line; false: it is not there. */
static bool after(const struct line *l, const char *start, struct line *out)
{
	const char *found = memmem(l->text, l->len, start, strlen(start));
	if (found == NULL)
		return false;
	found += strlen(start);
	*out = (struct line){found, l->len - (size_t)(found - l->text)};
	return true;
}

/* The line that says where in the file the fault is: "dns_master_load: FILE:6: a.example: CNAME and
 * other data".  An error ends the reading, or is the first of several. */
static bool find_place(
    const char *words, const char *path, const struct line *fatal, struct line *out)
{
	struct line line;
	struct buf start = {0};
	bool found = false;
	buf_addf(&start, "%s:", path);
	for (const char *at = words; !found && next_line(&at, &line);)
		found = has(&line, fatal) && after(&line, start.data, out);
	buf_free(&start);
	return found;
}

/* named-checkzone prints warnings besides errors, and some do not say which they are:
 *
 *   FILE:5: signature has expired
 *   dns_master_load: FILE:6: a.example: CNAME and other data
 *   zone example/IN: loading from master file FILE failed: CNAME and other data
 *   zone example/IN: not loaded due to errors.
 *
 * The fatal one is the last about the zone before the end.  False: none was fatal. */
static bool word_reason(
    const char *zone, const char *path, const char *words, char *out, size_t size)
{
	char prefix[NAME_SIZE + 16];
	struct line line, said = {"", 0}, place;
	bool refused = false;
	snprintf(prefix, sizeof(prefix), "zone %s/IN: ", zone);
	for (const char *at = words; !refused && next_line(&at, &line);) {
		if (!begins(&line, prefix))
			continue;
		refused = ends(&line, REFUSES, strlen(REFUSES));
		if (!refused)
			said = (struct line){line.text + strlen(prefix), line.len - strlen(prefix)};
	}
	const char *where = "";
	if (begins(&said, "loading from master file ") && after(&said, " failed: ", &said) &&
	    find_place(words, path, &said, &place)) {
		said = place;
		where = "line ";
	}
	snprintf(out, size, "%s%.*s", where, (int)said.len, said.text);
	return refused;
}

static bool check(
    const struct bind *b, const struct work *w, const char *mode, char *reason, size_t size)
{
	struct buf words = {0}, path = {0};
	char *m = (char *)mode;
	zonefile_path(b->p.zones_dir, w->file, &path);
	char *argv[] = {(char *)b->checkzone, "-i", "local", "-k", "fail", "-m", m, "-M", m, "-S",
	    m, "-r", m, "-W", "ignore", "-T", "ignore", "--", w->item->name, path.data, NULL};
	bool refused = checkzone_refuses(argv, &words) &&
		       word_reason(w->item->name, path.data, buf_str(&words), reason, size);
	buf_free(&words);
	buf_free(&path);
	return refused;
}

/* Ignores what named, as it comes, only warns about. */
bool check_refuses(const struct bind *b, const struct work *w, char *reason, size_t size)
{
	return check(b, w, "ignore", reason, size);
}

bool check_strict(const struct bind *b, const struct work *w, char *reason, size_t size)
{
	return check(b, w, "fail", reason, size);
}
