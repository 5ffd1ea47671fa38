/* pdns_types: types of private use (RFC 6895 section 3.1) that PowerDNS gives a meaning.
 *
 * A pushed zone must not make PowerDNS resolve names (ALIAS) or run code (LUA).  So ddo-push-pdns,
 * and ddo-push-mysql with PowerDNS's schema, call pdns_is_code() before they write a zone, and
 * refuse it if that returns a reason.
 */
#ifndef DDO_PDNS_TYPES_H
#define DDO_PDNS_TYPES_H

#include "dns/zone.h"

enum { PDNS_ALIAS = 65401, PDNS_LUA = 65402 };

/* Why PowerDNS must not get this zone; NULL: it may. */
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
