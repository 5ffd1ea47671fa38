/* refusal: zones whose newest push was refused. */
#include "store/refusal.h"

#include "store/store_private.h"

#define COLUMNS "SELECT name, seq, known, origin, user, client, reason, length(held)"

/* Names that are pushed at random must not fill the disk. */
static int bound_unknown(struct store *st, struct err *err)
{
	return store_change(st,
	    "DELETE FROM refusals WHERE known = 0 AND seq <="
	    " (SELECT seq FROM refusals WHERE known = 0 ORDER BY seq DESC LIMIT 1 OFFSET ?)",
	    err, as_int(STORE_REFUSALS_UNKNOWN));
}

/* Nor must texts pushed for the zones of others.  The refusal stays, its text goes. */
static int bound_held(struct store *st, struct err *err)
{
	sqlite3_stmt *q = store_query(st,
	    "SELECT seq, length(held) FROM refusals WHERE held IS NOT NULL ORDER BY seq DESC", err,
	    as_null());
	size_t count = 0, bytes = 0;
	int r;
	while ((r = store_next(st, q, err)) > 0) {
		int64_t seq = sqlite3_column_int64(q, 0);
		bytes += (size_t)store_column_uint(q, 1);
		/* One text always fits, however large app.max_body_bytes is. */
		if (++count <= STORE_HELD_MOST && (count == 1 || bytes <= STORE_HELD_BYTES))
			continue;
		store_end(q);
		return store_change(st,
		    "UPDATE refusals SET held = NULL WHERE held IS NOT NULL AND seq <= ?", err,
		    as_int(seq));
	}
	return r;
}

int store_refuse(struct store *st, const struct store_refusal *r, const char *held, size_t held_len,
    struct err *err)
{
	if (store_change(st,
		"INSERT INTO refusals(name, seq, known, origin, user, client, reason, held)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(name) DO UPDATE SET"
		" seq = excluded.seq, known = excluded.known, origin = excluded.origin,"
		" user = excluded.user, client = excluded.client, reason = excluded.reason,"
		" held = excluded.held WHERE excluded.seq >= seq",
		err, as_text(r->zone), as_uint(r->seq), as_int(r->known), as_text(r->origin),
		as_text(r->user), as_text(r->client), as_text(r->reason),
		as_blob(held, held_len)) < 0)
		return -1;
	if (!r->known && bound_unknown(st, err) < 0)
		return -1;
	return held == NULL ? 0 : bound_held(st, err);
}

static void fill(sqlite3_stmt *q, struct store_refusal *out)
{
	*out = (struct store_refusal){0};
	store_column_copy(q, 0, out->zone, sizeof(out->zone));
	out->seq = store_column_uint(q, 1);
	out->known = store_column_bool(q, 2);
	store_column_copy(q, 3, out->origin, sizeof(out->origin));
	store_column_copy(q, 4, out->user, sizeof(out->user));
	store_column_copy(q, 5, out->client, sizeof(out->client));
	store_column_copy(q, 6, out->reason, sizeof(out->reason));
	out->held = (size_t)store_column_uint(q, 7);
}

int store_refusal(struct store *st, const char *zone, struct store_refusal *out, struct buf *held,
    struct err *err)
{
	sqlite3_stmt *q =
	    store_query(st, COLUMNS ", held FROM refusals WHERE name = ?", err, as_text(zone));
	int found = store_next(st, q, err);
	if (found <= 0)
		return found;
	fill(q, out);
	if (held != NULL)
		store_column_add(q, 8, held);
	store_end(q);
	return 1;
}

int store_each_refusal(struct store *st, size_t most,
    void (*take)(void *arg, const struct store_refusal *r), void *arg, struct err *err)
{
	sqlite3_stmt *q = store_query(st, COLUMNS " FROM refusals ORDER BY seq DESC LIMIT ?", err,
	    as_int(most == 0 ? -1 : (int64_t)most));
	struct store_refusal one;
	int r;
	while ((r = store_next(st, q, err)) > 0) {
		fill(q, &one);
		take(arg, &one);
	}
	return r;
}

int store_count_refusals(struct store *st, size_t *count, size_t *held, struct err *err)
{
	sqlite3_stmt *q =
	    store_query(st, "SELECT count(*), count(held) FROM refusals", err, as_null());
	int found = store_next(st, q, err);
	if (found <= 0)
		return -1;
	*count = (size_t)store_column_uint(q, 0);
	*held = (size_t)store_column_uint(q, 1);
	store_end(q);
	return 0;
}

int store_refusal_end(struct store *st, const char *zone, uint64_t seq, struct err *err)
{
	return store_change(st, "DELETE FROM refusals WHERE name = ?1 AND seq < ?2", err,
	    as_text(zone), as_uint(seq));
}
