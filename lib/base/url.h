/* url: application/x-www-form-urlencoded (query strings and form bodies), both ways.
 *
 * url_parse() splits at '&' and decodes '+' and %XX; an invalid %XX stays as it is.  Values may
 * hold any byte, so they carry a length; a NUL follows that does not count.  A name without '=' has
 * an empty value.  Empty parts and line ends behind the last pair are skipped.  -1: more than
 * URL_MAX_PAIRS pairs.  The caller calls url_free() after a success; pairs live until then.  Of
 * several pairs with one name url_find() gives the first.
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
	char *text; /* the pairs point into it */
};

int url_parse(struct url_form *out, const char *text, size_t len, struct err *err);
void url_free(struct url_form *f);
const struct url_pair *url_find(const struct url_form *f, const char *name); /* or NULL */

/* True when the text can be a form: it starts with a plain name and '=', and has no blank, control
 * character or other octet that a form must encode.  Line ends at its end are allowed.  The text of
 * a zone is never a form: an SOA record has blanks. */
bool url_is_form(const char *text, size_t len);

/* The octet that the "%XX" at s means; all three characters must be readable.  -1: no "%XX". */
int url_octet(const char *s);

void url_encode(struct buf *out, const char *s); /* appends; blanks become '+' */

#endif
