/* options: the options of ddo-reconcile. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/msg.h"
#include "inputs.h"

static const char usage[] =
    "usage: ddo-reconcile [options]\n"
    "       ddo-reconcile [-c FILE] --restore ZONE\n"
    "\n"
    "Prints the plan, a line an action (what TAB zone TAB where TAB why), and enqueues it.\n"
    "\n"
    "  -n, --dry-run       only print\n"
    "  -s, --server HOST   ask this DirectAdmin only\n"
    "  -t, --target NAME   compare this target only\n"
    "  -z, --zone ZONE     this zone only\n"
    "      --deep          fetch every zone from DirectAdmin and compare\n"
    "      --delegation    ask reconciliation.resolver who serves each zone\n"
    "      --json          print the plan as JSON, an object a line\n"
    "      --yes-delete N  do these N deletes although a brake stops them\n"
    "      --restore ZONE  bring a deleted zone back from the archive\n"
    "  -w, --wait          run every reconciliation.interval_minutes\n"
    "  -T, --test          check the configuration and exit\n"
    "  -c, --config FILE   instead of $DDO_CONFIG or /etc/ddo/app.yml\n"
    "  -h, --help          -V, --version\n"
    "\n"
    "exit: 0 in sync; 1 differences; 2 a brake stopped the deletes; 69 somebody could not be "
    "asked;\n"
    "75 another one runs, or later\n";

enum { DEEP = 256, DELEGATION, YES_DELETE, RESTORE, JSON };

static const struct option longs[] = {{"dry-run", no_argument, NULL, 'n'},
    {"server", required_argument, NULL, 's'}, {"target", required_argument, NULL, 't'},
    {"zone", required_argument, NULL, 'z'}, {"deep", no_argument, NULL, DEEP},
    {"delegation", no_argument, NULL, DELEGATION}, {"json", no_argument, NULL, JSON},
    {"yes-delete", required_argument, NULL, YES_DELETE},
    {"restore", required_argument, NULL, RESTORE}, {"wait", no_argument, NULL, 'w'},
    {"test", no_argument, NULL, 'T'}, {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {0}};

static const char *zone_name(const char *text, char out[NAME_SIZE])
{
	struct err err;
	if (name_normalize(text, strlen(text), out, &err) < 0)
		die_usage("%s", err.text);
	return out;
}

static const char *host_name(const char *text, char out[NAME_SIZE])
{
	struct err err;
	if (name_normalize_host(text, strlen(text), out, &err) < 0)
		die_usage("%s", err.text);
	return out;
}

static size_t number(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || len > 9 || strspn(text, "0123456789") != len || text[0] == '0')
		die_usage("--yes-delete %s: not a number of zones", text);
	return strtoul(text, NULL, 10);
}

static void set_option(struct options *o, int c)
{
	switch (c) {
	case 'n':
		o->dry_run = true;
		break;
	case 's':
		o->server = host_name(optarg, o->server_name);
		break;
	case 't':
		o->target = optarg;
		break;
	case 'z':
		o->zone = zone_name(optarg, o->zone_name);
		break;
	case DEEP:
		o->deep = true;
		break;
	case DELEGATION:
		o->delegation = true;
		break;
	case JSON:
		o->json = true;
		break;
	case YES_DELETE:
		o->yes_delete = number(optarg);
		break;
	case RESTORE:
		o->restore = zone_name(optarg, o->zone_name);
		break;
	case 'w':
		o->wait = true;
		break;
	case 'T':
		o->test = true;
		break;
	case 'c':
		o->config = optarg;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case 'V':
		puts("ddo-reconcile " DDO_VERSION);
		exit(0);
	default:
		die_usage("see ddo-reconcile --help");
	}
}

void options_parse(struct options *o, int argc, char **argv)
{
	for (int c; (c = getopt_long(argc, argv, "ns:t:z:wTc:hV", longs, NULL)) != -1;)
		set_option(o, c);
	if (optind < argc)
		die_usage("unexpected argument %s; see ddo-reconcile --help", argv[optind]);
	bool narrow = o->server != NULL || o->target != NULL || o->zone != NULL;
	if (o->restore != NULL && (narrow || o->wait || o->dry_run))
		die_usage("--restore goes with -c only");
	if (o->wait && o->yes_delete > 0)
		die_usage("--yes-delete is for one run, not for -w");
}
