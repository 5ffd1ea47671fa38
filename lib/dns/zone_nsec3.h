/* zone_nsec3: finds zones whose NSEC3 chain needs names that are too long.
 *
 * When a server loads a signed zone, it hashes names and puts each hash, a label of 32 characters
 * in base32hex, before the zone's name.  Some servers also look for the wildcard below each name.
 * A name has at most 255 octets (RFC 1035 section 3.1), and some servers die of a longer one.  A
 * push program for such a server refuses the zone.  Both functions return true, and write the
 * reason, if there is no room.
 */
#ifndef DDO_ZONE_NSEC3_H
#define DDO_ZONE_NSEC3_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/zone.h"

/* Does an NSEC3PARAM (RFC 5155: SHA-1) ask for hashes that do not fit before the zone's name?  One
 * with flags counts only if `any_flags`. */
bool zone_nsec3_no_hash(const struct zone *z, bool any_flags, char *reason, size_t size);
/* Does the zone have a chain, and a name with no room for "*." before it? */
bool zone_nsec3_no_wildcard(const struct zone *z, char *reason, size_t size);

#endif
