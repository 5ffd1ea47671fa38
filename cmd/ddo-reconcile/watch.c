/* watch: what an operator should know, and ddo does nothing about. */
#include <string.h>

#include "base/clock.h"
#include "dns/zone.h"
#include "reconcile.h"

#define UNSIGNED_DAYS 30 /* that a zone which became unsigned is named */

/* Signatures' times are 32 bits that wrap around (RFC 4034 section 3.1.5). */
static int64_t expiration(const struct zone *z, int64_t now, const knot_rrset_t **which)
{
	int64_t first = INT64_MAX;
	for (size_t i = 0; i < z->count; i++) {
		const knot_rrset_t *set = &z->rrsets[i];
		const knot_rdata_t *rr = set->rrs.rdata;
		for (uint16_t k = 0; set->type == KNOT_RRTYPE_RRSIG && k < set->rrs.count; k++) {
			int64_t when =
			    now + (int32_t)(knot_rrsig_sig_expiration(rr) - (uint32_t)now);
			if (when < first) {
				first = when;
				*which = set;
			}
			rr = knot_rdataset_next((knot_rdata_t *)rr);
		}
	}
	return first;
}

static void look_at_signatures(void *arg, const char *name, const char *text, size_t len)
{
	struct run *r = arg;
	struct zone *z;
	const struct row *row = snapshot_find(r, name);
	const knot_rrset_t *set = NULL;
	char when[32], covered[32] = "", owner[KNOT_DNAME_TXT_MAXLEN + 1] = "";
	if (row == NULL || zone_parse(row->name, text, len, 0, &z, NULL) < 0)
		return;
	int64_t first = expiration(z, r->started, &set);
	if (set != NULL)
		json_object_set_new(r->signed_zones, row->name, json_true());
	int64_t limit = r->started + (int64_t)r->conf->reconcile.rrsig_days * 86400;
	if (set != NULL && first < limit && plan_about(r, row->name)) {
		clock_rfc3339(first, when);
		knot_rrtype_to_string(
		    knot_rrsig_type_covered(set->rrs.rdata), covered, sizeof(covered));
		knot_dname_to_str(owner, set->owner, sizeof(owner));
		plan_add(r, ACT_WATCH, row->name, "-", "the RRSIG of %s %s %s %s", owner, covered,
		    first < r->started ? "expired" : "expires", when);
	}
	zone_free(z);
}

/* Signed at the last run, live and not signed now: since then. */
static void became_unsigned(struct run *r)
{
	json_t *memory = json_object_get(r->last, "memory"), *value;
	json_t *before = json_object_get(memory, "signed");
	json_t *known = json_object_get(memory, "unsigned");
	const char *zone;
	json_object_foreach(before, zone, value)
	{
		json_object_set_new(r->unsigned_zones, zone, json_integer(r->started));
	}
	json_object_foreach(known, zone, value)
	{
		if (json_integer_value(value) > r->started - UNSIGNED_DAYS * 86400)
			json_object_set(r->unsigned_zones, zone, value);
	}
	void *next;
	json_object_foreach_safe(r->unsigned_zones, next, zone, value)
	{
		const struct row *row = snapshot_find(r, zone);
		char since[32];
		if (row == NULL || row->deleted || json_object_get(r->signed_zones, zone) != NULL) {
			json_object_del(r->unsigned_zones, zone);
			continue;
		}
		clock_rfc3339(json_integer_value(value), since);
		if (plan_about(r, zone))
			plan_add(r, ACT_WATCH, row->name, "-",
			    "was signed and is not, seen first %s", since);
	}
}

static void went_back(void *arg, const char *zone, uint32_t serial, int64_t when)
{
	struct run *r = arg;
	const struct row *row = snapshot_find(r, zone);
	char since[32];
	clock_rfc3339(when, since);
	if (row != NULL && plan_about(r, row->name))
		plan_add(r, ACT_WATCH, row->name, "-",
		    "its serial went backwards, %s, and is %u where it was %u", since, row->serial,
		    serial);
}

int watch(struct run *r, struct err *err)
{
	r->signed_zones = json_object();
	r->unsigned_zones = json_object();
	if (store_each_signed(r->store, look_at_signatures, r, err) < 0 ||
	    store_each_backwards(r->store, went_back, r, err) < 0)
		return -1;
	became_unsigned(r);
	if (r->o->delegation)
		delegation(r);
	return 0;
}
