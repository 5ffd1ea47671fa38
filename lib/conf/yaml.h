/* yaml: YAML files as one flat list of entries: key path, value, file, line.
 *
 * "a: {b: [x, {c: y}]}" gives "a.b[0]" = x and "a.b[1].c" = y.  A list or a mapping is
 * an entry without value, before those in it.  Refused, with "FILE:LINE: why": what libyaml
 * refuses, aliases, several documents, duplicate keys, keys that are no plain words, nesting beyond
 * 8 levels, files beyond 1 MiB, control characters in a value.
 *
 * A further file adds to what is in `out`: mappings are merged, and a null stands for nothing.  A
 * value or a list that is in two files is refused.  `file` must live as long as the entries.
 */
#ifndef DDO_CONF_YAML_H
#define DDO_CONF_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct conf_entry {
	char *path;
	char *value; /* NULL: a mapping or a list; what is in it follows */
	const char *file;
	unsigned line;
	bool null; /* a plain empty, ~ or null */
	bool mapping;
};

struct conf_entries {
	struct conf_entry *list;
	size_t count, cap;
};

/* regular: anything else, such as a fifo, is refused. */
int conf_yaml_read(const char *file, bool regular, struct conf_entries *out, struct err *err);
void conf_entries_add(struct conf_entries *e, const char *path, const char *value, unsigned line);
void conf_entries_free(struct conf_entries *e);

#endif
