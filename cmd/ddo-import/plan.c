/* plan: zones, their texts, and the lines that tell of them. */
#include "plan.h"

#include <errno.h>
#include <jansson.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/door.h"
#include "store/store.h"

static const char *const words[PLAN_WHATS] = {
    "read", "take", "same", "skip", "older", "left", "held", "missing", "refused", "failed"};

static char *cleaned(const char *text)
{
	char *copy = mem_dup(text);
	err_clean(copy);
	return copy;
}

void plan_line(
    struct plan *p, enum plan_what what, const char *zone, const char *where, const char *fmt, ...)
{
	struct err why;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why.text, sizeof(why.text), fmt, ap);
	va_end(ap);
	if (p->nlines == p->lines_cap) {
		p->lines_cap = p->lines_cap == 0 ? 64 : p->lines_cap * 2;
		p->lines = mem_resize(p->lines, p->lines_cap, sizeof(*p->lines));
	}
	p->lines[p->nlines++] = (struct plan_line){.what = what,
	    .zone = cleaned(zone == NULL || zone[0] == '\0' ? "-" : zone),
	    .where = cleaned(where),
	    .why = cleaned(why.text)};
	p->counts[what]++;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct plan_zone *)a)->name, ((const struct plan_zone *)b)->name);
}

struct plan_zone *plan_find(struct plan *p, const char *normal)
{
	struct plan_zone key;
	snprintf(key.name, sizeof(key.name), "%s", normal);
	struct plan_zone **found = tfind(&key, &p->tree, by_name);
	return found == NULL ? NULL : *found;
}

struct plan_zone *plan_know(struct plan *p, const char *name, size_t len, const char *where)
{
	char normal[NAME_SIZE];
	struct err why;
	if (name_normalize(name, len, normal, &why) < 0 || door_name(p->conf, normal, &why) < 0) {
		char *shown = mem_dupn(name, len < NAME_SIZE ? len : NAME_SIZE);
		plan_line(p, PLAN_REFUSED, shown, where, "%s", why.text);
		free(shown);
		return NULL;
	}
	struct plan_zone *z = plan_find(p, normal);
	if (z != NULL)
		return z;
	if (p->nzones == p->cap) {
		p->cap = p->cap == 0 ? 64 : p->cap * 2;
		p->zones = mem_resize(p->zones, p->cap, sizeof(*p->zones));
	}
	z = p->zones[p->nzones++] = mem_alloc(sizeof(*z));
	snprintf(z->name, sizeof(z->name), "%s", normal);
	tsearch(z, &p->tree, by_name);
	return z;
}

void plan_own(struct plan *p, struct plan_zone *z, enum plan_source source, const char *origin,
    const char *user, const char *where)
{
	char host[NAME_SIZE] = "", name[65] = "";
	struct err why;
	if (origin == NULL || origin[0] == '\0')
		return;
	if (z->origin[0] != '\0' && source != FROM_SAVE && source <= z->owner)
		return;
	if (name_normalize_host(origin, strlen(origin), host, &why) < 0) {
		plan_line(p, PLAN_LEFT, z->name, where, "no owner: %s", why.text);
		return;
	}
	if (user != NULL && user[0] != '\0' && name_check_user(user, strlen(user), name, &why) < 0)
		plan_line(p, PLAN_LEFT, z->name, where, "no user: %s", why.text);
	memcpy(z->origin, host, sizeof(host));
	memcpy(z->user, name, sizeof(name));
	z->owner = source;
}

static bool wins(const struct plan_zone *z, enum plan_source source, uint32_t serial)
{
	if (z->text == NULL || source == FROM_SAVE)
		return true;
	if (z->source == FROM_SAVE)
		return false;
	if (serial != z->serial)
		return store_serial_less(z->serial, serial);
	return source > z->source || (source == z->source && source == FROM_RETRY);
}

/* A text of another digest is left aside: the plan has both serials, so that a person can judge. */
static void tell_older(
    struct plan *p, const struct plan_zone *z, const char *where, uint32_t serial)
{
	plan_line(p, PLAN_OLDER, z->name, where,
	    z->source == FROM_SAVE ? "serial %u; a waiting save came later, serial %u"
				   : "serial %u; another text has serial %u",
	    serial, z->serial);
}

int plan_offer(struct plan *p, struct plan_zone *z, enum plan_source source, const char *where,
    const char *text, size_t len)
{
	struct zone *parsed;
	struct err why;
	if (len > p->conf->max_body) {
		plan_line(p, PLAN_REFUSED, z->name, where,
		    "the text is larger than app.max_body_bytes, %zu bytes", p->conf->max_body);
		return -1;
	}
	if (door_parse(p->conf, z->name, text, len, &parsed, &why) < 0) {
		plan_line(p, PLAN_REFUSED, z->name, where, "%s", why.text);
		return -1;
	}
	bool won = wins(z, source, parsed->serial);
	bool differs = z->text != NULL && strcmp(z->digest, parsed->digest) != 0;
	bool saves = source == FROM_SAVE && z->text != NULL && z->source == FROM_SAVE;
	struct plan_zone was = *z;
	if (won) {
		z->text = mem_dupn(text, len);
		z->len = len;
		z->source = source;
		z->where = mem_dup(where);
		z->serial = parsed->serial;
		snprintf(z->digest, sizeof(z->digest), "%s", parsed->digest);
		z->left_out = zone_left_out(parsed, &why) ? mem_dup(why.text) : NULL;
		if (differs && !saves)
			tell_older(p, z, was.where, was.serial);
		free(was.text);
		free(was.where);
		free(was.left_out);
	} else if (differs) {
		tell_older(p, z, where, parsed->serial);
	}
	zone_free(parsed);
	return 0;
}

static void tell_take(struct plan *p, const struct plan_zone *z)
{
	static const char *const sources[] = {"", "a retry, ", "", "a waiting save, "};
	struct buf why = {0};
	buf_addf(&why, "%sserial %u", sources[z->source], z->serial);
	if (z->origin[0] != '\0')
		buf_addf(&why, ", owner %s", z->origin);
	if (z->user[0] != '\0')
		buf_addf(&why, ", user %s", z->user);
	if (z->left_out != NULL)
		buf_addf(&why, "; %s", z->left_out);
	plan_line(p, PLAN_TAKE, z->name, z->where, "%s", buf_str(&why));
	buf_free(&why);
}

static void settle_zone(
    struct plan *p, struct plan_zone *z, const struct store_zone *there, bool known)
{
	if (known && there->deleted && there->wanted)
		plan_line(p, PLAN_SKIP, z->name, z->where,
		    "ddo-reconcile will fetch it from its DirectAdmin");
	else if (known && there->deleted)
		plan_line(p, PLAN_SKIP, z->name, z->where, "it was deleted in ddo");
	else if (known && strcmp(there->digest, z->digest) == 0)
		plan_line(p, PLAN_SAME, z->name, z->where, "ddo has it, serial %u", there->serial);
	else if (known)
		plan_line(p, PLAN_SKIP, z->name, z->where,
		    "ddo has another text, serial %u; this one has %u", there->serial, z->serial);
	else
		z->take = true;
	if (!z->take)
		return;
	if (z->origin[0] == '\0' && p->origin != NULL)
		snprintf(z->origin, sizeof(z->origin), "%s", p->origin);
	z->seen = known ? there->seq : 0;
	tell_take(p, z);
}

int plan_settle(struct plan *p, struct err *err)
{
	struct store *store = NULL;
	if (store_open(&store, p->conf->db_path, STORE_READ, err) < 0 && errno != ENOENT)
		return -1;
	int r = 0;
	for (size_t i = 0; r >= 0 && i < p->nzones; i++) {
		struct plan_zone *z = p->zones[i];
		struct store_zone there = {0};
		if (z->text == NULL) {
			plan_line(p, PLAN_MISSING, z->name, "-", "no text of it that ddo takes");
			continue;
		}
		r = store == NULL ? 0 : store_get(store, z->name, &there, NULL, err);
		if (r >= 0)
			settle_zone(p, z, &there, r > 0);
	}
	store_close(store);
	return r < 0 ? -1 : 0;
}

static int by_zone(const void *a, const void *b)
{
	const struct plan_line *x = a, *y = b;
	int c = (int)(x->what != PLAN_READ) - (int)(y->what != PLAN_READ);
	if (c == 0)
		c = strcmp(x->zone, y->zone);
	if (c == 0)
		c = (int)x->what - (int)y->what;
	if (c == 0)
		c = strcmp(x->where, y->where);
	return c != 0 ? c : strcmp(x->why, y->why);
}

void plan_print(struct plan *p, bool json)
{
	if (p->nlines > 0)
		qsort(p->lines, p->nlines, sizeof(*p->lines), by_zone);
	for (size_t i = 0; i < p->nlines; i++) {
		const struct plan_line *l = &p->lines[i];
		if (!json) {
			printf("%s\t%s\t%s\t%s\n", words[l->what], l->zone, l->where, l->why);
			continue;
		}
		json_t *o = json_pack("{s:s,s:s,s:s,s:s}", "what", words[l->what], "zone", l->zone,
		    "where", l->where, "why", l->why);
		json_dumpf(o, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(o);
	}
}

size_t plan_bad(const struct plan *p)
{
	return p->counts[PLAN_MISSING] + p->counts[PLAN_REFUSED] + p->counts[PLAN_FAILED];
}
