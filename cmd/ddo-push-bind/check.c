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

/* What stands behind `mark` in the line; false: it is not there. */
static bool behind(const struct line *l, const char *mark, struct line *out)
{
	const char *found = memmem(l->text, l->len, mark, strlen(mark));
	if (found == NULL)
		return false;
	found += strlen(mark);
	*out = (struct line){found, l->len - (size_t)(found - l->text)};
	return true;
}

/* The line that says where in the file the fatal words belong: "dns_master_load: FILE:6: a.example:
 * CNAME and other data".  An error ends reading or is the first of several that were counted.
 */
static bool find_place(
    const char *words, const char *path, const struct line *fatal, struct line *out)
{
	struct line line;
	struct buf mark = {0};
	bool found = false;
	buf_addf(&mark, "%s:", path);
	for (const char *at = words; !found && next_line(&at, &line);)
		found = ends(&line, fatal->text, fatal->len) && behind(&line, mark.data, out);
	buf_free(&mark);
	return found;
}

/* named-checkzone prints warnings beside errors, and some do not say what they are:
 *
 *   FILE:5: signature has expired
 *   dns_master_load: FILE:6: a.example: CNAME and other data
 *   zone example/IN: loading from master file FILE failed: CNAME and other data
 *   zone example/IN: not loaded due to errors.
 *
 * What was fatal is the last that is said of the zone before the end.  False: nothing was.
 */
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
	if (begins(&said, "loading from master file ") && behind(&said, " failed: ", &said) &&
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

/* What named only warns of, where nobody told it otherwise, is not looked at. */
bool check_refuses(const struct bind *b, const struct work *w, char *reason, size_t size)
{
	return check(b, w, "ignore", reason, size);
}

bool check_strict(const struct bind *b, const struct work *w, char *reason, size_t size)
{
	return check(b, w, "fail", reason, size);
}
