/* escape: the escapes of names and strings in master files (RFC 1035 section 5.1).
 *
 * A token comes as the lexer found it: octets, "\DDD" and "\X".  What is appended to `out` means
 * the same and holds no octet that libzscanner might read differently.  In a name, all becomes
 * "\DDD" but letters, digits, '-', '_', '*', '/' and the dots between labels.  In a string, all but
 * printable ASCII does.
 *
 * -1: "\" before one or two digits, "\256", or a name that is empty or too long; err says so.
 */
#ifndef DDO_ESCAPE_H
#define DDO_ESCAPE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "dns/lexer.h"

/* A name stays relative if it was, and "@" stays "@".  *absolute tells. */
int escape_name(struct buf *out, const struct lex_token *t, bool *absolute, struct err *err);
int escape_string(struct buf *out, const struct lex_token *t, struct err *err); /* with quotes */
/* What has escapes of two kinds (SVCB's lists) keeps its backslashes. */
void escape_raw(struct buf *out, const char *text, size_t len);
/* The octets that the token means. */
int escape_decode(const struct lex_token *t, struct buf *out, struct err *err);

#endif
