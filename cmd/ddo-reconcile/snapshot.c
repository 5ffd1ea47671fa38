#include <nettle/base16.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "reconcile.h"

int snapshot_fault(const struct run *r, struct err *err)
{
	return err_set(err, "%s: %s", r->conf->db_path, sqlite3_errmsg(store_db(r->store)));
}

static const char *text(sqlite3_stmt *q, int i)
{
	const unsigned char *s = sqlite3_column_text(q, i);
	return s == NULL ? "" : (const char *)s;
}

/* There are few of them, and neighbours share them. */
static const char *intern(struct run *r, const char *origin)
{
	for (size_t i = r->norigins; i > 0; i--) {
		if (strcmp(r->origins[i - 1], origin) == 0)
			return r->origins[i - 1];
	}
	r->origins = mem_resize(r->origins, r->norigins + 1, sizeof(*r->origins));
	return r->origins[r->norigins++] = mem_dup(origin);
}

static int compare_rows(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

static void read_digest(const char *hex, struct row *row)
{
	struct base16_decode_ctx ctx;
	size_t n = sizeof(row->digest);
	base16_decode_init(&ctx);
	if (strlen(hex) != BASE16_ENCODE_LENGTH(sizeof(row->digest)) ||
	    !base16_decode_update(&ctx, &n, row->digest, strlen(hex), hex))
		memset(row->digest, 0, sizeof(row->digest));
}

static int read_zones(struct run *r, struct err *err)
{
	sqlite3_stmt *q;
	size_t cap = 0;
	int code;
	if (sqlite3_prepare_v2(store_db(r->store),
		"SELECT name, seq, generation, serial, deleted, wanted, digest, origin FROM zones",
		-1, &q, NULL) != SQLITE_OK)
		return snapshot_fault(r, err);
	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		if (r->nrows == cap) {
			cap = cap == 0 ? 256 : cap * 2;
			r->rows = mem_resize(r->rows, cap, sizeof(*r->rows));
		}
		struct row *row = &r->rows[r->nrows++];
		*row = (struct row){.name = mem_dup(text(q, 0)),
		    .seq = (uint64_t)sqlite3_column_int64(q, 1),
		    .generation = (uint64_t)sqlite3_column_int64(q, 2),
		    .serial = (uint32_t)sqlite3_column_int64(q, 3),
		    .deleted = sqlite3_column_int(q, 4) != 0,
		    .wanted = sqlite3_column_int(q, 5) != 0,
		    .origin = intern(r, text(q, 7))};
		read_digest(text(q, 6), row);
	}
	if (code != SQLITE_DONE)
		snapshot_fault(r, err);
	sqlite3_finalize(q);
	if (code == SQLITE_DONE && r->nrows > 0)
		qsort(r->rows, r->nrows, sizeof(*r->rows), compare_rows);
	return code == SQLITE_DONE ? 0 : -1;
}

static enum held_state state_of(const char *word)
{
	if (strcmp(word, "done") == 0)
		return HELD_DONE;
	if (strcmp(word, "parked") == 0)
		return HELD_PARKED;
	return strcmp(word, "refused") == 0 ? HELD_REFUSED : HELD_PENDING;
}

/* Both sides are in the order of names. */
static int read_deliveries(struct run *r, size_t target, struct err *err)
{
	sqlite3_stmt *q;
	size_t at = 0;
	int code;
	if (sqlite3_prepare_v2(store_db(r->store),
		"SELECT zone, state FROM deliveries WHERE target = ? ORDER BY zone", -1, &q,
		NULL) != SQLITE_OK)
		return snapshot_fault(r, err);
	sqlite3_bind_text(q, 1, r->targets[target].conf->name, -1, SQLITE_STATIC);
	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		const char *zone = text(q, 0);
		while (at < r->nrows && strcmp(r->rows[at].name, zone) < 0)
			at++;
		if (at < r->nrows && strcmp(r->rows[at].name, zone) == 0)
			r->rows[at].states[target] = (uint8_t)state_of(text(q, 1));
	}
	if (code != SQLITE_DONE)
		snapshot_fault(r, err);
	sqlite3_finalize(q);
	return code == SQLITE_DONE ? 0 : -1;
}

static void set_owners(struct run *r)
{
	const char *origin = NULL;
	const struct conf_da *owner = NULL;
	for (size_t i = 0; i < r->nrows; i++) {
		struct row *row = &r->rows[i];
		if (row->origin != origin) {
			origin = row->origin;
			owner = conf_find_da(r->conf, origin);
		}
		row->owner = owner;
		for (size_t s = 0; s < r->nservers; s++) {
			if (!row->deleted && owner == r->servers[s].conf)
				r->servers[s].owned++;
		}
	}
}

int snapshot_take(struct run *r, struct err *err)
{
	/* One read transaction: zones and deliveries of the same moment. */
	if (sqlite3_exec(store_db(r->store), "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return snapshot_fault(r, err);
	int result = read_zones(r, err);
	r->states = mem_alloc(r->nrows * r->ntargets + 1);
	for (size_t i = 0; i < r->nrows; i++)
		r->rows[i].states = r->states + i * r->ntargets;
	for (size_t t = 0; result == 0 && t < r->ntargets; t++) {
		int waits = store_restored_waits(r->store, r->targets[t].conf->name, err);
		r->targets[t].waits = waits > 0;
		result = waits < 0 ? -1 : read_deliveries(r, t, err);
	}
	if (result == 0)
		result = store_restored(r->store, &r->restored, err);
	sqlite3_exec(store_db(r->store), "COMMIT", NULL, NULL, NULL);
	set_owners(r);
	return result;
}

const struct row *snapshot_find(const struct run *r, const char *zone)
{
	struct row key = {.name = zone};
	return r->nrows == 0 ? NULL
			     : bsearch(&key, r->rows, r->nrows, sizeof(*r->rows), compare_rows);
}

int snapshot_changed(struct run *r, const struct row *row, const struct target *t, struct err *err)
{
	struct store_zone z;
	int known = store_get(r->store, row->name, &z, NULL, err);
	if (known <= 0)
		return known < 0 ? -1 : 1;
	/* A push of the same text is no change to a target, but it is to whoever doubts the zone.
	 */
	if (t == NULL || z.generation != row->generation)
		return t == NULL ? z.seq != row->seq : 1;
	char state[16] = "";
	int64_t changed = 0;
	int found = store_delivery_state(r->store, t->conf->name, row->name, state, &changed, err);
	if (found <= 0)
		return found;
	return state_of(state) == HELD_PENDING || changed > t->started;
}
