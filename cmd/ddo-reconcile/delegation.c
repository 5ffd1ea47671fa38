/* delegation: a resolver follows the parents' delegations, so what it finds as a zone's name
 * servers is what the world uses.  A zone none of whose own NS records is among them is served in
 * vain. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns/dnsq.h"
#include "dns/zone.h"
#include "reconcile.h"

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

static void judge(struct run *r, const struct row *row, struct dnsq_item *item)
{
	struct store_zone known;
	struct buf text = {0};
	struct zone *z = NULL;
	struct err err;
	if (item->state == DNSQ_NOANSWER || item->state == DNSQ_BROKEN) {
		plan_add(r, ACT_WATCH, row->name, "-", "the resolver finds no answer for it");
		return;
	}
	if (item->state == DNSQ_NOTSERVED) {
		plan_add(r, ACT_WATCH, row->name, "-", "its parent does not delegate it (%s)",
		    item->rcode == KNOT_RCODE_NXDOMAIN ? "NXDOMAIN" : "no NS records");
		return;
	}
	if (store_get(r->store, row->name, &known, &text, &err) > 0 &&
	    zone_parse(row->name, buf_str(&text), text.len, 0, &z, &err) == 0 &&
	    !shares_one(z, item->ns)) {
		for (size_t i = 0; i + 1 < item->ns->len; i++) {
			if (item->ns->data[i] == '\n')
				item->ns->data[i] = ' ';
		}
		plan_add(r, ACT_WATCH, row->name, "-", "delegated to others: %.*s",
		    (int)item->ns->len - 1, buf_str(item->ns));
	}
	zone_free(z);
	buf_free(&text);
}

static void ask_and_judge(struct run *r, struct dnsq *dns)
{
	struct err err;
	size_t count = 0;
	struct dnsq_item *items = mem_alloc((r->nrows + 1) * sizeof(*items));
	struct asked *asked = mem_alloc((r->nrows + 1) * sizeof(*asked));
	for (size_t i = 0; i < r->nrows; i++) {
		const struct row *row = &r->rows[i];
		if (row->deleted || !plan_about(r, row->name))
			continue;
		asked[count].row = row;
		items[count] = (struct dnsq_item){.zone = row->name, .ns = &asked[count].ns};
		count++;
	}
	int result = dnsq_soa(dns, items, count, ASK_MS + (int)count * ASK_MS_EACH, &err);
	if (result < 0)
		plan_add(r, ACT_FAILED, "-", r->conf->reconcile.resolver, "%s", err.text);
	for (size_t i = 0; i < count; i++) {
		if (result == 0)
			judge(r, asked[i].row, &items[i]);
		buf_free(&asked[i].ns);
	}
	free(asked);
	free(items);
}

/* A resolver that cannot be asked stops nothing: this only reports. */
void delegation(struct run *r)
{
	struct dnsq *dns;
	struct err err;
	if (dnsq_open(&dns, r->conf->reconcile.resolver, &err) < 0) {
		plan_add(r, ACT_FAILED, "-", r->conf->reconcile.resolver, "%s", err.text);
		return;
	}
	dnsq_resolver(dns);
	ask_and_judge(r, dns);
	dnsq_close(dns);
}
