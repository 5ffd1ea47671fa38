/* zone_nsec3: zones whose NSEC3 chain has names in it that are too long to exist.
 *
 * Servers hash names while they load a signed zone, put the hash (a label of 32 characters in
 * base32hex) before the zone's own name, and some look for the wildcard below each name, too.  A
 * name has at most 255 octets (RFC 1035 section 3.1); some servers die of a longer one.  Both
 * functions write the reason and return true when there is no room.
 */
#ifndef DDO_ZONE_NSEC3_H
#define DDO_ZONE_NSEC3_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/zone.h"

/* Is there no room for a hash before the zone's name, and an NSEC3PARAM (RFC 5155: SHA-1) that asks
 * for one?  One with flags counts with `any_flags` only. */
bool zone_nsec3_no_hash(const struct zone *z, bool any_flags, char *reason, size_t size);
/* Has the zone a chain, and a name that leaves no room for "*." before it? */
bool zone_nsec3_no_wildcard(const struct zone *z, char *reason, size_t size);

#endif
