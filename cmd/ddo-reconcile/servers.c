/* servers: asks each DirectAdmin for its zones, in a thread each, and their name servers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/msg.h"
#include "dns/dnsq.h"
#include "memory.h"
#include "plan.h"

#define ASK_MS 20000
#define DENIED_MOST 5 /* in a row: then it is the server that refuses, not one zone */

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

/* Opening them also shows what the file alone does not: missing logins, an unreadable ca_file. */
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
	    conf_enabled_targets(conf));
	return 0;
}

static bool is_deep(const struct inputs *in, int64_t compared)
{
	int64_t hours = in->conf->reconcile.deep_hours;
	bool due = compared > in->started || in->started - compared >= hours * 3600;
	/* Serials alone may mislead when the store is an older copy. */
	bool restored = in->snapshot.restored.when > compared;
	return in->o->deep ||
	       (((hours > 0 && due) || restored) && !in->dry && !options_narrow(in->o));
}

int servers_start(struct inputs *in, const struct memory *m, struct err *err)
{
	for (size_t i = 0; i < in->nservers; i++) {
		struct server *s = &in->servers[i];
		s->deep = is_deep(in, memory_compared(m, s->conf->hostname));
		if (!s->asked) {
			err_set(&s->why, "not asked");
			continue;
		}
		if (da_open(&s->da, in->conf, s->conf, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < in->nservers; i++) {
		struct server *s = &in->servers[i];
		if (s->asked && pthread_create(&s->thread, NULL, list_one, s) != 0)
			die_temp("cannot start a thread");
	}
	return 0;
}

void servers_finish(struct inputs *in, struct plan *p)
{
	for (size_t i = 0; i < in->nservers; i++) {
		struct server *s = &in->servers[i];
		if (!s->asked)
			continue;
		pthread_join(s->thread, NULL);
		/* A server that owns zones here and lists none has lost them, or is another one. */
		if (s->proven && s->list.count == 0 && s->owned > 0) {
			s->proven = false;
			s->fault = DA_GARBLED;
			err_set(&s->why, "it lists no zone, but owns %zu here", s->owned);
		}
		if (s->proven && s->list.ignored > 0)
			msg_warn("%s lists %zu names that are no zone names: they are left out",
			    s->conf->hostname, s->list.ignored);
		if (!s->proven)
			plan_add(p, ACT_UNPROVEN, "-", s->conf->hostname, "%s: %s",
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

static void ask_newer(const struct inputs *in, struct plan *p, struct server *s)
{
	struct dnsq *dns;
	struct err err;
	size_t count = 0, silent = 0;
	if (dnsq_open(&dns, s->conf->dns_server, &err) < 0) {
		plan_add(p, ACT_WATCH, "-", s->conf->hostname,
		    "changed zones are not seen: its name server %s: %s", s->conf->dns_server,
		    err.text);
		return;
	}
	struct dnsq_item *items = mem_alloc((s->list.count + 1) * sizeof(*items));
	for (size_t i = 0; i < s->list.count; i++) {
		const char *zone = s->list.zones[i];
		const struct row *row = snapshot_find(&in->snapshot, zone);
		if (row != NULL && !row->deleted && !row->wanted && row->owner == s->conf &&
		    options_about(in->o, zone))
			items[count++].zone = row->name;
	}
	bool asked = dnsq_ask(dns, items, count, ASK_MS, &err) == 0;
	if (!asked)
		plan_add(p, ACT_WATCH, "-", s->conf->hostname,
		    "changed zones are not seen: its name server %s: %s", s->conf->dns_server,
		    err.text);
	for (size_t i = 0; asked && i < count; i++) {
		const struct row *row = snapshot_find(&in->snapshot, items[i].zone);
		silent += items[i].state == DNSQ_NOANSWER;
		if (items[i].state != DNSQ_SERVED ||
		    !store_serial_less(row->serial, items[i].serial))
			continue;
		struct action *a = plan_add(p, ACT_CHECK, row->name, s->conf->hostname,
		    "older: serial %u here, %u at its own name server", row->serial,
		    items[i].serial);
		a->row = row;
		a->server = s;
	}
	if (silent > 0)
		plan_add(p, ACT_WATCH, "-", s->conf->hostname,
		    "changed zones are not seen: its name server %s gave no answer about %zu of "
		    "%zu zones",
		    s->conf->dns_server, silent, count);
	free(items);
	dnsq_close(dns);
}

void servers_newer(struct inputs *in, struct plan *p)
{
	for (size_t i = 0; i < in->nservers; i++) {
		struct server *s = &in->servers[i];
		if (s->proven && !s->deep && s->conf->dns_server != NULL)
			ask_newer(in, p, s);
	}
}
