/* auth: HTTP Basic authentication (RFC 7617) against the logins of the configuration.
 *
 * A configured password is plain text or a crypt(3) hash (it starts with '$' and crypt(3) knows
 * the method).  Names and passwords are compared as salted digests, in time that does not depend on
 * where they differ.  The last password that satisfied a hash is remembered, as such a digest, so
 * that a hash which is meant to be slow is computed once and not for each request; wrong passwords
 * are tried against it one at a time.  Thread-safe.
 *
 * DirectAdmin may send "admin|user" as the name: the part before '|' is the one that logs in.
 */
#ifndef DDO_AUTH_H
#define DDO_AUTH_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/conf.h"

#define AUTH_NAME_SIZE 65

struct auth;

/* `conf` must live as long. */
int auth_open(struct auth **out, const struct conf *conf, struct err *err);
void auth_close(struct auth *a);

enum auth_found {
	AUTH_GOOD,
	AUTH_BAD,
	AUTH_UNSURE /* only a hash could tell, and none was asked for */
};

/* `header` is the value of Authorization:, NULL when there is none.  With `hash` a hash is computed
 * where one is needed; then the answer is never AUTH_UNSURE.  *login gets the login of that name,
 * whatever the password; NULL: there is none.  `name` gets the name that was tried, fit for a log:
 * cut, blanks and odd octets as '?'; "-" for none.  Where a login may come from is for the caller
 * to check. */
enum auth_found auth_check(struct auth *a, const char *header, bool hash,
    const struct conf_login **login, char name[AUTH_NAME_SIZE]);

#endif
