/* api: one request of DirectAdmin's, and what all requests of a process share.
 *
 * A process calls api_check(), then api_open(), then serves requests through routes.h, and calls
 * api_close() at its end.  A transport (CGI, inetd, a listener) fills in struct api_request; all
 * its strings stay the transport's.  The functions of struct api are thread-safe, so one serves
 * all workers.
 */
#ifndef DDO_API_H
#define DDO_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth.h"
#include "conf/conf.h"
#include "shared.h"
#include "spool/spool.h"

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
	const char *client;        /* address, as client_find() gives it; "" when unknown */
	size_t line_bytes;         /* size of the request line, as far as it is known */
	size_t header_bytes;       /* size of all header lines */
	uint64_t length;           /* Content-Length, 0 when unknown */
	bool unclear_length;       /* the headers allow more than one length */
	const char *body;
	size_t body_len;
	/* routes_head() fills in: */
	char login[AUTH_NAME_SIZE];
	const struct conf_login *as;
	bool wait; /* no answer yet: call routes_head() again in LOGIN_WAIT_MS */
	/* While a request waits, the transport keeps: */
	int64_t waits_since; /* login_check() sets it; 0: the request does not wait */
	bool behind;         /* another request of this client has waited longer */
	bool hurry;          /* do not wait: the process is about to end */
};

/* -1: the configuration lets no login in; err says how to change that. */
int api_check(const struct conf *conf, struct err *err);
/* -1: the spool is there, and this user may not write it. */
int api_test(const struct conf *conf, struct err *err);
/* Call it after api_check().  -1: the spool cannot be opened. */
int api_open(struct api *api, const struct conf *conf, struct err *err);
void api_close(struct api *api);

#endif
