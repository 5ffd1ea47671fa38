/* types_private: what types_put.c asks of the two files below it.
 *
 * types.c has the table; types_wire.c writes the data of types that libzscanner does not know, as
 * RFC 3597 has them ("\# LENGTH HEX").  Both return -1 and fill err, without a line number, when
 * a token is not what the field wants.  Nothing is allocated that outlives the call.
 */
#ifndef DDO_TYPES_PRIVATE_H
#define DDO_TYPES_PRIVATE_H

#include "dns/types.h"

/* The data of a type that libzscanner does not know, as RFC 3597 writes them.  `t` is the first of
 * their tokens. */
int types_put_wire(struct buf *out, const struct type *type, struct lexer *l, struct lex_token *t,
    const char *origin, struct err *err);

/* The number of the type that the word names, or -1.  What a signature covers may be a bare number,
 * as named writes it. */
int types_number(const struct lex_token *t, bool may_be_bare, struct err *err);

#endif
