/* reader: a thread that reads, parses and renders the next jobs, so that the loop never does.
 *
 * reader_start() asks for a chunk.  reader_fd() is readable when it is there, and reader_take()
 * then gives it: true once a chunk.  The chunk stays valid until reader_forget(), which must come
 * before the next reader_start().  Between reader_take() and that the thread waits and touches
 * nothing. `conf` must live until the chunk is taken.
 */
#ifndef DDO_QUEUE_READER_H
#define DDO_QUEUE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "dns/zone.h"
#include "spool/spool.h"

#define CHUNK_JOBS 256

struct ready_job {
	uint64_t seq;
	enum {
		READY,
		READY_GONE, /* its file is no longer there */
		READY_BAD,  /* it was no valid job and lies in bad/: `why` */
		READY_NOT   /* it cannot be taken now: `why` */
	} state;
	struct job job;
	struct zone *zone; /* of a put; NULL: it does not parse, `why` */
	struct buf text;   /* rendered */
	struct err why;
};

struct chunk {
	int status; /* -1: new/ could not be listed */
	struct ready_job *jobs;
	size_t count;
	bool more; /* the listing has more */
};

struct reader;

int reader_open(struct reader **out, struct spool *spool, struct err *err);
void reader_start(struct reader *r, bool list_anew, const struct conf *conf);
bool reader_take(struct reader *r, struct chunk *out, struct err *err); /* false: not yet */
void reader_forget(struct reader *r);
int reader_fd(const struct reader *r);
void reader_close(struct reader *r);

void ready_parse(struct ready_job *j, const struct conf *conf); /* fills in zone and text, or why */
void ready_free(struct ready_job *j);

#endif
