/* RRsets as PowerDNS's API has them: {"name", "type", "ttl", "changetype", "records": [{"content",
 * "disabled"}]}. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "pdns.h"
#include "zone_lines.h"

/* As everybody else calls them. */
static const char *type_name(const char *type)
{
	static const struct {
		const char *theirs, *ours;
	} names[] = {{"ADDR", "TYPE65400"}, {"ALIAS", "TYPE65401"}, {"LUA", "TYPE65402"}};
	for (size_t i = 0; type != NULL && i < 3; i++) {
		if (strcmp(type, names[i].theirs) == 0)
			return names[i].ours;
	}
	return type;
}

struct zone *pdns_read_zone(const char *name, const json_t *rrsets)
{
	struct buf text = {0};
	struct zone *z;
	size_t i, k;
	json_t *set, *record;
	json_array_foreach(rrsets, i, set)
	{
		const char *owner = json_string_value(json_object_get(set, "name"));
		const char *type = type_name(json_string_value(json_object_get(set, "type")));
		json_int_t ttl = json_integer_value(json_object_get(set, "ttl"));
		json_array_foreach(json_object_get(set, "records"), k, record)
		{
			const char *content = json_string_value(json_object_get(record, "content"));
			if (owner != NULL && type != NULL && content != NULL &&
			    !json_is_true(json_object_get(record, "disabled")))
				buf_addf(&text, "%s %lld IN %s %s\n", owner, (long long)ttl, type,
				    content);
		}
	}
	if (zone_parse(name, buf_str(&text), text.len, 0, &z, NULL) < 0)
		z = NULL;
	buf_free(&text);
	return z;
}

struct taker {
	json_t *out;
	const struct zone *held; /* what is there already, or NULL */
	const knot_rrset_t *set; /* the one that `current` is of */
	json_t *current;         /* NULL: it is there already */
};

static bool is_held(const struct zone *held, const knot_rrset_t *set)
{
	const knot_rrset_t *there = held == NULL ? NULL : zone_find(held, set->owner, set->type);
	return there != NULL && there->ttl == set->ttl && knot_rdataset_eq(&there->rrs, &set->rrs);
}

static int take(void *ctx, const struct zone_line *line, const knot_rrset_t *set)
{
	struct taker *t = ctx;
	if (set != t->set) {
		t->set = set;
		t->current = NULL;
		if (is_held(t->held, set))
			return 0;
		t->current =
		    json_pack("{s:s, s:s, s:s, s:I, s:[]}", "changetype", "REPLACE", "name",
			line->owner, "type", line->type, "ttl", (json_int_t)set->ttl, "records");
		json_array_append_new(t->out, t->current);
	}
	if (t->current != NULL)
		json_array_append_new(json_object_get(t->current, "records"),
		    json_pack("{s:s, s:b}", "content", line->rdata, "disabled", 0));
	return 0;
}

static int add_sets(const struct zone *z, const struct zone *held, json_t *out, struct err *err)
{
	struct taker t = {.out = out, .held = held};
	struct buf text = {0};
	int r = zone_render(z, &text, err);
	if (r == 0)
		r = zone_lines(z, text.data, take, &t);
	buf_free(&text);
	return r;
}

int changes_all(const struct zone *z, json_t **out, struct err *err)
{
	*out = json_array();
	return add_sets(z, NULL, *out, err);
}

static bool is_in(const struct zone *z, const char *owner, const char *type)
{
	knot_dname_storage_t name;
	uint16_t number;
	if (knot_dname_from_str(name, owner, sizeof(name)) == NULL ||
	    knot_rrtype_from_string(type_name(type), &number) < 0)
		return false;
	knot_dname_to_lower(name);
	return zone_find(z, name, number) != NULL;
}

/* What is to go stands first: a CNAME and what takes its place may not meet. */
int changes_between(const json_t *rrsets, const struct zone *z, json_t **out, struct err *err)
{
	struct zone *held = pdns_read_zone(z->name, rrsets);
	size_t i;
	json_t *set;
	*out = json_array();
	json_array_foreach(rrsets, i, set)
	{
		json_t *name = json_object_get(set, "name"), *type = json_object_get(set, "type");
		if (json_is_string(name) && json_is_string(type) &&
		    !is_in(z, json_string_value(name), json_string_value(type)))
			json_array_append_new(*out, json_pack("{s:s, s:O, s:O}", "changetype",
							"DELETE", "name", name, "type", type));
	}
	int r = add_sets(z, held, *out, err);
	zone_free(held);
	return r;
}

/* Are they the same record in other words? */
static bool same_record(
    const struct zone *z, const char *owner, const char *type, const char *a, const char *b)
{
	knot_dname_storage_t name;
	uint16_t number;
	struct zone *both[2] = {NULL, NULL};
	if (knot_dname_from_str(name, owner, sizeof(name)) == NULL ||
	    knot_rrtype_from_string(type_name(type), &number) < 0)
		return false;
	for (size_t i = 0; i < 2; i++) {
		struct buf text = {0};
		if (number != KNOT_RRTYPE_SOA)
			buf_addf(&text, "@ 0 IN SOA . . 0 0 0 0 0\n");
		buf_addf(&text, "%s 0 IN %s %s\n", owner, type_name(type), i == 0 ? a : b);
		if (zone_parse(z->name, text.data, text.len, 0, &both[i], NULL) < 0)
			both[i] = NULL;
		buf_free(&text);
	}
	bool same =
	    both[0] != NULL && both[1] != NULL && strcmp(both[0]->digest, both[1]->digest) == 0;
	zone_free(both[0]);
	zone_free(both[1]);
	return same;
}

/* `words`: "Record NAME/TYPE 'OURS': Not in expected format (parsed as 'THEIRS')" */
static bool reword(json_t *set, json_t *record, const struct zone *z, const char *words)
{
	const char *owner = json_string_value(json_object_get(set, "name"));
	const char *type = json_string_value(json_object_get(set, "type"));
	const char *content = json_string_value(json_object_get(record, "content"));
	struct buf prefix = {0};
	buf_addf(&prefix, "Record %s/%s '%s': Not in expected format (parsed as '", owner, type,
	    content);
	bool is_it = strncasecmp(words, prefix.data, prefix.len) == 0;
	const char *theirs = is_it ? words + prefix.len : "";
	buf_free(&prefix);
	size_t len = strlen(theirs);
	if (!is_it || len < 2 || strcmp(theirs + len - 2, "')") != 0)
		return false;
	char *copy = mem_dupn(theirs, len - 2);
	bool same = strcmp(copy, content) != 0 && same_record(z, owner, type, content, copy);
	if (same)
		json_object_set_new(record, "content", json_string(copy));
	free(copy);
	return same;
}

bool changes_reword(json_t *changes, const struct zone *z, const char *words)
{
	size_t i, k;
	json_t *set, *record;
	json_array_foreach(changes, i, set)
	{
		json_array_foreach(json_object_get(set, "records"), k, record)
		{
			if (reword(set, record, z, words))
				return true;
		}
	}
	return false;
}
