/* ctl: speaks to knotd's control socket. */
#include "ctl.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/mem.h"
#include "push/files/peer.h"

#define TIMEOUT_MS 20000 /* of one message */

struct ctl {
	const char *path;
	knot_ctl_t *ctl; /* NULL: not connected */
};

int ctl_open(struct ctl **out, const char *path, struct err *err)
{
	*out = mem_alloc(sizeof(**out));
	(*out)->path = path;
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return err_set(err, "control: the path of a socket has at most %zu characters",
		    sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	return 0;
}

static void hang_up(struct ctl *c, bool politely)
{
	if (c->ctl == NULL)
		return;
	if (politely)
		knot_ctl_send(c->ctl, KNOT_CTL_TYPE_END, NULL);
	knot_ctl_close(c->ctl);
	knot_ctl_free(c->ctl);
	c->ctl = NULL;
}

void ctl_close(struct ctl *c)
{
	if (c != NULL)
		hang_up(c, true);
	free(c);
}

static int call(struct ctl *c)
{
	if (c->ctl != NULL)
		return KNOT_EOK;
	c->ctl = knot_ctl_alloc();
	if (c->ctl == NULL)
		return KNOT_ENOMEM;
	knot_ctl_set_timeout(c->ctl, TIMEOUT_MS);
	int r = knot_ctl_connect(c->ctl, c->path);
	if (r != KNOT_EOK) {
		knot_ctl_free(c->ctl);
		c->ctl = NULL;
	}
	return r;
}

static int send_all(struct ctl *c, const char *command, const struct ctl_unit *units, size_t count)
{
	int r = call(c);
	for (size_t i = 0; r == KNOT_EOK && i < count; i++) {
		const struct ctl_unit *u = &units[i];
		knot_ctl_data_t data = {[KNOT_CTL_IDX_CMD] = command,
		    [KNOT_CTL_IDX_FLAGS] = u->flags,
		    [KNOT_CTL_IDX_SECTION] = u->section,
		    [KNOT_CTL_IDX_ITEM] = u->item,
		    [KNOT_CTL_IDX_ID] = u->id,
		    [KNOT_CTL_IDX_ZONE] = u->zone,
		    [KNOT_CTL_IDX_TYPE] = u->type,
		    [KNOT_CTL_IDX_DATA] = u->data};
		r = knot_ctl_send(c->ctl, KNOT_CTL_TYPE_DATA, &data);
	}
	return r == KNOT_EOK ? knot_ctl_send(c->ctl, KNOT_CTL_TYPE_BLOCK, NULL) : r;
}

static int receive_all(struct ctl *c, ctl_taker *take, void *arg, bool *refused, struct err *err)
{
	for (;;) {
		knot_ctl_type_t type;
		knot_ctl_data_t data;
		int r = knot_ctl_receive(c->ctl, &type, &data);
		if (r != KNOT_EOK)
			return r;
		if (type == KNOT_CTL_TYPE_BLOCK)
			return KNOT_EOK;
		if (type == KNOT_CTL_TYPE_END)
			return KNOT_ECONN;
		if (data[KNOT_CTL_IDX_ERROR] != NULL && !*refused) {
			*refused = true;
			err_set(err, "%s", data[KNOT_CTL_IDX_ERROR]);
		} else if (data[KNOT_CTL_IDX_ERROR] == NULL && take != NULL) {
			take(arg, (const knot_ctl_data_t *)&data);
		}
	}
}

int ctl_command(struct ctl *c, const char *command, const struct ctl_unit *units, size_t count,
    ctl_taker *take, void *arg, struct err *err)
{
	bool refused = false, kept = c->ctl != NULL;
	int r = send_all(c, command, units, count);
	if (r != KNOT_EOK && kept) { /* knotd was started anew, or hung up on an idle one */
		hang_up(c, false);
		r = send_all(c, command, units, count);
	}
	if (r == KNOT_EOK)
		r = receive_all(c, take, arg, &refused, err);
	if (r == KNOT_EOK)
		return refused ? 1 : 0;
	bool reached = c->ctl != NULL;
	hang_up(c, false);
	if (!reached && r > KNOT_ERROR_MIN) { /* such are numbers of errno */
		errno = -r;
		return peer_unreachable("knotd", c->path, err);
	}
	return err_set(err, "knotd at %s: %s: %s", c->path, command, knot_strerror(r));
}
