/* tables: do a target's tables and columns fit? */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mysql.h"

static enum sql ask(struct mysql *m, const char *query, MYSQL_RES **res, struct err *err)
{
	struct buf text = {0};
	buf_adds(&text, query);
	enum sql r = link_query(m->link, &text, res, err);
	buf_free(&text);
	return r;
}

enum sql tables_read(struct mysql *m, struct tables *t, struct err *err)
{
	*t = (struct tables){0};
	enum sql r = ask(m,
	    "SELECT TABLE_NAME, COLUMN_NAME, CHARACTER_MAXIMUM_LENGTH, COLUMN_TYPE"
	    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()",
	    &t->columns, err);
	if (r == SQL_OK)
		r = ask(m,
		    "SELECT TABLE_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX), NON_UNIQUE"
		    " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
		    " GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE",
		    &t->indexes, err);
	if (r == SQL_OK)
		r = ask(m,
		    "SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES"
		    " WHERE TABLE_SCHEMA = DATABASE()",
		    &t->engines, err);
	return r;
}

void tables_free(struct tables *t)
{
	MYSQL_RES *all[] = {t->columns, t->indexes, t->engines};
	for (size_t i = 0; i < 3; i++) {
		if (all[i] != NULL)
			mysql_free_result(all[i]);
	}
	*t = (struct tables){0};
}

MYSQL_ROW tables_column(const struct tables *t, const char *table, const char *column)
{
	mysql_data_seek(t->columns, 0);
	for (MYSQL_ROW row; (row = mysql_fetch_row(t->columns)) != NULL;) {
		if (strcmp(row[0], table) == 0 && strcasecmp(row[1], column) == 0)
			return row;
	}
	return NULL;
}

const char *tables_engine(const struct tables *t, const char *table)
{
	mysql_data_seek(t->engines, 0);
	for (MYSQL_ROW row; (row = mysql_fetch_row(t->engines)) != NULL;) {
		if (strcmp(row[0], table) == 0)
			return row[1] == NULL ? "" : row[1];
	}
	return NULL;
}

static int lacks(const struct mysql *m, const char *table, const char *what, struct err *err)
{
	return err_set(err, "%s: table %s %s; to mend it: ddo-push-mysql -t %s init",
	    link_host(m->link), table, what, m->target);
}

static int check_table(
    const struct mysql *m, const struct tables *t, const char *table, struct err *err)
{
	const char *engine = tables_engine(t, table);
	if (engine == NULL)
		return lacks(m, table, "does not exist", err);
	/* Other engines have no transactions: a reader would see half a zone. */
	if (strcmp(engine, "InnoDB") != 0)
		return lacks(m, table, "must be of the engine InnoDB", err);
	return 0;
}

static int check_column(const struct mysql *m, const struct tables *t, const char *table,
    const char *column, unsigned long *width, struct err *err)
{
	char what[100];
	MYSQL_ROW row = column == NULL ? NULL : tables_column(t, table, column);
	snprintf(what, sizeof(what), "has no column %s", column == NULL ? "" : column);
	if (column != NULL && row == NULL)
		return lacks(m, table, what, err);
	if (width != NULL)
		*width = row == NULL || row[2] == NULL ? 0 : strtoul(row[2], NULL, 10);
	return 0;
}

enum sql tables_check(struct mysql *m, struct err *err)
{
	const struct schema *s = &m->schema;
	struct tables t;
	if (tables_read(m, &t, err) != SQL_OK) {
		tables_free(&t);
		return SQL_DOWN;
	}
	int r = check_table(m, &t, s->zones, err);
	if (r == 0)
		r = check_table(m, &t, s->records, err);
	if (r == 0 && s->record_owner == NULL)
		r = check_table(m, &t, "domainmetadata", err);
	if (r == 0)
		r = check_column(m, &t, s->zones, s->zone_name, NULL, err);
	if (r == 0)
		r = check_column(m, &t, s->zones, s->zone_owner, NULL, err);
	if (r == 0)
		r = check_column(m, &t, s->records, s->record_owner, NULL, err);
	for (size_t i = 0; r == 0 && i < s->columns; i++)
		r = check_column(m, &t, s->records, s->column[i], &m->width[i], err);
	tables_free(&t);
	return r == 0 ? SQL_OK : SQL_DOWN;
}
