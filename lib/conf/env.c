#include "conf/env.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/schema.h"

#define BACKENDS_ENV "DADNS_DNS_BACKENDS_"

extern char **environ;

void conf_env_name(const char *path, char out[CONF_ENV_NAME_SIZE])
{
	int n = snprintf(out, CONF_ENV_NAME_SIZE, "DADNS_%s", path);
	for (int i = 6; i < n && i < CONF_ENV_NAME_SIZE - 1; i++)
		out[i] =
		    out[i] == '.' || out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
}

static int check_text(const char *name, const char *value, struct err *err)
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
	if (check_text(name, value, err) < 0)
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

/* The longest known key that `rest` ("NS1_ZONES_DIR") ends with, in capitals; 0: none. */
static size_t key_length(const char *rest, size_t len)
{
	static const char *const common[] = {"type", "enabled", "program", "timeout"};
	size_t longest = 0;
	for (size_t i = 0; i < conf_nkind_keys + 4; i++) {
		const char *key = i < 4 ? common[i] : conf_kind_keys[i - 4].key;
		size_t klen = strlen(key);
		if (klen <= longest || klen + 1 >= len || rest[len - klen - 1] != '_')
			continue;
		size_t same = 0;
		while (same < klen && rest[len - klen + same] == toupper((unsigned char)key[same]))
			same++;
		if (same == klen)
			longest = klen;
	}
	return longest;
}

/* The backend of the file that `rest` begins with, longest first: names may hold '_' and '-'. */
static const char *known_backend(const struct conf_entries *all, const char *rest, size_t len)
{
	const char *best = NULL;
	for (size_t i = 0; i < all->count; i++) {
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

static int backend_key(struct conf_entries *all, const char *variable, struct err *err)
{
	const char *rest = variable + strlen(BACKENDS_ENV);
	const char *equals = strchr(rest, '=');
	size_t len = (size_t)(equals - rest);
	char path[256], name[65], key[65];
	const char *backend = known_backend(all, rest, len);
	size_t klen = backend != NULL ? len - strlen(backend) - 1 : key_length(rest, len);
	if (len >= 200 || klen == 0 || klen >= sizeof(key) || len - klen - 1 >= sizeof(name))
		return err_set(
		    err, "environment: %.*s: no such key", (int)(equals - variable), variable);
	for (size_t i = 0; i < klen; i++)
		key[i] = (char)tolower((unsigned char)rest[len - klen + i]);
	key[klen] = '\0';
	if (backend != NULL) {
		snprintf(name, sizeof(name), "%s", backend);
	} else {
		for (size_t i = 0; i < len - klen - 1; i++)
			name[i] = (char)tolower((unsigned char)rest[i]);
		name[len - klen - 1] = '\0';
		snprintf(path, sizeof(path), CONF_BACKENDS "%s", name);
		conf_entries_add(all, path, NULL, 0);
	}
	snprintf(path, sizeof(path), CONF_BACKENDS "%s.%s", name, key);
	return set(all, path, equals + 1, err);
}

int conf_env_apply(struct conf_entries *all, struct err *err)
{
	if (global_keys(all, err) < 0)
		return -1;
	for (char **v = environ; *v != NULL; v++) {
		if (strncmp(*v, BACKENDS_ENV, strlen(BACKENDS_ENV)) == 0 &&
		    strchr(*v, '=') != NULL && backend_key(all, *v, err) < 0)
			return -1;
	}
	return 0;
}
