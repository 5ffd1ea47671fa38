/* ddo-status: what is waiting, failing, drifting. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/msg.h"
#include "status/status.h"
#include "status_print.h"

static const char usage[] =
    "usage: ddo-status [-c FILE] [-j] [-z ZONE]\n"
    "\n"
    "  -j, --json          for programs\n"
    "  -z, --zone ZONE     one zone's story\n"
    "  -c, --config FILE   instead of $DDO_CONFIG or /etc/ddo/app.yml\n"
    "  -t, --test          check the configuration and exit\n"
    "  -h, --help          -V, --version\n"
    "\n"
    "exit: 0 good; 1 degraded (something fails or waits after a failure); 2 broken (ddo-queue is\n"
    "not running, the store or the spool cannot be read, no target is up)\n";

struct options {
	const char *config, *zone;
	bool json, test;
};

static void parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
	    {"json", no_argument, NULL, 'j'}, {"zone", required_argument, NULL, 'z'},
	    {"test", no_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'}, {0}};
	for (int c; (c = getopt_long(argc, argv, "c:jz:thV", longs, NULL)) != -1;) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 'j':
			o->json = true;
			break;
		case 'z':
			o->zone = optarg;
			break;
		case 't':
			o->test = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("ddo-status " DDO_VERSION);
			exit(0);
		default:
			die_usage("see ddo-status --help");
		}
	}
	if (optind < argc)
		die_usage("unexpected argument %s; see ddo-status --help", argv[optind]);
}

static json_t *gather(const struct options *o, const struct conf *conf, struct store *st)
{
	struct err err;
	char zone[NAME_SIZE];
	json_t *out;
	if (o->zone == NULL) {
		out = status_gather(conf, st, &err);
	} else {
		if (name_normalize(o->zone, strlen(o->zone), zone, &err) < 0)
			die_usage("%s", err.text);
		out = status_zone(st, zone, &err);
		if (out == NULL && err.text[0] == '\0') {
			fprintf(stderr, "ddo-status: the store never heard of %s\n", zone);
			exit(1);
		}
	}
	if (out == NULL) {
		msg_error("%s", err.text);
		exit(2);
	}
	return out;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct conf *conf;
	struct store *st;
	struct err err;
	msg_init("ddo-status");
	parse_options(&o, argc, argv);
	if (conf_load(&conf, o.config, &err) < 0)
		die_config("%s", err.text);
	if (o.test) {
		printf("%s: good\n", conf->file);
		return 0;
	}
	if (store_open(&st, conf->db_path, STORE_READ, &err) < 0) {
		msg_error("%s%s", err.text, errno == ENOENT ? " (has ddo-queue ever run?)" : "");
		return BROKEN;
	}
	json_t *out = gather(&o, conf, st);
	if (o.json) {
		json_dumpf(out, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (o.zone != NULL) {
		status_print_zone(out);
	} else {
		status_print(out);
	}
	enum verdict verdict = o.zone == NULL ? status_verdict(out) : GOOD;
	json_decref(out);
	store_close(st);
	conf_free(conf);
	return fflush(stdout) == 0 ? (int)verdict : EX_IOERR;
}
