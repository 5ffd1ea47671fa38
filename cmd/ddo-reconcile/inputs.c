/* inputs: what a run looks at, as far as the configuration says it. */
#include "inputs.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/msg.h"

#define STUCK_S 3600

bool options_narrow(const struct options *o)
{
	return o->server != NULL || o->target != NULL || o->zone != NULL;
}

bool options_about(const struct options *o, const char *zone)
{
	return o->zone == NULL || strcmp(o->zone, zone) == 0;
}

static void add_servers(struct inputs *in)
{
	const struct conf *c = in->conf;
	if (in->o->server != NULL && conf_find_da(c, in->o->server) == NULL)
		die_usage("no DirectAdmin %s in %s", in->o->server, c->file);
	in->servers = mem_alloc((c->nda + 1) * sizeof(*in->servers));
	for (in->nservers = 0; in->nservers < c->nda; in->nservers++) {
		struct server *s = &in->servers[in->nservers];
		s->conf = &c->da[in->nservers];
		s->asked = in->o->server == NULL || conf_find_da(c, in->o->server) == s->conf;
	}
}

static void add_targets(struct inputs *in)
{
	const struct conf *c = in->conf;
	if (in->o->target != NULL && conf_find_target(c, in->o->target) == NULL)
		die_usage("no target %s in %s", in->o->target, c->file);
	in->targets = mem_alloc((c->ntargets + 1) * sizeof(*in->targets));
	for (size_t i = 0; i < c->ntargets; i++) {
		if (!c->targets[i].enabled)
			continue;
		struct target *t = &in->targets[in->ntargets++];
		t->conf = &c->targets[i];
		t->all = c;
		t->asked = in->o->target == NULL || strcmp(in->o->target, t->conf->name) == 0;
	}
}

void inputs_open(struct inputs *in, const struct options *o, const struct conf *conf)
{
	struct err err;
	in->o = o;
	in->conf = conf;
	in->dry = o->dry_run || conf->reconcile.dry_run;
	add_servers(in);
	add_targets(in);
	if (o->delegation && conf->reconcile.resolver == NULL)
		die_config("%s: reconciliation.resolver is missing", conf->file);
	if (store_open(&in->store, conf->db_path, STORE_READ, &err) < 0)
		die_temp("%s%s", err.text, errno == ENOENT ? " (has ddo-queue ever run?)" : "");
	if (spool_open(&in->spool, conf->spool_dir, false, &err) < 0)
		die_temp("%s", err.text);
}

/* While no ddo-queue takes the jobs, each run would only add to them. */
void inputs_check_spool(struct inputs *in)
{
	size_t waiting, bad;
	uint64_t oldest;
	struct err err;
	if (spool_count(in->spool, &waiting, &bad, &oldest, &err) < 0)
		die_temp("%s", err.text);
	int64_t age = oldest == 0 ? 0 : in->started - (int64_t)(oldest / 1000000);
	if (in->dry || age <= STUCK_S)
		return;
	msg_error("%zu jobs wait in the spool, the oldest for %lld s (does ddo-queue run?): "
		  "this run adds none and only looks",
	    waiting, (long long)age);
	in->dry = in->stuck = true;
}
