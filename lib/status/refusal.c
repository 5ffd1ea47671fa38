/* refusal: zones whose newest push was refused. */
#include "store/refusal.h"
#include "status/status_private.h"

#define NEWEST_MOST 20

static json_t *about(const struct store_refusal *r)
{
	return json_pack("{s:s,s:o,s:s,s:s,s:s,s:s,s:b}", "zone", r->zone, "at",
	    status_when((int64_t)(r->seq / 1000000)), "origin", r->origin, "user", r->user,
	    "client", r->client, "reason", r->reason, "held", r->held > 0);
}

json_t *status_refusal(struct store *st, const char *zone, struct err *err)
{
	struct store_refusal r;
	int found = store_refusal(st, zone, &r, NULL, err);
	return found < 0 ? NULL : found == 0 ? json_null() : about(&r);
}

static void add(void *list, const struct store_refusal *r)
{
	json_array_append_new(list, about(r));
}

json_t *status_refusals(struct store *st, struct err *err)
{
	size_t count = 0, held = 0;
	if (store_count_refusals(st, &count, &held, err) < 0)
		return NULL;
	json_t *list = json_array();
	if (store_each_refusal(st, NEWEST_MOST, add, list, err) < 0) {
		json_decref(list);
		return NULL;
	}
	return json_pack(
	    "{s:I,s:I,s:o}", "count", (json_int_t)count, "held", (json_int_t)held, "newest", list);
}
