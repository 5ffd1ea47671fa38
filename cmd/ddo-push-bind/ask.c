/* What named itself has against a file: it takes a few that named-checkzone does not refuse. */
#include <string.h>

#include "base/clock.h"
#include "bind.h"

#define ASK_MS 2000
#define TRIES 2 /* one that began a moment ago may have ended by then */
#define TRY_MS 5
#define AGAIN_TRIES 200

/* What is around a file, in the words of named's results (isc_result_totext()); all else that named
 * says when it does not load one is about its content. */
bool ask_blames_file(const char *words)
{
	static const char *const around[] = {"file not found", "permission denied", "out of memory",
	    "no permission", "not found", "already exists", "no available", "too many open files",
	    "disk", "quota", "I/O error", "unexpected error", "ran out of space", "timed out",
	    "shutting down", "canceled", "busy", "not implemented", "dynamic zone"};
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		if (strcasestr(words, around[i]) != NULL)
			return false;
	}
	return words[0] != '\0' && strcmp(words, "failure") != 0;
}

enum { DONE, HAS_WORDS, BUSY };

#define ENDED 100 /* beside enum primary_state */

/* Tells named to load FILE if it is newer than what named has.  It is not: while a load is under
 * way named says "queued", and then "up-to-date".  A zone without data is loaded at once, and named
 * has words when that fails.  -1: named is gone.
 */
static int reload_old(struct bind *b, const struct primary_work *w, struct err *why)
{
	for (int i = 0; i < TRIES; i++) {
		struct buf text = {0};
		int r = bind_tell(b, "reload", w->item->name, NULL, &text, why);
		bool done = strstr(buf_str(&text), "up-to-date") != NULL;
		buf_free(&text);
		if (r != 0)
			return r < 0 ? -1 : HAS_WORDS;
		if (done)
			return DONE;
		clock_sleep_ms(TRY_MS);
	}
	return BUSY;
}

/* The serial of the file that named has loaded, which is not what it answers where named signs. */
static int has_loaded(struct bind *b, const struct primary_work *w, struct err *err)
{
	struct buf text = {0};
	struct err why;
	char line[32];
	int r = bind_tell(b, "zonestatus", w->item->name, NULL, &text, &why);
	snprintf(line, sizeof(line), "\nserial: %u\n", w->item->zone->serial);
	bool loaded = r == 0 && strstr(buf_str(&text), line) != NULL;
	buf_free(&text);
	return r < 0 ? err_set(err, "%s", why.text) : loaded;
}

/* named has ended all loads: does it have FILE?  0: no, and it was told of it. */
static int has_it(struct bind *b, const struct primary_work *w, struct err *err)
{
	struct dnsq_item item = {.zone = w->item->name};
	if (dnsq_soa(b->p.dns, &item, 1, ASK_MS, err) < 0)
		return -1;
	if (item.state == DNSQ_SERVED && item.serial != w->item->zone->serial)
		return has_loaded(b, w, err);
	if (item.state == DNSQ_SERVED && w->same_serial)
		return bind_shows(&b->p, w, err);
	return item.state != DNSQ_BROKEN;
}

int ask_load_words(const char *text, struct err *out)
{
	const char *start = strstr(text, "dns_zone_load");
	start = start == NULL ? NULL : strstr(start, " failed: ");
	if (start == NULL)
		return -1;
	start += strlen(" failed: ");
	err_set(out, "%.*s", (int)strcspn(start, "?\n"), start);
	return 0;
}

static int judge(const struct err *why)
{
	return ask_blames_file(why->text) ? PRIMARY_REFUSED : PRIMARY_FAILED;
}

/* An enum primary_state; ENDED: it does not serve FILE, and has no words. */
static int how_it_went(
    struct bind *b, const struct primary_work *w, struct err *why, struct err *err)
{
	if (zonefile_stamp_old(b->p.dir, w->file, why) != 0)
		return PRIMARY_UNKNOWN;
	int r = reload_old(b, w, why);
	zonefile_stamp(b->p.dir, w->file, 0, NULL);
	if (r < 0)
		return err_set(err, "%s", why->text);
	if (r == HAS_WORDS)
		return judge(why);
	if (r == BUSY)
		return PRIMARY_LOADING;
	r = has_it(b, w, err);
	return r < 0 ? -1 : r == 0 ? ENDED : PRIMARY_UNKNOWN;
}

/* named takes the same records elsewhere: it is made stricter in named.conf, or something was in
 * its way that may be gone.
 */
static int ask_again(struct bind *b, const struct primary_work *w, struct err *why, struct err *err)
{
	char words[400];
	if (check_strict(b, w, words, sizeof(words))) {
		err_set(why, "%s", words);
		return PRIMARY_REFUSED;
	}
	if (bind_tell(b, "reload", w->item->name, NULL, NULL, why) < 0)
		return err_set(err, "%s", why->text);
	int state = PRIMARY_LOADING;
	for (int i = 0; i < AGAIN_TRIES && state == PRIMARY_LOADING; i++)
		state = how_it_went(b, w, why, err);
	if (state != ENDED)
		return state;
	err_set(why, "it does not load it; its log says why");
	return PRIMARY_REFUSED;
}

static int ask(struct bind *b, const struct primary_work *w, struct err *why, struct err *err)
{
	int state = how_it_went(b, w, why, err);
	if (state != ENDED)
		return state;
	if (sample_words(b, w, why, err) < 0)
		return -1;
	return why->text[0] != '\0' ? judge(why) : ask_again(b, w, why, err);
}

/* Which set of records is it that a limit of named's may be about? */
static void add_counts(const struct zone *z, struct err *why)
{
	char owner[KNOT_DNAME_TXT_MAXLEN + 1], type[32];
	size_t most = 0, types = 1, most_types = 0, name = 0;
	for (size_t i = 0; i < z->count; i++) {
		if (z->rrsets[i].rrs.count > z->rrsets[most].rrs.count)
			most = i;
		types = i > 0 && knot_dname_is_equal(z->rrsets[i].owner, z->rrsets[i - 1].owner)
			    ? types + 1
			    : 1;
		if (types > most_types) {
			most_types = types;
			name = i;
		}
	}
	const knot_rrset_t *set = &z->rrsets[most];
	if (set->rrs.count < most_types) {
		knot_dname_to_str(owner, z->rrsets[name].owner, sizeof(owner));
		err_set(
		    why, "%s: %zu types at %s (max-types-per-name)", why->text, most_types, owner);
		return;
	}
	knot_dname_to_str(owner, set->owner, sizeof(owner));
	knot_rrtype_to_string(set->type, type, sizeof(type));
	err_set(
	    why, "%s: %u %s at %s (max-records-per-type)", why->text, set->rrs.count, type, owner);
}

/* named's result alone may be a class of faults. */
void ask_add_words(const struct bind *b, const struct primary_work *w, struct err *why)
{
	char words[400];
	if (strstr(why->text, "too many records") != NULL)
		add_counts(w->item->zone, why);
	else if (strcmp(why->text, "bad zone") == 0 && check_strict(b, w, words, sizeof(words)))
		err_set(why, "%s", words);
}

int ask_words(struct primary *p, const struct primary_work *w, struct err *why, struct err *err)
{
	struct bind *b = (struct bind *)p;
	if (w->step == STEP_DEL)
		return PRIMARY_UNKNOWN;
	int state = ask(b, w, why, err);
	if (state == PRIMARY_REFUSED)
		ask_add_words(b, w, why);
	return state;
}

bool ask_refuses(struct primary *p, const struct primary_work *w, char *reason, size_t size)
{
	struct err why = {""}, err;
	if (check_refuses(p, w, reason, size))
		return true;
	/* The time of the last load, which proves something then, is in seconds: too early. */
	if (w->same_serial || ask_words(p, w, &why, &err) != PRIMARY_REFUSED)
		return false;
	snprintf(reason, size, "%.*s", (int)size - 1, why.text);
	return true;
}
