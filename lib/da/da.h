/* da: DirectAdmin's API as a client (libcurl, jansson).
 *
 * da_open() for one DirectAdmin of the configuration, any number of calls over kept connections, at
 * most conf->reconcile.rate a second, da_close().  Logs in with Basic authentication, and by
 * CMD_LOGIN where that is answered with a redirect.  A call that fails returns -1 with one line in
 * err and the class in da_fault(): every failure means "unknown", never "empty".  Secrets are in no
 * reason.  DirectAdmin's forms are gathered in the project's notes (ddo-da(1), DIRECTADMIN).
 *
 * After DA_LOGIN nothing more is asked through this struct da: tries add up to a lock-out.
 *
 * A page that says the address is locked out is remembered in the directory of the store, by
 * server: until lockout_hours are over each call fails with DA_LOCKED without asking.
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
	DA_CONFIG,  /* username or password is missing, an unreadable CA file */
	DA_DOWN,    /* no connection, no answer in time, an answer that breaks off, HTTP 5xx */
	DA_TLS,     /* certificate, pin, handshake; or plain HTTP to a TLS port and the reverse */
	DA_LOGIN,   /* wrong user or password */
	DA_DENIED,  /* logged in, but this command is not allowed, or the session is no admin's */
	DA_LOCKED,  /* the address is locked out */
	DA_GARBLED, /* an answer that is none of the known forms, or disagrees with itself */
	DA_ABSENT   /* da_zone(): DirectAdmin says that it has no such zone */
};

struct da;

int da_open(
    struct da **out, const struct conf *conf, const struct conf_da *server, struct err *err);
void da_close(struct da *da);
/* Of the last call that returned -1; of NULL, which a da_open() that fails leaves: DA_CONFIG. */
enum da_fault da_fault(const struct da *da);
const char *da_fault_word(enum da_fault f); /* "down", "login", ...; one word for plans and logs */

/* A proven listing: all pages good, their counts agreeing, from one server.  Names are normal,
 * sorted bytewise, without duplicates. */
struct da_list {
	char **zones;
	size_t count;
	size_t ignored; /* names that are no zone names */
};
int da_list(struct da *da, struct da_list *out, struct err *err);
void da_list_free(struct da_list *l);

/* Appends the raw text of one zone.  DA_ABSENT only when DirectAdmin itself says so. */
int da_zone(struct da *da, const char *zone, struct buf *out, struct err *err);

/* What answers there: one line for people, "DirectAdmin 1.695 as admin (Basic), 312 zones". */
int da_check(struct da *da, struct buf *out, struct err *err);

struct da_node { /* this node, as DirectAdmin is to know it */
	const char *address;
	unsigned port;
	const char *username, *password; /* of app.yml's login for DirectAdmin */
	bool ssl;
};
/* Adds the node in Multi Server Setup, or corrects what is there: Zone Transfer and Domain Check
 * on. Read back afterwards.  *changed tells whether anything had to be done. */
int da_register(struct da *da, const struct da_node *node, bool *changed, struct err *err);

#endif
