/* wording: writes records as PowerDNS and CoreDNS want them. */
#include "dns/wording.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns/wording_private.h"
#include "dns/zone_private.h"

enum { SVC_MANDATORY, SVC_ALPN, SVC_NO_ALPN, SVC_PORT, SVC_IPV4, SVC_ECH, SVC_IPV6 };

struct octets {
	const uint8_t *at, *end;
};

void wording_generic(const knot_rdata_t *rd, struct buf *data)
{
	buf_addf(data, rd->len > 0 ? "\\# %u " : "\\# %u", rd->len);
	for (uint16_t i = 0; i < rd->len; i++)
		buf_addf(data, "%02X", rd->data[i]);
}

/* As PowerDNS writes names. */
static void add_name(struct buf *out, const knot_dname_t *name)
{
	if (*name == 0)
		buf_addc(out, '.');
	for (; *name != 0; name += *name + 1) {
		for (uint8_t i = 1; i <= *name; i++) {
			if (name[i] <= ' ' || name[i] > '~')
				buf_addf(out, "\\%03u", name[i]);
			else
				buf_addf(
				    out, strchr(".\\", name[i]) != NULL ? "\\%c" : "%c", name[i]);
		}
		buf_addc(out, '.');
	}
}

static void add_base64(struct buf *out, const uint8_t *data, size_t len)
{
	size_t size = BASE64_ENCODE_RAW_LENGTH(len);
	buf_reserve(out, size + 1);
	base64_encode_raw(out->data + out->len, len, data);
	out->len += size;
	out->data[out->len] = '\0';
}

static bool take_u16(struct octets *in, uint16_t *out)
{
	if (in->end - in->at < 2)
		return false;
	*out = knot_wire_read_u16(in->at);
	in->at += 2;
	return true;
}

/* Decimal for each character with a meaning to PowerDNS's scanner, which ends at a ';' even within
 * quotes. */
static void add_octet(struct buf *out, uint8_t octet)
{
	if (octet <= ' ' || octet > '~' || strchr("\"\\;", octet) != NULL)
		buf_addf(out, "\\%03u", octet);
	else
		buf_addc(out, (char)octet);
}

static void add_key(struct buf *out, uint16_t key)
{
	static const char *const names[] = {
	    "mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint"};
	if (key < sizeof(names) / sizeof(*names))
		buf_adds(out, names[key]);
	else
		buf_addf(out, "key%u", key);
}

static bool add_keys(struct buf *out, struct octets v)
{
	uint16_t key;
	for (bool more = false; take_u16(&v, &key); more = true) {
		buf_adds(out, more ? "," : "");
		add_key(out, key);
	}
	return v.at == v.end;
}

/* A comma in a protocol's name is escaped twice (RFC 9460 appendix A.1). */
static bool add_alpn(struct buf *out, struct octets v)
{
	for (bool more = false; v.at < v.end; more = true) {
		size_t len = *v.at++;
		if (len == 0 || len > (size_t)(v.end - v.at))
			return false;
		buf_adds(out, more ? "," : "");
		for (; len > 0; len--, v.at++) {
			if (*v.at == ',')
				buf_adds(out, "\\\\,");
			else if (*v.at == '\\')
				buf_adds(out, "\\\\\\\\");
			else
				add_octet(out, *v.at);
		}
	}
	return true;
}

static bool add_addresses(struct buf *out, struct octets v, int family)
{
	ptrdiff_t size = family == AF_INET ? 4 : 16;
	char text[INET6_ADDRSTRLEN];
	for (bool more = false; v.end - v.at >= size; more = true, v.at += size) {
		inet_ntop(family, v.at, text, sizeof(text));
		buf_addf(out, "%s%s", more ? "," : "", text);
	}
	return v.at == v.end;
}

static bool add_param(struct buf *out, uint16_t key, struct octets v)
{
	buf_addc(out, ' ');
	add_key(out, key);
	if (key == SVC_NO_ALPN)
		return v.at == v.end;
	buf_addc(out, '=');
	switch (key) {
	case SVC_MANDATORY:
		return v.at < v.end && add_keys(out, v);
	case SVC_ALPN:
		return v.at < v.end && add_alpn(out, v);
	case SVC_PORT:
		if (v.end - v.at == 2)
			buf_addf(out, "%u", knot_wire_read_u16(v.at));
		return v.end - v.at == 2;
	case SVC_IPV4:
	case SVC_IPV6:
		return v.at < v.end && add_addresses(out, v, key == SVC_IPV4 ? AF_INET : AF_INET6);
	default:
		buf_addc(out, '"');
		if (key == SVC_ECH)
			add_base64(out, v.at, (size_t)(v.end - v.at));
		for (; key != SVC_ECH && v.at < v.end; v.at++)
			add_octet(out, *v.at);
		buf_addc(out, '"');
		return true;
	}
}

/* RFC 9460 section 2.1, each parameter as PowerDNS's parser wants it. */
static bool svcb_text(const knot_rdata_t *rd, struct buf *out)
{
	struct octets in = {rd->data, rd->data + rd->len};
	uint16_t priority, key, len;
	int name;
	if (!take_u16(&in, &priority) || (name = knot_dname_wire_check(in.at, in.end, NULL)) <= 0)
		return false;
	buf_addf(out, "%u ", priority);
	add_name(out, in.at);
	in.at += name;
	while (take_u16(&in, &key)) {
		if (!take_u16(&in, &len) || len > in.end - in.at ||
		    !add_param(out, key, (struct octets){in.at, in.at + len}))
			return false;
		in.at += len;
	}
	return in.at == in.end;
}

/* False for text that does not read back, for example if a mandatory parameter is missing. */
static bool pdns_svcb(uint16_t type, const knot_rdata_t *rd, struct buf *out)
{
	struct buf is = {0}, back = {0};
	size_t before = out->len;
	bool good = svcb_text(rd, out) && wording_scan(&back, type, out->data + before);
	wording_generic(rd, &is);
	good = good && strcmp(buf_str(&is), buf_str(&back)) == 0;
	buf_free(&is);
	buf_free(&back);
	return good;
}

/* RFC 4025 section 3.1.  Without a gateway PowerDNS reads none, not even the dot. */
static bool pdns_ipseckey(const knot_rdata_t *rd, struct buf *out)
{
	if (rd->len < 3 || rd->data[1] != 0)
		return false;
	buf_addf(out, "%u 0 %u", rd->data[0], rd->data[2]);
	if (rd->len > 3)
		buf_addc(out, ' ');
	add_base64(out, rd->data + 3, (size_t)rd->len - 3);
	return true;
}

static bool pdns_aaaa(const knot_rdata_t *rd, struct buf *out)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	if (rd->len != 16 || memcmp(rd->data, mapped, sizeof(mapped)) != 0)
		return false;
	buf_addf(out, "::ffff:%x:%x", knot_wire_read_u16(rd->data + 12),
	    knot_wire_read_u16(rd->data + 14));
	return true;
}

/* RFC 8659 section 4.1.1.  Both want text where zone_render(), for the sake of NSD, writes the
 * generic form. */
static bool caa_text(const knot_rdata_t *rd, struct buf *out)
{
	size_t tag = rd->len < 2 ? 0 : rd->data[1];
	bool upper = false;
	if (tag == 0 || tag + 2 > rd->len)
		return false;
	for (size_t i = 2; i < tag + 2; i++) {
		if (!isalnum(rd->data[i]))
			return false;
		upper = upper || isupper(rd->data[i]);
	}
	if (!upper)
		return false;
	buf_addf(out, "%u %.*s \"", rd->data[0], (int)tag, (const char *)rd->data + 2);
	for (size_t i = tag + 2; i < rd->len; i++)
		add_octet(out, rd->data[i]);
	buf_addc(out, '"');
	return true;
}

/* The text of another type with the same data. */
static bool text_like(uint16_t like, const knot_rdata_t *rd, struct buf *out)
{
	static const uint8_t root[1];
	knot_rrset_t one;
	size_t size = 512;
	char *text = mem_alloc(size);
	knot_rrset_init(&one, (knot_dname_t *)(uintptr_t)root, like, KNOT_CLASS_IN, 0);
	one.rrs = (knot_rdataset_t){.count = 1,
	    .size = (uint32_t)knot_rdata_size(rd->len),
	    .rdata = (knot_rdata_t *)(uintptr_t)rd};
	int len =
	    zone_rdata_is_sound(like, rd->data, rd->len) ? zone_rdata_text(&one, &text, &size) : -1;
	char *at = len < 0 ? NULL : text;
	for (size_t i = 0; at != NULL && i < 4; i++) { /* skip owner, TTL, class, type */
		at += strcspn(at, " \t");
		at += strspn(at, " \t");
	}
	bool good = at != NULL && strncmp(at, "\\#", 2) != 0;
	if (good)
		buf_add(out, at, strcspn(at, "\n"));
	free(text);
	return good;
}

/* The types that PowerDNS 4.7 knows by libknot's name and reads as libknot writes them. */
static bool pdns_knows(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_RT:
	case KNOT_RRTYPE_SIG:
		return false;
	default:
		return type < KNOT_RRTYPE_CAA + 1;
	}
}

static bool pdns_write(uint16_t type, const knot_rdata_t *rd, struct buf *data)
{
	const struct wording_type *t = wording_by_number(type);
	switch (type) {
	case KNOT_RRTYPE_AAAA:
		return pdns_aaaa(rd, data);
	case KNOT_RRTYPE_SVCB:
	case KNOT_RRTYPE_HTTPS:
		return pdns_svcb(type, rd, data);
	case KNOT_RRTYPE_IPSECKEY:
		return pdns_ipseckey(rd, data);
	case KNOT_RRTYPE_CAA:
		return caa_text(rd, data);
	default:
		if (t != NULL && t->like != 0)
			return text_like(t->like, rd, data);
		if (pdns_knows(type))
			return false;
		wording_generic(rd, data);
		return true;
	}
}

/* Generic form for types that miekg/dns cannot read, or misreads, as libknot writes them, and for
 * those that only miekg/dns has a name for. */
static bool coredns_write(uint16_t type, const knot_rdata_t *rd, struct buf *data)
{
	const struct wording_type *t = wording_by_number(type);
	bool svcb = type == KNOT_RRTYPE_SVCB || type == KNOT_RRTYPE_HTTPS;
	if (type == KNOT_RRTYPE_CAA)
		return caa_text(rd, data);
	if (!svcb && type != KNOT_RRTYPE_LOC && type != KNOT_RRTYPE_KEY &&
	    type != KNOT_RRTYPE_APL && (t == NULL || (t->known & WORDING_NAME_OF_COREDNS) == 0))
		return false;
	wording_generic(rd, data);
	return true;
}

bool wording_write(enum wording w, uint16_t type, const knot_rdata_t *rd,
    char name[WORDING_TYPE_SIZE], struct buf *data)
{
	const struct wording_type *t = wording_by_number(type);
	unsigned who = w == WORDING_PDNS ? WORDING_NAME_OF_PDNS : WORDING_NAME_OF_COREDNS;
	size_t before = data->len;
	bool other = w == WORDING_PDNS ? pdns_write(type, rd, data) : coredns_write(type, rd, data);
	if (!other) {
		data->len = before;
		return false;
	}
	if (t != NULL && (t->known & who) != 0)
		snprintf(name, WORDING_TYPE_SIZE, "%s", t->name);
	else if ((w == WORDING_PDNS && !pdns_knows(type)) ||
		 knot_rrtype_to_string(type, name, WORDING_TYPE_SIZE) < 0)
		snprintf(name, WORDING_TYPE_SIZE, "TYPE%u", type);
	return true;
}
