/* ddo-queue: the one runner.  Drains the spool into the store, keeps every target moving. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "check.h"
#include "queue.h"

static const char usage[] =
    "usage: ddo-queue [-c FILE] [-1]\n"
    "       ddo-queue [-c FILE] -t\n"
    "       ddo-queue [-c FILE] --retry [TARGET [ZONE]]\n"
    "\n"
    "  -1, --once     do what is due now and exit (for cron)\n"
    "  -t, --test     check the configuration and exit\n"
    "      --retry    make failed, parked and refused deliveries due at once\n"
    "  -c, --config FILE   instead of $DDO_CONFIG or /etc/ddo/app.yml\n"
    "  -h, --help     -V, --version\n";

enum task { RUN, TEST, RETRY };

struct options {
	const char *config;
	enum task task;
	bool once;
	const char *target, *zone;
};

static void parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
	    {"once", no_argument, NULL, '1'}, {"test", no_argument, NULL, 't'},
	    {"retry", no_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'}, {0}};
	for (int c; (c = getopt_long(argc, argv, "c:1thV", longs, NULL)) != -1;) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case '1':
			o->once = true;
			break;
		case 't':
			o->task = TEST;
			break;
		case 'r':
			o->task = RETRY;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("ddo-queue " DDO_VERSION);
			exit(0);
		default:
			die_usage("see ddo-queue --help");
		}
	}
	if (o->task == RETRY && optind < argc)
		o->target = argv[optind++];
	if (o->task == RETRY && optind < argc)
		o->zone = argv[optind++];
	if (optind < argc)
		die_usage("unexpected argument %s; see ddo-queue --help", argv[optind]);
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
	umask(022); /* the one that runs must be able to read what root asks for by hand */
	if (spool_commit(spool, &job, 1, &err) < 0)
		die_temp("%s", err.text);
	int lock = queue_lock(conf->run_dir, &err);
	if (lock >= 0)
		msg_warn("no ddo-queue is running: it will be done when one starts");
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
	if (o.task != RETRY && check_targets(q.conf, &err) < 0)
		die_config("%s", err.text);
	if (o.task == TEST) {
		printf("%s: good, %zu targets\n", q.conf->file, q.conf->ntargets);
		conf_free(q.conf);
		return 0;
	}
	if (spool_open(&q.spool, q.conf->spool_dir, true, &err) < 0)
		die_temp("%s", err.text);
	if (o.task == RETRY) {
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
	q.once = o.once;
	int left = runner_run(&q, &err);
	if (left < 0)
		die_temp("%s", err.text);
	store_close(q.store);
	spool_close(q.spool);
	conf_free(q.conf);
	close(lock);
	return left > 0 ? EX_TEMPFAIL : 0;
}
