/* entry: one entry of app.yml: what its value must be, and how to say that it is wrong. */
#include "conf/entry.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "conf/env.h"

int entry_wrong(const struct conf *c, const struct conf_entry *e, const char *why, struct err *err)
{
	char name[CONF_ENV_NAME_SIZE];
	if (e->line > 0)
		return err_set(err, "%s:%u: %s: %s", e->file != NULL ? e->file : c->file, e->line,
		    e->path, why);
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

bool conf_is_true(const char *value)
{
	bool yes = false;
	return parse_bool(value, &yes) == 0 && yes;
}

static int parse_number(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	size_t len = strlen(s);
	if (len == 0 || len > 18 || strspn(s, "0123456789") != len)
		return -1;
	*out = strtoull(s, NULL, 10);
	return *out < min || *out > max ? -1 : 0;
}

int entry_parse(const char *value, enum conf_type type, uint64_t min, uint64_t max,
    uint64_t *number, bool *flag, char why[ENTRY_WHY_SIZE])
{
	if (type == CONF_BOOL && parse_bool(value, flag) < 0) {
		snprintf(why, ENTRY_WHY_SIZE, "must be true or false");
		return -1;
	}
	if ((type == CONF_UINT || type == CONF_UINTS) &&
	    parse_number(value, min, max, number) < 0) {
		snprintf(why, ENTRY_WHY_SIZE, "must be a number from %llu to %llu",
		    (unsigned long long)min, (unsigned long long)max);
		return -1;
	}
	return 0;
}

int entry_check(const struct conf *c, const struct conf_entry *e, enum conf_type type, uint64_t min,
    uint64_t max, uint64_t *number, bool *flag, struct err *err)
{
	char why[ENTRY_WHY_SIZE];
	if (e->value == NULL)
		return entry_wrong(c, e, "must be a single value", err);
	return entry_parse(e->value, type, min, max, number, flag, why) == 0
		   ? 0
		   : entry_wrong(c, e, why, err);
}

char *entry_absolute(const char *path)
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

void entry_without_indexes(const char *path, char *out, size_t size)
{
	size_t n = 0;
	for (; *path != '\0' && n + 1 < size; path++) {
		out[n++] = *path;
		if (*path == '[')
			path += strspn(path + 1, "0123456789");
	}
	out[n] = '\0';
}

const char *entry_index_end(const char *path, const char *prefix)
{
	size_t len = strlen(prefix);
	if (strncmp(path, prefix, len) != 0 || path[len] != '[')
		return NULL;
	path += len + 1;
	path += strspn(path, "0123456789");
	return *path == ']' ? path + 1 : NULL;
}

/* The entries of one element follow each other. */
int entry_elements(struct conf *c, const struct conf_entries *all,
    const struct entry_elements *what, struct err *err)
{
	const struct conf_entry *first = NULL;
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_entry *e = &all->list[i];
		const char *rest = entry_index_end(e->path, what->path);
		if (rest == NULL)
			continue;
		size_t len = (size_t)(rest - e->path);
		if (first == NULL || strncmp(first->path, e->path, len) != 0) {
			if (first != NULL && what->check(c, first, err) < 0)
				return -1;
			first = e;
			what->add(c);
		}
		if (*rest == '.' && e->value != NULL && !e->null &&
		    what->set(c, e, rest + 1, err) < 0)
			return -1;
	}
	return first == NULL ? 0 : what->check(c, first, err);
}
