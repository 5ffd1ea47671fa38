/* zone: a zone's text, checked, in canonical form.
 *
 * zone_parse() reads a master file (RFC 1035 section 5) record by record: master.h takes the text
 * apart as named does, and libzscanner checks the data.  Refused are: a zone without exactly one
 * SOA, at the apex; CNAME beside other data; classes other than IN; $INCLUDE, $GENERATE and NUL
 * bytes; records and RRsets that no DNS message can hold.  The reason names the line.  A record
 * outside the zone is left out, as in named.  $ORIGIN starts as the zone's name.
 *
 * The RRsets are in canonical order (RFC 4034 section 6): owner, type; sorted rdata, no duplicates.
 * Each covered type has its own RRset of RRSIGs.  If an RRset's records disagree about the TTL
 * (RFC 2181 section 5.2), it has the one that named takes: the first of the last series of records
 * of that owner.  `digest` is that of RFC 8976 (SIMPLE, SHA-384) in lower-case hex, without apex
 * ZONEMD and its RRSIG: the same zone has the same digest in any formatting.
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
	size_t outside; /* records outside the zone, which are left out as named leaves them out */
	uint64_t outside_line; /* of the first one */
	knot_dname_txt_storage_t outside_name;
};

/* `name` is normal (name.h).  max_records 0: no limit.  0: *out is for zone_free().  -1: the text
 * is refused, err says "line N: why". */
int zone_parse(const char *name, const char *text, size_t len, size_t max_records,
    struct zone **out, struct err *err);
void zone_free(struct zone *z);

struct zone_limits {
	size_t records; /* 0: any number */
	size_t bytes;   /* that zone_render() writes; 0: any number */
};

/* As zone_parse(), with a second limit.  A short text may be a large zone, because $ORIGIN becomes
 * part of each name.  The size is found without writing the zone out. */
int zone_parse_within(const char *name, const char *text, size_t len,
    const struct zone_limits *limits, struct zone **out, struct err *err);

/* As zone_parse(), for a text that zone_render() wrote: takes the name from the first record. */
int zone_parse_rendered(const char *text, size_t len, struct zone **out, struct err *err);

/* Appends the zone as text that any DNS server reads the same way: one record a line with absolute
 * names, TTL and class, SOA first, no directives. */
int zone_render(const struct zone *z, struct buf *out, struct err *err);

void zone_digest(struct zone *z); /* fills in z->digest; zone_parse() calls it */

/* False: every record of the text is in the zone.  Else `what` says how many are not, which ddo
 * leaves out, and which is the first. */
bool zone_left_out(const struct zone *z, struct err *what);

const knot_rrset_t *zone_find(const struct zone *z, const knot_dname_t *owner, uint16_t type);
const knot_rrset_t *zone_soa(const struct zone *z);

#endif
