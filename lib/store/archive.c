/* archive: the last texts of deleted zones. */
#include "store/archive.h"

#include "base/clock.h"
#include "store/store_private.h"

int store_archive(struct store *st, const char *zone, struct err *err)
{
	return store_change(st,
	    "INSERT OR REPLACE INTO archive SELECT name, ?2, serial, digest, origin, user, text"
	    " FROM zones WHERE name = ?1 AND deleted = 0",
	    err, as_text(zone), as_int(clock_wall_s()));
}

int store_archived(
    struct store *st, const char *zone, struct store_zone *z, struct buf *text, struct err *err)
{
	sqlite3_stmt *q = store_query(
	    st, "SELECT serial, digest, text FROM archive WHERE name = ?", err, as_text(zone));
	int found = store_next(st, q, err);
	if (found <= 0)
		return found;
	z->serial = (uint32_t)store_column_uint(q, 0);
	store_column_copy(q, 1, z->digest, sizeof(z->digest));
	store_column_add(q, 2, text);
	store_end(q);
	return 1;
}

int store_archived_at(struct store *st, const char *zone, int64_t *when, struct err *err)
{
	sqlite3_stmt *q =
	    store_query(st, "SELECT removed FROM archive WHERE name = ?", err, as_text(zone));
	int found = store_next(st, q, err);
	if (found <= 0)
		return found;
	*when = sqlite3_column_int64(q, 0);
	store_end(q);
	return 1;
}

int store_archive_prune(struct store *st, int64_t before, struct err *err)
{
	return store_change(st, "DELETE FROM archive WHERE removed < ?", err, as_int(before));
}
