/* http: libmicrohttpd between a connected socket and the api.
 *
 * Each struct http is one event loop: on a thread of its own, or (`own_thread` false) driven by the
 * caller with http_wait().  http_add() hands over a socket that conns_add() has counted, and that
 * is closed here in the end, whatever happens.
 */
#ifndef DDO_HTTP_H
#define DDO_HTTP_H

#include <sys/socket.h>

#include "api.h"
#include "conns.h"

struct http;

struct http_mode {
	bool own_thread;
	bool tls;               /* tls_open() was called */
	const char *record_dir; /* record.h; NULL: nothing is recorded */
};

int http_open(struct http **out, struct api *api, struct conns *conns, const struct http_mode *mode,
    struct err *err);
void http_close(struct http *h); /* ends its connections at once */
void http_add(struct http *h, int fd, const struct sockaddr *addr, socklen_t len);
void http_wait(struct http *h, int ms);

#endif
