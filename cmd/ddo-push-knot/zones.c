/* What knotd has, and from where. */
#include <stdlib.h>
#include <string.h>

#include "knot.h"
#include "mem.h"

int knot_file(struct primary *p, const char *zone, char out[NAME_FILE_SIZE], struct err *err)
{
	(void)p;
	(void)err;
	name_to_file(zone, out);
	return 0;
}

int knot_has(struct knot *k, const char *zone, struct err *err)
{
	struct ctl_unit unit = {.zone = zone};
	int r = ctl_run(k->ctl, "zone-status", &unit, 1, NULL, NULL, err);
	return r < 0 ? -1 : r == 0;
}

struct whose {
	const struct knot *k;
	bool ours;
};

static void take_owner(void *arg, const char *zone, const char *path)
{
	struct whose *o = arg;
	o->ours = declared_ours(o->k, zone, path);
}

int knot_owner(
    struct primary *p, const struct primary_work *w, const struct dnsq_item *a, struct err *err)
{
	struct knot *k = (struct knot *)p;
	struct whose o = {.k = k};
	if (a->state == DNSQ_NOTSERVED && !primary_has_file(p, w))
		return OWNER_NOBODY;
	int r = declared_read(k, w->item->name, take_owner, &o, err);
	if (r < 0)
		return -1;
	if (r == 0)
		return o.ours ? OWNER_US : OWNER_OTHER;
	r = knot_has(k, w->item->name, err); /* a member of a catalog, say */
	return r < 0 ? -1 : r > 0 ? OWNER_OTHER : OWNER_NOBODY;
}

static void take_record(void *arg, const knot_ctl_data_t *data)
{
	const char *owner = (*data)[KNOT_CTL_IDX_OWNER], *ttl = (*data)[KNOT_CTL_IDX_TTL];
	const char *type = (*data)[KNOT_CTL_IDX_TYPE], *rdata = (*data)[KNOT_CTL_IDX_DATA];
	if (owner != NULL && ttl != NULL && type != NULL && rdata != NULL)
		buf_addf(arg, "%s %s IN %s %s\n", owner, ttl, type, rdata);
}

/* The zone in knotd's memory, NULL when it has none that ddo can read.  -1: knotd is gone. */
static int read_zone(struct knot *k, const char *zone, struct zone **out, struct err *err)
{
	struct ctl_unit unit = {.zone = zone};
	struct buf text = {0};
	*out = NULL;
	int r = ctl_run(k->ctl, "zone-read", &unit, 1, take_record, &text, err);
	if (r == 0 && zone_parse(zone, buf_str(&text), text.len, 0, out, NULL) < 0)
		*out = NULL;
	buf_free(&text);
	return r < 0 ? -1 : 0;
}

/* knotd's own records are the proof. */
int knot_shows(struct primary *p, const struct primary_work *w, struct err *err)
{
	struct zone *z;
	if (read_zone((struct knot *)p, w->item->name, &z, err) < 0)
		return -1;
	bool same = z != NULL && strcmp(z->digest, w->item->zone->digest) == 0;
	zone_free(z);
	return same;
}

int knot_words(struct primary *p, const struct primary_work *w, struct err *why, struct err *err)
{
	struct knot *k = (struct knot *)p;
	struct ctl_unit unit = {.zone = w->item->name, .flags = "B"};
	int r = ctl_run(k->ctl, "zone-reload", &unit, 1, NULL, NULL, why);
	if (r < 0)
		return err_set(err, "%s", why->text);
	return r > 0 ? PRIMARY_FAILED : PRIMARY_UNKNOWN;
}

struct names {
	const struct knot *k;
	struct primary_list *l;
	char (*list)[NAME_SIZE]; /* ours */
	size_t count, cap;
};

static void take_name(void *arg, const char *zone, const char *path)
{
	struct names *n = arg;
	if (!declared_ours(n->k, zone, path)) {
		primary_list_foreign(n->l, zone);
		return;
	}
	if (n->count == n->cap) {
		n->cap = n->cap == 0 ? 256 : n->cap * 2;
		n->list = mem_resize(n->list, n->cap, sizeof(*n->list));
	}
	snprintf(n->list[n->count++], NAME_SIZE, "%s", zone);
}

int knot_list(void *ctx, FILE *out, struct err *err)
{
	struct knot *k = ctx;
	struct primary_list *l = primary_list_new();
	struct names n = {.k = k, .l = l};
	int r = primary_ready(&k->p, err);
	if (r == 0)
		r = declared_read(k, NULL, take_name, &n, err) < 0 ? -1 : 0;
	for (size_t i = 0; r == 0 && i < n.count; i++) {
		struct zone *z = NULL;
		r = read_zone(k, n.list[i], &z, err);
		if (r == 0)
			primary_list_zone(l, n.list[i], z);
		zone_free(z);
	}
	if (r == 0)
		r = primary_list_print(l, &k->p, out, err);
	primary_list_free(l);
	free(n.list);
	return r;
}
