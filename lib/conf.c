/* conf: from flat entries to struct conf; conf_yaml.c reads the file, conf_env.c the environment.
 */
#include "conf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "conf_env.h"
#include "conf_schema.h"
#include "conf_yaml.h"
#include "file.h"
#include "mem.h"

#define BACKENDS CONF_BACKENDS
#define PASSWORD_MAX 4096

static int wrong(const struct conf *c, const struct conf_entry *e, const char *why, struct err *err)
{
	char name[CONF_ENV_NAME_SIZE];
	if (e->line > 0)
		return err_set(err, "%s:%u: %s: %s", c->file, e->line, e->path, why);
	conf_env_name(e->path, name);
	return err_set(err, "environment: %s: %s", name, why);
}

static int parse_bool(const char *s, bool *out)
{
	static const char *const yes[] = {"true", "yes", "on", "1"};
	static const char *const no[] = {"false", "no", "off", "0"};
	for (size_t i = 0; i < 4; i++) {
		if (strcasecmp(s, yes[i]) == 0 || strcasecmp(s, no[i]) == 0) {
			*out = strcasecmp(s, yes[i]) == 0;
			return 0;
		}
	}
	return -1;
}

static int parse_number(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	size_t len = strlen(s);
	if (len == 0 || len > 18 || strspn(s, "0123456789") != len)
		return -1;
	*out = strtoull(s, NULL, 10);
	return *out < min || *out > max ? -1 : 0;
}

/* A relative path is relative to the working directory, as in DirectDNSOnly. */
static char *absolute(const char *path)
{
	struct buf b = {0};
	char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	if (cwd != NULL)
		buf_addf(&b, "%s/%s", cwd, strncmp(path, "./", 2) == 0 ? path + 2 : path);
	else
		buf_adds(&b, path);
	free(cwd);
	return b.data;
}

static int check_value(const struct conf *c, const struct conf_entry *e, enum conf_type type,
    uint64_t min, uint64_t max, uint64_t *number, bool *flag, struct err *err)
{
	char why[80];
	if (e->value == NULL)
		return wrong(c, e, "must be a single value", err);
	if (type == CONF_BOOL && parse_bool(e->value, flag) < 0)
		return wrong(c, e, "must be true or false", err);
	if ((type == CONF_UINT || type == CONF_UINTS) &&
	    parse_number(e->value, min, max, number) < 0) {
		snprintf(why, sizeof(why), "must be a number from %llu to %llu",
		    (unsigned long long)min, (unsigned long long)max);
		return wrong(c, e, why, err);
	}
	return 0;
}

static int set_field(struct conf *c, const struct conf_key *k, const struct conf_entry *e,
    uint64_t number, bool flag, struct err *err)
{
	char *field = (char *)c + k->field;
	if (k->type == CONF_BOOL) {
		memcpy(field, &flag, sizeof(flag));
	} else if (k->type == CONF_UINT && k->size == sizeof(unsigned)) {
		unsigned narrow = (unsigned)number;
		memcpy(field, &narrow, sizeof(narrow));
	} else if (k->type == CONF_UINT) {
		size_t wide = (size_t)number;
		memcpy(field, &wide, sizeof(wide));
	} else {
		if (e->value[0] == '\0')
			return wrong(c, e, "is empty", err);
		char *value = k->type == CONF_PATH ? absolute(e->value) : mem_dup(e->value);
		char *old;
		memcpy(&old, field, sizeof(old));
		free(old);
		memcpy(field, &value, sizeof(value));
	}
	return 0;
}

/* "a.b[3].c" as "a.b[].c". */
static void without_indexes(const char *path, char *out, size_t size)
{
	size_t n = 0;
	for (; *path != '\0' && n + 1 < size; path++) {
		out[n++] = *path;
		if (*path == '[')
			path += strspn(path + 1, "0123456789");
	}
	out[n] = '\0';
}

static int set_global(struct conf *c, const struct conf_entry *e, struct err *err)
{
	char path[512];
	uint64_t number = 0;
	bool flag = false;
	without_indexes(e->path, path, sizeof(path));
	size_t len = strlen(path);
	bool above = false;
	for (size_t i = 0; i < conf_nkeys; i++) {
		const struct conf_key *k = &conf_keys[i];
		bool list = k->type == CONF_UINTS;
		if (list && strcmp(path, k->path) == 0 && e->value == NULL)
			return 0; /* the list itself; its elements follow */
		size_t klen = strlen(k->path);
		if (strcmp(path, k->path) == 0 && !list) {
			if (e->null)
				return 0;
			if (check_value(c, e, k->type, k->min, k->max, &number, &flag, err) < 0)
				return -1;
			return k->field < 0 ? 0 : set_field(c, k, e, number, flag, err);
		}
		if (list && strncmp(path, k->path, klen) == 0 && strcmp(path + klen, "[]") == 0) {
			if (check_value(c, e, k->type, k->min, k->max, &number, &flag, err) < 0)
				return -1;
			c->retry_s = mem_resize(c->retry_s, c->nretry + 1, sizeof(*c->retry_s));
			c->retry_s[c->nretry++] = (unsigned)number;
			return 0;
		}
		above = above ||
			(strncmp(k->path, path, len) == 0 && strchr(".[", k->path[len]) != NULL);
	}
	if (above && (e->value == NULL || e->null))
		return 0;
	return wrong(c, e, above ? "must have keys below it" : "no such key", err);
}

static const char *kind_of(const char *type)
{
	return strcmp(type, "coredns_mysql") == 0 ? "mysql" : type;
}

/* The key of this kind, any key of it when `key` is NULL; NULL: there is none. */
static const struct conf_kind_key *find_kind_key(const char *kind, const char *key)
{
	for (size_t i = 0; i < conf_nkind_keys; i++) {
		const struct conf_kind_key *k = &conf_kind_keys[i];
		if (strcmp(k->kind, kind) == 0 && (key == NULL || strcmp(k->key, key) == 0))
			return k;
	}
	return NULL;
}

static int set_option(struct conf *c, struct conf_target *t, const struct conf_entry *e,
    const char *key, struct err *err)
{
	char plain[128];
	uint64_t number;
	bool flag;
	const char *kind = kind_of(t->type);
	without_indexes(key, plain, sizeof(plain));
	bool element = strlen(plain) > 2 && strcmp(plain + strlen(plain) - 2, "[]") == 0;
	if (element)
		plain[strlen(plain) - 2] = '\0';
	enum conf_type type = CONF_TEXT;
	uint64_t min = 0, max = 0;
	if (find_kind_key(kind, NULL) != NULL) {
		const struct conf_kind_key *k = find_kind_key(kind, plain);
		if (k == NULL)
			return wrong(c, e, "no such key for this type of backend", err);
		type = k->type;
		min = k->min;
		max = k->max;
		if (element != (type == CONF_TEXTS) && !(type == CONF_TEXTS && e->value == NULL))
			return wrong(c, e, element ? "must not be a list" : "must be a list", err);
	} else {
		type = CONF_TEXTS; /* an operator's own kind: any key, one value or several */
	}
	if (e->null || (type == CONF_TEXTS && e->value == NULL))
		return 0;
	if (check_value(c, e, type, min, max, &number, &flag, err) < 0)
		return -1;
	const char *why = conf_kind_wrong(kind, plain, e->value);
	if (why != NULL)
		return wrong(c, e, why, err);
	t->options = mem_resize(t->options, t->noptions + 1, sizeof(*t->options));
	t->options[t->noptions++] = (struct conf_option){.key = mem_dup(plain),
	    .value =
		type == CONF_PATH && e->value[0] != '\0' ? absolute(e->value) : mem_dup(e->value),
	    .line = e->line};
	return 0;
}

static const struct conf_entry *find_entry(
    const struct conf_entries *all, const char *target, const char *key)
{
	char path[256];
	snprintf(path, sizeof(path), BACKENDS "%s.%s", target, key);
	for (size_t i = 0; i < all->count; i++) {
		if (strcmp(all->list[i].path, path) == 0 && !all->list[i].null)
			return &all->list[i];
	}
	return NULL;
}

static int set_common(
    struct conf *c, struct conf_target *t, const struct conf_entries *all, struct err *err)
{
	uint64_t timeout = 120;
	bool flag = true;
	const struct conf_entry *type = find_entry(all, t->name, "type");
	const struct conf_entry *enabled = find_entry(all, t->name, "enabled");
	const struct conf_entry *program = find_entry(all, t->name, "program");
	const struct conf_entry *limit = find_entry(all, t->name, "timeout");
	if ((type != NULL && check_value(c, type, CONF_TEXT, 0, 0, NULL, NULL, err) < 0) ||
	    (enabled != NULL && check_value(c, enabled, CONF_BOOL, 0, 0, NULL, &flag, err) < 0) ||
	    (program != NULL && check_value(c, program, CONF_TEXT, 0, 0, NULL, NULL, err) < 0) ||
	    (limit != NULL && check_value(c, limit, CONF_UINT, 1, 86400, &timeout, NULL, err) < 0))
		return -1;
	t->type = mem_dup(type != NULL ? type->value : t->name);
	t->enabled = flag;
	t->timeout_s = (unsigned)timeout;
	if (strspn(t->type, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(t->type) ||
	    t->type[0] == '\0')
		return wrong(c, type, "must be a word of lower-case letters", err);
	if (program != NULL && program->value[0] != '/')
		return wrong(c, program, "must be an absolute path", err);
	if (program == NULL && find_kind_key(kind_of(t->type), NULL) == NULL)
		return err_set(err,
		    "%s: " BACKENDS "%s: type is none of bind, nsd, knot, coredns_mysql, powerdns,"
		    " and there is no program",
		    c->file, t->name);
	struct buf b = {0};
	const char *kind = kind_of(t->type);
	buf_addf(
	    &b, "%s/ddo-push-%s", c->libexec_dir, strcmp(kind, "powerdns") == 0 ? "pdns" : kind);
	t->program = program != NULL ? mem_dup(program->value) : mem_dup(b.data);
	buf_free(&b);
	return 0;
}

static int check_target_name(
    const struct conf *c, const struct conf_entry *e, const char *name, struct err *err)
{
	if (e->value != NULL && !e->null)
		return wrong(c, e, "must have keys below it", err);
	return name[0] == '-' ? wrong(c, e, "must not start with '-'", err) : 0;
}

static int load_targets(struct conf *c, const struct conf_entries *all, struct err *err)
{
	const size_t prefix = strlen(BACKENDS);
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		if (strncmp(e->path, BACKENDS, prefix) != 0 ||
		    strchr(e->path + prefix, '.') != NULL)
			continue;
		const char *name = e->path + prefix;
		if (check_target_name(c, e, name, err) < 0)
			return -1;
		c->targets = mem_resize(c->targets, c->ntargets + 1, sizeof(*c->targets));
		struct conf_target *t = &c->targets[c->ntargets++];
		*t = (struct conf_target){.name = mem_dup(name)};
		if (set_common(c, t, all, err) < 0)
			return -1;
		for (size_t j = 0; j < all->count; j++) {
			const struct conf_entry *o = &all->list[j];
			size_t len = strlen(e->path);
			if (strncmp(o->path, e->path, len) != 0 || o->path[len] != '.')
				continue;
			const char *key = o->path + len + 1;
			bool common = strcmp(key, "type") == 0 || strcmp(key, "enabled") == 0 ||
				      strcmp(key, "program") == 0 || strcmp(key, "timeout") == 0;
			if (!common && set_option(c, t, o, key, err) < 0)
				return -1;
		}
		if (t->enabled && conf_lacks(t) != NULL)
			return wrong(c, e, conf_lacks(t), err);
	}
	return 0;
}

static int load_password(struct conf *c, const struct conf_entries *all, struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		if (strcmp(e->path, "app.auth_password_file") != 0 || e->null)
			continue;
		if (c->auth_password != NULL)
			return wrong(c, e, "there is app.auth_password too: use one of them", err);
		struct buf text = {0};
		char *path = absolute(e->value);
		struct err why;
		int r = file_read(AT_FDCWD, path, &text, PASSWORD_MAX, &why);
		free(path);
		if (r == 0)
			text.len = strcspn(buf_str(&text), "\r\n");
		c->auth_password = r == 0 && text.len > 0 ? mem_dupn(text.data, text.len) : NULL;
		buf_free(&text);
		if (c->auth_password == NULL)
			return wrong(c, e, r == 0 ? "the file is empty" : why.text, err);
	}
	if (c->auth_password != NULL && strcmp(c->auth_password, "changeme") == 0)
		return err_set(err,
		    "%s: app.auth_password: \"changeme\" is everybody's password: set"
		    " another (or DADNS_APP_AUTH_PASSWORD)",
		    c->file);
	return 0;
}

static int load_rest(struct conf *c, const struct conf_entries *all, struct err *err)
{
	static const char *const levels[] = {"error", "warn", "warning", "info", "debug"};
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		if (strcmp(e->path, "datastore.type") == 0 && !e->null &&
		    strcmp(e->value, "sqlite") != 0)
			return wrong(c, e,
			    "must be sqlite: ddo keeps its store in one file of its own", err);
		if (strcmp(e->path, "log_level") == 0 && !e->null) {
			bool good = false;
			for (size_t l = 0; l < 5; l++)
				good = good || strcasecmp(e->value, levels[l]) == 0;
			if (!good)
				return wrong(c, e, "must be error, warn, info or debug", err);
		}
	}
	if (c->nretry == 0) {
		static const unsigned schedule[] = {30, 120, 300, 900, 1800};
		c->nretry = 5;
		c->retry_s = mem_alloc(sizeof(schedule));
		memcpy(c->retry_s, schedule, sizeof(schedule));
	}
	return load_password(c, all, err);
}

static void set_defaults(struct conf *c)
{
	c->spool_dir = mem_dup("/var/spool/ddo");
	c->db_path = mem_dup("/var/lib/ddo/zones.db");
	c->run_dir = mem_dup("/run/ddo");
	c->libexec_dir = mem_dup(LIBEXECDIR);
	c->log_level = mem_dup("info");
	c->auth_username = mem_dup("directdnsonly");
	c->listen_port = 2222;
	c->check_subdomain_owner = true;
	c->max_body = (size_t)16 << 20;
	c->max_records = 100000;
	c->max_connections = 1000;
	c->max_connections_per_address = 100;
	c->request_timeout_s = 30;
	c->threads = 8;
	c->batch_zones = 1000;
	c->batch_bytes = (size_t)16 << 20;
	c->rescan_s = 15;
	c->linger_s = 30;
	c->stop_s = 5;
}

static int load_all(struct conf *c, const struct conf_entries *all, struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		bool target = strncmp(e->path, BACKENDS, strlen(BACKENDS)) == 0;
		bool top = strcmp(e->path, "dns.backends") == 0;
		if (top && e->value != NULL && !e->null)
			return wrong(c, e, "must have keys below it", err);
		if (!target && !top && set_global(c, e, err) < 0)
			return -1;
	}
	return load_targets(c, all, err) < 0 ? -1 : load_rest(c, all, err);
}

int conf_load(struct conf **out, const char *path, struct err *err)
{
	if (path == NULL)
		path = getenv("DDO_CONFIG");
	struct conf *c = mem_alloc(sizeof(*c));
	struct conf_entries all = {0};
	c->file = absolute(path == NULL || path[0] == '\0' ? CONF_DEFAULT_FILE : path);
	set_defaults(c);
	int r = conf_yaml_read(c->file, &all, err);
	if (r == 0)
		r = conf_env_apply(&all, err);
	if (r == 0)
		r = load_all(c, &all, err);
	conf_entries_free(&all);
	if (r < 0)
		conf_free(c);
	else
		*out = c;
	return r;
}

void conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	char *const strings[] = {c->file, c->spool_dir, c->db_path, c->run_dir, c->libexec_dir,
	    c->log_level, c->auth_username, c->auth_password};
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		free(strings[i]);
	free(c->retry_s);
	for (size_t i = 0; i < c->ntargets; i++) {
		struct conf_target *t = &c->targets[i];
		for (size_t j = 0; j < t->noptions; j++) {
			free(t->options[j].key);
			free(t->options[j].value);
		}
		free(t->options);
		free(t->name);
		free(t->type);
		free(t->program);
	}
	free(c->targets);
	free(c);
}

const struct conf_target *conf_find_target(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->ntargets; i++) {
		if (strcmp(c->targets[i].name, name) == 0)
			return &c->targets[i];
	}
	return NULL;
}

const char *conf_option(const struct conf_target *t, const char *key, const char *fallback)
{
	for (size_t i = 0; i < t->noptions; i++) {
		if (strcmp(t->options[i].key, key) == 0)
			return t->options[i].value;
	}
	return fallback;
}
