/* queue: what the parts of ddo-queue share.
 *
 * intake.c   spool -> store: the rules of acceptance, ownership and order
 * intake_run.c  the same for what a run of ddo-reconcile says
 * target.c   one target: what is due, its health, the end of a batch
 * feed.c     the push protocol's client side: bytes to and from one push process
 * lock.c     there is only one of us
 * upkeep.c   what has to be done from time to time
 * runner.c   the loop that waits for all of them
 *
 * Everything runs in one thread.  The store is written here and nowhere else.
 */
#ifndef DDO_QUEUE_H
#define DDO_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "child.h"
#include "conf.h"
#include "spool.h"
#include "store.h"

enum outcome { UNANSWERED, ANSWER_OK, ANSWER_FAIL, ANSWER_DEFER };

struct item {
	enum outcome outcome;
	char *reason;
};

enum activity {
	IDLE,   /* no process, or one that waits for work on its stdin */
	BATCH,  /* a batch was sent, answers are awaited */
	PROBE,  /* `probe` runs */
	CLOSING /* stdin is closed, the exit is awaited */
};

struct target {
	char *name;
	const struct conf_target *conf; /* of the current configuration */
	struct store_target health;
	enum activity activity;
	struct child child; /* pid -1: none */
	int64_t
	    deadline; /* monotonic ms: of the batch, the probe, the closing, or the idle process */
	int64_t patience_ms; /* that a batch has between two answers; outlives its configuration */
	bool termed;         /* TERM was sent, KILL is next */

	struct delivery *batch;
	struct item *items;
	size_t count, answered;
	int64_t started;     /* monotonic ms */
	struct buf to_child; /* sent up to `sent` */
	size_t sent;
	struct buf line, noise; /* unfinished lines of its stdout, stderr */
	unsigned noise_lines;
	char last_noise[512];
	bool said_down;
	char down_reason[512];

	size_t limit; /* zones in the next batch: 1 after a crash, doubled by each success */
	unsigned lonely_crashes; /* batches of one that crashed, in a row */
	bool look;               /* something may be due: ask the store */
	int64_t next_due;        /* wall clock seconds; INT64_MAX: nothing waits */
	bool removed;            /* gone from the configuration */
	bool restart;            /* its process has an old configuration */
};

struct intake {
	uint64_t *seqs; /* of the last scan, not taken yet from `next` on */
	size_t count, next;
};

struct queue {
	struct conf *conf;
	struct spool *spool;
	struct store *store;
	struct intake intake;
	struct target **targets;
	size_t ntargets;
	bool once;
	bool stopping;
	bool store_sick;     /* the last write to the store failed */
	int64_t sick_until;  /* monotonic ms */
	int64_t next_upkeep; /* monotonic ms; 0: at once */
};

/* intake.c: takes one chunk of jobs. 1: took some, 0: the spool is empty, -1: trouble. */
int intake_step(struct queue *q, struct err *err);
void intake_free(struct intake *in);

/* intake_run.c */
int intake_resend(struct queue *q, const struct job *job, struct err *err);
int intake_report(struct queue *q, const struct job *job, struct err *err);

/* target.c */
int targets_load(struct queue *q, struct err *err); /* after a (new) configuration */
void target_free(struct target *t);
void target_step(
    struct queue *q, struct target *t); /* starts what is to be started, ends what is late */
void target_down(struct queue *q, struct target *t, const char *reason);
void target_batch_end(struct queue *q, struct target *t, const char *trouble);
void target_exited(struct queue *q, struct target *t);
void target_close(struct target *t); /* closes the process' stdin, awaits its end */
int64_t target_wakeup(const struct queue *q, const struct target *t); /* monotonic ms */
bool target_busy(const struct target *t);

/* feed.c */
int feed_start(struct queue *q, struct target *t, const char *verb, struct err *err);
void feed_encode(struct target *t); /* batch -> to_child */
void feed_write(struct target *t);
void feed_read(struct queue *q, struct target *t); /* answers and noise */
void feed_noise_end(struct target *t);

/* lock.c: one runner; the lock lives as long as the descriptor that is returned. */
int queue_lock(const char *run_dir, struct err *err);

/* upkeep.c: prunes the archive, cleans spool/tmp; to be called again and again. */
void upkeep_step(struct queue *q);

/* runner.c */
int runner_run(struct queue *q, struct err *err);

#endif
