/* options: what the command line of ddo-reconcile says. */
#include <string.h>

#include "base/msg.h"
#include "base/opt.h"
#include "inputs.h"

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

static void take_all(struct options *o, int argc, char **argv)
{
	const struct opt options[] = {OPT_CONFIG(&o->config),
	    OPT_TARGET(&o->target, "compare only this target"),
	    OPT_ZONE(&o->zone, "look only at this zone"),
	    OPT_SERVER(&o->server, "ask only this DirectAdmin"),
	    OPT_DRY_RUN(&o->dry_run, "only print the plan"), OPT_JSON(&o->json),
	    {.name = "deep",
		.flag = &o->deep,
		.help = "fetch every zone from DirectAdmin and compare its text"},
	    {.name = "delegation",
		.flag = &o->delegation,
		.help = "ask reconciliation.resolver which servers have each zone"},
	    {.name = "restore",
		.value = "ZONE",
		.string = &o->restore,
		.help = "bring a deleted zone back from the archive"},
	    {.letter = 'w',
		.name = "wait",
		.flag = &o->wait,
		.help = "run every reconciliation.interval_minutes"},
	    {.name = "yes-delete",
		.value = "N",
		.number = &o->yes_delete,
		.help = "override the brake if exactly N zones would be deleted"},
	    OPT_TEST(&o->test), {0}};
	const struct opt_program program = {.name = "ddo-reconcile",
	    .synopsis = "[options]\n"
			"[-c FILE] --restore ZONE",
	    .about =
		"Compares DirectAdmin, the store and every target.  Prints the plan, one line\n"
		"an action (what TAB zone TAB where TAB why), and enqueues it.\n",
	    .codes = "0 in sync; 1 differences; 2 a brake stopped the deletes; 64 usage;\n"
		     "65 nothing to restore; 69 a server or target did not answer; 74 output;\n"
		     "75 another ddo-reconcile runs, or not now; 78 configuration\n",
	    .options = options};
	msg_options(&program, argc, argv);
}

void options_parse(struct options *o, int argc, char **argv)
{
	take_all(o, argc, argv);
	bool narrow = o->server != NULL || o->target != NULL || o->zone != NULL;
	if (o->restore != NULL && (narrow || o->wait || o->dry_run || o->json))
		die_usage("--restore goes with -c only");
	if (o->wait && o->yes_delete > 0)
		die_usage("--yes-delete is for one run, not for -w");
	if (o->server != NULL)
		o->server = host_name(o->server, o->server_name);
	if (o->zone != NULL)
		o->zone = zone_name(o->zone, o->zone_name);
	if (o->restore != NULL)
		o->restore = zone_name(o->restore, o->zone_name);
}
