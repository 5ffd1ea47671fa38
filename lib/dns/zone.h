/* zone: a zone's text, checked, in canonical form.
 *
 * zone_parse() reads master file text (RFC 1035 section 5) with libzscanner, record by record, and
 * refuses what ddo must not accept: no or more than one SOA, an SOA elsewhere than at the apex, a
 * record outside the zone, CNAME beside other data, a class other than IN, a TTL above 2^31-1
 * (RFC 2181 section 8), $INCLUDE, $GENERATE, NUL bytes, an RRset that no DNS message can hold.  The
 * reason names the line.  $ORIGIN starts as the zone's name; a record without a TTL and without
 * $TTL gets the SOA's minimum, as named does; lines may end in CR LF.
 *
 * The result is the set of RRsets in canonical order (RFC 4034 section 6: owner, type; rdata
 * sorted, duplicates removed, names in rdata lower case where 6.2 says so).  RRSIGs are one RRset a
 * covered type.  An RRset whose records disagree on the TTL gets the lowest (RFC 2181 section 5.2).
 *
 * `digest` is RFC 8976's, scheme SIMPLE, SHA-384, in lower-case hex: apex ZONEMD and its RRSIG left
 * out. Same zone, same digest, whatever the formatting.
 */
#ifndef DDO_ZONE_H
#define DDO_ZONE_H

#include <libknot/libknot.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "dns/name.h"

#define ZONE_DIGEST_SIZE 97 /* 96 hex digits and a NUL */

struct zone {
	char name[NAME_SIZE];
	knot_dname_storage_t apex;
	uint32_t serial;
	size_t records;
	size_t count; /* RRsets */
	knot_rrset_t *rrsets;
	char digest[ZONE_DIGEST_SIZE];
	size_t outside; /* records outside the zone, which were left out; the first: */
	uint64_t outside_line;
	knot_dname_txt_storage_t outside_name;
};

/* `name` is normal (name.h).  max_records 0: no limit.  On 0 *out is the caller's, for zone_free().
 * -1: the text is refused, err says "line N: why". */
int zone_parse(const char *name, const char *text, size_t len, size_t max_records,
    struct zone **out, struct err *err);
void zone_free(struct zone *z);

struct zone_limits {
	size_t records; /* 0: any number */
	size_t bytes;   /* of the zone as zone_render() writes it; 0: any number */
};

/* As zone_parse(), with a limit more.  A short text may be a large zone: `$ORIGIN` is written into
 * each of its names.  What is too large is not written out to find that. */
int zone_parse_within(const char *name, const char *text, size_t len,
    const struct zone_limits *limits, struct zone **out, struct err *err);

/* As zone_parse(), the name taken from the first record, an SOA with an absolute owner: for files
 * that ddo rendered.  */
int zone_parse_rendered(const char *text, size_t len, struct zone **out, struct err *err);

/* Appends the zone as text that any DNS server reads the same way: one record a line, absolute
 * names, a TTL and class on each, SOA first, no directives. */
int zone_render(const struct zone *z, struct buf *out, struct err *err);

void zone_digest(struct zone *z); /* fills in z->digest; zone_parse() has done it */

const knot_rrset_t *zone_find(const struct zone *z, const knot_dname_t *owner, uint16_t type);
const knot_rrset_t *zone_soa(const struct zone *z);

#endif
