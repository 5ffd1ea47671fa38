/* layout: finds what a DirectDNSOnly left, from its app.yml or without one. */
#include "layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "conf/env.h"
#include "conf/yaml.h"
#include "old.h"

#define ENVIRONMENT_MOST ((size_t)1 << 20)

extern char **environ;

struct search {
	struct layout *out;
	char *root;      /* what paths are relative to */
	bool configured; /* absolute paths count as they are */
	struct conf_entries entries;
};

static const char *value_of(const struct search *s, const char *path)
{
	for (size_t i = 0; i < s->entries.count; i++) {
		const struct conf_entry *e = &s->entries.list[i];
		if (strcmp(e->path, path) == 0)
			return e->value == NULL || e->null ? NULL : e->value;
	}
	return NULL;
}

static char *if_there(char *path)
{
	if (old_exists(path))
		return path;
	free(path);
	return NULL;
}

/* Where a path of the configuration is; NULL: nowhere. */
static char *resolve(const struct search *s, const char *path)
{
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	const char *last = strrchr(path, '/');
	char *found = if_there(old_path(s->root, path));
	if (found == NULL && path[0] == '/' && last[1] != '\0')
		found = if_there(old_path(s->root, last));
	if (found == NULL && path[0] == '/' && s->configured)
		found = if_there(mem_dup(path));
	/* app.yml may lie in config/, beside data/. */
	if (found == NULL && path[0] != '/' && s->configured) {
		char *above = old_path(s->root, "..");
		found = if_there(old_path(above, path));
		free(above);
	}
	return found;
}

static char *first_of(const struct search *s, const char *const *paths)
{
	char *found = NULL;
	for (; found == NULL && *paths != NULL; paths++)
		found = resolve(s, *paths);
	return found;
}

static bool same_place(const char *a, const char *b)
{
	return (a == NULL && b == NULL) || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void add_place(struct search *s, const char *zones, const char *list)
{
	struct layout *out = s->out;
	struct layout_place place = {.zones = resolve(s, zones), .list = resolve(s, list)};
	bool known = place.zones == NULL && place.list == NULL;
	for (size_t i = 0; i < out->nplaces; i++)
		known = known || (same_place(out->places[i].zones, place.zones) &&
				     same_place(out->places[i].list, place.list));
	if (!known && out->nplaces < LAYOUT_PLACES) {
		out->places[out->nplaces++] = place;
		return;
	}
	free(place.zones);
	free(place.list);
}

static const char *below(
    const struct search *s, const char *backend, const char *key, const char *fallback)
{
	char path[CONF_ENV_NAME_SIZE];
	snprintf(path, sizeof(path), "%s.%s", backend, key);
	const char *value = value_of(s, path);
	return value == NULL ? fallback : value;
}

static void add_backend(struct search *s, const char *path)
{
	const char *type = below(s, path, "type", path + strlen(CONF_BACKENDS));
	const char *enabled = below(s, path, "enabled", "true");
	if (strcasecmp(enabled, "false") == 0 || strcasecmp(enabled, "no") == 0 ||
	    strcasecmp(enabled, "off") == 0 || strcmp(enabled, "0") == 0)
		return;
	if (strcmp(type, "bind") == 0)
		add_place(s, below(s, path, "zones_dir", "/etc/named/zones"),
		    below(s, path, "named_conf", "/etc/named.conf.local"));
	else if (strcmp(type, "nsd") == 0)
		add_place(s, below(s, path, "zones_dir", "/etc/nsd/zones"),
		    below(s, path, "nsd_conf", "/etc/nsd/nsd.conf.d/zones.conf"));
}

/* Where the images and 1.0.9 have their zones. */
static void add_usual_places(struct search *s)
{
	add_place(s, "data/zones", "data/named.conf.include");
	add_place(s, "zones", "named.conf.include");
	add_place(s, "/etc/named/zones", "/etc/named.conf.local");
	add_place(s, "/etc/nsd/zones", "/etc/nsd/nsd.conf.d/zones.conf");
	add_place(s, "/etc/named/directdnsonly", "/etc/named/directdnsonly.inc");
}

static void find_places(struct search *s)
{
	bool any = false;
	for (size_t i = 0; i < s->entries.count; i++) {
		const char *path = s->entries.list[i].path;
		if (strncmp(path, CONF_BACKENDS, strlen(CONF_BACKENDS)) == 0 &&
		    strchr(path + strlen(CONF_BACKENDS), '.') == NULL) {
			any = true;
			add_backend(s, path);
		}
	}
	if (value_of(s, "db_location") != NULL) /* 1.0.9 */
		add_place(s, "/etc/named/directdnsonly", "/etc/named/directdnsonly.inc");
	else if (!any)
		add_usual_places(s);
}

static void find_all(struct search *s)
{
	static const char *const databases[] = {
	    "data/directdnsonly.db", "data/directdns.db", "directdnsonly.db", "directdns.db", NULL};
	static const char *const queues[] = {"data/queues", "queues", "conf/queues", NULL};
	const char *database = value_of(s, "datastore.db_location");
	const char *queue = value_of(s, "queue_location");
	if (database == NULL)
		database = value_of(s, "db_location");
	s->out->database =
	    database != NULL ? resolve(s, database) : first_of(s, databases + !s->configured);
	s->out->queues = queue != NULL ? resolve(s, queue) : first_of(s, queues);
	find_places(s);
}

/* Lets the variables of the file speak over the entries, as those of a program do. */
static int apply_environment(struct search *s, const char *file, struct err *err)
{
	struct buf text = {0};
	char **list = NULL, **own = environ;
	size_t count = 0;
	int r = old_read(file, true, ENVIRONMENT_MOST, &text, err);
	for (char *at = text.data, *line; r == 0 && at != NULL && at < text.data + text.len;) {
		line = at;
		at += strcspn(at, "\r\n"); /* of /proc/PID/environ: a NUL */
		*at++ = '\0';
		if (strncmp(line, "DADNS_", 6) != 0 || strchr(line, '=') == NULL)
			continue;
		list = mem_resize(list, count + 2, sizeof(*list));
		list[count++] = line;
		list[count] = NULL;
	}
	if (r == 0 && count > 0) {
		environ = list;
		r = conf_env_apply(&s->entries, err);
		environ = own;
	}
	free(list);
	buf_free(&text);
	return r;
}

static char *directory_of(const char *file)
{
	const char *slash = strrchr(file, '/');
	if (slash == NULL)
		return mem_dup(".");
	return slash == file ? mem_dup("/") : mem_dupn(file, (size_t)(slash - file));
}

static int open_search(struct search *s, const char *operand, struct err *err)
{
	static const char *const configs[] = {
	    "app.yml", "config/app.yml", "etc/directdnsonly/app.yml", "src/config/app.yml", NULL};
	if (!old_exists(operand))
		return err_sys(err, "%s", operand);
	if (old_is_dir(operand)) {
		s->root = mem_dup(operand);
		s->out->config = first_of(s, configs);
	} else {
		s->root = directory_of(operand);
		s->out->config = mem_dup(operand);
	}
	s->configured = s->out->config != NULL;
	return 0;
}

int layout_find(struct layout *out, const char *operand, const char *environment, struct err *err)
{
	struct search s = {.out = out};
	*out = (struct layout){0};
	int r = open_search(&s, operand, err);
	if (r == 0 && out->config != NULL)
		r = conf_yaml_read(out->config, true, &s.entries, err);
	if (r == 0 && environment != NULL)
		r = apply_environment(&s, environment, err);
	if (r == 0)
		find_all(&s);
	conf_entries_free(&s.entries);
	free(s.root);
	return r;
}
