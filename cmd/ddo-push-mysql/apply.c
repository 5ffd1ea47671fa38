/* apply: one batch as one transaction, tried again where that helps. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "mysql.h"

#define GROUP_ZONES 250
#define GROUP_RECORDS 10000 /* a group has no more in memory */
#define TRIES 4
#define PAUSE_MS 20

enum sql mysql_ready(struct mysql *m, bool *fresh, struct err *err)
{
	bool connected = false;
	enum sql r = SQL_DOWN;
	for (size_t i = 0; r != SQL_OK && i < link_hosts(m->link); i++) {
		r = link_ready(m->link, &connected, err);
		if (r != SQL_OK)
			break; /* it has tried all hosts */
		if (connected)
			r = tables_check(m, err);
		if (r != SQL_OK)
			link_drop(m->link);
	}
	if (fresh != NULL)
		*fresh = connected;
	return r;
}

/* Another writer may just have added the zone: the second try finds it.  Or a changed row met a
 * UNIQUE key of the operator's, which a row yet to be deleted still held: the second try writes the
 * rows afresh.  If that fails too, the zone itself violates the key. */
static enum sql change_one(struct mysql *m, struct pending *one, struct err *err)
{
	enum sql r = group_change(m, one, 1, err);
	if (r != SQL_TAKEN)
		return r;
	r = link_say(m->link, "ROLLBACK TO SAVEPOINT one", err);
	m->afresh = true;
	if (r == SQL_OK)
		r = group_change(m, one, 1, err);
	m->afresh = false;
	return r == SQL_TAKEN ? SQL_REFUSED : r;
}

/* One of the zones is at fault: each gets its own savepoint. */
static enum sql change_each(struct mysql *m, struct pending *pending, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		enum sql r = link_say(m->link, "SAVEPOINT one", err);
		if (r != SQL_OK)
			return r;
		r = change_one(m, &pending[i], err);
		if (r == SQL_REFUSED || r == SQL_ODD) {
			pending_reset(&pending[i]);
			pending[i].result = r == SQL_REFUSED ? PUSH_FAIL : PUSH_DEFER;
			pending[i].reason = *err;
			r = link_say(m->link, "ROLLBACK TO SAVEPOINT one", err);
		}
		if (r != SQL_OK)
			return r;
	}
	return SQL_OK;
}

static enum sql change_group(struct mysql *m, struct pending *pending, size_t n, struct err *err)
{
	enum sql r = link_say(m->link, "SAVEPOINT many", err);
	if (r == SQL_OK)
		r = group_change(m, pending, n, err);
	if (r != SQL_REFUSED && r != SQL_ODD && r != SQL_TAKEN)
		return r;
	r = link_say(m->link, "ROLLBACK TO SAVEPOINT many", err);
	return r == SQL_OK ? change_each(m, pending, n, err) : r;
}

static size_t group_size(const struct pending *pending, size_t n)
{
	size_t zones = 0, records = 0;
	while (zones < n && zones < GROUP_ZONES && records < GROUP_RECORDS) {
		const struct zone *z = pending[zones++].item->zone;
		records += z == NULL ? 0 : z->records;
	}
	return zones;
}

static enum sql transact(struct mysql *m, struct pending *pending, size_t n, struct err *err)
{
	enum sql r = link_say(m->link, "START TRANSACTION", err);
	for (size_t i = 0, size; r == SQL_OK && i < n; i += size) {
		size = group_size(pending + i, n - i);
		r = change_group(m, pending + i, size, err);
		for (size_t k = i; k < i + size; k++)
			rowset_free(&pending[k].want);
	}
	if (r == SQL_OK)
		r = link_say(m->link, "COMMIT", err);
	struct err ignored;
	if (r != SQL_OK && r != SQL_DOWN)
		link_say(m->link, "ROLLBACK", &ignored);
	return r;
}

/* A deadlock or a failed certification undid the transaction: try again.  The host is lost: try the
 * next one.  A connection from an earlier batch may only have timed out, so even a single host gets
 * a second try. */
static enum sql persist(struct mysql *m, struct pending *pending, size_t n, struct err *err)
{
	enum sql r = SQL_AGAIN;
	size_t hosts = 0;
	for (unsigned tries = 0; r == SQL_AGAIN && tries < TRIES; tries++) {
		bool fresh = false;
		if (tries > 0)
			clock_sleep_ms(PAUSE_MS << tries);
		r = mysql_ready(m, &fresh, err);
		if (r != SQL_OK)
			return r;
		r = transact(m, pending, n, err);
		if (r != SQL_DOWN)
			continue;
		link_drop(m->link);
		if (!fresh || ++hosts < link_hosts(m->link)) {
			r = SQL_AGAIN;
			tries = 0;
		}
	}
	return r;
}

int mysql_apply(void *ctx, struct push_item *items, size_t count, struct err *err)
{
	struct mysql *m = ctx;
	struct pending *pending = mem_alloc((count + 1) * sizeof(*pending));
	struct changed *written = mem_alloc((count + 1) * sizeof(*written));
	for (size_t i = 0; i < count; i++)
		pending[i].item = &items[i];
	enum sql r = persist(m, pending, count, err);
	for (size_t i = 0; i < count; i++) {
		items[i].result = r == SQL_OK     ? pending[i].result
				  : r == SQL_DOWN ? PUSH_UNDONE
						  : PUSH_DEFER;
		items[i].reason = r == SQL_OK ? pending[i].reason : *err;
		written[i] = pending[i].written;
		pending[i].written = (struct changed){0};
		pending_reset(&pending[i]);
	}
	int result = r == SQL_DOWN ? -1 : 0;
	if (result == 0 && m->dns.dns != NULL)
		result = confirm_rows(&m->dns, items, written, count, err);
	for (size_t i = 0; i < count; i++)
		changed_free(&written[i]);
	free(written);
	free(pending);
	return result;
}
