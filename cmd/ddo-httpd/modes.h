/* modes: the three ways in which HTTP reaches ddo-httpd: CGI, inetd, its own listeners.
 *
 * main.c picks one.  Each takes an opened struct api, enters the sandbox, and serves until there is
 * nothing left to serve, or until a signal sets *stop.  Then it finishes the requests under way,
 * for at most STOP_SECONDS.  -1: it could not begin; err says why.
 */
#ifndef DDO_MODES_H
#define DDO_MODES_H

#include <signal.h>
#include <stddef.h>

#include "api.h"

#define STOP_SECONDS 5 /* for requests under way when told to stop */

/* Serves one request, from the environment and descriptor 0 (RFC 3875), and returns the program's
 * exit status.  It begins before everything else: it reads the configuration itself. */
int cgi_run(void);

/* True when descriptor 0 is a socket.  *shared: descriptor 2 was the same socket, and is now
 * /dev/null, so that no message reaches the client. */
bool inetd_possible(bool *shared);
/* Serves the one connection, descriptor 0. */
int inetd_serve(
    struct api *api, const char *record_dir, const volatile sig_atomic_t *stop, struct err *err);

struct server_options {
	char **specs; /* where to listen (listen.h) */
	size_t count;
	size_t passed; /* sockets from systemd or the keeper; above 0, `specs` do not count */
	const char *record_dir;
	char **argv; /* for exec of ddo-httpd-tls */
};
/* Serves the sockets that the keeper has passed (keeper.h). */
int server_serve(struct api *api, const struct server_options *options,
    const volatile sig_atomic_t *stop, struct err *err);
/* Checks the specs, and that the directory for records is writable. */
int server_check(const struct conf *conf, const struct server_options *options, struct err *err);

/* Enters the sandbox (app.sandbox).  The three modes call it when everything else is open.  `what`
 * says what the kernel enforces now, or what went wrong. */
int confine(const struct api *api, const char *record_dir, struct err *what);

#endif
