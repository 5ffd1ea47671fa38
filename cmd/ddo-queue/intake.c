/* intake: from the spool into the store, a chunk of jobs a transaction. */
#include <stdlib.h>

#include "msg.h"
#include "queue.h"

#define CHUNK_JOBS 256
#define CHUNK_BYTES ((size_t)32 << 20)

/* Applies jobs until the chunk is full; verdicts[i] tells what to do with file i after the commit.
 */
static int fill_chunk(struct queue *q, enum accept *verdicts, size_t *taken, struct err *err)
{
	struct intake *in = &q->intake;
	size_t bytes = 0;
	for (*taken = 0;
	     *taken < CHUNK_JOBS && bytes < CHUNK_BYTES && in->next + *taken < in->count;
	     (*taken)++) {
		struct job job;
		struct err why;
		int r = spool_load(q->spool, in->seqs[in->next + *taken], &job, &why);
		if (r < 0)
			return err_set(err, "%s", why.text);
		if (r > 0) {
			msg_error("%s", why.text);
			verdicts[*taken] = TAKEN;
			continue;
		}
		bytes += job.text_len;
		r = accept_job(q, &job, &verdicts[*taken], err);
		job_free(&job);
		if (r < 0)
			return -1;
	}
	return 0;
}

int intake_step(struct queue *q, struct err *err)
{
	struct intake *in = &q->intake;
	if (in->next == in->count) {
		free(in->seqs);
		*in = (struct intake){0};
		if (spool_scan(q->spool, &in->seqs, &in->count, err) < 0)
			return -1;
		if (in->count == 0)
			return 0;
	}
	enum accept verdicts[CHUNK_JOBS];
	size_t taken;
	if (store_begin(q->store, err) < 0 || fill_chunk(q, verdicts, &taken, err) < 0 ||
	    taken_keep(q, taken == 0 ? 0 : in->seqs[in->next + taken - 1], err) < 0 ||
	    store_commit(q->store, err) < 0) {
		store_rollback(q->store);
		return -1;
	}
	taken_tell(q, taken == 0 ? 0 : in->seqs[in->next + taken - 1]);
	/* Only now: until the commit the files are the only copy. */
	for (size_t i = 0; i < taken; i++) {
		uint64_t seq = in->seqs[in->next + i];
		int r = verdicts[i] == TAKEN ? spool_done(q->spool, seq, err)
					     : spool_reject(q->spool, seq, err);
		if (r < 0)
			msg_error("%s", err->text); /* taking it again changes nothing */
	}
	in->next += taken;
	for (size_t i = 0; i < q->ntargets; i++)
		q->targets[i]->look = true;
	return 1;
}

void intake_free(struct intake *in)
{
	free(in->seqs);
	*in = (struct intake){0};
}
