/* store_delivery: deliveries and targets; see store.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/store_private.h"

static const char *const state_names[] = {"done", "due", "deferred", "parked", "refused"};

int store_sync_target(struct store *st, const char *target, size_t *due, struct err *err)
{
	/* A deleted zone that the target never had needs no delivery; a live one does. */
	sqlite3_stmt *add = store_stmt(st, Q_SYNC_ADD,
	    "INSERT INTO deliveries SELECT ?1, name, 0, 'due', 0, 0, ?2, '', 0, 0 FROM zones"
	    " WHERE deleted = 0 AND NOT EXISTS"
	    " (SELECT 1 FROM deliveries WHERE target = ?1 AND zone = name)",
	    err);
	sqlite3_stmt *due_again = store_stmt(st, Q_SYNC_DUE,
	    "UPDATE deliveries SET state = 'due', attempts = 0, next = 0, changed = ?2, error = ''"
	    " FROM (SELECT name, generation FROM zones) AS z"
	    " WHERE target = ?1 AND z.name = zone AND state <> 'due'"
	    " AND confirmed <> z.generation AND (state = 'done' OR tried <> z.generation)",
	    err);
	if (add == NULL || due_again == NULL)
		return -1;
	sqlite3_stmt *both[] = {add, due_again};
	*due = 0;
	for (size_t i = 0; i < 2; i++) {
		store_bind_text(both[i], 1, target);
		sqlite3_bind_int64(both[i], 2, clock_wall_s());
		if (store_run(st, both[i], err) < 0)
			return -1;
		*due += (size_t)sqlite3_changes(st->db);
	}
	return 0;
}

int store_make_due(struct store *st, const char *target, const char *zone, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_MAKE_DUE,
	    "INSERT INTO deliveries VALUES(?1, ?2, 0, 'due', 0, 0, ?3, '', 0, 0)"
	    " ON CONFLICT(target, zone) DO UPDATE SET state = 'due', attempts = 0,"
	    " next = alone > 0, alone = min(alone, 21), changed = ?3, error = ''",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	store_bind_text(q, 2, zone);
	sqlite3_bind_int64(q, 3, clock_wall_s());
	return store_run(st, q, err);
}

int store_rearm(struct store *st, const char *target, const char *zone, enum store_rearm which,
    size_t *count, struct err *err)
{
#define REARM \
	"UPDATE deliveries SET state = 'due', attempts = 0, next = alone > 0" \
	" WHERE target = ?1 AND (state NOT IN ('done', 'refused')" \
	" OR state = 'refused' AND (?3 = 2 OR ?3 = 1 AND alone < 22))"
	bool all = zone[0] == '\0';
	sqlite3_stmt *q =
	    store_stmt(st, all ? Q_REARM_ALL : Q_REARM, all ? REARM : REARM " AND zone = ?2", err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	if (!all)
		store_bind_text(q, 2, zone);
	sqlite3_bind_int(q, 3, (int)which);
	if (store_run(st, q, err) < 0)
		return -1;
	*count += (size_t)sqlite3_changes(st->db);
	return 0;
}

static void fill(sqlite3_stmt *q, struct delivery *d)
{
	*d = (struct delivery){0};
	store_column_text(q, 0, d->zone, sizeof(d->zone));
	d->generation = (uint64_t)sqlite3_column_int64(q, 1);
	d->deleted = sqlite3_column_int(q, 2) != 0;
	d->attempts = (unsigned)sqlite3_column_int(q, 3);
	d->alone = (unsigned)sqlite3_column_int(q, 4);
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
	sqlite3_stmt *q = store_stmt(st, Q_DUE,
	    "SELECT d.zone, z.generation, z.deleted, d.attempts, d.alone, z.text FROM deliveries d"
	    " JOIN zones z ON z.name = d.zone WHERE d.target = ? AND d.next <= ?"
	    " ORDER BY d.next LIMIT ?",
	    err);
	*list = NULL;
	*count = 0;
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	sqlite3_bind_int64(q, 2, now);
	sqlite3_bind_int64(q, 3, (sqlite3_int64)max_count);
	size_t bytes = 0, cap = 0, most = max_count;
	int r = SQLITE_DONE;
	while (*count < most && bytes < max_bytes && (r = sqlite3_step(q)) == SQLITE_ROW) {
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
			buf_add(
			    &d.text, sqlite3_column_blob(q, 5), (size_t)sqlite3_column_bytes(q, 5));
		bytes += d.text.len;
		(*list)[(*count)++] = d;
	}
	if (r != SQLITE_ROW && r != SQLITE_DONE) {
		store_fault(st, err);
		store_due_free(*list, *count);
		*list = NULL;
	}
	sqlite3_reset(q);
	return r == SQLITE_ROW || r == SQLITE_DONE ? 0 : -1;
}

void store_due_free(struct delivery *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_free(&list[i].text);
	free(list);
}

int store_next_due(struct store *st, const char *target, int64_t *when, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_NEXT_DUE,
	    "SELECT coalesce(min(next), 9223372036854775807) FROM deliveries"
	    " WHERE target = ? AND next IS NOT NULL",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	return store_number(st, q, when, err);
}

int store_held(struct store *st, const char *target, size_t *count, struct err *err)
{
	/* A deletion that was confirmed left nothing there, one that was not left something. */
	sqlite3_stmt *q = store_stmt(st, Q_HELD,
	    "SELECT count(*) FROM deliveries d JOIN zones z ON z.name = d.zone WHERE d.target = ?"
	    " AND d.confirmed > 0 AND NOT (z.deleted AND d.confirmed = z.generation)",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	int64_t number = 0;
	int r = store_number(st, q, &number, err);
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
	sqlite3_stmt *q = store_stmt(st, Q_LATENCY_ADD,
	    "INSERT INTO latency(target, bucket, count, sum) VALUES(?1, ?2, 1, ?3)"
	    " ON CONFLICT DO UPDATE SET count = count + 1, sum = sum + ?3",
	    err);
	if (q == NULL)
		return -1;
	int64_t us = clock_wall_us() - (int64_t)generation;
	double seconds = us < 0 ? 0 : (double)us / 1e6;
	store_bind_text(q, 1, target);
	sqlite3_bind_int64(q, 2, (sqlite3_int64)latency_bucket(seconds));
	sqlite3_bind_double(q, 3, seconds);
	return store_run(st, q, err);
}

int store_latency(struct store *st, const char *target, struct store_latency *out, struct err *err)
{
	sqlite3_stmt *q = store_stmt(
	    st, Q_LATENCY, "SELECT bucket, count, sum FROM latency WHERE target = ?", err);
	int r;
	*out = (struct store_latency){0};
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	while ((r = sqlite3_step(q)) == SQLITE_ROW) {
		int64_t bucket = sqlite3_column_int64(q, 0);
		if (bucket >= 0 && bucket <= STORE_LATENCY_BOUNDS)
			out->count[bucket] = (uint64_t)sqlite3_column_int64(q, 1);
		out->sum += sqlite3_column_double(q, 2);
	}
	if (r != SQLITE_DONE)
		store_fault(st, err);
	sqlite3_reset(q);
	return r == SQLITE_DONE ? 0 : -1;
}

int store_confirm(
    struct store *st, const char *target, const char *zone, uint64_t generation, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_CONFIRM,
	    "UPDATE deliveries SET confirmed = ?3, changed = ?4, attempts = 0, alone = 0,"
	    " tried = ?3, error = '',"
	    " state = iif(z.generation = ?3, 'done', 'due'),"
	    " next = iif(z.generation = ?3, NULL, 0)"
	    " FROM (SELECT generation FROM zones WHERE name = ?2) AS z"
	    " WHERE target = ?1 AND zone = ?2",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	store_bind_text(q, 2, zone);
	sqlite3_bind_int64(q, 3, (sqlite3_int64)generation);
	sqlite3_bind_int64(q, 4, clock_wall_s());
	return store_run(st, q, err) < 0 ? -1 : add_latency(st, target, generation, err);
}

int store_fail(struct store *st, const char *target, const char *zone, uint64_t generation,
    enum delivery_state state, int64_t next, const char *reason, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_FAIL,
	    "UPDATE deliveries SET state = ?4, next = ?5, changed = ?6, error = ?7, tried = ?3,"
	    " attempts = attempts + 1 WHERE target = ?1 AND zone = ?2"
	    " AND (SELECT generation FROM zones WHERE name = ?2) = ?3",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	store_bind_text(q, 2, zone);
	sqlite3_bind_int64(q, 3, (sqlite3_int64)generation);
	store_bind_text(q, 4, state_names[state]);
	if (state == DELIVERY_DEFERRED)
		sqlite3_bind_int64(q, 5, next);
	sqlite3_bind_int64(q, 6, clock_wall_s());
	store_bind_text(q, 7, reason);
	return store_run(st, q, err);
}

int store_suspect(struct store *st, const char *target, const char *zone, uint64_t generation,
    unsigned alone, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_SUSPECT,
	    "UPDATE deliveries SET next = 1, tried = ?3, alone = ?4 WHERE target = ?1 AND zone = ?2"
	    " AND (SELECT generation FROM zones WHERE name = ?2) = ?3",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	store_bind_text(q, 2, zone);
	sqlite3_bind_int64(q, 3, (sqlite3_int64)generation);
	sqlite3_bind_int64(q, 4, alone);
	return store_run(st, q, err);
}

int store_delivery_state(struct store *st, const char *target, const char *zone, char state[16],
    int64_t *changed, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_DELIVERY_STATE,
	    "SELECT state, changed FROM deliveries WHERE target = ? AND zone = ?", err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, target);
	store_bind_text(q, 2, zone);
	int r = sqlite3_step(q);
	if (r == SQLITE_ROW) {
		store_column_text(q, 0, state, 16);
		*changed = sqlite3_column_int64(q, 1);
	} else if (r != SQLITE_DONE) {
		store_fault(st, err);
	}
	sqlite3_reset(q);
	return r == SQLITE_ROW ? 1 : r == SQLITE_DONE ? 0 : -1;
}

int store_clamp(struct store *st, int64_t now, int64_t most, struct err *err)
{
	sqlite3_stmt *q =
	    store_stmt(st, Q_CLAMP, "UPDATE deliveries SET next = ?1 WHERE next > ?1 + ?2", err);
	sqlite3_stmt *t = store_stmt(st, Q_CLAMP_TARGET,
	    "UPDATE targets SET next_probe = ?1 WHERE next_probe > ?1 + ?2", err);
	if (q == NULL || t == NULL)
		return -1;
	sqlite3_stmt *both[] = {q, t};
	for (size_t i = 0; i < 2; i++) {
		sqlite3_bind_int64(both[i], 1, now);
		sqlite3_bind_int64(both[i], 2, most);
		if (store_run(st, both[i], err) < 0)
			return -1;
	}
	return 0;
}

int store_target_get(struct store *st, const char *name, struct store_target *out, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_TARGET_GET,
	    "SELECT down, since, next_probe, step, reason FROM targets WHERE name = ?", err);
	if (q == NULL)
		return -1;
	*out = (struct store_target){0};
	snprintf(out->name, sizeof(out->name), "%s", name);
	store_bind_text(q, 1, name);
	int r = sqlite3_step(q);
	if (r == SQLITE_ROW) {
		out->down = sqlite3_column_int(q, 0) != 0;
		out->since = sqlite3_column_int64(q, 1);
		out->next_probe = sqlite3_column_int64(q, 2);
		out->step = (unsigned)sqlite3_column_int(q, 3);
		store_column_text(q, 4, out->reason, sizeof(out->reason));
	} else if (r != SQLITE_DONE) {
		store_fault(st, err);
	}
	sqlite3_reset(q);
	return r == SQLITE_ROW ? 1 : r == SQLITE_DONE ? 0 : -1;
}

int store_target_set(struct store *st, const struct store_target *t, struct err *err)
{
	sqlite3_stmt *q = store_stmt(st, Q_TARGET_SET,
	    "INSERT INTO targets(name, down, since, next_probe, step, reason)"
	    " VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET down = excluded.down,"
	    " since = excluded.since, next_probe = excluded.next_probe, step = excluded.step,"
	    " reason = excluded.reason",
	    err);
	if (q == NULL)
		return -1;
	store_bind_text(q, 1, t->name);
	sqlite3_bind_int(q, 2, t->down);
	sqlite3_bind_int64(q, 3, t->since);
	sqlite3_bind_int64(q, 4, t->next_probe);
	sqlite3_bind_int(q, 5, (int)t->step);
	store_bind_text(q, 6, t->reason);
	return store_run(st, q, err);
}
