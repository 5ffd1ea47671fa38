/* auth: HTTP Basic authentication (RFC 7617) against the logins of the configuration.
 *
 * A configured password is plain text or a crypt(3) hash (it starts with '$', and crypt(3) knows
 * its method).  auth compares names and passwords as salted digests, in a time that does not depend
 * on where they differ.  It remembers the last password that matched a slow hash, as such a digest,
 * so that one login does not cost a hash for each request.  It computes one hash at a time.
 * DirectAdmin may send "admin|user" as the name: the part before '|' logs in.  Thread-safe.
 * The caller checks where a login may come from.
 */
#ifndef DDO_AUTH_H
#define DDO_AUTH_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/conf.h"

#define AUTH_NAME_SIZE 65

struct auth;

/* `conf` must outlive it. */
int auth_open(struct auth **out, const struct conf *conf, struct err *err);
void auth_close(struct auth *a);

enum auth_found {
	AUTH_GOOD,
	AUTH_BAD,
	AUTH_UNSURE /* only a hash could tell, and the caller wanted none */
};

/* `header` is the value of Authorization, NULL when it is absent.  With `hash`, auth computes a
 * hash where it needs one, and never answers AUTH_UNSURE.  *login becomes the login of that name,
 * whatever the password; NULL: there is none.  `name` gets the name as a word for a log
 * (err_word()). */
enum auth_found auth_check(struct auth *a, const char *header, bool hash,
    const struct conf_login **login, char name[AUTH_NAME_SIZE]);

#endif
