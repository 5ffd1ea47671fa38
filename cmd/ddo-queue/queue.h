/* queue: the state of ddo-queue, and a map of its files.
 *
 *   runner.c     the loop that waits for all of them; signals; stopping
 *   intake.c     spool -> store: which jobs, in which transaction
 *   reader.c     the thread that reads, parses and renders the next jobs
 *   accept.c     what a job changes
 *   refusal.c    what is refused; intake_run.c: jobs about a run of ddo-reconcile
 *   targets.c    the list of targets; target.c: what one does next; health.c: is it up
 *   batch.c      what was sent and answered; process.c: the push program that does it
 *   compare.c    does a target still hold what it confirmed?  compare_walk.c judges
 *   restored.c   is the store an older copy of itself?
 *   upkeep.c     what has to be done from time to time; lock.c: one ddo-queue at a time
 *
 * One thread does it all but reading.  Only ddo-queue writes the store.
 */
#ifndef DDO_QUEUE_H
#define DDO_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "intake.h"
#include "spool/spool.h"
#include "store/delivery.h"

struct target;

struct queue {
	struct conf *conf;
	unsigned config; /* its number: 1, 2, ... */
	struct spool *spool;
	struct store *store;
	struct intake intake;
	struct target **targets; /* as configured */
	size_t ntargets;
	struct target **leaving; /* no longer configured, their processes still run */
	size_t nleaving;
	uint64_t taken; /* the greatest number of a job that was taken */
	int taken_fd;   /* the spool's file of that name; -1: cannot be opened */
	bool once;
	bool stopping;
	bool reload;         /* when the reader is done with the configuration */
	bool store_sick;     /* the last write to the store failed */
	int64_t sick_until;  /* monotonic ms */
	int64_t next_upkeep; /* monotonic ms; 0: at once */
};

/* lock.c: one ddo-queue a run_dir.  The lock lives as long as the descriptor that it returns. */
int queue_lock(const char *run_dir, struct err *err);

/* upkeep.c: prunes the archive and cleans spool/tmp at the start and once an hour. */
void upkeep_step(struct queue *q);

/* runner.c: returns when told to stop, or, for `once`, when nothing is due any more.
 * 1: some jobs could not be taken. */
int runner_loop(struct queue *q, struct err *err);

#endif
