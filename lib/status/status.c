#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "spool/spool.h"
#include "status/compare.h"
#include "status/status.h"

#define FAILURES_MOST 20
#define STUCK_S 300 /* a job that waits so long is not being taken */

static const char *const waiting[] = {"due", "deferred", "parked", "refused"};

static json_t *when(int64_t wall_s)
{
	char text[32];
	clock_rfc3339(wall_s, text);
	return json_string(text);
}

static bool runner_runs(const struct conf *conf)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/queue.lock", conf->run_dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool held = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	close(fd);
	return held;
}

/* What ddo-queue says of jobs that it cannot take: run_dir/intake. */
static void add_intake(const struct conf *conf, json_t *out)
{
	char path[4096], *end;
	struct buf text = {0};
	snprintf(path, sizeof(path), "%s/intake", conf->run_dir);
	json_object_set_new(out, "stuck", json_integer(0));
	if (file_read(AT_FDCWD, path, &text, 4096, NULL) == 0 && text.len > 0) {
		long long since = strtoll(text.data, &end, 10);
		json_object_set_new(out, "stands_since", when(since));
		json_object_set_new(out, "stuck", json_integer(strtoll(end, &end, 10)));
		end += *end == ' ';
		end[strcspn(end, "\n")] = '\0';
		json_object_set_new(out, "reason", json_string(end));
	}
	buf_free(&text);
}

static json_t *gather_spool(const struct conf *conf)
{
	struct spool *s;
	struct err err;
	size_t in_new, in_bad;
	uint64_t oldest;
	if (spool_open(&s, conf->spool_dir, false, &err) < 0)
		return json_pack("{s:s}", "error", err.text);
	int r = spool_count(s, &in_new, &in_bad, &oldest, &err);
	spool_close(s);
	if (r < 0)
		return json_pack("{s:s}", "error", err.text);
	int64_t age = oldest == 0 ? 0 : clock_wall_s() - (int64_t)(oldest / 1000000);
	json_t *out = json_pack("{s:I,s:I,s:I}", "waiting", (json_int_t)in_new, "bad",
	    (json_int_t)in_bad, "oldest_age", (json_int_t)(age < 0 ? 0 : age));
	add_intake(conf, out);
	return out;
}

static int prepare(struct store *st, sqlite3_stmt **q, const char *sql, struct err *err)
{
	if (sqlite3_prepare_v2(store_db(st), sql, -1, q, NULL) == SQLITE_OK)
		return 0;
	return err_set(err, "%s", sqlite3_errmsg(store_db(st)));
}

static const char *column(sqlite3_stmt *q, int i)
{
	const unsigned char *s = sqlite3_column_text(q, i);
	return s == NULL ? "" : (const char *)s;
}

static int count_states(struct store *st, const char *name, json_t *out, struct err *err)
{
	sqlite3_stmt *q;
	int64_t oldest = 0;
	for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++)
		json_object_set_new(out, waiting[i], json_integer(0));
	if (prepare(st, &q,
		"SELECT d.state, count(*), min(z.generation) FROM deliveries d"
		" JOIN zones z ON z.name = d.zone WHERE d.target = ? AND d.state <> 'done'"
		" GROUP BY d.state",
		err) < 0)
		return -1;
	sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
	while (sqlite3_step(q) == SQLITE_ROW) {
		json_object_set_new(out, column(q, 0), json_integer(sqlite3_column_int64(q, 1)));
		int64_t first = sqlite3_column_int64(q, 2);
		if (oldest == 0 || first < oldest)
			oldest = first;
	}
	sqlite3_finalize(q);
	int64_t age = oldest == 0 ? 0 : clock_wall_s() - oldest / 1000000;
	json_object_set_new(out, "oldest_age", json_integer(age < 0 ? 0 : age));
	if (prepare(st, &q, "SELECT count(*) FROM deliveries WHERE target = ? AND state = 'done'",
		err) < 0)
		return -1;
	sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(q) == SQLITE_ROW)
		json_object_set_new(out, "confirmed", json_integer(sqlite3_column_int64(q, 0)));
	sqlite3_finalize(q);
	return 0;
}

static int add_failures(struct store *st, const char *name, json_t *out, struct err *err)
{
	sqlite3_stmt *q;
	if (prepare(st, &q,
		"SELECT zone, state, attempts, error FROM deliveries WHERE target = ?"
		" AND state <> 'done' AND error <> '' ORDER BY changed DESC LIMIT ?",
		err) < 0)
		return -1;
	json_t *list = json_array();
	sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int(q, 2, FAILURES_MOST);
	while (sqlite3_step(q) == SQLITE_ROW)
		json_array_append_new(list,
		    json_pack("{s:s,s:s,s:I,s:s}", "zone", column(q, 0), "state", column(q, 1),
			"attempts", (json_int_t)sqlite3_column_int64(q, 2), "error", column(q, 3)));
	sqlite3_finalize(q);
	json_object_set_new(out, "failures", list);
	return 0;
}

static json_t *gather_target(struct store *st, const struct conf_target *ct, struct err *err)
{
	struct store_target t;
	json_t *out = json_pack("{s:s,s:s}", "name", ct->name, "type", ct->type);
	if (store_target_get(st, ct->name, &t, err) < 0 ||
	    count_states(st, ct->name, out, err) < 0 || add_failures(st, ct->name, out, err) < 0) {
		json_decref(out);
		return NULL;
	}
	json_t *compared = status_compared(st, ct->name, err);
	if (compared == NULL) {
		json_decref(out);
		return NULL;
	}
	json_object_set_new(out, "compared", compared);
	json_object_set_new(out, "state", json_string(t.down ? "down" : "up"));
	if (t.down) {
		json_object_set_new(out, "down_since", when(t.since));
		json_object_set_new(out, "next_probe", when(t.next_probe));
		json_object_set_new(out, "reason", json_string(t.reason));
	}
	return out;
}

static int count_zones(struct store *st, json_t *out, struct err *err)
{
	sqlite3_stmt *q;
	if (prepare(st, &q, "SELECT count(*), coalesce(sum(deleted), 0) FROM zones", err) < 0)
		return -1;
	if (sqlite3_step(q) == SQLITE_ROW)
		json_object_set_new(out, "zones",
		    json_integer(sqlite3_column_int64(q, 0) - sqlite3_column_int64(q, 1)));
	sqlite3_finalize(q);
	return 0;
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

enum verdict status_verdict(const json_t *status)
{
	const json_t *targets = json_object_get(status, "targets"), *t;
	const json_t *spool = json_object_get(status, "spool");
	size_t i, down = 0, count = json_array_size(targets);
	bool failing = json_is_object(json_object_get(status, "restored")) ||
		       number(spool, "bad") > 0 || number(spool, "oldest_age") > STUCK_S ||
		       json_object_get(spool, "reason") != NULL ||
		       number(json_object_get(status, "refusals"), "count") > 0 ||
		       status_run_bad(json_object_get(status, "reconcile"));
	json_array_foreach(targets, i, t)
	{
		down += strcmp(json_string_value(json_object_get(t, "state")), "down") == 0;
		failing = failing ||
			  number(t, "deferred") + number(t, "parked") + number(t, "refused") > 0;
	}
	if (!json_is_true(json_object_get(status, "runner")) ||
	    json_object_get(spool, "error") != NULL || (count > 0 && down == count))
		return BROKEN;
	return failing || down > 0 ? DEGRADED : GOOD;
}

json_t *status_gather(const struct conf *conf, struct store *st, struct err *err)
{
	static const char *const words[] = {"good", "degraded", "broken"};
	json_t *out =
	    json_pack("{s:b,s:o}", "runner", runner_runs(conf), "spool", gather_spool(conf));
	json_t *targets = json_array();
	json_object_set_new(out, "targets", targets);
	int r = count_zones(st, out, err);
	for (size_t i = 0; r == 0 && i < conf->ntargets; i++) {
		if (!conf->targets[i].enabled)
			continue;
		json_t *t = gather_target(st, &conf->targets[i], err);
		r = t == NULL ? -1 : json_array_append_new(targets, t);
	}
	json_t *restored = r < 0 ? NULL : status_restored(st, err);
	json_object_set_new(out, "restored", restored);
	json_t *run = restored == NULL ? NULL : status_run(conf, st, err);
	json_t *refusals = run == NULL ? NULL : status_refusals(st, err);
	if (refusals == NULL) {
		json_decref(run);
		json_decref(out);
		return NULL;
	}
	json_object_set_new(out, "refusals", refusals);
	json_object_set_new(out, "reconcile", run);
	json_object_set_new(out, "verdict", json_string(words[status_verdict(out)]));
	return out;
}

/* When a delete put it into the archive. */
static int add_archived(struct store *st, const char *zone, json_t *out, struct err *err)
{
	sqlite3_stmt *q;
	if (prepare(st, &q, "SELECT removed FROM archive WHERE name = ?", err) < 0)
		return -1;
	sqlite3_bind_text(q, 1, zone, -1, SQLITE_STATIC);
	if (sqlite3_step(q) == SQLITE_ROW)
		json_object_set_new(out, "archived", when(sqlite3_column_int64(q, 0)));
	sqlite3_finalize(q);
	return 0;
}

json_t *status_zone(struct store *st, const char *zone, struct err *err)
{
	struct store_zone z;
	sqlite3_stmt *q;
	err->text[0] = '\0';
	int known = store_get(st, zone, &z, NULL, err);
	json_t *refusal = known < 0 ? NULL : status_refusal(st, zone, err);
	if (known == 0 && json_is_object(refusal))
		return json_pack("{s:s,s:b,s:o,s:[]}", "zone", zone, "unknown", true, "refusal",
		    refusal, "deliveries");
	if (known == 0)
		json_decref(refusal);
	if (known <= 0 || refusal == NULL)
		return NULL;
	if (prepare(st, &q,
		"SELECT target, state, confirmed, attempts, next, changed, error FROM deliveries"
		" WHERE zone = ? ORDER BY target",
		err) < 0) {
		json_decref(refusal);
		return NULL;
	}
	json_t *out = json_pack("{s:s,s:b,s:b,s:I,s:I,s:I,s:s,s:s,s:s,s:s,s:s,s:s}", "zone", z.name,
	    "deleted", z.deleted && !z.wanted, "wanted", z.wanted, "generation",
	    (json_int_t)z.generation, "seq", (json_int_t)z.seq, "serial", (json_int_t)z.serial,
	    "digest", z.digest, "origin", z.origin, "user", z.user, "client", z.client, "accepted",
	    z.accepted, "note", z.note);
	json_object_set_new(out, "refusal", refusal);
	json_t *list = json_array();
	json_object_set_new(out, "deliveries", list);
	sqlite3_bind_text(q, 1, zone, -1, SQLITE_STATIC);
	while (sqlite3_step(q) == SQLITE_ROW) {
		json_t *d = json_pack("{s:s,s:s,s:I,s:I,s:o,s:s}", "target", column(q, 0), "state",
		    column(q, 1), "confirmed", (json_int_t)sqlite3_column_int64(q, 2), "attempts",
		    (json_int_t)sqlite3_column_int64(q, 3), "since",
		    when(sqlite3_column_int64(q, 5)), "error", column(q, 6));
		if (strcmp(column(q, 1), "deferred") == 0)
			json_object_set_new(d, "next", when(sqlite3_column_int64(q, 4)));
		json_array_append_new(list, d);
	}
	sqlite3_finalize(q);
	if (add_archived(st, zone, out, err) < 0) {
		json_decref(out);
		return NULL;
	}
	return out;
}
