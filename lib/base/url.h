/* url: application/x-www-form-urlencoded, both ways (query strings and form bodies).
 *
 * url_parse() splits at '&' and decodes '+' and %XX in names and values; what is no valid %XX stays
 * as it is.  Values may hold any byte, so they carry a length; a NUL follows that is not counted. A
 * name without '=' has an empty value; empty parts are skipped; line ends behind the last
 * pair are dropped.  At most URL_MAX_PAIRS pairs.  Of
 * several pairs with one name the first is found.
 */
#ifndef DDO_URL_H
#define DDO_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define URL_MAX_PAIRS 20000

struct url_pair {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};

struct url_form {
	struct url_pair *pairs;
	size_t count;
	char *text; /* what the pairs point into */
};

int url_parse(struct url_form *out, const char *text, size_t len, struct err *err);
void url_free(struct url_form *f);
const struct url_pair *url_find(const struct url_form *f, const char *name); /* or NULL */

/* True when the text can be a form: it starts with a plain name and '=', and holds no blank,
 * control character or other octet that a form has to encode (line ends at its end are allowed). No
 * zone's text is one: an SOA record has blanks. */
bool url_is_form(const char *text, size_t len);

/* The octet that "%XX" at s stands for, of which all three can be read; -1: it is none. */
int url_octet(const char *s);

void url_encode(struct buf *out, const char *s); /* appends; blanks become '+' */

#endif
