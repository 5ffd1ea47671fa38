/* include: the file of zone statements that is ddo's own and that named.conf includes.
 *
 * Zone statements of type primary (master) are entries; whatever else the file holds stays in it as
 * it is.  The parsed file is kept and read again only when the file on disk is another one.
 */
#ifndef DDO_BIND_INCLUDE_H
#define DDO_BIND_INCLUDE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct include;

void include_open(struct include **out, const char *path); /* kept, not copied; reads nothing */
void include_close(struct include *inc);

int include_read(struct include *inc, struct err *err); /* a missing file is an empty one */
/* The zone's file clause, NULL when it is not listed; valid until the next change. */
const char *include_file(const struct include *inc, const char *zone);
void include_put(struct include *inc, const char *zone, const char *file);
void include_del(struct include *inc, const char *zone);
bool include_changed(const struct include *inc);         /* since it was read or written */
int include_write(struct include *inc, struct err *err); /* durable and atomic */
size_t include_count(const struct include *inc);
const char *include_zone(const struct include *inc, size_t i); /* sorted */

#endif
