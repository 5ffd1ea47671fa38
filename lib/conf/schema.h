/* schema: the table of every key that app.yml may hold, but for the keys below dns.backends.
 *
 * conf.c checks each entry of the file against it and stores the value in the field that the
 * row names; env.c takes the names of the variables from it.  A key without a field is checked
 * only: a section (login, directadmin) reads it from the entries, or DirectDNSOnly has it and ddo
 * does not need it.  The options of a target are not here: its push program declares them
 * (push/options.h).
 */
#ifndef DDO_CONF_SCHEMA_H
#define DDO_CONF_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "conf/entry.h"

struct conf_key {
	const char *path; /* "[]" stands for any element of a list */
	enum conf_type type;
	int64_t field; /* offset in struct conf; -1: the value is only checked */
	size_t size;   /* of that field: 1 bool, 4 unsigned, 8 size_t or pointer */
	uint64_t min, max;
};

extern const struct conf_key conf_keys[];
extern const size_t conf_nkeys;

#endif
