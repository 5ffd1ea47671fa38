/* conf_private: what conf.c and the parts of it that read one section each share. */
#ifndef DDO_CONF_PRIVATE_H
#define DDO_CONF_PRIVATE_H

#include "conf/conf.h"
#include "conf/schema.h"
#include "conf/yaml.h"

/* -1 with "FILE:LINE: KEY: why", or the environment's name for the key. */
int conf_wrong(const struct conf *c, const struct conf_entry *e, const char *why, struct err *err);
/* For free().  A relative path is relative to the working directory, as in DirectDNSOnly. */
char *conf_absolute(const char *path);
int conf_check_value(const struct conf *c, const struct conf_entry *e, enum conf_type type,
    uint64_t min, uint64_t max, uint64_t *number, bool *flag, struct err *err);
/* "a.b[3].c" as "a.b[].c". */
void conf_without_indexes(const char *path, char *out, size_t size);

/* "x[3].y" with prefix "x" gives ".y", "x[3]" an empty string, everything else NULL. */
const char *conf_index_end(const char *path, const char *prefix);

/* A list of mappings: for each of its elements add(), then set() for each value in it, then check()
 * with the element's own entry.  -1 of these ends it. */
struct conf_elements {
	const char *path;
	void (*add)(struct conf *c);
	int (*set)(struct conf *c, const struct conf_entry *e, const char *key, struct err *err);
	int (*check)(struct conf *c, const struct conf_entry *e, struct err *err);
};
int conf_load_elements(struct conf *c, const struct conf_entries *all,
    const struct conf_elements *what, struct err *err);

/* password: and password_file: of something; the two together are an error. */
int conf_set_password(
    struct conf *c, const struct conf_entry *e, const char *key, char **out, struct err *err);
/* A host name or an address, in normal form. */
int conf_add_host(
    struct conf *c, const struct conf_entry *e, char ***list, size_t *count, struct err *err);

int conf_load_targets(struct conf *c, const struct conf_entries *all, struct err *err);
void conf_free_targets(struct conf *c);
int conf_load_logins(struct conf *c, const struct conf_entries *all, struct err *err);
void conf_free_logins(struct conf *c);
int conf_load_da(struct conf *c, const struct conf_entries *all, struct err *err);
void conf_free_da(struct conf *c);

#endif
