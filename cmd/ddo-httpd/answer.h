/* answer: what a request gets, before any transport writes it.
 *
 * answer_ok() and answer_fail() overwrite *out without looking at it.  The caller owns the body
 * and frees it with buf_free(&out->body).  Bodies have DirectAdmin's form,
 * "error=1&text=...&details=..." (urlencoded), unless `type` says otherwise.  answer_fail() adds
 * the header that a status needs: WWW-Authenticate to 401, Allow to 405, Retry-After to 503.
 */
#ifndef DDO_ANSWER_H
#define DDO_ANSWER_H

#include <stdbool.h>

#include "base/buf.h"

#define ANSWER_METHODS "GET, HEAD, POST" /* what Allow says, unless the caller changes it */

struct answer {
	unsigned status;
	const char *header; /* one more header, or NULL */
	const char *value;
	char value_text[16]; /* `value` may point here */
	const char *type;    /* NULL: text/plain */
	unsigned delay_ms;   /* the transport holds the answer back for so long */
	struct buf body;
};

void answer_ok(struct answer *out, const char *body);
void answer_fail(struct answer *out, unsigned status, const char *text, const char *details);

/* Appends the answer as bytes: "PREFIX200 OK", headers, with `close` Connection: close, an empty
 * line and, without `head`, the body.  PREFIX is "HTTP/1.1 " or, for CGI, "Status: ". */
void answer_render(
    const struct answer *a, const char *prefix, bool close, bool head, struct buf *out);

#endif
