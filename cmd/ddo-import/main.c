/* ddo-import: takes over the zones of a DirectDNSOnly, a BIND, a DirectSlave or a directory. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "conf/conf.h"
#include "sources.h"
#include "take.h"
#include "zonefile.h"

#define EXIT_NOT_ASKED 1

struct options {
	const char *config, *directslave, *environment, *named_conf, *origin, *zones;
	const char *operand;
	bool dry_run, json, yes, test;
};

static void parse_options(struct options *o, int argc, char **argv)
{
	const struct opt options[] = {OPT_CONFIG(&o->config),
	    OPT_DRY_RUN(&o->dry_run, "only print the plan"), OPT_JSON(&o->json),
	    {.name = "directslave",
		.value = "DIR",
		.string = &o->directslave,
		.help = "take over the secondary zones of a DirectSlave"},
	    {.name = "environment",
		.value = "FILE",
		.string = &o->environment,
		.help = "the old container's environment, NAME=VALUE a line"},
	    {.name = "named-conf",
		.value = "FILE",
		.string = &o->named_conf,
		.help = "take over the primary zones of a BIND"},
	    {.letter = 'o',
		.name = "origin",
		.value = "HOST",
		.string = &o->origin,
		.help = "this DirectAdmin host owns zones without an owner"},
	    {.letter = 'y', .name = "yes", .flag = &o->yes, .help = "do not ask"},
	    {.name = "zones",
		.value = "DIR",
		.string = &o->zones,
		.help = "take over a directory of ZONE.db files"},
	    OPT_TEST(&o->test), {0}};
	const struct opt_program program = {.name = "ddo-import",
	    .synopsis = "[options] DIR|app.yml\n"
			"[options] --named-conf FILE|--zones DIR|--directslave DIR",
	    .about =
		"Takes over the zones of a DirectDNSOnly, a BIND, a DirectSlave or a directory.\n"
		"Prints the plan, one line a thing (what TAB zone TAB where TAB why), asks, and\n"
		"enqueues the zones.  It changes nothing of the old.\n",
	    .codes = "0 all is taken; 1 nobody said yes; 64 usage; 65 some zones or files could\n"
		     "not be taken, the others are; 66 nothing there to take over; 74 output;\n"
		     "75 not now; 78 configuration\n",
	    .options = options,
	    .operands = true};
	int at = msg_options(&program, argc, argv);
	size_t sources = (size_t)(argc - at) + (o->named_conf != NULL) + (o->zones != NULL) +
			 (o->directslave != NULL);
	if (o->test && sources == 0)
		return;
	if (sources != 1)
		die_usage("expected one of DIR, app.yml, --named-conf, --zones and --directslave; "
			  "see ddo-import --help");
	o->operand = at < argc ? argv[at] : NULL;
	if (o->environment != NULL && o->operand == NULL)
		die_usage("--environment goes with DIR or app.yml only");
}

static void read_source(struct plan *p, const struct options *o)
{
	struct err err;
	int r = 0;
	if (o->named_conf != NULL)
		r = named_read(p, o->named_conf, false, &err);
	else if (o->directslave != NULL)
		r = directslave_read(p, o->directslave, &err);
	else if (o->operand != NULL)
		r = direct_read(p, o->operand, o->environment, &err);
	else if (zonefile_dir(p, o->zones, false) == 0)
		r = err_set(&err, "%s: no zone files", o->zones);
	if (r > 0)
		die_temp("the old database is being written: stop DirectDNSOnly, then try again");
	if (r < 0)
		(r == SOURCE_CONFLICT ? die_config : die_noinput)("%s", err.text);
}

/* Nothing is done that nobody has seen: without a terminal, only --yes says yes. */
static bool agreed(const struct options *o, size_t count)
{
	char answer[16] = "";
	if (o->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		msg_warn("nothing is taken over without --yes");
		return false;
	}
	fprintf(stderr, "Take over %zu zones? [y/N] ", count);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return false;
	return answer[0] == 'y' || answer[0] == 'Y';
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct plan plan = {0};
	struct conf *conf;
	struct err err;
	char origin[NAME_SIZE];
	msg_init("ddo-import");
	parse_options(&o, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	umask(022); /* ddo-queue must be able to read what root enqueues */
	if (conf_load(&conf, o.config, &err) < 0)
		die_config("%s", err.text);
	if (o.test) {
		printf("%s: good\n", conf->file);
		return 0;
	}
	if (o.origin != NULL && name_normalize_host(o.origin, strlen(o.origin), origin, &err) < 0)
		die_usage("%s", err.text);
	plan.conf = conf;
	plan.origin = o.origin == NULL ? NULL : origin;
	read_source(&plan, &o);
	if (plan_settle(&plan, &err) < 0)
		die_temp("%s", err.text);
	plan_print(&plan, o.json);
	if (fflush(stdout) != 0) {
		msg_error("cannot write to standard output"); /* nobody saw all of the plan */
		return EX_IOERR;
	}
	size_t count = plan.counts[PLAN_TAKE];
	if (count > 0 && !o.dry_run && !agreed(&o, count))
		return EXIT_NOT_ASKED;
	if (count > 0 && !o.dry_run && take_all(&plan, &err) < 0)
		die_temp("%s", err.text);
	if (count > 0 && !o.dry_run)
		msg_info("%zu zones are in the spool, ddo-queue delivers them", count);
	return plan_bad(&plan) > 0 ? EX_DATAERR : 0;
}
