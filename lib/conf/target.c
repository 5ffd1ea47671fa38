/* target: the part of app.yml below dns.backends. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "conf/conf_private.h"
#include "conf/env.h"

#define PUSHER "ddo-push-"

/* ddo's own types, and the push program of each. */
static const char *const own[][2] = {{"bind", "bind"}, {"nsd", "nsd"}, {"knot", "knot"},
    {"mysql", "mysql"}, {"coredns_mysql", "mysql"}, {"powerdns", "pdns"}};

static const char *find_own(const char *type)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strcmp(own[i][0], type) == 0)
			return own[i][1];
	}
	return NULL;
}

const char *conf_kind(const char *type)
{
	return strcmp(type, "coredns_mysql") == 0 ? "mysql" : type;
}

bool conf_known_kind(const char *type)
{
	return find_own(type) != NULL;
}

static void add_option(struct conf_target *t, const struct conf_entry *e, const char *key)
{
	char plain[256];
	entry_without_indexes(key, plain, sizeof(plain));
	size_t len = strlen(plain);
	bool element = len > 2 && strcmp(plain + len - 2, "[]") == 0;
	if (element)
		plain[len - 2] = '\0';
	t->options = mem_resize(t->options, t->noptions + 1, sizeof(*t->options));
	t->options[t->noptions++] = (struct conf_option){.key = mem_dup(plain),
	    .shape = e->value == NULL ? CONF_LIST
		     : e->null        ? CONF_NULL
		     : element        ? CONF_ELEMENT
				      : CONF_VALUE,
	    .value = e->value == NULL || e->null ? NULL : mem_dup(e->value),
	    .file = e->file,
	    .line = e->line};
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

/* For free(). */
static char *program_of(const struct conf *c, const char *type)
{
	struct buf b = {0};
	buf_addf(
	    &b, "%s/" PUSHER "%s", c->libexec_dir, find_own(type) != NULL ? find_own(type) : type);
	return b.data;
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
	if ((type != NULL && entry_check(c, type, CONF_TEXT, 0, 0, NULL, NULL, err) < 0) ||
	    (enabled != NULL && entry_check(c, enabled, CONF_BOOL, 0, 0, NULL, &flag, err) < 0) ||
	    (program != NULL && entry_check(c, program, CONF_TEXT, 0, 0, NULL, NULL, err) < 0) ||
	    (limit != NULL && entry_check(c, limit, CONF_UINT, 1, 86400, &timeout, NULL, err) < 0))
		return -1;
	t->type = mem_dup(type != NULL ? type->value : t->name);
	t->enabled = flag;
	t->timeout_s = (unsigned)timeout;
	if (strspn(t->type, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(t->type) ||
	    t->type[0] == '\0')
		return type != NULL
			   ? entry_wrong(c, type, "must be a word of lower-case letters", err)
			   : err_set(
				 err, "%s: " CONF_BACKENDS "%s: type is missing", c->file, t->name);
	if (program != NULL && program->value[0] != '/')
		return entry_wrong(c, program, "must be an absolute path", err);
	t->by_type = program == NULL;
	t->program = t->by_type ? program_of(c, t->type) : mem_dup(program->value);
	return 0;
}

static int check_target_name(
    const struct conf *c, const struct conf_entry *e, const char *name, struct err *err)
{
	if (e->value != NULL && !e->null)
		return entry_wrong(c, e, "must have keys below it", err);
	return name[0] == '-' ? entry_wrong(c, e, "must not start with '-'", err) : 0;
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
		*t = (struct conf_target){.name = mem_dup(name), .file = e->file, .line = e->line};
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
			if (!common)
				add_option(t, o, key);
		}
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

size_t conf_enabled_targets(const struct conf *c)
{
	size_t count = 0;
	for (size_t i = 0; i < c->ntargets; i++)
		count += c->targets[i].enabled;
	return count;
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
		if (t->options[i].value != NULL && strcmp(t->options[i].key, key) == 0)
			return t->options[i].value;
	}
	return fallback;
}

int conf_option_wrong(const struct conf *c, const struct conf_target *t,
    const struct conf_option *o, const char *why, struct err *err)
{
	struct buf path = {0};
	buf_addf(&path, CONF_BACKENDS "%s", t->name);
	if (o != NULL)
		buf_addf(&path, ".%s", o->key);
	struct conf_entry e = {.path = path.data,
	    .file = o != NULL ? o->file : t->file,
	    .line = o != NULL ? o->line : t->line};
	entry_wrong(c, &e, why, err);
	buf_free(&path);
	return -1;
}

static int is_pusher(const struct dirent *d)
{
	return strncmp(d->d_name, PUSHER, strlen(PUSHER)) == 0;
}

/* "bind, knot, powerdns": the types that the programs in libexec_dir serve. */
static void list_types(const struct conf *c, struct buf *out)
{
	struct dirent **names = NULL;
	int count = scandir(c->libexec_dir, &names, is_pusher, alphasort);
	for (int i = 0; i < count; i++) {
		const char *kind = names[i]->d_name + strlen(PUSHER);
		const char *type = kind;
		/* The last type of a program is the one that the manual uses. */
		for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++)
			type = strcmp(own[k][1], kind) == 0 ? own[k][0] : type;
		buf_addf(out, "%s%s", out->len > 0 ? ", " : "", type);
		free(names[i]);
	}
	free(names);
}

int conf_find_program(const struct conf *c, const struct conf_target *t, struct err *err)
{
	struct buf why = {0}, types = {0};
	if (!t->by_type || access(t->program, X_OK) == 0)
		return 0;
	list_types(c, &types);
	buf_addf(&why, "there is no %s for type %s, and no program: is set; types with one: %s",
	    t->program, t->type, types.len > 0 ? types.data : "none");
	conf_option_wrong(c, t, NULL, why.data, err);
	buf_free(&why);
	buf_free(&types);
	return -1;
}
