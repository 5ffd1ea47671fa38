/* keys: what PowerDNS's domainmetadata says about a zone's DNSSEC (schema powerdns only). */
#include <nettle/base16.h>
#include <stdlib.h>
#include <string.h>

#include "mysql.h"

#define OF_US "'PRESIGNED','NSEC3PARAM','NSEC3NARROW'"

static bool has_keys(const struct mysql *m)
{
	return m->schema.record_owner == NULL;
}

enum sql keys_read(
    struct mysql *m, const char *ids, struct pending *pending, size_t n, struct err *err)
{
	struct buf text = {0};
	MYSQL_RES *res;
	if (!has_keys(m))
		return SQL_OK;
	buf_addf(&text,
	    "SELECT domain_id, kind, content FROM domainmetadata"
	    " WHERE domain_id IN (%s) AND kind IN (" OF_US ")",
	    ids);
	enum sql r = link_query(m->link, &text, &res, err);
	buf_free(&text);
	for (MYSQL_ROW row; r == SQL_OK && (row = mysql_fetch_row(res)) != NULL;) {
		const char *value = row[2] == NULL ? "" : row[2];
		struct zone_keys *keys = NULL;
		for (size_t i = 0; keys == NULL && i < n; i++)
			keys = strcmp(pending[i].zone_id, row[0]) == 0 ? &pending[i].keys : NULL;
		if (keys == NULL)
			continue;
		if (strcmp(row[1], "PRESIGNED") == 0)
			keys->presigned = strcmp(value, "1") == 0;
		else if (strcmp(row[1], "NSEC3NARROW") == 0)
			keys->narrow = strcmp(value, "1") == 0;
		else
			snprintf(keys->nsec3param, sizeof(keys->nsec3param), "%s", value);
	}
	if (r == SQL_OK)
		mysql_free_result(res);
	return r;
}

/* PowerDNS keeps the text of the record (RFC 5155 section 4), but with the opt-out flag, which only
 * the NSEC3 records have. */
static void param_text(const struct zone *z, const knot_rrset_t *set, struct zone_keys *out)
{
	const knot_rdata_t *rd = set->rrs.rdata;
	unsigned flags = 0;
	for (size_t i = 0; i < z->count; i++)
		flags |=
		    z->rrsets[i].type == KNOT_RRTYPE_NSEC3 ? z->rrsets[i].rrs.rdata->data[1] : 0;
	size_t salt = rd->data[4];
	char hex[BASE16_ENCODE_LENGTH(UINT8_MAX) + 1] = "-";
	if (5 + salt > rd->len)
		salt = 0;
	base16_encode_update(hex, salt, rd->data + 5);
	snprintf(out->nsec3param, sizeof(out->nsec3param), "%u %u %u %s", rd->data[0], flags,
	    knot_wire_read_u16(rd->data + 2), hex);
}

/* A zone is signed when its SOA is. */
static bool is_signed(const struct zone *z)
{
	bool found = false;
	for (size_t i = 0; !found && i < z->count; i++) {
		const knot_rrset_t *set = &z->rrsets[i];
		found = set->type == KNOT_RRTYPE_RRSIG &&
			knot_dname_is_equal(set->owner, z->apex) &&
			knot_rrsig_type_covered(set->rrs.rdata) == KNOT_RRTYPE_SOA;
	}
	return found;
}

void keys_of(const struct pending *one, struct zone_keys *out)
{
	const struct zone *z = one->item->zone;
	*out = one->keys;
	if (!is_signed(z) && !one->keys.presigned)
		return; /* unsigned, or signed by PowerDNS: the metadata are the operator's */
	*out = (struct zone_keys){.presigned = is_signed(z)};
	const knot_rrset_t *param = zone_find(z, z->apex, KNOT_RRTYPE_NSEC3PARAM);
	if (out->presigned && param != NULL && param->rrs.rdata->len >= 5)
		param_text(z, param, out);
}

enum sql keys_write(struct mysql *m, struct pending *one, struct err *err)
{
	struct zone_keys want;
	struct buf text = {0};
	keys_of(one, &want);
	if (!has_keys(m) ||
	    (want.presigned == one->keys.presigned && want.narrow == one->keys.narrow &&
		strcmp(want.nsec3param, one->keys.nsec3param) == 0))
		return SQL_OK;
	one->changed = true;
	buf_addf(&text, "DELETE FROM domainmetadata WHERE domain_id = %s AND kind IN (" OF_US ")",
	    one->zone_id);
	enum sql r = link_exec(m->link, &text, err);
	buf_reset(&text);
	buf_addf(&text,
	    "INSERT INTO domainmetadata (domain_id, kind, content) VALUES (%s,'PRESIGNED','1')",
	    one->zone_id);
	if (want.nsec3param[0] != '\0')
		buf_addf(&text, ",(%s,'NSEC3PARAM','%s')", one->zone_id, want.nsec3param);
	if (r == SQL_OK && want.presigned)
		r = link_exec(m->link, &text, err);
	buf_free(&text);
	return r;
}
