#include "status_print.h"

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
	printf("%-16s %-5s %9s %7s %9s %7s %8s %10s\n", "target", "state", "confirmed", "due",
	    "deferred", "parked", "refused", "oldest");
	targets = json_object_get(status, "targets");
	json_array_foreach(targets, i, t)
	{
		print_target(t);
	}
	json_array_foreach(targets, i, t)
	{
		print_trouble(t);
	}
}

void status_print_zone(const json_t *zone)
{
	static const char *const keys[] = {
	    "origin", "user", "client", "accepted", "digest", "note"};
	const json_t *d;
	size_t i;
	printf("%s: %s\n", text(zone, "zone"),
	    json_is_true(json_object_get(zone, "deleted"))  ? "deleted"
	    : json_is_true(json_object_get(zone, "wanted")) ? "wanted (its text is to be pulled)"
							    : "live");
	printf(
	    "  generation %lld, serial %lld\n", number(zone, "generation"), number(zone, "serial"));
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (text(zone, keys[i])[0] != '\0')
			printf("  %s: %s\n", keys[i], text(zone, keys[i]));
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
