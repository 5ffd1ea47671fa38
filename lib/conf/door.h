/* door: what every door asks of a zone, and ddo-queue again, before it becomes the store's. */
#ifndef DDO_DOOR_H
#define DDO_DOOR_H

#include "conf/conf.h"
#include "dns/zone.h"

/* -1: a name that may be no zone here, one of a single label. */
int door_name(const struct conf *conf, const char *name, struct err *err);
/* That, and zone_parse() within the configuration's limits. */
int door_parse(const struct conf *conf, const char *name, const char *text, size_t len,
    struct zone **out, struct err *err);

/* Is `owner`, the origin of a zone that is there, one of `hosts` (separated by blanks), or another
 * name of the same DirectAdmin?  Nobody's zone ("") is not. */
bool door_owns(const struct conf *conf, const char *hosts, const char *owner);
/* Is `host` the origin of a login that may not take zones over (zones: owned)? */
bool door_bound(const struct conf *conf, const char *host);

#endif
