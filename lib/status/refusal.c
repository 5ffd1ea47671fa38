/* status_refusal: zones whose newest push was refused. */
#include "base/clock.h"
#include "status/status.h"

#define NEWEST_MOST 20

static json_t *about(const struct store_refusal *r)
{
	char when[32];
	clock_rfc3339((int64_t)(r->seq / 1000000), when);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "zone", r->zone, "at", when, "origin",
	    r->origin, "user", r->user, "client", r->client, "reason", r->reason, "held",
	    r->held > 0);
}

json_t *status_refusal(struct store *st, const char *zone, struct err *err)
{
	struct store_refusal r;
	int found = store_refusal(st, zone, &r, NULL, err);
	return found < 0 ? NULL : found == 0 ? json_null() : about(&r);
}

static int fault(struct store *st, struct err *err)
{
	return err_set(err, "%s", sqlite3_errmsg(store_db(st)));
}

static int add_newest(struct store *st, json_t *list, struct err *err)
{
	sqlite3_stmt *q;
	if (sqlite3_prepare_v2(store_db(st), "SELECT name FROM refusals ORDER BY seq DESC LIMIT ?",
		-1, &q, NULL) != SQLITE_OK)
		return fault(st, err);
	sqlite3_bind_int(q, 1, NEWEST_MOST);
	int code, r = 0;
	while (r == 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
		json_t *one = status_refusal(st, (const char *)sqlite3_column_text(q, 0), err);
		r = one == NULL ? -1 : json_array_append_new(list, one);
	}
	if (r == 0 && code != SQLITE_DONE)
		r = fault(st, err);
	sqlite3_finalize(q);
	return r;
}

json_t *status_refusals(struct store *st, struct err *err)
{
	sqlite3_stmt *q;
	json_int_t count = 0, held = 0;
	if (sqlite3_prepare_v2(store_db(st), "SELECT count(*), count(held) FROM refusals", -1, &q,
		NULL) != SQLITE_OK) {
		fault(st, err);
		return NULL;
	}
	if (sqlite3_step(q) == SQLITE_ROW) {
		count = sqlite3_column_int64(q, 0);
		held = sqlite3_column_int64(q, 1);
	}
	sqlite3_finalize(q);
	json_t *list = json_array();
	if (add_newest(st, list, err) < 0) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:I,s:I,s:o}", "count", count, "held", held, "newest", list);
}
