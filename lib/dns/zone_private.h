/* zone_private: records one by one; what zone.c and zone_parse.c do not trust the libraries with.
 */
#ifndef DDO_ZONE_PRIVATE_H
#define DDO_ZONE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/zone.h"

/* Whether rdata has the parts that its type has, and nothing behind them.  libzscanner takes any
 * octets that are written as "\# LENGTH HEX" (RFC 3597 section 5), and libknot then looks for names
 * in them without asking where they end. */
bool zone_rdata_is_sound(uint16_t type, const uint8_t *data, size_t len);

/* The record (a set of one) as a line of text that reads as the same record.  *text, of *size
 * bytes, is for free() and grows.  The length, or -1. */
int zone_rdata_text(const knot_rrset_t *one, char **text, size_t *size);

/* Whether zone_render() would write at most `max` bytes; stops where it is more. */
bool zone_fits(const struct zone *z, size_t max);

#endif
