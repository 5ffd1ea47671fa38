/* zone_lines: a rendered zone, record by record. */
#ifndef DDO_ZONE_LINES_H
#define DDO_ZONE_LINES_H

#include "dns/zone.h"

/* One line of a rendered zone, cut in its fields. */
struct zone_line {
	const char *owner, *ttl, *type, *rdata;
	const knot_rdata_t *wire; /* of that record */
};

/* Calls `take` for each record of the zone, SOA first.  `text` is what zone_render() made of it,
 * and is cut in place; the lines point into it.  -1: take's. */
int zone_lines(const struct zone *z, char *text,
    int (*take)(void *ctx, const struct zone_line *line, const knot_rrset_t *set), void *ctx);

#endif
