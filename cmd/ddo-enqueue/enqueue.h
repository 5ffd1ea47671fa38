/* enqueue: checks the changes that ddo-enqueue gets and commits them to the spool.
 *
 * The caller fills in conf and spool.  enqueue_open() sets who asks; origin and user may be NULL.
 * Then any number of the others.  ENQUEUE_OK: the change is durable.  ENQUEUE_REFUSED: the input is
 * wrong for good.  ENQUEUE_LATER: the spool or the store cannot be used now.  In these two cases
 * err says why.
 */
#ifndef DDO_ENQUEUE_H
#define DDO_ENQUEUE_H

#include <stdio.h>

#include "base/err.h"
#include "conf/conf.h"
#include "spool/job.h"
#include "spool/spool.h"

enum enqueue_result { ENQUEUE_OK, ENQUEUE_REFUSED, ENQUEUE_LATER };

struct enqueue {
	const struct conf *conf;
	struct spool *spool;
	struct job who; /* origin, user, source: copied into every job */
};

enum enqueue_result enqueue_open(
    struct enqueue *e, const char *origin, const char *user, struct err *err);
enum enqueue_result enqueue_put(
    struct enqueue *e, const char *zone, const char *text, size_t len, struct err *err);
/* Deletes all zones, or none after an error. */
enum enqueue_result enqueue_del(
    struct enqueue *e, char *const *zones, size_t count, struct err *err);
/* JOB_ALLOW: the held text becomes the zone.  JOB_FORGET: ddo drops the held or refused push. */
enum enqueue_result enqueue_decide(
    struct enqueue *e, enum job_op op, const char *zone, struct err *err);
/* Does what the lines of `in` say, and answers each on `out`.  Returns the exit code: 0, EX_DATAERR
 * after a refused line, EX_TEMPFAIL after a failure of the spool, EX_IOERR. */
int enqueue_batch(struct enqueue *e, FILE *in, FILE *out);

#endif
