/* record: requests and answers as files, so that people can send us what DirectAdmin really sends.
 *
 * One file for each request: header lines, an empty line, the request, the answer, both octet for
 * octet (a chunked body is joined).  '*' replaces what is secret: the credentials of Authorization
 * and Proxy-Authorization, cookies, X-API-Key, the part before '@' of an absolute URI, and each
 * parameter (query or form) whose name contains "pass", "secret", "token" or "key".  The format is
 * in ddo-httpd(8).  Thread-safe.
 */
#ifndef DDO_RECORD_H
#define DDO_RECORD_H

#include "answer.h"
#include "api.h"
#include "base/buf.h"

/* `request` has the request line, the header lines and the empty line.  A failure is logged. */
void record_write(const char *dir, const struct api_request *req, struct buf *request,
    const struct buf *body, const struct answer *answer);

#endif
