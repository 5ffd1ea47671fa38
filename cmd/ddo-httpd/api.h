/* api: what DirectAdmin asks and what it is told, independent of how HTTP comes in.
 *
 * A transport fills in the head of a struct api_request and calls api_head() before it takes in a
 * body: true means that the answer is there already (401, 404, 405, 413).  Otherwise it collects
 * the body, at most conf->max_body bytes, and calls api_call(), which always gives an answer.  A
 * body that turns out to be larger is told api_too_large(); one that never comes, nothing: then
 * nothing has happened.  Thread-safe.  Strings of a request stay the caller's.
 */
#ifndef DDO_API_H
#define DDO_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth.h"
#include "buf.h"
#include "conf.h"
#include "spool.h"

struct api {
	const struct conf *conf;
	struct spool *spool;
	struct auth *auth;
};

struct api_request {
	const char *method;
	const char *path;          /* still encoded */
	const char *query;         /* without '?'; "" when there is none */
	const char *authorization; /* NULL: the header is absent */
	const char *agent;         /* User-Agent; may be NULL */
	const char *client;        /* address of the peer; "" when unknown */
	uint64_t length;           /* Content-Length, 0 when unknown */
	const char *body;
	size_t body_len;
	char login[AUTH_NAME_SIZE]; /* api_head() fills it in */
};

struct api_answer {
	unsigned status;
	const char *header; /* one header more, or NULL */
	const char *value;
	struct buf body; /* text/plain, urlencoded; for buf_free() */
};

/* -1: nobody could log in, err says how to change that. */
int api_check(const struct conf *conf, struct err *err);
/* After api_check().  -1: the spool cannot be opened. */
int api_open(struct api *api, const struct conf *conf, struct err *err);
void api_close(struct api *api);

bool api_head(struct api *api, struct api_request *req, struct api_answer *out);
void api_call(struct api *api, const struct api_request *req, struct api_answer *out);
void api_too_large(struct api *api, const struct api_request *req, struct api_answer *out);

/* Appends the answer as bytes: "PREFIX200 OK", headers, with `close` Connection: close, an empty
 * line and, but for `head`, the body.  PREFIX is "HTTP/1.1 " or, for CGI, "Status: ". */
void api_render(
    const struct api_answer *a, const char *prefix, bool close, bool head, struct buf *out);

/* For api.c and dns_admin.c ------------------------------------------------------------------- */

void api_ok(struct api_answer *out, const char *body);
void api_fail(struct api_answer *out, unsigned status, const char *text, const char *details);
void api_dns_admin(struct api *api, const struct api_request *req, struct api_answer *out);

#endif
