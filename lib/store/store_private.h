/* store_private: how the parts of the store ask SQLite.
 *
 * A query is its SQL and its values: store_query() prepares the SQL on its first use, keeps it, and
 * binds the values in the order of the SQL's parameters.  The SQL must be a string literal, because
 * its address is what the store finds it by.  Text and blobs must live until the query ends.
 *
 * A query that gives rows goes on with store_next() until that returns 0 or -1; the caller that
 * leaves earlier calls store_end().  One that gives none is a single store_change().  All of them
 * take the NULL of a store_query() that failed, and pass its error on.
 */
#ifndef DDO_STORE_PRIVATE_H
#define DDO_STORE_PRIVATE_H

#include <sqlite3.h>

#include "store/store.h"

struct store_prepared {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct store {
	sqlite3 *db;
	char *path;
	struct store_prepared *prepared;
	size_t nprepared;
};

struct store_value {
	enum { VALUE_NULL, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_BLOB } type;
	int64_t number;
	double real;
	const void *octets;
	size_t len;
};

/* Values.  as_null() is also what a query without parameters gets. */
struct store_value as_null(void);
struct store_value as_int(int64_t number);
struct store_value as_uint(uint64_t number);
struct store_value as_real(double real);
struct store_value as_text(const char *text);
struct store_value as_text_of(const char *text, size_t len);
struct store_value as_blob(const void *octets, size_t len); /* octets NULL: SQL's NULL */

/* store_query(st, sql, err, values...): NULL: err. */
#define store_query(st, sql, err, ...) \
	store_bind((st), (sql), (err), (const struct store_value[]){__VA_ARGS__}, \
	    sizeof((const struct store_value[]){__VA_ARGS__}) / sizeof(struct store_value))
/* The same, and runs it to its end. 0, -1. */
#define store_change(st, sql, err, ...) \
	store_step((st), store_query((st), (sql), (err), __VA_ARGS__), (err))

sqlite3_stmt *store_bind(struct store *st, const char *sql, struct err *err,
    const struct store_value *values, size_t count);
int store_step(struct store *st, sqlite3_stmt *q, struct err *err);
/* 1: there is a row, 0: no more, -1. */
int store_next(struct store *st, sqlite3_stmt *q, struct err *err);
void store_end(sqlite3_stmt *q);
/* The first number of the only row. */
int store_number(struct store *st, sqlite3_stmt *q, int64_t *out, struct err *err);

/* Columns of a row.  store_column() is valid until the next row and never NULL. */
const char *store_column(sqlite3_stmt *q, int i);
void store_column_copy(sqlite3_stmt *q, int i, char *out, size_t size);
void store_column_add(sqlite3_stmt *q, int i, struct buf *out);
uint64_t store_column_uint(sqlite3_stmt *q, int i);
bool store_column_bool(sqlite3_stmt *q, int i);

int store_fault(struct store *st, struct err *err); /* -1 with SQLite's words */
int store_exec(struct store *st, const char *sql, struct err *err);
void store_forget_queries(struct store *st);

#endif
