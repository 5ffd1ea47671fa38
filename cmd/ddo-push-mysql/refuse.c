/* refuse: what PowerDNS and CoreDNS would not serve from their tables, or not as it is. */
#include "refuse.h"

#include <string.h>

#include "dns/pdns_types.h"

static int refuse(struct err *err, const knot_rrset_t *set, const char *server, const char *why)
{
	knot_dname_txt_storage_t owner;
	char type[16];
	if (knot_dname_to_str(owner, set->owner, sizeof(owner)) == NULL ||
	    knot_rrtype_to_string(set->type, type, sizeof(type)) < 0)
		owner[0] = type[0] = '\0';
	return err_set(err, "%s would not serve %s %s: %s", server, owner, type, why);
}

/* PowerDNS answers SERVFAIL to a question with any other character (its validDNSName()). */
static bool is_valid_name(const knot_dname_t *name)
{
	static const char valid[] = "abcdefghijklmnopqrstuvwxyz0123456789-_*./@ \\:";
	for (; *name != 0; name += *name + 1) {
		for (uint8_t i = 1; i <= *name; i++) {
			if (name[i] == 0 || strchr(valid, name[i]) == NULL)
				return false;
		}
	}
	return true;
}

static const char *pdns_why(const knot_rrset_t *set, bool presigned)
{
	if (!is_valid_name(set->owner))
		return "the name has characters other than a-z, 0-9 and -_*./@:\\ and blanks";
	switch (set->type) {
	case KNOT_RRTYPE_RRSIG:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
	case KNOT_RRTYPE_NSEC3PARAM:
		return presigned ? NULL : "the zone is not signed: its SOA has no RRSIG";
	default:
		return NULL;
	}
}

int refuse_for_pdns(const struct zone *z, bool presigned, struct err *err)
{
	if (pdns_is_code(z) != NULL)
		return err_set(err, "%s", pdns_is_code(z));
	for (size_t i = 0; i < z->count; i++) {
		const char *why = pdns_why(&z->rrsets[i], presigned);
		if (why != NULL)
			return refuse(err, &z->rrsets[i], "PowerDNS", why);
	}
	return 0;
}

/* RFC 8777: miekg/dns drops the relay when the discovery bit is set. */
static bool loses_relay(const knot_rrset_t *set)
{
	const knot_rdata_t *rd = set->rrs.rdata;
	for (uint16_t i = 0; i < set->rrs.count; i++, rd = knot_rdataset_next((knot_rdata_t *)rd)) {
		if (rd->len > 2 && (rd->data[1] & 0x80) != 0)
			return true;
	}
	return false;
}

int refuse_for_coredns(const struct zone *z, struct err *err)
{
	enum { AMTRELAY = 260 };
	for (size_t i = 0; i < z->count; i++) {
		if (z->rrsets[i].type == AMTRELAY && loses_relay(&z->rrsets[i]))
			return refuse(err, &z->rrsets[i], "CoreDNS",
			    "it would drop the relay of an AMTRELAY with the discovery bit");
	}
	return 0;
}
