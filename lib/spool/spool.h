/* spool: the durable queue between the doors and ddo-queue (ddo-spool(5)).
 *
 *   writer: spool_open, then spool_commit for each change, spool_close.
 *   runner: spool_open, spool_scan, per job spool_load, after the store's commit spool_done.
 *
 * spool_commit() returns 0 only after it has fsynced the job's file, renamed it into new/ and
 * fsynced new/.  A job's name there is its place in the total order of acceptance, 16 digits: the
 * clock in microseconds, or the last number plus one if that is greater.  spool_commit() takes the
 * number and renames under one flock(2) of `order`, so names sort in the order of the renames even
 * when the clock steps back.  `order` keeps a fsynced upper bound, so a power cut loses no number.
 * Functions return 0, or -1 and a reason.  Threads of one process may share a struct spool.
 */
#ifndef DDO_SPOOL_H
#define DDO_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "spool/job.h"

struct spool;

/* Opens (and with `create` makes) DIR, DIR/tmp, new, bad. */
int spool_open(struct spool **out, const char *dir, bool create, struct err *err);
void spool_close(struct spool *s);

/* Accepts `count` jobs and fills in jobs[i].seq.  0: all are durable.  -1: none was renamed, unless
 * a rename failed half way; those renamed before it stay, each a whole and valid job. */
int spool_commit(struct spool *s, struct job *jobs, size_t count, struct err *err);

/* Lists the jobs in new/, in order; *seqs is for free().  If it lists a job, it also lists every
 * job that was renamed before it and is still there. */
int spool_scan(struct spool *s, uint64_t **seqs, size_t *count, struct err *err);

/* Loads one job. 0: job is filled in, for job_free().  1: the file is no valid job and was moved to
 * bad/; err says why.  -1: trouble with the file system, try again later. */
int spool_load(struct spool *s, uint64_t seq, struct job *job, struct err *err);
int spool_done(struct spool *s, uint64_t seq, struct err *err);   /* unlinks it */
int spool_reject(struct spool *s, uint64_t seq, struct err *err); /* moves it to bad/ */

/* Makes every later number greater than seq and than all in new/.  The runner calls it when it
 * starts, so that a lost `order` cannot make new jobs look older than the store. */
int spool_raise(struct spool *s, uint64_t seq, struct err *err);

/* Removes files in tmp/ that are older than `age` seconds: writers that died left them. */
int spool_clean(struct spool *s, unsigned age, struct err *err);

/* Counts new/ and bad/ and gives the oldest number in new/ (0: none). */
int spool_count(struct spool *s, size_t *in_new, size_t *in_bad, uint64_t *oldest, struct err *err);

/* Returns a non-blocking inotify descriptor for new/; the caller closes it. */
int spool_watch(struct spool *s, struct err *err);

#endif
