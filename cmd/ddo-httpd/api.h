/* api: what DirectAdmin asks and what it is told, independent of how HTTP comes in.
 *
 * A transport fills in the head of a struct api_request and calls api_head() before it takes in a
 * body: true means that the answer is there already (401, 404, 405, 413), or, with req->wait, that
 * it is to be called again: the client waits for its turn (login.c).  Otherwise it collects the
 * body, at most conf->max_body bytes, and calls api_call(), which always gives an answer.  A body
 * that turns out to be larger is told api_too_large(); one that never comes, nothing: then nothing
 * has happened.  Thread-safe.  Strings of a request stay the caller's.
 */
#ifndef DDO_API_H
#define DDO_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "shared.h"
#include "spool/spool.h"
#include "store/store.h"

#define API_ADDRESS_SIZE 64

struct api {
	const struct conf *conf;
	struct spool *spool;
	struct auth *auth;
	struct shared *shared;
};

struct api_request {
	const char *method;
	const char *path;          /* still encoded */
	const char *query;         /* without '?'; "" when there is none */
	const char *authorization; /* NULL: the header is absent */
	const char *agent;         /* User-Agent; may be NULL */
	const char *client;        /* address, as api_client() gives it; "" when unknown */
	size_t line_bytes;         /* of the request line, as far as it is known */
	size_t header_bytes;       /* of all header lines */
	uint64_t length;           /* Content-Length, 0 when unknown */
	bool unclear_length;       /* it could be read in more than one way */
	const char *body;
	size_t body_len;
	/* api_head() fills in: */
	char login[AUTH_NAME_SIZE];
	const struct conf_login *as;
	bool wait; /* api_head() has no answer yet: call it again in API_WAIT_MS */
	/* Of a request that waits, the transport keeps: */
	int64_t waits_since; /* api_head() sets it; 0: it does not wait */
	bool behind;         /* another one of the same client's has waited longer */
	bool hurry;          /* it shall not wait */
};

#define API_WAIT_MS 250

struct api_answer {
	unsigned status;
	const char *header; /* one header more, or NULL */
	const char *value;
	char value_text[16]; /* `value` may point here */
	const char *type;    /* NULL: text/plain */
	unsigned delay_ms;   /* it should come so much later */
	struct buf body;     /* for buf_free(); urlencoded where DirectAdmin asks */
};

/* -1: nobody could log in, err says how to change that. */
int api_check(const struct conf *conf, struct err *err);
/* After api_check().  -1: the spool cannot be opened. */
int api_open(struct api *api, const struct conf *conf, struct err *err);
void api_close(struct api *api);

/* The client behind `peer`: where that is a trusted proxy, the last address of `forwarded` (all
 * X-Forwarded-For lines, joined by commas; may be NULL) that is none. */
void api_client(
    const struct conf *conf, const char *peer, const char *forwarded, char out[API_ADDRESS_SIZE]);
/* True, and `out` is the address, when `text` is one; else "". */
bool api_address(const char *text, char out[API_ADDRESS_SIZE]);

bool api_head(struct api *api, struct api_request *req, struct api_answer *out);
void api_call(struct api *api, const struct api_request *req, struct api_answer *out);
void api_too_large(struct api *api, const struct api_request *req, struct api_answer *out);

/* Appends the answer as bytes: "PREFIX200 OK", headers, with `close` Connection: close, an empty
 * line and, but for `head`, the body.  PREFIX is "HTTP/1.1 " or, for CGI, "Status: ". */
void api_render(
    const struct api_answer *a, const char *prefix, bool close, bool head, struct buf *out);

/* Is it an address that some login names (credentials.addresses), or a trusted proxy? */
bool api_is_named(const struct conf *conf, const char *address);

/* For api.c, login.c, dns_admin.c and refused.c
 * ------------------------------------------------------------------- */

void api_ok(struct api_answer *out, const char *body);
void api_fail(struct api_answer *out, unsigned status, const char *text, const char *details);
/* True: welcome, req->as is set.  False: `out` is the answer, unless req->wait. */
bool api_log_in(struct api *api, struct api_request *req, struct api_answer *out);
/* -1: there is no room for `jobs` more with `bytes` in all, err says which limit it is. */
int api_room(struct api *api, uint64_t jobs, uint64_t bytes, struct err *err);
/* Best effort: the answer does not depend on it. */
void api_keep_refusal(struct api *api, const struct job *refused, const char *why);
/* Opened for one request, so that it needs no lock, and no care for a database that was replaced
 * meanwhile. 1, 0: there is none yet, -1. */
int api_store(struct api *api, struct store **out, struct err *err);
void api_dns_admin(struct api *api, const struct api_request *req, struct api_answer *out);
/* The body is too large to be read: keeps, of a save, that it was refused. */
void api_dns_admin_too_large(struct api *api, const struct api_request *req, const char *why);
/* Answers /health, /status, /metrics; false: it is none of these.  `open` asks for those that need
 * no login. */
bool api_report(struct api *api, const struct api_request *req, bool open, struct api_answer *out);
bool api_is_path(const char *path, const char *name); /* whatever slashes are around it */

#endif
