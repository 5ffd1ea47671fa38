#include "store/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_private.h"

/* Also how store_compare_rows() knows them again. */
#define HELD_FIRST \
	STORE_HELD \
	"the store is an older copy, so this target is compared with it before anything " \
	"is sent"

int store_meta_get(struct store *st, const char *name, char *value, size_t size, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_META_GET, "SELECT value FROM meta WHERE name = ?", err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, name);
	int r = sqlite3_step(q);
	if (r == SQLITE_ROW)
		store_column_text(q, 0, value, size);
	else if (r != SQLITE_DONE)
		store_fault(st, err);
	sqlite3_reset(q);
	return r == SQLITE_ROW ? 1 : r == SQLITE_DONE ? 0 : -1;
}

int store_meta_set(struct store *st, const char *name, const char *value, struct err *err)
{
	sqlite3_stmt *set = store_stmt(st, Q_META_SET,
	    "INSERT INTO meta VALUES(?1, ?2) ON CONFLICT DO UPDATE SET value = ?2", err);
	sqlite3_stmt *forget =
	    store_stmt(st, Q_META_FORGET, "DELETE FROM meta WHERE name = ?1", err);
	if (set == NULL || forget == NULL)
		return -1;
	sqlite3_stmt *q = value == NULL ? forget : set;
	store_bind_text(q, 1, name);
	if (value != NULL)
		store_bind_text(q, 2, value);
	return store_run(st, q, err);
}

int store_compared(
    struct store *st, const char *target, int64_t *when, char boot[40], struct err *err)
{
	sqlite3_stmt *q = store_stmt(
	    st, Q_COMPARED, "SELECT compared, compared_boot FROM targets WHERE name = ?", err);
	*when = 0;
	boot[0] = '\0';
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	int r = sqlite3_step(q);
	if (r == SQLITE_ROW) {
		*when = sqlite3_column_int64(q, 0);
		store_column_text(q, 1, boot, 40);
	} else if (r != SQLITE_DONE) {
		store_fault(st, err);
	}
	sqlite3_reset(q);
	return r == SQLITE_ROW || r == SQLITE_DONE ? 0 : -1;
}

int store_set_compared(
    struct store *st, const char *target, int64_t when, const char *boot, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_SET_COMPARED,
	    "INSERT INTO targets(name, down, since, next_probe, step, reason, compared,"
	    " compared_boot) VALUES(?1, 0, 0, 0, 0, '', ?2, ?3)"
	    " ON CONFLICT DO UPDATE SET compared = ?2, compared_boot = ?3",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	sqlite3_bind_int64(q, 2, when);
	store_bind_text(q, 3, boot);
	return store_run(st, q, err);
}

int store_confirmed_any(struct store *st, const char *target, struct err *err)
{
	int64_t any = 0;
	sqlite3_stmt *q = store_stmt(st, Q_CONFIRMED_ANY,
	    "SELECT EXISTS(SELECT 1 FROM deliveries WHERE target = ? AND confirmed > 0)", err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	return store_number(st, q, &any, err) < 0 ? -1 : any != 0;
}

static void fill(sqlite3_stmt *q, int64_t started, int64_t now, struct store_compared_row *row)
{
	*row = (struct store_compared_row){0};
	store_column_text(q, 0, row->zone, sizeof(row->zone));
	row->generation = (uint64_t)sqlite3_column_int64(q, 1);
	row->deleted = sqlite3_column_int(q, 2) != 0;
	row->wanted = sqlite3_column_int(q, 3) != 0;
	row->serial = (uint32_t)sqlite3_column_int64(q, 4);
	store_column_text(q, 5, row->digest, sizeof(row->digest));
	/* A time to come is from before the clock stepped back. */
	int64_t changed = sqlite3_column_int64(q, 7);
	row->done = sqlite3_column_int(q, 6) != 0 && (changed < started || changed > now);
	row->first = sqlite3_column_int(q, 8) != 0;
}

int store_compare_rows(struct store *st, const char *target, const char *after, int64_t started,
    struct store_compared_row *rows, size_t most, size_t *count, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_COMPARE_ROWS,
	    "SELECT d.zone, z.generation, z.deleted, z.wanted, z.serial, z.digest,"
	    " d.state = 'done' AND d.confirmed = z.generation, d.changed,"
	    " d.state = 'refused' AND d.error = '" HELD_FIRST "'"
	    " FROM deliveries d CROSS JOIN zones z ON z.name = d.zone"
	    " WHERE d.target = ?1 AND d.zone > ?2 ORDER BY d.zone LIMIT ?3",
	    err);
	*count = 0;
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	store_bind_text(q, 2, after);
	sqlite3_bind_int64(q, 3, (sqlite3_int64)most);
	int64_t now = clock_wall_s();
	int r;
	while ((r = sqlite3_step(q)) == SQLITE_ROW && *count < most)
		fill(q, started, now, &rows[(*count)++]);
	if (r != SQLITE_DONE)
		store_fault(st, err);
	sqlite3_reset(q);
	return r == SQLITE_DONE ? 0 : -1;
}

int store_send_again(struct store *st, const char *target, const char *zone, struct err *err)
{
	/* 1, not 0: it was served for long enough wrongly, and what was pushed goes first. */
	sqlite3_stmt *q = store_stmt(st, Q_SEND_AGAIN,
	    "UPDATE deliveries SET state = 'due', attempts = 0, next = 1, changed = ?3, error = ''"
	    " WHERE target = ?1 AND zone = ?2",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	store_bind_text(q, 2, zone);
	sqlite3_bind_int64(q, 3, clock_wall_s());
	return store_run(st, q, err);
}

int store_hold(
    struct store *st, const char *target, const char *zone, const char *reason, struct err *err)
{
	/* Tried: or it would go with the next start. */
	sqlite3_stmt *hold = store_stmt(st, Q_HOLD,
	    "UPDATE deliveries SET state = 'refused', next = NULL, changed = ?3, error = ?4,"
	    " tried = (SELECT generation FROM zones WHERE name = ?2)"
	    " WHERE target = ?1 AND zone = ?2",
	    err);
	sqlite3_stmt *want =
	    store_stmt(st, Q_WANT, "UPDATE zones SET wanted = 1 WHERE name = ?", err);
	if (hold == NULL || want == NULL)
		return -1;
	store_bind_text(hold, 1, target);
	store_bind_text(hold, 2, zone);
	sqlite3_bind_int64(hold, 3, clock_wall_s());
	store_bind_text(hold, 4, reason);
	store_bind_text(want, 1, zone);
	return store_run(st, hold, err) < 0 ? -1 : store_run(st, want, err);
}

int store_hold_all(
    struct store *st, const char *target, uint64_t mark, size_t *count, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_HOLD_ALL,
	    "UPDATE deliveries SET state = 'refused', next = NULL, changed = ?2,"
	    " error = '" HELD_FIRST "' WHERE target = ?1 AND state IN ('due', 'deferred', 'parked')"
	    " AND (SELECT generation FROM zones WHERE name = zone) <= ?3",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	sqlite3_bind_int64(q, 2, clock_wall_s());
	sqlite3_bind_int64(q, 3, (sqlite3_int64)mark);
	if (store_run(st, q, err) < 0)
		return -1;
	*count = (size_t)sqlite3_changes(st->db);
	return 0;
}

int store_release(struct store *st, const char *target, const char *zone, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_RELEASE,
	    "UPDATE zones SET wanted = 0 WHERE wanted = 1 AND name IN (SELECT zone FROM deliveries"
	    " WHERE target = ?1 AND state = 'refused' AND substr(error, 1, ?3) = ?4"
	    " AND (?2 = '' OR zone = ?2))",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	store_bind_text(q, 2, zone);
	sqlite3_bind_int(q, 3, (int)strlen(STORE_HELD));
	store_bind_text(q, 4, STORE_HELD);
	return store_run(st, q, err);
}

int store_restored(struct store *st, struct store_restored *out, struct err *err)
{
	char value[64];
	*out = (struct store_restored){0};
	int r = store_meta_get(st, "restored", value, sizeof(value), err);
	if (r > 0 && sscanf(value, "%" SCNd64 " %" SCNu64, &out->when, &out->mark) != 2)
		*out = (struct store_restored){0};
	return r < 0 ? -1 : 0;
}

int store_restored_waits(struct store *st, const char *target, struct err *err)
{
	char name[80], value[8];
	snprintf(name, sizeof(name), "restored.%s", target);
	return store_meta_get(st, name, value, sizeof(value), err);
}
