/* modes: the three ways in which HTTP reaches the api.  Each serves until there is nothing left to
 * serve, or until *stop is set by a signal: then it finishes what is under way. */
#ifndef DDO_MODES_H
#define DDO_MODES_H

#include <signal.h>
#include <stddef.h>

#include "api.h"

#define STOP_SECONDS 5 /* for requests under way when told to stop */

/* One request, from the environment and descriptor 0 (RFC 3875).  `api` NULL: ddo is not fit to
 * answer, and says so. */
void cgi_serve(struct api *api);

/* True when descriptor 0 is a socket; then *shared tells whether descriptor 2 is the same one,
 * which nobody can write to from now on. */
bool inetd_possible(bool *shared);
/* The one connection that descriptor 0 is. */
int inetd_serve(
    struct api *api, const char *record_dir, const volatile sig_atomic_t *stop, struct err *err);

struct server_options {
	char **specs; /* to listen on (listen.h) */
	size_t count;
	size_t passed; /* so many listening sockets are there already (listen_passed()); then
			  `specs` do not count */
	const char *record_dir;
	char **argv; /* to become ddo-httpd-tls with */
};
int server_serve(struct api *api, const struct server_options *options,
    const volatile sig_atomic_t *stop, struct err *err);
/* The syntax of the specs, and that there is a directory to record into. */
int server_check(const struct conf *conf, const struct server_options *options, struct err *err);

/* For these three: enters the sandbox (app.sandbox), when everything else is open.  `what` says
 * what holds now, or what went wrong. */
int confine(const struct api *api, const char *record_dir, struct err *what);

#endif
