/* door: what every door asks of a zone, and whose zone it is. */
#include "conf/door.h"

#include <string.h>

int door_name(const struct conf *conf, const char *name, struct err *err)
{
	if (conf->single_label || name_parent(name) != NULL)
		return 0;
	return err_set(
	    err, "%s has a single label; such zones need app.allow_single_label: true", name);
}

int door_parse(const struct conf *conf, const char *name, const char *text, size_t len,
    struct zone **out, struct err *err)
{
	const struct zone_limits limits = {.records = conf->max_records, .bytes = conf->max_zone};
	*out = NULL;
	if (door_name(conf, name, err) < 0)
		return -1;
	return zone_parse_within(name, text, len, &limits, out, err);
}

bool door_owns(const struct conf *conf, const char *hosts, const char *owner)
{
	const struct conf_da *da = owner[0] == '\0' ? NULL : conf_find_da(conf, owner);
	while (*hosts != '\0') {
		char host[NAME_SIZE] = "";
		size_t len = strcspn(hosts, " ");
		if (len < sizeof(host))
			memcpy(host, hosts, len);
		if (host[0] != '\0' && strcmp(host, owner) == 0)
			return true;
		if (da != NULL && conf_find_da(conf, host) == da)
			return true;
		hosts += len;
		hosts += strspn(hosts, " ");
	}
	return false;
}

bool door_bound(const struct conf *conf, const char *host)
{
	for (size_t i = 0; i < conf->nlogins; i++) {
		const struct conf_login *login = &conf->logins[i];
		for (size_t k = 0; login->owned && k < login->norigins; k++) {
			if (door_owns(conf, login->origins[k], host))
				return true;
		}
	}
	return false;
}
