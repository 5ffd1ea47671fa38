/* directadmin: reconciliation.directadmin_servers. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/mem.h"
#include "conf/conf_private.h"
#include "dns/name.h"

static void add_da(struct conf *c)
{
	c->da = mem_resize(c->da, c->nda + 1, sizeof(*c->da));
	c->da[c->nda++] =
	    (struct conf_da){.port = 2222, .ssl = true, .verify_ssl = c->reconcile.verify_ssl};
}

static int set_da(struct conf *c, const struct conf_entry *e, const char *key, struct err *err)
{
	struct conf_da *da = &c->da[c->nda - 1];
	struct sockaddr_storage addr;
	socklen_t len;
	if (strcmp(key, "port") == 0)
		da->port = (unsigned)strtoul(e->value, NULL, 10);
	else if (strcmp(key, "ssl") == 0)
		da->ssl = conf_is_true(e->value);
	else if (strcmp(key, "verify_ssl") == 0)
		da->verify_ssl = conf_is_true(e->value);
	else if (strncmp(key, "password", 8) == 0)
		return conf_set_password(c, e, key, &da->password, err);
	else if (entry_index_end(key, "origins") != NULL)
		return conf_add_host(c, e, &da->origins, &da->norigins, err);
	else if (strcmp(key, "hostname") == 0) {
		char name[NAME_SIZE];
		struct err why;
		if (name_normalize_host(e->value, strlen(e->value), name, &why) < 0)
			return entry_wrong(c, e, why.text, err);
		da->hostname = mem_dup(name);
	} else if (strcmp(key, "address") == 0) {
		struct in6_addr bytes;
		if (inet_pton(AF_INET, e->value, &bytes) != 1 &&
		    inet_pton(AF_INET6, e->value, &bytes) != 1)
			return entry_wrong(c, e, "must be an address", err);
		da->address = mem_dup(e->value);
	} else if (strcmp(key, "username") == 0) {
		if (strchr(e->value, ':') != NULL)
			return entry_wrong(c, e, "must not hold ':'", err);
		da->username = mem_dup(e->value);
	} else if (strcmp(key, "ca_file") == 0) {
		da->ca_file = entry_absolute(e->value);
	} else if (strcmp(key, "pin") == 0) {
		if (strncmp(e->value, "sha256//", 8) != 0 || strlen(e->value) != 8 + 44)
			return entry_wrong(c, e, "must be sha256// and a digest in base64", err);
		da->pin = mem_dup(e->value);
	} else if (strcmp(key, "dns_server") == 0) {
		if (addr_parse(e->value, 53, &addr, &len) < 0)
			return entry_wrong(c, e, "must be ADDRESS or ADDRESS:PORT", err);
		da->dns_server = mem_dup(e->value);
	}
	return 0;
}

static bool has_name(const struct conf_da *da, const char *host)
{
	bool has = strcmp(da->hostname, host) == 0;
	for (size_t i = 0; i < da->norigins; i++)
		has = has || strcmp(da->origins[i], host) == 0;
	return has;
}

/* A name stands for one server; else ddo could not tell whose a zone is. */
static int check_da(struct conf *c, const struct conf_entry *e, struct err *err)
{
	const struct conf_da *da = &c->da[c->nda - 1];
	if (da->hostname == NULL)
		return entry_wrong(c, e, "hostname is missing", err);
	for (size_t i = 0; i + 1 < c->nda; i++) {
		if (has_name(&c->da[i], da->hostname))
			return entry_wrong(c, e, "this hostname is there already", err);
		for (size_t k = 0; k < da->norigins; k++) {
			if (has_name(&c->da[i], da->origins[k]))
				return entry_wrong(
				    c, e, "one of its origins is another server's", err);
		}
	}
	return 0;
}

int conf_load_da(struct conf *c, const struct conf_entries *all, struct err *err)
{
	static const struct entry_elements servers = {
	    "reconciliation.directadmin_servers", add_da, set_da, check_da};
	struct sockaddr_storage addr;
	socklen_t len;
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		if (strcmp(e->path, "reconciliation.resolver") == 0 && e->value != NULL &&
		    !e->null && addr_parse(e->value, 53, &addr, &len) < 0)
			return entry_wrong(c, e, "must be ADDRESS or ADDRESS:PORT", err);
	}
	return entry_elements(c, all, &servers, err);
}

void conf_free_da(struct conf *c)
{
	for (size_t i = 0; i < c->nda; i++) {
		struct conf_da *da = &c->da[i];
		char *const strings[] = {da->hostname, da->address, da->username, da->password,
		    da->ca_file, da->pin, da->dns_server};
		for (size_t j = 0; j < sizeof(strings) / sizeof(strings[0]); j++)
			free(strings[j]);
		for (size_t j = 0; j < da->norigins; j++)
			free(da->origins[j]);
		free(da->origins);
	}
	free(c->da);
}

const struct conf_da *conf_find_da(const struct conf *c, const char *host)
{
	for (size_t i = 0; i < c->nda; i++) {
		if (has_name(&c->da[i], host))
			return &c->da[i];
	}
	return NULL;
}
