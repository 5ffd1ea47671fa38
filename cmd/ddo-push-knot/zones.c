/* zones: what knotd has, and from where. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "knot.h"

#define TELLABLE_OCTETS 16384

int knot_has(struct knot *k, const char *zone, struct err *err)
{
	struct ctl_unit unit = {.zone = zone};
	int r = ctl_command(k->ctl, "zone-status", &unit, 1, NULL, NULL, err);
	return r < 0 ? -1 : r == 0;
}

struct ownership {
	const struct knot *k;
	bool ours;
};

static void take_owner(void *arg, const char *zone, const char *path)
{
	struct ownership *o = arg;
	o->ours = declared_ours(o->k, zone, path);
}

int knot_owner(struct primary *p, const struct work *w, struct err *err)
{
	struct knot *k = (struct knot *)p;
	struct ownership o = {.k = k};
	if (w->answer.state == DNSQ_NOTSERVED && !zonefile_exists(p->dir, w->file, ""))
		return OWNER_NOBODY;
	int r = declared_read(k, w->item->name, take_owner, &o, err);
	if (r < 0)
		return -1;
	if (r == 0)
		return o.ours ? OWNER_US : OWNER_OTHER;
	r = knot_has(k, w->item->name, err); /* for example a member of a catalog */
	return r < 0 ? -1 : r > 0 ? OWNER_OTHER : OWNER_NOBODY;
}

static void take_record(void *arg, const knot_ctl_data_t *data)
{
	const char *owner = (*data)[KNOT_CTL_IDX_OWNER], *ttl = (*data)[KNOT_CTL_IDX_TTL];
	const char *type = (*data)[KNOT_CTL_IDX_TYPE], *rdata = (*data)[KNOT_CTL_IDX_DATA];
	if (owner != NULL && ttl != NULL && type != NULL && rdata != NULL)
		buf_addf(arg, "%s %s IN %s %s\n", owner, ttl, type, rdata);
}

static bool is_there(struct knot *k)
{
	struct ctl_unit unit = {.type = "version"};
	struct err err;
	return ctl_command(k->ctl, "status", &unit, 1, NULL, NULL, &err) == 0;
}

/* The zone in knotd's memory, NULL when it has none.  *untold: knotd has one, and cannot say it. It
 * hangs up before a record whose text is longer than 65,535 characters, fails at one that it cannot
 * write as text (an SVCB with a port of four octets), or ddo cannot read what it says. */
static int read_zone(
    struct knot *k, const char *zone, struct zone **out, bool *untold, struct err *err)
{
	struct ctl_unit unit = {.zone = zone};
	struct buf text = {0};
	*out = NULL;
	*untold = false;
	int r = ctl_command(k->ctl, "zone-read", &unit, 1, take_record, &text, err);
	if (r == 0 && zone_parse(zone, buf_str(&text), text.len, 0, out, NULL) < 0) {
		*out = NULL;
		*untold = text.len > 0;
	}
	if (r > 0)
		*untold = text.len > 0 || strcmp(err->text, knot_strerror(KNOT_ESPACE)) == 0;
	buf_free(&text);
	if (r < 0 && is_there(k)) {
		*untold = true;
		return 0;
	}
	return r < 0 ? -1 : 0;
}

/* May a record's text be too long for knotd to say it?  An octet takes up to four characters.  Then
 * ddo does not ask: before knotd hangs up, its control socket is silent for a whole timeout. */
static bool is_untellable(const struct zone *z)
{
	for (size_t i = 0; i < z->count; i++) {
		const knot_rdataset_t *set = &z->rrsets[i].rrs;
		knot_rdata_t *rdata = set->rdata;
		for (uint16_t k = 0; k < set->count; k++, rdata = knot_rdataset_next(rdata)) {
			if (rdata->len >= TELLABLE_OCTETS)
				return true;
		}
	}
	return false;
}

/* The records in knotd's memory are the proof.  *untold: it cannot show them. */
static int has_records(struct knot *k, const struct work *w, bool *untold, struct err *err)
{
	struct zone *z;
	*untold = is_untellable(w->item->zone);
	if (*untold)
		return 0;
	if (read_zone(k, w->item->name, &z, untold, err) < 0)
		return -1;
	bool same = z != NULL && strcmp(z->digest, w->item->zone->digest) == 0;
	zone_free(z);
	return same;
}

int knot_shows(struct primary *p, const struct work *w, struct err *err)
{
	struct knot *k = (struct knot *)p;
	bool untold;
	if (w == NULL) /* knotd does not lose what it was told */
		return 0;
	int r = has_records(k, w, &untold, err);
	if (r != 0 || !untold)
		return r;
	/* Before it is told, the serial that it answers and the same FILE have to do; then, that it
	 * loads FILE, and says so. */
	if (w->state == WORK_PLANNED)
		return 1;
	struct ctl_unit unit = {.zone = w->item->name, .flags = "B"};
	r = ctl_command(k->ctl, "zone-reload", &unit, 1, NULL, NULL, err);
	return r < 0 ? -1 : r == 0;
}

int knot_outcome(struct primary *p, const struct work *w, struct err *why, struct err *err)
{
	struct knot *k = (struct knot *)p;
	struct ctl_unit unit = {.zone = w->item->name, .flags = "B"};
	int r = ctl_command(k->ctl, "zone-reload", &unit, 1, NULL, NULL, why);
	if (r < 0)
		return err_set(err, "%s", why->text);
	return r > 0 ? OUTCOME_FAILED : OUTCOME_UNKNOWN;
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

static int list_one(struct knot *k, struct primary_list *l, const char *zone, struct err *err)
{
	struct zone *z = NULL;
	struct stat st;
	char file[NAME_FILE_SIZE];
	bool untold = false;
	name_to_file(zone, file);
	if (fstatat(k->p.dir, file, &st, 0) == 0 && st.st_size >= TELLABLE_OCTETS &&
	    zonefile_parse(k->p.dir, file, "", &z, NULL) == 0) {
		untold = is_untellable(z);
		zone_free(z);
		z = NULL;
	}
	if (!untold && read_zone(k, zone, &z, &untold, err) < 0)
		return -1;
	if (untold)
		primary_list_add(l, &k->p, zone, file);
	else
		primary_list_zone(l, zone, z);
	zone_free(z);
	return 0;
}

int knot_list(void *ctx, FILE *out, struct err *err)
{
	struct knot *k = ctx;
	struct primary_list *l = primary_list_new();
	struct names n = {.k = k, .l = l};
	int r = primary_ready(&k->p, err);
	if (r == 0)
		r = declared_read(k, NULL, take_name, &n, err) < 0 ? -1 : 0;
	for (size_t i = 0; r == 0 && i < n.count; i++)
		r = list_one(k, l, n.list[i], err);
	if (r == 0)
		r = primary_list_print(l, &k->p, out, err);
	primary_list_free(l);
	free(n.list);
	return r;
}
