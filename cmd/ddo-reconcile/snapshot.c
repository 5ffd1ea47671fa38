/* snapshot: the store as it is before this program asks anybody else. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "reconcile.h"

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

static enum held_state held_state(enum delivery_state state)
{
	switch (state) {
	case DELIVERY_DONE:
		return HELD_DONE;
	case DELIVERY_PARKED:
		return HELD_PARKED;
	case DELIVERY_REFUSED:
		return HELD_REFUSED;
	default:
		return HELD_PENDING;
	}
}

struct filling {
	struct run *r;
	size_t cap;    /* of its rows */
	size_t target; /* whose states come, and */
	size_t at;     /* the row that they have reached */
};

static void add_row(void *arg, const struct store_zone_row *z)
{
	struct filling *f = arg;
	struct run *r = f->r;
	if (r->nrows == f->cap) {
		f->cap = f->cap == 0 ? 256 : f->cap * 2;
		r->rows = mem_resize(r->rows, f->cap, sizeof(*r->rows));
	}
	struct row *row = &r->rows[r->nrows++];
	*row = (struct row){.name = mem_dup(z->name),
	    .seq = z->seq,
	    .generation = z->generation,
	    .serial = z->serial,
	    .deleted = z->deleted,
	    .wanted = z->wanted,
	    .origin = intern(r, z->origin)};
	if (strlen(z->digest) != 96 || hex_decode(z->digest, 96, row->digest) < 0)
		memset(row->digest, 0, sizeof(row->digest));
}

static int read_zones(struct run *r, struct err *err)
{
	struct filling f = {.r = r};
	int result = store_each_zone(r->store, add_row, &f, err);
	if (r->nrows > 0)
		qsort(r->rows, r->nrows, sizeof(*r->rows), compare_rows);
	return result;
}

/* Both sides are in the order of names. */
static void set_state(void *arg, const char *zone, enum delivery_state state)
{
	struct filling *f = arg;
	const struct run *r = f->r;
	while (f->at < r->nrows && strcmp(r->rows[f->at].name, zone) < 0)
		f->at++;
	if (f->at < r->nrows && strcmp(r->rows[f->at].name, zone) == 0)
		r->rows[f->at].states[f->target] = (uint8_t)held_state(state);
}

static int read_deliveries(struct run *r, size_t target, struct err *err)
{
	struct filling f = {.r = r, .target = target};
	return store_each_state(r->store, r->targets[target].conf->name, set_state, &f, err);
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
	if (store_read_begin(r->store, err) < 0)
		return -1;
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
	store_read_end(r->store);
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
	enum delivery_state state = DELIVERY_DUE;
	int64_t changed = 0;
	int found = store_delivery_state(r->store, t->conf->name, row->name, &state, &changed, err);
	if (found <= 0)
		return found;
	return held_state(state) == HELD_PENDING || changed > t->started;
}
