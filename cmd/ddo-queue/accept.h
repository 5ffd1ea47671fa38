/* accept: what a job changes in the store: the rules of order, ownership and refusal.
 *
 * The caller has a transaction open, and rolls it back after -1 (the store is in trouble).
 * accept_job() takes any job and says what becomes of its file after the commit.  Taking a job
 * twice changes nothing.  The other functions are parts of it in files of their own: refusal.c
 * keeps what does not become the zone, intake_run.c takes the jobs about a run of ddo-reconcile.
 */
#ifndef DDO_QUEUE_ACCEPT_H
#define DDO_QUEUE_ACCEPT_H

#include <stdbool.h>

#include "base/err.h"
#include "reader.h"
#include "store/store.h"

struct queue;

enum accept { TAKEN, REJECTED }; /* the file is unlinked, or moved to bad/ */
int accept_job(
    struct queue *q, const struct ready_job *ready, enum accept *result, struct err *err);

/* refusal.c: remembers that this push does not become the zone, with its text if `hold`. */
int refusal_keep(struct queue *q, const struct job *job, bool known, const char *why, bool hold,
    struct err *err);
/* Is the zone another owner's, so that this job must not change it? */
bool refusal_foreign(
    const struct queue *q, const struct job *job, const struct store_zone *z, struct err *why);
/* The put that was held; for job_free().  1, 0: nothing is held, -1. */
int refusal_allowed(struct queue *q, const struct job *job, struct job *put, struct err *err);

/* intake_run.c */
int intake_resend(struct queue *q, const struct job *job, struct err *err);
int intake_report(struct queue *q, const struct job *job, struct err *err);

#endif
