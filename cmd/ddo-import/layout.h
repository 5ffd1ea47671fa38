/* layout: where a DirectDNSOnly has its things.
 *
 * layout_find() takes the directory of one (what its container has as /app, or a copy of its
 * volume, or of its whole file system), or its app.yml.  A path of its configuration is looked for
 * below that directory first, then beside app.yml by its last part, then as it is: so a copy is
 * read, not what this machine has there.  Without an app.yml nothing outside the directory is read.
 * `environment` is a file of NAME=VALUE, what its container was started with; NULL: none.
 *
 * Fields are NULL where there is nothing.  -1: err says why.
 */
#ifndef DDO_IMPORT_LAYOUT_H
#define DDO_IMPORT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define LAYOUT_PLACES 16

struct layout_place {
	char *zones; /* a directory of ZONE.db */
	char *list;  /* the server's include file */
};

struct layout {
	char *config;
	char *database;
	char *queues;
	struct layout_place places[LAYOUT_PLACES];
	size_t nplaces;
};

int layout_find(struct layout *out, const char *operand, const char *environment, struct err *err);

#endif
