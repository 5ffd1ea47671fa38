/* reconcile: what the parts of ddo-reconcile share.
 *
 * snapshot.c    the store as it is before anybody else is asked
 * servers.c     what each DirectAdmin lists
 * targets.c     what each target holds
 * compare.c     walks through all of them by name, and decides
 * orphans.c     marks, grace and brakes of deletes
 * plan.c        what is to be done, as lines
 * act.c         jobs into the spool
 * pull.c        zones from DirectAdmin into the spool
 * refusals.c    pushes that were refused
 * watch.c       what is only reported;  delegation.c: what the parents say
 * report.c      what happened, for the store
 * loop.c        -w
 *
 * The order protects what comes meanwhile: a zone's place in the order of acceptance (seq) is read
 * from the store before DirectAdmin or a target is asked, and every job about it holds only while
 * that has not changed.  So a push that came in between always wins.
 */
#ifndef DDO_RECONCILE_H
#define DDO_RECONCILE_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "da/da.h"
#include "push/held.h"
#include "spool/spool.h"
#include "store/archive.h"
#include "store/compare.h"
#include "store/read.h"
#include "store/refusal.h"
#include "store/report.h"

#define EXIT_IN_SYNC 0
#define EXIT_DIFFERENCES 1
#define EXIT_BRAKE 2

enum held_state { HELD_NONE, HELD_DONE, HELD_PENDING, HELD_PARKED, HELD_REFUSED };

struct row { /* a zone of the store */
	const char *name;
	uint64_t seq, generation;
	uint32_t serial;
	bool deleted, wanted;
	unsigned char digest[48];
	const char *origin;          /* "" unknown; one string for all rows that have it */
	const struct conf_da *owner; /* the DirectAdmin that origin is, or NULL */
	uint8_t *states;             /* enum held_state, one a target */
};

struct server {
	const struct conf_da *conf;
	struct da *da;
	struct da_list list;
	size_t at;   /* where the walk is in it */
	bool asked;  /* not left out by --server */
	bool deep;   /* every text is compared */
	bool proven; /* the list is the whole truth */
	enum da_fault fault;
	struct err why;  /* of not being proven */
	size_t owned;    /* live zones in the store that are its */
	size_t deletes;  /* orphans whose time has come */
	bool silent;     /* failed since: it is not asked any more */
	unsigned denied; /* refusals in a row of what is asked about one zone */
	bool tried;      /* gives_texts() has asked, and */
	bool gives;      /* it gives out texts of zones */
	size_t skipped;  /* zones that were not fetched, since it is silent */
	pthread_t thread;
};

struct target {
	const struct conf_target *conf;
	const struct conf *all; /* for the thread */
	struct buf out;
	bool asked; /* not left out by --target */
	bool waits; /* the store is an older copy, and ddo-queue has not compared it since */
	bool compared;
	struct err why;
	struct held_list held;
	size_t at;       /* where the walk is in it */
	int64_t started; /* wall clock, seconds */
	size_t pending, refused;
	pthread_t thread;
};

enum action_kind { /* in the order of printing, of one zone */
	ACT_UNPROVEN,
	ACT_UNCOMPARED,
	ACT_PULL,
	ACT_CHECK, /* perhaps a pull: its text tells; never printed */
	ACT_CLAIM,
	ACT_MIGRATE,
	ACT_ORPHAN,
	ACT_DELETE,
	ACT_CONFLICT,
	ACT_PUSH,
	ACT_GHOST,
	ACT_FOREIGN,
	ACT_WATCH,
	ACT_PENDING,
	ACT_REFUSED,
	ACT_BRAKE,
	ACT_HELD,
	ACT_FAILED,
	ACTION_KINDS
};

struct action {
	enum action_kind kind;
	const char *zone; /* "-": none */
	const char *where;
	const struct row *row; /* NULL: the store never heard of it */
	struct server *server; /* of these two what the kind needs */
	struct target *target;
	char *reason;     /* owned */
	uint64_t cleared; /* of the orphan's mark */
	bool dropped;
};

struct mark {               /* an orphan */
	const char *zone;   /* of the last report or of a row */
	const char *server; /* hostname */
	uint64_t seq;
	int64_t first; /* when it was seen first, seconds since the epoch */
	unsigned runs;
	uint64_t cleared; /* a bit a server, of the first 64: its list was proven in one of these
			     runs, and lacked the zone */
};

struct options {
	const char *config, *server, *target;
	const char *zone; /* normal; NULL all */
	const char *restore;
	bool dry_run; /* -n */
	bool deep, delegation, wait, test;
	size_t yes_delete;                                 /* 0: not given */
	char server_name[NAME_SIZE], zone_name[NAME_SIZE]; /* what server, zone, restore point to */
};

struct run {
	const struct options *o;
	const struct conf *conf;
	struct store *store;
	struct spool *spool;
	int64_t started; /* wall clock, seconds */
	bool dry;        /* -n or dry_run: true */

	struct row *rows; /* by name, bytewise */
	size_t nrows;
	struct store_restored restored;
	char **origins;
	size_t norigins;
	uint8_t *states;
	struct server *servers;
	size_t nservers;
	struct target *targets; /* enabled ones */
	size_t ntargets;

	struct action *actions;
	size_t nactions, cap;
	size_t counts[ACTION_KINDS];
	size_t pulled, strays;

	json_t *last;       /* the last report, or NULL */
	struct mark *marks; /* of it, by zone */
	size_t nmarks;
	struct mark *new_marks;
	size_t nnew_marks;
	json_t *signed_zones, *unsigned_zones; /* watch.c's memory */
	bool brake;
	bool stuck; /* nobody takes what is in the spool */
};

/* options.c: exits when they are wrong, or ask for help. */
void options_parse(struct options *o, int argc, char **argv);

/* snapshot.c */
int snapshot_take(struct run *r, struct err *err);
const struct row *snapshot_find(const struct run *r, const char *zone);
/* Has the zone, or its delivery to `target` (may be NULL), changed since the snapshot, or since the
 * target began its list? */
int snapshot_changed(struct run *r, const struct row *row, const struct target *t, struct err *err);

/* servers.c: begins in threads of their own, and waits for them. */
int servers_test(const struct conf *conf);
int servers_start(struct run *r, struct err *err);
/* The memory of when each one's texts were all compared, for deep_hours. */
json_t *servers_compared(const struct run *r);
void servers_finish(struct run *r);
/* What was asked about one zone failed: does that mean the server, which is silent from now on? */
void servers_failed(struct server *s);
/* Asks the name servers of those that have `dns_server`: rows whose serial there is newer. */
void servers_newer(struct run *r);

/* targets.c */
void targets_start(struct run *r);
void targets_finish(struct run *r);

/* compare.c */
void compare(struct run *r);
int compare_again(struct run *r, struct err *err); /* drops what has changed meanwhile */

/* orphans.c */
int orphans_load(struct run *r, struct err *err);
/* Marks what compare() found, and makes deletes of what was marked long enough, if no brake and no
 * DirectAdmin objects. */
void orphans_decide(struct run *r);

/* plan.c */
struct action *plan_add(struct run *r, enum action_kind kind, const char *zone, const char *where,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
bool plan_about(const struct run *r, const char *zone); /* not left out by --zone */
bool plan_narrowed(const struct run *r);                /* something is left out */
const char *plan_word(enum action_kind kind);
void plan_sort(struct run *r);
void plan_print(const struct action *a);
void plan_print_all(const struct run *r);
bool plan_written(void); /* all of it is out */
bool plan_differs(const struct run *r);

/* act.c */
int act(struct run *r, struct err *err);
/* One job for all that a target lacks, of the actions from `first` on. */
int act_resend(struct run *r, size_t first, struct err *err);
int act_own(struct run *r, const struct action *a, struct err *err);
int act_restore(struct run *r, struct err *err); /* 1: accepted, 0: nothing to restore, -1 */
int act_report(struct run *r, struct err *err);

/* pull.c: fetches, compares, enqueues, says what it did. */
void pull_all(struct run *r);

/* watch.c */
int watch(struct run *r, struct err *err);
/* refusals.c: zones whose newest push was refused; those that matter no more end. */
int refusals(struct run *r, struct err *err);
/* DirectAdmin has what the store has: what it pushed before does not matter any more. */
void refusals_end(struct run *r, const char *zone);
/* delegation.c */
void delegation(struct run *r);

/* report.c: for json_decref(). */
json_t *report_make(const struct run *r);

/* loop.c: a child a run, until SIGTERM or SIGINT; `once` returns the exit status. */
int loop(const struct options *o, int (*once)(const struct options *o));

#endif
