/* zone_private: single records, where ddo does not trust the libraries.
 *
 * libzscanner takes any octets that are written as "\# LENGTH HEX" (RFC 3597 section 5), and
 * libknot then looks for names in them without asking where they end.  So zone_parse.c checks all
 * rdata with zone_rdata_is_sound() before libknot sees them.  libknot writes some records as text
 * that does not read back, so zone.c and wording.c write with zone_rdata_text() only.
 */
#ifndef DDO_ZONE_PRIVATE_H
#define DDO_ZONE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/zone.h"

/* Does the rdata have all parts of its type, and nothing after them? */
bool zone_rdata_is_sound(uint16_t type, const uint8_t *data, size_t len);

/* Writes the record (a set of one) as a line of text that reads back as the same record.  *text, of
 * *size bytes, is for free() and grows.  The length, or -1. */
int zone_rdata_text(const knot_rrset_t *one, char **text, size_t *size);

/* Would zone_render() write at most `max` bytes?  Stops as soon as it is more. */
bool zone_fits(const struct zone *z, size_t max);

#endif
