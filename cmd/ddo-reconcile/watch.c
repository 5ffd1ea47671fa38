/* watch: reports what an operator should know and ddo does not change. */
#include <string.h>

#include "base/clock.h"
#include "dns/zone.h"
#include "reconcile.h"
#include "store/read.h"

#define UNSIGNED_DAYS 30 /* for which a zone that became unsigned is named */

struct watch {
	const struct inputs *in;
	struct plan *plan;
	struct memory *memory;
};

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
	const struct watch *w = arg;
	const struct inputs *in = w->in;
	struct zone *z;
	const struct row *row = snapshot_find(&in->snapshot, name);
	const knot_rrset_t *set = NULL;
	char when[32], covered[32] = "", owner[KNOT_DNAME_TXT_MAXLEN + 1] = "";
	if (row == NULL || zone_parse(row->name, text, len, 0, &z, NULL) < 0)
		return;
	int64_t first = expiration(z, in->started, &set);
	if (set != NULL)
		json_object_set_new(w->memory->signed_zones, row->name, json_true());
	int64_t limit = in->started + (int64_t)in->conf->reconcile.rrsig_days * 86400;
	if (set != NULL && first < limit && options_about(in->o, row->name)) {
		clock_rfc3339(first, when);
		knot_rrtype_to_string(
		    knot_rrsig_type_covered(set->rrs.rdata), covered, sizeof(covered));
		knot_dname_to_str(owner, set->owner, sizeof(owner));
		plan_add(w->plan, ACT_WATCH, row->name, "-", "the RRSIG of %s %s %s %s", owner,
		    covered, first < in->started ? "expired" : "expires", when);
	}
	zone_free(z);
}

/* Zones that were signed at an earlier run, and are live and unsigned now. */
static void became_unsigned(const struct watch *w)
{
	const struct inputs *in = w->in;
	json_t *gone = w->memory->unsigned_zones, *value;
	const char *zone;
	json_object_foreach(memory_of(w->memory, "signed"), zone, value)
	{
		json_object_set_new(gone, zone, json_integer(in->started));
	}
	json_object_foreach(memory_of(w->memory, "unsigned"), zone, value)
	{
		if (json_integer_value(value) > in->started - UNSIGNED_DAYS * 86400)
			json_object_set(gone, zone, value);
	}
	void *next;
	json_object_foreach_safe(gone, next, zone, value)
	{
		const struct row *row = snapshot_find(&in->snapshot, zone);
		char since[32];
		if (row == NULL || row->deleted ||
		    json_object_get(w->memory->signed_zones, zone) != NULL) {
			json_object_del(gone, zone);
			continue;
		}
		clock_rfc3339(json_integer_value(value), since);
		if (options_about(in->o, zone))
			plan_add(w->plan, ACT_WATCH, row->name, "-",
			    "it was signed and is unsigned now, first seen %s", since);
	}
}

static void went_back(void *arg, const char *zone, uint32_t serial, int64_t when)
{
	const struct watch *w = arg;
	const struct row *row = snapshot_find(&w->in->snapshot, zone);
	char since[32];
	clock_rfc3339(when, since);
	if (row != NULL && options_about(w->in->o, row->name))
		plan_add(w->plan, ACT_WATCH, row->name, "-",
		    "its serial went backwards at %s: it was %u and is %u", since, serial,
		    row->serial);
}

int watch(const struct inputs *in, struct plan *p, struct memory *m, struct err *err)
{
	struct watch w = {.in = in, .plan = p, .memory = m};
	if (store_each_signed(in->store, look_at_signatures, &w, err) < 0 ||
	    store_each_backwards(in->store, went_back, &w, err) < 0)
		return -1;
	became_unsigned(&w);
	if (in->o->delegation)
		delegation(in, p);
	return 0;
}
