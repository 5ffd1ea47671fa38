/* ctl: knotd's control socket, by libknot's control interface, over one connection that is kept.
 *
 * ctl_open() connects to nothing yet; ctl_command() connects when it has to, and once more when
 * knotd hung up on the connection.  ctl_close() takes NULL, too.  The taker gets units that are
 * valid only during its call.
 */
#ifndef DDO_KNOT_CTL_H
#define DDO_KNOT_CTL_H

#include <libknot/libknot.h>
#include <stddef.h>

#include "base/err.h"

struct ctl;

struct ctl_unit { /* NULL: absent */
	const char *flags, *section, *item, *id, *zone, *type, *data;
};

/* Keeps `path`, copies nothing.  -1: configuration error. */
int ctl_open(struct ctl **out, const char *path, struct err *err);
void ctl_close(struct ctl *c);

/* Takes one unit of an answer. */
typedef void ctl_taker(void *arg, const knot_ctl_data_t *data);

/* Sends one command about `count` units, at least one.  All are sent before the answer is read, so
 * a command with long answers (zone-read) can take only a few.  0: done.  1: knotd says no, err has
 * its words.  -1: knotd cannot be reached. */
int ctl_command(struct ctl *c, const char *command, const struct ctl_unit *units, size_t count,
    ctl_taker *take, void *arg, struct err *err);

#endif
