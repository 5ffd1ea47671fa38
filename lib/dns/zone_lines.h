/* zone_lines: a rendered zone, record by record.
 *
 * For push programs that store records as rows.  zone_lines() walks the zone and its rendered text
 * together and calls `take` for each record, SOA first.  `text` must be what zone_render() made of
 * this zone; it is cut in place, and the lines point into it.  `take` returns 0 to go on, or a
 * negative value, which zone_lines() returns.
 */
#ifndef DDO_ZONE_LINES_H
#define DDO_ZONE_LINES_H

#include "dns/zone.h"

/* One line of a rendered zone, cut into its fields. */
struct zone_line {
	const char *owner, *ttl, *type, *rdata;
	const knot_rdata_t *wire; /* of that record */
};

int zone_lines(const struct zone *z, char *text,
    int (*take)(void *ctx, const struct zone_line *line, const knot_rrset_t *set), void *ctx);

#endif
