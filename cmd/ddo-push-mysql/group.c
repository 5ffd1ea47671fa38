#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "mysql.h"

void work_reset(struct work *w)
{
	rowset_free(&w->want);
	free(w->held);
	changed_free(&w->written);
	*w = (struct work){.item = w->item};
}

static void refuse(struct work *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void refuse(struct work *w, const char *fmt, ...)
{
	char text[sizeof(w->reason.text)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&w->reason, "%s", text);
	w->result = PUSH_FAIL;
}

static int by_name(const void *va, const void *vb)
{
	const struct work *a = *(struct work *const *)va, *b = *(struct work *const *)vb;
	return strcasecmp(a->item->name, b->item->name);
}

/* Fills in zone_id and ours, of all works. */
static enum sql find_zones(struct mysql *m, struct work *works, size_t n, struct err *err)
{
	struct buf names = {0};
	struct work **sorted = mem_alloc((n + 1) * sizeof(struct work *));
	MYSQL_RES *res;
	for (size_t i = 0; i < n; i++) {
		char name[NAME_SIZE + 1];
		snprintf(name, sizeof(name), "%s%s", works[i].item->name, m->schema.dot);
		buf_adds(&names, i > 0 ? "," : "");
		link_text(m->link, &names, name);
		sorted[i] = &works[i];
		works[i].zone_id[0] = '\0';
	}
	qsort(sorted, n, sizeof(*sorted), by_name);
	enum sql r = read_zones(m, buf_str(&names), &res, err);
	buf_free(&names);
	for (MYSQL_ROW row; r == SQL_OK && (row = mysql_fetch_row(res)) != NULL;) {
		struct push_item item;
		struct work key = {.item = &item}, *pkey = &key;
		size_t len = strlen(row[1]);
		len -= len > 0 && row[1][len - 1] == '.';
		snprintf(item.name, sizeof(item.name), "%.*s", (int)len, row[1]);
		struct work **found = bsearch(&pkey, sorted, n, sizeof(*sorted), by_name);
		if (found == NULL)
			continue;
		snprintf((*found)->zone_id, sizeof((*found)->zone_id), "%s", row[0]);
		(*found)->ours = row[2] != NULL && strcmp(row[2], m->schema.mark) == 0;
	}
	if (r == SQL_OK)
		mysql_free_result(res);
	free(sorted);
	return r;
}

static bool is_open(const struct work *w)
{
	return w->result == PUSH_UNDONE;
}

/* A zone that was there before becomes ours, with all its rows. */
static enum sql adopt(struct mysql *m, struct work *w, struct err *err)
{
	const struct schema *s = &m->schema;
	struct buf text = {0};
	buf_addf(&text, "UPDATE `%s` SET `%s` = '%s' WHERE id = %s", s->zones, s->zone_mark,
	    s->mark, w->zone_id);
	enum sql r = link_run(m->link, &text, err);
	buf_reset(&text);
	buf_addf(&text, "UPDATE `%s` SET `%s` = '%s' WHERE `%s` = %s", s->records,
	    s->record_mark != NULL ? s->record_mark : "", s->mark, s->record_zone, w->zone_id);
	if (r == SQL_OK && s->record_mark != NULL)
		r = link_run(m->link, &text, err);
	buf_free(&text);
	w->ours = w->changed = true;
	return r;
}

/* Whose zones are these? */
static enum sql settle_owners(struct mysql *m, struct work *works, size_t n, struct err *err)
{
	enum sql r = SQL_OK;
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		struct work *w = &works[i];
		bool there = w->zone_id[0] != '\0', put = w->item->zone != NULL;
		if (there && !w->ours && put && m->adopt)
			r = adopt(m, w, err);
		else if (there && !w->ours)
			refuse(w, "table %s has this zone, and ddo did not write it%s",
			    m->schema.zones, put ? " (adopt: true takes such zones over)" : "");
		else if (!there && !put)
			w->result = PUSH_OK;
	}
	return r;
}

/* The ids of the works that are open and in the table, with commas between. */
static void list_ids(const struct work *works, size_t n, struct buf *ids)
{
	for (size_t i = 0; i < n; i++) {
		if (is_open(&works[i]) && works[i].zone_id[0] != '\0')
			buf_addf(ids, "%s%s", ids->len > 0 ? "," : "", works[i].zone_id);
	}
}

static void hand_out(const struct rows_read *rows, struct work *w)
{
	size_t count = 0;
	struct row *at = w->zone_id[0] != '\0' ? read_find(rows, w->zone_id, &count) : NULL;
	free(w->held);
	w->held = mem_alloc((count + 1) * sizeof(struct row *));
	w->nheld = w->nforeign = 0;
	for (size_t i = 0; i < count; i++) {
		if (at[i].ours)
			w->held[w->nheld++] = &at[i];
		else
			w->nforeign++;
	}
}

/* Asks for the rows of all that is open; *asked: there are such. */
static enum sql ask_held(
    struct mysql *m, struct work *works, size_t n, bool *asked, struct err *err)
{
	struct buf ids = {0};
	list_ids(works, n, &ids);
	*asked = ids.len > 0;
	enum sql r = ids.len > 0 ? keys_read(m, ids.data, works, n, err) : SQL_OK;
	if (r == SQL_OK && ids.len > 0)
		r = read_ask(m, ids.data, err);
	buf_free(&ids);
	return r;
}

static enum sql take_held(struct mysql *m, struct work *works, size_t n, bool asked,
    struct rows_read *rows, struct err *err)
{
	enum sql r = asked ? read_take(m, rows, err) : SQL_OK;
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		if (is_open(&works[i]))
			hand_out(rows, &works[i]);
	}
	return r;
}

static bool too_wide(const struct mysql *m, const struct work *w, size_t *column, size_t *len)
{
	for (size_t i = 0; i < w->want.count; i++) {
		for (size_t c = 0; c < m->schema.columns; c++) {
			const char *text = w->want.list[i].col[c];
			*len = m->width[c] > 0 && text != NULL ? strlen(text) : 0;
			*column = c;
			if (*len > m->width[c])
				return true;
		}
	}
	return false;
}

static void make_wanted(const struct mysql *m, struct work *w)
{
	struct zone_keys keys;
	struct err why;
	keys_of(w, &keys);
	if (m->schema.from_zone(w->item->zone, &keys, &w->want, &why) < 0)
		refuse(w, "%s", why.text);
}

static enum sql check_widths(struct mysql *m, struct work *w, bool *again, struct err *err)
{
	size_t column, len;
	enum sql r = SQL_OK;
	bool wide = too_wide(m, w, &column, &len);
	if (wide && !*again) { /* somebody may have widened it since */
		*again = true;
		r = tables_check(m, err);
		wide = too_wide(m, w, &column, &len);
	}
	if (r == SQL_OK && wide)
		refuse(w,
		    "a record has %zu characters for column %s of table %s, which holds %lu: "
		    "ddo-push-mysql -t %s init widens what can be",
		    len, m->schema.column[column], m->schema.records, m->width[column], m->target);
	return r;
}

/* The rows that are there now are those of the zone, column by column: so they have its digest. */
static enum sql compare(const struct work *w, struct err *err)
{
	bool same = w->nheld == w->want.count;
	struct row **want = mem_alloc((w->want.count + 1) * sizeof(struct row *));
	for (size_t i = 0; i < w->want.count; i++)
		want[i] = &w->want.list[i];
	qsort(want, w->want.count, sizeof(*want), row_compare);
	qsort(w->held, w->nheld, sizeof(struct row *), row_compare);
	for (size_t i = 0; same && i < w->nheld; i++)
		same = row_compare(&w->held[i], &want[i]) == 0;
	free(want);
	if (!same)
		err_set(err, "what was read back is not what was written (a trigger?)");
	return same ? SQL_OK : SQL_ODD;
}

static enum sql verify(struct mysql *m, struct work *works, size_t n, struct err *err)
{
	struct rows_read rows = {0};
	bool any = false, asked = false;
	for (size_t i = 0; i < n; i++)
		any = any || (is_open(&works[i]) && works[i].changed);
	enum sql r = any ? find_zones(m, works, n, err) : SQL_OK;
	if (r == SQL_OK && any)
		r = ask_held(m, works, n, &asked, err);
	if (r == SQL_OK && any)
		r = take_held(m, works, n, asked, &rows, err);
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		struct work *w = &works[i];
		if (!is_open(w))
			continue;
		if (w->item->zone != NULL && w->changed)
			r = compare(w, err);
		if (w->item->zone == NULL && w->zone_id[0] != '\0')
			refuse(w, "%zu rows that ddo did not write keep this zone in table %s",
			    w->nforeign, m->schema.zones);
		else
			w->result = PUSH_OK;
	}
	read_free(&rows);
	return r;
}

enum sql group_change(struct mysql *m, struct work *works, size_t n, struct err *err)
{
	struct rows_read rows = {0};
	bool again = false, added = false, asked = false;
	for (size_t i = 0; i < n; i++)
		work_reset(&works[i]);
	enum sql r = find_zones(m, works, n, err);
	if (r == SQL_OK)
		r = settle_owners(m, works, n, err);
	if (r == SQL_OK)
		r = ask_held(m, works, n, &asked, err);
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		if (is_open(&works[i]) && works[i].item->zone != NULL)
			make_wanted(m, &works[i]);
	}
	if (r == SQL_OK)
		r = take_held(m, works, n, asked, &rows, err);
	for (size_t i = 0; r == SQL_OK && i < n; i++) {
		if (is_open(&works[i]))
			r = check_widths(m, &works[i], &again, err);
	}
	if (r == SQL_OK)
		r = diff_add_zones(m, works, n, &added, err);
	if (r == SQL_OK && added)
		r = find_zones(m, works, n, err);
	if (r == SQL_OK)
		r = diff_apply(m, works, n, err);
	read_free(&rows);
	for (size_t i = 0; i < n; i++)
		works[i].nheld = 0; /* they are gone with what was read */
	return r == SQL_OK ? verify(m, works, n, err) : r;
}
