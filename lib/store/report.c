/* store_run: the archive, serials that went backwards, reports of runs; see store.h. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_private.h"

int store_archive(struct store *st, const char *zone, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_ARCHIVE,
	    "INSERT OR REPLACE INTO archive SELECT name, ?2, serial, digest, origin, user, text"
	    " FROM zones WHERE name = ?1 AND deleted = 0",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, zone);
	sqlite3_bind_int64(q, 2, clock_wall_s());
	return store_run(st, q, err);
}

int store_archived(
    struct store *st, const char *zone, struct store_zone *z, struct buf *text, struct err *err)
{
	sqlite3_stmt *q = store_stmt(
	    st, Q_ARCHIVED, "SELECT serial, digest, text FROM archive WHERE name = ?", err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, zone);
	int r = sqlite3_step(q);
	if (r == SQLITE_ROW) {
		z->serial = (uint32_t)sqlite3_column_int64(q, 0);
		store_column_text(q, 1, z->digest, sizeof(z->digest));
		buf_add(text, sqlite3_column_blob(q, 2), (size_t)sqlite3_column_bytes(q, 2));
	} else if (r != SQLITE_DONE) {
		store_fault(st, err);
	}
	sqlite3_reset(q);
	return r == SQLITE_ROW ? 1 : r == SQLITE_DONE ? 0 : -1;
}

int store_archive_prune(struct store *st, int64_t before, struct err *err)
{
	sqlite3_stmt *q =
	    store_stmt(st, Q_ARCHIVE_PRUNE, "DELETE FROM archive WHERE removed < ?", err);
	if (q == NULL)
		return -1;
	sqlite3_bind_int64(q, 1, before);
	return store_run(st, q, err);
}

bool store_serial_less(uint32_t a, uint32_t b)
{
	return a != b && (uint32_t)(b - a) < 0x80000000U;
}

int store_serial(struct store *st, const char *zone, uint32_t was, uint32_t now, struct err *err)
{
	sqlite3_stmt *back = store_stmt(st, Q_SERIAL_BACK,
	    "INSERT INTO backwards VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING", err);
	/* Reached again: now - serial, modulo 2^32, is less than 2^31. */
	sqlite3_stmt *good = store_stmt(st, Q_SERIAL_GOOD,
	    "DELETE FROM backwards WHERE name = ?1"
	    " AND (?2 = 0 OR ((?2 - serial) & 4294967295) < 2147483648)",
	    err);
	if (back == NULL || good == NULL)
		return -1;
	bool goes_back = was != 0 && store_serial_less(now, was);
	sqlite3_stmt *q = goes_back ? back : good;
	store_bind_text(q, 1, zone);
	sqlite3_bind_int64(q, 2, goes_back ? was : now);
	if (goes_back)
		sqlite3_bind_int64(q, 3, clock_wall_s());
	return store_run(st, q, err);
}

int store_run_add(struct store *st, uint64_t id, const char *program, const char *report,
    size_t len, struct err *err)
{
	sqlite3_stmt *add = store_stmt(st, Q_RUN_ADD,
	    "INSERT OR REPLACE INTO runs SELECT ?1, ?2, json_extract(?3, '$.started'),"
	    " json_extract(?3, '$.ended'), ?3 WHERE json_valid(?3)"
	    " AND json_type(?3, '$.started') = 'integer' AND json_type(?3, '$.ended') = 'integer'",
	    err);
	sqlite3_stmt *forget = store_stmt(st, Q_RUN_FORGET,
	    "UPDATE runs SET report = json_remove(report, '$.memory') WHERE id ="
	    " (SELECT max(id) FROM runs WHERE program = ?1 AND id < ?2)",
	    err);
	sqlite3_stmt *prune = store_stmt(st, Q_RUN_PRUNE,
	    "DELETE FROM runs WHERE program = ?1 AND id NOT IN"
	    " (SELECT id FROM runs WHERE program = ?1 ORDER BY id DESC LIMIT ?2)",
	    err);
	if (add == NULL || forget == NULL || prune == NULL)
		return -1;
	sqlite3_bind_int64(add, 1, (sqlite3_int64)id);
	store_bind_text(add, 2, program);
	sqlite3_bind_text64(add, 3, report, len, SQLITE_STATIC, SQLITE_UTF8);
	if (store_run(st, add, err) < 0)
		return -1;
	if (sqlite3_changes(st->db) == 0)
		return 0;
	store_bind_text(forget, 1, program);
	sqlite3_bind_int64(forget, 2, (sqlite3_int64)id);
	if (store_run(st, forget, err) < 0)
		return -1;
	store_bind_text(prune, 1, program);
	sqlite3_bind_int(prune, 2, STORE_RUNS);
	return store_run(st, prune, err) < 0 ? -1 : 1;
}

static int one_report(
    struct store *st, sqlite3_stmt *q, const char *program, struct buf *report, struct err *err)
{
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, program);
	int r = sqlite3_step(q);
	if (r == SQLITE_ROW)
		buf_add(report, sqlite3_column_text(q, 0), (size_t)sqlite3_column_bytes(q, 0));
	else if (r != SQLITE_DONE)
		store_fault(st, err);
	sqlite3_reset(q);
	return r == SQLITE_ROW ? 1 : r == SQLITE_DONE ? 0 : -1;
}

int store_run_last(
    struct store *st, const char *program, bool whole, struct buf *report, struct err *err)
{
	int found = 0;
	if (whole) /* reads from the newest on, up to the first that is whole */
		found = one_report(st,
		    store_stmt(st, Q_RUN_LAST_WHOLE,
			"SELECT report FROM runs WHERE program = ?"
			" AND NOT coalesce(json_extract(report, '$.narrowed'), 0)"
			" ORDER BY id DESC LIMIT 1",
			err),
		    program, report, err);
	if (found != 0)
		return found;
	return one_report(st,
	    store_stmt(st, Q_RUN_LAST,
		"SELECT report FROM runs WHERE program = ? ORDER BY id DESC LIMIT 1", err),
	    program, report, err);
}
