/* child: starts another program, without a shell.
 *
 * child_start(), then read `out` and `errout` and write `in`, then child_reap() and child_close().
 * The child gets a session of its own, default signals, an empty signal mask, pipes as descriptors
 * 0 to 2, no other descriptor, and the given environment only.  A failed exec returns -1 with the
 * text of its errno.  The caller ignores SIGPIPE.  Our ends of the pipes are non-blocking and
 * close-on-exec.  Once child_ended() is true, do not wait for EOF: a grandchild may hold the pipe.
 * child_capture() does all this for a program that ends soon.
 */
#ifndef DDO_CHILD_H
#define DDO_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

struct child {
	pid_t pid; /* also its session and process group */
	int in;    /* write end of its stdin; -1 once closed */
	int out;
	int errout;
};

int child_start(
    struct child *c, const char *path, char *const argv[], char *const envp[], struct err *err);
void child_close(struct child *c);               /* closes the pipes; does not wait */
void child_kill(const struct child *c, int sig); /* the whole group */
bool child_ended(const struct child *c);         /* it has exited and waits for child_reap() */
int child_reap(struct child *c); /* kills the rest of its group, waits; waitpid(2)'s status */

/* Starts a program, feeds it `input` (may be NULL), keeps the first `max` bytes of each output, and
 * kills its group after timeout_ms.  0: *status is waitpid(2)'s.  -1: the program did not start, or
 * it took too long; err says which. */
int child_capture(const char *path, char *const argv[], char *const envp[], const char *input,
    size_t input_len, int timeout_ms, size_t max, struct buf *out, struct buf *errout, int *status,
    struct err *err);

#endif
