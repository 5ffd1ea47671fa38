/* control: NSD's control protocol, as nsd-control(8) speaks it.
 *
 * Each command gets its own connection, on a Unix socket or over TLS, where both sides show their
 * certificate.  control_open() connects to nothing yet and reads no certificate; control_close()
 * takes NULL, too.
 */
#ifndef DDO_NSD_CONTROL_H
#define DDO_NSD_CONTROL_H

#include "base/buf.h"
#include "base/err.h"

struct control;

struct control_tls { /* PEM files */
	const char *server_cert, *key, *cert;
};

/* `address` is an absolute path, or ADDR, ADDR:PORT, [ADDR6]:PORT with port 8952 unless given.
 * Keeps the strings, copies nothing.  -1: configuration error. */
int control_open(
    struct control **out, const char *address, const struct control_tls *tls, struct err *err);
void control_close(struct control *c);

/* Sends one command; `input` (may be NULL) has the lines that it reads.  They are sent while the
 * answer is read: NSD stops reading when its answer is not taken.  0: `answer` (may be
 * NULL) has NSD's words.  1: the answer starts with "error", err has it.  -1: NSD cannot be
 * reached. */
int control_command(struct control *c, const char *command, const struct buf *input,
    struct buf *answer, struct err *err);

#endif
