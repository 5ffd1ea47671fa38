/* sandbox: what a process gives up for good once it has opened what it needs.
 *
 * Landlock (landlock(7)): of the file system it keeps the paths that are named here.  seccomp(2):
 * it can no longer execute anything, open a socket, connect, bind, or call what a server that only
 * reads, writes and accepts never calls; such a call fails with EPERM. Both hold for the calling
 * thread and all that it starts afterwards, so call it before there are others.  What was open
 * stays open.
 */
#ifndef DDO_SANDBOX_H
#define DDO_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct sandbox_path {
	const char
	    *path;  /* of a file or a directory with all below it; an absent one is no error */
	bool write; /* create, write, rename and remove too */
};

/* *what gets a line that says what holds now.  A kernel without one of the two is no error: `what`
 * says so.  -1: something went wrong half way; then the caller should end. */
int sandbox_enter(const struct sandbox_path *paths, size_t count, struct err *what);

#endif
