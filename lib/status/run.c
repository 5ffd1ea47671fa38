/* run: the last run of ddo-reconcile, as the store keeps it. */
#include <string.h>

#include "base/clock.h"
#include "status/status_private.h"
#include "store/read.h"
#include "store/report.h"

static void as_time(json_t *o, const char *key)
{
	json_object_set_new(o, key, status_when(json_integer_value(json_object_get(o, key))));
}

static int64_t allowed_s(const struct conf *conf)
{
	return (int64_t)conf->reconcile.interval_min * 60 * 3;
}

/* The first run is overdue once a zone has been here for as long as a run may take to come. */
static json_t *never(const struct conf *conf, struct store *st, struct err *err)
{
	uint64_t seq;
	if (!conf->reconcile.enabled)
		return json_null();
	if (store_min_seq(st, &seq, err) < 0)
		return NULL;
	int64_t first = (int64_t)(seq / 1000000);
	return json_pack("{s:b,s:b}", "never", true, "overdue",
	    first > 0 && clock_wall_s() - first > allowed_s(conf));
}

json_t *status_run(const struct conf *conf, struct store *st, struct err *err)
{
	struct buf text = {0};
	int found = store_run_last(st, "reconcile", true, &text, err);
	if (found < 0)
		return NULL;
	json_t *run = found == 0 ? NULL : json_loadb(buf_str(&text), text.len, 0, NULL);
	buf_free(&text);
	if (!json_is_object(run)) {
		json_decref(run);
		return never(conf, st, err);
	}
	int64_t started = json_integer_value(json_object_get(run, "started"));
	int64_t ended = json_integer_value(json_object_get(run, "ended"));
	int64_t age = clock_wall_s() - ended;
	json_object_set_new(run, "seconds", json_integer(ended - started));
	json_object_set_new(run, "age", json_integer(age < 0 ? 0 : age));
	json_object_set_new(
	    run, "overdue", json_boolean(conf->reconcile.enabled && age > allowed_s(conf)));
	as_time(run, "started");
	as_time(run, "ended");
	json_t *orphan;
	size_t i;
	json_array_foreach(json_object_get(run, "orphans"), i, orphan)
	{
		as_time(orphan, "first");
	}
	/* The memory is for the next run only. */
	json_object_del(run, "memory");
	return run;
}

bool status_run_bad(const json_t *run)
{
	static const char *const bad[] = {
	    "unproven", "uncompared", "conflict", "brake", "held", "failed"};
	const json_t *counts = json_object_get(run, "counts");
	bool any = json_is_true(json_object_get(run, "overdue"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		any = any || json_integer_value(json_object_get(counts, bad[i])) > 0;
	return any;
}
