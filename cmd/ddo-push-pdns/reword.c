/* reword: records in the form that PowerDNS's API wants. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "dns/wording.h"
#include "pdns.h"

/* Are they two texts of the same record? */
static bool same_record(
    const struct zone *z, const char *owner, const char *type, const char *a, const char *b)
{
	struct zone *both[2] = {NULL, NULL};
	for (size_t i = 0; i < 2; i++) {
		struct buf text = {0};
		if (wording_type(type) != KNOT_RRTYPE_SOA)
			buf_addf(&text, "@ 0 IN SOA . . 0 0 0 0 0\n");
		buf_addf(&text, "%s 0 IN ", owner);
		wording_read(WORDING_PDNS, type, i == 0 ? a : b, &text);
		buf_addc(&text, '\n');
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

/* What stands behind `prefix` in `words`, ignoring case; NULL: it does not begin so. */
static const char *behind(const char *words, const struct buf *prefix)
{
	return strncasecmp(words, buf_str(prefix), prefix->len) == 0 ? words + prefix->len : NULL;
}

/* Behind "Record NAME/TYPE 'OURS': Not in expected format (parsed as '", where PowerDNS has a name
 * of its own for some TYPEnnn. */
static const char *find_theirs(
    const char *words, const char *owner, const char *type, const char *content)
{
	struct buf start = {0}, end = {0};
	char name[WORDING_TYPE_SIZE];
	buf_addf(&start, "Record %s/", owner);
	buf_addf(&end, " '%s': Not in expected format (parsed as '", content);
	const char *at = behind(words, &start);
	size_t len = at == NULL ? 0 : strcspn(at, " ");
	bool is_it = at != NULL && len < sizeof(name);
	if (is_it) {
		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		is_it = wording_type(name) == wording_type(type);
	}
	const char *theirs = is_it ? behind(at + len, &end) : NULL;
	buf_free(&start);
	buf_free(&end);
	return theirs;
}

static bool reword(json_t *set, json_t *record, const struct zone *z, const char *words)
{
	const char *owner = json_string_value(json_object_get(set, "name"));
	const char *type = json_string_value(json_object_get(set, "type"));
	const char *content = json_string_value(json_object_get(record, "content"));
	const char *theirs = find_theirs(words, owner, type, content);
	size_t len = theirs == NULL ? 0 : strlen(theirs);
	if (len < 2 || strcmp(theirs + len - 2, "')") != 0)
		return false;
	char *copy = mem_dupn(theirs, len - 2);
	bool same = strcmp(copy, content) != 0 && same_record(z, owner, type, content, copy);
	if (same)
		json_object_set_new(record, "content", json_string(copy));
	free(copy);
	return same;
}

/* The set in the form of RFC 3597, type and records. */
static bool make_generic(json_t *set, const struct zone *z)
{
	const char *owner = json_string_value(json_object_get(set, "name"));
	uint16_t type = wording_type(json_string_value(json_object_get(set, "type")));
	knot_dname_storage_t name;
	char text[WORDING_TYPE_SIZE];
	if (type == 0 || knot_dname_from_str(name, owner, sizeof(name)) == NULL)
		return false;
	knot_dname_to_lower(name);
	const knot_rrset_t *is = zone_find(z, name, type);
	if (is == NULL)
		return false;
	json_t *records = json_array();
	knot_rdata_t *rd = is->rrs.rdata;
	for (uint16_t i = 0; i < is->rrs.count; i++, rd = knot_rdataset_next(rd)) {
		struct buf data = {0};
		wording_generic(rd, &data);
		json_array_append_new(
		    records, json_pack("{s:s, s:b}", "content", buf_str(&data), "disabled", 0));
		buf_free(&data);
	}
	snprintf(text, sizeof(text), "TYPE%u", type);
	json_object_set_new(set, "type", json_string(text));
	json_object_set_new(set, "records", records);
	return true;
}

/* `words`: "RRset NAME IN TYPE: unknown type given" */
static bool unknown_type(json_t *set, const struct zone *z, const char *words)
{
	const char *type = json_string_value(json_object_get(set, "type"));
	struct buf all = {0};
	buf_addf(&all, "RRset %s IN %s: unknown type given",
	    json_string_value(json_object_get(set, "name")), type);
	bool is_it = strcasecmp(words, all.data) == 0 && strncasecmp(type, "TYPE", 4) != 0;
	buf_free(&all);
	return is_it && make_generic(set, z);
}

bool changes_reword(json_t *changes, const struct zone *z, const char *words)
{
	size_t i, k;
	json_t *set, *record;
	json_array_foreach(changes, i, set)
	{
		if (unknown_type(set, z, words))
			return true;
		json_array_foreach(json_object_get(set, "records"), k, record)
		{
			if (reword(set, record, z, words))
				return true;
		}
	}
	return false;
}
