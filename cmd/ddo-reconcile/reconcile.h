/* reconcile: the steps of a run, in their order.
 *
 * inputs.c      what the run looks at; options.c, snapshot.c (the store), servers.c (what each
 *               DirectAdmin lists), targets.c (what each target holds)
 * memory.c      what the runs before it left for it
 * compare.c     walks through all of them by name, and decides
 * orphans.c     marks, grace and brakes of deletes
 * watch.c       what is only reported;  delegation.c: what the parents say
 * refusals.c    pushes that were refused
 * plan.c        what is to be done, as lines or as JSON
 * act.c         jobs into the spool;  pull.c: zones from DirectAdmin into the spool
 * report.c      what happened, for the store
 * loop.c        -w: one run after the other
 *
 * Each function takes the parts that it needs; one that returns int gives 0, or -1 with err.
 */
#ifndef DDO_RECONCILE_H
#define DDO_RECONCILE_H

#include "inputs.h"
#include "memory.h"
#include "plan.h"

/* compare.c */
void compare(struct inputs *in, struct plan *p);
/* Drops the actions about what has changed meanwhile. */
int compare_again(struct store *st, struct plan *p, struct err *err);

/* orphans.c: marks what compare() found, and makes deletes of what was marked long enough, if no
 * brake and no DirectAdmin objects. */
void orphans_decide(struct inputs *in, struct plan *p, struct memory *m);

/* watch.c */
int watch(const struct inputs *in, struct plan *p, struct memory *m, struct err *err);
/* delegation.c */
void delegation(const struct inputs *in, struct plan *p);

/* refusals.c: reports them, and ends those that matter no more. */
int refusals(const struct inputs *in, struct plan *p, struct err *err);
/* DirectAdmin has what the store has: what it pushed before does not matter any more. */
void refusals_end(const struct inputs *in, const char *zone);

/* act.c */
int act(const struct inputs *in, const struct plan *p, struct err *err);
/* One job for all that a target lacks, of the actions from `first` on. */
int act_resend(const struct inputs *in, const struct plan *p, size_t first, struct err *err);
int act_own(struct spool *spool, const struct action *a, struct err *err);
/* 1: accepted, 0: nothing to restore, -1. */
int act_restore(const struct inputs *in, const char *zone, struct err *err);
int act_report(struct spool *spool, const json_t *report, struct err *err);

/* pull.c: fetches, compares, enqueues, prints what it did. */
void pull_all(struct inputs *in, struct plan *p);

/* report.c: for json_decref(). */
json_t *report_make(const struct inputs *in, const struct plan *p, const struct memory *m);

/* loop.c: a child a run, until SIGTERM or SIGINT; `once` returns the exit status. */
int loop(const struct options *o, int (*once)(const struct options *o));

#endif
