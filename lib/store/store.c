/* store: opens the store, its transactions, its zones and their serials. */
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/store_private.h"

#define SCHEMA_VERSION 4

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS zones("
    " name TEXT PRIMARY KEY NOT NULL,"
    " generation INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " deleted INTEGER NOT NULL,"
    " wanted INTEGER NOT NULL,"
    " serial INTEGER NOT NULL,"
    " digest TEXT NOT NULL,"
    " origin TEXT NOT NULL,"
    " user TEXT NOT NULL,"
    " client TEXT NOT NULL,"
    " accepted TEXT NOT NULL,"
    " note TEXT NOT NULL,"
    " text BLOB);" /* last: SQLite need not read its pages for the columns before */
    "CREATE INDEX IF NOT EXISTS zones_seq ON zones(seq);"
    "CREATE TABLE IF NOT EXISTS deliveries("
    " target TEXT NOT NULL,"
    " zone TEXT NOT NULL,"
    " confirmed INTEGER NOT NULL," /* generation; 0: never */
    " state TEXT NOT NULL,"
    " attempts INTEGER NOT NULL,"
    " next INTEGER,"
    " changed INTEGER NOT NULL," /* when state last changed; seconds since the epoch */
    " error TEXT NOT NULL,"
    " tried INTEGER NOT NULL DEFAULT 0," /* the generation that was last sent */
    " alone INTEGER NOT NULL DEFAULT 0," /* how much company it may have: delivery.h */
    " PRIMARY KEY(target, zone)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS deliveries_next ON deliveries(target, next) WHERE next IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS deliveries_bad ON deliveries(target, state) WHERE state <> 'done';"
    "CREATE INDEX IF NOT EXISTS deliveries_zone ON deliveries(zone);"
    "CREATE TABLE IF NOT EXISTS targets("
    " name TEXT PRIMARY KEY NOT NULL,"
    " down INTEGER NOT NULL,"
    " since INTEGER NOT NULL,"
    " next_probe INTEGER NOT NULL,"
    " step INTEGER NOT NULL,"
    " reason TEXT NOT NULL,"
    " compared INTEGER NOT NULL DEFAULT 0," /* with the store; seconds since the epoch */
    " compared_boot TEXT NOT NULL DEFAULT '') WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS runs("
    " id INTEGER PRIMARY KEY,"
    " program TEXT NOT NULL,"
    " started INTEGER NOT NULL,"
    " ended INTEGER NOT NULL,"
    " report TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS latency("
    " target TEXT NOT NULL,"
    " bucket INTEGER NOT NULL," /* of store_latency_bounds */
    " count INTEGER NOT NULL,"
    " sum REAL NOT NULL,"
    " PRIMARY KEY(target, bucket)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS archive(" /* the last texts of deleted zones */
    " name TEXT PRIMARY KEY NOT NULL,"
    " removed INTEGER NOT NULL," /* seconds since the epoch */
    " serial INTEGER NOT NULL,"
    " digest TEXT NOT NULL,"
    " origin TEXT NOT NULL,"
    " user TEXT NOT NULL,"
    " text BLOB);"
    "CREATE TABLE IF NOT EXISTS backwards("
    " name TEXT PRIMARY KEY NOT NULL,"
    " serial INTEGER NOT NULL," /* before it went backwards */
    " since INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS refusals(" /* zones whose newest push was refused */
    " name TEXT PRIMARY KEY NOT NULL,"
    " seq INTEGER NOT NULL,"   /* its place in the order of acceptance, and so the time */
    " known INTEGER NOT NULL," /* the zone was in the store then */
    " origin TEXT NOT NULL,"
    " user TEXT NOT NULL,"
    " client TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " held BLOB);" /* the text, when an operator may still allow it */
    "CREATE INDEX IF NOT EXISTS refusals_unknown ON refusals(seq) WHERE known = 0;"
    "CREATE INDEX IF NOT EXISTS refusals_held ON refusals(seq) WHERE held IS NOT NULL;"
    "PRAGMA user_version = 4;";

/* Only saves time, so it may come to a store of this schema, or may not. */
static const char indexes[] =
    "CREATE INDEX IF NOT EXISTS zones_deleted ON zones(name) WHERE deleted = 1;";

/* What CREATE TABLE IF NOT EXISTS cannot add to a store older than schema 4. */
static const char upgrade_4[] =
    "ALTER TABLE deliveries ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE deliveries ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE targets ADD COLUMN compared INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE targets ADD COLUMN compared_boot TEXT NOT NULL DEFAULT '';";

static int set_up(struct store *st, enum store_mode mode, struct err *err)
{
	int64_t version = 0;
	sqlite3_busy_timeout(st->db, 5000);
	if (mode == STORE_WRITE) {
		int on = 1;
		sqlite3_file_control(st->db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
		if (store_exec(st,
			"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			"PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY;",
			err) < 0)
			return -1;
	}
	if (store_number(
		st, store_query(st, "PRAGMA user_version", err, as_null()), &version, err) < 0)
		return -1;
	if (version > SCHEMA_VERSION)
		return err_set(
		    err, "%s: a newer ddo made it (schema %lld)", st->path, (long long)version);
	if (mode == STORE_READ)
		return version == 0
			   ? (errno = ENOENT, err_set(err, "%s: it is still empty", st->path))
			   : 0;
	if (version == SCHEMA_VERSION) {
		struct err why;
		(void)store_exec(st, indexes, &why);
		return 0;
	}
	bool good = store_begin(st, err) == 0 &&
		    (version == 0 || store_exec(st, upgrade_4, err) == 0) &&
		    store_exec(st, schema, err) == 0 && store_exec(st, indexes, err) == 0 &&
		    store_commit(st, err) == 0;
	if (!good)
		store_rollback(st);
	return good ? 0 : -1;
}

int store_open(struct store **out, const char *path, enum store_mode mode, struct err *err)
{
	if (mode == STORE_READ && access(path, R_OK) < 0) {
		err_sys(err, "%s", path);
		return err_group(err);
	}
	struct store *st = mem_alloc(sizeof(*st));
	st->path = mem_dup(path);
	int flags =
	    mode == STORE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	errno = 0;
	if (sqlite3_open_v2(path, &st->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		store_fault(st, err);
		errno = 0;
	} else if (set_up(st, mode, err) == 0) {
		*out = st;
		return 0;
	}
	int saved = errno;
	store_close(st);
	errno = saved;
	return -1;
}

void store_close(struct store *st)
{
	if (st == NULL)
		return;
	store_forget_queries(st);
	sqlite3_close(st->db);
	free(st->path);
	free(st);
}

int store_begin(struct store *st, struct err *err)
{
	return store_exec(st, "BEGIN IMMEDIATE", err);
}

int store_commit(struct store *st, struct err *err)
{
	return store_exec(st, "COMMIT", err);
}

void store_rollback(struct store *st)
{
	if (!sqlite3_get_autocommit(st->db))
		sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
}

int store_get(
    struct store *st, const char *zone, struct store_zone *out, struct buf *text, struct err *err)
{
#define GET \
	"SELECT generation, seq, deleted, wanted, serial, digest, origin, user, client, accepted," \
	" note"
	*out = (struct store_zone){0};
	sqlite3_stmt *q = store_query(st,
	    text == NULL ? GET " FROM zones WHERE name = ?"
			 : GET ", text FROM zones WHERE name = ?",
	    err, as_text(zone));
	int found = store_next(st, q, err);
	if (found <= 0)
		return found;
	snprintf(out->name, sizeof(out->name), "%s", zone);
	out->generation = store_column_uint(q, 0);
	out->seq = store_column_uint(q, 1);
	out->deleted = store_column_bool(q, 2);
	out->wanted = store_column_bool(q, 3);
	out->serial = (uint32_t)store_column_uint(q, 4);
	store_column_copy(q, 5, out->digest, sizeof(out->digest));
	store_column_copy(q, 6, out->origin, sizeof(out->origin));
	store_column_copy(q, 7, out->user, sizeof(out->user));
	store_column_copy(q, 8, out->client, sizeof(out->client));
	store_column_copy(q, 9, out->accepted, sizeof(out->accepted));
	store_column_copy(q, 10, out->note, sizeof(out->note));
	if (text != NULL)
		store_column_add(q, 11, text);
	store_end(q);
	return 1;
}

int store_set(struct store *st, const struct store_zone *z, const char *text, size_t text_len,
    struct err *err)
{
#define WHAT \
	as_text(z->name), as_uint(z->generation), as_uint(z->seq), as_int(z->deleted), \
	    as_int(z->wanted), as_int(z->serial), as_text(z->digest), as_text(z->origin), \
	    as_text(z->user), as_text(z->client), as_text(z->accepted), as_text(z->note)
	/* An unchanged push does not write the text again. */
	if (text == NULL)
		return store_change(st,
		    "UPDATE zones SET generation = ?2, seq = ?3, deleted = ?4, wanted = ?5,"
		    " serial = ?6, digest = ?7, origin = ?8, user = ?9, client = ?10,"
		    " accepted = ?11, note = ?12 WHERE name = ?1",
		    err, WHAT);
	return store_change(st,
	    "INSERT OR REPLACE INTO zones(name, generation, seq, deleted, wanted, serial, digest,"
	    " origin, user, client, accepted, note, text)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	    err, WHAT, as_blob(text, text_len));
}

int store_has_text(
    struct store *st, const char *zone, const char *text, size_t len, struct err *err)
{
	int64_t same = 0;
	int r = store_number(st,
	    store_query(st, "SELECT count(*) FROM zones WHERE name = ? AND text = ?", err,
		as_text(zone), as_blob(text, len)),
	    &same, err);
	return r < 0 ? -1 : same > 0;
}

int store_owner(struct store *st, const char *zone, struct store_owner *out, struct err *err)
{
	struct store_zone z;
	int r = store_get(st, zone, &z, NULL, err);
	if (r <= 0)
		return r;
	snprintf(out->origin, sizeof(out->origin), "%s", z.origin);
	snprintf(out->user, sizeof(out->user), "%s", z.user);
	return z.deleted && !z.wanted ? 0 : 1;
}

int store_max_seq(struct store *st, uint64_t *seq, struct err *err)
{
	int64_t number = 0;
	int r = store_number(st,
	    store_query(st, "SELECT coalesce(max(seq), 0) FROM zones", err, as_null()), &number,
	    err);
	*seq = (uint64_t)number;
	return r;
}

bool store_serial_less(uint32_t a, uint32_t b)
{
	return a != b && (uint32_t)(b - a) < 0x80000000U;
}

int store_serial(struct store *st, const char *zone, uint32_t was, uint32_t now, struct err *err)
{
	if (was != 0 && store_serial_less(now, was))
		return store_change(st,
		    "INSERT INTO backwards VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING", err,
		    as_text(zone), as_int(was), as_int(clock_wall_s()));
	/* The serial is reached again when now - serial, modulo 2^32, is less than 2^31. */
	return store_change(st,
	    "DELETE FROM backwards WHERE name = ?1"
	    " AND (?2 = 0 OR ((?2 - serial) & 4294967295) < 2147483648)",
	    err, as_text(zone), as_int(now));
}
