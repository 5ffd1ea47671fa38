/* confirm_sets: does the server answer what is in the zones, RRset by RRset?
 *
 * An SOA with the new serial proves that the server read the zone's table, and not that its parser
 * takes each row.  So ddo asks for the RRsets that were changed, and for those of rarer types and
 * odd names, which an earlier push may have left unanswered.  When nothing was changed, as in a
 * retry, it asks for all.  Of many RRsets it asks for a sample: of the odd ones only when there are
 * very many, of the plain ones as many as do not slow down a batch of zones.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "push/confirm.h"
#include "push/confirm_private.h"

#define SETS_MOST 200  /* of a zone */
#define PLAIN_MOST 200 /* of a batch, besides the odd ones */
#define ODD_MOST 10000 /* of a batch; then fewer of each zone, not less than ODD_LEAST */
#define ODD_LEAST 4
#define STEADY_MS 1000   /* SERVFAIL for so long is no hiccup */
#define UNCACHED_MS 5000 /* for a server that reads its tables at each question */

static bool is_plain_name(const knot_dname_t *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-_*";
	for (; *name != 0; name += *name + 1) {
		for (uint8_t i = 1; i <= *name; i++) {
			if (name[i] == 0 || strchr(plain, name[i]) == NULL)
				return false;
		}
	}
	return true;
}

/* Every server takes the other types as ddo writes them. */
static bool is_odd(const knot_rrset_t *set)
{
	switch (set->type) {
	case KNOT_RRTYPE_A:
	case KNOT_RRTYPE_AAAA:
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_PTR:
	case KNOT_RRTYPE_MX:
	case KNOT_RRTYPE_TXT:
	case KNOT_RRTYPE_SRV:
	case KNOT_RRTYPE_CAA:
		return !is_plain_name(set->owner);
	default:
		return true;
	}
}

/* Does the server answer with just this set?  Not where it signs with its own keys (DNSSEC), at or
 * below a delegation (RFC 1034 section 4.3.2), or below a DNAME.  The SOA was asked for before. */
static bool is_answered(const struct zone *z, const knot_rrset_t *set)
{
	switch (set->type) {
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_RRSIG:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
	case KNOT_RRTYPE_NSEC3PARAM:
	case KNOT_RRTYPE_DNSKEY:
	case KNOT_RRTYPE_CDNSKEY:
	case KNOT_RRTYPE_CDS:
		return false;
	default:
		break;
	}
	for (const knot_dname_t *n = set->owner; !knot_dname_is_equal(n, z->apex);) {
		bool own = n == set->owner;
		if (zone_find(z, n, KNOT_RRTYPE_NS) != NULL &&
		    !(own && set->type == KNOT_RRTYPE_DS))
			return false;
		n += *n + 1;
		if (zone_find(z, n, KNOT_RRTYPE_DNAME) != NULL)
			return false;
	}
	return true;
}

static void add_question(struct questions *qs, size_t item, const knot_rrset_t *set)
{
	if (qs->count == qs->cap) {
		qs->cap = qs->cap == 0 ? 64 : qs->cap * 2;
		qs->list = mem_resize(qs->list, qs->cap, sizeof(*qs->list));
	}
	qs->list[qs->count++] = (struct question){.item = item, .set = set, .open = true};
}

/* Up to `most` of them, evenly spread. */
static void add_some(
    struct questions *qs, size_t item, const knot_rrset_t **list, size_t count, size_t most)
{
	size_t n = count < most ? count : most;
	for (size_t i = 0; i < n; i++)
		add_question(qs, item, list[i * count / n]);
}

/* At most `odd` odd RRsets and `plain` plain ones. */
static void choose(struct questions *qs, size_t item, const struct zone *z,
    const struct changed *changed, size_t odd, size_t plain)
{
	const knot_rrset_t **odds = mem_alloc((z->count + 1) * sizeof(*odds));
	const knot_rrset_t **plains = mem_alloc((z->count + 1) * sizeof(*plains));
	size_t nodd = 0, nplain = 0;
	bool all = changed->count == 0;
	for (size_t i = 0; i < z->count; i++) {
		const knot_rrset_t *set = &z->rrsets[i];
		if (is_odd(set) && is_answered(z, set))
			odds[nodd++] = set;
		else if (all && plain > 0 && !is_odd(set) && is_answered(z, set))
			plains[nplain++] = set;
	}
	for (size_t i = 0; plain > 0 && i < changed->count && nplain < z->count; i++) {
		if (!is_odd(changed->list[i]) && is_answered(z, changed->list[i]))
			plains[nplain++] = changed->list[i];
	}
	add_some(qs, item, odds, nodd, odd);
	add_some(qs, item, plains, nplain, plain);
	free(odds);
	free(plains);
}

void questions_choose(struct questions *qs, const struct push_item *items,
    const struct changed *changed, size_t count)
{
	size_t zones = 0, nth = 0, odd;
	for (size_t i = 0; i < count; i++)
		zones += items[i].result == PUSH_OK && items[i].zone != NULL;
	odd = zones == 0 ? 0 : ODD_MOST / zones;
	odd = odd > SETS_MOST ? SETS_MOST : odd < ODD_LEAST ? ODD_LEAST : odd;
	for (size_t i = 0; i < count; i++) {
		if (items[i].result != PUSH_OK || items[i].zone == NULL)
			continue;
		/* Each zone gets its share of PLAIN_MOST; with more zones, only some get one. */
		size_t plain = PLAIN_MOST * (nth + 1) / zones - PLAIN_MOST * nth / zones;
		choose(qs, i, items[i].zone, &changed[i], odd, plain);
		nth++;
	}
}

size_t questions_put(const struct questions *qs, struct dnsq_item *ask)
{
	size_t n = 0;
	for (size_t i = 0; i < qs->count; i++) {
		if (qs->list[i].open)
			ask[n++].set = qs->list[i].set;
	}
	return n;
}

size_t questions_take(struct questions *qs, const struct dnsq_item *answers)
{
	size_t left = 0, k = 0;
	for (size_t i = 0; i < qs->count; i++) {
		struct question *q = &qs->list[i];
		if (!q->open)
			continue;
		q->state = answers[k++].state;
		q->open = q->state != DNSQ_SERVED;
		left += q->open;
	}
	return left;
}

/* Closes the questions about zones that have their result.  Returns how many are left. */
static size_t drop_done(struct questions *qs, const struct push_item *items)
{
	size_t left = 0;
	for (size_t i = 0; i < qs->count; i++) {
		qs->list[i].open = qs->list[i].open && items[qs->list[i].item].result == PUSH_OK;
		left += qs->list[i].open;
	}
	return left;
}

/* A name between the set's and the apex may be a zone of its own at that server, though there is no
 * delegation: then that zone answers. */
static int look_into(const struct confirm_rows *c, const struct push_item *items,
    struct question *q, struct err *err)
{
	struct dnsq_item asked[KNOT_DNAME_MAXLABELS] = {{0}};
	static const knot_dname_t root[1];
	char names[KNOT_DNAME_MAXLABELS][NAME_SIZE];
	const knot_dname_t *apex = items[q->item].zone->apex;
	size_t n = 0;
	q->looked_into = true;
	for (const knot_dname_t *name = q->set->owner;
	     !knot_dname_is_equal(name, apex) && !knot_dname_is_equal(name, root);
	     name += *name + 1) {
		knot_dname_txt_storage_t text;
		if (knot_dname_to_str(text, name, sizeof(text)) == NULL ||
		    name_normalize(text, strlen(text), names[n], NULL) < 0)
			continue;
		asked[n].zone = names[n];
		n++;
	}
	int r = n == 0 ? 0 : dnsq_ask(c->dns, asked, n, CONFIRM_ASK_MS, err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (asked[i].state == DNSQ_SERVED)
			q->open = false;
	}
	return r;
}

static int look_into_all(const struct confirm_rows *c, const struct push_item *items,
    struct questions *qs, size_t *left, struct err *err)
{
	int r = 0;
	*left = 0;
	for (size_t i = 0; r == 0 && i < qs->count; i++) {
		struct question *q = &qs->list[i];
		if (q->open && !q->looked_into && q->state != DNSQ_NOANSWER)
			r = look_into(c, items, q, err);
		*left += q->open;
	}
	return r;
}

static void say(const struct confirm_rows *c, struct push_item *item, const struct question *q,
    enum push_result result)
{
	knot_dname_txt_storage_t owner;
	char type[16];
	if (knot_dname_to_str(owner, q->set->owner, sizeof(owner)) == NULL ||
	    knot_rrtype_to_string(q->set->type, type, sizeof(type)) < 0)
		owner[0] = type[0] = '\0';
	item->result = result;
	err_set(&item->reason, "written, but %s answers %s to %s %s", c->server,
	    q->state == DNSQ_BROKEN     ? "SERVFAIL"
	    : q->state == DNSQ_NOANSWER ? "nothing"
					: "something else",
	    owner, type);
}

/* Is the fault the RRset, and not the zone or the server? */
static bool serves_zone(const struct confirm_rows *c, const struct push_item *item)
{
	struct dnsq_item soa = {.zone = item->name};
	struct err ignored;
	return dnsq_ask(c->dns, &soa, 1, CONFIRM_ASK_MS, &ignored) == 0 &&
	       soa.state == DNSQ_SERVED && soa.serial == item->zone->serial;
}

/* A refusal is the zone's result, before all else, and ends the questions about it. */
static size_t refuse_broken(
    const struct confirm_rows *c, struct push_item *items, struct questions *qs)
{
	for (size_t i = 0; i < qs->count; i++) {
		struct question *q = &qs->list[i];
		struct push_item *item = &items[q->item];
		if (q->open && q->state == DNSQ_BROKEN && item->result == PUSH_OK &&
		    serves_zone(c, item))
			say(c, item, q, PUSH_FAIL);
	}
	return drop_done(qs, items);
}

struct waiting {
	const struct confirm_rows *c;
	struct push_item *items;
	struct questions *qs;
	int64_t start;
};

static size_t ask(void *ctx, struct dnsq_item *ask)
{
	const struct waiting *w = ctx;
	return drop_done(w->qs, w->items) == 0 ? 0 : questions_put(w->qs, ask);
}

static int take(void *ctx, const struct dnsq_item *answers, size_t *open, struct err *err)
{
	const struct waiting *w = ctx;
	int64_t now = clock_mono_ms();
	*open = questions_take(w->qs, answers);
	if (*open > 0 && look_into_all(w->c, w->items, w->qs, open, err) < 0)
		return -1;
	if (*open > 0 && now >= w->start + STEADY_MS)
		*open = refuse_broken(w->c, w->items, w->qs);
	return 0;
}

static int nudge(void *ctx, struct err *err)
{
	const struct waiting *w = ctx;
	struct push_item **late = mem_alloc((w->qs->count + 1) * sizeof(struct push_item *));
	size_t n = 0;
	for (size_t i = 0; i < w->qs->count; i++) {
		struct push_item *item = &w->items[w->qs->list[i].item];
		if (w->qs->list[i].open && (n == 0 || late[n - 1] != item))
			late[n++] = item;
	}
	int r = n == 0 ? 0 : w->c->nudge(w->c->ctx, late, n, err);
	free(late);
	return r;
}

static int give_up(void *ctx, int64_t waited_ms, struct err *err)
{
	const struct waiting *w = ctx;
	(void)waited_ms;
	(void)err;
	for (size_t i = 0; i < w->qs->count; i++) {
		const struct question *q = &w->qs->list[i];
		if (q->open && w->items[q->item].result == PUSH_OK)
			say(w->c, &w->items[q->item], q, PUSH_DEFER);
	}
	return 0;
}

int confirm_sets(const struct confirm_rows *c, struct push_item *items, struct questions *qs,
    int64_t until, struct err *err)
{
	struct waiting w = {.c = c, .items = items, .qs = qs, .start = clock_mono_ms()};
	int64_t left_ms = until - w.start;
	if (c->remembers && left_ms > UNCACHED_MS)
		left_ms = UNCACHED_MS;
	const struct confirm loop = {.dns = c->dns,
	    .pause_most_ms = CONFIRM_PAUSE_MOST_MS,
	    .nudge_ms = CONFIRM_NUDGE_MS,
	    .patience_ms = left_ms > STEADY_MS ? left_ms : STEADY_MS,
	    .ask = ask,
	    .room = qs->count,
	    .take = take,
	    .nudge = c->nudge == NULL ? NULL : nudge,
	    .late = give_up,
	    .ctx = &w};
	int r = confirm_wait(&loop, err);
	for (size_t i = 0; r < 0 && i < qs->count; i++) {
		struct push_item *item = &items[qs->list[i].item];
		if (qs->list[i].open && item->result == PUSH_OK)
			item->result = PUSH_UNDONE;
	}
	return r;
}
