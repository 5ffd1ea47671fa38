/* init: creates the tables, or adds the columns, widths and indexes that existing ones lack. */
#include <stdlib.h>
#include <string.h>

#include "mysql.h"

/* In the statements below %Z is the table of zones, %R that of records, %I the type of %Z's id. */
struct table_need {
	const char *table, *create;
};

struct column_need {
	const char *table, *column, *definition;
	unsigned long width; /* characters; 0: any */
};

struct index_need {
	const char *table, *columns, *add;
	bool unique;
};

struct needs {
	const struct table_need *tables;
	const struct column_need *columns;
	const struct index_need *indexes;
};

/* The primary key keeps a zone's rows side by side, because ddo reads a zone as a whole. */
static const struct table_need coredns_tables[] = {
    {"%Z", "CREATE TABLE `%Z` (id INT NOT NULL AUTO_INCREMENT, zone_name VARCHAR(255) NOT NULL,"
	   " managed_by VARCHAR(255) NULL, PRIMARY KEY (id), UNIQUE KEY zone_name (zone_name))"
	   " ENGINE=InnoDB"},
    {"%R", "CREATE TABLE `%R` (id BIGINT NOT NULL AUTO_INCREMENT, zone_id %I NOT NULL,"
	   " hostname VARCHAR(512) NOT NULL, type VARCHAR(10) NOT NULL, data MEDIUMTEXT NOT NULL,"
	   " ttl INT NOT NULL DEFAULT 120, online INT NOT NULL DEFAULT 0,"
	   " managed_by VARCHAR(255) NULL, PRIMARY KEY (zone_id, id), UNIQUE KEY id (id),"
	   " KEY zone_host_type (zone_id, hostname, type),"
	   " FOREIGN KEY (zone_id) REFERENCES `%Z` (id)) ENGINE=InnoDB"},
    {0}};

static const struct column_need coredns_columns[] = {{"%Z", "managed_by", "VARCHAR(255) NULL", 0},
    {"%R", "managed_by", "VARCHAR(255) NULL", 0}, {"%R", "hostname", "VARCHAR(512) NOT NULL", 512},
    {"%R", "type", "VARCHAR(10) NOT NULL", 10}, {"%R", "data", "MEDIUMTEXT NOT NULL", 16777215},
    {0}};

static const struct index_need coredns_indexes[] = {
    {"%Z", "zone_name", "UNIQUE KEY zone_name (zone_name)", true},
    {"%R", "zone_id,hostname,type", "KEY zone_host_type (zone_id, hostname, type)", false}, {0}};

static const struct table_need pdns_tables[] = {
    {"%Z", "CREATE TABLE `%Z` (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(255) NOT NULL,"
	   " master VARCHAR(128) DEFAULT NULL, last_check INT DEFAULT NULL,"
	   " type VARCHAR(8) NOT NULL, notified_serial INT UNSIGNED DEFAULT NULL,"
	   " account VARCHAR(40) DEFAULT NULL, options VARCHAR(64000) DEFAULT NULL,"
	   " catalog VARCHAR(255) DEFAULT NULL, PRIMARY KEY (id), UNIQUE KEY name_index (name),"
	   " KEY catalog_idx (catalog)) ENGINE=InnoDB CHARACTER SET latin1"},
    {"%R", "CREATE TABLE `%R` (id BIGINT NOT NULL AUTO_INCREMENT, domain_id %I DEFAULT NULL,"
	   " name VARCHAR(255) DEFAULT NULL, type VARCHAR(10) DEFAULT NULL,"
	   " content VARCHAR(64000) DEFAULT NULL, ttl INT DEFAULT NULL, prio INT DEFAULT NULL,"
	   " disabled TINYINT(1) DEFAULT 0,"
	   " ordername VARCHAR(255) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT NULL,"
	   " auth TINYINT(1) DEFAULT 1, PRIMARY KEY (id), KEY nametype_index (name, type),"
	   " KEY domain_id (domain_id), KEY ordername (domain_id, ordername))"
	   " ENGINE=InnoDB CHARACTER SET latin1"},
    {"supermasters",
	"CREATE TABLE supermasters (ip VARCHAR(64) NOT NULL, nameserver VARCHAR(255) NOT NULL,"
	" account VARCHAR(40) NOT NULL, PRIMARY KEY (ip, nameserver))"
	" ENGINE=InnoDB CHARACTER SET latin1"},
    {"comments",
	"CREATE TABLE comments (id INT NOT NULL AUTO_INCREMENT, domain_id INT NOT NULL,"
	" name VARCHAR(255) NOT NULL, type VARCHAR(10) NOT NULL, modified_at INT NOT NULL,"
	" account VARCHAR(40) DEFAULT NULL, comment TEXT CHARACTER SET utf8mb4 NOT NULL,"
	" PRIMARY KEY (id), KEY comments_name_type_idx (name, type),"
	" KEY comments_order_idx (domain_id, modified_at)) ENGINE=InnoDB CHARACTER SET latin1"},
    {"domainmetadata",
	"CREATE TABLE domainmetadata (id INT NOT NULL AUTO_INCREMENT, domain_id INT NOT NULL,"
	" kind VARCHAR(32), content TEXT, PRIMARY KEY (id),"
	" KEY domainmetadata_idx (domain_id, kind)) ENGINE=InnoDB CHARACTER SET latin1"},
    {"cryptokeys",
	"CREATE TABLE cryptokeys (id INT NOT NULL AUTO_INCREMENT, domain_id INT NOT NULL,"
	" flags INT NOT NULL, active BOOL, published BOOL DEFAULT 1, content TEXT,"
	" PRIMARY KEY (id), KEY domainidindex (domain_id)) ENGINE=InnoDB CHARACTER SET latin1"},
    {"tsigkeys", "CREATE TABLE tsigkeys (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(255),"
		 " algorithm VARCHAR(50), secret VARCHAR(255), PRIMARY KEY (id),"
		 " UNIQUE KEY namealgoindex (name, algorithm)) ENGINE=InnoDB CHARACTER SET latin1"},
    {0}};

static const struct column_need pdns_columns[] = {{"%Z", "account", "VARCHAR(40) DEFAULT NULL", 0},
    {"%R", "content", "VARCHAR(64000) DEFAULT NULL", 64000}, {0}};

static const struct index_need pdns_indexes[] = {
    {"%R", "name,type", "KEY nametype_index (name, type)", false},
    {"%R", "domain_id,ordername", "KEY ordername (domain_id, ordername)", false}, {0}};

struct init {
	struct mysql *m;
	struct tables have;
	bool dry_run;
	size_t done;
	FILE *out;
};

/* Writes the names into a text with %Z, %R and %I. */
static void expand(const struct init *in, const char *text, struct buf *out)
{
	const struct schema *s = &in->m->schema;
	for (; *text != '\0'; text++) {
		if (*text != '%') {
			buf_addc(out, *text);
			continue;
		}
		text++;
		MYSQL_ROW id = *text == 'I' ? tables_column(&in->have, s->zones, "id") : NULL;
		buf_adds(out, *text == 'Z'   ? s->zones
			      : *text == 'R' ? s->records
			      : id != NULL   ? id[3]
					     : "INT");
	}
}

static enum sql perform(struct init *in, const struct buf *statement, struct err *err)
{
	in->done++;
	fprintf(in->out, "%s;\n", statement->data);
	return in->dry_run ? SQL_OK : link_exec(in->m->link, statement, err);
}

static enum sql need_table(struct init *in, const struct table_need *n, struct err *err)
{
	struct buf table = {0}, text = {0};
	enum sql r = SQL_OK;
	expand(in, n->table, &table);
	const char *engine = tables_engine(&in->have, table.data);
	if (engine == NULL) {
		expand(in, n->create, &text);
		r = perform(in, &text, err);
	} else if (strcmp(engine, "InnoDB") != 0) {
		buf_addf(&text, "ALTER TABLE `%s` ENGINE=InnoDB", table.data);
		r = perform(in, &text, err);
	}
	buf_free(&table);
	buf_free(&text);
	return r;
}

static enum sql need_column(struct init *in, const struct column_need *n, struct err *err)
{
	struct buf table = {0}, text = {0};
	enum sql r = SQL_OK;
	expand(in, n->table, &table);
	MYSQL_ROW row = tables_column(&in->have, table.data, n->column);
	bool narrow = row != NULL && row[2] != NULL && strtoul(row[2], NULL, 10) < n->width;
	if (tables_engine(&in->have, table.data) != NULL && (row == NULL || narrow)) {
		buf_addf(&text, "ALTER TABLE `%s` %s COLUMN `%s` %s", table.data,
		    row == NULL ? "ADD" : "MODIFY", n->column, n->definition);
		r = perform(in, &text, err);
	}
	buf_free(&table);
	buf_free(&text);
	return r;
}

static bool has_index(const struct init *in, const char *table, const struct index_need *n)
{
	size_t len = strlen(n->columns);
	mysql_data_seek(in->have.indexes, 0);
	for (MYSQL_ROW row; (row = mysql_fetch_row(in->have.indexes)) != NULL;) {
		bool starts = strncmp(row[1], n->columns, len) == 0 &&
			      (row[1][len] == '\0' || (row[1][len] == ',' && !n->unique));
		if (strcmp(row[0], table) == 0 && starts &&
		    (!n->unique || strcmp(row[2], "0") == 0))
			return true;
	}
	return false;
}

static enum sql need_index(struct init *in, const struct index_need *n, struct err *err)
{
	struct buf table = {0}, text = {0};
	enum sql r = SQL_OK;
	expand(in, n->table, &table);
	if (tables_engine(&in->have, table.data) != NULL && !has_index(in, table.data, n)) {
		buf_addf(&text, "ALTER TABLE `%s` ADD %s", table.data, n->add);
		r = perform(in, &text, err);
	}
	buf_free(&table);
	buf_free(&text);
	return r;
}

int tables_init(void *ctx, bool dry_run, FILE *out, struct err *err)
{
	struct mysql *m = ctx;
	struct init in = {.m = m, .dry_run = dry_run, .out = out};
	bool pdns = m->schema.record_owner == NULL;
	const struct needs needs = {pdns ? pdns_tables : coredns_tables,
	    pdns ? pdns_columns : coredns_columns, pdns ? pdns_indexes : coredns_indexes};
	enum sql r = link_ready(m->link, NULL, err);
	if (r == SQL_OK)
		r = tables_read(m, &in.have, err);
	for (size_t i = 0; r == SQL_OK && needs.tables[i].table != NULL; i++)
		r = need_table(&in, &needs.tables[i], err);
	for (size_t i = 0; r == SQL_OK && needs.columns[i].table != NULL; i++)
		r = need_column(&in, &needs.columns[i], err);
	for (size_t i = 0; r == SQL_OK && needs.indexes[i].table != NULL; i++)
		r = need_index(&in, &needs.indexes[i], err);
	if (r == SQL_OK && in.done == 0)
		fprintf(out, "-- nothing to do: the tables of schema %s fit\n", m->schema.name);
	tables_free(&in.have);
	return r == SQL_OK ? 0 : -1;
}
