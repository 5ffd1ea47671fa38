/* ddo-status: shows what waits, what fails and which targets are down. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/msg.h"
#include "base/opt.h"
#include "status/status.h"
#include "status_print.h"

struct options {
	const char *config, *zone;
	bool json, test;
};

static void parse_options(struct options *o, int argc, char **argv)
{
	const struct opt options[] = {OPT_CONFIG(&o->config),
	    OPT_ZONE(&o->zone, "show what is known of this zone"), OPT_JSON(&o->json),
	    OPT_TEST(&o->test), {0}};
	const struct opt_program program = {.name = "ddo-status",
	    .synopsis = "[options]",
	    .about = "Shows what waits, what fails and which targets are down.\n",
	    .codes = "0 good; 1 degraded (something fails, or waits after a failure);\n"
		     "2 broken (ddo-queue does not run, ddo cannot read the store or the spool,\n"
		     "or no target is up)\n",
	    .options = options};
	msg_options(&program, argc, argv);
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
			fprintf(stderr, "ddo-status: the store does not know %s\n", zone);
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
