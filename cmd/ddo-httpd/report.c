/* report: /health for load balancers, /status for programs, /metrics for Prometheus. */
#include "report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/msg.h"
#include "intake.h"
#include "status/status.h"
#include "store/delivery.h"
#include "store/store.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

static const char *const states[] = {"due", "deferred", "parked", "refused"};
#define STATES (sizeof(states) / sizeof(states[0]))

void report_health(struct api *api, const struct api_request *req, struct answer *out)
{
	struct err err;
	(void)req;
	answer_ok(out, "ok\n");
	if (intake_room(api, 0, 0, &err) == 0)
		return;
	msg_warn("/health answers 503: %s", err.text);
	buf_free(&out->body);
	answer_fail(out, 503, "", "");
	buf_reset(&out->body);
	buf_adds(&out->body, "no room for pushes\n");
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s == NULL ? "" : s;
}

static int64_t total(const json_t *targets, const char *state)
{
	const json_t *t;
	size_t i;
	int64_t sum = 0;
	json_array_foreach(targets, i, t)
	{
		sum += number(t, state);
	}
	return sum;
}

/* status, queues.retry, queues.dead_letters and zones.total mean the same in DirectDNSOnly. */
static void status(json_t *gathered, struct answer *out)
{
	static const char *const words[] = {"ok", "degraded", "error"};
	json_t *targets = json_object_get(gathered, "targets");
	json_t *all = json_pack("{s:s,s:{s:O,s:I,s:I,s:I},s:{s:O},s:{s:I},s:O,s:O,s:O,s:O}",
	    "status", words[status_verdict(gathered)], "queues", "spool",
	    json_object_get(gathered, "spool"), "waiting", (json_int_t)total(targets, "due"),
	    "retry", (json_int_t)total(targets, "deferred"), "dead_letters",
	    (json_int_t)(total(targets, "parked") + total(targets, "refused")), "workers", "queue",
	    json_object_get(gathered, "runner"), "zones", "total",
	    (json_int_t)number(gathered, "zones"), "targets", targets, "verdict",
	    json_object_get(gathered, "verdict"), "refusals", json_object_get(gathered, "refusals"),
	    "reconcile", json_object_get(gathered, "reconcile"));
	char *dump = json_dumps(all, JSON_INDENT(2));
	answer_ok(out, dump == NULL ? "{}" : dump);
	buf_addc(&out->body, '\n');
	out->type = "application/json";
	free(dump);
	json_decref(all);
}

static void describe(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(struct buf *b, const char *name, const char *help, int64_t value)
{
	describe(b, name, "gauge", help);
	buf_addf(b, "%s %lld\n", name, (long long)value);
}

/* Nothing before the first run of ddo-reconcile. */
static void run_metrics(const json_t *run, struct buf *b)
{
	static const char *const kinds[] = {"pull", "pulled", "claim", "migrate", "orphan",
	    "delete", "push", "ghost", "foreign", "strays", "pending", "refused", "unproven",
	    "uncompared", "conflict", "brake", "held", "failed", "watch"};
	if (json_object_get(run, "started") == NULL)
		return;
	gauge(b, "ddo_reconcile_age_seconds", "Seconds since the last run of ddo-reconcile ended.",
	    number(run, "age"));
	gauge(b, "ddo_reconcile_seconds", "Seconds that the last run of ddo-reconcile took.",
	    number(run, "seconds"));
	gauge(b, "ddo_reconcile_overdue", "1 when a run of ddo-reconcile is overdue.",
	    json_is_true(json_object_get(run, "overdue")));
	describe(b, "ddo_reconcile_actions", "gauge",
	    "Actions of the last run of ddo-reconcile, by kind.");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		buf_addf(b, "ddo_reconcile_actions{kind=\"%s\"} %lld\n", kinds[i],
		    (long long)number(json_object_get(run, "counts"), kinds[i]));
}

/* Names of targets have only letters, digits, '_' and '-', so they need no quoting. */
static void target_metrics(const json_t *targets, struct buf *b)
{
	const json_t *t;
	size_t i;
	describe(b, "ddo_target_up", "gauge", "1 when the target takes deliveries.");
	json_array_foreach(targets, i, t)
	{
		buf_addf(b, "ddo_target_up{target=\"%s\"} %d\n", text(t, "name"),
		    strcmp(text(t, "state"), "up") == 0);
	}
	describe(b, "ddo_deliveries", "gauge", "Zones of a target by the state of their delivery.");
	json_array_foreach(targets, i, t)
	{
		buf_addf(b, "ddo_deliveries{target=\"%s\",state=\"done\"} %lld\n", text(t, "name"),
		    (long long)number(t, "confirmed"));
		for (size_t s = 0; s < STATES; s++)
			buf_addf(b, "ddo_deliveries{target=\"%s\",state=\"%s\"} %lld\n",
			    text(t, "name"), states[s], (long long)number(t, states[s]));
	}
	describe(b, "ddo_delivery_oldest_age_seconds", "gauge",
	    "Age of the oldest accepted change that a target has not confirmed.");
	json_array_foreach(targets, i, t)
	{
		buf_addf(b, "ddo_delivery_oldest_age_seconds{target=\"%s\"} %lld\n",
		    text(t, "name"), (long long)number(t, "oldest_age"));
	}
}

static int latency_metrics(struct store *st, const json_t *targets, struct buf *b, struct err *err)
{
	static const char name[] = "ddo_confirmation_seconds";
	const json_t *t;
	size_t i;
	describe(
	    b, name, "histogram", "Seconds from the acceptance of a change to its confirmation.");
	json_array_foreach(targets, i, t)
	{
		struct store_latency l;
		uint64_t sum = 0;
		if (store_latency(st, text(t, "name"), &l, err) < 0)
			return -1;
		for (size_t k = 0; k < STORE_LATENCY_BOUNDS; k++) {
			sum += l.count[k];
			buf_addf(b, "%s_bucket{target=\"%s\",le=\"%g\"} %llu\n", name,
			    text(t, "name"), store_latency_bounds[k], (unsigned long long)sum);
		}
		sum += l.count[STORE_LATENCY_BOUNDS];
		buf_addf(b, "%s_bucket{target=\"%s\",le=\"+Inf\"} %llu\n", name, text(t, "name"),
		    (unsigned long long)sum);
		buf_addf(b, "%s_sum{target=\"%s\"} %.6f\n%s_count{target=\"%s\"} %llu\n", name,
		    text(t, "name"), l.sum, name, text(t, "name"), (unsigned long long)sum);
	}
	return 0;
}

static int metrics(
    struct api *api, struct store *st, const json_t *gathered, struct answer *out, struct err *err)
{
	static const char *const results[] = {"accepted", "refused", "failed"};
	const json_t *spool = json_object_get(gathered, "spool"),
		     *targets = json_object_get(gathered, "targets");
	uint64_t counts[SHARED_COUNTS];
	answer_ok(out, "");
	struct buf *b = &out->body;
	out->type = METRICS_TYPE;
	gauge(b, "ddo_queue_running", "1 while ddo-queue is running.",
	    json_is_true(json_object_get(gathered, "runner")));
	gauge(b, "ddo_zones", "Zones in the store.", number(gathered, "zones"));
	gauge(b, "ddo_refused_zones", "Zones whose newest push was refused.",
	    number(json_object_get(gathered, "refusals"), "count"));
	gauge(b, "ddo_held_zones", "Refused zones that an operator can allow.",
	    number(json_object_get(gathered, "refusals"), "held"));
	gauge(b, "ddo_queue_depth", "Accepted jobs that ddo-queue has not taken yet.",
	    number(spool, "waiting"));
	gauge(b, "ddo_queue_oldest_age_seconds",
	    "Age of the oldest accepted job that ddo-queue has not taken yet.",
	    number(spool, "oldest_age"));
	gauge(b, "ddo_queue_bad", "Files in spool/bad.", number(spool, "bad"));
	gauge(b, "ddo_queue_stands", "1 while ddo-queue cannot take jobs into the store.",
	    json_object_get(spool, "reason") != NULL);
	shared_read(api->shared, counts);
	describe(b, "ddo_pushes_total", "counter", "Saves and deletes that clients asked for.");
	for (size_t i = 0; i < 3; i++)
		buf_addf(b, "ddo_pushes_total{result=\"%s\"} %llu\n", results[i],
		    (unsigned long long)counts[COUNT_ACCEPTED + i]);
	describe(b, "ddo_login_failures_total", "counter", "Requests with wrong credentials.");
	buf_addf(
	    b, "ddo_login_failures_total %llu\n", (unsigned long long)counts[COUNT_LOGIN_FAILED]);
	describe(b, "ddo_locked_out_total", "counter", "Requests from locked-out addresses.");
	buf_addf(b, "ddo_locked_out_total %llu\n", (unsigned long long)counts[COUNT_LOCKED_OUT]);
	target_metrics(targets, b);
	run_metrics(json_object_get(gathered, "reconcile"), b);
	return latency_metrics(st, targets, b, err);
}

static void report(struct api *api, bool for_prometheus, struct answer *out)
{
	struct store *st;
	struct err err;
	json_t *gathered = NULL;
	*out = (struct answer){0};
	int r = store_open(&st, api->conf->db_path, STORE_READ, &err);
	if (r == 0) {
		gathered = status_gather(api->conf, st, &err);
		r = gathered == NULL ? -1 : 0;
		if (r == 0 && for_prometheus)
			r = metrics(api, st, gathered, out, &err);
		else if (r == 0)
			status(gathered, out);
		store_close(st);
		json_decref(gathered);
	}
	if (r < 0) {
		msg_error("cannot read the store for /status or /metrics: %s", err.text);
		buf_free(&out->body);
		answer_fail(out, 503, "Try again later", "ddo cannot read its store");
	}
}

void report_status(struct api *api, const struct api_request *req, struct answer *out)
{
	(void)req;
	report(api, false, out);
}

void report_metrics(struct api *api, const struct api_request *req, struct answer *out)
{
	(void)req;
	report(api, true, out);
}
