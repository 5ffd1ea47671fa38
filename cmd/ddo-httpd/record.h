/* record: what DirectAdmin really sends, for those who want to help us to know (ddo-httpd(8)).
 *
 * A file a request: header lines, an empty line, the request, the answer, both to the octet (but
 * that a chunked body is kept joined).  Struck out, with '*': the credentials of Authorization and
 * Proxy-Authorization, cookies, the part before '@' of an absolute URI, and the values of all
 * parameters in the query or a form whose name speaks of a password, a key or a token.
 */
#ifndef DDO_RECORD_H
#define DDO_RECORD_H

#include "answer.h"
#include "api.h"
#include "base/buf.h"

/* `request` is the request line, the header lines and the empty line; it is changed.  A failure is
 * logged. */
void record_write(const char *dir, const struct api_request *req, struct buf *request,
    const struct buf *body, const struct answer *answer);

#endif
