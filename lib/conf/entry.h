/* entry: one entry of app.yml: what its value must be, and how to say that it is wrong.
 *
 * The sections (login, directadmin, target) and the loader call this; it knows none of them.
 * A function that returns -1 has set err to "FILE:LINE: KEY: what is wrong"; an entry of line 0
 * comes from the environment and has its variable's name instead.  No reason holds a value: it
 * may be a secret.
 *
 * entry_elements() walks over a list of mappings, such as app.credentials: for each element it
 * calls add(), then set() for each value in it, then check() with the element's own entry.  The
 * first -1 ends the walk.
 */
#ifndef DDO_CONF_ENTRY_H
#define DDO_CONF_ENTRY_H

#include "conf/conf.h"
#include "conf/yaml.h"

enum conf_type { CONF_TEXT, CONF_PATH, CONF_SECRET, CONF_BOOL, CONF_UINT, CONF_UINTS, CONF_TEXTS };

#define ENTRY_WHY_SIZE 80

int entry_wrong(const struct conf *c, const struct conf_entry *e, const char *why, struct err *err);

/* -1: why says what `value` must be.  *number is set for CONF_UINT and CONF_UINTS, *flag for
 * CONF_BOOL; other types take any value. */
int entry_parse(const char *value, enum conf_type type, uint64_t min, uint64_t max,
    uint64_t *number, bool *flag, char why[ENTRY_WHY_SIZE]);
/* The same of an entry, which must be a single value. */
int entry_check(const struct conf *c, const struct conf_entry *e, enum conf_type type, uint64_t min,
    uint64_t max, uint64_t *number, bool *flag, struct err *err);

/* For free().  A relative path is relative to the working directory, as in DirectDNSOnly. */
char *entry_absolute(const char *path);
/* "a.b[3].c" as "a.b[].c". */
void entry_without_indexes(const char *path, char *out, size_t size);
/* "x[3].y" with prefix "x" gives ".y", "x[3]" an empty string, everything else NULL. */
const char *entry_index_end(const char *path, const char *prefix);

struct entry_elements {
	const char *path;
	void (*add)(struct conf *c);
	int (*set)(struct conf *c, const struct conf_entry *e, const char *key, struct err *err);
	int (*check)(struct conf *c, const struct conf_entry *e, struct err *err);
};
int entry_elements(struct conf *c, const struct conf_entries *all,
    const struct entry_elements *what, struct err *err);

#endif
