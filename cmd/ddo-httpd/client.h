/* client: the address behind a request.
 *
 * Where a trusted proxy (app.proxies) stands in between, the socket's address is the proxy's, and
 * X-Forwarded-For names the client.  An address is IPv4 or IPv6 in numbers; "" means unknown.
 * Nothing else than an address ever reaches a log, a job or a table through these functions.
 */
#ifndef DDO_CLIENT_H
#define DDO_CLIENT_H

#include <stdbool.h>

#include "conf/conf.h"

#define CLIENT_SIZE 64

/* Finds the client behind `peer`.  If `peer` is a trusted proxy, the client is the last address in
 * `forwarded` that is no trusted proxy.  `forwarded` holds all X-Forwarded-For lines, joined by
 * commas; it may be NULL. */
void client_find(
    const struct conf *conf, const char *peer, const char *forwarded, char out[CLIENT_SIZE]);
/* True, and `out` is the address, when `text` is one; otherwise `out` is "". */
bool client_parse(const char *text, char out[CLIENT_SIZE]);
/* True when a login names the address (credentials.addresses), or a trusted proxy has it. */
bool client_is_named(const struct conf *conf, const char *address);
/* For a log: the address, "-" when it is unknown. */
const char *client_shown(const char *address);

#endif
