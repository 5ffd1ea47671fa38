/* inputs: what a run looks at: options, configuration, the store's zones, DirectAdmins, targets.
 *
 * inputs_open() fills in what the configuration says, snapshot_take() what the store holds.  Then
 * servers_start() and targets_start() ask all sides at once, in threads, and servers_finish() and
 * targets_finish() wait for the answers.  From then on only the walk (`at`) and what a server does
 * when it is asked about one zone (`silent`, `denied`, ...) change.
 *
 * The order protects what comes meanwhile: a zone's place in the order of acceptance (seq) is read
 * from the store before a DirectAdmin or a target is asked, and every job about it holds only while
 * that has not changed.  So a push that comes in between always wins.
 *
 * A run lives as long as its process, and frees only what grows.
 */
#ifndef DDO_RECONCILE_INPUTS_H
#define DDO_RECONCILE_INPUTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "da/da.h"
#include "push/held.h"
#include "spool/spool.h"
#include "store/compare.h"

struct options {
	const char *config, *server, *target;
	const char *zone; /* normal; NULL all */
	const char *restore;
	bool dry_run; /* -n */
	bool deep, delegation, wait, test, json;
	size_t yes_delete;                                 /* 0: not given */
	char server_name[NAME_SIZE], zone_name[NAME_SIZE]; /* what server, zone, restore point to */
};

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

struct snapshot {
	struct row *rows; /* by name, bytewise */
	size_t nrows;
	char **origins;
	size_t norigins;
	uint8_t *states;
	struct store_restored restored;
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

struct inputs {
	const struct options *o;
	const struct conf *conf;
	struct store *store;
	struct spool *spool;
	int64_t started; /* wall clock, seconds */
	bool dry;        /* -n, dry_run: true, or stuck */
	bool stuck;      /* no ddo-queue takes what is in the spool */
	struct snapshot snapshot;
	struct server *servers;
	size_t nservers;
	struct target *targets; /* enabled ones */
	size_t ntargets;
};

struct plan;
struct memory;

/* options.c: exits when they are wrong, or ask for help. */
void options_parse(struct options *o, int argc, char **argv);

/* inputs.c: exits when something is missing. */
void inputs_open(struct inputs *in, const struct options *o, const struct conf *conf);
/* Makes the run a dry one when jobs have waited in the spool for too long. */
void inputs_check_spool(struct inputs *in);
bool options_about(const struct options *o, const char *zone); /* not left out by --zone */
bool options_narrow(const struct options *o);                  /* something is left out */

/* snapshot.c */
int snapshot_take(struct inputs *in, struct err *err);
const struct row *snapshot_find(const struct snapshot *s, const char *zone);
/* Has the zone, or its delivery to `target` (may be NULL), changed since the snapshot, or since the
 * target began its list?  1, 0, -1. */
int snapshot_changed(
    struct store *st, const struct row *row, const struct target *t, struct err *err);

/* servers.c */
int servers_test(const struct conf *conf);
int servers_start(struct inputs *in, const struct memory *m, struct err *err);
void servers_finish(struct inputs *in, struct plan *p);
/* What was asked about one zone failed: counts it, and decides whether the server is silent now. */
void servers_failed(struct server *s);
/* Asks the name servers of those that have `dns_server`: zones whose serial there is newer. */
void servers_newer(struct inputs *in, struct plan *p);

/* targets.c */
void targets_start(struct inputs *in);
void targets_finish(struct inputs *in, struct plan *p);

#endif
