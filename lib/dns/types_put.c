/* types_put: writes a record's data as libzscanner takes them. */
#include <arpa/inet.h>
#include <libknot/libknot.h>
#include <string.h>
#include <strings.h>

#include "dns/escape.h"
#include "dns/types_private.h"

/* No record that fits a message needs so much text: a type in a bitmap takes ten characters. */
#define TEXT_MAX (1 << 20)

static int check_size(const struct buf *out, const struct lex_token *t, struct err *err)
{
	return out->len + t->len <= TEXT_MAX ? 0 : err_set(err, "the record is too long");
}

/* In a list of types libzscanner knows some by name, the others by number. */
static int put_type(struct buf *out, const struct lex_token *t, bool may_be_bare, struct err *err)
{
	char text[32];
	int number = types_number(t, may_be_bare, err);
	if (number < 0)
		return -1;
	if (knot_rrtype_to_string((uint16_t)number, text, sizeof(text)) < 0)
		return err_set(err, "type %d has no name", number);
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

/* libzscanner does not know dohpath (RFC 9461) and ohttp (RFC 9540) by name. */
static void put_key(struct buf *out, const char *text, size_t len)
{
	static const struct {
		const char *name, *number;
	} keys[] = {{"dohpath", "key7"}, {"ohttp", "key8"}};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (len == strlen(keys[i].name) && strncasecmp(text, keys[i].name, len) == 0) {
			buf_adds(out, keys[i].number);
			return;
		}
	}
	escape_raw(out, text, len);
}

/* The value of "mandatory" is a list of keys. */
static void put_value(struct buf *out, bool is_keys, const char *text, size_t len)
{
	const char *comma;
	while (is_keys && (comma = memchr(text, ',', len)) != NULL) {
		put_key(out, text, (size_t)(comma - text));
		buf_addc(out, ',');
		len -= (size_t)(comma - text) + 1;
		text = comma + 1;
	}
	if (is_keys)
		put_key(out, text, len);
	else
		escape_raw(out, text, len);
}

/* "alpn=h2", "alpn=", which the string behind it continues, or "no-default-alpn". */
static int put_parameter(
    struct buf *out, struct lexer *l, const struct lex_token *t, struct err *err)
{
	static const char mandatory[] = "mandatory";
	const char *equals = memchr(t->text, '=', t->len);
	size_t len = equals == NULL ? t->len : (size_t)(equals - t->text);
	bool is_keys = len == sizeof(mandatory) - 1 && strncasecmp(t->text, mandatory, len) == 0;
	put_key(out, t->text, len);
	if (equals != NULL) {
		buf_addc(out, '=');
		put_value(out, is_keys, equals + 1, t->len - len - 1);
	}
	if (equals == NULL || equals + 1 < t->text + t->len || !lexer_adjoins(l, t))
		return 0;
	struct lex_token value;
	if (lexer_next(l, &value, err) < 0)
		return -1;
	buf_addc(out, '"');
	put_value(out, is_keys, value.text, value.len);
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
			return err_set(err, "%.*s is not a time in seconds",
			    (int)(t->len < 40 ? t->len : 40), t->text);
		buf_addf(out, "%u", seconds);
		return 0;
	case 'c':
	case 'y':
		return put_type(out, t, field == 'c', err);
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
		if (check_size(out, &t, err) < 0)
			return -1;
		if (words < 2)
			buf_addc(out, ' ');
		buf_add(out, t.text, t.len);
	}
}

/* As named has it: where a string may stand, "\\#" without a number behind it is the string "#". */
static bool is_unknown(const struct type *type, const struct lexer *l, const struct lex_token *t)
{
	struct lexer ahead = *l;
	struct lex_token length;
	if (!lexer_is(t, "\\#"))
		return false;
	if (type->fields == NULL || type->fields[0] != 's')
		return true;
	if (lexer_next(&ahead, &length, NULL) < 0 || length.kind != LEX_WORD)
		return false;
	for (size_t i = 0; i < length.len; i++) {
		if (length.text[i] < '0' || length.text[i] > '9')
			return false;
	}
	return true;
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
			return err_set(err, "type %s has no quoted string there", type->name);
		if (check_size(out, t, err) < 0)
			return -1;
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
	if (is_unknown(type, l, &t))
		return put_unknown(out, l, err);
	if (type->fields == NULL && type->name == NULL)
		return err_set(err, "data of TYPE%u are written as \\# LENGTH HEX", type->number);
	if (type->fields == NULL)
		return err_set(err, "type %s is not supported; write it as TYPE%u \\# LENGTH HEX",
		    type->name, type->number);
	return type->ours ? types_put_wire(out, type, l, &t, origin, err)
			  : put_fields(out, type, l, &t, minimum, err);
}
