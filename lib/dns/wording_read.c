/* wording_read: reads records as PowerDNS and CoreDNS write them; the table of types. */
#include <libzscanner/scanner.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "dns/wording.h"
#include "dns/wording_private.h"

#define BOTH (WORDING_NAME_OF_PDNS | WORDING_NAME_OF_COREDNS)

/* IANA's registry of types, and what PowerDNS calls three of private use. */
static const struct wording_type types[] = {{"MD", 3, WORDING_NAME_OF_COREDNS, 0},
    {"MF", 4, WORDING_NAME_OF_COREDNS, 0}, {"MB", 7, BOTH, KNOT_RRTYPE_PTR},
    {"MG", 8, BOTH, KNOT_RRTYPE_PTR}, {"MR", 9, BOTH, KNOT_RRTYPE_PTR},
    {"X25", 19, WORDING_NAME_OF_COREDNS, 0}, {"ISDN", 20, WORDING_NAME_OF_COREDNS, 0},
    {"NSAP-PTR", 23, WORDING_NAME_OF_COREDNS, 0}, {"SIG", 24, WORDING_NAME_OF_COREDNS, 0},
    {"PX", 26, WORDING_NAME_OF_COREDNS, 0}, {"GPOS", 27, WORDING_NAME_OF_COREDNS, 0},
    {"NXT", 30, WORDING_NAME_OF_COREDNS, 0}, {"EID", 31, WORDING_NAME_OF_COREDNS, 0},
    {"NIMLOC", 32, WORDING_NAME_OF_COREDNS, 0}, {"ATMA", 34, WORDING_NAME_OF_COREDNS, 0},
    {"A6", 38, 0, 0}, {"HIP", 55, WORDING_NAME_OF_COREDNS, 0},
    {"NINFO", 56, WORDING_NAME_OF_COREDNS, 0}, {"RKEY", 57, BOTH, KNOT_RRTYPE_DNSKEY},
    {"TALINK", 58, WORDING_NAME_OF_COREDNS, 0}, {"UINFO", 100, WORDING_NAME_OF_COREDNS, 0},
    {"UID", 101, WORDING_NAME_OF_COREDNS, 0}, {"GID", 102, WORDING_NAME_OF_COREDNS, 0},
    {"UNSPEC", 103, WORDING_NAME_OF_COREDNS, 0}, {"AVC", 258, WORDING_NAME_OF_COREDNS, 0},
    {"AMTRELAY", 260, WORDING_NAME_OF_COREDNS, 0}, {"TA", 32768, WORDING_NAME_OF_COREDNS, 0},
    {"DLV", 32769, BOTH, KNOT_RRTYPE_DS}, {"ADDR", 65400, 0, 0}, {"ALIAS", 65401, 0, 0},
    {"LUA", 65402, 0, 0}};

#define TYPES (sizeof(types) / sizeof(*types))

const struct wording_type *wording_by_number(uint16_t number)
{
	for (size_t i = 0; i < TYPES && types[i].number <= number; i++) {
		if (types[i].number == number)
			return &types[i];
	}
	return NULL;
}

const struct wording_type *wording_by_name(const char *name)
{
	for (size_t i = 0; i < TYPES; i++) {
		if (strcasecmp(types[i].name, name) == 0)
			return &types[i];
	}
	return NULL;
}

uint16_t wording_type(const char *name)
{
	const struct wording_type *t = wording_by_name(name);
	uint16_t number = 0;
	if (t != NULL)
		return t->number;
	return knot_rrtype_from_string(name, &number) < 0 ? 0 : number;
}

/* Leaves alone what is escaped already. */
static void add_escaped(struct buf *out, const char *text, size_t len)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./*";
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len) {
			buf_add(out, text + i, 2);
			i++;
		} else if (text[i] != '\0' && strchr(plain, text[i]) != NULL) {
			buf_addc(out, text[i]);
		} else {
			buf_addf(out, "\\%03u", (unsigned char)text[i]);
		}
	}
}

void wording_read_name(const char *name, struct buf *out)
{
	add_escaped(out, name, strlen(name));
}

/* The next field: it ends at a blank outside quotes. */
static const char *next_field(const char *text, size_t *len)
{
	bool quoted = false;
	text += strspn(text, " \t");
	for (*len = 0; text[*len] != '\0'; (*len)++) {
		if (text[*len] == '\\' && text[*len + 1] != '\0')
			(*len)++;
		else if (text[*len] == '"')
			quoted = !quoted;
		else if (!quoted && strchr(" \t", text[*len]) != NULL)
			break;
	}
	return text;
}

static size_t bare_length(const char *text)
{
	size_t len = 0;
	while (text[len] != '\0' && strchr(" \t", text[len]) == NULL)
		len += text[len] == '\\' && text[len + 1] != '\0' ? 2 : 1;
	return len;
}

/* Which field of a type's data is a name, if not all or none. */
enum { NO_NAME = -2, ALL_NAMES = -1 };

static int name_field(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_PTR:
	case KNOT_RRTYPE_MINFO:
	case KNOT_RRTYPE_MX:
	case KNOT_RRTYPE_RP:
	case KNOT_RRTYPE_AFSDB:
	case KNOT_RRTYPE_SRV:
	case KNOT_RRTYPE_KX:
	case KNOT_RRTYPE_LP:
		return ALL_NAMES;
	case KNOT_RRTYPE_SVCB:
	case KNOT_RRTYPE_HTTPS:
		return 1;
	case KNOT_RRTYPE_IPSECKEY:
		return 3;
	case KNOT_RRTYPE_NAPTR:
		return 5;
	default:
		return NO_NAME;
	}
}

static void add_with_names(struct buf *out, uint16_t type, const char *data)
{
	int names = name_field(type);
	for (int i = 0; *(data += strspn(data, " \t")) != '\0'; i++) {
		size_t len;
		bool name = names == ALL_NAMES || names == i;
		const char *field = next_field(data, &len);
		if (name)
			len = bare_length(field); /* a quote may be part of it */
		/* A gateway that is an address has colons. */
		if (type == KNOT_RRTYPE_IPSECKEY && memchr(field, ':', len) != NULL)
			name = false;
		buf_adds(out, i > 0 ? " " : "");
		if (name)
			add_escaped(out, field, len);
		else if (len == 6 && strncmp(field, "ech=\"\"", 6) == 0)
			buf_adds(out, "key5"); /* libzscanner takes that without a value */
		else
			buf_add(out, field, len);
		data = field + len;
	}
}

/* "49 17 60.000 N ...": PowerDNS rounds seconds up to a minute and does not carry them. */
static void add_loc(struct buf *out, const char *data)
{
	unsigned degrees[2], minutes[2];
	char seconds[2][16], side[2][2];
	int end = 0;
	if (sscanf(data, "%u %u %15[0-9.] %1[NSns] %u %u %15[0-9.] %1[EWew] %n", &degrees[0],
		&minutes[0], seconds[0], side[0], &degrees[1], &minutes[1], seconds[1], side[1],
		&end) != 8) {
		buf_adds(out, data);
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		if (strncmp(seconds[i], "60", 2) == 0) {
			snprintf(seconds[i], sizeof(seconds[i]), "0");
			minutes[i]++;
		}
		if (minutes[i] == 60) {
			minutes[i] = 0;
			degrees[i]++;
		}
		buf_addf(out, "%u %u %s %s ", degrees[i], minutes[i], seconds[i], side[i]);
	}
	buf_adds(out, data + end);
}

/* Puts the dot back that wording_write() leaves out without a gateway. */
static void add_ipseckey(struct buf *out, const char *data)
{
	unsigned precedence, kind, algorithm;
	int end = 0;
	bool none = sscanf(data, "%u %u %u %n", &precedence, &kind, &algorithm, &end) == 3 &&
		    kind == 0 && data[end] != '.';
	if (none)
		buf_addf(out, "%u 0 %u . %s", precedence, algorithm, data + end);
	else
		add_with_names(out, KNOT_RRTYPE_IPSECKEY, data);
}

bool wording_scan(struct buf *out, uint16_t type, const char *data)
{
	struct buf line = {0};
	char name[WORDING_TYPE_SIZE];
	zs_scanner_t *zs = mem_alloc(sizeof(*zs));
	bool good = knot_rrtype_to_string(type, name, sizeof(name)) > 0;
	buf_addf(&line, ". 0 IN %s ", name);
	add_with_names(&line, type, data);
	buf_addc(&line, '\n');
	if (good && zs_init(zs, ".", KNOT_CLASS_IN, 0) == 0) {
		good = zs_set_input_string(zs, line.data, line.len) == 0 &&
		       zs_parse_record(zs) == 0 && zs->state == ZS_STATE_DATA;
		if (good) {
			buf_addf(
			    out, zs->r_data_length > 0 ? "\\# %u " : "\\# %u", zs->r_data_length);
			for (uint32_t i = 0; i < zs->r_data_length; i++)
				buf_addf(out, "%02X", zs->r_data[i]);
		}
		zs_deinit(zs);
	}
	free(zs);
	buf_free(&line);
	return good;
}

void wording_read(enum wording w, const char *type, const char *data, struct buf *out)
{
	const struct wording_type *t = wording_by_name(type);
	uint16_t number = wording_type(type);
	if (t != NULL)
		buf_addf(out, "TYPE%u ", t->number);
	else
		buf_addf(out, "%s ", type);
	if (strncmp(data, "\\#", 2) == 0)
		buf_adds(out, data);
	else if (t != NULL && t->like != 0 && wording_scan(out, t->like, data))
		return;
	else if (w != WORDING_PDNS)
		buf_adds(out, data);
	else if (number == KNOT_RRTYPE_LOC)
		add_loc(out, data);
	else if (number == KNOT_RRTYPE_IPSECKEY)
		add_ipseckey(out, data);
	else if (name_field(number) != NO_NAME)
		add_with_names(out, number, data);
	else
		buf_adds(out, data);
}
