/* zonefile: the zone files of a server, and of a directory.
 *
 * zonefile_offer() reads one and offers it to the plan.  BIND's raw format, and the journal
 * FILE.jnl that BIND keeps beside a zone that it changes, go through named-compilezone.
 *
 * zonefile_dir() offers each ZONE.db of a directory.  In names, %2F and %2f stand for '/'.  With
 * `known_only`, files of zones that the plan does not know are only told.
 */
#ifndef DDO_IMPORT_ZONEFILE_H
#define DDO_IMPORT_ZONEFILE_H

#include "plan.h"

void zonefile_offer(struct plan *p, struct plan_zone *z, const char *path, bool follow);
/* How many names end with .db. */
size_t zonefile_dir(struct plan *p, const char *dir, bool known_only);
/* The zones that an include file of BIND or NSD names; it is no more than that list. */
void zonefile_list(struct plan *p, const char *path);

#endif
