#include "status/compare.h"

#include <string.h>

#include "base/clock.h"
#include "store/compare.h"

static json_t *when(int64_t wall_s)
{
	char text[32];
	clock_rfc3339(wall_s, text);
	return json_string(text);
}

json_t *status_compared(struct store *st, const char *target, struct err *err)
{
	char boot[40], name[80], found[256];
	int64_t at;
	snprintf(name, sizeof(name), "compared.%s", target);
	int known = store_meta_get(st, name, found, sizeof(found), err);
	if (known < 0 || store_compared(st, target, &at, boot, err) < 0)
		return NULL;
	json_t *out = known == 0 ? NULL : json_loads(found, 0, NULL);
	if (!json_is_object(out)) {
		json_decref(out);
		return json_pack("{s:n}", "at");
	}
	/* To be compared now: when it was last is forgotten, not what was found. */
	if (at > 0)
		json_object_set_new(out, "at", when(at));
	else
		json_object_set_new(out, "at", json_null());
	return out;
}

static int rows(
    struct store *st, const char *sql, json_t *list, json_int_t *number, struct err *err)
{
	sqlite3_stmt *q;
	int r;
	if (sqlite3_prepare_v2(store_db(st), sql, -1, &q, NULL) != SQLITE_OK)
		return err_set(err, "%s", sqlite3_errmsg(store_db(st)));
	while ((r = sqlite3_step(q)) == SQLITE_ROW) {
		*number = sqlite3_column_int64(q, 0);
		if (list != NULL)
			json_array_append_new(
			    list, json_string((const char *)sqlite3_column_text(q, 0)));
	}
	sqlite3_finalize(q);
	return r == SQLITE_DONE ? 0 : err_set(err, "%s", sqlite3_errmsg(store_db(st)));
}

json_t *status_restored(struct store *st, struct err *err)
{
	struct store_restored restored;
	json_int_t held = 0, ignored;
	if (store_restored(st, &restored, err) < 0)
		return NULL;
	if (restored.when == 0)
		return json_null();
	json_t *waits = json_array();
	if (rows(st, "SELECT substr(name, 10) FROM meta WHERE name GLOB 'restored.*' ORDER BY name",
		waits, &ignored, err) < 0 ||
	    rows(st,
		"SELECT count(*) FROM deliveries WHERE state <> 'done' AND state = 'refused'"
		" AND substr(error, 1, 6) = '" STORE_HELD "'",
		NULL, &held, err) < 0) {
		json_decref(waits);
		return NULL;
	}
	if (held == 0 && json_array_size(waits) == 0) {
		json_decref(waits);
		return json_null();
	}
	return json_pack(
	    "{s:o,s:o,s:I}", "since", when(restored.when), "compare", waits, "held", held);
}
