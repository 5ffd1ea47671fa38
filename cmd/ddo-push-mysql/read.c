/* read: the questions about zones and their rows. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mysql.h"

static int by_zone(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;
	return strcmp(a->zone_id, b->zone_id);
}

enum sql read_ask(struct mysql *m, const char *ids, struct err *err)
{
	const struct schema *s = &m->schema;
	struct buf text = {0};
	buf_addf(&text, "SELECT id, `%s`, ", s->record_zone);
	if (s->record_owner != NULL)
		buf_addf(&text, "`%s`", s->record_owner);
	else
		buf_addf(&text, "'%s'", s->owner);
	for (size_t i = 0; i < s->columns; i++)
		buf_addf(&text, ", `%s`", s->column[i]);
	buf_addf(&text, " FROM `%s` WHERE `%s` IN (%s)", s->records, s->record_zone, ids);
	enum sql r = link_post(m->link, &text, err);
	buf_free(&text);
	return r;
}

enum sql read_take(struct mysql *m, struct rows_read *out, struct err *err)
{
	const struct schema *s = &m->schema;
	*out = (struct rows_read){0};
	enum sql r = link_result(m->link, &out->res, err);
	if (r != SQL_OK)
		return r;
	out->rows = mem_alloc((mysql_num_rows(out->res) + 1) * sizeof(*out->rows));
	for (MYSQL_ROW row; (row = mysql_fetch_row(out->res)) != NULL;) {
		struct row *to = &out->rows[out->count++];
		to->id = row[0];
		to->zone_id = row[1] == NULL ? "" : row[1];
		to->ours = row[2] != NULL && strcmp(row[2], s->owner) == 0;
		for (size_t i = 0; i < s->columns; i++)
			to->col[i] = row[3 + i];
	}
	qsort(out->rows, out->count, sizeof(*out->rows), by_zone);
	return SQL_OK;
}

void read_free(struct rows_read *r)
{
	if (r->res != NULL)
		mysql_free_result(r->res);
	free(r->rows);
	*r = (struct rows_read){0};
}

struct row *read_find(const struct rows_read *r, const char *zone_id, size_t *count)
{
	struct row key = {.zone_id = zone_id};
	*count = 0;
	struct row *at =
	    r->count == 0 ? NULL : bsearch(&key, r->rows, r->count, sizeof(*r->rows), by_zone);
	if (at == NULL)
		return NULL;
	while (at > r->rows && by_zone(at - 1, &key) == 0)
		at--;
	while (at + *count < r->rows + r->count && by_zone(at + *count, &key) == 0)
		(*count)++;
	return at;
}

enum sql read_zones(struct mysql *m, const char *names, MYSQL_RES **res, struct err *err)
{
	const struct schema *s = &m->schema;
	struct buf text = {0};
	buf_addf(&text, "SELECT id, `%s`, `%s` FROM `%s`", s->zone_name, s->zone_owner, s->zones);
	if (names != NULL)
		buf_addf(&text, " WHERE `%s` IN (%s) FOR UPDATE", s->zone_name, names);
	enum sql r = link_query(m->link, &text, res, err);
	buf_free(&text);
	return r;
}
