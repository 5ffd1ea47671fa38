/* env: DADNS_* variables over the entries of app.yml. */
#include "conf/env.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/schema.h"

#define BACKENDS_ENV "DADNS_DNS_BACKENDS_"
#define NAME_MOST 64 /* of a target or a key */

extern char **environ;

void conf_env_name(const char *path, char out[CONF_ENV_NAME_SIZE])
{
	int n = snprintf(out, CONF_ENV_NAME_SIZE, "DADNS_%s", path);
	for (int i = 6; i < n && i < CONF_ENV_NAME_SIZE - 1; i++)
		out[i] =
		    out[i] == '.' || out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
}

int conf_env_text(const char *name, const char *value, struct err *err)
{
	for (; *value != '\0'; value++) {
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return err_set(
			    err, "environment: %s: the value holds a control character", name);
	}
	return 0;
}

static struct conf_entry *find(struct conf_entries *all, const char *path)
{
	for (size_t i = 0; i < all->count; i++) {
		if (strcmp(all->list[i].path, path) == 0)
			return &all->list[i];
	}
	return NULL;
}

static int set(struct conf_entries *all, const char *path, const char *value, struct err *err)
{
	char name[CONF_ENV_NAME_SIZE];
	struct conf_entry *e = find(all, path);
	conf_env_name(path, name);
	if (conf_env_text(name, value, err) < 0)
		return -1;
	if (e == NULL) {
		conf_entries_add(all, path, value, 0);
		return 0;
	}
	free(e->value);
	e->value = mem_dup(value);
	e->line = 0;
	e->null = false;
	return 0;
}

static int global_keys(struct conf_entries *all, struct err *err)
{
	char name[CONF_ENV_NAME_SIZE];
	for (size_t i = 0; i < conf_nkeys; i++) {
		if (strstr(conf_keys[i].path, "[]") != NULL || conf_keys[i].type == CONF_UINTS ||
		    conf_keys[i].type == CONF_TEXTS)
			continue;
		conf_env_name(conf_keys[i].path, name);
		const char *value = getenv(name);
		if (value != NULL && set(all, conf_keys[i].path, value, err) < 0)
			return -1;
	}
	return 0;
}

/* The length of the common key that `rest` ("NS1_TYPE") ends with; 0: none.  Only keys with which
 * no option of ddo's push programs ends may declare a target: CONNECT_TIMEOUT is an option. */
static size_t declaring_key(const char *rest, size_t len)
{
	static const char *const common[] = {"_TYPE", "_ENABLED", "_PROGRAM"};
	for (size_t i = 0; i < 3; i++) {
		size_t klen = strlen(common[i]);
		if (len > klen && strncmp(rest + len - klen, common[i], klen) == 0)
			return klen - 1;
	}
	return 0;
}

/* The longest name of a target, among the first `count` entries, that `rest` begins with: names may
 * hold '_' and '-'. */
static const char *known_backend(
    const struct conf_entries *all, size_t count, const char *rest, size_t len)
{
	const char *best = NULL;
	for (size_t i = 0; i < count; i++) {
		const char *path = all->list[i].path;
		if (strncmp(path, CONF_BACKENDS, strlen(CONF_BACKENDS)) != 0)
			continue;
		const char *name = path + strlen(CONF_BACKENDS);
		char upper[CONF_ENV_NAME_SIZE];
		if (strchr(name, '.') != NULL)
			continue;
		conf_env_name(path, upper);
		size_t ulen = strlen(upper) - strlen(BACKENDS_ENV);
		if (ulen < len && rest[ulen] == '_' &&
		    strncmp(upper + strlen(BACKENDS_ENV), rest, ulen) == 0 &&
		    (best == NULL || strlen(name) > strlen(best)))
			best = name;
	}
	return best;
}

static const char *variable_name(const char *variable, size_t *len)
{
	const char *rest = variable + strlen(BACKENDS_ENV);
	*len = (size_t)(strchr(rest, '=') - rest);
	return rest;
}

/* DirectDNSOnly's targets "bind" and "nsd" have paths without being told, from the environment. */
static void add_paths(struct conf_entries *all, const char *target)
{
	static const char *const paths[][2] = {{"bind.zones_dir", "/etc/named/zones"},
	    {"bind.named_conf", "/etc/named.conf.local"}, {"nsd.zones_dir", "/etc/nsd/zones"},
	    {"nsd.nsd_conf", "/etc/nsd/nsd.conf.d/zones.conf"}};
	size_t len = strlen(target);
	for (size_t i = 0; i < 4; i++) {
		char path[80];
		snprintf(path, sizeof(path), CONF_BACKENDS "%s", paths[i][0]);
		if (strncmp(path, target, len) == 0 && path[len] == '.')
			conf_entries_add(all, path, paths[i][1], 0);
	}
}

/* A target that the file does not have, as in containers: NS9_TYPE and the like declare "ns9".
 * Only the names of the file count here: the order of the variables must not matter. */
static void declare(struct conf_entries *all, size_t from_file, const char *variable)
{
	size_t len;
	const char *rest = variable_name(variable, &len);
	size_t klen = declaring_key(rest, len);
	size_t nlen = klen == 0 ? 0 : len - klen - 1;
	char path[sizeof(CONF_BACKENDS) + NAME_MOST] = CONF_BACKENDS;
	if (nlen == 0 || nlen > NAME_MOST || known_backend(all, from_file, rest, len) != NULL)
		return;
	for (size_t i = 0; i < nlen; i++)
		path[strlen(CONF_BACKENDS) + i] = (char)tolower((unsigned char)rest[i]);
	path[strlen(CONF_BACKENDS) + nlen] = '\0';
	if (find(all, path) == NULL) {
		conf_entries_add(all, path, NULL, 0);
		add_paths(all, path);
	}
}

static int backend_key(struct conf_entries *all, const char *variable, struct err *err)
{
	size_t len;
	const char *rest = variable_name(variable, &len);
	const char *backend = known_backend(all, all->count, rest, len);
	char path[sizeof(CONF_BACKENDS) + 2 * NAME_MOST + 1];
	size_t klen = backend == NULL ? 0 : len - strlen(backend) - 1;
	if (klen == 0 || klen > NAME_MOST)
		return err_set(err,
		    "environment: %.*s: no such key; a backend that app.yml does not have "
		    "needs " BACKENDS_ENV "<NAME>_TYPE",
		    (int)(rest + len - variable), variable);
	int n = snprintf(path, sizeof(path), CONF_BACKENDS "%s.", backend);
	for (size_t i = 0; i < klen; i++)
		path[(size_t)n + i] = (char)tolower((unsigned char)rest[len - klen + i]);
	path[(size_t)n + klen] = '\0';
	return set(all, path, rest + len + 1, err);
}

static bool is_backend_key(const char *variable)
{
	return strncmp(variable, BACKENDS_ENV, strlen(BACKENDS_ENV)) == 0 &&
	       strchr(variable, '=') != NULL;
}

int conf_env_apply(struct conf_entries *all, struct err *err)
{
	if (global_keys(all, err) < 0)
		return -1;
	size_t from_file = all->count;
	for (char **v = environ; *v != NULL; v++) {
		if (is_backend_key(*v))
			declare(all, from_file, *v);
	}
	for (char **v = environ; *v != NULL; v++) {
		if (is_backend_key(*v) && backend_key(all, *v, err) < 0)
			return -1;
	}
	return 0;
}
