/* coredns: the rows of CoreDNS's mysql plugin. */

/* The plugin looks for the host name as the Go library miekg/dns writes a question's name, less
 * ".ZONE", in lower case; "@" is the apex.  So ddo writes host names as that library does: it
 * escapes . ' @ ; ( ) " \ and the blank by a backslash, what is not printable by its decimal value.
 */
#include <string.h>

#include "refuse.h"
#include "rows.h"

static void add_label(struct buf *out, const uint8_t *label, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (label[i] < ' ' || label[i] > '~')
			buf_addf(out, "\\%03u", label[i]);
		else if (strchr(".'@;()\"\\ ", label[i]) != NULL)
			buf_addf(out, "\\%c", label[i]);
		else
			buf_addc(out, (char)label[i]);
	}
}

static const char *host_of(const knot_dname_t *owner, const knot_dname_t *apex, struct rowset *rs)
{
	struct buf text = {0};
	size_t labels = knot_dname_labels(owner, NULL) - knot_dname_labels(apex, NULL);
	for (size_t i = 0; i < labels; i++) {
		if (i > 0)
			buf_addc(&text, '.');
		add_label(&text, owner + 1, owner[0]);
		owner += owner[0] + 1;
	}
	const char *host = labels == 0 ? "@" : rowset_text(rs, text.data, text.len);
	buf_free(&text);
	return host;
}

struct taker {
	const struct zone *zone;
	struct rowset *rs;
	const knot_rrset_t *set; /* whose host is known */
	const char *host;
};

static int take(void *ctx, const struct zone_line *line, const knot_rrset_t *set)
{
	struct taker *t = ctx;
	if (t->set != set)
		t->host = host_of(set->owner, t->zone->apex, t->rs);
	t->set = set;
	struct row *row = rowset_add(t->rs);
	row->col[COL_NAME] = t->host;
	row_word(row, WORDING_COREDNS, line, set, t->rs);
	row->col[COL_TTL] = line->ttl;
	row->col[COL_MORE] = "1"; /* online */
	return 0;
}

static int from_zone(
    const struct zone *z, const struct zone_keys *keys, struct rowset *rs, struct err *err)
{
	struct taker t = {.zone = z, .rs = rs};
	(void)keys;
	if (refuse_for_coredns(z, err) < 0)
		return -1;
	return rows_each(z, rs, take, &t, err);
}

/* A row that is switched off is not in the zone. */
static void to_text(const struct row *row, struct buf *out)
{
	const char *host = row_text(row, COL_NAME);
	if (strcmp(row_text(row, COL_MORE), "0") == 0)
		return;
	if (strcmp(host, "@") == 0)
		buf_adds(out, host);
	else
		wording_read_name(host, out);
	buf_addf(out, "\t%s\tIN\t", row_text(row, COL_TTL));
	wording_read(WORDING_COREDNS, row_text(row, COL_TYPE), row_text(row, COL_DATA), out);
	buf_addc(out, '\n');
}

const struct schema schema_coredns = {
    .name = "coredns",
    .zones = "zones",
    .zone_name = "zone_name",
    .zone_owner = "managed_by",
    .owner = "ddo",
    .records = "records",
    .record_zone = "zone_id",
    .record_owner = "managed_by",
    .dot = ".",
    .columns = 5,
    .column = {"hostname", "type", "data", "ttl", "online"},
    .number = {[COL_TTL] = true, [COL_MORE] = true},
    .from_zone = from_zone,
    .to_text = to_text,
};
