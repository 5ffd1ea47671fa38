/* rows: a zone as rows of a records table, and back.
 *
 * A row is its columns as text, in the order of struct schema; NULL is SQL's NULL.  The rows of a
 * zone to be written belong to their rowset, until rowset_free(); rows that were read belong to
 * the MYSQL_RES they came in.  A struct schema says how one DNS server's tables look: coredns.c and
 * pdns.c each have one.
 */
#ifndef DDO_MYSQL_ROWS_H
#define DDO_MYSQL_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/wording.h"
#include "dns/zone_lines.h"

#define ROW_COLUMNS 8
enum { COL_NAME, COL_TYPE, COL_DATA, COL_TTL, COL_MORE }; /* the first four of every schema */

struct row {
	const char *col[ROW_COLUMNS];
	const char *id; /* in the table; NULL: not there yet */
	const char *zone_id;
	bool ours;
	const knot_rrset_t *set; /* the RRset of a row to be written, or NULL */
};

struct chunk;

struct rowset {
	struct row *list;
	size_t count, cap;
	struct chunk *chunks; /* of text */
};

struct row *rowset_add(struct rowset *rs); /* zeroed; valid until the next one */
char *rowset_text(
    struct rowset *rs, const char *text, size_t len); /* a copy that the rowset owns */
void rowset_free(struct rowset *rs);

/* What PowerDNS keeps beside a zone's records and what its rows depend on (pdns.c). */
struct zone_keys {
	bool presigned;
	bool narrow;
	char nsec3param[600]; /* "1 0 10 ab", "" for NSEC */
};

struct schema {
	const char *name; /* "coredns", "powerdns" */
	const char *zones, *zone_name, *zone_owner, *owner;
	const char *records, *record_zone, *record_owner; /* record_owner NULL: all rows are ours */
	const char *dot;                                  /* behind a zone's name */
	size_t columns;
	const char *column[ROW_COLUMNS];
	bool number[ROW_COLUMNS];
	/* Fills in the rows.  keys NULL for schemas that have none. */
	int (*from_zone)(
	    const struct zone *z, const struct zone_keys *keys, struct rowset *rs, struct err *err);
	/* Appends the row as a line of a master file whose origin is the zone. */
	void (*to_text)(const struct row *row, struct buf *out);
};

extern const struct schema schema_coredns, schema_powerdns;

/* Calls `take` for each record of the zone, SOA first; the texts are the rowset's.  -1: take's. */
int rows_each(const struct zone *z, struct rowset *rs,
    int (*take)(void *ctx, const struct zone_line *line, const knot_rrset_t *set), void *ctx,
    struct err *err);

/* Type and data of the record, in the words of the server that reads the table. */
void row_word(struct row *row, enum wording w, const struct zone_line *line,
    const knot_rrset_t *set, struct rowset *rs);

const char *row_text(const struct row *row, size_t column); /* "" for NULL */

/* Compares all columns. */
int row_compare(const void *a, const void *b);

/* The zone that these rows make, for zone_free(); -1: they make none. */
int rows_to_zone(const struct schema *s, const char *name, const struct row *const *rows,
    size_t count, struct zone **out, struct err *err);

#endif
