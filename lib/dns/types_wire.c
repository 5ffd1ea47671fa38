/* types_wire: the data of types that libzscanner does not know, octet by octet. */
#include <arpa/inet.h>
#include <ctype.h>
#include <libknot/libknot.h>
#include <nettle/base16.h>
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "dns/escape.h"
#include "dns/types_private.h"

#define RDATA_MAX 65535

struct writer {
	struct buf wire;
	struct lexer *lexer;
	struct lex_token *t; /* the next one */
	const char *origin;
};

static bool at_end(const struct writer *w)
{
	return w->t->kind == LEX_EOL || w->t->kind == LEX_EOF;
}

static int check_size(const struct writer *w, struct err *err)
{
	return w->wire.len <= RDATA_MAX ? 0
					: err_set(err, "data of more than %d octets", RDATA_MAX);
}

/* Looks at the size each time: a name of two letters may be 255 octets, with the origin. */
static int next(struct writer *w, struct err *err)
{
	if (check_size(w, err) < 0)
		return -1;
	return lexer_next(w->lexer, w->t, err);
}

static void add_number(struct buf *b, uint64_t n, unsigned octets)
{
	while (octets-- > 0)
		buf_addc(b, (char)(n >> (8 * octets)));
}

static int put_number(struct writer *w, unsigned octets, struct err *err)
{
	uint64_t n = 0;
	bool digits = w->t->len > 0;
	for (size_t i = 0; i < w->t->len && digits; i++) {
		digits = isdigit((unsigned char)w->t->text[i]) && n < UINT32_MAX;
		n = n * 10 + (uint64_t)(w->t->text[i] - '0');
	}
	if (!digits || n >> (8 * octets) != 0)
		return err_set(
		    err, "a number from 0 to %llu is missing", (1ULL << (8 * octets)) - 1);
	add_number(&w->wire, n, octets);
	return 0;
}

/* RFC 9859 section 2.1: of DSYNC. */
static int put_scheme(struct writer *w, struct err *err)
{
	if (!lexer_is(w->t, "NOTIFY"))
		return put_number(w, 1, err);
	add_number(&w->wire, 1, 1);
	return 0;
}

static int put_domain(struct writer *w, struct err *err)
{
	struct buf text = {0};
	bool absolute;
	knot_dname_storage_t name;
	int r = escape_name(&text, w->t, &absolute, err);
	if (r == 0 && strcmp(buf_str(&text), "@") == 0)
		buf_reset(&text);
	else if (r == 0 && !absolute && strcmp(w->origin, ".") != 0)
		buf_addc(&text, '.');
	if (r == 0 && !absolute)
		buf_adds(&text, w->origin);
	if (r == 0 && knot_dname_from_str(name, buf_str(&text), sizeof(name)) == NULL)
		r = err_set(err, "a name that is too long, or has an empty or too long label");
	if (r == 0)
		buf_add(&w->wire, name, knot_dname_size(name));
	buf_free(&text);
	return r;
}

static int put_string(struct writer *w, struct err *err)
{
	struct buf octets = {0};
	int r = escape_decode(w->t, &octets, err);
	if (r == 0 && octets.len > 255)
		r = err_set(err, "a string of %zu octets, more than 255", octets.len);
	if (r == 0) {
		add_number(&w->wire, octets.len, 1);
		buf_add(&w->wire, octets.data, octets.len);
	}
	buf_free(&octets);
	return r;
}

static int add_hex(struct buf *out, const char *text, size_t len, struct err *err)
{
	struct base16_decode_ctx ctx;
	size_t size = BASE16_DECODE_LENGTH(len);
	base16_decode_init(&ctx);
	buf_reserve(out, size + 1);
	if (!base16_decode_update(&ctx, &size, (uint8_t *)out->data + out->len, len, text) ||
	    !base16_decode_final(&ctx))
		return err_set(err, "hex digits are missing, or one too many");
	out->len += size;
	return 0;
}

static int add_base64(struct buf *out, const char *text, size_t len, struct err *err)
{
	struct base64_decode_ctx ctx;
	size_t size = BASE64_DECODE_LENGTH(len);
	base64_decode_init(&ctx);
	buf_reserve(out, size + 1);
	if (!base64_decode_update(&ctx, &size, (uint8_t *)out->data + out->len, len, text) ||
	    !base64_decode_final(&ctx))
		return err_set(err, "this is not base64");
	out->len += size;
	return 0;
}

/* All that is left, which may be split anywhere. */
static int put_rest(struct writer *w,
    int (*add)(struct buf *out, const char *text, size_t len, struct err *err), struct err *err)
{
	struct buf text = {0};
	int r = 0;
	while (r == 0 && !at_end(w)) {
		buf_add(&text, w->t->text, w->t->len);
		r = next(w, err);
	}
	if (r == 0)
		r = add(&w->wire, buf_str(&text), text.len, err);
	buf_free(&text);
	return r;
}

static int put_date(struct writer *w, struct err *err)
{
	struct tm tm = {0};
	char text[15] = "", *end;
	if (w->t->len == 14)
		memcpy(text, w->t->text, 14);
	end = strptime(text, "%Y%m%d%H%M%S", &tm);
	if (end == NULL || *end != '\0' || text[0] == '\0')
		return err_set(err, "a date is YYYYMMDDHHMMSS");
	add_number(&w->wire, (uint64_t)timegm(&tm), 4);
	return 0;
}

/* RFC 1706: "0x47.0005.80...", the dots anywhere. */
static int put_nsap(struct writer *w, struct err *err)
{
	struct buf digits = {0};
	if (w->t->len < 4 || strncasecmp(w->t->text, "0x", 2) != 0)
		return err_set(err, "an address of NSAP begins with 0x");
	for (size_t i = 2; i < w->t->len; i++) {
		if (w->t->text[i] != '.')
			buf_addc(&digits, w->t->text[i]);
	}
	int r = add_hex(&w->wire, buf_str(&digits), digits.len, err);
	buf_free(&digits);
	return r;
}

/* RFC 8005 section 5: the lengths stand first, then algorithm, HIT, key and servers. */
static int put_hip(struct writer *w, struct err *err)
{
	struct writer head = *w;
	struct buf hit = {0}, key = {0};
	head.wire = (struct buf){0};
	int r = put_number(&head, 1, err);
	if (r == 0 && (r = next(w, err)) == 0)
		r = add_hex(&hit, w->t->text, w->t->len, err);
	if (r == 0 && (r = next(w, err)) == 0)
		r = add_base64(&key, w->t->text, w->t->len, err);
	if (r == 0 && (hit.len == 0 || hit.len > 255 || key.len == 0))
		r = err_set(err, "HIP needs a HIT of 1 to 255 octets and a key");
	if (r == 0) {
		add_number(&w->wire, hit.len, 1);
		buf_add(&w->wire, head.wire.data, head.wire.len);
		add_number(&w->wire, key.len, 2);
		buf_add(&w->wire, hit.data, hit.len);
		buf_add(&w->wire, key.data, key.len);
		r = next(w, err);
	}
	while (r == 0 && !at_end(w)) {
		r = put_domain(w, err);
		if (r == 0)
			r = next(w, err);
	}
	buf_free(&head.wire);
	buf_free(&hit);
	buf_free(&key);
	return r;
}

/* RFC 8777 section 4.2: precedence, D bit and type in one octet, and a relay of that type. */
static int put_relay(struct writer *w, struct err *err)
{
	char text[INET6_ADDRSTRLEN] = "";
	unsigned char address[16];
	unsigned values[2] = {0};
	int r = put_number(w, 1, err);
	for (size_t i = 0; r == 0 && i < 2; i++) {
		r = next(w, err);
		if (r == 0 && (w->t->len != 1 || !isdigit((unsigned char)w->t->text[0])))
			r = err_set(err, "AMTRELAY: the D bit is 0 or 1, the type 0 to 3");
		values[i] = r == 0 ? (unsigned)(w->t->text[0] - '0') : 0;
	}
	if (r == 0 && (values[0] > 1 || values[1] > 3))
		r = err_set(err, "AMTRELAY: the D bit is 0 or 1, the type 0 to 3");
	if (r < 0 || next(w, err) < 0)
		return -1;
	add_number(&w->wire, values[0] << 7 | values[1], 1);
	if (values[1] == 3)
		r = put_domain(w, err);
	else if (w->t->len < sizeof(text))
		memcpy(text, w->t->text, w->t->len);
	if (values[1] == 0 && strcmp(text, ".") != 0)
		r = err_set(err, "AMTRELAY: a relay of type 0 is written as \".\"");
	if (values[1] == 1 || values[1] == 2) {
		if (inet_pton(values[1] == 1 ? AF_INET : AF_INET6, text, address) != 1)
			return err_set(err, "AMTRELAY: the relay is not an address of its type");
		buf_add(&w->wire, address, values[1] == 1 ? 4 : 16);
	}
	return r < 0 ? -1 : next(w, err);
}

static int put_type(struct writer *w, bool may_be_bare, struct err *err)
{
	int number = types_number(w->t, may_be_bare, err);
	if (number < 0)
		return -1;
	add_number(&w->wire, (uint64_t)number, 2);
	return 0;
}

/* One field of one token. */
static int put_field(struct writer *w, char field, struct err *err)
{
	switch (field) {
	case '1':
	case '2':
	case '4':
		return put_number(w, (unsigned)(field - '0'), err);
	case 'm':
		return put_scheme(w, err);
	case 'n':
		return put_domain(w, err);
	case 's':
		return put_string(w, err);
	case 'd':
		return put_date(w, err);
	case 'c':
	case 'y':
		return put_type(w, field == 'c', err);
	default:
		return put_nsap(w, err);
	}
}

static int put_fields(struct writer *w, const char *fields, struct err *err)
{
	for (const char *f = fields; *f != '\0'; f++) {
		bool many = f[1] == '*', optional = f[1] == '?';
		if (*f == '*' || *f == '?' || (at_end(w) && optional))
			continue;
		if (*f == 'b' || *f == 'x')
			return put_rest(w, *f == 'b' ? add_base64 : add_hex, err);
		do {
			if (at_end(w))
				return err_set(err, "the data are incomplete");
			if (w->t->kind == LEX_QUOTED && *f != 's')
				return err_set(err, "a quoted string is not allowed there");
			if (put_field(w, *f, err) < 0 || next(w, err) < 0)
				return -1;
		} while (many && !at_end(w));
	}
	return 0;
}

int types_put_wire(struct buf *out, const struct type *type, struct lexer *l, struct lex_token *t,
    const char *origin, struct err *err)
{
	struct writer w = {.lexer = l, .t = t, .origin = origin};
	int r = at_end(&w)               ? err_set(err, "the data are missing")
		: type->fields[0] == 'H' ? put_hip(&w, err)
		: type->fields[0] == 'M' ? put_relay(&w, err)
					 : put_fields(&w, type->fields, err);
	if (r == 0 && !at_end(&w))
		r = err_set(err, "too many data for type %s", type->name);
	if (r == 0)
		r = check_size(&w, err);
	if (r == 0) {
		buf_addf(out, " \\# %zu ", w.wire.len);
		size_t size = BASE16_ENCODE_LENGTH(w.wire.len);
		buf_reserve(out, size + 1);
		base16_encode_update(out->data + out->len, w.wire.len, (uint8_t *)w.wire.data);
		out->len += size;
		out->data[out->len] = '\0';
	}
	buf_free(&w.wire);
	return r;
}
