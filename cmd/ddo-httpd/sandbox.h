/* sandbox: rights that a process gives up for good once it has opened what it needs.
 *
 * Landlock (landlock(7)) leaves only the named paths of the file system.  seccomp(2) leaves the
 * system calls of seccomp/calls: reading, writing, accepting; no exec, no new socket, no connect,
 * no bind.  Any other call fails with EPERM.  Both hold for the calling thread and for threads that
 * it starts later, so enter before you start threads.  Open descriptors stay open.
 */
#ifndef DDO_SANDBOX_H
#define DDO_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct sandbox_path {
	const char *path; /* a file, or a directory with all below it; it may be absent */
	bool write;       /* also create, write, rename and remove */
};

/* 0: `what` says what the kernel enforces now; it may lack either of the two.  -1: entering failed
 * half way and `what` says why; the caller should end. */
int sandbox_enter(const struct sandbox_path *paths, size_t count, struct err *what);

#endif
