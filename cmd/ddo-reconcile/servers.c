#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/msg.h"
#include "dns/dnsq.h"
#include "reconcile.h"

#define ASK_MS 20000
#define DENIED_MOST 5 /* one zone may be refused for its own sake, not one after the other */

static void *list_one(void *arg)
{
	struct server *s = arg;
	if (da_list(s->da, &s->list, &s->why) < 0) {
		s->fault = da_fault(s->da);
		return NULL;
	}
	s->proven = true;
	return NULL;
}

/* Also what each run needs and reading the file does not show: logins, ca_file. */
int servers_test(const struct conf *conf)
{
	struct err err;
	for (size_t i = 0; i < conf->nda; i++) {
		struct da *da;
		if (da_open(&da, conf, &conf->da[i], &err) < 0)
			die_config("%s: %s", conf->file, err.text);
		da_close(da);
	}
	printf("%s: good, %zu DirectAdmin servers, %zu targets\n", conf->file, conf->nda,
	    conf->ntargets);
	return 0;
}

/* Seconds since the epoch; 0 never. */
static json_int_t compared_at(const struct run *r, const struct server *s)
{
	json_t *memory = json_object_get(json_object_get(r->last, "memory"), "compared");
	return json_integer_value(json_object_get(memory, s->conf->hostname));
}

static bool is_deep(const struct run *r, const struct server *s)
{
	json_int_t hours = r->conf->reconcile.deep_hours, at = compared_at(r, s);
	bool due = at > r->started || r->started - at >= hours * 3600;
	/* Serials alone may mislead when the store is an older copy. */
	bool restored = r->restored.when > at;
	return r->o->deep || (((hours > 0 && due) || restored) && !r->dry && !plan_narrowed(r));
}

json_t *servers_compared(const struct run *r)
{
	json_t *o = json_object();
	for (size_t i = 0; i < r->nservers; i++) {
		const struct server *s = &r->servers[i];
		bool all = s->deep && s->proven && !s->silent && !r->dry && !plan_narrowed(r);
		json_object_set_new(o, s->conf->hostname,
		    json_integer(all ? (json_int_t)r->started : compared_at(r, s)));
	}
	return o;
}

int servers_start(struct run *r, struct err *err)
{
	for (size_t i = 0; i < r->nservers; i++) {
		struct server *s = &r->servers[i];
		s->deep = is_deep(r, s);
		if (!s->asked) {
			err_set(&s->why, "not asked");
			continue;
		}
		if (da_open(&s->da, r->conf, s->conf, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < r->nservers; i++) {
		struct server *s = &r->servers[i];
		if (s->asked && pthread_create(&s->thread, NULL, list_one, s) != 0)
			die_temp("cannot start a thread");
	}
	return 0;
}

void servers_finish(struct run *r)
{
	for (size_t i = 0; i < r->nservers; i++) {
		struct server *s = &r->servers[i];
		if (!s->asked)
			continue;
		pthread_join(s->thread, NULL);
		/* A server that has zones here and lists none is not itself. */
		if (s->proven && s->list.count == 0 && s->owned > 0) {
			s->proven = false;
			s->fault = DA_GARBLED;
			err_set(&s->why, "lists no zone, and %zu here are its", s->owned);
		}
		if (s->proven && s->list.ignored > 0)
			msg_warn("%s lists %zu names that are no zone names", s->conf->hostname,
			    s->list.ignored);
		if (!s->proven)
			plan_add(r, ACT_UNPROVEN, "-", s->conf->hostname, "%s: %s",
			    da_fault_word(s->fault), s->why.text);
	}
}

void servers_failed(struct server *s)
{
	switch (da_fault(s->da)) {
	case DA_ABSENT:
	case DA_GARBLED:
		break;
	case DA_DENIED:
		s->silent = ++s->denied >= DENIED_MOST;
		break;
	default:
		s->silent = true;
	}
}

static void ask_newer(struct run *r, struct server *s)
{
	struct dnsq *dns;
	struct err err;
	size_t count = 0, silent = 0;
	if (dnsq_open(&dns, s->conf->dns_server, &err) < 0) {
		plan_add(r, ACT_WATCH, "-", s->conf->hostname,
		    "changed zones are not seen: its name server %s: %s", s->conf->dns_server,
		    err.text);
		return;
	}
	struct dnsq_item *items = mem_alloc((s->list.count + 1) * sizeof(*items));
	for (size_t i = 0; i < s->list.count; i++) {
		const char *zone = s->list.zones[i];
		const struct row *row = snapshot_find(r, zone);
		if (row != NULL && !row->deleted && !row->wanted && row->owner == s->conf &&
		    plan_about(r, zone))
			items[count++].zone = row->name;
	}
	bool asked = dnsq_soa(dns, items, count, ASK_MS, &err) == 0;
	if (!asked)
		plan_add(r, ACT_WATCH, "-", s->conf->hostname,
		    "changed zones are not seen: its name server %s: %s", s->conf->dns_server,
		    err.text);
	for (size_t i = 0; asked && i < count; i++) {
		const struct row *row = snapshot_find(r, items[i].zone);
		silent += items[i].state == DNSQ_NOANSWER;
		if (items[i].state != DNSQ_SERVED ||
		    !store_serial_less(row->serial, items[i].serial))
			continue;
		struct action *a = plan_add(r, ACT_CHECK, row->name, s->conf->hostname,
		    "older: serial %u here, %u at its own name server", row->serial,
		    items[i].serial);
		a->row = row;
		a->server = s;
	}
	if (silent > 0)
		plan_add(r, ACT_WATCH, "-", s->conf->hostname,
		    "changed zones are not seen: its name server %s gave no answer about %zu of "
		    "%zu zones",
		    s->conf->dns_server, silent, count);
	free(items);
	dnsq_close(dns);
}

void servers_newer(struct run *r)
{
	for (size_t i = 0; i < r->nservers; i++) {
		struct server *s = &r->servers[i];
		if (s->proven && !s->deep && s->conf->dns_server != NULL)
			ask_newer(r, s);
	}
}
