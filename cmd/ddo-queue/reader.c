/* reader: a thread that reads, parses and renders the jobs of spool/new, a chunk at a time. */
#include "reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/door.h"

#define CHUNK_BYTES ((size_t)32 << 20)

enum reader_state { WAITING, ASKED, ENDING };

struct reader {
	struct spool *spool;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t asked;
	enum reader_state state; /* guarded by mutex */
	int done;                /* eventfd */

	/* The loop's and the thread's in turn. */
	const struct conf *conf;
	bool list_anew;
	uint64_t *seqs; /* the listing; taken up to `next` */
	size_t nseqs, next;
	struct ready_job jobs[CHUNK_JOBS];
	size_t count;
	int status;
	struct err err;
};

void ready_free(struct ready_job *j)
{
	job_free(&j->job);
	zone_free(j->zone);
	buf_free(&j->text);
}

void ready_parse(struct ready_job *j, const struct conf *conf)
{
	if (door_parse(conf, j->job.zone, j->job.text, j->job.text_len, &j->zone, &j->why) < 0 ||
	    zone_render(j->zone, &j->text, &j->why) == 0)
		return;
	zone_free(j->zone);
	j->zone = NULL;
}

void reader_forget(struct reader *r)
{
	for (size_t i = 0; i < r->count; i++)
		ready_free(&r->jobs[i]);
	r->count = 0;
}

static void prepare(struct reader *r, struct ready_job *j)
{
	int got = spool_load(r->spool, j->seq, &j->job, &j->why);
	if (got != 0) {
		/* READY_GONE: another program took the file away. */
		j->state = got > 0 ? READY_BAD : errno == ENOENT ? READY_GONE : READY_NOT;
		return;
	}
	j->state = READY;
	if (j->job.op == JOB_PUT)
		ready_parse(j, r->conf);
}

static int read_chunk(struct reader *r)
{
	if (r->list_anew) {
		free(r->seqs);
		r->seqs = NULL;
		r->nseqs = r->next = 0;
		if (spool_scan(r->spool, &r->seqs, &r->nseqs, &r->err) < 0)
			return -1;
	}
	size_t bytes = 0;
	while (r->count < CHUNK_JOBS && bytes < CHUNK_BYTES && r->next < r->nseqs) {
		struct ready_job *j = &r->jobs[r->count++];
		*j = (struct ready_job){.seq = r->seqs[r->next++]};
		prepare(r, j);
		bytes += j->job.text_len + j->text.len;
	}
	return 0;
}

static void *thread(void *arg)
{
	struct reader *r = arg;
	const uint64_t one = 1;
	pthread_mutex_lock(&r->mutex);
	for (;;) {
		while (r->state == WAITING)
			pthread_cond_wait(&r->asked, &r->mutex);
		if (r->state == ENDING)
			break;
		pthread_mutex_unlock(&r->mutex);
		r->status = read_chunk(r);
		pthread_mutex_lock(&r->mutex);
		if (r->state == ASKED)
			r->state = WAITING;
		(void)!write(r->done, &one, sizeof(one));
	}
	pthread_mutex_unlock(&r->mutex);
	return NULL;
}

int reader_open(struct reader **out, struct spool *spool, struct err *err)
{
	struct reader *r = mem_alloc(sizeof(*r));
	r->spool = spool;
	pthread_mutex_init(&r->mutex, NULL);
	pthread_cond_init(&r->asked, NULL);
	r->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	errno = r->done < 0 ? errno : pthread_create(&r->thread, NULL, thread, r);
	if (r->done < 0 || errno != 0) {
		err_sys(err, "cannot start a thread");
		if (r->done >= 0)
			close(r->done);
		free(r);
		return -1;
	}
	*out = r;
	return 0;
}

static void set(struct reader *r, enum reader_state state)
{
	pthread_mutex_lock(&r->mutex);
	r->state = state;
	pthread_cond_signal(&r->asked);
	pthread_mutex_unlock(&r->mutex);
}

void reader_start(struct reader *r, bool list_anew, const struct conf *conf)
{
	r->list_anew = list_anew;
	r->conf = conf;
	set(r, ASKED);
}

bool reader_take(struct reader *r, struct chunk *out, struct err *err)
{
	uint64_t times;
	if (read(r->done, &times, sizeof(times)) < 0)
		return false;
	*out = (struct chunk){
	    .status = r->status, .jobs = r->jobs, .count = r->count, .more = r->next < r->nseqs};
	*err = r->err;
	return true;
}

int reader_fd(const struct reader *r)
{
	return r->done;
}

void reader_close(struct reader *r)
{
	if (r == NULL)
		return;
	set(r, ENDING);
	pthread_join(r->thread, NULL);
	reader_forget(r);
	free(r->seqs);
	close(r->done);
	pthread_cond_destroy(&r->asked);
	pthread_mutex_destroy(&r->mutex);
	free(r);
}
