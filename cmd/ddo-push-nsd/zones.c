/* zones: what NSD has, and from where. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nsd.h"

#define ASK_MS 2000

/* 1: NSD has no such zone, 0: it has, and *ours: by our pattern. */
static int status(struct nsd *n, const char *zone, bool *ours, struct err *err)
{
	struct buf text = {0}, answer = {0};
	struct err why;
	buf_addf(&text, "zonestatus %s", zone);
	int r = control_command(n->control, buf_str(&text), NULL, &answer, &why);
	buf_reset(&text);
	buf_addf(&text, "\n\tpattern: %s\n", n->pattern);
	*ours = strstr(buf_str(&answer), buf_str(&text)) != NULL;
	buf_free(&text);
	buf_free(&answer);
	return r < 0 ? err_set(err, "%s", why.text) : r;
}

int nsd_owner(struct primary *p, const struct work *w, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	bool ours;
	bool has_file = zonefile_exists(p->dir, w->file, "");
	if (p->list != NULL && include_file(p->list, w->item->name) != NULL)
		return include_elsewhere(p->list, p, w) ? OWNER_US_ELSEWHERE : OWNER_US;
	if (w->answer.state == DNSQ_NOTSERVED && !has_file)
		return OWNER_NOBODY;
	int r = status(n, w->item->name, &ours, err);
	/* Did a ddo-push-nsd take it out of the list, and die before it told NSD? */
	if (r == 0 && p->list != NULL && has_file) {
		r = control_command(n->control, "reconfig", NULL, NULL, err);
		n->idle = false;
		if (r >= 0)
			r = status(n, w->item->name, &ours, err);
	}
	return r < 0 ? -1 : r > 0 ? OWNER_NOBODY : ours && p->list == NULL ? OWNER_US : OWNER_OTHER;
}

/* NSD answers stats_noreset when a reload is over, and starts one for it: the first may be one that
 * was under way when NSD was told of our file, the second has it. */
static int barrier(struct nsd *n, struct err *err)
{
	for (int i = 0; i < 2 && !n->idle; i++) {
		int r = control_command(n->control, "stats_noreset", NULL, NULL, err);
		if (r != 0)
			return r;
	}
	n->idle = true;
	return 0;
}

int nsd_shows(struct primary *p, const struct work *w, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	if (w != NULL && w->state == WORK_PLANNED)
		return 1;
	int r = barrier(n, err);
	if (w == NULL)
		return r < 0 ? -1 : r == 0;
	struct dnsq_item item = {.zone = w->item->name};
	if (r != 0 || dnsq_ask(p->dns, &item, 1, ASK_MS, err) < 0)
		return -1;
	return item.state == DNSQ_SERVED && item.serial == w->item->zone->serial;
}

int nsd_outcome(struct primary *p, const struct work *w, struct err *why, struct err *err)
{
	struct nsd *n = (struct nsd *)p;
	struct dnsq_item item = {.zone = w->item->name};
	if (dnsq_ask(p->dns, &item, 1, ASK_MS, err) < 0)
		return -1;
	if (item.state == DNSQ_BROKEN && n->p.list == NULL)
		err_set(why,
		    "it has no data: can it read %s/%s, and has pattern %s zonefile: "
		    "\"%s/%%s.db\"?",
		    p->zones_dir, w->file, n->pattern, p->zones_dir);
	else if (item.state == DNSQ_BROKEN)
		err_set(why, "it has no data: can it read %s/%s?", p->zones_dir, w->file);
	return item.state == DNSQ_BROKEN ? OUTCOME_FAILED : OUTCOME_UNKNOWN;
}

/* The next zone of a zonestatus answer, "" when ddo takes no such name; false: no more. */
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
	bool has_name = zonefile_name(zone, true, file) || n->p.list != NULL;
	bool has_file = has_name && faccessat(n->p.dir, file, F_OK, 0) == 0;
	if (n->p.list == NULL && pattern)
		primary_list_add(l, &n->p, zone, file);
	/* With a file of ours, it was added after the list was read. */
	else if (n->p.list == NULL || (include_file(n->p.list, zone) == NULL && !has_file))
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
	for (size_t i = 0; r == 0 && n->p.list != NULL && i < include_count(n->p.list); i++) {
		const char *included = include_zone(n->p.list, i);
		primary_list_add(l, &n->p, included, include_file(n->p.list, included));
	}
	if (r == 0)
		r = control_command(n->control, "status", NULL, NULL, err) == 0 ? 0 : -1;
	if (r == 0)
		r = control_command(n->control, "zonestatus", NULL, &answer, err) == 0 ? 0 : -1;
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
