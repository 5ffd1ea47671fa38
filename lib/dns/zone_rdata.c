/* zone_rdata: checks one record, and writes it as text. */
#include <ctype.h>
#include <libzscanner/scanner.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns/zone_private.h"

/* The length of the part that `block` describes; -1: the data are too short. */
static int part(int block, const uint8_t *data, const uint8_t *end)
{
	switch (block) {
	case KNOT_RDATA_WF_FIXED_DNAME:
	case KNOT_RDATA_WF_COMPRESSIBLE_DNAME:
	case KNOT_RDATA_WF_DECOMPRESSIBLE_DNAME:
		return knot_dname_wire_check(data, end, NULL);
	case KNOT_RDATA_WF_NAPTR_HEADER:
		return knot_naptr_header_size(data, end);
	case KNOT_RDATA_WF_REMAINDER:
		return (int)(end - data);
	default:
		return block > 0 && block <= end - data ? block : -1;
	}
}

/* Digests of known kinds have their length: RFC 4034 and 4509 and 6605 (DS), RFC 4255 and 6594
 * (SSHFP), RFC 8976 (ZONEMD).  named refuses others, and so does who validates. */
static bool digest_fits(uint16_t type, const uint8_t *data, size_t len)
{
	static const struct {
		uint16_t type;
		uint8_t at, kind, length; /* where the kind stands; the digest is behind it */
	} digests[] = {{KNOT_RRTYPE_DS, 3, 1, 20}, {KNOT_RRTYPE_DS, 3, 2, 32},
	    {KNOT_RRTYPE_DS, 3, 4, 48}, {KNOT_RRTYPE_CDS, 3, 1, 20}, {KNOT_RRTYPE_CDS, 3, 2, 32},
	    {KNOT_RRTYPE_CDS, 3, 4, 48}, {KNOT_RRTYPE_SSHFP, 1, 1, 20},
	    {KNOT_RRTYPE_SSHFP, 1, 2, 32}, {KNOT_RRTYPE_ZONEMD, 5, 1, 48},
	    {KNOT_RRTYPE_ZONEMD, 5, 2, 64}};
	if (type == KNOT_RRTYPE_ZONEMD && len > 4 && data[4] != KNOT_ZONEMD_SCHEME_SIMPLE)
		return true; /* of a private scheme anything may be (RFC 8976 appendix A.3) */
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		if (digests[i].type == type && len > digests[i].at &&
		    data[digests[i].at] == digests[i].kind)
			return len == digests[i].at + 1U + digests[i].length;
	}
	return true;
}

/* RFC 1876 section 2: a place on the earth, and sizes of one digit and a power of ten. */
static bool location_fits(uint16_t type, const uint8_t *data, size_t len)
{
	static const uint32_t most[] = {90 * 3600000U, 180 * 3600000U}; /* latitude, longitude */
	if (type != KNOT_RRTYPE_LOC || len != 16 || data[0] != 0)
		return true;
	for (size_t i = 1; i < 4; i++) {
		if (data[i] >> 4 > 9 || (data[i] & 15) > 9 || (data[i] != 0 && data[i] >> 4 == 0))
			return false;
	}
	for (size_t i = 0; i < 2; i++) {
		uint32_t angle = knot_wire_read_u32(data + 4 + 4 * i);
		if (angle < 0x80000000U - most[i] || angle > 0x80000000U + most[i])
			return false;
	}
	return true;
}

/* RFC 4034 section 4.1.2: windows in order, each of 1 to 32 octets, the last of them not zero. */
static bool type_map_fits(const uint8_t *map, const uint8_t *end)
{
	for (int last = -1; map < end; map += 2 + map[1]) {
		if (end - map < 3 || map[0] <= last || map[1] < 1 || map[1] > 32 ||
		    end - map < 2 + map[1] || map[1 + map[1]] == 0)
			return false;
		last = map[0];
	}
	return true;
}

#define SHA1 1 /* the only algorithm of RFC 5155 */
#define SHA1_OCTETS 20

/* RFC 5155 sections 3.2 and 4.2.  libknot writes as much salt and hash as their lengths say. */
static bool nsec3_fits(uint16_t type, const uint8_t *data, const uint8_t *end)
{
	const uint8_t *salt = data + 4;
	if (end - salt < 1 || end - salt < 1 + salt[0])
		return false;
	const uint8_t *hash = salt + 1 + salt[0];
	if (type == KNOT_RRTYPE_NSEC3PARAM)
		return hash == end;
	return end - hash >= 1 && hash[0] > 0 && end - hash >= 1 + hash[0] &&
	       (data[0] != SHA1 || hash[0] == SHA1_OCTETS) &&
	       type_map_fits(hash + 1 + hash[0], end);
}

/* RFC 9460 section 2.2: keys in order, each value as long as it says.  Section 8: "mandatory" is a
 * list of keys. */
static bool parameters_fit(const uint8_t *p, const uint8_t *end)
{
	for (int last = -1; p < end;) {
		if (end - p < 4 || end - p - 4 < knot_wire_read_u16(p + 2))
			return false;
		int key = knot_wire_read_u16(p), length = knot_wire_read_u16(p + 2);
		if (key <= last || (key == KNOT_SVCB_PARAM_MANDATORY && length % 2 != 0))
			return false;
		last = key;
		p += 4 + length;
	}
	return true;
}

/* RFC 8659 section 4.1: a tag of letters and digits, at least one. */
static bool tag_fits(const uint8_t *data, const uint8_t *end)
{
	if (end - data < 2 || data[1] < 1 || end - data - 2 < data[1])
		return false;
	for (int i = 0; i < data[1]; i++) {
		if (!isascii(data[2 + i]) || !isalnum(data[2 + i]))
			return false;
	}
	return true;
}

static bool lists_fit(uint16_t type, const uint8_t *data, const uint8_t *end)
{
	int before; /* the list */
	switch (type) {
	case KNOT_RRTYPE_NSEC3:
	case KNOT_RRTYPE_NSEC3PARAM:
		return nsec3_fits(type, data, end);
	case KNOT_RRTYPE_NSEC:
		before = knot_dname_wire_check(data, end, NULL);
		return before > 0 && data + before < end && type_map_fits(data + before, end);
	case KNOT_RRTYPE_CSYNC:
		return end - data >= 6 && type_map_fits(data + 6, end);
	case KNOT_RRTYPE_CAA:
		return tag_fits(data, end);
	case KNOT_RRTYPE_SVCB:
	case KNOT_RRTYPE_HTTPS:
		before = end - data > 2 ? knot_dname_wire_check(data + 2, end, NULL) : -1;
		return before > 0 && parameters_fit(data + 2 + before, end);
	default:
		return true;
	}
}

bool zone_rdata_is_sound(uint16_t type, const uint8_t *data, size_t len)
{
	const uint8_t *start = data, *end = data + len;
	const knot_rdata_descriptor_t *d = knot_get_rdata_descriptor(type);
	if (d->type_name == NULL)
		d = knot_get_obsolete_rdata_descriptor(type);
	for (size_t i = 0; d->block_types[i] != KNOT_RDATA_WF_END; i++) {
		int n = part(d->block_types[i], data, end);
		if (n < 0)
			return false;
		data += n;
	}
	return data == end && digest_fits(type, start, len) && location_fits(type, start, len) &&
	       lists_fit(type, start, end);
}

static bool reads_back(const knot_rdata_t *rd, const char *text, size_t len)
{
	zs_scanner_t *zs = mem_alloc(sizeof(*zs));
	bool same = false;
	if (zs_init(zs, ".", KNOT_CLASS_IN, 0) == 0) {
		same = zs_set_input_string(zs, text, len) == 0 && zs_parse_record(zs) == 0 &&
		       zs->state == ZS_STATE_DATA && zs->r_data_length == rd->len &&
		       memcmp(zs->r_data, rd->data, rd->len) == 0;
		zs_deinit(zs);
	}
	free(zs);
	return same;
}

/* As text, NSD wants a CAA's tag in lower case (RFC 8659 section 4.1: any case is right). */
static bool is_upper_tag(const knot_rdata_t *caa)
{
	for (size_t i = 2; i < caa->len && i < caa->data[1] + 2U; i++) {
		if (isupper(caa->data[i]))
			return true;
	}
	return false;
}

/* Some SVCB parameters (an alpn list with quotes, an empty address hint) do not read back from
 * libknot's text, or servers read it differently; no server reads its SIG. */
static bool is_clear(const knot_rrset_t *one, const char *text, size_t len)
{
	if (one->type == KNOT_RRTYPE_SIG)
		return false;
	if (one->type == KNOT_RRTYPE_CAA)
		return !is_upper_tag(one->rrs.rdata);
	if (one->type != KNOT_RRTYPE_SVCB && one->type != KNOT_RRTYPE_HTTPS)
		return true;
	return memchr(text, '"', len) == NULL && memchr(text, '\\', len) == NULL &&
	       reads_back(one->rrs.rdata, text, len);
}

/* named takes what begins with "\\[" for a bit string (RFC 2673), and refuses it. */
static int spell_brackets(char **text, size_t *size, int len)
{
	struct buf out = {0};
	bool any = false;
	for (const char *p = memchr(*text, '\\', (size_t)len); !any && p != NULL && p[1] != '\0';
	     p = strchr(p + 2, '\\'))
		any = p[1] == '[';
	if (!any)
		return len;
	for (const char *p = *text; *p != '\0';) {
		size_t n = *p != '\\' ? strcspn(p, "\\") : p[1] != '\0' ? 2 : 1;
		if (p[0] == '\\' && p[1] == '[')
			buf_adds(&out, "\\091");
		else
			buf_add(&out, p, n);
		p += n;
	}
	free(*text);
	*text = out.data;
	*size = out.len + 1;
	return (int)out.len;
}

int zone_rdata_text(const knot_rrset_t *one, char **text, size_t *size)
{
	knot_dump_style_t style = KNOT_DUMP_STYLE_DEFAULT;
	style.wrap = false;
	style.show_class = true;
	style.show_ttl = true;
	style.original_ttl = false;
	int len = knot_rrset_txt_dump(one, text, size, &style);
	if (len < 0 || !is_clear(one, *text, (size_t)len)) {
		style.generic = true;
		len = knot_rrset_txt_dump(one, text, size, &style);
	}
	return len < 0 ? -1 : spell_brackets(text, size, len);
}
