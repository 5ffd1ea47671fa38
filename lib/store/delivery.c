/* delivery: the deliveries of each target, and the targets' health. */
#include "store/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/store_private.h"

static const char *const state_names[] = {"done", "due", "deferred", "parked", "refused"};

const char *store_state_word(enum delivery_state state)
{
	return state_names[state];
}

enum delivery_state store_state_of(const char *word)
{
	for (size_t i = 0; i < DELIVERY_STATES; i++) {
		if (strcmp(state_names[i], word) == 0)
			return (enum delivery_state)i;
	}
	return DELIVERY_DUE;
}

int store_sync_target(struct store *st, const char *target, size_t *due, struct err *err)
{
	*due = 0;
	/* A deleted zone that the target never had needs no delivery; a live one does. */
	if (store_change(st,
		"INSERT INTO deliveries SELECT ?1, name, 0, 'due', 0, 0, ?2, '', 0, 0 FROM zones"
		" WHERE deleted = 0 AND NOT EXISTS"
		" (SELECT 1 FROM deliveries WHERE target = ?1 AND zone = name)",
		err, as_text(target), as_int(clock_wall_s())) < 0)
		return -1;
	*due += (size_t)sqlite3_changes(st->db);
	if (store_change(st,
		"UPDATE deliveries SET state = 'due', attempts = 0, next = 0, changed = ?2,"
		" error = '' FROM (SELECT name, generation FROM zones) AS z"
		" WHERE target = ?1 AND z.name = zone AND state <> 'due'"
		" AND confirmed <> z.generation AND (state = 'done' OR tried <> z.generation)",
		err, as_text(target), as_int(clock_wall_s())) < 0)
		return -1;
	*due += (size_t)sqlite3_changes(st->db);
	return 0;
}

int store_make_due(struct store *st, const char *target, const char *zone, struct err *err)
{
	return store_change(st,
	    "INSERT INTO deliveries VALUES(?1, ?2, 0, 'due', 0, 0, ?3, '', 0, 0)"
	    " ON CONFLICT(target, zone) DO UPDATE SET state = 'due', attempts = 0,"
	    " next = alone > 0, alone = min(alone, 21), changed = ?3, error = ''",
	    err, as_text(target), as_text(zone), as_int(clock_wall_s()));
}

/* A suspect is due at once, so its `next` is a small number, and its place in the line: behind what
 * never failed (0), and behind all that were suspects before it.  So each has its turn. */
#define PLACES "1000000"

int store_rearm(struct store *st, const char *target, const char *zone, enum store_rearm which,
    size_t *count, struct err *err)
{
#define REARM \
	"UPDATE deliveries SET state = 'due', attempts = 0," \
	" next = iif(alone > 0 AND next < " PLACES ", next, alone > 0)" \
	" WHERE target = ?1 AND (state NOT IN ('done', 'refused')" \
	" OR state = 'refused' AND (?2 = 2 OR ?2 = 1 AND alone < 22))"
	int r = zone[0] == '\0' ? store_change(st, REARM, err, as_text(target), as_int(which))
				: store_change(st, REARM " AND zone = ?3", err, as_text(target),
				      as_int(which), as_text(zone));
	if (r == 0)
		*count += (size_t)sqlite3_changes(st->db);
	return r;
}

static void fill(sqlite3_stmt *q, struct delivery *d)
{
	*d = (struct delivery){0};
	store_column_copy(q, 0, d->zone, sizeof(d->zone));
	d->generation = store_column_uint(q, 1);
	d->deleted = store_column_bool(q, 2);
	d->attempts = (unsigned)store_column_uint(q, 3);
	d->alone = (unsigned)store_column_uint(q, 4);
}

static size_t company(const struct delivery *d, size_t most, unsigned last)
{
	unsigned steps = d->attempts > d->alone ? d->attempts : d->alone;
	if ((d->attempts > 0 && d->attempts >= last) || steps >= ALONE_SUSPECT)
		return 1;
	most >>= 3 * steps;
	return most == 0 ? 1 : most;
}

int store_due(struct store *st, const char *target, int64_t now, size_t max_count, size_t max_bytes,
    unsigned last, struct delivery **list, size_t *count, struct err *err)
{
	sqlite3_stmt *q = store_query(st,
	    "SELECT d.zone, z.generation, z.deleted, d.attempts, d.alone, z.text FROM deliveries d"
	    " JOIN zones z ON z.name = d.zone WHERE d.target = ? AND d.next <= ?"
	    " ORDER BY d.next LIMIT ?",
	    err, as_text(target), as_int(now), as_uint(max_count));
	*list = NULL;
	*count = 0;
	size_t bytes = 0, cap = 0, most = max_count;
	int r = 0;
	while (*count < most && bytes < max_bytes && (r = store_next(st, q, err)) > 0) {
		struct delivery d;
		fill(q, &d);
		size_t together = company(&d, max_count, last);
		if (*count == 0)
			most = together;
		else if (together != most)
			break;
		if (*count == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			*list = mem_resize(*list, cap, sizeof(**list));
		}
		if (!d.deleted)
			store_column_add(q, 5, &d.text);
		bytes += d.text.len;
		(*list)[(*count)++] = d;
	}
	if (r > 0)
		store_end(q);
	if (r >= 0)
		return 0;
	store_due_free(*list, *count);
	*list = NULL;
	return -1;
}

void store_due_free(struct delivery *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_free(&list[i].text);
	free(list);
}

int store_next_due(struct store *st, const char *target, int64_t *when, struct err *err)
{
	return store_number(st,
	    store_query(st,
		"SELECT coalesce(min(next), 9223372036854775807) FROM deliveries"
		" WHERE target = ? AND next IS NOT NULL",
		err, as_text(target)),
	    when, err);
}

int store_held(struct store *st, const char *target, size_t *count, struct err *err)
{
	/* A confirmed delete left nothing there; an unconfirmed one left the zone. */
	int64_t number = 0;
	int r = store_number(st,
	    store_query(st,
		"SELECT count(*) FROM deliveries d JOIN zones z ON z.name = d.zone"
		" WHERE d.target = ? AND d.confirmed > 0"
		" AND NOT (z.deleted AND d.confirmed = z.generation)",
		err, as_text(target)),
	    &number, err);
	*count = (size_t)number;
	return r;
}

const double store_latency_bounds[STORE_LATENCY_BOUNDS] = {
    0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600, 3600};

static size_t latency_bucket(double seconds)
{
	size_t i = 0;
	while (i < STORE_LATENCY_BOUNDS && seconds > store_latency_bounds[i])
		i++;
	return i;
}

static int add_latency(struct store *st, const char *target, uint64_t generation, struct err *err)
{
	int64_t us = clock_wall_us() - (int64_t)generation;
	double seconds = us < 0 ? 0 : (double)us / 1e6;
	return store_change(st,
	    "INSERT INTO latency(target, bucket, count, sum) VALUES(?1, ?2, 1, ?3)"
	    " ON CONFLICT DO UPDATE SET count = count + 1, sum = sum + ?3",
	    err, as_text(target), as_uint(latency_bucket(seconds)), as_real(seconds));
}

int store_latency(struct store *st, const char *target, struct store_latency *out, struct err *err)
{
	sqlite3_stmt *q = store_query(
	    st, "SELECT bucket, count, sum FROM latency WHERE target = ?", err, as_text(target));
	int r;
	*out = (struct store_latency){0};
	while ((r = store_next(st, q, err)) > 0) {
		int64_t bucket = sqlite3_column_int64(q, 0);
		if (bucket >= 0 && bucket <= STORE_LATENCY_BOUNDS)
			out->count[bucket] = store_column_uint(q, 1);
		out->sum += sqlite3_column_double(q, 2);
	}
	return r;
}

int store_confirm(
    struct store *st, const char *target, const char *zone, uint64_t generation, struct err *err)
{
	if (store_change(st,
		"UPDATE deliveries SET confirmed = ?3, changed = ?4, attempts = 0, alone = 0,"
		" tried = ?3, error = '',"
		" state = iif(z.generation = ?3, 'done', 'due'),"
		" next = iif(z.generation = ?3, NULL, 0)"
		" FROM (SELECT generation FROM zones WHERE name = ?2) AS z"
		" WHERE target = ?1 AND zone = ?2",
		err, as_text(target), as_text(zone), as_uint(generation),
		as_int(clock_wall_s())) < 0)
		return -1;
	return add_latency(st, target, generation, err);
}

int store_fail(struct store *st, const char *target, const char *zone, uint64_t generation,
    enum delivery_state state, int64_t next, const char *reason, struct err *err)
{
	return store_change(st,
	    "UPDATE deliveries SET state = ?4, next = ?5, changed = ?6, error = ?7, tried = ?3,"
	    " attempts = attempts + 1 WHERE target = ?1 AND zone = ?2"
	    " AND (SELECT generation FROM zones WHERE name = ?2) = ?3",
	    err, as_text(target), as_text(zone), as_uint(generation), as_text(state_names[state]),
	    state == DELIVERY_DEFERRED ? as_int(next) : as_null(), as_int(clock_wall_s()),
	    as_text(reason));
}

int store_suspect(struct store *st, const char *target, const char *zone, uint64_t generation,
    unsigned alone, struct err *err)
{
	return store_change(st,
	    "UPDATE deliveries SET tried = ?3, alone = ?4, next = 1 + coalesce((SELECT max(next)"
	    " FROM deliveries WHERE target = ?1 AND next < " PLACES "), 0)"
	    " WHERE target = ?1 AND zone = ?2"
	    " AND (SELECT generation FROM zones WHERE name = ?2) = ?3",
	    err, as_text(target), as_text(zone), as_uint(generation), as_int(alone));
}

int store_delivery_state(struct store *st, const char *target, const char *zone,
    enum delivery_state *state, int64_t *changed, struct err *err)
{
	sqlite3_stmt *q =
	    store_query(st, "SELECT state, changed FROM deliveries WHERE target = ? AND zone = ?",
		err, as_text(target), as_text(zone));
	int found = store_next(st, q, err);
	if (found <= 0)
		return found;
	*state = store_state_of(store_column(q, 0));
	*changed = sqlite3_column_int64(q, 1);
	store_end(q);
	return 1;
}

int store_clamp(struct store *st, int64_t now, int64_t most, struct err *err)
{
	if (store_change(st, "UPDATE deliveries SET next = ?1 WHERE next > ?1 + ?2", err,
		as_int(now), as_int(most)) < 0)
		return -1;
	return store_change(st, "UPDATE targets SET next_probe = ?1 WHERE next_probe > ?1 + ?2",
	    err, as_int(now), as_int(most));
}

int store_target_get(struct store *st, const char *name, struct store_target *out, struct err *err)
{
	sqlite3_stmt *q = store_query(st,
	    "SELECT down, since, next_probe, step, reason FROM targets WHERE name = ?", err,
	    as_text(name));
	*out = (struct store_target){0};
	snprintf(out->name, sizeof(out->name), "%s", name);
	int found = store_next(st, q, err);
	if (found <= 0)
		return found;
	out->down = store_column_bool(q, 0);
	out->since = sqlite3_column_int64(q, 1);
	out->next_probe = sqlite3_column_int64(q, 2);
	out->step = (unsigned)store_column_uint(q, 3);
	store_column_copy(q, 4, out->reason, sizeof(out->reason));
	store_end(q);
	return 1;
}

int store_target_set(struct store *st, const struct store_target *t, struct err *err)
{
	return store_change(st,
	    "INSERT INTO targets(name, down, since, next_probe, step, reason)"
	    " VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET down = excluded.down,"
	    " since = excluded.since, next_probe = excluded.next_probe, step = excluded.step,"
	    " reason = excluded.reason",
	    err, as_text(t->name), as_int(t->down), as_int(t->since), as_int(t->next_probe),
	    as_int(t->step), as_text(t->reason));
}
