/* door: what every door asks of a zone, and whose zone it is.
 *
 * A door is a program through which zones come in: ddo-httpd, ddo-enqueue, ddo-reconcile.  It asks
 * before it accepts a zone; ddo-queue asks again before the zone goes into the store, because the
 * configuration may have changed since.  Names are in normal form (dns/name.h).  door_name() and
 * door_parse() return -1 with err set; *out of door_parse() is for zone_free(), NULL on error.
 */
#ifndef DDO_DOOR_H
#define DDO_DOOR_H

#include "conf/conf.h"
#include "dns/zone.h"

/* -1: the name has a single label, and app.allow_single_label is off. */
int door_name(const struct conf *conf, const char *name, struct err *err);
/* door_name(), then zone_parse() within the configuration's limits. */
int door_parse(const struct conf *conf, const char *name, const char *text, size_t len,
    struct zone **out, struct err *err);

/* Is `owner`, the origin of an existing zone, one of `hosts` (separated by blanks), or another name
 * of the same DirectAdmin?  False for a zone without an origin (""). */
bool door_owns(const struct conf *conf, const char *hosts, const char *owner);
/* Is `host` the origin of a login with zones: owned, which may not take over zones? */
bool door_bound(const struct conf *conf, const char *host);

#endif
