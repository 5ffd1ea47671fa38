/* listen: listening sockets, from `-l` or from systemd.
 *
 * A spec is "192.0.2.1:2222", "[::1]:2222", "192.0.2.1", "::1" or ":2222".  Without an address the
 * socket takes IPv4 and IPv6 on all addresses; without a port it has default_port
 * (app.listen_port). listen_parse() checks a spec without opening anything.  The caller closes what
 * listen_open() gives.  Call listen_passed() once, first, because it changes the environment.
 */
#ifndef DDO_LISTEN_H
#define DDO_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"

int listen_parse(const char *spec, unsigned default_port, struct sockaddr_storage *out,
    socklen_t *len, struct err *err);
/* A listening socket, non-blocking and close-on-exec; err names `spec`. */
int listen_open(
    const char *spec, const struct sockaddr_storage *addr, socklen_t len, struct err *err);

/* systemd's socket activation (sd_listen_fds(3)): the number of sockets, from descriptor
 * LISTEN_FIRST on.  Removes its variables from the environment.  A lone connected socket
 * (Accept=yes) becomes descriptor 0, as under inetd, and does not count. */
#define LISTEN_FIRST 3
size_t listen_passed(void);
void listen_pass(size_t count); /* sets the variables again, for exec */
bool listen_is_listening(int fd);
void listen_adopt(int fd); /* sets the flags that listen_open() sets */

#endif
