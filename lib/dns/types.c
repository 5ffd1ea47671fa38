/* types: the table of record types, and of what their data consist. */
#include "dns/types.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "dns/types_private.h"

/* A letter a field, "*" behind one: any number of these up to the end, "?": it may be absent.
 *   w a word as it is     n a name               s a string            t seconds
 *   f a decimal fraction                        c a type or its number (RRSIG)
 *   x hex to the end      b base64 to the end    y a type              g a gateway (IPSECKEY)
 *   l groups of hex (NID)  p parameters (SVCB)
 * and where the data are written as octets
 *   1 2 4 a number of so many octets             d a date (RRSIG)      a NSAP's address
 *   m DSYNC's scheme      H all of HIP           M all of AMTRELAY
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
    {"RRSIG", 46, "cwwwwwwnb", false},
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
    {"SIG", 24, "c114dd2nb", true},
    {"PX", 26, "2nn", true},
    {"GPOS", 27, "sss", true},
    {"EID", 31, "x", true},
    {"NIMLOC", 32, "x", true},
    {"HIP", 55, "H", true},
    {"NINFO", 56, "s*", true},
    {"RKEY", 57, "211b", true},
    {"TALINK", 58, "nn", true},
    {"DSYNC", 66, "ym2n", true},
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
    {"HHIT", 67, "b", true},
    {"BRID", 68, "b", true},
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

/* One to five digits from text[at] to the end. */
static bool read_number(const struct lex_token *word, size_t at, unsigned *number)
{
	*number = 0;
	if (word->len <= at || word->len > at + 5)
		return false;
	for (size_t i = at; i < word->len; i++) {
		if (!isdigit((unsigned char)word->text[i]))
			return false;
		*number = *number * 10 + (unsigned)(word->text[i] - '0');
	}
	return *number <= UINT16_MAX;
}

/* "TYPE65400" */
static bool by_number(const struct lex_token *word, struct type *out)
{
	unsigned number;
	if (word->len < 4 || strncasecmp(word->text, "TYPE", 4) != 0 ||
	    !read_number(word, 4, &number))
		return false;
	*out = (struct type){.number = (uint16_t)number, .ours = true};
	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i].number == number)
			*out = known[i];
	}
	return true;
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

int types_number(const struct lex_token *t, bool may_be_bare, struct err *err)
{
	struct type type;
	unsigned number;
	if (types_find(t, &type))
		return type.number;
	if (may_be_bare && read_number(t, 0, &number))
		return (int)number;
	return err_set(err, "%.*s is not a record type", (int)(t->len < 40 ? t->len : 40), t->text);
}
