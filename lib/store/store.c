/* store: opening, transactions and zones; deliveries and targets are in store_delivery.c, archive
 * and runs in store_run.c, refusals in store_refusal.c. */
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    " changed INTEGER NOT NULL," /* when state last changed, seconds since the epoch */
    " error TEXT NOT NULL,"
    " tried INTEGER NOT NULL DEFAULT 0," /* the generation that was last sent */
    " alone INTEGER NOT NULL DEFAULT 0," /* how often a batch with it ended the target: it goes
					   in a batch of its own */
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
    " compared INTEGER NOT NULL DEFAULT 0," /* its list with the store; seconds since the epoch */
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
    "CREATE TABLE IF NOT EXISTS archive(" /* what deletes took away */
    " name TEXT PRIMARY KEY NOT NULL,"
    " removed INTEGER NOT NULL," /* seconds since the epoch */
    " serial INTEGER NOT NULL,"
    " digest TEXT NOT NULL,"
    " origin TEXT NOT NULL,"
    " user TEXT NOT NULL,"
    " text BLOB);"
    "CREATE TABLE IF NOT EXISTS backwards("
    " name TEXT PRIMARY KEY NOT NULL,"
    " serial INTEGER NOT NULL," /* that it had before it went backwards */
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
    " held BLOB);" /* the text, when a person may still allow it */
    "CREATE INDEX IF NOT EXISTS refusals_unknown ON refusals(seq) WHERE known = 0;"
    "CREATE INDEX IF NOT EXISTS refusals_held ON refusals(seq) WHERE held IS NOT NULL;"
    "PRAGMA user_version = 4;";

/* What CREATE TABLE IF NOT EXISTS cannot add to a store of before schema 4. */
static const char upgrade_4[] =
    "ALTER TABLE deliveries ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE deliveries ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE targets ADD COLUMN compared INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE targets ADD COLUMN compared_boot TEXT NOT NULL DEFAULT '';";

int store_fault(struct store *st, struct err *err)
{
	return err_set(err, "%s: %s", st->path, sqlite3_errmsg(st->db));
}

int store_exec(struct store *st, const char *sql, struct err *err)
{
	return sqlite3_exec(st->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fault(st, err);
}

sqlite3_stmt *store_stmt(struct store *st, enum store_query q, const char *sql, struct err *err)
{
	if (st->stmts[q] == NULL && sqlite3_prepare_v3(st->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
					&st->stmts[q], NULL) != SQLITE_OK) {
		store_fault(st, err);
		return NULL;
	}
	return st->stmts[q];
}

int store_number(struct store *st, sqlite3_stmt *stmt, int64_t *out, struct err *err)
{
	int r = sqlite3_step(stmt) == SQLITE_ROW ? 0 : store_fault(st, err);
	if (r == 0)
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return r;
}

int store_run(struct store *st, sqlite3_stmt *stmt, struct err *err)
{
	int r = sqlite3_step(stmt);
	if (r != SQLITE_DONE && r != SQLITE_ROW)
		store_fault(st, err);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return r == SQLITE_DONE || r == SQLITE_ROW ? 0 : -1;
}

void store_bind_text(sqlite3_stmt *stmt, int i, const char *s)
{
	sqlite3_bind_text(stmt, i, s, -1, SQLITE_STATIC);
}

void store_column_text(sqlite3_stmt *stmt, int i, char *out, size_t size)
{
	const unsigned char *s = sqlite3_column_text(stmt, i);
	snprintf(out, size, "%s", s == NULL ? "" : (const char *)s);
}

static int user_version(struct store *st, int *version, struct err *err)
{
	sqlite3_stmt *stmt;
	if (sqlite3_prepare_v2(st->db, "PRAGMA user_version", -1, &stmt, NULL) != SQLITE_OK)
		return store_fault(st, err);
	int r = sqlite3_step(stmt);
	*version = r == SQLITE_ROW ? sqlite3_column_int(stmt, 0) : 0;
	if (r != SQLITE_ROW)
		store_fault(st, err);
	sqlite3_finalize(stmt);
	return r == SQLITE_ROW ? 0 : -1;
}

static int set_up(struct store *st, enum store_mode mode, struct err *err)
{
	int version = 0;
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
	if (user_version(st, &version, err) < 0)
		return -1;
	if (version > SCHEMA_VERSION)
		return err_set(err, "%s: made by a newer ddo (schema %d)", st->path, version);
	if (mode == STORE_READ)
		return version == 0 ? (errno = ENOENT, err_set(err, "%s: still empty", st->path))
				    : 0;
	if (version == SCHEMA_VERSION)
		return 0;
	bool good = store_begin(st, err) == 0 &&
		    (version == 0 || store_exec(st, upgrade_4, err) == 0) &&
		    store_exec(st, schema, err) == 0 && store_commit(st, err) == 0;
	if (!good)
		store_rollback(st);
	return good ? 0 : -1;
}

int store_open(struct store **out, const char *path, enum store_mode mode, struct err *err)
{
	if (mode == STORE_READ && access(path, F_OK) < 0)
		return err_sys(err, "%s", path);
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
	for (size_t i = 0; i < STORE_QUERIES; i++)
		sqlite3_finalize(st->stmts[i]);
	sqlite3_close(st->db);
	free(st->path);
	free(st);
}

sqlite3 *store_db(struct store *st)
{
	return st->db;
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
	sqlite3_stmt *q = store_stmt(st, text == NULL ? Q_GET : Q_GET_TEXT,
	    text == NULL ? "SELECT generation, seq, deleted, wanted, serial, digest, origin, user,"
			   " client, accepted, note FROM zones WHERE name = ?"
			 : "SELECT generation, seq, deleted, wanted, serial, digest, origin, user,"
			   " client, accepted, note, text FROM zones WHERE name = ?",
	    err);
	if (q == NULL)
		return -1;
	*out = (struct store_zone){0};
	store_bind_text(q, 1, zone);
	int r = sqlite3_step(q);
	if (r == SQLITE_ROW) {
		snprintf(out->name, sizeof(out->name), "%s", zone);
		out->generation = (uint64_t)sqlite3_column_int64(q, 0);
		out->seq = (uint64_t)sqlite3_column_int64(q, 1);
		out->deleted = sqlite3_column_int(q, 2) != 0;
		out->wanted = sqlite3_column_int(q, 3) != 0;
		out->serial = (uint32_t)sqlite3_column_int64(q, 4);
		store_column_text(q, 5, out->digest, sizeof(out->digest));
		store_column_text(q, 6, out->origin, sizeof(out->origin));
		store_column_text(q, 7, out->user, sizeof(out->user));
		store_column_text(q, 8, out->client, sizeof(out->client));
		store_column_text(q, 9, out->accepted, sizeof(out->accepted));
		store_column_text(q, 10, out->note, sizeof(out->note));
		if (text != NULL)
			buf_add(
			    text, sqlite3_column_blob(q, 11), (size_t)sqlite3_column_bytes(q, 11));
	} else if (r != SQLITE_DONE) {
		store_fault(st, err);
	}
	sqlite3_reset(q);
	return r == SQLITE_ROW ? 1 : r == SQLITE_DONE ? 0 : -1;
}

int store_set(struct store *st, const struct store_zone *z, const char *text, size_t text_len,
    struct err *err)
{
	/* Without a text the one that is there stays: an unchanged push does not write it again. */
	sqlite3_stmt *q = store_stmt(st, text == NULL ? Q_UPDATE : Q_SET,
	    text == NULL
		? "UPDATE zones SET generation = ?2, seq = ?3, deleted = ?4, wanted = ?5,"
		  " serial = ?6, digest = ?7, origin = ?8, user = ?9, client = ?10, accepted = ?11,"
		  " note = ?12 WHERE name = ?1"
		: "INSERT OR REPLACE INTO zones(name, generation, seq, deleted, wanted, serial,"
		  " digest, origin, user, client, accepted, note, text)"
		  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, z->name);
	sqlite3_bind_int64(q, 2, (sqlite3_int64)z->generation);
	sqlite3_bind_int64(q, 3, (sqlite3_int64)z->seq);
	sqlite3_bind_int(q, 4, z->deleted);
	sqlite3_bind_int(q, 5, z->wanted);
	sqlite3_bind_int64(q, 6, z->serial);
	store_bind_text(q, 7, z->digest);
	store_bind_text(q, 8, z->origin);
	store_bind_text(q, 9, z->user);
	store_bind_text(q, 10, z->client);
	store_bind_text(q, 11, z->accepted);
	store_bind_text(q, 12, z->note);
	if (text != NULL)
		sqlite3_bind_blob64(q, 13, text, text_len, SQLITE_STATIC);
	return store_run(st, q, err);
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
	sqlite3_stmt *q = store_stmt(st, Q_MAX_SEQ, "SELECT coalesce(max(seq), 0) FROM zones", err);
	if (q == NULL)
		return -1;
	int64_t number = 0;
	int r = store_number(st, q, &number, err);
	*seq = (uint64_t)number;
	return r;
}
