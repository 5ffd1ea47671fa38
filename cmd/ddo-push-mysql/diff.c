/* diff: touches only the rows that differ, with as few statements as they fit in. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mysql.h"

struct statement { /* grows until it is large enough to be sent */
	struct mysql *m;
	struct buf head, text;
	const char *tail;
};

static enum sql statement_send(struct statement *s, struct err *err)
{
	if (s->text.len == 0)
		return SQL_OK;
	buf_adds(&s->text, s->tail);
	enum sql r = link_post(s->m->link, &s->text, err);
	buf_reset(&s->text);
	return r;
}

/* Sends the statement first when `part` would make it too large.  The server refuses a part that is
 * too large by itself. */
static enum sql statement_add(struct statement *s, const struct buf *part, struct err *err)
{
	enum sql r = SQL_OK;
	if (s->text.len + part->len > link_statement_max(s->m->link))
		r = statement_send(s, err);
	buf_add(
	    &s->text, s->text.len == 0 ? s->head.data : ",", s->text.len == 0 ? s->head.len : 1);
	buf_add(&s->text, part->data, part->len);
	return r;
}

static void statement_free(struct statement *s)
{
	buf_free(&s->head);
	buf_free(&s->text);
}

struct changes {
	struct mysql *m;
	struct statement inserts, deletes;
};

static void changes_open(struct changes *c, struct mysql *m)
{
	const struct schema *s = &m->schema;
	*c = (struct changes){
	    .m = m, .inserts = {.m = m, .tail = ""}, .deletes = {.m = m, .tail = ")"}};
	buf_addf(&c->inserts.head, "INSERT INTO `%s` (`%s`", s->records, s->record_zone);
	for (size_t i = 0; i < s->columns; i++)
		buf_addf(&c->inserts.head, ", `%s`", s->column[i]);
	if (s->record_owner != NULL)
		buf_addf(&c->inserts.head, ", `%s`", s->record_owner);
	buf_adds(&c->inserts.head, ") VALUES ");
	buf_addf(&c->deletes.head, "DELETE FROM `%s` WHERE id IN (", s->records);
}

static void add_value(struct mysql *m, struct buf *out, const struct row *row, size_t column)
{
	if (m->schema.number[column] && row->col[column] != NULL)
		buf_adds(out, row->col[column]);
	else
		link_text(m->link, out, row->col[column]);
}

static enum sql insert_row(
    struct changes *c, const struct pending *one, const struct row *row, struct err *err)
{
	const struct schema *s = &c->m->schema;
	struct buf part = {0};
	buf_addf(&part, "(%s", one->zone_id);
	for (size_t i = 0; i < s->columns; i++) {
		buf_addc(&part, ',');
		add_value(c->m, &part, row, i);
	}
	if (s->record_owner != NULL)
		buf_addf(&part, ",'%s'", s->owner);
	buf_addc(&part, ')');
	enum sql r = statement_add(&c->inserts, &part, err);
	buf_free(&part);
	return r;
}

static enum sql delete_row(struct changes *c, const struct row *row, struct err *err)
{
	struct buf part = {0};
	buf_adds(&part, row->id);
	enum sql r = statement_add(&c->deletes, &part, err);
	buf_free(&part);
	return r;
}

static enum sql update_row(
    struct mysql *m, const struct row *from, const struct row *to, struct err *err)
{
	const struct schema *s = &m->schema;
	struct buf text = {0};
	const char *comma = " SET ";
	buf_addf(&text, "UPDATE `%s`", s->records);
	for (size_t i = 0; i < s->columns; i++) {
		const char *a = from->col[i], *b = to->col[i];
		if ((a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0))
			continue;
		buf_addf(&text, "%s`%s` = ", comma, s->column[i]);
		add_value(m, &text, to, i);
		comma = ", ";
	}
	buf_addf(&text, " WHERE id = %s", from->id);
	enum sql r = link_exec(m->link, &text, err);
	buf_free(&text);
	return r;
}

static int compare_place(const struct row *a, const struct row *b)
{
	int c = strcmp(row_text(a, COL_NAME), row_text(b, COL_NAME));
	return c != 0 ? c : strcmp(row_text(a, COL_TYPE), row_text(b, COL_TYPE));
}

/* Removes from two sorted lists what is in both. */
static void cancel(struct row **a, size_t *na, struct row **b, size_t *nb)
{
	size_t i = 0, k = 0, left_a = 0, left_b = 0;
	while (i < *na || k < *nb) {
		int c = i == *na ? 1 : k == *nb ? -1 : row_compare(&a[i], &b[k]);
		if (c < 0)
			a[left_a++] = a[i++];
		else if (c > 0)
			b[left_b++] = b[k++];
		else
			i++, k++;
	}
	*na = left_a;
	*nb = left_b;
}

static int by_place(const void *va, const void *vb)
{
	return compare_place(*(const struct row *const *)va, *(const struct row *const *)vb);
}

/* The RRsets that get or lose rows; `all` are the zone's rows, sorted. */
static void note_written(struct pending *one, struct row **old, size_t nold, struct row **new,
    size_t nnew, struct row **all, size_t nall)
{
	for (size_t i = 0; i < nnew; i++) {
		if (new[i]->set != NULL)
			changed_add(&one->written, new[i]->set);
	}
	for (size_t i = 0; i < nold; i++) {
		struct row **left = bsearch(&old[i], all, nall, sizeof(*all), by_place);
		if (left != NULL && (*left)->set != NULL)
			changed_add(&one->written, (*left)->set);
	}
}

/* Deletes come first: a new row may need a UNIQUE key that an old one holds. */
static enum sql write_afresh(struct changes *c, const struct pending *one, struct row **old,
    size_t nold, struct row **new, size_t nnew, struct err *err)
{
	enum sql r = SQL_OK;
	for (size_t i = 0; r == SQL_OK && i < nold; i++)
		r = delete_row(c, old[i], err);
	if (r == SQL_OK)
		r = statement_send(&c->deletes, err);
	for (size_t i = 0; r == SQL_OK && i < nnew; i++)
		r = insert_row(c, one, new[i], err);
	return r;
}

static enum sql write_changes(struct changes *c, const struct pending *one, struct row **old,
    size_t nold, struct row **new, size_t nnew, struct err *err)
{
	enum sql r = SQL_OK;
	for (size_t i = 0, k = 0; r == SQL_OK && (i < nold || k < nnew);) {
		int place = i == nold ? 1 : k == nnew ? -1 : compare_place(old[i], new[k]);
		if (place < 0)
			r = delete_row(c, old[i++], err);
		else if (place > 0)
			r = insert_row(c, one, new[k++], err);
		else
			r = update_row(c->m, old[i++], new[k++], err);
	}
	return r;
}

static enum sql diff_zone(struct changes *c, struct pending *one, struct err *err)
{
	size_t nold = one->nheld, nall = one->want.count, nnew = nall;
	struct row **old = one->held, **new = mem_alloc((nnew + 1) * sizeof(struct row *));
	struct row **all = mem_alloc((nnew + 1) * sizeof(struct row *));
	for (size_t j = 0; j < nnew; j++)
		new[j] = &one->want.list[j];
	qsort(old, nold, sizeof(*old), row_compare);
	qsort(new, nnew, sizeof(*new), row_compare);
	memcpy(all, new, nall * sizeof(*all));
	cancel(old, &nold, new, &nnew);
	one->changed = one->changed || nold > 0 || nnew > 0;
	if (c->m->dns.dns != NULL)
		note_written(one, old, nold, new, nnew, all, nall);
	enum sql r = c->m->afresh ? write_afresh(c, one, old, nold, new, nnew, err)
				  : write_changes(c, one, old, nold, new, nnew, err);
	free(new);
	free(all);
	return r;
}

static bool is_open(const struct pending *one, bool put)
{
	return one->result == PUSH_UNDONE && (one->item->zone != NULL) == put;
}

enum sql diff_add_zones(
    struct mysql *m, struct pending *pending, size_t n, bool *added, struct err *err)
{
	const struct schema *s = &m->schema;
	bool pdns = s->record_owner == NULL;
	struct statement zones = {.m = m, .tail = ""};
	struct buf part = {0}, name = {0};
	enum sql r = SQL_OK;
	*added = false;
	buf_addf(&zones.head, "INSERT INTO `%s` (`%s`, `%s`%s) VALUES ", s->zones, s->zone_name,
	    s->zone_owner, pdns ? ", `type`" : "");
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		if (!is_open(&pending[i], true) || pending[i].zone_id[0] != '\0')
			continue;
		*added = pending[i].changed = true;
		buf_reset(&name);
		buf_reset(&part);
		buf_addf(&name, "%s%s", pending[i].item->name, s->dot);
		buf_addc(&part, '(');
		link_text(m->link, &part, name.data);
		buf_addf(&part, ",'%s'%s)", s->owner, pdns ? ",'NATIVE'" : "");
		r = statement_add(&zones, &part, err);
	}
	if (r == SQL_OK)
		r = statement_send(&zones, err);
	statement_free(&zones);
	buf_free(&part);
	buf_free(&name);
	return r;
}

static enum sql exec(struct mysql *m, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static enum sql exec(struct mysql *m, struct err *err, const char *fmt, ...)
{
	struct buf text = {0};
	char *formatted = NULL;
	va_list ap;
	va_start(ap, fmt);
	if (vasprintf(&formatted, fmt, ap) >= 0)
		buf_adds(&text, formatted);
	va_end(ap);
	free(formatted);
	enum sql r = link_exec(m->link, &text, err);
	buf_free(&text);
	return r;
}

/* Deletes ddo's rows and the zone.  If rows of others remain, the zone stays and ddo disowns it. */
static enum sql delete_zones(struct mysql *m, struct pending *pending, size_t n, struct err *err)
{
	static const char *const beside[] = {"domainmetadata", "comments", "cryptokeys"};
	const struct schema *s = &m->schema;
	struct buf all = {0}, free_of_others = {0}, kept = {0};
	enum sql r = SQL_OK;
	for (size_t i = 0; i < n; i++) {
		if (!is_open(&pending[i], false))
			continue;
		struct buf *more = pending[i].nforeign > 0 ? &kept : &free_of_others;
		buf_addf(&all, "%s%s", all.len > 0 ? "," : "", pending[i].zone_id);
		buf_addf(more, "%s%s", more->len > 0 ? "," : "", pending[i].zone_id);
		pending[i].changed = true;
	}
	if (all.len > 0 && s->record_owner != NULL)
		r = exec(m, err, "DELETE FROM `%s` WHERE `%s` IN (%s) AND `%s` = '%s'", s->records,
		    s->record_zone, all.data, s->record_owner, s->owner);
	else if (all.len > 0)
		r = exec(m, err, "DELETE FROM `%s` WHERE `%s` IN (%s)", s->records, s->record_zone,
		    all.data);
	for (size_t i = 0; r == SQL_OK && all.len > 0 && s->record_owner == NULL && i < 3; i++)
		r = exec(m, err, "DELETE FROM `%s` WHERE domain_id IN (%s)", beside[i], all.data);
	if (r == SQL_OK && free_of_others.len > 0)
		r = exec(
		    m, err, "DELETE FROM `%s` WHERE id IN (%s)", s->zones, free_of_others.data);
	if (r == SQL_OK && kept.len > 0)
		r = exec(m, err, "UPDATE `%s` SET `%s` = NULL WHERE id IN (%s)", s->zones,
		    s->zone_owner, kept.data);
	buf_free(&all);
	buf_free(&free_of_others);
	buf_free(&kept);
	return r;
}

enum sql diff_apply(struct mysql *m, struct pending *pending, size_t n, struct err *err)
{
	struct changes c;
	changes_open(&c, m);
	enum sql r = delete_zones(m, pending, n, err);
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		if (is_open(&pending[i], true))
			r = diff_zone(&c, &pending[i], err);
		if (r == SQL_OK && is_open(&pending[i], true))
			r = keys_write(m, &pending[i], err);
	}
	if (r == SQL_OK)
		r = statement_send(&c.deletes, err);
	if (r == SQL_OK)
		r = statement_send(&c.inserts, err);
	statement_free(&c.inserts);
	statement_free(&c.deletes);
	return r;
}
