/* escape: names and strings of master files, for libzscanner and as octets. */
#include "dns/escape.h"

#include <ctype.h>
#include <string.h>

/* Of "\DDD" and "\X" at t->text[*i]: the octet; *i is behind it then. */
static int unescape(const struct lex_token *t, size_t *i, unsigned *octet, struct err *err)
{
	size_t at = *i + 1;
	*octet = (unsigned char)t->text[at];
	*i = at + 1;
	if (!isdigit(*octet))
		return 0;
	if (at + 3 > t->len || !isdigit((unsigned char)t->text[at + 1]) ||
	    !isdigit((unsigned char)t->text[at + 2]))
		return err_set(err, "a backslash before a digit needs three digits, as in \\046");
	*octet = (unsigned)(t->text[at] - '0') * 100 + (unsigned)(t->text[at + 1] - '0') * 10 +
		 (unsigned)(t->text[at + 2] - '0');
	*i = at + 3;
	return *octet > 255 ? err_set(err, "\\%u is not an octet (0 to 255)", *octet) : 0;
}

/* The octet that the text at t->text[*i] means; *i is behind it then. */
static int next_octet(const struct lex_token *t, size_t *i, unsigned *octet, struct err *err)
{
	*octet = (unsigned char)t->text[*i];
	if (*octet == '\\')
		return unescape(t, i, octet, err);
	(*i)++;
	return 0;
}

static void put_octal(struct buf *out, unsigned octet)
{
	const char digits[] = {'\\', (char)('0' + octet / 100), (char)('0' + octet / 10 % 10),
	    (char)('0' + octet % 10)};
	buf_add(out, digits, sizeof(digits));
}

#define NAME_MOST 1020 /* 255 octets, each of them escaped */

static bool is_plain(unsigned octet)
{
	return isalnum((int)octet) || octet == '-' || octet == '_' || octet == '*' || octet == '/';
}

int escape_name(struct buf *out, const struct lex_token *t, bool *absolute, struct err *err)
{
	*absolute = false;
	if (t->len == 0)
		return err_set(err, "an empty name");
	if (t->len > NAME_MOST)
		return err_set(err, "a name that is too long");
	if (t->len == 1 && t->text[0] == '@') {
		buf_addc(out, '@');
		return 0;
	}
	for (size_t i = 0; i < t->len;) {
		bool escaped = t->text[i] == '\\';
		unsigned octet;
		if (next_octet(t, &i, &octet, err) < 0)
			return -1;
		*absolute = octet == '.' && !escaped;
		if (!escaped && (is_plain(octet) || octet == '.'))
			buf_addc(out, (char)octet);
		else
			put_octal(out, octet);
	}
	return 0;
}

int escape_decode(const struct lex_token *t, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < t->len;) {
		unsigned octet;
		if (next_octet(t, &i, &octet, err) < 0)
			return -1;
		buf_addc(out, (char)octet);
	}
	return 0;
}

int escape_string(struct buf *out, const struct lex_token *t, struct err *err)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < t->len;) {
		unsigned octet;
		if (next_octet(t, &i, &octet, err) < 0)
			return -1;
		if (octet < 32 || octet > 126 || octet == '"' || octet == '\\')
			put_octal(out, octet);
		else
			buf_addc(out, (char)octet);
	}
	buf_addc(out, '"');
	return 0;
}

static bool is_printable(char c)
{
	return c >= 32 && c <= 126;
}

/* What has escapes of two kinds stays as it is, but for a backslash before an octet that becomes an
 * escape itself. */
void escape_raw(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len && !is_printable(text[i + 1]))
			i++;
		if (!is_printable(text[i])) {
			put_octal(out, (unsigned char)text[i]);
			continue;
		}
		buf_addc(out, text[i]);
		if (text[i] == '\\' && i + 1 < len)
			buf_addc(out, text[++i]);
	}
}
