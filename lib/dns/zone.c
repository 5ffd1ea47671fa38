/* zone: a parsed zone: finding RRsets, writing it as text, its digest. */
#include "dns/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "dns/zone_private.h"

/* Room for TTL, class, type, blanks, and the quotes and lengths at the start of rdata. */
#define LINE_MOST 96

static int compare_keys(
    const knot_dname_t *a, const knot_dname_t *b, uint16_t type_a, uint16_t type_b)
{
	int r = knot_dname_cmp(a, b);
	return r != 0 ? r : (int)type_a - (int)type_b;
}

bool zone_left_out(const struct zone *z, struct err *what)
{
	if (z->outside > 0)
		err_set(what,
		    "records outside the zone left out: %zu, the first on line %llu: %.200s",
		    z->outside, (unsigned long long)z->outside_line, z->outside_name);
	return z->outside > 0;
}

const knot_rrset_t *zone_find(const struct zone *z, const knot_dname_t *owner, uint16_t type)
{
	size_t low = 0, high = z->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const knot_rrset_t *rr = &z->rrsets[mid];
		if (compare_keys(rr->owner, owner, rr->type, type) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == z->count || z->rrsets[low].type != type ||
	    !knot_dname_is_equal(z->rrsets[low].owner, owner))
		return NULL;
	return &z->rrsets[low];
}

const knot_rrset_t *zone_soa(const struct zone *z)
{
	return zone_find(z, z->apex, KNOT_RRTYPE_SOA);
}

/* One record at a time, because libknot fails on the text of a large set. */
static int render_rrset(const knot_rrset_t *set, struct buf *out, char **text, size_t *size)
{
	knot_rrset_t one = *set;
	knot_rdata_t *rd = set->rrs.rdata;
	for (uint16_t i = 0; i < set->rrs.count; i++, rd = knot_rdataset_next(rd)) {
		one.rrs = (knot_rdataset_t){
		    .count = 1, .size = (uint32_t)knot_rdata_size(rd->len), .rdata = rd};
		int len = zone_rdata_text(&one, text, size);
		if (len < 0)
			return -1;
		buf_add(out, *text, (size_t)len);
	}
	return 0;
}

int zone_render(const struct zone *z, struct buf *out, struct err *err)
{
	size_t size = 4096;
	char *text = mem_alloc(size);
	const knot_rrset_t *soa = zone_soa(z);
	int r = render_rrset(soa, out, &text, &size);
	for (size_t i = 0; r == 0 && i < z->count; i++) {
		if (&z->rrsets[i] != soa)
			r = render_rrset(&z->rrsets[i], out, &text, &size);
	}
	free(text);
	return r == 0 ? 0 : err_set(err, "%s: a record cannot be written as text", z->name);
}

/* How many characters an octet of rdata may become: four in a name or a string, ten in a short
 * number, eight times "TYPE65535 " in a bitmap of types. */
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

/* An upper bound, so that zone_fits() rarely has to write any text. */
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
			sum += len < 0 ? 0 : (size_t)len; /* zone_render() will give the reason */
		}
	}
	free(text);
	return sum <= max;
}

/* RFC 8976 section 3.3.1: the digest leaves these out. */
static bool left_out(const struct zone *z, const knot_rrset_t *rr)
{
	if (!knot_dname_is_equal(rr->owner, z->apex))
		return false;
	if (rr->type == KNOT_RRTYPE_ZONEMD)
		return true;
	return rr->type == KNOT_RRTYPE_RRSIG &&
	       knot_rrsig_type_covered(rr->rrs.rdata) == KNOT_RRTYPE_ZONEMD;
}

static void add_u16(struct buf *b, unsigned value)
{
	unsigned char octets[2] = {(unsigned char)(value >> 8), (unsigned char)value};
	buf_add(b, octets, sizeof(octets));
}

static void add_wire(struct buf *b, const knot_rrset_t *rr)
{
	knot_rdata_t *rd = rr->rrs.rdata;
	for (uint16_t i = 0; i < rr->rrs.count; i++, rd = knot_rdataset_next(rd)) {
		buf_add(b, rr->owner, knot_dname_size(rr->owner));
		add_u16(b, rr->type);
		add_u16(b, rr->rclass);
		add_u16(b, rr->ttl >> 16);
		add_u16(b, rr->ttl & 0xffff);
		add_u16(b, rd->len);
		buf_add(b, rd->data, rd->len);
	}
}

void zone_digest(struct zone *z)
{
	struct buf wire = {0};
	for (size_t i = 0; i < z->count; i++) {
		if (!left_out(z, &z->rrsets[i]))
			add_wire(&wire, &z->rrsets[i]);
	}
	digest_sha384(wire.data, wire.len, z->digest);
	buf_free(&wire);
}

void zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	for (size_t i = 0; i < z->count; i++)
		knot_rrset_clear(&z->rrsets[i], NULL);
	free(z->rrsets);
	free(z);
}
