/* types: the table of record types, and the writing of their data for libzscanner. */
#include "dns/types.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <libknot/libknot.h>
#include <string.h>
#include <strings.h>

#include "dns/escape.h"
#include "dns/types_private.h"

/* A letter a field, "*" behind one: any number of these up to the end, "?": it may be absent.
 *   w a word as it is     n a name               s a string            t seconds
 *   f a decimal fraction
 *   x hex to the end      b base64 to the end    y a type              g a gateway (IPSECKEY)
 *   l groups of hex (NID)  p parameters (SVCB)
 * and where the data are written as octets
 *   1 2 4 a number of so many octets             d a date (RRSIG)      a NSAP's address
 *   H all of HIP          M all of AMTRELAY
 * The most frequent types come first. */
static const struct type known[] = {
    {"A", 1, "w", false},
    {"AAAA", 28, "w", false},
    {"NS", 2, "n", false},
    {"MX", 15, "wn", false},
    {"TXT", 16, "s*", false},
    {"CNAME", 5, "n", false},
    {"SOA", 6, "nnwtttt", false},
    {"SRV", 33, "wwwn", false},
    {"PTR", 12, "n", false},
    {"CAA", 257, "wws", false},
    {"RRSIG", 46, "ywwwwwwnb", false},
    {"NSEC", 47, "ny*", false},
    {"NSEC3", 50, "wwwwwy*", false},
    {"DNSKEY", 48, "wwwb", false},
    {"DS", 43, "wwwx", false},
    {"TLSA", 52, "wwwx", false},
    {"SSHFP", 44, "wwx", false},
    {"HTTPS", 65, "wnp", false},
    {"SVCB", 64, "wnp", false},
    {"SPF", 99, "s*", true},
    {"NSEC3PARAM", 51, "wwww", false},
    {"CDS", 59, "wwwx", false},
    {"CDNSKEY", 60, "wwwb", false},
    {"DNAME", 39, "n", false},
    {"NAPTR", 35, "wwsssn", false},
    {"HINFO", 13, "ss", false},
    {"RP", 17, "nn", false},
    {"LOC", 29, "f*", false},
    {"AFSDB", 18, "wn", false},
    {"RT", 21, "wn", false},
    {"KX", 36, "wn", false},
    {"MINFO", 14, "nn", false},
    {"KEY", 25, "wwwb", false},
    {"CERT", 37, "wwwb", false},
    {"APL", 42, "w*", false},
    {"IPSECKEY", 45, "wwwgb", false},
    {"DHCID", 49, "b", false},
    {"SMIMEA", 53, "wwwx", false},
    {"OPENPGPKEY", 61, "b", false},
    {"CSYNC", 62, "wwy*", false},
    {"ZONEMD", 63, "wwwx", false},
    {"NID", 104, "wl", false},
    {"L32", 105, "ww", false},
    {"L64", 106, "wl", false},
    {"LP", 107, "wn", false},
    {"EUI48", 108, "l", false},
    {"EUI64", 109, "l", false},
    {"URI", 256, "wws", false},
    {"MB", 7, "n", true},
    {"MG", 8, "n", true},
    {"MR", 9, "n", true},
    {"X25", 19, "s", true},
    {"ISDN", 20, "ss?", true},
    {"NSAP", 22, "a", true},
    {"NSAP-PTR", 23, "n", true},
    {"SIG", 24, "y114dd2nb", true},
    {"PX", 26, "2nn", true},
    {"GPOS", 27, "sss", true},
    {"EID", 31, "x", true},
    {"NIMLOC", 32, "x", true},
    {"HIP", 55, "H", true},
    {"NINFO", 56, "s*", true},
    {"RKEY", 57, "211b", true},
    {"TALINK", 58, "nn", true},
    {"DSYNC", 66, "y12n", true},
    {"AVC", 258, "s*", true},
    {"AMTRELAY", 260, "M", true},
    {"RESINFO", 261, "s*", true},
    {"WALLET", 262, "s*", true},
    {"TA", 32768, "211x", true},
    {"DLV", 32769, "211x", true},
    {"NULL", 10, NULL, true},
    {"WKS", 11, NULL, true},
    {"MD", 3, NULL, true}, /* obsolete since RFC 973 */
    {"MF", 4, NULL, true},
    {"NXT", 30, NULL, true},
    {"ATMA", 34, NULL, true},
    {"A6", 38, NULL, true},
    {"SINK", 40, NULL, true},
    {"UINFO", 100, NULL, true},
    {"UID", 101, NULL, true},
    {"GID", 102, NULL, true},
    {"UNSPEC", 103, NULL, true},
    {"DOA", 259, NULL, true},
    {"OPT", 41, NULL, true},
    {"TKEY", 249, NULL, true},
    {"TSIG", 250, NULL, true},
    {"IXFR", 251, NULL, true},
    {"AXFR", 252, NULL, true},
    {"MAILB", 253, NULL, true},
    {"MAILA", 254, NULL, true},
    {"ANY", 255, NULL, true},
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

/* "TYPE65400" */
static bool by_number(const struct lex_token *word, struct type *out)
{
	unsigned number = 0;
	if (word->len < 5 || word->len > 9 || strncasecmp(word->text, "TYPE", 4) != 0)
		return false;
	for (size_t i = 4; i < word->len; i++) {
		if (!isdigit((unsigned char)word->text[i]))
			return false;
		number = number * 10 + (unsigned)(word->text[i] - '0');
	}
	*out = (struct type){.number = (uint16_t)number, .ours = true};
	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i].number == number)
			*out = known[i];
	}
	return number <= UINT16_MAX;
}

bool types_find(const struct lex_token *word, struct type *out)
{
	if (word->kind != LEX_WORD)
		return false;
	for (size_t i = 0; i < KNOWN; i++) {
		if ((word->text[0] | 0x20) == (known[i].name[0] | 0x20) &&
		    lexer_is(word, known[i].name)) {
			*out = known[i];
			return true;
		}
	}
	return by_number(word, out);
}

void types_put_name(struct buf *out, const struct type *type)
{
	if (type->ours)
		buf_addf(out, "TYPE%u", type->number);
	else
		buf_adds(out, type->name);
}

bool types_seconds(const struct lex_token *t, uint32_t *out)
{
	static const char units[] = "smhdw";
	static const uint64_t seconds[] = {1, 60, 3600, 86400, 604800};
	uint64_t sum = 0;
	if (t->kind != LEX_WORD || t->len == 0 || t->len > 63)
		return false;
	for (size_t i = 0; i < t->len;) {
		uint64_t n = 0;
		size_t start = i;
		for (; i < t->len && isdigit((unsigned char)t->text[i]); i++) {
			n = n * 10 + (uint64_t)(t->text[i] - '0');
			if (n > UINT32_MAX)
				return false;
		}
		if (i == start)
			return false;
		if (i == t->len) { /* a number without a unit stands alone */
			if (sum != 0)
				return false;
			sum = n;
			break;
		}
		const char *unit = strchr(units, tolower((unsigned char)t->text[i++]));
		if (unit == NULL || *unit == '\0')
			return false;
		sum += n * seconds[unit - units];
	}
	*out = (uint32_t)sum;
	return sum <= UINT32_MAX;
}

uint16_t types_number(const struct lex_token *t, struct err *err)
{
	struct type type;
	if (types_find(t, &type))
		return type.number;
	err_set(err, "%.*s is no record type", (int)(t->len < 40 ? t->len : 40), t->text);
	return 0;
}

/* In a list of types libzscanner knows some by name, the others by number. */
static int put_type(struct buf *out, const struct lex_token *t, struct err *err)
{
	char text[32];
	uint16_t number = types_number(t, err);
	if (number == 0 || knot_rrtype_to_string(number, text, sizeof(text)) < 0)
		return number == 0 ? -1 : err_set(err, "type %u", number);
	buf_adds(out, text);
	return 0;
}

/* RFC 6742 section 2.1.3, RFC 7043 section 3.2: groups of hex digits with ':' or '-' between them,
 * of which libzscanner wants all. */
static int put_groups(struct buf *out, const struct lex_token *t, struct err *err)
{
	bool colons = memchr(t->text, ':', t->len) != NULL;
	size_t width = colons ? 4 : 2, digits = 0;
	for (size_t i = 0; i <= t->len; i++) {
		if (i < t->len && t->text[i] != (colons ? ':' : '-')) {
			digits++;
			continue;
		}
		if (digits < 1 || digits > width)
			return err_set(err, "a group of 1 to %zu hex digits is missing", width);
		buf_add(out, "000", width - digits);
		buf_add(out, t->text + i - digits, digits + (i < t->len));
		digits = 0;
	}
	return 0;
}

/* "dohpath=/q{?dns}" (RFC 9461), whose name libzscanner does not know, nor that of ohttp (RFC
 * 9540). */
static int put_parameter(
    struct buf *out, struct lexer *l, const struct lex_token *t, struct err *err)
{
	static const struct {
		const char *name, *number;
	} keys[] = {{"dohpath", "key7"}, {"ohttp", "key8"}};
	const char *equals = memchr(t->text, '=', t->len);
	size_t len = equals == NULL ? t->len : (size_t)(equals - t->text);
	size_t skip = 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (len == strlen(keys[i].name) && strncasecmp(t->text, keys[i].name, len) == 0) {
			buf_adds(out, keys[i].number);
			skip = len;
		}
	}
	escape_raw(out, t->text + skip, t->len - skip);
	if (equals == NULL || equals + 1 < t->text + t->len || !lexer_adjoins(l, t))
		return 0;
	struct lex_token value;
	if (lexer_next(l, &value, err) < 0)
		return -1;
	buf_addc(out, '"');
	escape_raw(out, value.text, value.len);
	buf_addc(out, '"');
	return 0;
}

static bool is_ipv6(const struct lex_token *t)
{
	unsigned char address[16];
	char text[INET6_ADDRSTRLEN] = "";
	if (t->len >= sizeof(text))
		return false;
	memcpy(text, t->text, t->len);
	return inet_pton(AF_INET6, text, address) == 1;
}

static int put_field(
    struct buf *out, char field, struct lexer *l, const struct lex_token *t, struct err *err)
{
	bool absolute;
	uint32_t seconds;
	switch (field) {
	case 'n':
		return escape_name(out, t, &absolute, err);
	case 'f': /* libzscanner wants a digit before the point */
		if (t->text[0] == '.')
			buf_addc(out, '0');
		break;
	case 'g':
		if (!is_ipv6(t))
			return escape_name(out, t, &absolute, err);
		break;
	case 's':
		return escape_string(out, t, err);
	case 't':
		if (!types_seconds(t, &seconds))
			return err_set(err, "%.*s is no time in seconds",
			    (int)(t->len < 40 ? t->len : 40), t->text);
		buf_addf(out, "%u", seconds);
		return 0;
	case 'y':
		return put_type(out, t, err);
	case 'l':
		return put_groups(out, t, err);
	case 'p':
		return put_parameter(out, l, t, err);
	default:
		break;
	}
	buf_add(out, t->text, t->len);
	return 0;
}

/* RFC 3597 section 5: "\\# LENGTH HEX", the digits in one piece. */
static int put_unknown(struct buf *out, struct lexer *l, struct err *err)
{
	struct lex_token t;
	buf_adds(out, " \\#");
	for (size_t words = 0;; words++) {
		if (lexer_next(l, &t, err) < 0)
			return -1;
		if (t.kind == LEX_EOL || t.kind == LEX_EOF)
			return words > 0 ? 0 : err_set(err, "\\# without a length");
		if (t.kind != LEX_WORD)
			return err_set(err, "a quoted string behind \\#");
		if (words < 2)
			buf_addc(out, ' ');
		buf_add(out, t.text, t.len);
	}
}

/* The fields' values, up to the end of the record.  `t` is the first token. */
static int put_fields(struct buf *out, const struct type *type, struct lexer *l,
    struct lex_token *t, uint32_t *minimum, struct err *err)
{
	const char *field = type->fields;
	bool joined = false;
	while (t->kind != LEX_EOL && t->kind != LEX_EOF) {
		if (*field == '\0')
			return err_set(err, "too many data for type %s", type->name);
		if (t->kind == LEX_QUOTED && *field != 's')
			return err_set(
			    err, "a quoted string, which type %s has not there", type->name);
		if (!joined)
			buf_addc(out, ' ');
		if (put_field(out, *field, l, t, err) < 0)
			return -1;
		if (*field == 't')
			types_seconds(t, minimum);
		joined = *field == 'b' || *field == 'x';
		if (!joined && *field != 'p' && field[1] != '*')
			field++;
		if (lexer_next(l, t, err) < 0)
			return -1;
	}
	return 0;
}

int types_put_data(struct buf *out, const struct type *type, struct lexer *l, const char *origin,
    uint32_t *minimum, struct err *err)
{
	struct lex_token t;
	if (lexer_next(l, &t, err) < 0)
		return -1;
	if (lexer_is(&t, "\\#"))
		return put_unknown(out, l, err);
	if (type->fields == NULL && type->name == NULL)
		return err_set(err, "data of TYPE%u are written as \\# LENGTH HEX", type->number);
	if (type->fields == NULL)
		return err_set(err, "type %s is not supported; write it as TYPE%u \\# LENGTH HEX",
		    type->name, type->number);
	return type->ours ? types_put_wire(out, type, l, &t, origin, err)
			  : put_fields(out, type, l, &t, minimum, err);
}
