/* ddo-push-bind: makes a BIND 9 serve zones (ddo-push(7), ddo-push-bind(8)). */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"
#include "conf_schema.h"
#include "file.h"
#include "mem.h"

#define ASK_MS 3000
#define VIEW_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define PROBE_FILE ".ddo-probe"

static void bind_close(void *ctx)
{
	struct bind *b = ctx;
	control_close(b->control);
	dnsq_close(b->dns);
	include_close(b->include);
	if (b->dir >= 0)
		close(b->dir);
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
	b->dir = -1;
	b->zones_dir = conf_option(t, "zones_dir", NULL);
	b->view = conf_option(t, "view", NULL);
	b->server = conf_option(t, "server", "127.0.0.1:53");
	b->checkzone = conf_option(t, "checkzone", "/usr/bin/named-checkzone");
	int r = 0;
	if (conf_lacks(t) != NULL)
		r = err_set(err, "%s", conf_lacks(t));
	/* Both stand in named's configuration. */
	else if (strpbrk(b->zones_dir, "\"\\\n") != NULL)
		r = err_set(err, "zones_dir must not hold quotes or backslashes");
	else if (b->view != NULL &&
		 (b->view[0] == '\0' || b->view[strspn(b->view, VIEW_CHARS)] != '\0'))
		r = err_set(err, "view must be a word of letters, digits, '.', '_' and '-'");
	if (r == 0)
		r = control_open(&b->control, conf_option(t, "control", "127.0.0.1:953"),
		    conf_option(t, "key_file", "/etc/bind/rndc.key"), conf_option(t, "rndc", NULL),
		    err);
	if (r == 0)
		r = dnsq_open(&b->dns, b->server, err);
	if (r == 0 && include)
		include_open(&b->include, named_conf);
	*ctx = b;
	if (r < 0)
		bind_close(b);
	return r;
}

/* Reachable on both ways, and its directory takes a file. */
static int bind_probe(void *ctx, struct buf *what, struct err *err)
{
	struct bind *b = ctx;
	struct buf status = {0};
	struct dnsq_item item = {.zone = "probe.ddo.invalid"};
	char filler[4096] = {0};
	int r = bind_ready(b, err);
	if (r == 0)
		r = control_run(b->control, "status", &status, err);
	if (r == 0)
		r = dnsq_soa(b->dns, &item, 1, ASK_MS, err);
	if (r == 0 && item.state == DNSQ_NOANSWER)
		r = err_set(err, "%s does not answer over DNS", b->server);
	if (r == 0) {
		unlinkat(b->dir, PROBE_FILE, 0);
		r = file_write_tmp(b->dir, PROBE_FILE, 0600, filler, sizeof(filler), err);
		unlinkat(b->dir, PROBE_FILE, 0);
	}
	const char *version = buf_str(&status);
	version += strncmp(version, "version: ", 9) == 0 ? 9 : 0;
	if (r == 0)
		buf_addf(what, "%.*s, DNS at %s", (int)strcspn(version, "\n"), version, b->server);
	buf_free(&status);
	return r == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	static const struct push_kind kind = {.program = "ddo-push-bind",
	    .kind = "bind",
	    .open = bind_open,
	    .close = bind_close,
	    .apply = bind_apply,
	    .list = bind_list,
	    .probe = bind_probe};
	return push_main(&kind, argc, argv);
}
