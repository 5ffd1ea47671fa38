/* delegation: asks a resolver which name servers each zone is delegated to. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns/dnsq.h"
#include "dns/zone.h"
#include "reconcile.h"

/* A resolver follows the parents' delegations, so it finds the name servers that the world asks.  A
 * zone is served in vain when none of its own NS records is among them. */

#define ASK_MS 30000
#define ASK_MS_EACH 20

struct asked {
	const struct row *row;
	struct buf ns;
};

/* Is one of the apex NS records among the lines of `found`? */
static bool shares_one(const struct zone *z, const struct buf *found)
{
	const knot_rrset_t *set = zone_find(z, z->apex, KNOT_RRTYPE_NS);
	const knot_rdata_t *rr = set == NULL ? NULL : set->rrs.rdata;
	for (uint16_t i = 0; set != NULL && i < set->rrs.count; i++) {
		char host[KNOT_DNAME_TXT_MAXLEN + 1];
		dnsq_host(rr, host);
		size_t len = strlen(host);
		for (const char *at = buf_str(found); *at != '\0';) {
			size_t line = strcspn(at, "\n");
			if (line == len && memcmp(at, host, len) == 0)
				return true;
			at += line + (at[line] == '\n');
		}
		rr = knot_rdataset_next((knot_rdata_t *)rr);
	}
	return false;
}

static void judge(
    const struct inputs *in, struct plan *p, const struct row *row, struct dnsq_item *item)
{
	struct store_zone known;
	struct buf text = {0};
	struct zone *z = NULL;
	struct err err;
	if (item->state == DNSQ_NOANSWER || item->state == DNSQ_BROKEN) {
		plan_add(p, ACT_WATCH, row->name, "-", "the resolver finds no answer for it");
		return;
	}
	if (item->state == DNSQ_NOTSERVED) {
		plan_add(p, ACT_WATCH, row->name, "-", "its parent does not delegate it (%s)",
		    item->rcode == KNOT_RCODE_NXDOMAIN ? "NXDOMAIN" : "no NS records");
		return;
	}
	if (store_get(in->store, row->name, &known, &text, &err) > 0 &&
	    zone_parse(row->name, buf_str(&text), text.len, 0, &z, &err) == 0 &&
	    !shares_one(z, item->ns)) {
		for (size_t i = 0; i + 1 < item->ns->len; i++) {
			if (item->ns->data[i] == '\n')
				item->ns->data[i] = ' ';
		}
		plan_add(p, ACT_WATCH, row->name, "-", "delegated to others: %.*s",
		    (int)item->ns->len - 1, buf_str(item->ns));
	}
	zone_free(z);
	buf_free(&text);
}

static void ask_and_judge(const struct inputs *in, struct plan *p, struct dnsq *dns)
{
	struct err err;
	size_t count = 0;
	struct dnsq_item *items = mem_alloc((in->snapshot.nrows + 1) * sizeof(*items));
	struct asked *asked = mem_alloc((in->snapshot.nrows + 1) * sizeof(*asked));
	for (size_t i = 0; i < in->snapshot.nrows; i++) {
		const struct row *row = &in->snapshot.rows[i];
		if (row->deleted || !options_about(in->o, row->name))
			continue;
		asked[count].row = row;
		items[count] = (struct dnsq_item){.zone = row->name, .ns = &asked[count].ns};
		count++;
	}
	int result = dnsq_ask(dns, items, count, ASK_MS + (int)count * ASK_MS_EACH, &err);
	if (result < 0)
		plan_add(p, ACT_FAILED, "-", in->conf->reconcile.resolver, "%s", err.text);
	for (size_t i = 0; i < count; i++) {
		if (result == 0)
			judge(in, p, asked[i].row, &items[i]);
		buf_free(&asked[i].ns);
	}
	free(asked);
	free(items);
}

/* A resolver that cannot be asked stops nothing: this only reports. */
void delegation(const struct inputs *in, struct plan *p)
{
	struct dnsq *dns;
	struct err err;
	if (dnsq_open(&dns, in->conf->reconcile.resolver, &err) < 0) {
		plan_add(p, ACT_FAILED, "-", in->conf->reconcile.resolver, "%s", err.text);
		return;
	}
	dnsq_resolver(dns);
	ask_and_judge(in, p, dns);
	dnsq_close(dns);
}
