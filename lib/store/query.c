/* query: one query, from its SQL and its values to its rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_private.h"

struct store_value as_null(void)
{
	return (struct store_value){.type = VALUE_NULL};
}

struct store_value as_int(int64_t number)
{
	return (struct store_value){.type = VALUE_INT, .number = number};
}

struct store_value as_uint(uint64_t number)
{
	return as_int((int64_t)number);
}

struct store_value as_real(double real)
{
	return (struct store_value){.type = VALUE_REAL, .real = real};
}

struct store_value as_text_of(const char *text, size_t len)
{
	return (struct store_value){.type = VALUE_TEXT, .octets = text, .len = len};
}

struct store_value as_text(const char *text)
{
	return text == NULL ? as_null() : as_text_of(text, strlen(text));
}

struct store_value as_blob(const void *octets, size_t len)
{
	return (struct store_value){
	    .type = octets == NULL ? VALUE_NULL : VALUE_BLOB, .octets = octets, .len = len};
}

int store_fault(struct store *st, struct err *err)
{
	return err_set(err, "%s: %s", st->path, sqlite3_errmsg(st->db));
}

int store_exec(struct store *st, const char *sql, struct err *err)
{
	return sqlite3_exec(st->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fault(st, err);
}

static sqlite3_stmt *prepared(struct store *st, const char *sql, struct err *err)
{
	for (size_t i = 0; i < st->nprepared; i++) {
		if (st->prepared[i].sql == sql)
			return st->prepared[i].stmt;
	}
	sqlite3_stmt *q;
	if (sqlite3_prepare_v3(st->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &q, NULL) != SQLITE_OK) {
		store_fault(st, err);
		return NULL;
	}
	st->prepared = mem_resize(st->prepared, st->nprepared + 1, sizeof(*st->prepared));
	st->prepared[st->nprepared++] = (struct store_prepared){.sql = sql, .stmt = q};
	return q;
}

static int bind_one(sqlite3_stmt *q, int i, const struct store_value *v)
{
	switch (v->type) {
	case VALUE_INT:
		return sqlite3_bind_int64(q, i, v->number);
	case VALUE_REAL:
		return sqlite3_bind_double(q, i, v->real);
	case VALUE_TEXT:
		return sqlite3_bind_text64(q, i, v->octets, v->len, SQLITE_STATIC, SQLITE_UTF8);
	case VALUE_BLOB:
		return sqlite3_bind_blob64(q, i, v->octets, v->len, SQLITE_STATIC);
	default:
		return SQLITE_OK; /* what is not bound is NULL */
	}
}

sqlite3_stmt *store_bind(struct store *st, const char *sql, struct err *err,
    const struct store_value *values, size_t count)
{
	sqlite3_stmt *q = prepared(st, sql, err);
	for (size_t i = 0; q != NULL && i < count; i++) {
		if (bind_one(q, (int)i + 1, &values[i]) != SQLITE_OK) {
			store_fault(st, err);
			store_end(q);
			q = NULL;
		}
	}
	return q;
}

void store_end(sqlite3_stmt *q)
{
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
}

int store_next(struct store *st, sqlite3_stmt *q, struct err *err)
{
	if (q == NULL)
		return -1;
	int code = sqlite3_step(q);
	if (code == SQLITE_ROW)
		return 1;
	int r = code == SQLITE_DONE ? 0 : store_fault(st, err);
	store_end(q);
	return r;
}

int store_step(struct store *st, sqlite3_stmt *q, struct err *err)
{
	int r = store_next(st, q, err);
	if (r > 0)
		store_end(q);
	return r < 0 ? -1 : 0;
}

int store_number(struct store *st, sqlite3_stmt *q, int64_t *out, struct err *err)
{
	int r = store_next(st, q, err);
	if (r == 0)
		return err_set(err, "%s: a number is missing", st->path);
	if (r > 0) {
		*out = sqlite3_column_int64(q, 0);
		store_end(q);
	}
	return r < 0 ? -1 : 0;
}

const char *store_column(sqlite3_stmt *q, int i)
{
	const unsigned char *s = sqlite3_column_text(q, i);
	return s == NULL ? "" : (const char *)s;
}

void store_column_copy(sqlite3_stmt *q, int i, char *out, size_t size)
{
	snprintf(out, size, "%s", store_column(q, i));
}

void store_column_add(sqlite3_stmt *q, int i, struct buf *out)
{
	const void *octets = sqlite3_column_blob(q, i);
	buf_add(out, octets, (size_t)sqlite3_column_bytes(q, i));
}

uint64_t store_column_uint(sqlite3_stmt *q, int i)
{
	return (uint64_t)sqlite3_column_int64(q, i);
}

bool store_column_bool(sqlite3_stmt *q, int i)
{
	return sqlite3_column_int(q, i) != 0;
}

void store_forget_queries(struct store *st)
{
	for (size_t i = 0; i < st->nprepared; i++)
		sqlite3_finalize(st->prepared[i].stmt);
	free(st->prepared);
	st->prepared = NULL;
	st->nprepared = 0;
}
