/* read: walks over many zones or deliveries, and their numbers. */
#include "store/read.h"

#include "store/store_private.h"

int store_read_begin(struct store *st, struct err *err)
{
	return store_exec(st, "BEGIN", err);
}

void store_read_end(struct store *st)
{
	store_rollback(st);
}

int store_each_zone(struct store *st, void (*take)(void *arg, const struct store_zone_row *row),
    void *arg, struct err *err)
{
	sqlite3_stmt *q = store_query(st,
	    "SELECT name, seq, generation, serial, deleted, wanted, digest, origin FROM zones", err,
	    as_null());
	int r;
	while ((r = store_next(st, q, err)) > 0) {
		struct store_zone_row row = {.name = store_column(q, 0),
		    .seq = store_column_uint(q, 1),
		    .generation = store_column_uint(q, 2),
		    .serial = (uint32_t)store_column_uint(q, 3),
		    .deleted = store_column_bool(q, 4),
		    .wanted = store_column_bool(q, 5),
		    .digest = store_column(q, 6),
		    .origin = store_column(q, 7)};
		take(arg, &row);
	}
	return r;
}

int store_count_zones(struct store *st, size_t *count, struct err *err)
{
	int64_t number = 0;
	int r = store_number(st,
	    store_query(st,
		"SELECT count(*) - (SELECT count(*) FROM zones WHERE deleted = 1) FROM zones", err,
		as_null()),
	    &number, err);
	*count = (size_t)number;
	return r;
}

int store_min_seq(struct store *st, uint64_t *seq, struct err *err)
{
	int64_t number = 0;
	int r = store_number(st,
	    store_query(st, "SELECT coalesce(min(seq), 0) FROM zones", err, as_null()), &number,
	    err);
	*seq = (uint64_t)number;
	return r;
}

#define DELIVERY "SELECT target, zone, state, confirmed, attempts, next, changed, error"

static int each_delivery(struct store *st, sqlite3_stmt *q,
    void (*take)(void *arg, const struct store_delivery_row *row), void *arg, struct err *err)
{
	int r;
	while ((r = store_next(st, q, err)) > 0) {
		struct store_delivery_row row = {.target = store_column(q, 0),
		    .zone = store_column(q, 1),
		    .state = store_state_of(store_column(q, 2)),
		    .confirmed = store_column_uint(q, 3),
		    .attempts = (unsigned)store_column_uint(q, 4),
		    .next = sqlite3_column_int64(q, 5),
		    .changed = sqlite3_column_int64(q, 6),
		    .error = store_column(q, 7)};
		take(arg, &row);
	}
	return r;
}

int store_each_delivery(struct store *st, const char *zone,
    void (*take)(void *arg, const struct store_delivery_row *row), void *arg, struct err *err)
{
	return each_delivery(st,
	    store_query(
		st, DELIVERY " FROM deliveries WHERE zone = ? ORDER BY target", err, as_text(zone)),
	    take, arg, err);
}

int store_each_failure(struct store *st, const char *target, size_t most,
    void (*take)(void *arg, const struct store_delivery_row *row), void *arg, struct err *err)
{
	return each_delivery(st,
	    store_query(st,
		DELIVERY " FROM deliveries WHERE target = ? AND state <> 'done' AND error <> ''"
			 " ORDER BY changed DESC LIMIT ?",
		err, as_text(target), as_uint(most)),
	    take, arg, err);
}

int store_each_state(struct store *st, const char *target,
    void (*take)(void *arg, const char *zone, enum delivery_state state), void *arg,
    struct err *err)
{
	sqlite3_stmt *q =
	    store_query(st, "SELECT zone, state FROM deliveries WHERE target = ? ORDER BY zone",
		err, as_text(target));
	int r;
	while ((r = store_next(st, q, err)) > 0)
		take(arg, store_column(q, 0), store_state_of(store_column(q, 1)));
	return r;
}

int store_count_deliveries(
    struct store *st, const char *target, struct store_counts *out, struct err *err)
{
	int64_t done = 0;
	int r;
	*out = (struct store_counts){0};
	sqlite3_stmt *q = store_query(st,
	    "SELECT d.state, count(*), min(z.generation) FROM deliveries d"
	    " JOIN zones z ON z.name = d.zone WHERE d.target = ? AND d.state <> 'done'"
	    " GROUP BY d.state",
	    err, as_text(target));
	while ((r = store_next(st, q, err)) > 0) {
		uint64_t first = store_column_uint(q, 2);
		out->of[store_state_of(store_column(q, 0))] += (size_t)store_column_uint(q, 1);
		if (out->oldest == 0 || first < out->oldest)
			out->oldest = first;
	}
	if (r == 0)
		r = store_number(st,
		    store_query(st,
			"SELECT count(*) - (SELECT count(*) FROM zones z CROSS JOIN deliveries d"
			" ON d.target = ?1 AND d.zone = z.name WHERE z.deleted = 1"
			" AND d.state = 'done')"
			" FROM deliveries WHERE target = ?1 AND state = 'done'",
			err, as_text(target)),
		    &done, err);
	out->of[DELIVERY_DONE] = (size_t)done;
	return r;
}

int store_each_signed(struct store *st,
    void (*take)(void *arg, const char *zone, const char *text, size_t len), void *arg,
    struct err *err)
{
	sqlite3_stmt *q = store_query(st,
	    "SELECT name, text FROM zones WHERE deleted = 0"
	    " AND instr(text, CAST('RRSIG' AS BLOB)) > 0",
	    err, as_null());
	int r;
	while ((r = store_next(st, q, err)) > 0) {
		const char *text = sqlite3_column_blob(q, 1);
		take(arg, store_column(q, 0), text, (size_t)sqlite3_column_bytes(q, 1));
	}
	return r;
}

int store_each_backwards(struct store *st,
    void (*take)(void *arg, const char *zone, uint32_t serial, int64_t since), void *arg,
    struct err *err)
{
	sqlite3_stmt *q = store_query(st,
	    "SELECT b.name, b.serial, b.since FROM backwards b JOIN zones z USING (name)"
	    " WHERE z.deleted = 0",
	    err, as_null());
	int r;
	while ((r = store_next(st, q, err)) > 0)
		take(arg, store_column(q, 0), (uint32_t)store_column_uint(q, 1),
		    sqlite3_column_int64(q, 2));
	return r;
}
