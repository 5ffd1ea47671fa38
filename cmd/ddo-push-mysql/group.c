/* group: some zones of a batch, from what the tables hold to what they should hold. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "mysql.h"

#define WIDEST 64000 /* init makes no column of PowerDNS's schema wider */

void pending_reset(struct pending *one)
{
	rowset_free(&one->want);
	free(one->held);
	changed_free(&one->written);
	*one = (struct pending){.item = one->item};
}

static void refuse(struct pending *one, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void refuse(struct pending *one, const char *fmt, ...)
{
	char text[sizeof(one->reason.text)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&one->reason, "%s", text);
	one->result = PUSH_FAIL;
}

static int by_name(const void *va, const void *vb)
{
	const struct pending *a = *(struct pending *const *)va, *b = *(struct pending *const *)vb;
	return strcasecmp(a->item->name, b->item->name);
}

/* Fills in zone_id and ours of all that are pending. */
static enum sql find_zones(struct mysql *m, struct pending *pending, size_t n, struct err *err)
{
	struct buf names = {0};
	struct pending **sorted = mem_alloc((n + 1) * sizeof(struct pending *));
	MYSQL_RES *res;
	for (size_t i = 0; i < n; i++) {
		char name[NAME_SIZE + 1];
		snprintf(name, sizeof(name), "%s%s", pending[i].item->name, m->schema.dot);
		buf_adds(&names, i > 0 ? "," : "");
		link_text(m->link, &names, name);
		sorted[i] = &pending[i];
		pending[i].zone_id[0] = '\0';
	}
	qsort(sorted, n, sizeof(*sorted), by_name);
	enum sql r = read_zones(m, buf_str(&names), &res, err);
	buf_free(&names);
	for (MYSQL_ROW row; r == SQL_OK && (row = mysql_fetch_row(res)) != NULL;) {
		struct push_item item;
		struct pending key = {.item = &item}, *pkey = &key;
		size_t len = strlen(row[1]);
		len -= len > 0 && row[1][len - 1] == '.';
		snprintf(item.name, sizeof(item.name), "%.*s", (int)len, row[1]);
		struct pending **found = bsearch(&pkey, sorted, n, sizeof(*sorted), by_name);
		if (found == NULL)
			continue;
		snprintf((*found)->zone_id, sizeof((*found)->zone_id), "%s", row[0]);
		(*found)->ours = row[2] != NULL && strcmp(row[2], m->schema.owner) == 0;
	}
	if (r == SQL_OK)
		mysql_free_result(res);
	free(sorted);
	return r;
}

static bool is_open(const struct pending *one)
{
	return one->result == PUSH_UNDONE;
}

/* ddo takes the zone over, with all its rows. */
static enum sql adopt(struct mysql *m, struct pending *one, struct err *err)
{
	const struct schema *s = &m->schema;
	struct buf text = {0};
	buf_addf(&text, "UPDATE `%s` SET `%s` = '%s' WHERE id = %s", s->zones, s->zone_owner,
	    s->owner, one->zone_id);
	enum sql r = link_exec(m->link, &text, err);
	buf_reset(&text);
	buf_addf(&text, "UPDATE `%s` SET `%s` = '%s' WHERE `%s` = %s", s->records,
	    s->record_owner != NULL ? s->record_owner : "", s->owner, s->record_zone, one->zone_id);
	if (r == SQL_OK && s->record_owner != NULL)
		r = link_exec(m->link, &text, err);
	buf_free(&text);
	one->ours = one->changed = true;
	return r;
}

/* Whose zones are these? */
static enum sql decide_owners(struct mysql *m, struct pending *pending, size_t n, struct err *err)
{
	enum sql r = SQL_OK;
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		struct pending *one = &pending[i];
		bool there = one->zone_id[0] != '\0', put = one->item->zone != NULL;
		if (there && !one->ours && put && m->adopt)
			r = adopt(m, one, err);
		else if (there && !one->ours)
			refuse(one, "table %s has this zone, and ddo did not write it%s",
			    m->schema.zones, put ? " (adopt: true takes such zones over)" : "");
		else if (!there && !put)
			one->result = PUSH_OK;
	}
	return r;
}

/* The ids of the zones that are still open and in the table, separated by commas. */
static void list_ids(const struct pending *pending, size_t n, struct buf *ids)
{
	for (size_t i = 0; i < n; i++) {
		if (is_open(&pending[i]) && pending[i].zone_id[0] != '\0')
			buf_addf(ids, "%s%s", ids->len > 0 ? "," : "", pending[i].zone_id);
	}
}

static void hand_out(const struct rows_read *rows, struct pending *one)
{
	size_t count = 0;
	struct row *at = one->zone_id[0] != '\0' ? read_find(rows, one->zone_id, &count) : NULL;
	free(one->held);
	one->held = mem_alloc((count + 1) * sizeof(struct row *));
	one->nheld = one->nforeign = 0;
	for (size_t i = 0; i < count; i++) {
		if (at[i].ours)
			one->held[one->nheld++] = &at[i];
		else
			one->nforeign++;
	}
}

/* Asks for the rows of all open zones.  *asked: there are some to take. */
static enum sql ask_held(
    struct mysql *m, struct pending *pending, size_t n, bool *asked, struct err *err)
{
	struct buf ids = {0};
	list_ids(pending, n, &ids);
	*asked = ids.len > 0;
	enum sql r = ids.len > 0 ? keys_read(m, ids.data, pending, n, err) : SQL_OK;
	if (r == SQL_OK && ids.len > 0)
		r = read_ask(m, ids.data, err);
	buf_free(&ids);
	return r;
}

static enum sql take_held(struct mysql *m, struct pending *pending, size_t n, bool asked,
    struct rows_read *rows, struct err *err)
{
	enum sql r = asked ? read_take(m, rows, err) : SQL_OK;
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		if (is_open(&pending[i]))
			hand_out(rows, &pending[i]);
	}
	return r;
}

static bool too_wide(const struct mysql *m, const struct pending *one, size_t *column, size_t *len)
{
	for (size_t i = 0; i < one->want.count; i++) {
		for (size_t c = 0; c < m->schema.columns; c++) {
			const char *text = one->want.list[i].col[c];
			*len = m->width[c] > 0 && text != NULL ? strlen(text) : 0;
			*column = c;
			if (*len > m->width[c])
				return true;
		}
	}
	return false;
}

static void make_wanted(const struct mysql *m, struct pending *one)
{
	struct zone_keys keys;
	struct err why;
	keys_of(one, &keys);
	if (m->schema.from_zone(one->item->zone, &keys, &one->want, &why) < 0)
		refuse(one, "%s", why.text);
}

static enum sql check_widths(struct mysql *m, struct pending *one, bool *again, struct err *err)
{
	size_t column, len;
	enum sql r = SQL_OK;
	bool wide = too_wide(m, one, &column, &len);
	if (wide && !*again) { /* the operator may have widened it since */
		*again = true;
		r = tables_check(m, err);
		wide = too_wide(m, one, &column, &len);
	}
	if (r == SQL_OK && wide)
		refuse(one,
		    "a record has %zu characters for column %s of table %s, which holds %lu%s%s%s",
		    len, m->schema.column[column], m->schema.records, m->width[column],
		    m->width[column] < WIDEST ? "; to widen it: ddo-push-mysql -t " : "",
		    m->width[column] < WIDEST ? m->target : "",
		    m->width[column] < WIDEST ? " init" : "");
	return r;
}

/* Rows that equal the zone's in every column have the zone's digest. */
static enum sql compare(const struct pending *one, struct err *err)
{
	bool same = one->nheld == one->want.count;
	struct row **want = mem_alloc((one->want.count + 1) * sizeof(struct row *));
	for (size_t i = 0; i < one->want.count; i++)
		want[i] = &one->want.list[i];
	qsort(want, one->want.count, sizeof(*want), row_compare);
	qsort(one->held, one->nheld, sizeof(struct row *), row_compare);
	for (size_t i = 0; same && i < one->nheld; i++)
		same = row_compare(&one->held[i], &want[i]) == 0;
	free(want);
	if (!same)
		err_set(err,
		    "the rows read back are not those written; does the table have a trigger?");
	return same ? SQL_OK : SQL_ODD;
}

static enum sql verify(struct mysql *m, struct pending *pending, size_t n, struct err *err)
{
	struct rows_read rows = {0};
	bool any = false, asked = false;
	for (size_t i = 0; i < n; i++)
		any = any || (is_open(&pending[i]) && pending[i].changed);
	enum sql r = any ? find_zones(m, pending, n, err) : SQL_OK;
	if (r == SQL_OK && any)
		r = ask_held(m, pending, n, &asked, err);
	if (r == SQL_OK && any)
		r = take_held(m, pending, n, asked, &rows, err);
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		struct pending *one = &pending[i];
		if (!is_open(one))
			continue;
		if (one->item->zone != NULL && one->changed)
			r = compare(one, err);
		if (one->item->zone == NULL && one->zone_id[0] != '\0')
			refuse(one,
			    "%zu rows that ddo did not write keep this zone in table %s; delete "
			    "them",
			    one->nforeign, m->schema.zones);
		else
			one->result = PUSH_OK;
	}
	read_free(&rows);
	return r;
}

enum sql group_change(struct mysql *m, struct pending *pending, size_t n, struct err *err)
{
	struct rows_read rows = {0};
	bool again = false, added = false, asked = false;
	for (size_t i = 0; i < n; i++)
		pending_reset(&pending[i]);
	enum sql r = find_zones(m, pending, n, err);
	if (r == SQL_OK)
		r = decide_owners(m, pending, n, err);
	if (r == SQL_OK)
		r = ask_held(m, pending, n, &asked, err);
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		if (is_open(&pending[i]) && pending[i].item->zone != NULL)
			make_wanted(m, &pending[i]);
	}
	if (r == SQL_OK)
		r = take_held(m, pending, n, asked, &rows, err);
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		if (is_open(&pending[i]))
			r = check_widths(m, &pending[i], &again, err);
	}
	if (r == SQL_OK)
		r = diff_add_zones(m, pending, n, &added, err);
	if (r == SQL_OK && added)
		r = find_zones(m, pending, n, err);
	if (r == SQL_OK)
		r = diff_apply(m, pending, n, err);
	read_free(&rows);
	for (size_t i = 0; i < n; i++)
		pending[i].nheld = 0; /* read_free() freed the rows */
	return r == SQL_OK ? verify(m, pending, n, err) : r;
}
