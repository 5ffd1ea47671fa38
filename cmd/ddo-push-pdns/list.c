/* list: the zones that PowerDNS has, with their digests. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pdns.h"

struct held {
	char zone[NAME_SIZE];
	bool foreign; /* of another account: ddo does not read it */
	bool there;
	uint32_t serial;
	char digest[ZONE_DIGEST_SIZE]; /* "": ddo cannot read the zone */
};

struct listing {
	struct held *list;
	size_t count;
	bool failed;
	bool asked, answered; /* about some zone */
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct held *)a)->zone, ((const struct held *)b)->zone);
}

static bool take_names(void *ctx, size_t i, struct api_call *c)
{
	struct listing *l = ctx;
	(void)i;
	if (c->status == 0) {
		c->method = "GET";
		buf_adds(&c->path, "/zones?dnssec=false");
		return true;
	}
	json_t *zones = json_loadb(buf_str(&c->answer), c->answer.len, 0, NULL), *zone;
	size_t k;
	l->failed = c->status != 200 || !json_is_array(zones);
	l->list = mem_alloc((json_array_size(zones) + 1) * sizeof(*l->list));
	json_array_foreach(zones, k, zone)
	{
		const char *account = json_string_value(json_object_get(zone, "account"));
		const char *name = json_string_value(json_object_get(zone, "name"));
		struct held *h = &l->list[l->count];
		if (name == NULL || name_normalize(name, strlen(name), h->zone, NULL) < 0)
			continue;
		h->foreign = account == NULL || strcmp(account, ACCOUNT) != 0;
		l->count++;
	}
	json_decref(zones);
	return false;
}

static bool take_zone(void *ctx, size_t i, struct api_call *c)
{
	struct listing *l = ctx;
	struct held *h = &l->list[i];
	if (c->status == 0) {
		c->method = "GET";
		pdns_zone_path(h->zone, &c->path);
		l->asked = l->asked || !h->foreign;
		return !h->foreign;
	}
	json_t *zone = json_loadb(buf_str(&c->answer), c->answer.len, 0, NULL);
	struct zone *z = pdns_read_zone(h->zone, json_object_get(zone, "rrsets"));
	h->there = c->status != 404; /* a zone that PowerDNS cannot show exists, unreadable */
	l->answered = l->answered || c->status == 200 || c->status == 404;
	if (z != NULL) {
		h->serial = z->serial;
		snprintf(h->digest, sizeof(h->digest), "%s", z->digest);
	}
	zone_free(z);
	json_decref(zone);
	return false;
}

int pdns_list(void *ctx, FILE *out, struct err *err)
{
	struct pdns *p = ctx;
	struct listing l = {0};
	int r = api_request(p->api, 1, 1, take_names, &l, err);
	if (r == 0 && l.count > 0) {
		qsort(l.list, l.count, sizeof(*l.list), compare);
		r = api_request(p->api, API_PARALLEL, l.count, take_zone, &l, err);
	}
	if (r == 0 && (l.failed || (l.asked && !l.answered)))
		r = err_set(err, "PowerDNS's API does not list its zones; see PowerDNS's log");
	for (size_t i = 0; r == 0 && i < l.count; i++) {
		const struct held *h = &l.list[i];
		if (h->foreign)
			fprintf(out, "%s\t-\t-\tforeign\n", h->zone);
		else if (h->there && h->digest[0] != '\0')
			fprintf(out, "%s\t%u\t%s\n", h->zone, h->serial, h->digest);
		else if (h->there)
			fprintf(out, "%s\t-\t-\n", h->zone);
	}
	free(l.list);
	return r;
}
