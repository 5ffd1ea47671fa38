/* apply: one batch: each zone is a series of calls, several zones are under way at once. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns/pdns_types.h"
#include "pdns.h"

#define ASK_MS 3000
#define REWORDS_MOST 1000
#define ROUNDS 4

enum state { START, LOOK, SETTINGS, CREATE, CHANGE, DELETE, FLUSH };

struct pending {
	struct push_item *item;
	struct changed *written;
	const struct dnsq_item *before; /* what the server answered before */
	enum state state;               /* of the call that is under way */
	json_t *document;               /* of CREATE and CHANGE */
	unsigned rewords;
	bool changed; /* and read again, where the serial proves nothing */
	bool again;   /* it failed, and may succeed alone */
};

struct batch {
	struct pdns *p;
	struct pending **pending; /* of this round */
	bool last;
};

void pdns_zone_path(const char *zone, struct buf *out)
{
	buf_adds(out, "/zones/");
	for (const char *s = zone; *s != '\0'; s++)
		buf_addf(out, *s == '/' || *s == '_' ? "=%02X" : "%c", *s);
	buf_addc(out, '.');
}

static bool over(struct pending *one, enum push_result result, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Always false: the series is over. */
static bool over(struct pending *one, enum push_result result, const char *fmt, ...)
{
	char text[sizeof(one->item->reason.text)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	one->item->result = result;
	err_set(&one->item->reason, "%s", text);
	return false;
}

static bool done(struct pending *one)
{
	return over(one, PUSH_OK, "%s", "");
}

static bool call(struct pending *one, struct api_call *c, enum state state, const char *method)
{
	one->state = state;
	c->method = method;
	if (state == CREATE)
		buf_adds(&c->path, "/zones?rrsets=false");
	else if (state == FLUSH)
		buf_addf(&c->path, "/cache/flush?domain=%s.", one->item->name);
	else
		pdns_zone_path(one->item->name, &c->path);
	return true;
}

static bool send_document(
    struct pending *one, struct api_call *c, enum state state, const char *method, json_t *document)
{
	char *text = json_dumps(document, JSON_COMPACT);
	buf_adds(&c->body, text);
	free(text);
	return call(one, c, state, method);
}

/* Why PowerDNS's API cannot take the zone; NULL: it can.  PowerDNS serves a signed zone (RFC 4034)
 * only if it signed the zone itself or the zone is "presigned", which the API cannot set. */
static const char *forbidden(const struct zone *z)
{
	for (size_t i = 0; i < z->count; i++) {
		uint16_t type = z->rrsets[i].type;
		if (type == KNOT_RRTYPE_RRSIG || type == KNOT_RRTYPE_NSEC ||
		    type == KNOT_RRTYPE_NSEC3 || type == KNOT_RRTYPE_NSEC3PARAM)
			return "PowerDNS's API takes no zone that is signed already; use type "
			       "coredns_mysql with schema: powerdns";
	}
	return pdns_is_code(z);
}

static bool create(struct batch *b, struct pending *one, struct api_call *c)
{
	struct err err;
	json_t *sets;
	if (changes_all(one->item->zone, &sets, &err) < 0) {
		json_decref(sets);
		return over(one, PUSH_FAIL, "%s", err.text);
	}
	struct buf name = {0};
	buf_addf(&name, "%s.", one->item->name);
	json_decref(one->document);
	one->document = json_pack("{s:s, s:s, s:s, s:s, s:[], s:o}", "name", name.data, "kind",
	    b->p->kind, "account", ACCOUNT, "soa_edit_api", "", "nameservers", "rrsets", sets);
	buf_free(&name);
	return send_document(one, c, CREATE, "POST", one->document);
}

/* Would PowerDNS edit the SOA, or is the zone of another kind? */
static bool needs_settings(const struct pdns *p, const json_t *zone)
{
	const char *edit = json_string_value(json_object_get(zone, "soa_edit_api"));
	const char *kind = json_string_value(json_object_get(zone, "kind"));
	const char *want = strcasecmp(p->kind, "Primary") == 0 ? "Master" : p->kind;
	return (edit != NULL && edit[0] != '\0') ||
	       (kind != NULL && strcasecmp(kind, want) != 0 && strcasecmp(kind, p->kind) != 0);
}

/* PowerDNS holds the zone.  If it did not serve it before, its cache may still deny it. */
static bool complete(struct pending *one, struct api_call *c)
{
	return one->before->state == DNSQ_SERVED ? done(one) : call(one, c, FLUSH, "PUT");
}

static bool change(struct pending *one, struct api_call *c)
{
	if (json_array_size(json_object_get(one->document, "rrsets")) == 0)
		return complete(one, c);
	if (one->changed)
		return over(one, PUSH_DEFER, "PowerDNS took the changes but holds other records");
	one->changed = true;
	return send_document(one, c, CHANGE, "PATCH", one->document);
}

static bool looked(struct batch *b, struct pending *one, struct api_call *c)
{
	struct err err;
	if (c->status == 404 && one->item->zone != NULL)
		return create(b, one, c);
	if (c->status == 404)
		return done(one);
	json_t *zone = json_loadb(buf_str(&c->answer), c->answer.len, 0, NULL);
	json_t *changes = NULL;
	const char *account = json_string_value(json_object_get(zone, "account"));
	bool more;
	if (c->status != 200 || zone == NULL) {
		more =
		    over(one, PUSH_DEFER, "PowerDNS does not show the zone: HTTP %ld", c->status);
	} else if (account == NULL || strcmp(account, ACCOUNT) != 0) {
		more = over(one, PUSH_FAIL,
		    "PowerDNS has this zone from elsewhere: its account is not " ACCOUNT);
	} else if (one->item->zone == NULL) {
		more = call(one, c, DELETE, "DELETE");
	} else if (changes_between(json_object_get(zone, "rrsets"), one->item->zone, &changes,
		       one->written, &err) < 0) {
		more = over(one, PUSH_FAIL, "%s", err.text);
	} else {
		json_decref(one->document);
		one->document = json_pack("{s:O}", "rrsets", changes);
		if (needs_settings(b->p, zone)) {
			json_t *settings =
			    json_pack("{s:s, s:s}", "soa_edit_api", "", "kind", b->p->kind);
			more = send_document(one, c, SETTINGS, "PUT", settings);
			json_decref(settings);
		} else {
			more = change(one, c);
		}
	}
	json_decref(changes);
	json_decref(zone);
	return more;
}

/* PowerDNS will always refuse the contents; any other error may pass. */
static bool refused(const struct batch *b, struct pending *one, struct api_call *c)
{
	/* SQLite, for one, does not let two clients write at once. */
	if (c->status >= 500 && !b->last) {
		one->again = true;
		return false;
	}
	json_t *answer = json_loadb(buf_str(&c->answer), c->answer.len, 0, NULL);
	const char *words = json_string_value(json_object_get(answer, "error"));
	json_t *changes = json_object_get(one->document, "rrsets");
	bool content =
	    c->status == 422 && words != NULL &&
	    (strncmp(words, "Record ", 7) == 0 || strncmp(words, "RRset ", 6) == 0 ||
		strncmp(words, "Name ", 5) == 0 || strncmp(words, "Duplicate ", 10) == 0);
	bool more = false;
	if (content && one->item->zone != NULL && one->rewords < REWORDS_MOST &&
	    changes_reword(changes, one->item->zone, words)) {
		one->rewords++;
		more = send_document(one, c, one->state, c->method, one->document);
	} else if (content) {
		over(one, PUSH_FAIL, "PowerDNS refuses it: %s", words);
	} else {
		over(one, PUSH_DEFER, "PowerDNS: HTTP %ld: %s", c->status,
		    words != NULL ? words : "no words");
	}
	json_decref(answer);
	return more;
}

static bool step(void *ctx, size_t i, struct api_call *c)
{
	struct batch *b = ctx;
	struct pending *one = b->pending[i];
	bool good = c->status >= 200 && c->status < 300;
	if (c->status == 0) {
		const char *why = one->item->zone == NULL ? NULL : forbidden(one->item->zone);
		if (why != NULL)
			return over(one, PUSH_FAIL, "%s", why);
		if (one->item->zone != NULL && one->before->state == DNSQ_NOTSERVED)
			return create(b, one, c);
		return call(one, c, LOOK, "GET");
	}
	if (c->status == API_TOO_SLOW)
		return over(one, PUSH_DEFER, "PowerDNS did not answer within %d s", API_PATIENCE_S);
	switch (one->state) {
	case LOOK:
		return looked(b, one, c);
	case SETTINGS:
		return good ? change(one, c) : refused(b, one, c);
	case CREATE:
		if (c->status == 409)
			return call(one, c, LOOK, "GET");
		return good ? complete(one, c) : refused(b, one, c);
	case CHANGE:
		if (good && one->before->state == DNSQ_SERVED &&
		    one->before->serial == one->item->zone->serial)
			return call(one, c, LOOK, "GET");
		return good ? complete(one, c) : refused(b, one, c);
	case DELETE:
		return good || c->status == 404 ? done(one) : refused(b, one, c);
	default:
		return good ? done(one) : refused(b, one, c);
	}
}

/* What failed goes again, one zone at a time. */
static int rounds(struct pdns *p, struct pending *pending, size_t count, struct err *err)
{
	struct batch b = {.p = p, .pending = mem_alloc((count + 1) * sizeof(struct pending *))};
	int r = 0;
	for (size_t round = 0, n = count; r == 0 && n > 0; round++) {
		n = 0;
		for (size_t i = 0; i < count; i++) {
			if (round > 0 && !pending[i].again)
				continue;
			pending[i].again = pending[i].changed = false;
			b.pending[n++] = &pending[i];
		}
		b.last = round == ROUNDS;
		r = api_request(p->api, round == 0 ? API_PARALLEL : 1, n, step, &b, err);
	}
	free(b.pending);
	return r;
}

static bool flush_one(void *ctx, size_t i, struct api_call *c)
{
	struct push_item *const *late = ctx;
	if (c->status != 0)
		return false;
	c->method = "PUT";
	buf_addf(&c->path, "/cache/flush?domain=%s.", late[i]->name);
	return true;
}

/* A query during a change may put the old answer into the cache after PowerDNS flushed it. */
int pdns_flush(void *ctx, struct push_item *const *late, size_t count, struct err *err)
{
	struct pdns *p = ctx;
	return api_request(p->api, API_PARALLEL, count, flush_one, (void *)(uintptr_t)late, err);
}

int pdns_apply(void *ctx, struct push_item *items, size_t count, struct err *err)
{
	struct pdns *p = ctx;
	struct dnsq_item *before = mem_alloc((count + 1) * sizeof(*before));
	struct pending *pending = mem_alloc((count + 1) * sizeof(*pending));
	struct changed *written = mem_alloc((count + 1) * sizeof(*written));
	for (size_t i = 0; i < count; i++) {
		before[i].zone = items[i].name;
		pending[i] = (struct pending){
		    .item = &items[i], .before = &before[i], .written = &written[i]};
	}
	int r = dnsq_ask(p->dns.dns, before, count, ASK_MS, err);
	size_t silent = 0;
	for (size_t i = 0; i < count; i++)
		silent += before[i].state == DNSQ_NOANSWER;
	if (r == 0 && silent == count)
		r = err_set(err, "%s does not answer over DNS", p->dns.server);
	if (r == 0)
		r = rounds(p, pending, count, err);
	for (size_t i = 0; r < 0 && i < count; i++) {
		if (items[i].result == PUSH_OK) /* not confirmed */
			items[i].result = PUSH_UNDONE;
	}
	if (r == 0)
		r = confirm_rows(&p->dns, items, written, count, err);
	for (size_t i = 0; i < count; i++) {
		json_decref(pending[i].document);
		changed_free(&written[i]);
	}
	free(written);
	free(pending);
	free(before);
	return r;
}
