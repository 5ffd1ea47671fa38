/* spool: the durable queue between the doors and ddo-queue (ddo-spool(5)).
 *
 *   writer: spool_open, then spool_commit for each change, spool_close.
 *   runner: spool_open, spool_scan, per job spool_load, after the store's commit spool_done.
 *
 * spool_commit() returns 0 only when the job's file is fsynced, renamed into new/ and new/ is
 * fsynced. A job's name in new/ is its place in the total order of acceptance, 16 decimal digits:
 * the greater of the clock in microseconds and the last number plus one, handed out under flock(2)
 * of `order` together with the rename, so that the order of names is the order of the renames even
 * when the clock steps back.  `order` keeps a fsynced upper bound, so that a power cut cannot take
 * the numbers back.  Thread-safe: a struct spool may be shared among threads of one process.
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

/* Accepts `count` jobs, all or none in the sense of the answer: 0 only when all are durable.  Fills
 * in jobs[i].seq.  On -1 none of them was renamed unless a rename itself failed half way, in which
 * case those already renamed stay (each is a whole, valid job). */
int spool_commit(struct spool *s, struct job *jobs, size_t count, struct err *err);

/* The jobs that are in new/ now, in order; *seqs is for free().  A job whose rename came before
 * another's is never missing while the other is listed. */
int spool_scan(struct spool *s, uint64_t **seqs, size_t *count, struct err *err);

/* Loads one job. 0: job is filled in (job_free() it).  1: the file was no valid job and now lies in
 * bad/, err says why.  -1: trouble with the file system, try again later. */
int spool_load(struct spool *s, uint64_t seq, struct job *job, struct err *err);
int spool_done(struct spool *s, uint64_t seq, struct err *err);   /* unlinks it */
int spool_reject(struct spool *s, uint64_t seq, struct err *err); /* moves it to bad/ */

/* Makes every number handed out from now on greater than seq and than all in new/: the runner calls
 * it at its start, so that a lost `order` cannot make new jobs look older than the store. */
int spool_raise(struct spool *s, uint64_t seq, struct err *err);

/* Removes files in tmp/ older than `age` seconds: what writers that died left behind. */
int spool_clean(struct spool *s, unsigned age, struct err *err);

/* Counts new/ and bad/ and gives the oldest number in new/ (0: none). */
int spool_count(struct spool *s, size_t *in_new, size_t *in_bad, uint64_t *oldest, struct err *err);

int spool_watch(
    struct spool *s, struct err *err); /* an inotify descriptor for new/, non-blocking */

#endif
