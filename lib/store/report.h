/* report: the reports of runs, for the next run and for those who read them.
 *
 * A report is a JSON object with the numbers `started` and `ended` (seconds since the epoch).  Its
 * `memory` is for the next run only, so the store keeps that of the newest report and removes it
 * from the older ones.  `narrowed` is true when the run left something out.  The store keeps
 * STORE_RUNS reports of each program.
 */
#ifndef DDO_STORE_REPORT_H
#define DDO_STORE_REPORT_H

#include "store/store.h"

#define STORE_RUNS 100

/* 1: the store keeps it, or kept it before under this id; 0: it is no report; -1. */
int store_run_add(struct store *st, uint64_t id, const char *program, const char *report,
    size_t len, struct err *err);
/* Appends the newest report of a program to *report.  `whole` prefers the newest one that is not
 * narrowed.  1, 0: there is none, -1. */
int store_run_last(
    struct store *st, const char *program, bool whole, struct buf *report, struct err *err);

#endif
