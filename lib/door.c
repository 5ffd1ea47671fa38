#include "door.h"

int door_parse(const struct conf *conf, const char *name, const char *text, size_t len,
    struct zone **out, struct err *err)
{
	const struct zone_limits limits = {.records = conf->max_records, .bytes = conf->max_zone};
	return zone_parse_within(name, text, len, &limits, out, err);
}
