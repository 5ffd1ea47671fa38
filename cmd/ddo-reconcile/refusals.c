/* refusals: what DirectAdmin has and the store refused is a difference that no run can end. */
#include "clock.h"
#include "mem.h"
#include "reconcile.h"

static const char *text(sqlite3_stmt *q, int i)
{
	const unsigned char *s = sqlite3_column_text(q, i);
	return s == NULL ? "" : (const char *)s;
}

int refusals(struct run *r, struct err *err)
{
	sqlite3_stmt *q;
	int code;
	if (sqlite3_prepare_v2(store_db(r->store),
		"SELECT name, seq, origin, reason, held IS NOT NULL FROM refusals", -1, &q,
		NULL) != SQLITE_OK)
		return snapshot_fault(r, err);
	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		char when[32];
		const char *zone = text(q, 0), *origin = text(q, 2);
		if (!plan_about(r, zone))
			continue;
		clock_rfc3339(sqlite3_column_int64(q, 1) / 1000000, when);
		plan_add(r, ACT_REFUSED, mem_dup(zone), origin[0] == '\0' ? "-" : mem_dup(origin),
		    "its newest push, %s: %s%s%s", when, text(q, 3),
		    sqlite3_column_int(q, 4) != 0 ? "; held, ddo-enqueue allow " : "",
		    sqlite3_column_int(q, 4) != 0 ? zone : "");
	}
	sqlite3_finalize(q);
	return code == SQLITE_DONE ? 0 : snapshot_fault(r, err);
}
