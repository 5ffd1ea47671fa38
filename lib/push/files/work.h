/* work: one item on its way through a push program for a server that reads zones from files.
 *
 * A work starts as WORK_PLANNED with OP_NONE.  Planning (primary_private.h) sets the operation,
 * telling makes it WORK_TOLD, and then it ends as WORK_CONFIRMED, WORK_REFUSED or WORK_DEFERRED.
 * Only the functions below change a state; they set the item's result and reason with it.  A work
 * that ends before the server was told loses its operation, so OP_NONE says: the server and FILE
 * are as they were.  work_replan() is the one way back: the server lost what it was told.
 * `old_path` is allocated and belongs to the batch.
 */
#ifndef DDO_WORK_H
#define DDO_WORK_H

#include "dns/dnsq.h"
#include "dns/name.h"
#include "push/files/zonefile.h"
#include "push/main.h"

struct include;
struct primary_kind;

struct primary { /* the server */
	const char *zones_dir, *server;
	struct dnsq *dns;
	int dir; /* of zones_dir; -1 until primary_ready() */
	const struct primary_kind *kind;
	struct include *list; /* the file in which zones are declared; NULL: there is none */
};

enum work_op {
	OP_NONE,
	OP_NEW, /* the server does not have the zone, or not from FILE */
	OP_PUT, /* the server has FILE, which changes */
	OP_DEL
};

enum work_state { WORK_PLANNED, WORK_TOLD, WORK_CONFIRMED, WORK_REFUSED, WORK_DEFERRED };

struct work {
	struct push_item *item;
	char file[NAME_FILE_SIZE]; /* in zones_dir */
	enum work_op op;
	enum work_state state;
	struct dnsq_item answer; /* the server's last, to a question for the zone's SOA */
	bool same_serial;        /* the server served this serial before: it alone proves nothing */
	bool checked;            /* the server was asked whether it refuses FILE */
	char *old_path;          /* the file outside of zones_dir that the zone had, or NULL */
	char before[64];         /* the kind's: how the server stood before it was told */
};

struct work_batch {
	struct work *works;
	size_t count;
	bool reconfig; /* the server has to read its configuration again */
};

/* Sets w->file.  False: the server cannot have such a file. */
bool work_name_file(const struct primary *p, struct work *w);

/* Is this still to be told? */
bool work_is_due(const struct work *w, enum work_op op);
/* Was, or is, the server to be told of a FILE that it has not confirmed? */
bool work_is_unproven(const struct work *w);

void work_told(struct work *w);
void work_confirmed(struct work *w);
void work_replan(struct work *w);
/* The item has a result from elsewhere: the state follows. */
void work_follow(struct work *w);
/* Ends as WORK_REFUSED or WORK_DEFERRED, for this reason.  Always 0. */
int work_fail(struct work *w, enum work_state state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Ends as WORK_REFUSED: the server has the zone from elsewhere.  Always 0. */
int work_foreign(const struct primary *p, struct work *w);

#endif
