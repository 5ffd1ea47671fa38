/* types: how a record's data are written in a master file, type by type, and in which form
 * libzscanner takes them.
 *
 * types_find() knows each type that named knows by name, and TYPEnnn (RFC 3597 section 5) for all.
 * types_put_data() reads the tokens behind the type up to the end of the record, and appends
 * " DATA" in one line: names with every odd octet escaped, strings in quotes, base64 and hex in one
 * piece, times as seconds.  A type that libzscanner does not know is read here and written as
 * "\# LENGTH HEX" (RFC 3597).  The values themselves (ranges, lengths, addresses) are libzscanner's
 * to check.
 *
 * Sources: the RFC of each type, as IANA's registry of DNS parameters lists them; what named
 * 9.18 reads where an RFC leaves it open.  -1: err says why, without the line.
 */
#ifndef DDO_TYPES_H
#define DDO_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "dns/lexer.h"

struct type {
	const char *name; /* NULL: a type without a name here */
	uint16_t number;
	const char *fields; /* types.c; NULL: as "\# LENGTH HEX" only */
	bool ours;          /* libzscanner does not know it */
};

/* false: the word is no type. */
bool types_find(const struct lex_token *word, struct type *out);
/* Appends the name that libzscanner knows it by. */
void types_put_name(struct buf *out, const struct type *type);
/* `origin` is an absolute name as text.  *minimum gets a SOA's last field. */
int types_put_data(struct buf *out, const struct type *type, struct lexer *l, const char *origin,
    uint32_t *minimum, struct err *err);

/* Seconds: "3600", "1h30m", as named reads them.  false: it is none. */
bool types_seconds(const struct lex_token *t, uint32_t *out);

#endif
