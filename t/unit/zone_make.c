/* zone_make: zones from a grammar of all that a master file may hold, for comparing readers.
 *
 * zone_make SEED COUNT DIR: writes zNUMBER.example into DIR/zNUMBER.example.db, NUMBER from 0 up;
 * the same ones for the same seed.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/msg.h"

static uint64_t state;

static unsigned dice(unsigned sides)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % sides;
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define PICK(list) (list)[dice(COUNT(list))]
#define MOSTLY(list) mostly(list, COUNT(list))

/* Rarely one of those behind the NULL, which are wrong. */
static const char *mostly(const char *const *list, size_t count)
{
	unsigned good = 0;
	while (list[good] != NULL)
		good++;
	unsigned i = dice(25) == 0 ? dice((unsigned)count) : dice(good);
	return list[i] == NULL ? list[0] : list[i];
}

static const char *const names[] = {"www", "@", "mail.example.net.", "a.b", "*", "*.w", "WWW",
    "x\\.y", "sp\\ ace", "\\065bc", "\\000n", "o+tag", "x,y.example.net.", "it's", "p\\$q", "q$r",
    "john+dns.example.com.", "a@b", "a\\@b.example.net.", "caf\303\251", "\377\200", "under_score",
    "sl/ash", "d=e", "{b}", "[c]", "~", "!#%&", "a:b", "<t>", "`", "a|b^c", ".", "\\\"q",
    "semi\\;c", "par\\(en\\)", "0", "-dash", "n.z\\046example", "\\255\\128.t", "host", NULL,
    "\\[x", "a..b", "bad\\25", "big\\256", "a\\",
    "toolonglabeltoolonglabeltoolonglabeltoolonglabel"
    "toolonglabeltool"};

static const char *const strings[] = {"\"v=spf1 -all\"", "\"\"", "word", "\"a\"\"b\"", "\"a\"b",
    "c\"d\"", "\"semi;colon\"", "semi\\;colon", "\"back\\\\slash\"", "\"q\\\"uote\"",
    "\"\\009tab\"", "\"en \342\200\223 dash\"", "\"latin \351\"", "raw\342\200\223dash",
    "\"\\255\\000\"", "=", "@", "\"two words\" \"and two\"", "( \"in\"\n\t\"lines\" )", "a\\ b",
    "\"tab\there\"", "$TTL", "{x}", "\"(\"", "\"x\" ; comment \"y\"", NULL, "\"bad\\25\"",
    "\"big\\300\"", "\"no end"};

static const char *const numbers[] = {
    "0", "1", "10", "010", "255", "00", "3", "2", "8", NULL, "256", "65535", "65536", "-1", "x"};

static const char *const times[] = {"300", "1h", "1H30m", "2w3d", "0", "4294967295", "2147483648",
    "1s", "30M", "1h1h", "007", NULL, "1d12", "h", "4294967296"};

static const char *const hex[] = {"00", "abcdef0123", "AB CD ef", "a bc d", "(ab\n cd)",
    "9999999999999999999999999999999999999999",
    "000102030405060708090a0b0c0d0e0f"
    "101112131415161718191a1b1c1d1e1f",
    NULL, "0x12", "a", ""};

static const char *const base64[] = {"AAAA", "AwEAAbdx", "AwEA Abdx", "A wEAAb dx",
    "AQ==", "AQ= =", "AwEAAQ==", "(AwEA\n\tAbdx)",
    "AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6 zB", NULL, "AQ", "*", ""};

static const char *const types[] = {"A", "NS", "TXT", "TYPE1", "TYPE65400", "HIP", "SOA", "RRSIG",
    "TYPE55", "NSEC", "CAA", "AVC", "a", "SPF", NULL, "WTXT", "TYPE65536"};

static const char *const addresses[] = {"192.0.2.1", "0.0.0.0", "2001:db8::1",
    "::", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "2001:DB8::", NULL, "192.0.2.256", "192.0.2",
    "192.0.02.1", "g::", "::1.2.3"};

static const char *const parameters[] = {"", "alpn=h2", "alpn=\"h2,h3\"", "alpn=h2,h3 port=8443",
    "alpn=h2 no-default-alpn", "ipv4hint=192.0.2.1,192.0.2.2", "ipv6hint=2001:db8::1", "ech=AAAA",
    "ech=\"AEP+DQA=\"", "dohpath=/dns-query{?dns}", "dohpath=\"/q{?dns}\"", "key7=\"/q{?dns}\"",
    "key65333=abc", "key65333=\"a b\"", "mandatory=alpn alpn=h2", "key667=\"hello\\210qoo\"",
    "alpn=\"f\\\\\\\\oo\\\\,bar,h2\"", "port=\"80\"", "key3=\"\\000\\080\"", NULL, "port=65536",
    "no-default-alpn", "key65333", "key1=h2", "key99999=x", "mandatory=port", "port=1 port=2",
    "foo=bar", "alpn=", "key00=1", "key65333=a\"b\""};

/* What stands for what in the data below. */
static const char *one_of(char letter)
{
	switch (letter) {
	case 'n':
		return MOSTLY(names);
	case 's':
		return MOSTLY(strings);
	case 'i':
		return MOSTLY(numbers);
	case 't':
		return MOSTLY(times);
	case 'x':
		return MOSTLY(hex);
	case 'b':
		return MOSTLY(base64);
	case 'y':
		return MOSTLY(types);
	case 'p':
		return MOSTLY(parameters);
	default:
		return MOSTLY(addresses);
	}
}

static const char *const records[] = {"A 192.0.2.7", "a 192.0.2.8", "AAAA %a", "AAAA 2001:db8::7",
    "MX %i %n", "MX 10 %n", "TXT %s", "TXT %s %s", "SPF %s", "CNAME %n", "PTR %n",
    "SRV %i %i 5060 %n", "SRV 1 2 3 %n", "CAA 0 issue %s", "CAA 128 ISSUE \"ca.example\"",
    "CAA %i issuewild \";\"", "CAA 0 iodef %s", "DNAME %n", "NAPTR 10 20 %s %s %s %n",
    "NAPTR 1 1 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b!\" .", "HINFO %s %s", "HINFO a b", "RP %n %n",
    "LOC 49 18 0.000 N 10 35 0.000 E 409.00m", "LOC 1 N 2 E 3m",
    "LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m "
    "10000m 10m",
    "AFSDB %i %n", "RT 10 %n", "KX 1 %n", "MINFO %n %n", "DS %i 8 2 %x",
    "DS 12345 8 2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "CDS 0 0 0 00",
    "CDNSKEY 0 3 0 AA==", "DNSKEY 257 3 8 %b", "DNSKEY 256 3 13 %b", "KEY 256 3 5 %b",
    "SSHFP 1 1 %x", "SSHFP 4 2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "TLSA 3 1 1 %x", "SMIMEA 3 0 0 %x", "OPENPGPKEY %b", "CERT PKIX 1 8 %b",
    "CERT 1 %i RSASHA256 %b", "DHCID %b", "URI 10 1 %s", "URI 10 1 \"https://example.net/\"",
    "EUI48 00-11-22-33-44-55", "EUI64 00-11-22-33-44-55-66-77", "NID 10 14:4fff:ff20:ee64",
    "NID 10 0014:4fff:ff20:ee64", "L32 10 10.1.2.0", "LP 10 %n", "HTTPS 1 . %p", "HTTPS 0 %n",
    "SVCB 1 %n %p", "SVCB 2 . %p %p", "ZONEMD 1 1 1 %x", "APL 1:192.0.2.0/24",
    "APL !1:192.168.38.0/28 2:ff00::/8", "IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG",
    "IPSECKEY 10 3 2 %n %b", "IPSECKEY 10 2 2 2001:db8::1 AQNRU3mG", "IPSECKEY 10 0 2 . AQNRU3mG",
    "NSEC %n A %y %y", "NSEC host.example.net. A MX RRSIG NSEC TYPE1234", "NSEC3PARAM 1 0 0 -",
    "NSEC3PARAM 1 0 %i aabb", "RRSIG A 8 2 900 20301123000000 20261123000000 1 z.example. AQNRU3mG",
    "RRSIG %y 8 2 900 20301123000000 20261123000000 1 %n %b",
    "RRSIG A 8 2 900 1924992000 1764547200 1 a. AQNRU3mG", "CSYNC 66 3 A NS %y",
    "TYPE65400 \\# 3 abcdef", "TYPE65400 \\# 0", "TYPE1 \\# 4 c0000201", "TYPE1 192.0.2.9",
    "A \\# 4 c0 00 0201", "MX \\# 4 0001 0161 00", "TXT \\# 2 0161", "TYPE15 10 %n",
    "HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx", "HIP 2 2001 AwEAAbdx rvs.example.net. %n",
    "AMTRELAY 10 0 1 203.0.113.15", "AMTRELAY 10 1 3 %n", "AMTRELAY 128 0 0 .",
    "AMTRELAY 1 0 2 2001:db8::1", "AVC %s", "NINFO %s", "MB %n", "MG .", "MR %n", "MD %n",
    "X25 311061700956", "ISDN \"150862028003217\" 004", "ISDN 15086202800",
    "GPOS -32.6882 116.8652 10.0", "PX 10 %n %n", "NSAP 0x47.0005.80", "NSAP-PTR %n",
    "TALINK %n %n", "RKEY 0 3 5 %b", "TA 12345 8 2 %x",
    "DLV 12345 8 1 9999999999999999999999999999999999999999",
    "SIG A 8 2 900 20301123000000 20261123000000 1 a. AQNRU3mG", "EID %x", "NIMLOC %x",
    "RESINFO %s", "WALLET %s", NULL, "A %a", "NS %n", "TXT", "CAA 0 bad-tag x", "LOC %a",
    "L64 10 2001:db8:1140:1000", "L64 1 1:2:3", "TYPE65400 \\# %i %x", "A \\# 3 c00002", "X25 %s",
    "GPOS %s %s 1", "WTXT %s", "ANY x", "NULL \\# 1 00", "WKS 192.0.2.1 6 25"};

static void put_data(struct buf *out, const char *form)
{
	bool split = dice(6) == 0;
	const char *end = split ? "\n )" : "";
	for (; *form != '\0'; form++) {
		if (*form == '%') {
			buf_adds(out, one_of(*++form));
		} else if (*form == ' ' && split) {
			buf_adds(out, " ( ; split\n\t");
			split = false;
		} else {
			buf_addc(out, *form);
		}
	}
	buf_adds(out, split ? "" : end);
}

static void put_owner(struct buf *out)
{
	static const char *const odd[] = {
	    "out.side.test.", "\"quoted\"", "\"two words\"", "OUT.", NULL, "$x"};
	switch (dice(12)) {
	case 0:
	case 1:
		break;
	case 2:
		buf_adds(out, MOSTLY(odd));
		break;
	case 3:
	case 4:
	case 5:
		buf_adds(out, MOSTLY(names));
		break;
	default:
		buf_addf(out, "h%u", dice(1000));
	}
}

static void put_head(struct buf *out)
{
	static const char *const classes[] = {"IN", "in", "CLASS1", "class1", NULL, "CH"};
	const char *class = dice(8) == 0 ? MOSTLY(classes) : "IN";
	const char *ttl = dice(3) > 0 ? NULL : dice(3) == 0 ? MOSTLY(times) : "600";
	switch (dice(3)) {
	case 0:
		buf_addf(out, " %s%s%s ", ttl == NULL ? "" : ttl, ttl == NULL ? "" : " ", class);
		break;
	case 1:
		buf_addf(out, "\t%s %s ", class, ttl == NULL ? "" : ttl);
		break;
	default:
		buf_addf(out, " %s ", ttl == NULL ? "" : ttl);
	}
}

static void put_directive(struct buf *out, unsigned number)
{
	static const char *const forms[] = {"$TTL %t", "$ORIGIN sub", "$ORIGIN @",
	    "$ORIGIN z%u.example.", "$ttl 900 ; comment", "$ORIGIN other.test.", "$ORIGIN %n",
	    "$ORIGIN z%u.example.", "$ORIGIN .", NULL, "$TTL", "$FOO bar", "$TTL 1 2"};
	const char *form = MOSTLY(forms);
	for (; *form != '\0'; form++) {
		if (*form == '%' && form[1] == 'u')
			buf_addf(out, "%u", number);
		else if (*form == '%')
			buf_adds(out, one_of(form[1]));
		else
			buf_addc(out, *form);
		form += *form == '%';
	}
}

/* One character more, less or another one. */
static void spoil(struct buf *out)
{
	static const char odd[] = "\\\"();@$ \t.=\377\r-*0";
	size_t at = dice((unsigned)out->len);
	switch (dice(3)) {
	case 0:
		out->data[at] = odd[dice(sizeof(odd) - 1)];
		break;
	case 1:
		memmove(out->data + at, out->data + at + 1, out->len - at);
		out->len--;
		break;
	default:
		out->data[at] = out->data[dice((unsigned)out->len)];
	}
}

static void make(struct buf *out, unsigned number)
{
	unsigned count = 1 + dice(8);
	if (dice(4) > 0)
		buf_addf(out, "$TTL %s\n", dice(6) == 0 ? MOSTLY(times) : "300");
	buf_addf(out, "@ %s IN SOA ns1 %s 1 %s 900 1209600 %s\n", dice(4) == 0 ? "3600" : "",
	    dice(4) == 0 ? MOSTLY(names) : "root", dice(8) == 0 ? MOSTLY(times) : "3600",
	    dice(8) == 0 ? MOSTLY(times) : "600");
	buf_adds(out, dice(3) == 0 ? "\tNS ns1\n" : "@ IN NS ns1\n");
	buf_adds(out, "ns1 A 192.0.2.53\n");
	for (unsigned i = 0; i < count; i++) {
		if (dice(10) == 0) {
			put_directive(out, number);
		} else {
			put_owner(out);
			put_head(out);
			put_data(out, MOSTLY(records));
		}
		buf_adds(out, dice(12) == 0 ? " ; comment\n" : dice(20) == 0 ? "\r\n" : "\n");
		if (dice(30) == 0)
			buf_adds(out, dice(2) == 0 ? "\n" : "  \t; nothing\n");
	}
	if (dice(12) == 0)
		spoil(out);
}

static void write_zone(const char *dir, unsigned number)
{
	struct buf zone = {0}, path = {0};
	make(&zone, number);
	buf_addf(&path, "%s/z%u.example.db", dir, number);
	FILE *f = fopen(path.data, "w");
	if (f == NULL || fwrite(zone.data, 1, zone.len, f) != zone.len || fclose(f) != 0)
		die_temp("cannot write %s", path.data);
	buf_free(&zone);
	buf_free(&path);
}

int main(int argc, char **argv)
{
	msg_init("zone_make");
	if (argc != 4)
		die_usage("usage: zone_make SEED COUNT DIR");
	uint64_t seed = strtoull(argv[1], NULL, 10);
	unsigned count = (unsigned)strtoul(argv[2], NULL, 10);
	for (unsigned i = 0; i < count; i++) {
		state = (seed + 1) * 0x9e3779b97f4a7c15U + (i + 1) * 0xbf58476d1ce4e5b9U;
		for (unsigned k = 0; k < 16; k++)
			dice(2);
		write_zone(argv[3], i);
	}
	return 0;
}
