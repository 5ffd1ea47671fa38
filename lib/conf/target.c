/* conf_target: the part of app.yml below dns.backends. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "conf/conf_private.h"
#include "conf/env.h"

const char *conf_kind(const char *type)
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

bool conf_known_kind(const char *type)
{
	return find_kind_key(conf_kind(type), NULL) != NULL;
}

static int set_option(struct conf *c, struct conf_target *t, const struct conf_entry *e,
    const char *key, struct err *err)
{
	char plain[128];
	uint64_t number;
	bool flag;
	const char *kind = conf_kind(t->type);
	conf_without_indexes(key, plain, sizeof(plain));
	bool element = strlen(plain) > 2 && strcmp(plain + strlen(plain) - 2, "[]") == 0;
	if (element)
		plain[strlen(plain) - 2] = '\0';
	enum conf_type type = CONF_TEXT;
	uint64_t min = 0, max = 0;
	if (find_kind_key(kind, NULL) != NULL) {
		const struct conf_kind_key *k = find_kind_key(kind, plain);
		if (k == NULL)
			return conf_wrong(c, e, "no such key for this type of backend", err);
		type = k->type;
		min = k->min;
		max = k->max;
		if (element != (type == CONF_TEXTS) && !(type == CONF_TEXTS && e->value == NULL))
			return conf_wrong(
			    c, e, element ? "must not be a list" : "must be a list", err);
	} else {
		type = CONF_TEXTS; /* an operator's own kind: any key, one value or several */
	}
	if (e->null || (type == CONF_TEXTS && e->value == NULL))
		return 0;
	if (conf_check_value(c, e, type, min, max, &number, &flag, err) < 0)
		return -1;
	const char *why = conf_kind_wrong(kind, plain, e->value);
	if (why != NULL)
		return conf_wrong(c, e, why, err);
	t->options = mem_resize(t->options, t->noptions + 1, sizeof(*t->options));
	t->options[t->noptions++] = (struct conf_option){.key = mem_dup(plain),
	    .value = type == CONF_PATH && e->value[0] != '\0' ? conf_absolute(e->value)
							      : mem_dup(e->value),
	    .line = e->line};
	return 0;
}

static const struct conf_entry *find_entry(
    const struct conf_entries *all, const char *target, const char *key)
{
	char path[256];
	snprintf(path, sizeof(path), CONF_BACKENDS "%s.%s", target, key);
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
	if ((type != NULL && conf_check_value(c, type, CONF_TEXT, 0, 0, NULL, NULL, err) < 0) ||
	    (enabled != NULL &&
		conf_check_value(c, enabled, CONF_BOOL, 0, 0, NULL, &flag, err) < 0) ||
	    (program != NULL &&
		conf_check_value(c, program, CONF_TEXT, 0, 0, NULL, NULL, err) < 0) ||
	    (limit != NULL &&
		conf_check_value(c, limit, CONF_UINT, 1, 86400, &timeout, NULL, err) < 0))
		return -1;
	t->type = mem_dup(type != NULL ? type->value : t->name);
	t->enabled = flag;
	t->timeout_s = (unsigned)timeout;
	if (strspn(t->type, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(t->type) ||
	    t->type[0] == '\0')
		return type != NULL
			   ? conf_wrong(c, type, "must be a word of lower-case letters", err)
			   : err_set(
				 err, "%s: " CONF_BACKENDS "%s: type is missing", c->file, t->name);
	if (program != NULL && program->value[0] != '/')
		return conf_wrong(c, program, "must be an absolute path", err);
	if (program == NULL && !conf_known_kind(t->type))
		return err_set(err,
		    "%s: " CONF_BACKENDS
		    "%s: type is none of bind, nsd, knot, coredns_mysql, powerdns,"
		    " and there is no program",
		    c->file, t->name);
	struct buf b = {0};
	const char *kind = conf_kind(t->type);
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
		return conf_wrong(c, e, "must have keys below it", err);
	return name[0] == '-' ? conf_wrong(c, e, "must not start with '-'", err) : 0;
}

int conf_load_targets(struct conf *c, const struct conf_entries *all, struct err *err)
{
	const size_t prefix = strlen(CONF_BACKENDS);
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		if (strncmp(e->path, CONF_BACKENDS, prefix) != 0 ||
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
			return conf_wrong(c, e, conf_lacks(t), err);
	}
	return 0;
}

void conf_free_targets(struct conf *c)
{
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
