/* mysql: what the parts of ddo-push-mysql share.
 *
 * One batch is one transaction (apply.c): mysql_ready() connects and checks the tables, then
 * group_change() takes some zones at a time from what the tables hold (read.c) to what they should
 * hold (diff.c, keys.c), and reads them back.  ddo touches only zones whose row names it as owner
 * and, where rows have an owner, only its own rows.
 *
 * Functions return enum sql (link.h), with err set for all but SQL_OK.  A MYSQL_RES and the rows in
 * it belong to the struct that has it, until its free function.
 */
#ifndef DDO_MYSQL_MYSQL_H
#define DDO_MYSQL_MYSQL_H

#include "link.h"
#include "push/confirm_rows.h"
#include "push/main.h"
#include "rows.h"

extern const struct push_options mysql_kind_options; /* options.c */

struct mysql {
	const char *target;
	struct schema schema; /* with this target's names of tables */
	struct link *link;
	bool adopt;
	struct confirm_rows dns; /* dns.dns NULL: no server: */
	bool afresh; /* a zone's rows that differ are deleted, then inserted, none updated */
	unsigned long width[ROW_COLUMNS]; /* characters that a column holds; 0: no text */
};

struct pending { /* one item on its way into the tables */
	struct push_item *item;
	enum push_result result; /* its result once the transaction is committed */
	struct err reason;
	char zone_id[24]; /* "" when the zone is not in the table */
	bool ours, changed;
	struct rowset want;
	struct row **held; /* rows of ours in the table, into struct rows_read */
	size_t nheld, nforeign;
	struct zone_keys keys;  /* as in the table */
	struct changed written; /* RRsets, when there is a DNS server to ask */
};

/* Connects to a host whose tables fit.  *fresh as link_ready(). */
enum sql mysql_ready(struct mysql *m, bool *fresh, struct err *err);

/* tables.c: what information_schema says of a target's tables. */
struct tables {
	MYSQL_RES *columns; /* table, column, width in characters or NULL, type */
	MYSQL_RES *indexes; /* table, "column,column", is it not unique */
	MYSQL_RES *engines; /* table, engine */
};
enum sql tables_read(struct mysql *m, struct tables *t, struct err *err);
void tables_free(struct tables *t);
MYSQL_ROW tables_column(const struct tables *t, const char *table, const char *column);
const char *tables_engine(const struct tables *t, const char *table); /* NULL: no such table */
/* SQL_DOWN, saying what to do, when a table or a column is missing.  Reads the widths. */
enum sql tables_check(struct mysql *m, struct err *err);
/* init.c */
int tables_init(void *ctx, bool dry_run, FILE *out, struct err *err);

/* read.c */
struct rows_read {
	MYSQL_RES *res;
	struct row *rows;
	size_t count;
};

/* read_ask() asks for the rows of zones, `ids` separated by commas; read_take() takes them, sorted
 * by zone id.  Nothing else may be asked in between. */
enum sql read_ask(struct mysql *m, const char *ids, struct err *err);
enum sql read_take(struct mysql *m, struct rows_read *out, struct err *err);
void read_free(struct rows_read *r);
/* The rows of one zone: the first, and *count of them. */
struct row *read_find(const struct rows_read *r, const char *zone_id, size_t *count);
/* id, name, owner of the zones `names`, quoted and separated by commas, locked; NULL: of all zones,
 * sorted by name. */
enum sql read_zones(struct mysql *m, const char *names, MYSQL_RES **res, struct err *err);

/* group.c: makes the tables hold the zones of pending[0..n), within the open transaction, and reads
 * them back.  SQL_OK: each has its result.  Else all since the last savepoint is void; SQL_ODD and
 * SQL_REFUSED are the fault of one of them. */
enum sql group_change(struct mysql *m, struct pending *pending, size_t n, struct err *err);
void pending_reset(struct pending *one);

/* diff.c: statements for what differs.  New zones get their row in the table of zones first. */
enum sql diff_add_zones(
    struct mysql *m, struct pending *pending, size_t n, bool *added, struct err *err);
enum sql diff_apply(struct mysql *m, struct pending *pending, size_t n, struct err *err);

/* keys.c: PowerDNS's metadata of zones. */
enum sql keys_read(
    struct mysql *m, const char *ids, struct pending *pending, size_t n, struct err *err);
enum sql keys_write(struct mysql *m, struct pending *one, struct err *err);
/* The keys on which the zone's rows depend: a signed zone brings its own. */
void keys_of(const struct pending *one, struct zone_keys *out);

int mysql_apply(void *ctx, struct push_item *items, size_t count, struct err *err);
int mysql_list(void *ctx, FILE *out, struct err *err);

#endif
