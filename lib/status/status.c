/* status: puts the parts of the status together. */
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
#include "status/status_private.h"
#include "store/archive.h"
#include "store/read.h"

#define FAILURES_MOST 20
#define STUCK_S 300 /* intake takes a job sooner than this */

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

/* ddo-queue writes run_dir/intake about jobs that it cannot take. */
static void add_intake(const struct conf *conf, json_t *out)
{
	char path[4096], *end;
	struct buf text = {0};
	snprintf(path, sizeof(path), "%s/intake", conf->run_dir);
	json_object_set_new(out, "stuck", json_integer(0));
	if (file_read(AT_FDCWD, path, &text, 4096, NULL) == 0 && text.len > 0) {
		long long since = strtoll(text.data, &end, 10);
		json_object_set_new(out, "stands_since", status_when(since));
		json_object_set_new(out, "stuck", json_integer(strtoll(end, &end, 10)));
		end += *end == ' ';
		end[strcspn(end, "\n")] = '\0';
		json_object_set_new(out, "reason", json_string(end));
	}
	buf_free(&text);
}

static int64_t age_of(uint64_t seq)
{
	int64_t age = seq == 0 ? 0 : clock_wall_s() - (int64_t)(seq / 1000000);
	return age < 0 ? 0 : age;
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
	json_t *out = json_pack("{s:I,s:I,s:I}", "waiting", (json_int_t)in_new, "bad",
	    (json_int_t)in_bad, "oldest_age", (json_int_t)age_of(oldest));
	add_intake(conf, out);
	return out;
}

static int count_states(struct store *st, const char *name, json_t *out, struct err *err)
{
	struct store_counts counts;
	if (store_count_deliveries(st, name, &counts, err) < 0)
		return -1;
	for (int i = 0; i < DELIVERY_STATES; i++)
		json_object_set_new(out,
		    i == DELIVERY_DONE ? "confirmed" : store_state_word((enum delivery_state)i),
		    json_integer((json_int_t)counts.of[i]));
	json_object_set_new(out, "oldest_age", json_integer(age_of(counts.oldest)));
	return 0;
}

static void add_failure(void *list, const struct store_delivery_row *row)
{
	json_array_append_new(list,
	    json_pack("{s:s,s:s,s:I,s:s}", "zone", row->zone, "state", store_state_word(row->state),
		"attempts", (json_int_t)row->attempts, "error", row->error));
}

static int add_failures(struct store *st, const char *name, json_t *out, struct err *err)
{
	json_t *list = json_array();
	json_object_set_new(out, "failures", list);
	return store_each_failure(st, name, FAILURES_MOST, add_failure, list, err);
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
		json_object_set_new(out, "down_since", status_when(t.since));
		json_object_set_new(out, "next_probe", status_when(t.next_probe));
		json_object_set_new(out, "reason", json_string(t.reason));
	}
	return out;
}

static int count_zones(struct store *st, json_t *out, struct err *err)
{
	size_t count = 0;
	int r = store_count_zones(st, &count, err);
	json_object_set_new(out, "zones", json_integer((json_int_t)count));
	return r;
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

static int add_archived(struct store *st, const char *zone, json_t *out, struct err *err)
{
	int64_t at;
	int found = store_archived_at(st, zone, &at, err);
	if (found > 0)
		json_object_set_new(out, "archived", status_when(at));
	return found < 0 ? -1 : 0;
}

static void add_delivery(void *list, const struct store_delivery_row *row)
{
	json_t *d = json_pack("{s:s,s:s,s:I,s:I,s:o,s:s}", "target", row->target, "state",
	    store_state_word(row->state), "confirmed", (json_int_t)row->confirmed, "attempts",
	    (json_int_t)row->attempts, "since", status_when(row->changed), "error", row->error);
	if (row->state == DELIVERY_DEFERRED)
		json_object_set_new(d, "next", status_when(row->next));
	json_array_append_new(list, d);
}

json_t *status_zone(struct store *st, const char *zone, struct err *err)
{
	struct store_zone z;
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
	json_t *list = json_array();
	json_t *out = json_pack("{s:s,s:b,s:b,s:I,s:I,s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o}", "zone",
	    z.name, "deleted", z.deleted && !z.wanted, "wanted", z.wanted, "generation",
	    (json_int_t)z.generation, "seq", (json_int_t)z.seq, "serial", (json_int_t)z.serial,
	    "digest", z.digest, "origin", z.origin, "user", z.user, "client", z.client, "accepted",
	    z.accepted, "note", z.note, "refusal", refusal, "deliveries", list);
	if (store_each_delivery(st, zone, add_delivery, list, err) < 0 ||
	    add_archived(st, zone, out, err) < 0) {
		json_decref(out);
		return NULL;
	}
	return out;
}
