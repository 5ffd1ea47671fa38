/* ddo-push-bind: makes a BIND 9 serve zones (ddo-push(7), ddo-push-bind(8)). */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bind.h"

#define VIEW_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static const struct primary_kind how = {.daemon = "named",
    .owner = bind_owner,
    .tell = tell_batch,
    .tell_one = tell_one,
    .finish = tell_finish,
    .shows = bind_shows,
    .outcome = ask_outcome,
    .refuses = ask_refuses};

static void bind_close(void *ctx)
{
	struct bind *b = ctx;
	control_close(b->control);
	primary_close(&b->p);
	free(b);
}

static int bind_open(
    void **ctx, const struct conf *conf, const struct conf_target *t, struct err *err)
{
	struct bind *b = mem_alloc(sizeof(*b));
	const char *named_conf = conf_option(t, "named_conf", NULL);
	const char *mode = conf_option(t, "mode", named_conf != NULL ? "include" : "addzone");
	bool include = strcmp(mode, "include") == 0;
	(void)conf;
	b->view = conf_option(t, "view", NULL);
	b->checkzone = conf_option(t, "checkzone", "/usr/bin/named-checkzone");
	int r = primary_open(&b->p, &how, t, err);
	/* It becomes a word of named's commands. */
	if (r == 0 && b->view != NULL &&
	    (b->view[0] == '\0' || b->view[strspn(b->view, VIEW_CHARS)] != '\0'))
		r = err_set(err, "view must be a word of letters, digits, '.', '_' and '-'");
	if (r == 0 && include && named_conf == NULL)
		r = err_set(err, "mode include needs named_conf");
	if (r == 0)
		r = control_open(&b->control, conf_option(t, "control", "127.0.0.1:953"),
		    conf_option(t, "key_file", "/etc/bind/rndc.key"), conf_option(t, "rndc", NULL),
		    err);
	if (r == 0 && include)
		include_open(&b->p.list, &bind_format, named_conf);
	*ctx = b;
	if (r < 0)
		bind_close(b);
	return r;
}

static int bind_apply(void *ctx, struct push_item *items, size_t count, struct err *err)
{
	struct bind *b = ctx;
	return primary_apply(&b->p, items, count, err);
}

static int bind_list(void *ctx, FILE *out, struct err *err)
{
	struct bind *b = ctx;
	struct primary_list *l = primary_list_new();
	int r = primary_ready(&b->p, err);
	if (r == 0)
		r = primary_list_files(l, &b->p, err);
	for (size_t i = 0; r == 0 && b->p.list != NULL && i < include_count(b->p.list); i++) {
		if (!sample_is(include_zone(b->p.list, i)))
			primary_list_add(l, &b->p, include_zone(b->p.list, i), NULL);
	}
	if (r == 0)
		r = primary_list_print(l, &b->p, out, err);
	primary_list_free(l);
	return r;
}

/* named answers on its control channel and over DNS, and zones_dir takes a file. */
static int bind_probe(void *ctx, struct buf *what, struct err *err)
{
	struct bind *b = ctx;
	struct buf status = {0};
	int r = primary_ready(&b->p, err);
	if (r == 0)
		r = control_command(b->control, "status", &status, err);
	if (r == 0)
		r = primary_probe(&b->p, err);
	const char *version = buf_str(&status);
	version += strncmp(version, "version: ", 9) == 0 ? 9 : 0;
	if (r == 0)
		buf_addf(
		    what, "%.*s, DNS at %s", (int)strcspn(version, "\n"), version, b->p.server);
	buf_free(&status);
	if (r == 0)
		return 0;
	primary_probe_dead(&b->p, err);
	return -1;
}

int main(int argc, char **argv)
{
	static const struct push_kind kind = {.program = "ddo-push-bind",
	    .kind = "bind",
	    .options = &bind_options,
	    .open = bind_open,
	    .close = bind_close,
	    .apply = bind_apply,
	    .list = bind_list,
	    .probe = bind_probe};
	return push_main(&kind, argc, argv);
}
