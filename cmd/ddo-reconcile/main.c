/* ddo-reconcile: DirectAdmin, the store and every target, until they agree. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "reconcile.h"

#define STUCK_S 3600

/* Whoever runs it (root by hand, ddo by the timer): nobody need be able to write the file. */
static void lock(const struct conf *conf)
{
	struct buf path = {0};
	buf_addf(&path, "%s/reconcile.lock", conf->run_dir);
	int fd = open(path.data, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		die_temp("cannot open %s: %s", path.data, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		exit(EX_TEMPFAIL); /* quietly: the other one does it */
}

static void set_up(struct run *r)
{
	const struct conf *c = r->conf;
	struct err err;
	if (r->o->server != NULL && conf_find_da(c, r->o->server) == NULL)
		die_usage("no DirectAdmin %s in %s", r->o->server, c->file);
	if (r->o->target != NULL && conf_find_target(c, r->o->target) == NULL)
		die_usage("no target %s in %s", r->o->target, c->file);
	if (r->o->delegation && c->reconcile.resolver == NULL)
		die_config("%s: reconciliation.resolver is missing", c->file);
	r->servers = mem_alloc((c->nda + 1) * sizeof(*r->servers));
	for (r->nservers = 0; r->nservers < c->nda; r->nservers++) {
		struct server *s = &r->servers[r->nservers];
		s->conf = &c->da[r->nservers];
		s->asked = r->o->server == NULL || conf_find_da(c, r->o->server) == s->conf;
	}
	r->targets = mem_alloc((c->ntargets + 1) * sizeof(*r->targets));
	for (size_t i = 0; i < c->ntargets; i++) {
		if (!c->targets[i].enabled)
			continue;
		struct target *t = &r->targets[r->ntargets++];
		t->conf = &c->targets[i];
		t->asked = r->o->target == NULL || strcmp(r->o->target, t->conf->name) == 0;
	}
	if (store_open(&r->store, c->db_path, STORE_READ, &err) < 0)
		die_temp("%s%s", err.text, errno == ENOENT ? " (has ddo-queue ever run?)" : "");
	if (spool_open(&r->spool, c->spool_dir, false, &err) < 0)
		die_temp("%s", err.text);
}

/* Without a ddo-queue each run would only add to what waits. */
static void look_at_spool(struct run *r)
{
	size_t waiting, bad;
	uint64_t oldest;
	struct err err;
	if (spool_count(r->spool, &waiting, &bad, &oldest, &err) < 0)
		die_temp("%s", err.text);
	int64_t age = oldest == 0 ? 0 : r->started - (int64_t)(oldest / 1000000);
	if (r->dry || age <= STUCK_S)
		return;
	msg_error("%zu jobs wait in the spool, the oldest for %lld s (does ddo-queue run?): "
		  "nothing is added, this only looks",
	    waiting, (long long)age);
	r->dry = r->stuck = true;
}

/* Looks at all sides, and makes the plan of what is still so at the end. */
static void look(struct run *r)
{
	struct err err;
	if (snapshot_take(r, &err) < 0 || orphans_load(r, &err) < 0)
		die_temp("%s", err.text);
	targets_start(r);
	if (servers_start(r, &err) < 0)
		die_config("%s", err.text);
	servers_finish(r);
	targets_finish(r);
	compare(r);
	servers_newer(r);
	if (compare_again(r, &err) < 0)
		die_temp("%s", err.text);
	orphans_decide(r);
	if (watch(r, &err) < 0 || refusals(r, &err) < 0)
		die_temp("%s", err.text);
	plan_sort(r);
	plan_print_all(r);
	fflush(stdout);
}

static int once(const struct options *o)
{
	struct run r = {.o = o, .started = clock_wall_s()};
	struct conf *conf;
	struct err err;
	if (conf_load(&conf, o->config, &err) < 0)
		die_config("%s", err.text);
	msg_set_level_name(conf->log_level);
	if (o->test)
		return servers_test(conf);
	r.conf = conf;
	r.dry = o->dry_run || conf->reconcile.dry_run;
	set_up(&r);
	if (o->restore != NULL) {
		int found = act_restore(&r, &err);
		if (found <= 0)
			(found == 0 ? die_data : die_temp)("%s", err.text);
		return 0;
	}
	lock(conf);
	look_at_spool(&r);
	look(&r);
	if (!r.dry && act(&r, &err) < 0)
		die_temp("%s", err.text);
	pull_all(&r);
	if (!o->dry_run && !r.stuck && act_report(&r, &err) < 0)
		die_temp("%s", err.text);
	if (!plan_written())
		return EX_IOERR;
	if (r.stuck)
		return EX_TEMPFAIL;
	if (r.brake)
		return EXIT_BRAKE;
	if (r.counts[ACT_UNPROVEN] + r.counts[ACT_UNCOMPARED] + r.counts[ACT_FAILED] > 0)
		return EX_UNAVAILABLE;
	return plan_differs(&r) ? EXIT_DIFFERENCES : EXIT_IN_SYNC;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	msg_init("ddo-reconcile");
	options_parse(&o, argc, argv);
	signal(SIGPIPE, SIG_IGN); /* a plan that nobody reads is carried out */
	umask(022);               /* ddo-queue must be able to read what root enqueues by hand */
	return o.wait && !o.test ? loop(&o, once) : once(&o);
}
