/* zonefile: zone files in any form, directories of them, and lists of zones. */
#include "zonefile.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "old.h"

#define LIST_MOST ((size_t)64 << 20)

static bool is_raw(const struct buf *text)
{
	return text->len >= 4 && memcmp(text->data, "\0\0\0\2", 4) == 0;
}

/* Any form that BIND writes becomes text.  A journal is read with its file, by its path. */
static int compile(const char *zone, const char *path, const char *journal, struct buf *text,
    size_t most, struct err *err)
{
	struct buf out = {0};
	const char *argv[40] = {"named-compilezone", "-q", "-F", "text", "-s", "full", "-i", "none",
	    "-k", "ignore", "-m", "ignore", "-n", "ignore", "-r", "ignore", "-M", "ignore", "-S",
	    "ignore", "-W", "ignore", "-o", "-", "-f", is_raw(text) ? "raw" : "text"};
	size_t n = 26;
	if (journal != NULL)
		argv[n++] = "-j";
	argv[n++] = zone;
	argv[n++] = journal != NULL ? path : "/dev/stdin";
	int r =
	    old_run("named-compilezone", (char *const *)argv, journal == NULL ? text->data : NULL,
		journal == NULL ? text->len : 0, most + 1, &out, err);
	buf_free(text);
	*text = out;
	return r == 0 ? 0 : -1;
}

void zonefile_offer(struct plan *p, struct plan_zone *z, const char *path, bool follow)
{
	struct buf text = {0}, name = {0};
	struct err why;
	buf_addf(&name, "%s.jnl", path);
	struct stat st;
	bool has_journal = lstat(name.data, &st) == 0 && S_ISREG(st.st_mode);
	const char *journal = has_journal ? name.data : NULL;
	int r = old_read(path, follow, p->conf->max_body, &text, &why);
	if (r == 0 && (journal != NULL || is_raw(&text)))
		r = compile(z->name, path, journal, &text, p->conf->max_body, &why);
	if (r < 0)
		plan_line(p, PLAN_REFUSED, z->name, path, "%s", why.text);
	else
		plan_offer(p, z, FROM_FILE, path, buf_str(&text), text.len);
	buf_free(&name);
	buf_free(&text);
}

struct walk {
	struct plan *plan;
	const char *dir;
	bool known_only;
	size_t count;
};

static char *zone_of(const char *file, size_t len)
{
	char *name = mem_dupn(file, len);
	for (char *at; (at = strcasestr(name, "%2f")) != NULL;) {
		*at = '/';
		memmove(at + 1, at + 3, strlen(at + 3) + 1);
	}
	return name;
}

static void take_file(void *arg, const char *file)
{
	struct walk *w = arg;
	size_t len = strlen(file);
	if (len <= 3 || strcmp(file + len - 3, ".db") != 0)
		return;
	char *path = old_path(w->dir, file), *name = zone_of(file, len - 3);
	char normal[NAME_SIZE];
	w->count++;
	struct plan_zone *z = NULL;
	if (!w->known_only)
		z = plan_know(w->plan, name, strlen(name), path);
	else if (name_normalize(name, strlen(name), normal, NULL) == 0)
		z = plan_find(w->plan, normal);
	if (z != NULL)
		zonefile_offer(w->plan, z, path, false);
	else if (w->known_only)
		plan_line(w->plan, PLAN_LEFT, name, path,
		    "neither the database nor the server's list has this zone");
	free(name);
	free(path);
}

size_t zonefile_dir(struct plan *p, const char *dir, bool known_only)
{
	struct walk w = {.plan = p, .dir = dir, .known_only = known_only};
	struct err why;
	if (old_each(dir, take_file, &w, &why) < 0)
		plan_line(p, PLAN_FAILED, NULL, dir, "%s", why.text);
	else
		plan_line(p, PLAN_READ, NULL, dir, "a directory; zone files: %zu", w.count);
	return w.count;
}

/* The quoted name behind `zone` or `name:`, which begins a line. */
static const char *listed(const char *line, size_t *len)
{
	line += strspn(line, " \t");
	if (strncmp(line, "zone", 4) == 0)
		line += 4;
	else if (strncmp(line, "name:", 5) == 0)
		line += 5;
	else
		return NULL;
	line += strspn(line, " \t");
	if (*line++ != '"')
		return NULL;
	*len = strcspn(line, "\"");
	return line[*len] == '"' ? line : NULL;
}

void zonefile_list(struct plan *p, const char *path)
{
	struct buf text = {0};
	struct err why;
	size_t count = 0;
	if (old_read(path, false, LIST_MOST, &text, &why) < 0) {
		plan_line(p, PLAN_FAILED, NULL, path, "%s", why.text);
	} else {
		for (char *at = text.data, *line; (line = strsep(&at, "\n")) != NULL;) {
			size_t len;
			const char *name = listed(line, &len);
			count += name != NULL;
			if (name != NULL)
				plan_know(p, name, len, path);
		}
		plan_line(p, PLAN_READ, NULL, path, "the server's list; zones: %zu", count);
	}
	buf_free(&text);
}
