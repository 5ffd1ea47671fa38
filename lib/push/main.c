/* main: the options, verbs and exit codes of every push program; batch.c has the verb batch. */
#include "push/main.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/msg.h"
#include "push/push_private.h"

struct options {
	const char *target, *config;
	bool dry_run;
};

static void print_usage(const struct push_kind *kind)
{
	printf(
	    "usage: %s -t TARGET [-c FILE] VERB\n"
	    "\n"
	    "  put ZONE < text   make the target serve exactly this zone ('--' in front of verb\n"
	    "                    and zone: a name may begin with '-')\n"
	    "  del ZONE          make the target not serve it\n"
	    "  list              zone TAB serial TAB digest, as the target holds it\n"
	    "  probe             is the target there and usable?\n"
	    "  check             are the target's options in app.yml right? 0 or 78\n"
	    "  batch             many puts and dels on standard input (ddo-push(7))\n",
	    kind->program);
	if (kind->verb != NULL)
		printf("  %-18s%s\n", kind->verb, kind->verb_help);
	printf("\n"
	       "  -t, --target TARGET   a key below dns.backends in app.yml\n"
	       "  -c, --config FILE     instead of $DDO_CONFIG or /etc/ddo/app.yml\n"
	       "%s"
	       "  -h, --help            -V, --version\n",
	    kind->verb == NULL
		? ""
		: "  -n, --dry-run         show what would be done, and do nothing\n");
}

static void parse_options(const struct push_kind *kind, struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {{"target", required_argument, NULL, 't'},
	    {"config", required_argument, NULL, 'c'}, {"dry-run", no_argument, NULL, 'n'},
	    {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {0}};
	for (int c; (c = getopt_long(argc, argv, kind->verb != NULL ? "t:c:nhV" : "t:c:hV", longs,
			 NULL)) != -1;) {
		switch (c) {
		case 't':
			o->target = optarg;
			break;
		case 'c':
			o->config = optarg;
			break;
		case 'n':
			o->dry_run = true;
			break;
		case 'h':
			print_usage(kind);
			exit(0);
		case 'V':
			printf("%s %s\n", kind->program, DDO_VERSION);
			exit(0);
		default:
			die_usage("see %s --help", kind->program);
		}
	}
	if (o->target == NULL)
		die_usage("-t TARGET is missing; see %s --help", kind->program);
}

static void read_item(const struct conf *conf, struct push_item *item, const char *name, bool put)
{
	struct err err;
	struct buf text = {0};
	if (name_normalize(name, strlen(name), item->name, &err) < 0)
		die_data("%s", err.text);
	if (!put)
		return;
	if (file_read_all(STDIN_FILENO, &text, conf->max_zone, &err) < 0) {
		if (errno == EFBIG)
			die_data("%s: the text is %s", item->name, err.text);
		die_noinput("%s", err.text);
	}
	if (zone_parse(item->name, buf_str(&text), text.len, conf->max_records, &item->zone, &err) <
	    0)
		die_data("%s: %s", item->name, err.text);
	buf_free(&text);
}

static int change_one(
    const struct push_kind *kind, void *ctx, const struct conf *conf, const char *name, bool put)
{
	struct push_item item = {.by_hand = true};
	struct err err = {""};
	read_item(conf, &item, name, put);
	int r = kind->apply(ctx, &item, 1, &err);
	zone_free(item.zone);
	if (item.result == PUSH_OK)
		return 0;
	if (item.result == PUSH_UNDONE)
		msg_error("%s", r < 0 ? err.text : "the target did not answer for this zone");
	else
		msg_error("%s: %s", item.name, item.reason.text);
	return item.result == PUSH_FAIL    ? EX_DATAERR
	       : item.result == PUSH_DEFER ? EX_TEMPFAIL
					   : EX_UNAVAILABLE;
}

/* The exit code of a verb that prints and returned r. */
static int printed(int r, const struct err *err)
{
	if (r < 0) {
		msg_error("%s", err->text);
		return EX_UNAVAILABLE;
	}
	return fflush(stdout) == 0 ? 0 : EX_IOERR;
}

static int list(const struct push_kind *kind, void *ctx)
{
	struct err err;
	return printed(kind->list(ctx, stdout, &err), &err);
}

static int extra(const struct push_kind *kind, void *ctx, bool dry_run)
{
	struct err err;
	return printed(kind->extra(ctx, dry_run, stdout, &err), &err);
}

static int probe(const struct push_kind *kind, void *ctx)
{
	struct err err;
	struct buf what = {0};
	int r = kind->probe(ctx, &what, &err);
	if (r == 0)
		puts(buf_str(&what));
	buf_free(&what);
	return printed(r, &err);
}

static int perform(const struct push_kind *kind, void *ctx, const struct conf *conf,
    const struct options *o, char **words, int count)
{
	const char *verb = words[0];
	if (kind->verb != NULL && strcmp(verb, kind->verb) == 0 && count == 1)
		return extra(kind, ctx, o->dry_run);
	if (o->dry_run)
		die_usage("-n goes with %s only", kind->verb);
	if (strcmp(verb, "put") == 0 && count == 2)
		return change_one(kind, ctx, conf, words[1], true);
	if (strcmp(verb, "del") == 0 && count == 2)
		return change_one(kind, ctx, conf, words[1], false);
	if (strcmp(verb, "list") == 0 && count == 1)
		return list(kind, ctx);
	if (strcmp(verb, "probe") == 0 && count == 1)
		return probe(kind, ctx);
	if (strcmp(verb, "batch") == 0 && count == 1)
		return push_batch(kind, ctx, conf, STDIN_FILENO, stdout);
	die_usage("expected put ZONE, del ZONE, list, probe, check or batch; see %s --help",
	    kind->program);
}

/* The verb that ends before the target is opened. */
static bool is_check(const struct options *o, char **words, int count)
{
	return strcmp(words[0], "check") == 0 && count == 1 && !o->dry_run;
}

int push_main(const struct push_kind *kind, int argc, char **argv)
{
	struct options o = {0};
	struct conf *conf;
	struct err err;
	void *ctx;
	msg_init(kind->program);
	signal(SIGPIPE, SIG_IGN);
	parse_options(kind, &o, argc, argv);
	if (optind >= argc)
		die_usage("a verb is missing; see %s --help", kind->program);
	if (conf_load(&conf, o.config, &err) < 0)
		die_config("%s", err.text);
	msg_set_level_name(conf->log_level);
	const struct conf_target *t = conf_find_target(conf, o.target);
	if (t == NULL)
		die_config("%s: no backend %s", conf->file, o.target);
	if (kind->kind != NULL && strcmp(kind->kind, conf_kind(t->type)) != 0)
		die_config("%s: backend %s is of type %s, not %s", conf->file, t->name, t->type,
		    kind->kind);
	if (options_check(kind->options, conf, t, &err) < 0)
		die_config("%s", err.text);
	if (is_check(&o, argv + optind, argc - optind)) {
		conf_free(conf);
		return 0;
	}
	if (kind->open(&ctx, conf, t, &err) < 0)
		die_config("%s: backend %s: %s", conf->file, t->name, err.text);
	int code = perform(kind, ctx, conf, &o, argv + optind, argc - optind);
	kind->close(ctx);
	conf_free(conf);
	return code;
}
