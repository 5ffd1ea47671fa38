/* What NSD has, and from where. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsd.h"

#define ASK_MS 2000
#define SUFFIX_MOST 5 /* ".good" */

int nsd_ready(struct primary *p, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	return n->include != NULL ? include_read(n->include, err) : 0;
}

/* A name that is too long for a file is cut, as name_to_file() does it; NSD reads a '%' in its
 * configuration as the start of something else. */
static void cut_name(const char *zone, char out[NAME_FILE_SIZE])
{
	name_to_file(zone, out);
	for (char *s = out; (s = strchr(s, '%')) != NULL;)
		*s = '_';
}

/* false: the pattern's name for it is too long for a file. */
static bool file_of(const struct nsd *n, const char *zone, char out[NAME_FILE_SIZE])
{
	bool fits = strlen(zone) + strlen(".db") + SUFFIX_MOST <= NAME_FILE_SIZE - 1;
	if (fits)
		snprintf(out, NAME_FILE_SIZE, "%s.db", zone);
	else
		cut_name(zone, out);
	return fits || n->include != NULL;
}

int nsd_file(struct primary *p, const char *zone, char out[NAME_FILE_SIZE], struct err *err)
{
	const struct nsd *n = (const struct nsd *)p;
	if (!file_of(n, zone, out))
		return err_set(
		    err, "the name is too long for a file that NSD's pattern names; use nsd_conf");
	for (char *s = strchr(out, '/'); s != NULL; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdirat(p->dir, out, 0755); /* else writing the file says why not */
		*s = '/';
	}
	return 0;
}

/* 1: NSD has no such zone, 0: it has, and *ours: by our pattern. */
static int status(struct nsd *n, const char *zone, bool *ours, struct err *err)
{
	struct buf text = {0}, answer = {0};
	struct err why;
	buf_addf(&text, "zonestatus %s", zone);
	int r = control_run(n->control, buf_str(&text), NULL, &answer, &why);
	buf_reset(&text);
	buf_addf(&text, "\n\tpattern: %s\n", n->pattern);
	*ours = strstr(buf_str(&answer), buf_str(&text)) != NULL;
	buf_free(&text);
	buf_free(&answer);
	return r < 0 ? err_set(err, "%s", why.text) : r;
}

int nsd_owner(
    struct primary *p, const struct primary_work *w, const struct dnsq_item *a, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	bool ours;
	bool has_file = primary_has_file(p, w);
	if (n->include != NULL && include_file(n->include, w->item->name) != NULL)
		return OWNER_US;
	if (a->state == DNSQ_NOTSERVED && !has_file)
		return OWNER_NOBODY;
	int r = status(n, w->item->name, &ours, err);
	/* One that was taken out of the include file by somebody who died before NSD was told? */
	if (r == 0 && n->include != NULL && has_file) {
		r = control_run(n->control, "reconfig", NULL, NULL, err);
		n->settled = false;
		if (r >= 0)
			r = status(n, w->item->name, &ours, err);
	}
	return r < 0                        ? -1
	       : r > 0                      ? OWNER_NOBODY
	       : ours && n->include == NULL ? OWNER_US
					    : OWNER_OTHER;
}

bool nsd_elsewhere(struct primary *p, const struct primary_work *w)
{
	const struct nsd *n = (const struct nsd *)p;
	return n->include != NULL && include_elsewhere(n->include, p, w);
}

/* NSD answers stats_noreset when a reload is over, and starts one for it: the first may be one that
 * was under way when NSD was told of our file, the second has it. */
static int barrier(struct nsd *n, struct err *err)
{
	for (int i = 0; i < 2 && !n->settled; i++) {
		int r = control_run(n->control, "stats_noreset", NULL, NULL, err);
		if (r != 0)
			return r;
	}
	n->settled = true;
	return 0;
}

int nsd_through(struct primary *p, struct err *err)
{
	int r = barrier((struct nsd *)p, err);
	return r < 0 ? -1 : r == 0;
}

int nsd_shows(struct primary *p, const struct primary_work *w, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	struct dnsq_item item = {.zone = w->item->name};
	if (barrier(n, err) != 0 || dnsq_soa(p->dns, &item, 1, ASK_MS, err) < 0)
		return -1;
	return item.state == DNSQ_SERVED && item.serial == w->item->zone->serial;
}

int nsd_words(struct primary *p, const struct primary_work *w, struct err *why, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	struct dnsq_item item = {.zone = w->item->name};
	if (dnsq_soa(p->dns, &item, 1, ASK_MS, err) < 0)
		return -1;
	if (item.state == DNSQ_BROKEN && n->include == NULL)
		err_set(why,
		    "it has no data: can it read %s/%s, and has pattern %s zonefile: "
		    "\"%s/%%s.db\"?",
		    p->zones_dir, w->file, n->pattern, p->zones_dir);
	else if (item.state == DNSQ_BROKEN)
		err_set(why, "it has no data: can it read %s/%s?", p->zones_dir, w->file);
	return item.state == DNSQ_BROKEN ? PRIMARY_FAILED : PRIMARY_UNKNOWN;
}

/* The next zone of a zonestatus answer, "" when its name is none of ours; false: no more. */
static bool next_zone(const struct nsd *n, const char **at, char zone[NAME_SIZE], bool *ours)
{
	bool found = false;
	*ours = false;
	for (const char *line = *at; *line != '\0'; line += line[0] == '\n') {
		size_t len = strcspn(line, "\n");
		bool begins = strncmp(line, "zone:\t", 6) == 0;
		if (begins && found)
			break;
		if (begins && name_normalize(line + 6, len - 6, zone, NULL) < 0)
			zone[0] = '\0';
		found = found || begins;
		*ours = *ours ||
			(strncmp(line, "\tpattern: ", 10) == 0 && len - 10 == strlen(n->pattern) &&
			    strncmp(line + 10, n->pattern, len - 10) == 0);
		line += len;
		*at = line + (*line == '\n');
	}
	return found;
}

/* One zone that NSD has. */
static void list_one(struct nsd *n, struct primary_list *l, const char *zone, bool pattern)
{
	char file[NAME_FILE_SIZE];
	bool has_file = file_of(n, zone, file) && faccessat(n->p.dir, file, F_OK, 0) == 0;
	if (n->include == NULL && pattern)
		primary_list_add(l, &n->p, zone, file);
	/* With a file of ours it came after the include file was read. */
	else if (n->include == NULL || (include_file(n->include, zone) == NULL && !has_file))
		primary_list_foreign(l, zone);
}

int nsd_list(void *ctx, FILE *out, struct err *err)
{
	struct nsd *n = ctx;
	struct primary_list *l = primary_list_new();
	struct buf answer = {0};
	char zone[NAME_SIZE];
	bool pattern;
	int r = primary_ready(&n->p, err);
	for (size_t i = 0; r == 0 && n->include != NULL && i < include_count(n->include); i++) {
		const char *included = include_zone(n->include, i);
		primary_list_add(l, &n->p, included, include_file(n->include, included));
	}
	if (r == 0)
		r = control_run(n->control, "status", NULL, NULL, err) == 0 ? 0 : -1;
	if (r == 0)
		r = control_run(n->control, "zonestatus", NULL, &answer, err) == 0 ? 0 : -1;
	for (const char *at = buf_str(&answer); r == 0 && next_zone(n, &at, zone, &pattern);) {
		if (zone[0] != '\0')
			list_one(n, l, zone, pattern);
	}
	if (r == 0)
		r = primary_list_print(l, &n->p, out, err);
	primary_list_free(l);
	buf_free(&answer);
	return r;
}
