/* queue: what the parts of ddo-queue share.
 *
 * runner.c   the loop that waits for all of them; signals; stopping
 * intake.c   spool -> store: which jobs, in which transaction
 * reader.c   a thread that reads, parses and renders the next jobs, so that the loop never does
 * accept.c   what a job changes: the rules of order and ownership
 * refusal.c  what of that is refused, and kept to be seen
 * intake_run.c  the same for what a run of ddo-reconcile says
 * targets.c  the list of targets: a reload is a diff of two lists
 * target.c   one target: what it does next
 * health.c   is it up or down, and when is it probed: a function of events, kept in the store
 * compare.c  does a target still hold what it confirmed?  compare_walk.c: judges
 * restored.c is the store an older copy of itself?
 * batch.c    what was sent, what was answered, and what becomes of it
 * process.c  one run of a push program: pipes, deadline, end
 * lock.c     there is only one of us
 * upkeep.c   what has to be done from time to time
 *
 * One thread does it all but reading.  The store is written here and nowhere else.
 */
#ifndef DDO_QUEUE_H
#define DDO_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/child.h"
#include "compare.h"
#include "conf/conf.h"
#include "dns/zone.h"
#include "spool/spool.h"
#include "store/delivery.h"

#define PROCESS_NOISE_MOST \
	20 /* lines that a push program says beside answers and that are logged per batch */

enum verb { VERB_BATCH, VERB_PROBE };

struct process {
	struct child child; /* pid -1: none */
	enum verb verb;
	unsigned config;  /* number of the configuration that it has read */
	int64_t deadline; /* monotonic ms: of the next answer, or of its end; INT64_MAX: none */
	bool termed;      /* it missed the deadline: TERM was sent, KILL is next */
	struct buf to_child;
	size_t sent;            /* of to_child */
	struct buf line, noise; /* unfinished lines of its stdout, stderr */
	unsigned noise_lines;
	char last_noise[512];
};

enum outcome { UNANSWERED, ANSWER_OK, ANSWER_FAIL, ANSWER_DEFER };

struct item {
	enum outcome outcome;
	char *reason;
};

struct batch {
	struct delivery *deliveries;
	struct item *items;
	size_t count, answered; /* count 0: none is under way */
	int64_t started;        /* monotonic ms */
	int64_t patience_ms;    /* between two answers */
	char down[512];         /* the target's word that it is down; "": it did not say so */
	bool gone;              /* it was there when it was told of this batch, and is gone since */
};

struct target {
	char *name;
	const struct conf_target *conf; /* of the current configuration; NULL: no longer in it */
	struct process process;
	struct batch batch;
	int64_t idle_until; /* monotonic ms: a push program without work ends then */
	unsigned breaks;    /* batches in a row that it broke off without an answer */
	bool look;          /* something may be due: ask the store */
	int64_t next_due;   /* wall clock seconds; INT64_MAX: nothing waits */
	struct compare compare;
};

struct reader;

/* A job that was read, parsed and rendered; see reader.c. */
struct ready_job {
	uint64_t seq;
	enum { READY, READY_GONE, READY_BAD, READY_NOT } state;
	struct job job;
	struct zone *zone; /* of a put; NULL: it does not parse, `why` */
	struct buf text;   /* rendered */
	struct err why;
};

#define CHUNK_JOBS 256

struct chunk {
	int status; /* -1: new/ could not be listed */
	struct ready_job *jobs;
	size_t count;
	bool more; /* the listing has more */
};

struct intake {
	struct reader *reader;
	bool reading;     /* the reader has the next chunk in hand */
	bool more;        /* the listing has more */
	bool wanted;      /* new/ may hold jobs that came after it */
	size_t stuck;     /* jobs of this listing that could not be taken */
	struct err first; /* why the first of these could not */
	int64_t next_ms;  /* monotonic ms: after trouble not before */
	int64_t since;    /* seconds since the epoch: intake stands since; 0: it does not */
	struct err why;
};

struct queue {
	struct conf *conf;
	unsigned config; /* its number: 1, 2, ... */
	struct spool *spool;
	struct store *store;
	struct intake intake;
	struct target **targets; /* as configured */
	size_t ntargets;
	struct target **leaving; /* no longer configured, their processes still run */
	size_t nleaving;
	uint64_t taken; /* the greatest number of a job that was taken */
	int taken_fd;   /* the spool's file of that name; -1: cannot be opened */
	bool once;
	bool stopping;
	bool reload;         /* when the reader is done with the configuration */
	bool store_sick;     /* the last write to the store failed */
	int64_t sick_until;  /* monotonic ms */
	int64_t next_upkeep; /* monotonic ms; 0: at once */
};

/* intake.c */
int intake_open(struct queue *q, struct err *err);
void intake_step(struct queue *q);            /* starts the reader, takes what it has read */
int64_t intake_wakeup(const struct queue *q); /* monotonic ms */
bool intake_over(const struct queue *q);      /* all is taken that can be taken now */
void intake_close(struct queue *q);

/* reader.c: what reader_take() gives is good until reader_forget(), which comes before the next
 * reader_start(). */
int reader_open(struct reader **out, struct spool *spool, struct err *err);
void reader_start(struct reader *r, bool list_anew, const struct conf *conf);
void ready_parse(struct ready_job *j, const struct conf *conf); /* fills in zone and text, or why */
bool reader_take(struct reader *r, struct chunk *out, struct err *err); /* false: not yet */
void ready_free(struct ready_job *j);
void reader_forget(struct reader *r);
int reader_fd(const struct reader *r);
void reader_close(struct reader *r);

/* accept.c: what a job changes in the store; the caller has a transaction open. */
enum accept { TAKEN, REJECTED }; /* what becomes of the job's file after the commit */
int accept_job(
    struct queue *q, const struct ready_job *ready, enum accept *verdict, struct err *err);

/* refusal.c: keeps, with its text if it is to be held, that this push does not become the zone. */
int refusal_keep(struct queue *q, const struct job *job, bool known, const char *why, bool hold,
    struct err *err);
/* Is it about a zone of somebody else, whom this job must not touch? */
bool refusal_foreign(
    const struct queue *q, const struct job *job, const struct store_zone *z, struct err *why);
/* The put that was held; for job_free(). 1, 0: nothing is held, -1. */
int refusal_allowed(struct queue *q, const struct job *job, struct job *put, struct err *err);

/* intake_run.c */
int intake_resend(struct queue *q, const struct job *job, struct err *err);
int intake_report(struct queue *q, const struct job *job, struct err *err);

/* targets.c */
struct target *targets_find(const struct queue *q, const char *name);
/* Makes q->targets what `conf` says, in one transaction: on -1 all is as it was.  Targets that stay
 * keep their processes, new ones get what they lack, and those that go end. */
int targets_load(struct queue *q, const struct conf *conf, struct err *err);
void targets_sweep(struct queue *q); /* forgets those that left and have ended */
void targets_free(struct queue *q);
/* Of all, configured or leaving: 0 to targets_all() - 1. */
size_t targets_all(const struct queue *q);
struct target *targets_at(const struct queue *q, size_t i);

/* target.c */
void target_step(struct queue *q, struct target *t);
void target_read(struct queue *q, struct target *t); /* answers and noise */
void target_exited(struct queue *q, struct target *t);
int64_t target_wakeup(struct queue *q, struct target *t); /* monotonic ms */
bool target_works(const struct target *t);                /* a batch or a probe is under way */
bool target_is_due(struct queue *q, struct target *t);

/* health.c */
bool health_get(struct queue *q, const struct target *t, struct store_target *h);
void health_down(struct queue *q, struct target *t, const char *reason);
void health_up(struct queue *q, struct target *t, const char *words);
void health_good(struct queue *q, struct target *t); /* it did what a batch asked for */
int health_probe_now(struct queue *q, const struct target *t, struct err *err);
/* The store cannot be written (a full disk): nothing is lost, it is all still due. */
void queue_sick(struct queue *q, const char *why);

/* batch.c */
bool batch_fill(struct queue *q, struct target *t); /* takes what is due; false: nothing */
void batch_send(struct target *t);                  /* into the process' to_child */
void batch_line(struct target *t, char *line);      /* one line of answers */
/* `trouble` NULL: all is answered, or the target said that it is down. */
void batch_end(struct queue *q, struct target *t, const char *trouble);
void batch_free(struct batch *b);

/* process.c */
int process_start(struct process *p, const struct queue *q, const struct target *t, enum verb verb,
    struct err *err);
bool process_runs(const struct process *p);
bool process_closing(const struct process *p); /* it was told to end */
void process_close(struct process *p);         /* closes its stdin, awaits its end */
void process_write(struct process *p);
typedef void process_take(void *arg, char *line);
/* Hands whole lines of its stdout to `take`, and logs those of its stderr. */
void process_read(struct process *p, const char *name, process_take *take, void *arg);
void process_noise_end(struct process *p, const char *name); /* of one batch */
void process_enforce(struct process *p); /* TERM, then KILL, once the deadline is over */
/* After its end.  Its exit code, -1: a signal; `words` describe it. */
int process_reap(struct process *p, const char *name, char *words, size_t size);
void process_free(struct process *p);

/* lock.c: one runner; the lock lives as long as the descriptor that is returned. */
int queue_lock(const char *run_dir, struct err *err);

/* upkeep.c: prunes the archive, cleans spool/tmp; to be called again and again. */
void upkeep_step(struct queue *q);

/* runner.c */
int runner_run(struct queue *q, struct err *err); /* 1: with -1, some jobs could not be taken */

#endif
