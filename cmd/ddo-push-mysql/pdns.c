/* pdns: the rows of PowerDNS's generic MySQL backend. */

/* Names are absolute, without the final dot.  MX preference and SRV priority have a column of their
 * own.  A name that exists only because there are names below it has a row
 * without a type.  `auth` is 0 for what belongs to a child zone (NS of a delegation, and all below
 * it); `ordername` puts names in the order of the NSEC chain (labels reversed, blanks between), or
 * holds the hash of NSEC3.
 *
 * A zone that arrives signed is served "presigned": PowerDNS takes the RRSIGs from the table, and
 * makes NSEC, NSEC3 and NSEC3PARAM itself, from ordername and a zone's metadata.  ddo keeps
 * their rows all the same, disabled: so the table holds the whole zone, with its digest.
 */
#include <libdnssec/binary.h>
#include <libdnssec/error.h>
#include <libdnssec/nsec.h>
#include <nettle/base16.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "refuse.h"
#include "rows.h"

enum { COL_PRIO = COL_MORE, COL_DISABLED, COL_ORDER, COL_AUTH };

struct taker {
	const struct zone *zone;
	const struct zone_keys *keys;
	dnssec_nsec3_params_t nsec3; /* algorithm 0: NSEC */
	struct rowset *rs;
	const knot_rrset_t *set; /* of which the rest is known */
	const char *name, *order, *auth;
};

static void add_label(struct buf *out, const uint8_t *label, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (label[i] <= ' ' || label[i] > '~')
			buf_addf(out, "\\%03u", label[i]);
		else
			buf_addf(out, strchr(".\\", label[i]) != NULL ? "\\%c" : "%c", label[i]);
	}
}

static const char *name_text(const knot_dname_t *name, struct rowset *rs)
{
	struct buf text = {0};
	for (; *name != 0; name += *name + 1) {
		if (text.len > 0)
			buf_addc(&text, '.');
		add_label(&text, name + 1, *name);
	}
	const char *kept = rowset_text(rs, buf_str(&text), text.len);
	buf_free(&text);
	return kept;
}

/* The labels below the apex, the last one first. */
static const char *reversed(const knot_dname_t *name, const struct taker *t)
{
	struct buf text = {0};
	const uint8_t *labels[KNOT_DNAME_MAXLABELS];
	size_t count = knot_dname_labels(name, NULL) - knot_dname_labels(t->zone->apex, NULL);
	for (size_t i = 0; i < count; i++, name += *name + 1)
		labels[i] = name;
	for (size_t i = count; i > 0; i--) {
		if (text.len > 0)
			buf_addc(&text, ' ');
		add_label(&text, labels[i - 1] + 1, *labels[i - 1]);
	}
	const char *kept = rowset_text(t->rs, buf_str(&text), text.len);
	buf_free(&text);
	return kept;
}

/* RFC 4648 section 7, in lower case, of the 20 octets of an NSEC3 hash. */
static void base32hex(const dnssec_binary_t *in, char out[33])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	size_t n = 0;
	for (size_t bit = 0; bit + 5 <= in->size * 8 && n < 32; bit += 5) {
		unsigned pair = (unsigned)in->data[bit / 8] << 8;
		pair |= bit / 8 + 1 < in->size ? in->data[bit / 8 + 1] : 0;
		out[n++] = digits[pair >> (11 - bit % 8) & 31];
	}
	out[n] = '\0';
}

/* Does the presigned zone have an NSEC3 record of that hash? */
static bool has_nsec3(const struct zone *z, const char *hash)
{
	knot_dname_storage_t owner;
	char text[NAME_SIZE + 40];
	snprintf(text, sizeof(text), "%s.%s.", hash, z->name);
	return knot_dname_from_str(owner, text, sizeof(owner)) != NULL &&
	       zone_find(z, owner, KNOT_RRTYPE_NSEC3) != NULL;
}

static const char *hashed(const knot_dname_t *name, const struct taker *t)
{
	dnssec_binary_t data;
	data.size = knot_dname_size(name);
	data.data = (uint8_t *)(uintptr_t)name;
	dnssec_binary_t hash = {0};
	char text[33];
	if (t->keys->narrow || dnssec_nsec3_hash(&data, &t->nsec3, &hash) != DNSSEC_EOK)
		return NULL;
	base32hex(&hash, text);
	dnssec_binary_free(&hash);
	if (t->keys->presigned && !has_nsec3(t->zone, text))
		return NULL;
	return rowset_text(t->rs, text, strlen(text));
}

/* The delegation at or above the name; NULL: the zone is authoritative for it. */
static const knot_dname_t *cut_above(const struct zone *z, const knot_dname_t *name)
{
	const knot_dname_t *cut = NULL;
	for (; !knot_dname_is_equal(name, z->apex); name += *name + 1) {
		if (zone_find(z, name, KNOT_RRTYPE_NS) != NULL)
			cut = name;
	}
	return cut;
}

static const char *order_of(
    const struct taker *t, const knot_dname_t *name, uint16_t type, const knot_dname_t *cut)
{
	bool below = cut != NULL && !knot_dname_is_equal(cut, name);
	bool glue = cut != NULL && (type == KNOT_RRTYPE_A || type == KNOT_RRTYPE_AAAA);
	if (below || glue)
		return NULL;
	if (t->nsec3.algorithm == 0)
		return reversed(name, t);
	/* Opt-out leaves unsigned delegations out of the chain (RFC 5155 section 6). */
	bool out = cut != NULL && (t->nsec3.flags & 1) != 0 && !t->keys->presigned &&
		   zone_find(t->zone, name, KNOT_RRTYPE_DS) == NULL;
	return out ? NULL : hashed(name, t);
}

static bool is_made_by_server(uint16_t type)
{
	return type == KNOT_RRTYPE_NSEC || type == KNOT_RRTYPE_NSEC3 ||
	       type == KNOT_RRTYPE_NSEC3PARAM;
}

/* A record at the hash of a name (NSEC3) has no place of its own in the order. */
static bool is_of_hash(const knot_rrset_t *set)
{
	return set->type == KNOT_RRTYPE_NSEC3 ||
	       (set->type == KNOT_RRTYPE_RRSIG &&
		   knot_rrsig_type_covered(set->rrs.rdata) == KNOT_RRTYPE_NSEC3);
}

static void know_set(struct taker *t, const knot_rrset_t *set)
{
	if (t->set == set)
		return;
	const knot_dname_t *cut = cut_above(t->zone, set->owner);
	bool signs = set->type == KNOT_RRTYPE_DS || set->type == KNOT_RRTYPE_NSEC ||
		     set->type == KNOT_RRTYPE_RRSIG;
	bool at_cut = cut != NULL && knot_dname_is_equal(cut, set->owner);
	t->set = set;
	t->name = name_text(set->owner, t->rs);
	t->auth = cut == NULL || (at_cut && signs) ? "1" : "0";
	t->order = is_of_hash(set) ? NULL : order_of(t, set->owner, set->type, cut);
}

static int take(void *ctx, const struct zone_line *line, const knot_rrset_t *set)
{
	struct taker *t = ctx;
	know_set(t, set);
	struct row *row = rowset_add(t->rs);
	row->col[COL_NAME] = t->name;
	row_word(row, WORDING_PDNS, line, set, t->rs);
	row->col[COL_TTL] = line->ttl;
	row->col[COL_PRIO] = "0";
	row->col[COL_DISABLED] = is_made_by_server(set->type) ? "1" : "0";
	row->col[COL_ORDER] = t->order;
	row->col[COL_AUTH] = t->auth;
	bool prio = set->type == KNOT_RRTYPE_MX || set->type == KNOT_RRTYPE_SRV;
	if (prio) {
		const char *data = row->col[COL_DATA];
		size_t len = strcspn(data, " ");
		row->col[COL_PRIO] = rowset_text(t->rs, data, len);
		row->col[COL_DATA] = data + len + strspn(data + len, " ");
	}
	return 0;
}

static bool exists(const struct zone *z, const knot_dname_t *name)
{
	size_t low = 0, high = z->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = knot_dname_cmp(z->rrsets[mid].owner, name);
		if (c == 0)
			return true;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* Rows for empty non-terminals (RFC 9499).  The names below one come in a row, so it suffices to
 * remember the last one. */
static void add_empty(struct taker *t)
{
	const struct zone *z = t->zone;
	const knot_dname_t *last = NULL;
	for (size_t i = 0; i < z->count; i++) {
		const knot_dname_t *name = z->rrsets[i].owner, *known = last;
		if (is_of_hash(&z->rrsets[i]) || cut_above(z, name) != NULL)
			continue;
		last = name;
		while (!knot_dname_is_equal(name, z->apex)) {
			name += *name + 1;
			if (exists(z, name) ||
			    (known != NULL && knot_dname_in_bailiwick(known, name) >= 0))
				break;
			struct row *row = rowset_add(t->rs);
			row->col[COL_NAME] = name_text(name, t->rs);
			row->col[COL_PRIO] = "0";
			row->col[COL_DISABLED] = "0";
			row->col[COL_AUTH] = "1";
			row->col[COL_ORDER] = t->nsec3.algorithm == 0 ? NULL : hashed(name, t);
		}
	}
}

/* "ALGORITHM FLAGS ITERATIONS SALT", as the record is written (RFC 5155 section 4.3). */
static void read_nsec3param(const char *text, dnssec_nsec3_params_t *out, uint8_t salt[256])
{
	unsigned algorithm, flags, iterations;
	struct base16_decode_ctx ctx;
	char hex[511];
	if (sscanf(text, "%u %u %u %510s", &algorithm, &flags, &iterations, hex) != 4)
		return;
	/* "-" is no salt. */
	size_t n = BASE16_DECODE_LENGTH(strlen(hex));
	base16_decode_init(&ctx);
	if (!base16_decode_update(&ctx, &n, salt, strlen(hex), hex) || !base16_decode_final(&ctx))
		n = 0;
	*out = (dnssec_nsec3_params_t){.algorithm = (uint8_t)algorithm,
	    .flags = (uint8_t)flags,
	    .iterations = (uint16_t)iterations,
	    .salt = {.size = n, .data = salt}};
}

static int from_zone(
    const struct zone *z, const struct zone_keys *keys, struct rowset *rs, struct err *err)
{
	uint8_t salt[256];
	struct taker t = {.zone = z, .keys = keys, .rs = rs};
	if (refuse_for_pdns(z, keys->presigned, err) < 0)
		return -1;
	read_nsec3param(keys->nsec3param, &t.nsec3, salt);
	int r = rows_each(z, rs, take, &t, err);
	add_empty(&t);
	return r;
}

static void to_text(const struct row *row, struct buf *out)
{
	const char *type = row_text(row, COL_TYPE);
	if (type[0] == '\0') /* an empty non-terminal */
		return;
	/* Disabled by hand: not in the zone.  Disabled by us: PowerDNS makes it itself. */
	if (strcmp(row_text(row, COL_DISABLED), "0") != 0 && strncmp(type, "NSEC", 4) != 0)
		return;
	struct buf data = {0};
	if (strcmp(type, "MX") == 0 || strcmp(type, "SRV") == 0)
		buf_addf(&data, "%s ", row_text(row, COL_PRIO));
	buf_adds(&data, row_text(row, COL_DATA));
	wording_read_name(row_text(row, COL_NAME), out);
	buf_addf(out, ".\t%s\tIN\t", row_text(row, COL_TTL));
	wording_read(WORDING_PDNS, type, buf_str(&data), out);
	buf_addc(out, '\n');
	buf_free(&data);
}

const struct schema schema_powerdns = {
    .name = "powerdns",
    .zones = "domains",
    .zone_name = "name",
    .zone_owner = "account",
    .owner = "ddo",
    .records = "records",
    .record_zone = "domain_id",
    .record_owner = NULL,
    .dot = "",
    .columns = 8,
    .column = {"name", "type", "content", "ttl", "prio", "disabled", "ordername", "auth"},
    .number = {[COL_TTL] = true, [COL_PRIO] = true, [COL_DISABLED] = true, [COL_AUTH] = true},
    .from_zone = from_zone,
    .to_text = to_text,
};
