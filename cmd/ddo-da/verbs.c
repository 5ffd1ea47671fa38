/* verbs: what ddo-da does with one server or with all. */
#include "verbs.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/msg.h"
#include "base/rows.h"
#include "da/da.h"

struct outcome {
	int code, weight;
};

/* Keeps the worst outcome: what a person has to repair weighs more than what may pass by itself. */
static void note(struct outcome *worst, enum da_fault f)
{
	static const struct outcome outcomes[] = {[DA_NONE] = {0, 0},
	    [DA_ABSENT] = {EX_NOINPUT, 1},
	    [DA_DOWN] = {EX_UNAVAILABLE, 2},
	    [DA_LOCKED] = {EX_TEMPFAIL, 3},
	    [DA_GARBLED] = {EX_PROTOCOL, 4},
	    [DA_TLS] = {EX_NOPERM, 5},
	    [DA_DENIED] = {EX_NOPERM, 5},
	    [DA_LOGIN] = {EX_NOPERM, 5},
	    [DA_CONFIG] = {EX_CONFIG, 6}};
	if (outcomes[f].weight > worst->weight)
		*worst = outcomes[f];
}

/* `rows` is NULL without -j. */
static enum da_fault list_one(
    const struct conf *conf, const struct conf_da *server, struct rows *rows)
{
	struct da_list list;
	struct da *da;
	struct err err;
	if (da_open(&da, conf, server, &err) < 0 || da_list(da, &list, &err) < 0) {
		enum da_fault f = da_fault(da);
		msg_error("%s", err.text);
		da_close(da);
		return f;
	}
	for (size_t i = 0; i < list.count; i++) {
		if (rows != NULL)
			rows_add(rows, json_pack("{s:s, s:s}", "zone", list.zones[i], "server",
					   server->hostname));
		else
			printf("%s\t%s\n", list.zones[i], server->hostname);
	}
	if (list.ignored > 0)
		msg_warn("%s:%u: left out %zu names that are not zone names", server->hostname,
		    server->port, list.ignored);
	da_list_free(&list);
	da_close(da);
	return DA_NONE;
}

int verb_list(const struct servers *s, bool json)
{
	struct outcome worst = {0};
	struct rows rows = {.out = stdout};
	for (size_t i = 0; i < s->count; i++)
		note(&worst, list_one(s->conf, &s->first[i], json ? &rows : NULL));
	if (json)
		rows_end(&rows);
	return worst.code;
}

static enum da_fault zone_one(
    const struct conf *conf, const struct conf_da *server, const char *zone, struct err *err)
{
	struct buf text = {0};
	struct da *da;
	enum da_fault f = DA_NONE;
	if (da_open(&da, conf, server, err) < 0 || da_zone(da, zone, &text, err) < 0)
		f = da_fault(da);
	else
		fwrite(text.data, 1, text.len, stdout);
	buf_free(&text);
	da_close(da);
	return f;
}

int verb_zone(const struct servers *s, const char *zone)
{
	struct outcome worst = {0};
	for (size_t i = 0; i < s->count; i++) {
		struct err err;
		enum da_fault f = zone_one(s->conf, &s->first[i], zone, &err);
		if (f == DA_NONE)
			return 0;
		msg_error("%s", err.text);
		note(&worst, f);
	}
	return worst.code;
}

static enum da_fault check_one(
    const struct conf *conf, const struct conf_da *server, struct rows *rows)
{
	struct buf words = {0};
	struct da *da;
	struct err err;
	enum da_fault f = DA_NONE;
	if (da_open(&da, conf, server, &err) < 0 || da_check(da, &words, &err) < 0)
		f = da_fault(da);
	const char *result = da_fault_word(f), *reason = f == DA_NONE ? buf_str(&words) : err.text;
	if (rows != NULL)
		rows_add(rows, json_pack("{s:s, s:s, s:s}", "server", server->hostname, "result",
				   result, "reason", reason));
	else
		printf("%s\t%s\t%s\n", server->hostname, result, reason);
	fflush(stdout);
	buf_free(&words);
	da_close(da);
	return f;
}

int verb_check(const struct servers *s, bool json)
{
	struct outcome worst = {0};
	struct rows rows = {.out = stdout};
	for (size_t i = 0; i < s->count; i++)
		note(&worst, check_one(s->conf, &s->first[i], json ? &rows : NULL));
	if (json)
		rows_end(&rows);
	return worst.code;
}

int verb_register(const struct servers *s, const struct options *o)
{
	struct outcome worst = {0};
	struct da_node node;
	char address[NAME_SIZE];
	register_node(&node, address, s->conf, o);
	for (size_t i = 0; i < s->count; i++) {
		const struct conf_da *server = &s->first[i];
		struct da *da;
		struct err err;
		bool changed = false;
		enum da_fault f = DA_NONE;
		if (da_open(&da, s->conf, server, &err) < 0 ||
		    da_register(da, &node, &changed, &err) < 0)
			f = da_fault(da);
		if (f == DA_NONE)
			printf("%s\t%s\t%s:%u\n", server->hostname,
			    changed ? "registered" : "was registered", node.address, node.port);
		else
			msg_error("%s", err.text);
		note(&worst, f);
		da_close(da);
	}
	return worst.code;
}
