/* target: one target, and what it does next.  targets: the list of them.
 *
 * targets_load() makes q->targets what `conf` says, in one transaction; on -1 all is as it was.
 * Targets that stay keep their processes, new ones get what they lack, and those that go finish
 * first.  targets_sweep() forgets them when their processes have ended.  A struct target belongs to
 * the list and is valid until targets_sweep() or targets_free().
 * Each turn of the loop: target_read(), target_exited() as poll(2) and SIGCHLD say; target_step().
 */
#ifndef DDO_QUEUE_TARGET_H
#define DDO_QUEUE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "compare.h"
#include "process.h"

struct queue;

struct target {
	char *name;
	const struct conf_target *conf; /* of the current configuration; NULL: no longer in it */
	struct process process;
	struct batch batch;
	int64_t idle_until; /* monotonic ms: an idle push program ends then */
	unsigned breaks;    /* batches in a row that it broke off without an answer */
	bool look;          /* something may be due: ask the store */
	int64_t probe_at;   /* monotonic ms: of the next idle probe */
	bool dropped;       /* the idle probe was killed: it says nothing */
	bool unprobed;      /* its push program has no verb probe */
	int64_t next_due;   /* wall clock seconds; INT64_MAX: nothing waits */
	struct compare compare;
};

/* target.c */
void target_step(struct queue *q, struct target *t);
void target_read(struct queue *q, struct target *t); /* answers and noise */
void target_exited(struct queue *q, struct target *t);
int64_t target_wakeup(struct queue *q, struct target *t); /* monotonic ms */
bool target_busy(const struct target *t);                 /* with a batch, or down and probed */
bool target_is_due(struct queue *q, struct target *t);

/* targets.c */
struct target *targets_find(const struct queue *q, const char *name);
int targets_load(struct queue *q, const struct conf *conf, struct err *err);
void targets_sweep(struct queue *q);
void targets_free(struct queue *q);
/* All of them, configured or leaving: 0 to targets_all() - 1. */
size_t targets_all(const struct queue *q);
struct target *targets_at(const struct queue *q, size_t i);

#endif
