/* compare: deliveries beside what a target lists, and deliveries that are held. */
#include "store/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_private.h"

/* store_compare_rows() recognises them by this text. */
#define HELD_FIRST \
	STORE_HELD \
	"the store is an older copy, so this target is compared with it before anything " \
	"is sent"

int store_meta_get(struct store *st, const char *name, char *value, size_t size, struct err *err)
{
	sqlite3_stmt *q =
	    store_query(st, "SELECT value FROM meta WHERE name = ?", err, as_text(name));
	int found = store_next(st, q, err);
	if (found <= 0)
		return found;
	store_column_copy(q, 0, value, size);
	store_end(q);
	return 1;
}

int store_meta_set(struct store *st, const char *name, const char *value, struct err *err)
{
	if (value == NULL)
		return store_change(st, "DELETE FROM meta WHERE name = ?", err, as_text(name));
	return store_change(st,
	    "INSERT INTO meta VALUES(?1, ?2) ON CONFLICT DO UPDATE SET value = ?2", err,
	    as_text(name), as_text(value));
}

int store_compared(
    struct store *st, const char *target, int64_t *when, char boot[40], struct err *err)
{
	sqlite3_stmt *q = store_query(
	    st, "SELECT compared, compared_boot FROM targets WHERE name = ?", err, as_text(target));
	*when = 0;
	boot[0] = '\0';
	int found = store_next(st, q, err);
	if (found <= 0)
		return found;
	*when = sqlite3_column_int64(q, 0);
	store_column_copy(q, 1, boot, 40);
	store_end(q);
	return 0;
}

int store_set_compared(
    struct store *st, const char *target, int64_t when, const char *boot, struct err *err)
{
	return store_change(st,
	    "INSERT INTO targets(name, down, since, next_probe, step, reason, compared,"
	    " compared_boot) VALUES(?1, 0, 0, 0, 0, '', ?2, ?3)"
	    " ON CONFLICT DO UPDATE SET compared = ?2, compared_boot = ?3",
	    err, as_text(target), as_int(when), as_text(boot));
}

int store_compared_only(struct store *st, const char *targets, struct err *err)
{
	return store_change(st,
	    "UPDATE targets SET compared = 0"
	    " WHERE compared > 0 AND name NOT IN (SELECT value FROM json_each(?))",
	    err, as_text(targets));
}

int store_confirmed_any(struct store *st, const char *target, struct err *err)
{
	int64_t any = 0;
	int r = store_number(st,
	    store_query(st,
		"SELECT EXISTS(SELECT 1 FROM deliveries WHERE target = ? AND confirmed > 0)", err,
		as_text(target)),
	    &any, err);
	return r < 0 ? -1 : any != 0;
}

static void fill(sqlite3_stmt *q, int64_t started, int64_t now, struct store_compared_row *row)
{
	*row = (struct store_compared_row){0};
	store_column_copy(q, 0, row->zone, sizeof(row->zone));
	row->generation = store_column_uint(q, 1);
	row->deleted = store_column_bool(q, 2);
	row->wanted = store_column_bool(q, 3);
	row->serial = (uint32_t)store_column_uint(q, 4);
	store_column_copy(q, 5, row->digest, sizeof(row->digest));
	/* A time in the future comes from before the clock stepped back. */
	int64_t changed = sqlite3_column_int64(q, 7);
	row->done = store_column_bool(q, 6) && (changed < started || changed > now);
	row->first = store_column_bool(q, 8);
}

int store_compare_rows(struct store *st, const char *target, const char *after, int64_t started,
    struct store_compared_row *rows, size_t most, size_t *count, struct err *err)
{
	sqlite3_stmt *q = store_query(st,
	    "SELECT d.zone, z.generation, z.deleted, z.wanted, z.serial, z.digest,"
	    " d.state = 'done' AND d.confirmed = z.generation, d.changed,"
	    " d.state = 'refused' AND d.error = '" HELD_FIRST "'"
	    " FROM deliveries d CROSS JOIN zones z ON z.name = d.zone"
	    " WHERE d.target = ?1 AND d.zone > ?2 ORDER BY d.zone LIMIT ?3",
	    err, as_text(target), as_text(after), as_uint(most));
	int64_t now = clock_wall_s();
	int r;
	*count = 0;
	while ((r = store_next(st, q, err)) > 0)
		fill(q, started, now, &rows[(*count)++]);
	return r;
}

int store_send_again(struct store *st, const char *target, const char *zone, struct err *err)
{
	/* 1, not 0: a wrong zone has been served for a while, so new pushes go first. */
	return store_change(st,
	    "UPDATE deliveries SET state = 'due', attempts = 0, next = 1, changed = ?3, error = ''"
	    " WHERE target = ?1 AND zone = ?2",
	    err, as_text(target), as_text(zone), as_int(clock_wall_s()));
}

int store_hold(
    struct store *st, const char *target, const char *zone, const char *reason, struct err *err)
{
	/* Tried, or the next start would send it. */
	if (store_change(st,
		"UPDATE deliveries SET state = 'refused', next = NULL, changed = ?3, error = ?4,"
		" tried = (SELECT generation FROM zones WHERE name = ?2)"
		" WHERE target = ?1 AND zone = ?2",
		err, as_text(target), as_text(zone), as_int(clock_wall_s()), as_text(reason)) < 0)
		return -1;
	return store_change(st, "UPDATE zones SET wanted = 1 WHERE name = ?", err, as_text(zone));
}

int store_hold_all(
    struct store *st, const char *target, uint64_t last, size_t *count, struct err *err)
{
	if (store_change(st,
		"UPDATE deliveries SET state = 'refused', next = NULL, changed = ?2,"
		" error = '" HELD_FIRST "' WHERE target = ?1"
		" AND state IN ('due', 'deferred', 'parked')"
		" AND (SELECT generation FROM zones WHERE name = zone) <= ?3",
		err, as_text(target), as_int(clock_wall_s()), as_uint(last)) < 0)
		return -1;
	*count = (size_t)sqlite3_changes(st->db);
	return 0;
}

int store_count_held(struct store *st, size_t *count, struct err *err)
{
	int64_t number = 0;
	int r = store_number(st,
	    store_query(st,
		"SELECT count(*) FROM deliveries WHERE state <> 'done' AND state = 'refused'"
		" AND substr(error, 1, ?1) = ?2",
		err, as_uint(strlen(STORE_HELD)), as_text(STORE_HELD)),
	    &number, err);
	*count = (size_t)number;
	return r;
}

int store_release(struct store *st, const char *target, const char *zone, struct err *err)
{
	return store_change(st,
	    "UPDATE zones SET wanted = 0 WHERE wanted = 1 AND name IN (SELECT zone FROM deliveries"
	    " WHERE target = ?1 AND state = 'refused' AND substr(error, 1, ?3) = ?4"
	    " AND (?2 = '' OR zone = ?2))",
	    err, as_text(target), as_text(zone), as_uint(strlen(STORE_HELD)), as_text(STORE_HELD));
}

int store_restored(struct store *st, struct store_restored *out, struct err *err)
{
	char value[64];
	*out = (struct store_restored){0};
	int r = store_meta_get(st, "restored", value, sizeof(value), err);
	if (r > 0 && sscanf(value, "%" SCNd64 " %" SCNu64, &out->when, &out->last) != 2)
		*out = (struct store_restored){0};
	return r < 0 ? -1 : 0;
}

int store_restored_waits(struct store *st, const char *target, struct err *err)
{
	char name[80], value[8];
	snprintf(name, sizeof(name), "restored.%s", target);
	return store_meta_get(st, name, value, sizeof(value), err);
}

int store_each_restored(
    struct store *st, void (*take)(void *arg, const char *target), void *arg, struct err *err)
{
	sqlite3_stmt *q = store_query(st,
	    "SELECT substr(name, 10) FROM meta WHERE name GLOB 'restored.*' ORDER BY name", err,
	    as_null());
	int r;
	while ((r = store_next(st, q, err)) > 0)
		take(arg, store_column(q, 0));
	return r;
}
