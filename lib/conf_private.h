/* conf_private: what conf.c and the parts of it that read one section each share. */
#ifndef DDO_CONF_PRIVATE_H
#define DDO_CONF_PRIVATE_H

#include "conf.h"
#include "conf_schema.h"
#include "conf_yaml.h"

/* -1 with "FILE:LINE: KEY: why", or the environment's name for the key. */
int conf_wrong(const struct conf *c, const struct conf_entry *e, const char *why, struct err *err);
/* For free().  A relative path is relative to the working directory, as in DirectDNSOnly. */
char *conf_absolute(const char *path);
int conf_check_value(const struct conf *c, const struct conf_entry *e, enum conf_type type,
    uint64_t min, uint64_t max, uint64_t *number, bool *flag, struct err *err);
/* "a.b[3].c" as "a.b[].c". */
void conf_without_indexes(const char *path, char *out, size_t size);

int conf_load_targets(struct conf *c, const struct conf_entries *all, struct err *err);
void conf_free_targets(struct conf *c);
int conf_load_logins(struct conf *c, const struct conf_entries *all, struct err *err);
void conf_free_logins(struct conf *c);

#endif
