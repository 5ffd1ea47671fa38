/* store_refusal: zones whose newest push was refused; see store.h. */
#include <stdio.h>

#include "store/store_private.h"

/* Names that are pushed at random must not fill the disk. */
static int bound_unknown(struct store *st, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_REFUSAL_BOUND,
	    "DELETE FROM refusals WHERE known = 0 AND seq <="
	    " (SELECT seq FROM refusals WHERE known = 0 ORDER BY seq DESC LIMIT 1 OFFSET ?)",
	    err);
	if (q == NULL)
		return -1;
	sqlite3_bind_int(q, 1, STORE_REFUSALS_UNKNOWN);
	return store_run(st, q, err);
}

/* Nor must texts for the zones of others.  The refusal stays, its text goes. */
static int bound_held(struct store *st, struct err *err)
{
	sqlite3_stmt *all = store_stmt(st, Q_REFUSAL_HELD,
	    "SELECT seq, length(held) FROM refusals WHERE held IS NOT NULL ORDER BY seq DESC", err);
	sqlite3_stmt *drop = store_stmt(st, Q_REFUSAL_DROP,
	    "UPDATE refusals SET held = NULL WHERE held IS NOT NULL AND seq <= ?", err);
	if (all == NULL || drop == NULL)
		return -1;
	size_t count = 0, bytes = 0;
	int64_t last = 0;
	int r;
	while ((r = sqlite3_step(all)) == SQLITE_ROW && last == 0) {
		bytes += (size_t)sqlite3_column_int64(all, 1);
		/* One always has room, however large app.max_body_bytes is. */
		if (++count > STORE_HELD_MOST || (count > 1 && bytes > STORE_HELD_BYTES))
			last = sqlite3_column_int64(all, 0);
	}
	if (r != SQLITE_ROW && r != SQLITE_DONE)
		store_fault(st, err);
	sqlite3_reset(all);
	if (last == 0)
		return r == SQLITE_DONE ? 0 : -1;
	sqlite3_bind_int64(drop, 1, last);
	return store_run(st, drop, err);
}

int store_refuse(struct store *st, const struct store_refusal *r, const char *held, size_t held_len,
    struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_REFUSE,
	    "INSERT INTO refusals(name, seq, known, origin, user, client, reason, held)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(name) DO UPDATE SET"
	    " seq = excluded.seq, known = excluded.known, origin = excluded.origin,"
	    " user = excluded.user, client = excluded.client, reason = excluded.reason,"
	    " held = excluded.held WHERE excluded.seq >= seq",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, r->zone);
	sqlite3_bind_int64(q, 2, (sqlite3_int64)r->seq);
	sqlite3_bind_int(q, 3, r->known);
	store_bind_text(q, 4, r->origin);
	store_bind_text(q, 5, r->user);
	store_bind_text(q, 6, r->client);
	store_bind_text(q, 7, r->reason);
	if (held != NULL)
		sqlite3_bind_blob64(q, 8, held, held_len, SQLITE_STATIC);
	if (store_run(st, q, err) < 0 || (!r->known && bound_unknown(st, err) < 0))
		return -1;
	return held == NULL ? 0 : bound_held(st, err);
}

int store_refusal(struct store *st, const char *zone, struct store_refusal *out, struct buf *held,
    struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_REFUSAL,
	    "SELECT seq, known, origin, user, client, reason, length(held), held FROM refusals"
	    " WHERE name = ?",
	    err);
	if (q == NULL)
		return -1;
	*out = (struct store_refusal){0};
	store_bind_text(q, 1, zone);
	int r = sqlite3_step(q);
	if (r == SQLITE_ROW) {
		snprintf(out->zone, sizeof(out->zone), "%s", zone);
		out->seq = (uint64_t)sqlite3_column_int64(q, 0);
		out->known = sqlite3_column_int(q, 1) != 0;
		store_column_text(q, 2, out->origin, sizeof(out->origin));
		store_column_text(q, 3, out->user, sizeof(out->user));
		store_column_text(q, 4, out->client, sizeof(out->client));
		store_column_text(q, 5, out->reason, sizeof(out->reason));
		out->held = (size_t)sqlite3_column_int64(q, 6);
		if (held != NULL)
			buf_add(
			    held, sqlite3_column_blob(q, 7), (size_t)sqlite3_column_bytes(q, 7));
	} else if (r != SQLITE_DONE) {
		store_fault(st, err);
	}
	sqlite3_reset(q);
	return r == SQLITE_ROW ? 1 : r == SQLITE_DONE ? 0 : -1;
}

int store_refusal_end(struct store *st, const char *zone, uint64_t seq, struct err *err)
{
	sqlite3_stmt *q =
	    store_stmt(st, Q_REFUSAL_END, "DELETE FROM refusals WHERE name = ?1 AND seq < ?2", err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, zone);
	sqlite3_bind_int64(q, 2, (sqlite3_int64)seq);
	return store_run(st, q, err);
}
