/* listen: the sockets of `-l`: "192.0.2.1:2222", "[::1]:2222", "192.0.2.1", "::1", ":2222". */
#ifndef DDO_LISTEN_H
#define DDO_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"

/* Without an address: any, IPv4 and IPv6.  Without a port: default_port. */
int listen_parse(const char *spec, unsigned default_port, struct sockaddr_storage *out,
    socklen_t *len, struct err *err);
/* A listening socket, non-blocking and close-on-exec; err names `spec`. */
int listen_open(
    const char *spec, const struct sockaddr_storage *addr, socklen_t len, struct err *err);

/* systemd's socket activation (sd_listen_fds(3)): how many sockets there are, the first of them is
 * descriptor LISTEN_FIRST.  Takes what says so out of the environment.  One connected socket
 * (Accept=yes) becomes descriptor 0, as inetd would have it, and does not count. */
#define LISTEN_FIRST 3
size_t listen_passed(void);
void listen_pass(size_t count); /* to the program that this process becomes */
bool listen_is_listening(int fd);
void listen_adopt(int fd); /* as if listen_open() had made it */

#endif
