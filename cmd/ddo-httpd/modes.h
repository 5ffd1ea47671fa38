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
int inetd_serve(struct api *api, const volatile sig_atomic_t *stop, struct err *err);

/* Listens on all of `specs` (listen.h). */
int server_serve(struct api *api, char *const *specs, size_t count,
    const volatile sig_atomic_t *stop, struct err *err);
/* The syntax of `specs` only. */
int server_check(const struct conf *conf, char *const *specs, size_t count, struct err *err);

#endif
