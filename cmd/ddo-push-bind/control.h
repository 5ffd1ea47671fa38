/* control: named's control channel, as rndc(8) speaks it, over one connection that is kept.
 *
 * The protocol is that of BIND 9's libisccc: a length, a version, nested tables, and an HMAC over
 * all that follows the first element.  The first exchange on a connection ("null") gets the nonce
 * that every later message carries.  Replies are verified with the same key.  With `rndc` set, each
 * command starts that program instead.  control_open() connects to nothing yet.
 */
#ifndef DDO_BIND_CONTROL_H
#define DDO_BIND_CONTROL_H

#include "base/buf.h"
#include "base/err.h"

struct control;

/* `address` is ADDR:PORT or [ADDR6]:PORT.  Keeps the strings, copies nothing. */
int control_open(struct control **out, const char *address, const char *key_file, const char *rndc,
    struct err *err);
void control_close(struct control *c);

/* Sends one command.  0: done, `text` (may be NULL) has named's words.  1: named refused, err has
 * its words.  -1: named cannot be reached, or does not know the key. */
int control_command(struct control *c, const char *command, struct buf *text, struct err *err);

#endif
