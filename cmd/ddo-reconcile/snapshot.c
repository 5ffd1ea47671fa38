/* snapshot: the store as it is before this program asks anybody else. */
#include <nettle/base16.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "inputs.h"
#include "store/read.h"

/* Origins are few, and neighbouring rows share them. */
static const char *intern(struct snapshot *s, const char *origin)
{
	for (size_t i = s->norigins; i > 0; i--) {
		if (strcmp(s->origins[i - 1], origin) == 0)
			return s->origins[i - 1];
	}
	s->origins = mem_resize(s->origins, s->norigins + 1, sizeof(*s->origins));
	return s->origins[s->norigins++] = mem_dup(origin);
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
	struct snapshot *s;
	size_t cap;    /* of its rows */
	size_t target; /* whose states come, and */
	size_t at;     /* the row that they have reached */
};

static void add_row(void *arg, const struct store_zone_row *z)
{
	struct filling *f = arg;
	struct snapshot *s = f->s;
	if (s->nrows == f->cap) {
		f->cap = f->cap == 0 ? 256 : f->cap * 2;
		s->rows = mem_resize(s->rows, f->cap, sizeof(*s->rows));
	}
	struct row *row = &s->rows[s->nrows++];
	*row = (struct row){.name = mem_dup(z->name),
	    .seq = z->seq,
	    .generation = z->generation,
	    .serial = z->serial,
	    .deleted = z->deleted,
	    .wanted = z->wanted,
	    .origin = intern(s, z->origin)};
	struct base16_decode_ctx ctx;
	size_t n = sizeof(row->digest);
	base16_decode_init(&ctx);
	if (strlen(z->digest) != BASE16_ENCODE_LENGTH(sizeof(row->digest)) ||
	    !base16_decode_update(&ctx, &n, row->digest, strlen(z->digest), z->digest))
		memset(row->digest, 0, sizeof(row->digest));
}

static int read_zones(struct store *st, struct snapshot *s, struct err *err)
{
	struct filling f = {.s = s};
	int result = store_each_zone(st, add_row, &f, err);
	if (s->nrows > 0)
		qsort(s->rows, s->nrows, sizeof(*s->rows), compare_rows);
	return result;
}

/* Both sides are in the order of names. */
static void set_state(void *arg, const char *zone, enum delivery_state state)
{
	struct filling *f = arg;
	const struct snapshot *s = f->s;
	while (f->at < s->nrows && strcmp(s->rows[f->at].name, zone) < 0)
		f->at++;
	if (f->at < s->nrows && strcmp(s->rows[f->at].name, zone) == 0)
		s->rows[f->at].states[f->target] = (uint8_t)held_state(state);
}

static int read_deliveries(struct inputs *in, size_t target, struct err *err)
{
	struct filling f = {.s = &in->snapshot, .target = target};
	return store_each_state(in->store, in->targets[target].conf->name, set_state, &f, err);
}

static void set_owners(struct inputs *in)
{
	const char *origin = NULL;
	const struct conf_da *owner = NULL;
	for (size_t i = 0; i < in->snapshot.nrows; i++) {
		struct row *row = &in->snapshot.rows[i];
		if (row->origin != origin) {
			origin = row->origin;
			owner = conf_find_da(in->conf, origin);
		}
		row->owner = owner;
		for (size_t k = 0; k < in->nservers; k++) {
			if (!row->deleted && owner == in->servers[k].conf)
				in->servers[k].owned++;
		}
	}
}

int snapshot_take(struct inputs *in, struct err *err)
{
	struct snapshot *s = &in->snapshot;
	/* One read transaction: zones and deliveries of the same moment. */
	if (store_read_begin(in->store, err) < 0)
		return -1;
	int result = read_zones(in->store, s, err);
	s->states = mem_alloc(s->nrows * in->ntargets + 1);
	for (size_t i = 0; i < s->nrows; i++)
		s->rows[i].states = s->states + i * in->ntargets;
	for (size_t t = 0; result == 0 && t < in->ntargets; t++) {
		int waits = store_restored_waits(in->store, in->targets[t].conf->name, err);
		in->targets[t].waits = waits > 0;
		result = waits < 0 ? -1 : read_deliveries(in, t, err);
	}
	if (result == 0)
		result = store_restored(in->store, &s->restored, err);
	store_read_end(in->store);
	set_owners(in);
	return result;
}

const struct row *snapshot_find(const struct snapshot *s, const char *zone)
{
	struct row key = {.name = zone};
	return s->nrows == 0 ? NULL
			     : bsearch(&key, s->rows, s->nrows, sizeof(*s->rows), compare_rows);
}

int snapshot_changed(
    struct store *st, const struct row *row, const struct target *t, struct err *err)
{
	struct store_zone z;
	int known = store_get(st, row->name, &z, NULL, err);
	if (known <= 0)
		return known < 0 ? -1 : 1;
	/* A push of the same text changes nothing for a target, but it does for an orphan. */
	if (t == NULL || z.generation != row->generation)
		return t == NULL ? z.seq != row->seq : 1;
	enum delivery_state state = DELIVERY_DUE;
	int64_t changed = 0;
	int found = store_delivery_state(st, t->conf->name, row->name, &state, &changed, err);
	if (found <= 0)
		return found;
	return held_state(state) == HELD_PENDING || changed > t->started;
}
