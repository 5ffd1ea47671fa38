/* zone_size: how large a zone is as text, without writing it. */
#include <stdlib.h>

#include "base/mem.h"
#include "dns/zone_private.h"

/* More than TTL, class, type, blanks and the quotes and lengths that rdata begins with. */
#define LINE_MOST 96

/* How many characters may come of an octet of rdata: four of one of a name or a string, ten where
 * numbers are short; of a bitmap of types eight times "TYPE65535 ". */
static size_t widest(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
	case KNOT_RRTYPE_CSYNC:
		return 84;
	default:
		return 12;
	}
}

/* An upper bound, so that nearly no zone has to be looked at more closely. */
static size_t most(const struct zone *z)
{
	size_t sum = 0;
	for (size_t i = 0; i < z->count; i++) {
		const knot_rrset_t *set = &z->rrsets[i];
		size_t head = 4 * knot_dname_size(set->owner) + LINE_MOST;
		sum += set->rrs.count * head + set->rrs.size * widest(set->type);
	}
	return sum;
}

bool zone_fits(const struct zone *z, size_t max)
{
	if (most(z) <= max)
		return true;
	size_t size = 4096, sum = 0;
	char *text = mem_alloc(size);
	for (size_t i = 0; sum <= max && i < z->count; i++) {
		knot_rrset_t one = z->rrsets[i];
		knot_rdata_t *rd = one.rrs.rdata;
		uint16_t count = one.rrs.count;
		for (uint16_t k = 0; sum <= max && k < count; k++, rd = knot_rdataset_next(rd)) {
			one.rrs = (knot_rdataset_t){
			    .count = 1, .size = (uint32_t)knot_rdata_size(rd->len), .rdata = rd};
			int len = zone_rdata_text(&one, &text, &size);
			sum += len < 0 ? 0 : (size_t)len; /* zone_render() will say what it is */
		}
	}
	free(text);
	return sum <= max;
}
