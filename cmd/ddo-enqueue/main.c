/* ddo-enqueue: the door for a shell.  The same checks and the same spool as ddo-httpd's. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/msg.h"
#include "conf/conf.h"
#include "enqueue.h"

static const char usage[] =
    "usage: ddo-enqueue [options] put ZONE < zone-text\n"
    "       ddo-enqueue [options] del ZONE...\n"
    "       ddo-enqueue [options] batch\n"
    "       ddo-enqueue [options] allow|forget ZONE\n"
    "\n"
    "batch reads lines of \"put ZONE FILE\" and \"del ZONE\" from standard input; put without a "
    "FILE\n"
    "reads ZONE.db.  Each line is answered with \"ok ZONE\" or \"fail ZONE reason\".\n"
    "allow: the push that is held becomes the zone.  forget: the refused push is dropped.\n"
    "\n"
    "  -o, --origin HOST   the DirectAdmin host to act for; without it the owner stays as it is\n"
    "  -u, --user USER     the DirectAdmin user that the zone belongs to\n"
    "  -c, --config FILE   instead of $DDO_CONFIG or /etc/ddo/app.yml\n"
    "  -t, --test          check the configuration and exit\n"
    "  -h, --help          -V, --version\n";

struct options {
	const char *config, *origin, *user;
	bool test;
};

static void parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
	    {"origin", required_argument, NULL, 'o'}, {"user", required_argument, NULL, 'u'},
	    {"test", no_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'}, {0}};
	for (int c; (c = getopt_long(argc, argv, "+c:o:u:thV", longs, NULL)) != -1;) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 'o':
			o->origin = optarg;
			break;
		case 'u':
			o->user = optarg;
			break;
		case 't':
			o->test = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("ddo-enqueue " DDO_VERSION);
			exit(0);
		default:
			die_usage("see ddo-enqueue --help");
		}
	}
}

static void put_stdin(struct enqueue *e, const char *zone)
{
	struct buf text = {0};
	struct err err;
	if (file_read_all(STDIN_FILENO, &text, e->conf->max_body, &err) < 0) {
		if (errno == EFBIG)
			die_data("%s: the text is %s", zone, err.text);
		die_noinput("%s", err.text);
	}
	switch (enqueue_put(e, zone, buf_str(&text), text.len, &err)) {
	case ENQUEUE_OK:
		buf_free(&text);
		return;
	case ENQUEUE_REFUSED:
		die_data("%s: %s", zone, err.text);
	default:
		die_temp("%s: %s", zone, err.text);
	}
}

static void decide(struct enqueue *e, enum job_op op, const char *zone)
{
	struct err err;
	enum enqueue_result r = enqueue_decide(e, op, zone, &err);
	if (r != ENQUEUE_OK)
		(r == ENQUEUE_REFUSED ? die_data : die_temp)("%s: %s", zone, err.text);
}

static void del_all(struct enqueue *e, char **zones, size_t count)
{
	struct err err;
	enum enqueue_result r = enqueue_del(e, zones, count, &err);
	if (r != ENQUEUE_OK)
		(r == ENQUEUE_REFUSED ? die_data : die_temp)("%s", err.text);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct enqueue e = {0};
	struct conf *conf;
	struct err err;
	msg_init("ddo-enqueue");
	parse_options(&o, argc, argv);
	umask(022); /* ddo-queue must be able to read what root enqueues by hand */
	if (conf_load(&conf, o.config, &err) < 0)
		die_config("%s", err.text);
	e.conf = conf;
	if (o.test) {
		printf("%s: good\n", conf->file);
		return 0;
	}
	if (enqueue_open(&e, o.origin, o.user, &err) == ENQUEUE_REFUSED)
		die_usage("%s", err.text);
	const char *verb = optind < argc ? argv[optind++] : "";
	if (optind < argc && strcmp(argv[optind], "--") == 0) /* a zone's name may begin with '-' */
		optind++;
	size_t left = (size_t)(argc - optind);
	bool put = strcmp(verb, "put") == 0, del = strcmp(verb, "del") == 0;
	bool allow = strcmp(verb, "allow") == 0, forget = strcmp(verb, "forget") == 0;
	if (!((put || allow || forget) && left == 1) && !(del && left > 0) &&
	    !(strcmp(verb, "batch") == 0 && left == 0))
		die_usage("expected put ZONE, del ZONE..., batch, allow ZONE or forget ZONE; see "
			  "ddo-enqueue --help");
	if (spool_open(&e.spool, conf->spool_dir, false, &err) < 0)
		die_temp("%s", err.text);
	int code = 0;
	if (put)
		put_stdin(&e, argv[optind]);
	else if (allow || forget)
		decide(&e, allow ? JOB_ALLOW : JOB_FORGET, argv[optind]);
	else if (del)
		del_all(&e, argv + optind, left);
	else
		code = enqueue_batch(&e, stdin, stdout);
	spool_close(e.spool);
	conf_free(conf);
	return code;
}
