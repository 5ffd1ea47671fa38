/* enqueue: checks and commits what ddo-enqueue is told. */
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
/* All or none. */
enum enqueue_result enqueue_del(
    struct enqueue *e, char *const *zones, size_t count, struct err *err);
/* What is held of a zone becomes the zone (JOB_ALLOW), or is dropped (JOB_FORGET). */
enum enqueue_result enqueue_decide(
    struct enqueue *e, enum job_op op, const char *zone, struct err *err);
/* Returns the exit code: 0, EX_DATAERR when a line was refused, EX_TEMPFAIL when the spool fails.
 */
int enqueue_batch(struct enqueue *e, FILE *in, FILE *out);

#endif
