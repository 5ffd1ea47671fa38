/* ask: what named itself has against a file that named-checkzone does not refuse. */
#include <string.h>

#include "base/clock.h"
#include "bind.h"

#define ASK_MS 2000
#define TRIES 2 /* a load that began a moment ago may have ended by then */
#define TRY_MS 5
#define AGAIN_TRIES 200

enum { DONE, HAS_WORDS, BUSY };

#define ENDED 100 /* besides enum primary_outcome */

/* Tells named to load FILE if it is newer than what named has, which it is not.  During a load
 * named says "queued", and then "up-to-date".  It loads a zone without data at once, and gives a
 * reason when that fails.  -1: named is gone. */
static int reload_old(struct bind *b, const struct work *w, struct err *why)
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
static int has_loaded(struct bind *b, const struct work *w, struct err *err)
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

/* named has ended all loads: does it have FILE?  0: no, though it was told of it. */
static int has_it(struct bind *b, const struct work *w, struct err *err)
{
	struct dnsq_item item = {.zone = w->item->name};
	if (dnsq_ask(b->p.dns, &item, 1, ASK_MS, err) < 0)
		return -1;
	if (item.state == DNSQ_SERVED && item.serial != w->item->zone->serial)
		return has_loaded(b, w, err);
	if (item.state == DNSQ_SERVED && w->same_serial)
		return bind_shows(&b->p, w, err);
	return item.state != DNSQ_BROKEN;
}

static int judge(const struct err *why)
{
	return reason_blames_file(why->text) ? OUTCOME_REFUSED : OUTCOME_FAILED;
}

/* An enum primary_outcome; ENDED: named does not serve FILE, and does not say why. */
static int outcome_of_load(struct bind *b, const struct work *w, struct err *why, struct err *err)
{
	if (zonefile_stamp_old(b->p.dir, w->file, why) != 0)
		return OUTCOME_UNKNOWN;
	int r = reload_old(b, w, why);
	zonefile_stamp(b->p.dir, w->file, 0, NULL);
	if (r < 0)
		return err_set(err, "%s", why->text);
	if (r == HAS_WORDS)
		return judge(why);
	if (r == BUSY)
		return OUTCOME_LOADING;
	r = has_it(b, w, err);
	return r < 0 ? -1 : r == 0 ? ENDED : OUTCOME_UNKNOWN;
}

/* named takes the same records under another name.  So named.conf is stricter about this zone, or
 * something was in the way that may be gone. */
static int ask_again(struct bind *b, const struct work *w, struct err *why, struct err *err)
{
	char words[400];
	if (check_strict(b, w, words, sizeof(words))) {
		err_set(why, "%s", words);
		return OUTCOME_REFUSED;
	}
	if (bind_tell(b, "reload", w->item->name, NULL, NULL, why) < 0)
		return err_set(err, "%s", why->text);
	int state = OUTCOME_LOADING;
	for (int i = 0; i < AGAIN_TRIES && state == OUTCOME_LOADING; i++)
		state = outcome_of_load(b, w, why, err);
	if (state != ENDED)
		return state;
	err_set(why, "it does not load it; its log says why");
	return OUTCOME_REFUSED;
}

static int ask(struct bind *b, const struct work *w, struct err *why, struct err *err)
{
	int state = outcome_of_load(b, w, why, err);
	if (state != ENDED)
		return state;
	if (sample_words(b, w, why, err) < 0)
		return -1;
	return why->text[0] != '\0' ? judge(why) : ask_again(b, w, why, err);
}

int ask_outcome(struct primary *p, const struct work *w, struct err *why, struct err *err)
{
	struct bind *b = (struct bind *)p;
	if (w->op == OP_DEL)
		return OUTCOME_UNKNOWN;
	int outcome = ask(b, w, why, err);
	if (outcome == OUTCOME_REFUSED)
		reason_add_details(b, w, why);
	return outcome;
}

static bool sample_refused(struct bind *b, const struct work *w, struct err *why)
{
	struct err err;
	if (sample_words(b, w, why, &err) < 0 || why->text[0] == '\0' ||
	    judge(why) != OUTCOME_REFUSED)
		return false;
	reason_add_details(b, w, why);
	return true;
}

bool ask_refuses(
    struct primary *p, const struct work *w, enum primary_stage stage, char *reason, size_t size)
{
	struct err why = {""}, err;
	if (stage != STAGE_FILE)
		return false;
	if (check_refuses((struct bind *)p, w, reason, size))
		return true;
	/* With the same serial only the time of the last load proves something, in seconds: it is
	 * too early to ask for that. */
	if (w->same_serial ? !sample_refused((struct bind *)p, w, &why)
			   : ask_outcome(p, w, &why, &err) != OUTCOME_REFUSED)
		return false;
	snprintf(reason, size, "%.*s", (int)size - 1, why.text);
	return true;
}
