/* list: the zones in the tables, with their digests. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "mysql.h"

/* Zones whose rows are in memory at once: a table may have millions of rows. */
#define ZONES_AT_ONCE 500

struct entry {
	char name[NAME_SIZE];
	const char *id;
	bool ours;
};

static int by_name(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	return strcmp(a->name, b->name);
}

static void print(struct mysql *m, const struct entry *e, const struct rows_read *rows, FILE *out)
{
	size_t count, n = 0;
	struct row *first = read_find(rows, e->id, &count);
	const struct row **rows_of = mem_alloc((count + 1) * sizeof(struct row *));
	struct zone *z = NULL;
	for (size_t i = 0; i < count; i++) {
		if (first[i].ours == e->ours || m->schema.record_owner == NULL)
			rows_of[n++] = &first[i];
	}
	if (rows_to_zone(&m->schema, e->name, rows_of, n, &z, NULL) == 0)
		fprintf(out, "%s\t%u\t%s", e->name, z->serial, z->digest);
	else
		fprintf(out, "%s\t-\t-", e->name);
	if (!e->ours)
		fputs("\tforeign", out);
	else if (n < count)
		fprintf(out, "\t%zu foreign rows", count - n);
	fputc('\n', out);
	zone_free(z);
	free(rows_of);
}

static enum sql print_some(
    struct mysql *m, const struct entry *entries, size_t count, FILE *out, struct err *err)
{
	struct buf ids = {0};
	struct rows_read rows = {0};
	for (size_t i = 0; i < count; i++)
		buf_addf(&ids, "%s%s", i > 0 ? "," : "", entries[i].id);
	enum sql r = read_ask(m, ids.data, err);
	if (r == SQL_OK)
		r = read_take(m, &rows, err);
	for (size_t i = 0; r == SQL_OK && i < count; i++)
		print(m, &entries[i], &rows, out);
	read_free(&rows);
	buf_free(&ids);
	return r;
}

int mysql_list(void *ctx, FILE *out, struct err *err)
{
	struct mysql *m = ctx;
	MYSQL_RES *res = NULL;
	enum sql r = mysql_ready(m, NULL, err);
	/* One snapshot for the whole list. */
	if (r == SQL_OK)
		r = link_say(m->link, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", err);
	if (r == SQL_OK)
		r = link_say(m->link, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", err);
	if (r == SQL_OK)
		r = read_zones(m, NULL, &res, err);
	size_t count = 0;
	struct entry *entries =
	    mem_alloc((r == SQL_OK ? mysql_num_rows(res) + 1 : 1) * sizeof(*entries));
	for (MYSQL_ROW row; r == SQL_OK && (row = mysql_fetch_row(res)) != NULL;) {
		struct entry *e = &entries[count];
		/* The list cannot hold a name that is not in normal form; ddo never writes one. */
		if (row[1] == NULL || name_normalize(row[1], strlen(row[1]), e->name, NULL) < 0)
			continue;
		e->id = row[0];
		e->ours = row[2] != NULL && strcmp(row[2], m->schema.owner) == 0;
		count++;
	}
	qsort(entries, count, sizeof(*entries), by_name);
	for (size_t i = 0; r == SQL_OK && i < count; i += ZONES_AT_ONCE)
		r = print_some(m, entries + i,
		    count - i < ZONES_AT_ONCE ? count - i : ZONES_AT_ONCE, out, err);
	if (res != NULL)
		mysql_free_result(res);
	free(entries);
	return r == SQL_OK ? 0 : -1;
}
