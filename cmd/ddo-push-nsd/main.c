/* ddo-push-nsd: makes an NSD serve zones (ddo-push(7), ddo-push-nsd(8)). */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nsd.h"

#define CONF_DIR "/etc/nsd/"
#define PATTERN_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static const struct primary_kind how = {.daemon = "NSD",
    .broken_is_refused = true,
    .tree = true, /* of the pattern's "ZONES_DIR/%s.db" */
    .too_long = "the name is too long for a file that NSD's pattern names; use nsd_conf",
    .owner = nsd_owner,
    .tell = nsd_tell_batch,
    .tell_one = nsd_tell_one,
    .finish = nsd_finish,
    .shows = nsd_shows,
    .outcome = nsd_outcome,
    .refuses = nsd_refuses};

static void nsd_close(void *ctx)
{
	struct nsd *n = ctx;
	control_close(n->control);
	primary_close(&n->p);
	free(n);
}

static int nsd_open(
    void **ctx, const struct conf *conf, const struct conf_target *t, struct err *err)
{
	struct nsd *n = mem_alloc(sizeof(*n));
	const char *nsd_conf = conf_option(t, "nsd_conf", NULL);
	struct control_tls tls = {
	    .server_cert = conf_option(t, "server_cert_file", CONF_DIR "nsd_server.pem"),
	    .key = conf_option(t, "control_key_file", CONF_DIR "nsd_control.key"),
	    .cert = conf_option(t, "control_cert_file", CONF_DIR "nsd_control.pem")};
	(void)conf;
	n->pattern = conf_option(t, "pattern", "ddo");
	n->checkzone = conf_option(t, "checkzone", "/usr/sbin/nsd-checkzone");
	n->zone_list = conf_option(t, "zone_list", "/var/lib/nsd/zone.list");
	n->control_path = conf_option(t, "control", "/run/nsd/nsd.ctl");
	int r = primary_open(&n->p, &how, t, err);
	/* It becomes a word of NSD's commands. */
	if (r == 0 &&
	    (n->pattern[0] == '\0' || n->pattern[strspn(n->pattern, PATTERN_CHARS)] != '\0'))
		r = err_set(err, "pattern must be a word of letters, digits, '.', '_' and '-'");
	if (r == 0)
		r = control_open(&n->control, n->control_path, &tls, err);
	if (r == 0 && nsd_conf != NULL)
		include_open(&n->p.list, &nsd_format, nsd_conf);
	*ctx = n;
	if (r < 0)
		nsd_close(n);
	return r;
}

static int nsd_apply(void *ctx, struct push_item *items, size_t count, struct err *err)
{
	struct nsd *n = ctx;
	return primary_apply(&n->p, items, count, err);
}

static int nsd_probe(void *ctx, struct buf *what, struct err *err)
{
	struct nsd *n = ctx;
	struct buf status = {0};
	int r = primary_ready(&n->p, err);
	if (r == 0)
		r = control_command(n->control, "status", NULL, &status, err) == 0 ? 0 : -1;
	if (r == 0)
		r = nsd_pattern(n, err);
	if (r == 0)
		r = primary_probe(&n->p, err);
	const char *version = buf_str(&status);
	version += strncmp(version, "version: ", 9) == 0 ? 9 : 0;
	if (r == 0)
		buf_addf(
		    what, "NSD %.*s, DNS at %s", (int)strcspn(version, "\n"), version, n->p.server);
	buf_free(&status);
	if (r == 0 && !nsd_starts_again(n))
		buf_addf(what, "; it will not start again: it may not open %s, see ddo-push-nsd(8)",
		    n->zone_list);
	if (r < 0)
		primary_probe_dead(&n->p, err);
	return r;
}

int main(int argc, char **argv)
{
	static const struct push_kind kind = {.program = "ddo-push-nsd",
	    .kind = "nsd",
	    .options = &nsd_options,
	    .open = nsd_open,
	    .close = nsd_close,
	    .apply = nsd_apply,
	    .list = nsd_list,
	    .probe = nsd_probe};
	return push_main(&kind, argc, argv);
}
