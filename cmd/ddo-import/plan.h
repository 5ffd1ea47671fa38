/* plan: what ddo-import found, which text of a zone it takes, and why.
 *
 * plan_know() says that a zone exists, plan_offer() offers a text of it.  The best text wins, in
 * whatever order they come: a waiting save, the last one in the queue; else the newest serial; on a
 * tie the database, then the later retry, then the file.  A text that ddo refuses never wins.
 * plan_settle() looks into ddo's store, plan_print() prints a line for each thing, sorted by zone.
 *
 * A line is printed as ddo-reconcile prints one: what, zone, where, why, with TABs between them, or
 * as an object with these keys.
 */
#ifndef DDO_IMPORT_PLAN_H
#define DDO_IMPORT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "conf/conf.h"
#include "dns/name.h"

enum plan_what { /* in the order of printing, of one zone */
	PLAN_READ,
	PLAN_TAKE,
	PLAN_SAME,
	PLAN_SKIP,
	PLAN_OLDER,
	PLAN_LEFT,
	PLAN_HELD,
	PLAN_MISSING,
	PLAN_REFUSED,
	PLAN_FAILED,
	PLAN_WHATS
};

enum plan_source { /* on a tie of serials the greater one wins */
	FROM_FILE,
	FROM_RETRY,
	FROM_DATABASE,
	FROM_SAVE
};

struct plan_zone {
	char name[NAME_SIZE];
	char origin[NAME_SIZE]; /* "": none known */
	char user[65];
	enum plan_source owner; /* where they come from */
	char *text;             /* NULL: none that ddo takes */
	size_t len;
	enum plan_source source;
	char *where;
	uint32_t serial;
	char digest[DIGEST_HEX_SIZE];
	char *left_out; /* what ddo leaves out of it; NULL: nothing */
	bool take;
	uint64_t seen; /* the store's seq of it */
};

struct plan_line {
	enum plan_what what;
	char *zone, *where, *why;
};

struct plan {
	const struct conf *conf;
	const char *origin; /* of zones without an owner; may be NULL */
	void *tree;         /* of the zones, by name */
	struct plan_zone **zones;
	size_t nzones, cap;
	struct plan_line *lines;
	size_t nlines, lines_cap;
	size_t counts[PLAN_WHATS];
};

/* The name as it stands in what is read; NULL: it is no zone's, and the plan says so. */
struct plan_zone *plan_know(struct plan *p, const char *name, size_t len, const char *where);
struct plan_zone *plan_find(struct plan *p, const char *normal);
/* Whose zone it is.  What is not known is NULL or "".  The source as for a text: a later save
 * replaces all, everything else only what is less. */
void plan_own(struct plan *p, struct plan_zone *z, enum plan_source source, const char *origin,
    const char *user, const char *where);
/* -1: ddo refuses the text, and the plan says why. */
int plan_offer(struct plan *p, struct plan_zone *z, enum plan_source source, const char *where,
    const char *text, size_t len);

/* zone NULL: of no zone. */
void plan_line(struct plan *p, enum plan_what what, const char *zone, const char *where,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Decides of each zone what becomes of it.  -1: the store cannot be read. */
int plan_settle(struct plan *p, struct err *err);
void plan_print(struct plan *p, bool json);
size_t plan_bad(const struct plan *p); /* zones and files that could not be taken */

#endif
