/* url: urlencoded forms. */
#include "base/url.h"

#include <ctype.h>
#include <nettle/base16.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool line_end(char c)
{
	return c == '\n' || c == '\r';
}

int url_octet(const char *s)
{
	struct base16_decode_ctx ctx;
	uint8_t octet;
	base16_decode_init(&ctx);
	/* Nettle skips white space, so check each step: half an octet, then an octet. */
	if (*s != '%' || base16_decode_single(&ctx, &octet, s[1]) != 0 || ctx.bits == 0 ||
	    base16_decode_single(&ctx, &octet, s[2]) != 1)
		return -1;
	return octet;
}

/* Decodes in place, as decoding never lengthens.  Returns the new length. */
static size_t decode(char *s, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		char c = s[i];
		int octet = len - i > 2 ? url_octet(s + i) : -1;
		if (c == '+') {
			c = ' ';
		} else if (octet >= 0) {
			c = (char)octet;
			i += 2;
		}
		s[n++] = c;
	}
	return n;
}

/* text[len] is the '&' or the NUL behind the pair, so it is writable. */
static struct url_pair parse_pair(char *text, size_t len)
{
	char *equals = memchr(text, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - text);
	char *value = equals == NULL ? text + len : equals + 1;
	struct url_pair p = {.name = text, .value = value};
	p.value_len = decode(value, (size_t)(text + len - value));
	value[p.value_len] = '\0';
	p.name_len = decode(text, name_len);
	text[p.name_len] = '\0';
	return p;
}

int url_parse(struct url_form *out, const char *text, size_t len, struct err *err)
{
	while (len > 0 && line_end(text[len - 1]))
		len--;
	*out = (struct url_form){.text = mem_dupn(text, len)};
	size_t cap = 0;
	for (char *p = out->text, *end = p + len; p < end;) {
		char *amp = memchr(p, '&', (size_t)(end - p));
		char *stop = amp == NULL ? end : amp;
		if (stop > p) {
			if (out->count == URL_MAX_PAIRS) {
				url_free(out);
				return err_set(err, "more than %d parameters", URL_MAX_PAIRS);
			}
			if (out->count == cap) {
				cap = cap == 0 ? 8 : cap * 2;
				out->pairs = mem_resize(out->pairs, cap, sizeof(*out->pairs));
			}
			out->pairs[out->count++] = parse_pair(p, (size_t)(stop - p));
		}
		p = stop + 1;
	}
	return 0;
}

void url_free(struct url_form *f)
{
	free(f->pairs);
	free(f->text);
	*f = (struct url_form){0};
}

const struct url_pair *url_find(const struct url_form *f, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < f->count; i++) {
		if (f->pairs[i].name_len == len && memcmp(f->pairs[i].name, name, len) == 0)
			return &f->pairs[i];
	}
	return NULL;
}

bool url_is_form(const char *text, size_t len)
{
	size_t i = 0;
	while (len > 0 && line_end(text[len - 1]))
		len--;
	while (i < len && isascii((unsigned char)text[i]) &&
	       (isalnum((unsigned char)text[i]) || text[i] == '_' || text[i] == '-'))
		i++;
	if (i == 0 || i == len || text[i] != '=')
		return false;
	for (; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return true;
}

void url_encode(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == ' ')
			buf_addc(out, '+');
		else if (isascii(c) && (isalnum(c) || strchr("-_.", c) != NULL))
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
}
