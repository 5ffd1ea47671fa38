/* ddo-push-knot: makes a Knot DNS serve zones (ddo-push(7), ddo-push-knot(8)). */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "knot.h"

static const struct primary_kind how = {.daemon = "knotd",
    .owner = knot_owner,
    .tell = knot_tell_batch,
    .tell_one = knot_tell_one,
    .finish = transaction_tidy,
    .shows = knot_shows,
    .outcome = knot_outcome,
    .refuses = knot_refuses};

static void knot_close(void *ctx)
{
	struct knot *k = ctx;
	ctl_close(k->ctl);
	primary_close(&k->p);
	free(k);
}

static int knot_open(
    void **ctx, const struct conf *conf, const struct conf_target *t, struct err *err)
{
	struct knot *k = mem_alloc(sizeof(*k));
	(void)conf;
	k->note = -1;
	k->control = conf_option(t, "control", "/run/knot/knot.sock");
	k->template = conf_option(t, "template", NULL);
	k->checkzone = conf_option(t, "checkzone", "/usr/bin/kzonecheck");
	k->zonefile_only = strcmp(conf_option(t, "mode", "conf"), "zonefile-only") == 0;
	int r = primary_open(&k->p, &how, t, err);
	if (r == 0)
		r = ctl_open(&k->ctl, k->control, err);
	*ctx = k;
	if (r < 0)
		knot_close(k);
	return r;
}

static int knot_apply(void *ctx, struct push_item *items, size_t count, struct err *err)
{
	struct knot *k = ctx;
	return primary_apply(&k->p, items, count, err);
}

static void take_version(void *arg, const knot_ctl_data_t *data)
{
	if ((*data)[KNOT_CTL_IDX_DATA] != NULL)
		buf_adds(arg, (*data)[KNOT_CTL_IDX_DATA]);
}

static int knot_probe(void *ctx, struct buf *what, struct err *err)
{
	struct knot *k = ctx;
	struct buf version = {0};
	struct ctl_unit unit = {.type = "version"};
	int r = primary_ready(&k->p, err);
	if (r == 0)
		r = ctl_command(k->ctl, "status", &unit, 1, take_version, &version, err) == 0 ? 0
											      : -1;
	if (r == 0)
		r = declared_template(k, err);
	if (r == 0)
		r = primary_probe(&k->p, err);
	if (r < 0)
		declared_listen(k, err);
	const char *text = buf_str(&version);
	text += strncmp(text, "Version: ", 9) == 0 ? 9 : 0;
	if (r == 0)
		buf_addf(what, "Knot DNS %s, DNS at %s", text, k->p.server);
	buf_free(&version);
	if (r == 0 && !declared_lasts(k))
		buf_adds(what, "; it forgets its zones when it restarts, see ddo-push-knot(8)");
	if (r < 0)
		primary_probe_dead(&k->p, err);
	return r;
}

int main(int argc, char **argv)
{
	static const struct push_kind kind = {.program = "ddo-push-knot",
	    .kind = "knot",
	    .options = &knot_options,
	    .open = knot_open,
	    .close = knot_close,
	    .apply = knot_apply,
	    .list = knot_list,
	    .probe = knot_probe};
	return push_main(&kind, argc, argv);
}
