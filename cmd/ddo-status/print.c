/* print: the status, and one zone, for people. */
#include "status_print.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s == NULL ? "" : s;
}

static long long number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void print_target(const json_t *t)
{
	printf("%-16s %-5s %9lld %7lld %9lld %7lld %8lld %9llds\n", text(t, "name"),
	    text(t, "state"), number(t, "confirmed"), number(t, "due"), number(t, "deferred"),
	    number(t, "parked"), number(t, "refused"), number(t, "oldest_age"));
}

static void print_trouble(const json_t *t)
{
	const json_t *f;
	size_t i;
	if (strcmp(text(t, "state"), "down") == 0)
		printf("%s: down since %s, next probe %s: %s\n", text(t, "name"),
		    text(t, "down_since"), text(t, "next_probe"), text(t, "reason"));
	json_array_foreach(json_object_get(t, "failures"), i, f)
	{
		printf("%s: %s: %s after %lld attempts: %s\n", text(t, "name"), text(f, "zone"),
		    text(f, "state"), number(f, "attempts"), text(f, "error"));
	}
}

static void print_compared(const json_t *t)
{
	static const char *const words[][2] = {{"again", "sent again"}, {"ghosts", "ghosts"},
	    {"held", "held"}, {"unknown", "never ddo's"}};
	const json_t *c = json_object_get(t, "compared");
	const char *comma = ": ";
	if (text(c, "at")[0] == '\0')
		return;
	printf("%s: compared %s", text(t, "name"), text(c, "at"));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (number(c, words[i][0]) == 0)
			continue;
		printf("%s%lld %s", comma, number(c, words[i][0]), words[i][1]);
		comma = ", ";
	}
	putchar('\n');
}

static void print_restored(const json_t *restored)
{
	const json_t *name;
	size_t i;
	if (!json_is_object(restored))
		return;
	printf("store: an older copy since %s: %lld deliveries are held", text(restored, "since"),
	    number(restored, "held"));
	json_array_foreach(json_object_get(restored, "compare"), i, name)
	{
		printf("%s%s", i == 0 ? ", to be compared: " : ", ", json_string_value(name));
	}
	putchar('\n');
}

static void print_servers(const json_t *run)
{
	const json_t *s;
	size_t i;
	json_array_foreach(json_object_get(run, "servers"), i, s)
	{
		if (json_is_true(json_object_get(s, "proven")))
			printf("  %s: proven, lists %lld zones, owns %lld here\n", text(s, "name"),
			    number(s, "listed"), number(s, "owned"));
		else
			printf("  %s: not proven: %s\n", text(s, "name"), text(s, "why"));
	}
	json_array_foreach(json_object_get(run, "targets"), i, s)
	{
		if (json_is_true(json_object_get(s, "compared")))
			printf("  %s: compared, holds %lld zones\n", text(s, "name"),
			    number(s, "held"));
		else
			printf("  %s: not compared: %s\n", text(s, "name"),
			    json_is_true(json_object_get(s, "asked")) ? text(s, "why")
								      : "not asked");
	}
}

static void print_run(const json_t *run)
{
	static const char *const shown[] = {
	    "brake", "conflict", "held", "failed", "delete", "orphan", "migrate", "watch"};
	const json_t *count, *line;
	const char *word;
	size_t i;
	if (!json_is_object(run))
		return;
	if (json_is_true(json_object_get(run, "never"))) {
		printf("reconcile: has never run%s\n",
		    json_is_true(json_object_get(run, "overdue")) ? ", OVERDUE" : "");
		return;
	}
	printf("reconcile: %s, %lld s%s%s%s\n", text(run, "started"), number(run, "seconds"),
	    json_is_true(json_object_get(run, "dry_run")) ? ", dry run" : "",
	    json_is_true(json_object_get(run, "narrowed")) ? ", not everything" : "",
	    json_is_true(json_object_get(run, "overdue")) ? ", OVERDUE" : "");
	print_servers(run);
	printf("  orphans %zu", json_array_size(json_object_get(run, "orphans")));
	json_object_foreach(json_object_get(run, "counts"), word, count)
	{
		/* The orphans of this run are among the marks. */
		if (json_integer_value(count) > 0 && strcmp(word, "orphan") != 0)
			printf(", %s %lld", word, (long long)json_integer_value(count));
	}
	putchar('\n');
	for (size_t k = 0; k < sizeof(shown) / sizeof(shown[0]); k++) {
		json_array_foreach(
		    json_object_get(json_object_get(run, "lines"), shown[k]), i, line)
		{
			printf("  %s: %s %s: %s\n", shown[k], text(line, "zone"),
			    text(line, "where"), text(line, "why"));
		}
	}
}

static void print_refusal(const json_t *r)
{
	printf("%s by %s (user %s, client %s): %s", text(r, "at"),
	    text(r, "origin")[0] == '\0' ? "-" : text(r, "origin"),
	    text(r, "user")[0] == '\0' ? "-" : text(r, "user"),
	    text(r, "client")[0] == '\0' ? "-" : text(r, "client"), text(r, "reason"));
	if (json_is_true(json_object_get(r, "held")))
		printf("; held: ddo-enqueue allow %s", text(r, "zone"));
	putchar('\n');
}

static void print_refusals(const json_t *refusals)
{
	const json_t *r;
	size_t i;
	if (number(refusals, "count") == 0)
		return;
	printf("zones whose newest push was refused: %lld, of which %lld are held\n",
	    number(refusals, "count"), number(refusals, "held"));
	json_array_foreach(json_object_get(refusals, "newest"), i, r)
	{
		printf("  %s: ", text(r, "zone"));
		print_refusal(r);
	}
}

void status_print(const json_t *status)
{
	const json_t *spool = json_object_get(status, "spool"), *targets, *t;
	size_t i;
	printf("%s: ddo-queue %s, %lld zones\n", text(status, "verdict"),
	    json_is_true(json_object_get(status, "runner")) ? "is running" : "is NOT running",
	    number(status, "zones"));
	if (json_object_get(spool, "error") != NULL)
		printf("spool: %s\n", text(spool, "error"));
	else
		printf("spool: %lld waiting (oldest %lld s), %lld bad\n", number(spool, "waiting"),
		    number(spool, "oldest_age"), number(spool, "bad"));
	if (json_object_get(spool, "reason") != NULL)
		printf("spool: intake stands since %s, %lld jobs cannot be taken: %s\n",
		    text(spool, "stands_since"), number(spool, "stuck"), text(spool, "reason"));
	print_refusals(json_object_get(status, "refusals"));
	print_restored(json_object_get(status, "restored"));
	printf("%-16s %-5s %9s %7s %9s %7s %8s %10s\n", "target", "state", "confirmed", "due",
	    "deferred", "parked", "refused", "oldest");
	targets = json_object_get(status, "targets");
	json_array_foreach(targets, i, t)
	{
		print_target(t);
	}
	json_array_foreach(targets, i, t)
	{
		print_compared(t);
		print_trouble(t);
	}
	print_run(json_object_get(status, "reconcile"));
}

void status_print_zone(const json_t *zone)
{
	static const char *const keys[] = {
	    "origin", "user", "client", "accepted", "digest", "note", "archived"};
	const json_t *d;
	size_t i;
	bool unknown = json_is_true(json_object_get(zone, "unknown"));
	printf("%s: %s\n", text(zone, "zone"),
	    unknown                                          ? "not in the store"
	    : json_is_true(json_object_get(zone, "deleted")) ? "deleted"
	    : json_is_true(json_object_get(zone, "wanted"))
		? "wanted: ddo-reconcile is to fetch its text"
		: "live");
	if (!unknown)
		printf("  generation %lld, serial %lld\n", number(zone, "generation"),
		    number(zone, "serial"));
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (text(zone, keys[i])[0] != '\0')
			printf("  %s: %s\n", keys[i], text(zone, keys[i]));
	}
	if (json_is_object(json_object_get(zone, "refusal"))) {
		printf("  newest push REFUSED: ");
		print_refusal(json_object_get(zone, "refusal"));
	}
	json_array_foreach(json_object_get(zone, "deliveries"), i, d)
	{
		printf("  %s: %s since %s, confirmed generation %lld", text(d, "target"),
		    text(d, "state"), text(d, "since"), number(d, "confirmed"));
		if (text(d, "next")[0] != '\0')
			printf(", next attempt %s", text(d, "next"));
		if (text(d, "error")[0] != '\0')
			printf(
			    ", %lld attempts failed: %s", number(d, "attempts"), text(d, "error"));
		putchar('\n');
	}
}
