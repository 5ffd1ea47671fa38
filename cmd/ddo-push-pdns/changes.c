/* changes: RRsets as PowerDNS's API has them. */

/* {"name", "type", "ttl", "changetype", "records": [{"content", "disabled"}]} */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns/wording.h"
#include "dns/zone_lines.h"
#include "pdns.h"

struct zone *pdns_read_zone(const char *name, const json_t *rrsets)
{
	struct buf text = {0};
	struct zone *z;
	size_t i, k;
	json_t *set, *record;
	json_array_foreach(rrsets, i, set)
	{
		const char *owner = json_string_value(json_object_get(set, "name"));
		const char *type = json_string_value(json_object_get(set, "type"));
		json_int_t ttl = json_integer_value(json_object_get(set, "ttl"));
		json_array_foreach(json_object_get(set, "records"), k, record)
		{
			const char *content = json_string_value(json_object_get(record, "content"));
			if (owner == NULL || type == NULL || content == NULL ||
			    json_is_true(json_object_get(record, "disabled")))
				continue;
			wording_read_name(owner, &text);
			buf_addf(&text, " %lld IN ", (long long)ttl);
			wording_read(WORDING_PDNS, type, content, &text);
			buf_addc(&text, '\n');
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
	struct changed *written; /* or NULL */
	const knot_rrset_t *set; /* the one that `current` is of */
	json_t *current;         /* NULL: it is there already */
};

static bool is_held(const struct zone *held, const knot_rrset_t *set)
{
	const knot_rrset_t *there = held == NULL ? NULL : zone_find(held, set->owner, set->type);
	return there != NULL && there->ttl == set->ttl && knot_rdataset_eq(&there->rrs, &set->rrs);
}

/* The next set begins: its document, unless it is there already. */
static void begin_set(
    struct taker *t, const struct zone_line *line, const knot_rrset_t *set, const char *type)
{
	t->set = set;
	t->current = NULL;
	if (is_held(t->held, set))
		return;
	t->current = json_pack("{s:s, s:s, s:s, s:I, s:[]}", "changetype", "REPLACE", "name",
	    line->owner, "type", type, "ttl", (json_int_t)set->ttl, "records");
	json_array_append_new(t->out, t->current);
	if (t->written != NULL)
		changed_add(t->written, set);
}

static int take(void *ctx, const struct zone_line *line, const knot_rrset_t *set)
{
	struct taker *t = ctx;
	char name[WORDING_TYPE_SIZE];
	struct buf data = {0};
	const char *type = line->type, *content = line->rdata;
	if (wording_write(WORDING_PDNS, set->type, line->wire, name, &data)) {
		type = name;
		content = buf_str(&data);
	}
	if (set != t->set)
		begin_set(t, line, set, type);
	if (t->current != NULL)
		json_array_append_new(json_object_get(t->current, "records"),
		    json_pack("{s:s, s:b}", "content", content, "disabled", 0));
	buf_free(&data);
	return 0;
}

static int add_sets(const struct zone *z, const struct zone *held, json_t *out,
    struct changed *written, struct err *err)
{
	struct taker t = {.out = out, .held = held, .written = written};
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
	return add_sets(z, NULL, *out, NULL, err);
}

static bool is_in(const struct zone *z, const char *owner, const char *type)
{
	knot_dname_storage_t name;
	uint16_t number = wording_type(type);
	if (knot_dname_from_str(name, owner, sizeof(name)) == NULL || number == 0)
		return false;
	knot_dname_to_lower(name);
	return zone_find(z, name, number) != NULL;
}

/* Deletes come first: a CNAME and its successor must not exist at once. */
int changes_between(const json_t *rrsets, const struct zone *z, json_t **out,
    struct changed *written, struct err *err)
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
	int r = add_sets(z, held, *out, written, err);
	zone_free(held);
	return r;
}
