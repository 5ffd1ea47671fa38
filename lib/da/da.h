/* da: DirectAdmin's API as a client (libcurl, jansson); ddo-da(1) describes DirectAdmin's answers.
 *
 * da_open() opens one DirectAdmin of the configuration; then any number of calls; da_close().  ddo
 * keeps connections open and sends at most conf->reconcile.rate requests a second.  It logs in with
 * Basic authentication, and by CMD_LOGIN if the server answers that with a redirect.  A call that
 * fails returns -1 with one line in err and its class in da_fault().  Every failure means
 * "unknown", never "empty".  No reason contains a secret.  conf and server outlive the struct da.
 *
 * After DA_LOGIN each call fails at once: further tries would end in a lock-out.  If a page says
 * that the address is locked out, a file beside the store remembers it, one file a server.  Until
 * lockout_hours are over each call fails with DA_LOCKED without asking.
 */
#ifndef DDO_DA_H
#define DDO_DA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "dns/name.h"

enum da_fault {
	DA_NONE,
	DA_CONFIG,  /* no username or password, an unreadable CA file */
	DA_DOWN,    /* no connection, no answer in time, half an answer, HTTP 5xx */
	DA_TLS,     /* certificate, pin, handshake; plain HTTP to a TLS port or the reverse */
	DA_LOGIN,   /* wrong user or password */
	DA_DENIED,  /* logged in, but not as an admin, or this command is not allowed */
	DA_LOCKED,  /* the address is locked out */
	DA_GARBLED, /* the answer has no known form, or contradicts itself */
	DA_ABSENT   /* da_zone(): DirectAdmin says that it does not have the zone */
};

struct da;

int da_open(
    struct da **out, const struct conf *conf, const struct conf_da *server, struct err *err);
void da_close(struct da *da);
/* The class of the last failure.  NULL, which a failed da_open() leaves: DA_CONFIG. */
enum da_fault da_fault(const struct da *da);
const char *da_fault_word(enum da_fault f); /* "down", "login", ...; one word for plans and logs */

/* A proven zone list: all pages are good, come from one server, and their counts agree.  Names are
 * normal, sorted bytewise, without duplicates. */
struct da_list {
	char **zones;
	size_t count;
	size_t ignored; /* entries that are not zone names */
};
int da_list(struct da *da, struct da_list *out, struct err *err);
void da_list_free(struct da_list *l);

/* Appends the raw text of one zone.  DA_ABSENT only when DirectAdmin itself says so. */
int da_zone(struct da *da, const char *zone, struct buf *out, struct err *err);

/* Appends one line for people, "DirectAdmin 1.695 as admin (Basic), 312 zones". */
int da_check(struct da *da, struct buf *out, struct err *err);

struct da_node { /* this node, as DirectAdmin shall know it */
	const char *address;
	unsigned port;
	const char *username, *password; /* app.yml's login for DirectAdmin */
	bool ssl;
};
/* Adds the node in DirectAdmin's Multi-Server Setup, or corrects its entry (Zone Transfer and
 * Domain Check on), and reads it back.  *changed: there was something to do. */
int da_register(struct da *da, const struct da_node *node, bool *changed, struct err *err);

#endif
