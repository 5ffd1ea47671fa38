/* ddo-queue: the one runner.  Drains the spool into the store, keeps every target moving. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "check.h"
#include "queue.h"
#include "show.h"

struct options {
	const char *config, *target, *zone;
	bool once, retry, test, show;
};

static void parse_options(struct options *o, int argc, char **argv)
{
	const struct opt options[] = {OPT_CONFIG(&o->config),
	    OPT_TARGET(&o->target, "with --retry: only this target"),
	    OPT_ZONE(&o->zone, "with --retry: only this zone"),
	    {.letter = '1',
		.name = "once",
		.flag = &o->once,
		.help = "do what is due now and exit (for cron)"},
	    {.name = "retry",
		.flag = &o->retry,
		.help = "make failed, parked and refused deliveries due at once"},
	    {.name = "show",
		.flag = &o->show,
		.help = "print what a script must know of the configuration, without secrets"},
	    OPT_TEST(&o->test), {0}};
	const struct opt_program program = {.name = "ddo-queue",
	    .synopsis = "[options]\n"
			"[options] --retry [TARGET [ZONE]]",
	    .about = "Takes accepted zones into the store and keeps every target moving.\n",
	    .codes = "0; 64 usage; 75 another ddo-queue runs, a file cannot be used now, or a "
		     "job\nis left; 78 configuration\n",
	    .options = options,
	    .operands = true};
	int at = msg_options(&program, argc, argv);
	if (o->retry && o->target == NULL && at < argc)
		o->target = argv[at++];
	if (o->retry && o->zone == NULL && at < argc)
		o->zone = argv[at++];
	if (at < argc)
		die_usage("unexpected argument %s; see ddo-queue --help", argv[at]);
	if (!o->retry && (o->target != NULL || o->zone != NULL))
		die_usage("-t and -z go with --retry only (-T tests the configuration)");
}

static void ask_for_retry(const struct conf *conf, struct spool *spool, const struct options *o)
{
	struct err err;
	struct job job = {.op = JOB_RETRY, .source = "manual"};
	if (o->target != NULL && conf_find_target(conf, o->target) == NULL)
		die_usage("no target %s in %s", o->target, conf->file);
	snprintf(job.target, sizeof(job.target), "%s", o->target == NULL ? "" : o->target);
	if (o->zone != NULL && name_normalize(o->zone, strlen(o->zone), job.zone, &err) < 0)
		die_usage("%s", err.text);
	job_stamp(&job);
	umask(022); /* ddo-queue must be able to read the job if root makes it */
	if (spool_commit(spool, &job, 1, &err) < 0)
		die_temp("%s", err.text);
	int lock = queue_lock(conf->run_dir, &err);
	if (lock >= 0)
		msg_warn("no ddo-queue is running; the next one will do it");
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct err err;
	struct queue q = {0};
	msg_init("ddo-queue");
	parse_options(&o, argc, argv);
	if (conf_load(&q.conf, o.config, &err) < 0)
		die_config("%s", err.text);
	msg_set_level_name(q.conf->log_level);
	msg_set_format_name(q.conf->log_format);
	if (o.show)
		return show(q.conf);
	if (!o.retry && check_targets(q.conf, &err) < 0)
		die_config("%s", err.text);
	if (o.test) {
		for (size_t i = 1; i < q.conf->nfiles; i++)
			printf("%s: good\n", q.conf->files[i]);
		printf("%s: good, %zu targets\n", q.conf->file, conf_enabled_targets(q.conf));
		conf_free(q.conf);
		return 0;
	}
	if (spool_open(&q.spool, q.conf->spool_dir, true, &err) < 0)
		die_temp("%s", err.text);
	if (o.retry) {
		ask_for_retry(q.conf, q.spool, &o);
		spool_close(q.spool);
		conf_free(q.conf);
		return 0;
	}
	int lock = queue_lock(q.conf->run_dir, &err);
	if (lock < 0)
		die_temp("%s", err.text);
	if (store_open(&q.store, q.conf->db_path, STORE_WRITE, &err) < 0)
		die_temp("%s", err.text);
	if (q.conf->peer_sync)
		msg_warn("peer_sync is enabled, but nothing asks peers yet: use ddo-reconcile");
	q.once = o.once;
	int left = runner_loop(&q, &err);
	if (left < 0)
		die_temp("%s", err.text);
	store_close(q.store);
	spool_close(q.spool);
	conf_free(q.conf);
	close(lock);
	return left > 0 ? EX_TEMPFAIL : 0;
}
