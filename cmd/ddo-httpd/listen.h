/* listen: the sockets of `-l`: "192.0.2.1:2222", "[::1]:2222", "192.0.2.1", "::1", ":2222". */
#ifndef DDO_LISTEN_H
#define DDO_LISTEN_H

#include <sys/socket.h>

#include "err.h"

/* Without an address: any, IPv4 and IPv6.  Without a port: default_port. */
int listen_parse(const char *spec, unsigned default_port, struct sockaddr_storage *out,
    socklen_t *len, struct err *err);
/* A listening socket, non-blocking and close-on-exec; err names `spec`. */
int listen_open(
    const char *spec, const struct sockaddr_storage *addr, socklen_t len, struct err *err);

#endif
