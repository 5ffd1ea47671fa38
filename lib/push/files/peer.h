/* peer: the server at the other end of a Unix socket, as a probe sees it.
 *
 * peer_unreachable() is for a connect() that failed with errno: it writes "cannot reach DAEMON at
 * PATH: reason" and what an operator can do, and returns -1.  peer_read() appends the file
 * /proc/PID/NAME of the process that listens on the socket; false: it cannot be known.  NUL bytes
 * become blanks.  peer_has_option() looks for a word of its command line that starts with one of
 * the two; 1, 0, or -1: not known.
 */
#ifndef DDO_PUSH_FILES_PEER_H
#define DDO_PUSH_FILES_PEER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

int peer_unreachable(const char *daemon, const char *path, struct err *err);
bool peer_read(const char *path, const char *name, struct buf *out);
int peer_has_option(const char *path, const char *brief, const char *full);

#endif
