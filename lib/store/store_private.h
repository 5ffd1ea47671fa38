/* store_private: what the parts of the store (store*.c) share. */
#ifndef DDO_STORE_PRIVATE_H
#define DDO_STORE_PRIVATE_H

#include "store/store.h"

enum store_query { /* each prepared once, on first use */
	Q_GET,
	Q_GET_TEXT,
	Q_SET,
	Q_UPDATE,
	Q_MAX_SEQ,
	Q_SYNC_ADD,
	Q_SYNC_DUE,
	Q_MAKE_DUE,
	Q_REARM,
	Q_REARM_ALL,
	Q_DUE,
	Q_NEXT_DUE,
	Q_HELD,
	Q_CONFIRM,
	Q_LATENCY_ADD,
	Q_LATENCY,
	Q_FAIL,
	Q_SUSPECT,
	Q_DELIVERY_STATE,
	Q_CLAMP,
	Q_CLAMP_TARGET,
	Q_TARGET_GET,
	Q_TARGET_SET,
	Q_ARCHIVE,
	Q_ARCHIVED,
	Q_ARCHIVE_PRUNE,
	Q_SERIAL_BACK,
	Q_SERIAL_GOOD,
	Q_RUN_ADD,
	Q_RUN_FORGET,
	Q_RUN_PRUNE,
	Q_RUN_LAST,
	Q_RUN_LAST_WHOLE,
	Q_REFUSE,
	Q_REFUSAL,
	Q_REFUSAL_END,
	Q_REFUSAL_BOUND,
	Q_REFUSAL_HELD,
	Q_REFUSAL_DROP,
	Q_META_GET,
	Q_META_SET,
	Q_META_FORGET,
	Q_COMPARED,
	Q_SET_COMPARED,
	Q_CONFIRMED_ANY,
	Q_COMPARE_ROWS,
	Q_SEND_AGAIN,
	Q_HOLD,
	Q_WANT,
	Q_HOLD_ALL,
	Q_RELEASE,
	STORE_QUERIES
};

struct store {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *stmts[STORE_QUERIES];
};

int store_fault(struct store *st, struct err *err); /* -1 with SQLite's words */
int store_exec(struct store *st, const char *sql, struct err *err);
sqlite3_stmt *store_stmt(struct store *st, enum store_query q, const char *sql, struct err *err);
int store_run(struct store *st, sqlite3_stmt *stmt, struct err *err); /* step, reset, unbind */
/* The one number that the statement gives: step, reset. */
int store_number(struct store *st, sqlite3_stmt *stmt, int64_t *out, struct err *err);
void store_bind_text(sqlite3_stmt *stmt, int i, const char *s);
void store_column_text(sqlite3_stmt *stmt, int i, char *out, size_t size);

#endif
