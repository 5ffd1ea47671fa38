/* http: libmicrohttpd between a connected socket and the routes.
 *
 * A struct http is one event loop: with `own_thread` it has a thread, without it the caller drives
 * it with http_wait().  http_add() takes a socket that conns_add() has counted; http closes the
 * socket in the end, whatever happens.  http_close() ends its connections at once, so wait first
 * until conns_count() sees no request under way.
 */
#ifndef DDO_HTTP_H
#define DDO_HTTP_H

#include <sys/socket.h>

#include "api.h"
#include "conns.h"

struct http;

struct http_mode {
	bool own_thread;
	bool tls;               /* after tls_open() */
	const char *record_dir; /* record.h; NULL: record nothing */
};

int http_open(struct http **out, struct api *api, struct conns *conns, const struct http_mode *mode,
    struct err *err);
void http_close(struct http *h);
void http_add(struct http *h, int fd, const struct sockaddr *addr, socklen_t len);
void http_wait(struct http *h, int ms);

#endif
