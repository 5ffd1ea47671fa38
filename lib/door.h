/* door: what every door asks of a zone, and ddo-queue again, before it becomes the store's. */
#ifndef DDO_DOOR_H
#define DDO_DOOR_H

#include "conf.h"
#include "zone.h"

/* zone_parse() within the configuration's limits. */
int door_parse(const struct conf *conf, const char *name, const char *text, size_t len,
    struct zone **out, struct err *err);

#endif
