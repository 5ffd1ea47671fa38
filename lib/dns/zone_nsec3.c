/* zone_nsec3: measures the names of an NSEC3 chain. */
#include "dns/zone_nsec3.h"

#include <stdio.h>

#define NAME_OCTETS 255
#define HASH_OCTETS 33 /* the label of a SHA-1 hash, with its length */
#define WILDCARD_OCTETS 2
#define SHA1 1 /* the only algorithm of RFC 5155 */

static bool asks_for_hashes(const struct zone *z, bool any_flags)
{
	const knot_rrset_t *set = zone_find(z, z->apex, KNOT_RRTYPE_NSEC3PARAM);
	if (set == NULL)
		return false;
	knot_rdata_t *rdata = set->rrs.rdata;
	for (uint16_t i = 0; i < set->rrs.count; i++, rdata = knot_rdataset_next(rdata)) {
		if (rdata->len >= 2 && rdata->data[0] == SHA1 && (any_flags || rdata->data[1] == 0))
			return true;
	}
	return false;
}

bool zone_nsec3_no_hash(const struct zone *z, bool any_flags, char *reason, size_t size)
{
	size_t octets = knot_dname_size(z->apex);
	if (octets + HASH_OCTETS <= NAME_OCTETS || !asks_for_hashes(z, any_flags))
		return false;
	snprintf(reason, size,
	    "it has an NSEC3PARAM, and its name of %zu octets leaves no room for the hashes of "
	    "NSEC3 (%d octets of %d)",
	    octets, HASH_OCTETS, NAME_OCTETS);
	return true;
}

bool zone_nsec3_no_wildcard(const struct zone *z, char *reason, size_t size)
{
	size_t longest = 0;
	bool chain = false;
	for (size_t i = 0; i < z->count; i++) {
		size_t octets = knot_dname_size(z->rrsets[i].owner);
		longest = octets > longest ? octets : longest;
		chain = chain || z->rrsets[i].type == KNOT_RRTYPE_NSEC3;
	}
	if (!chain || longest + WILDCARD_OCTETS <= NAME_OCTETS || !asks_for_hashes(z, false))
		return false;
	snprintf(reason, size,
	    "it has NSEC3 records, and a name of %zu octets that leaves no room for the wildcard "
	    "below it (%d octets of %d)",
	    longest, WILDCARD_OCTETS, NAME_OCTETS);
	return true;
}
