/* ddo-reconcile: compares DirectAdmin, the store and every target, and makes them agree. */
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
#include "base/msg.h"
#include "reconcile.h"

/* Read-only: root runs it by hand and ddo by the timer, and neither has to own the file. */
static void lock(const struct conf *conf)
{
	struct buf path = {0};
	buf_addf(&path, "%s/reconcile.lock", conf->run_dir);
	int fd = open(path.data, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		die_temp("cannot open %s: %s%s", path.data, strerror(errno),
		    errno == EACCES ? "; run this with sudo" : "");
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		exit(EX_TEMPFAIL); /* quietly: the other run does it */
}

struct run {
	struct inputs inputs;
	struct plan plan;
	struct memory memory;
};

/* Looks at all sides, and makes the plan of what is still so at the end. */
static void look(struct inputs *in, struct plan *p, struct memory *m)
{
	struct err err;
	if (snapshot_take(in, &err) < 0 || memory_load(m, in, &err) < 0)
		die_temp("%s", err.text);
	targets_start(in);
	if (servers_start(in, m, &err) < 0)
		die_config("%s", err.text);
	servers_finish(in, p);
	targets_finish(in, p);
	compare(in, p);
	servers_newer(in, p);
	if (compare_again(in->store, p, &err) < 0)
		die_temp("%s", err.text);
	orphans_decide(in, p, m);
	if (watch(in, p, m, &err) < 0 || refusals(in, p, &err) < 0)
		die_temp("%s", err.text);
	plan_sort(p);
	plan_print_all(p);
	fflush(stdout);
}

static void keep_report(const struct run *r)
{
	struct err err;
	json_t *report = report_make(&r->inputs, &r->plan, &r->memory);
	if (act_report(r->inputs.spool, report, &err) < 0)
		die_temp("%s", err.text);
	json_decref(report);
}

static int restore(const struct inputs *in, const char *zone)
{
	struct err err;
	int found = act_restore(in, zone, &err);
	if (found <= 0)
		(found == 0 ? die_data : die_temp)("%s", err.text);
	return 0;
}

static int once(const struct options *o)
{
	struct run r = {
	    .inputs.started = clock_wall_s(), .plan = {.json = o->json, .whole = o->dry_run}};
	struct inputs *in = &r.inputs;
	struct conf *conf;
	struct err err;
	if (conf_load(&conf, o->config, &err) < 0)
		die_config("%s", err.text);
	msg_set_level_name(conf->log_level);
	msg_set_format_name(conf->log_format);
	if (o->test)
		return servers_test(conf);
	inputs_open(in, o, conf);
	if (o->restore != NULL)
		return restore(in, o->restore);
	lock(conf);
	inputs_check_spool(in);
	look(in, &r.plan, &r.memory);
	if (!in->dry && act(in, &r.plan, &err) < 0)
		die_temp("%s", err.text);
	pull_all(in, &r.plan);
	plan_print_rest(&r.plan);
	if (!o->dry_run && !in->stuck)
		keep_report(&r);
	if (!plan_written())
		return EX_IOERR;
	return in->stuck ? EX_TEMPFAIL : plan_status(&r.plan);
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
