/* main: the options, verbs and exit codes of every push program; batch.c has the verb batch. */
#include "push/main.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/rows.h"
#include "push/held.h"
#include "push/options.h"
#include "push/push_private.h"

struct options {
	const char *target, *config;
	bool dry_run, json, test;
};

/* Returns the index of the verb. */
static int parse_options(const struct push_kind *kind, struct options *o, int argc, char **argv)
{
	struct opt options[6] = {OPT_CONFIG(&o->config),
	    OPT_TARGET(&o->target, "the key of the target below dns.backends (required)")};
	size_t n = 2;
	if (kind->verb != NULL)
		options[n++] = (struct opt)OPT_DRY_RUN(&o->dry_run, "only show what it would do");
	options[n++] = (struct opt)OPT_JSON(&o->json);
	options[n] = (struct opt)OPT_TEST(&o->test);
	struct buf about = {0};
	buf_adds(&about,
	    "Makes a DNS server serve zones (ddo-push(7)).\n"
	    "\n"
	    "put    makes the target serve exactly the zone on standard input; write \"--\"\n"
	    "       before a name that begins with '-'\n"
	    "del    makes the target not serve the zone\n"
	    "list   prints \"zone TAB serial TAB digest\" for each zone of the target\n"
	    "probe  tells whether the target answers and is usable\n"
	    "check  tells whether the target's options in app.yml are right\n"
	    "batch  reads many puts and dels from standard input\n");
	if (kind->verb != NULL)
		buf_addf(&about, "%-5s  %s\n", kind->verb, kind->verb_help);
	struct buf synopsis = {0};
	buf_adds(&synopsis, "[options] -t TARGET put ZONE < zone-text\n"
			    "[options] -t TARGET del ZONE\n"
			    "[options] -t TARGET list|probe|check|batch");
	if (kind->verb != NULL)
		buf_addf(&synopsis, "|%s", kind->verb);
	const struct opt_program program = {.name = kind->program,
	    .synopsis = synopsis.data,
	    .about = about.data,
	    .codes = "0 done; 64 usage; 65 refused for good; 69 the target is down;\n"
		     "75 refused for now; 78 configuration\n",
	    .options = options,
	    .operands = true};
	int at = msg_options(&program, argc, argv);
	buf_free(&about);
	buf_free(&synopsis);
	if (o->target == NULL)
		die_usage("-t TARGET is missing; see %s --help", kind->program);
	return at;
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

/* "-" stands for what is not known. */
static json_t *known(const char *text)
{
	return strcmp(text, "-") == 0 ? json_null() : json_string(text);
}

static int print_json(struct buf *text, struct err *err)
{
	struct held_list l = {0};
	struct rows rows = {.out = stdout};
	if (held_parse(&l, text, SIZE_MAX, err) < 0) {
		held_free(&l);
		return -1;
	}
	for (size_t i = 0; i < l.count; i++) {
		const struct held *h = &l.zones[i];
		uint32_t serial;
		json_t *number = held_serial(h, &serial) ? json_integer(serial) : json_null();
		rows_add(&rows, json_pack("{s:s, s:o, s:o, s:b}", "zone", h->zone, "serial", number,
				    "digest", known(h->digest), "foreign", h->foreign));
	}
	rows_end(&rows);
	held_free(&l);
	return 0;
}

static int list_json(const struct push_kind *kind, void *ctx, struct err *err)
{
	struct buf text = {0};
	FILE *out = open_memstream(&text.data, &text.len);
	if (out == NULL)
		return err_sys(err, "cannot keep the list");
	int r = kind->list(ctx, out, err);
	if (fclose(out) != 0 && r == 0)
		r = err_sys(err, "cannot keep the list");
	if (r == 0)
		r = print_json(&text, err);
	free(text.data);
	return r;
}

static int list(const struct push_kind *kind, void *ctx, bool json)
{
	struct err err;
	return printed(json ? list_json(kind, ctx, &err) : kind->list(ctx, stdout, &err), &err);
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
		die_usage("-n goes with %s only; see %s --help", kind->verb, kind->program);
	if (o->json && strcmp(verb, "list") != 0)
		die_usage("-j goes with list only; see %s --help", kind->program);
	if (strcmp(verb, "put") == 0 && count == 2)
		return change_one(kind, ctx, conf, words[1], true);
	if (strcmp(verb, "del") == 0 && count == 2)
		return change_one(kind, ctx, conf, words[1], false);
	if (strcmp(verb, "list") == 0 && count == 1)
		return list(kind, ctx, o->json);
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
	int at = parse_options(kind, &o, argc, argv);
	if (at >= argc && !o.test)
		die_usage("a verb is missing; see %s --help", kind->program);
	if (conf_load(&conf, o.config, &err) < 0)
		die_config("%s", err.text);
	msg_set_level_name(conf->log_level);
	msg_set_format_name(conf->log_format);
	const struct conf_target *t = conf_find_target(conf, o.target);
	if (t == NULL)
		die_config("%s: no backend %s", conf->file, o.target);
	if (kind->kind != NULL && strcmp(kind->kind, conf_kind(t->type)) != 0)
		die_config("%s: backend %s is of type %s, not %s", conf->file, t->name, t->type,
		    kind->kind);
	if (options_check(kind->options, conf, t, &err) < 0)
		die_config("%s", err.text);
	if (!o.test && is_check(&o, argv + at, argc - at)) {
		conf_free(conf);
		return 0;
	}
	if (kind->open(&ctx, conf, t, &err) < 0)
		die_config("%s: backend %s: %s", conf->file, t->name, err.text);
	int code = 0;
	if (o.test)
		printf("%s: good\n", conf->file);
	else
		code = perform(kind, ctx, conf, &o, argv + at, argc - at);
	kind->close(ctx);
	conf_free(conf);
	return code;
}
