/* process: one process of a push program: its pipes, its deadline, its end.
 *
 * process_init(), process_start(); then process_write() and process_read() (or process_collect())
 * when poll(2) says so, and process_enforce() each turn.  When child_ended(&p->child) says so:
 * process_read() once more, process_reap(), process_free(), after which it may be started again.
 * All descriptors are non-blocking.  The program is not trusted: lines and noise are cut, and each
 * call reads a bounded amount, so that no program can keep the loop from the others.
 * Deadlines are monotonic milliseconds.  INT64_MAX: none.
 */
#ifndef DDO_QUEUE_PROCESS_H
#define DDO_QUEUE_PROCESS_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/err.h"
#include "conf/conf.h"

/* Lines beside the answers that are logged, per batch. */
#define PROCESS_NOISE_MOST 20

/* VERB_IDLE: the probe of a target that is up and has nothing due. */
enum verb { VERB_BATCH, VERB_PROBE, VERB_IDLE, VERB_LIST, VERB_CHECK };

struct process {
	struct child child; /* pid -1: none */
	enum verb verb;
	unsigned config;  /* number of the configuration that it has read */
	int64_t deadline; /* of the next answer, or of its end */
	bool termed;      /* it missed the deadline: it got TERM, KILL is next */
	struct buf to_child;
	size_t sent;            /* of to_child */
	struct buf line, noise; /* unfinished lines of its stdout, stderr */
	unsigned noise_lines;
	char last_noise[768];
};

void process_init(struct process *p);
int process_start(struct process *p, const struct conf *conf, const struct conf_target *t,
    enum verb verb, struct err *err);
bool process_alive(const struct process *p);
bool process_closing(const struct process *p); /* its stdin is closed: it was told to end */
void process_close(struct process *p);         /* closes its stdin, sets a deadline for its end */
void process_write(struct process *p);

#define PROCESS_FDS 3
void process_fds(const struct process *p, struct pollfd out[PROCESS_FDS]);

/* Hands whole lines of its stdout to `take`, and logs those of its stderr as `name`'s.  Only
 * the noise of a batch, or while the target is down, is logged: else it is a failure's reason. */
typedef void process_take(void *arg, char *line);
void process_read(struct process *p, const char *name, process_take *take, void *arg);
/* The same, but appends its stdout to `out` until that has `most` bytes.  NULL: drops it. */
void process_collect(struct process *p, const char *name, struct buf *out, size_t most);
void process_noise_end(struct process *p, const char *name); /* at the end of a batch */
void process_enforce(struct process *p); /* TERM, then KILL, once the deadline is over */
/* Takes its end.  Its exit code, -1: a signal; `words` describe it. */
int process_reap(struct process *p, const char *name, char *words, size_t size);
void process_free(struct process *p); /* kills it if it is alive */

#endif
