/* child: starting a program safely.
 *
 * argv only, never a shell.  The child gets its own session, default signals, an empty signal mask,
 * descriptors 0 to 2 as pipes to us and none above, and the environment that is given, nothing
 * else.  A failing exec comes back as -1 with its errno's text.  The caller ignores SIGPIPE, reads
 * `out` and `errout` while the child runs (our three descriptors are non-blocking, close-on-exec),
 * and does not wait for EOF once child_ended(): a grandchild may hold the pipe.
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
void child_close(struct child *c);               /* closes what is open; does not wait */
void child_kill(const struct child *c, int sig); /* the whole group */
bool child_ended(const struct child *c);         /* it has exited and waits for child_reap() */
int child_reap(struct child *c); /* waits, kills the rest of its group, gives waitpid(2)'s status */

/* Starts, feeds `input` (may be NULL), collects at most `max` bytes of each output, waits at most
 * timeout_ms and then kills the group.  Returns 0 and *status as from waitpid(2); -1: did not
 * start, or ran out of time (err says which). */
int child_run(const char *path, char *const argv[], char *const envp[], const char *input,
    size_t input_len, int timeout_ms, size_t max, struct buf *out, struct buf *errout, int *status,
    struct err *err);

#endif
