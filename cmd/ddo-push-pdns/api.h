/* api: PowerDNS's HTTP API, several calls under way at once (libcurl).
 *
 * A series is the calls for one zone, one after the other.  api_request() makes up to API_PARALLEL
 * series at once and asks the caller's function after each answer what comes next.  It returns -1
 * with err when PowerDNS cannot be reached or does not take the key, because that concerns every
 * zone; a call that takes longer than API_PATIENCE_S concerns only its series (API_TOO_SLOW).
 * api_close() frees what api_open() made.
 */
#ifndef DDO_PDNS_API_H
#define DDO_PDNS_API_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct api;

struct api_options {
	const char *url;       /* "http://127.0.0.1:8081" */
	const char *key;       /* X-API-Key */
	const char *server_id; /* "localhost" */
	const char *ca_file;   /* NULL: the system's */
};

/* Keeps the strings, copies none.  Does not connect yet.  -1: configuration error. */
int api_open(struct api **out, const struct api_options *o, struct err *err);
void api_close(struct api *a);

#define API_PATIENCE_S 30 /* for one call */
#define API_TOO_SLOW (-1)

struct api_call {
	const char *method; /* a literal */
	struct buf path;    /* below /api/v1/servers/SERVER_ID */
	struct buf body;    /* empty: none */
	long status;        /* of the answer; 0: not called yet; API_TOO_SLOW */
	struct buf answer;
};

/* Decides how series `i` goes on, from call->status (0: it begins) and answer.  True: it has filled
 * in method, path and body of the next call, all empty before.  False: the series is over. */
typedef bool api_step(void *ctx, size_t i, struct api_call *call);

#define API_PARALLEL 4

/* Makes `count` series of calls, `parallel` (up to API_PARALLEL) at once, each in its order.  -1:
 * PowerDNS cannot be reached, or does not take the key; series may be anywhere then. */
int api_request(
    struct api *a, size_t parallel, size_t count, api_step *step, void *ctx, struct err *err);

#endif
