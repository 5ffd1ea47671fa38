/* pdns_types: types of private use (RFC 6895 section 3.1) that mean something to PowerDNS. */
#ifndef DDO_PDNS_TYPES_H
#define DDO_PDNS_TYPES_H

#include "dns/zone.h"

enum { PDNS_ALIAS = 65401, PDNS_LUA = 65402 };

/* Whoever may push a zone may not, with it, give PowerDNS names to resolve (ALIAS) or code to run
 * (LUA): what of the kind is in the zone, or NULL. */
static inline const char *pdns_is_code(const struct zone *z)
{
	for (size_t i = 0; i < z->count; i++) {
		if (z->rrsets[i].type == PDNS_ALIAS || z->rrsets[i].type == PDNS_LUA)
			return "a record of type TYPE65401 (ALIAS) or TYPE65402 (LUA) is not for "
			       "PowerDNS";
	}
	return NULL;
}

#endif
