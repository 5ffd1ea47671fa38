/* zone_parse: from master file text to canonical RRsets; see zone.h. */
#include <libzscanner/scanner.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "dns/master.h"
#include "dns/zone.h"
#include "dns/zone_private.h"

#define LOOK_BACK 1000 /* records of one owner */

#define MESSAGE_MAX 65535 /* RFC 1035 section 4.2.2 */
#define MESSAGE_HEAD (12 + 4)
#define MESSAGE_RR 12 /* compressed owner, type, class, TTL, length */

struct record {
	knot_rrset_t rr;  /* exactly one rdata, canonical */
	uint16_t covered; /* RRSIG: the type it covers */
	uint64_t line;
	uint64_t series; /* consecutive records of one owner, in one case, have one number */
	/* The owner in a form that memcmp sorts in canonical order. */
	uint8_t lf[KNOT_DNAME_MAXLEN + 1];
};

struct records {
	struct record **list;
	size_t count;
	size_t cap;
	size_t max;
	uint64_t series;           /* the number of the last one */
	knot_dname_storage_t last; /* the last owner, outside the zone or not */
};

static void records_free(struct records *rs)
{
	for (size_t i = 0; i < rs->count; i++) {
		knot_rrset_clear(&rs->list[i]->rr, NULL);
		free(rs->list[i]);
	}
	free(rs->list);
	rs->list = NULL;
}

/* RFC 6895 section 3.1: 0, OPT, and the Q and meta types are never zone data.  NULL must not be in
 * a master file in any form (RFC 1035 section 3.3.10). */
static bool is_data_type(uint16_t type)
{
	return type != 0 && type != KNOT_RRTYPE_NULL && type != KNOT_RRTYPE_OPT &&
	       (type < 128 || type > 255);
}

/* 1: the record is outside the zone.  named leaves it out, and so does ddo. */
static int check_record(
    struct zone *z, const zs_scanner_t *zs, uint64_t number, struct records *rs, struct err *err)
{
	unsigned long long line = number;
	knot_dname_storage_t owner = {0};
	memcpy(owner, zs->r_owner, knot_dname_size(zs->r_owner));
	knot_dname_to_lower(owner);
	if (rs->series == 0 || !knot_dname_is_equal(zs->r_owner, rs->last)) {
		rs->series++;
		memcpy(rs->last, zs->r_owner, knot_dname_size(zs->r_owner));
	}
	if (knot_dname_in_bailiwick(owner, z->apex) < 0) {
		if (z->outside++ == 0) {
			z->outside_line = number;
			knot_dname_to_str(z->outside_name, owner, sizeof(z->outside_name));
		}
		return 1;
	}
	if (!is_data_type(zs->r_type))
		return err_set(err, "line %llu: type %u cannot be in a zone", line, zs->r_type);
	if (zs->r_type == KNOT_RRTYPE_SOA && !knot_dname_is_equal(owner, z->apex))
		return err_set(err, "line %llu: SOA is not at the apex of %s", line, z->name);
	if (rs->max > 0 && rs->count >= rs->max)
		return err_set(err, "line %llu: more than %zu records", line, rs->max);
	return 0;
}

static int add_record(struct records *rs, const zs_scanner_t *zs, uint64_t number, struct err *err)
{
	if (rs->count == rs->cap) {
		rs->cap = rs->cap == 0 ? 32 : rs->cap * 2;
		rs->list = mem_resize(rs->list, rs->cap, sizeof(*rs->list));
	}
	struct record *r = mem_alloc(sizeof(*r));
	rs->list[rs->count++] = r;
	knot_rrset_init(
	    &r->rr, knot_dname_copy(zs->r_owner, NULL), zs->r_type, KNOT_CLASS_IN, zs->r_ttl);
	r->line = number;
	r->series = rs->series;
	if (r->rr.owner == NULL ||
	    !zone_rdata_is_sound(zs->r_type, zs->r_data, zs->r_data_length) ||
	    knot_rrset_add_rdata(&r->rr, zs->r_data, (uint16_t)zs->r_data_length, NULL) !=
		KNOT_EOK ||
	    knot_rrset_rr_to_canonical(&r->rr) != KNOT_EOK)
		return err_set(err, "line %llu: bad record data", (unsigned long long)r->line);
	if (r->rr.type == KNOT_RRTYPE_RRSIG)
		r->covered = knot_rrsig_type_covered(r->rr.rrs.rdata);
	knot_dname_storage_t storage;
	const uint8_t *lf = knot_dname_lf(r->rr.owner, storage);
	memcpy(r->lf, lf, (size_t)lf[0] + 1);
	return 0;
}

/* As named does: a record takes the TTL of its set in this series.  Without $TTL, the next record
 * that states no TTL takes that one, too. */
static void keep_ttl(struct master *m, const struct records *rs)
{
	const struct record *last = rs->list[rs->count - 1];
	for (size_t back = 2; back <= rs->count && back < LOOK_BACK; back++) {
		const struct record *r = rs->list[rs->count - back];
		if (r->series != last->series)
			return;
		if (r->rr.type == last->rr.type && r->covered == last->covered) {
			m->stated_ttl = r->rr.ttl;
			rs->list[rs->count - 1]->rr.ttl = r->rr.ttl;
			return;
		}
	}
}

/* Takes a line of master_next(): a record, or $ORIGIN, which gives no record. */
static int scan_line(struct zone *z, zs_scanner_t *zs, const struct buf *line, uint64_t number,
    struct records *rs, struct err *err)
{
	bool done = zs_set_input_string(zs, line->data, line->len) == 0 && zs_parse_record(zs) == 0;
	if (!done || (zs->state != ZS_STATE_DATA && zs->state != ZS_STATE_EOF))
		return err_set(
		    err, "line %llu: %s", (unsigned long long)number, zs_strerror(zs->error.code));
	int r = zs->state == ZS_STATE_EOF ? 1 : check_record(z, zs, number, rs, err);
	return r == 0 ? add_record(rs, zs, number, err) : r < 0 ? -1 : 0;
}

static int scan(struct zone *z, zs_scanner_t *zs, const char *text, size_t len, struct records *rs,
    struct err *err)
{
	struct master m;
	struct buf line = {0};
	uint64_t number;
	int r;
	master_open(&m, z->name, text, len);
	while ((r = master_next(&m, &line, &number, err)) > 0) {
		size_t before = rs->count;
		r = scan_line(z, zs, &line, number, rs, err);
		if (!m.has_default && rs->count > before)
			keep_ttl(&m, rs);
		if (r < 0)
			break;
	}
	master_close(&m);
	buf_free(&line);
	return r;
}

static int compare_records(const void *va, const void *vb)
{
	const struct record *a = *(struct record *const *)va, *b = *(struct record *const *)vb;
	size_t shorter = a->lf[0] < b->lf[0] ? a->lf[0] : b->lf[0];
	int r = memcmp(a->lf + 1, b->lf + 1, shorter);
	if (r == 0)
		r = (int)a->lf[0] - (int)b->lf[0];
	if (r == 0)
		r = (int)a->rr.type - (int)b->rr.type;
	if (r == 0)
		r = (int)a->covered - (int)b->covered;
	if (r == 0)
		r = knot_rdata_cmp(a->rr.rrs.rdata, b->rr.rrs.rdata);
	if (r == 0)
		r = a->line < b->line ? -1 : a->line > b->line;
	return r;
}

static bool same_set(const struct record *a, const struct record *b)
{
	return a->rr.type == b->rr.type && a->covered == b->covered &&
	       knot_dname_is_equal(a->rr.owner, b->rr.owner);
}

/* If the records of a set disagree, named takes the TTL of the first one in the last series. */
static uint32_t ttl_of(struct record *const *list, size_t count)
{
	const struct record *by = list[0];
	for (size_t i = 1; i < count; i++) {
		const struct record *r = list[i];
		if (r->series > by->series || (r->series == by->series && r->line < by->line))
			by = r;
	}
	return by->rr.ttl;
}

/* Makes one RRset of list[0..count), which is sorted, in linear time; adding to a knot_rdataset_t
 * one by one is not linear.  Refuses a set that no DNS message can hold. */
static int join(knot_rrset_t *set, struct record *const *list, size_t count, struct err *err)
{
	size_t message = MESSAGE_HEAD + knot_dname_size(list[0]->rr.owner), size = 0;
	uint64_t line = 0;
	for (size_t i = 0; i < count; i++) {
		const knot_rdataset_t *one = &list[i]->rr.rrs;
		if (list[i]->line > line)
			line = list[i]->line;
		if (i > 0 && knot_rdata_cmp(one->rdata, list[i - 1]->rr.rrs.rdata) == 0)
			continue;
		size += one->size;
		message += MESSAGE_RR + one->rdata->len;
	}
	if (message > MESSAGE_MAX)
		return err_set(err, "line %llu: the record set is too large for DNS",
		    (unsigned long long)line);
	*set = list[0]->rr;
	set->ttl = ttl_of(list, count);
	knot_rdataset_init(&set->rrs);
	char *to = mem_alloc(size);
	set->rrs.rdata = (knot_rdata_t *)(void *)to;
	set->rrs.size = (uint32_t)size;
	for (size_t i = 0; i < count; i++) {
		const knot_rdataset_t *one = &list[i]->rr.rrs;
		if (i > 0 && knot_rdata_cmp(one->rdata, list[i - 1]->rr.rrs.rdata) == 0)
			continue;
		memcpy(to, one->rdata, one->size);
		to += one->size;
		set->rrs.count++;
	}
	list[0]->rr.owner = NULL; /* the set owns it now */
	return 0;
}

/* Joins the records, sorted, to z->rrsets. */
static int group(struct zone *z, const struct records *rs, struct err *err)
{
	z->rrsets = mem_alloc((rs->count + 1) * sizeof(*z->rrsets));
	for (size_t i = 0, next; i < rs->count; i = next) {
		for (next = i + 1; next < rs->count && same_set(rs->list[i], rs->list[next]);)
			next++;
		if (join(&z->rrsets[z->count], rs->list + i, next - i, err) < 0)
			return -1;
		z->records += z->rrsets[z->count++].rrs.count;
	}
	return 0;
}

/* RFC 4035 section 2.5; the two of RFC 2535 as named still allows them. */
static bool goes_with_cname(uint16_t type)
{
	return type == KNOT_RRTYPE_RRSIG || type == KNOT_RRTYPE_NSEC || type == KNOT_RRTYPE_KEY ||
	       type == KNOT_RRTYPE_SIG;
}

/* RFC 1034 section 3.6.2: a CNAME is alone, but for these. */
static int check_cnames(const struct records *rs, struct err *err)
{
	for (size_t i = 0; i < rs->count;) {
		size_t end = i;
		const struct record *cname = NULL, *other = NULL, *dname = NULL;
		for (; end < rs->count &&
		       knot_dname_is_equal(rs->list[end]->rr.owner, rs->list[i]->rr.owner);
		     end++) {
			const struct record *r = rs->list[end];
			if (r->rr.type == KNOT_RRTYPE_CNAME) {
				if (cname != NULL && !knot_rdataset_eq(&cname->rr.rrs, &r->rr.rrs))
					other = r;
				cname = r;
			} else if (r->rr.type == KNOT_RRTYPE_DNAME) {
				if (dname != NULL && !knot_rdataset_eq(&dname->rr.rrs, &r->rr.rrs))
					return err_set(err, "line %llu: more than one DNAME",
					    (unsigned long long)(r->line > dname->line
								     ? r->line
								     : dname->line));
				dname = other = r;
			} else if (!goes_with_cname(r->rr.type)) {
				other = r;
			}
		}
		if (cname != NULL && other != NULL) {
			knot_dname_txt_storage_t owner;
			knot_dname_to_str(owner, cname->rr.owner, sizeof(owner));
			return err_set(err, "line %llu: CNAME and other data at %s",
			    (unsigned long long)(cname->line > other->line ? cname->line
									   : other->line),
			    owner);
		}
		i = end;
	}
	return 0;
}

/* A zone has one SOA.  The same SOA twice counts as one: a zone transfer ends with it. */
static int check_soa(struct zone *z, const struct records *rs, struct err *err)
{
	const struct record *soa = NULL;
	for (size_t i = 0; i < rs->count; i++) {
		const struct record *r = rs->list[i];
		if (r->rr.type != KNOT_RRTYPE_SOA)
			continue;
		if (soa != NULL && !knot_rdataset_eq(&soa->rr.rrs, &r->rr.rrs))
			return err_set(err, "line %llu: more than one SOA",
			    (unsigned long long)(soa->line > r->line ? soa->line : r->line));
		soa = r;
	}
	if (soa == NULL && z->outside > 0)
		return err_set(err,
		    "the zone has no SOA; %zu record%s outside %s, the first on line %llu",
		    z->outside, z->outside == 1 ? " is" : "s are", z->name,
		    (unsigned long long)z->outside_line);
	if (soa == NULL)
		return err_set(err, "the zone has no SOA");
	z->serial = knot_soa_serial(soa->rr.rrs.rdata);
	return 0;
}

static int finish(struct zone *z, struct records *rs, struct err *err)
{
	if (rs->count > 0)
		qsort(rs->list, rs->count, sizeof(*rs->list), compare_records);
	if (check_soa(z, rs, err) < 0 || check_cnames(rs, err) < 0 || group(z, rs, err) < 0)
		return -1;
	zone_digest(z);
	return 0;
}

static int scan_all(
    struct zone *z, const char *text, size_t len, struct records *rs, struct err *err)
{
	char origin[NAME_SIZE + 1];
	zs_scanner_t *zs = mem_alloc(sizeof(*zs)); /* 200 KiB: too large for a stack */
	int r = 0;
	snprintf(origin, sizeof(origin), "%s.", z->name);
	if (zs_init(zs, origin, KNOT_CLASS_IN, 0) != 0) {
		r = err_set(err, "%s", zs_strerror(zs->error.code));
	} else {
		r = scan(z, zs, text, len, rs, err);
		zs_deinit(zs);
	}
	free(zs);
	return r;
}

static int refuse_nul(const char *text, struct err *err)
{
	unsigned long long line = 1;
	for (; *text != '\0'; text++)
		line += *text == '\n';
	return err_set(err, "line %llu: a NUL byte", line);
}

int zone_parse(const char *name, const char *text, size_t len, size_t max_records,
    struct zone **out, struct err *err)
{
	const struct zone_limits limits = {.records = max_records};
	return zone_parse_within(name, text, len, &limits, out, err);
}

int zone_parse_within(const char *name, const char *text, size_t len,
    const struct zone_limits *limits, struct zone **out, struct err *err)
{
	*out = NULL;
	if (len == 0)
		return err_set(err, "the zone has no SOA");
	if (memchr(text, '\0', len) != NULL)
		return refuse_nul(text, err);
	struct zone *z = mem_alloc(sizeof(*z));
	struct records rs = {.max = limits->records};
	int r = -1;
	snprintf(z->name, sizeof(z->name), "%s", name);
	if (knot_dname_from_str(z->apex, name, sizeof(z->apex)) == NULL) {
		err_set(err, "%s is not a zone name", name);
	} else {
		r = scan_all(z, text, len, &rs, err);
		if (r == 0)
			r = finish(z, &rs, err);
		if (r == 0 && limits->bytes > 0 && !zone_fits(z, limits->bytes))
			r = err_set(err,
			    "the zone, written out, is larger than app.max_zone_bytes, %zu",
			    limits->bytes);
	}
	records_free(&rs);
	if (r < 0)
		zone_free(z);
	else
		*out = z;
	return r;
}

int zone_parse_rendered(const char *text, size_t len, struct zone **out, struct err *err)
{
	*out = NULL;
	const char *blank = len == 0 ? NULL : memchr(text, '\t', len);
	const char *space = len == 0 ? NULL : memchr(text, ' ', len);
	if (blank == NULL || (space != NULL && space < blank))
		blank = space;
	char name[NAME_SIZE];
	if (blank == NULL || name_normalize(text, (size_t)(blank - text), name, err) < 0)
		return err_set(err, "the text does not start with a zone's SOA record");
	return zone_parse(name, text, len, 0, out, err);
}
