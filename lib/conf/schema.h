/* conf_schema: the table of every key that app.yml may hold. */
#ifndef DDO_CONF_SCHEMA_H
#define DDO_CONF_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

enum conf_type { CONF_TEXT, CONF_PATH, CONF_SECRET, CONF_BOOL, CONF_UINT, CONF_UINTS, CONF_TEXTS };

struct conf_key {
	const char *path; /* "[]" stands for any element of a list */
	enum conf_type type;
	int64_t field; /* offset in struct conf; -1: checked, read by nobody yet */
	size_t size;   /* of that field: 1 bool, 4 unsigned, 8 size_t or pointer */
	uint64_t min, max;
};

extern const struct conf_key conf_keys[];
extern const size_t conf_nkeys;

struct conf_kind_key {
	const char *kind; /* one of the known kinds */
	const char *key;
	enum conf_type type;
	uint64_t min, max; /* for numbers */
};

extern const struct conf_kind_key conf_kind_keys[];
extern const size_t conf_nkind_keys;

/* What is wrong with this value of a kind's key, NULL: nothing. */
const char *conf_kind_wrong(const char *kind, const char *key, const char *value);
/* What a backend of this kind cannot do without and does not have; NULL: nothing. */
const char *conf_lacks(const struct conf_target *t);

#endif
