/* ddo-enqueue: puts changes of zones into the spool, with the same checks as ddo-httpd. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/msg.h"
#include "base/opt.h"
#include "conf/conf.h"
#include "enqueue.h"

struct options {
	const char *config, *origin, *user;
	bool test;
};

/* Returns the index of the verb. */
static int parse_options(struct options *o, int argc, char **argv)
{
	const struct opt options[] = {OPT_CONFIG(&o->config),
	    {.letter = 'o',
		.name = "origin",
		.value = "HOST",
		.string = &o->origin,
		.help = "act for this DirectAdmin host (default: the owner stays)"},
	    {.letter = 'u',
		.name = "user",
		.value = "USER",
		.string = &o->user,
		.help = "the DirectAdmin user that the zone belongs to"},
	    OPT_TEST(&o->test), {0}};
	const struct opt_program program = {.name = "ddo-enqueue",
	    .synopsis = "[options] put ZONE < zone-text\n"
			"[options] del ZONE...\n"
			"[options] batch\n"
			"[options] allow|forget ZONE",
	    .about =
		"Puts changes of zones into the spool.\n"
		"\n"
		"put     makes the text on standard input the zone\n"
		"del     deletes the zones: all of them, or none after an error\n"
		"batch   reads lines \"put ZONE [FILE]\" and \"del ZONE\" from standard input;\n"
		"        FILE is ZONE.db by default; answers each with \"ok ZONE\" or\n"
		"        \"fail ZONE reason\"\n"
		"allow   makes the held push the zone\n"
		"forget  drops the refused or held push\n",
	    .codes = "0 the change is durable; 64 usage; 65 refused; 66 no standard input;\n"
		     "74 input or output of a batch; 75 not now; 78 configuration\n",
	    .options = options,
	    .operands = true,
	    .ordered = true};
	return msg_options(&program, argc, argv);
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
	int at = parse_options(&o, argc, argv);
	umask(022); /* ddo-queue must be able to read what root enqueues */
	if (conf_load(&conf, o.config, &err) < 0)
		die_config("%s", err.text);
	e.conf = conf;
	if (o.test) {
		printf("%s: good\n", conf->file);
		return 0;
	}
	if (enqueue_open(&e, o.origin, o.user, &err) == ENQUEUE_REFUSED)
		die_usage("%s", err.text);
	const char *verb = at < argc ? argv[at++] : "";
	size_t left = (size_t)(argc - at);
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
		put_stdin(&e, argv[at]);
	else if (allow || forget)
		decide(&e, allow ? JOB_ALLOW : JOB_FORGET, argv[at]);
	else if (del)
		del_all(&e, argv + at, left);
	else
		code = enqueue_batch(&e, stdin, stdout);
	spool_close(e.spool);
	conf_free(conf);
	return code;
}
