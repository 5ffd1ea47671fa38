/* primary: how zones get into a server that is primary for them and reads them from files.
 *
 * primary_apply() is a push program's apply().  It asks the server for every SOA, leaves alone what
 * is another's, writes the files (zonefile.h), has the kind tell the server, and waits until the
 * server itself answers as it should.  A zone that the server refuses gets its last good file back;
 * a new one leaves nothing.  What differs from server to server is in struct primary_kind, in four
 * groups: owner, tell, proof, refusal.  Its functions get the struct primary that they belong to,
 * and return -1 when the server is gone (err).
 */
#ifndef DDO_PRIMARY_H
#define DDO_PRIMARY_H

#include "push/files/work.h"

enum primary_owner { /* whose is the zone that the server has under this name? */
	OWNER_NOBODY,
	OWNER_US,
	OWNER_US_ELSEWHERE, /* ours, but not declared with FILE */
	OWNER_OTHER
};

enum primary_stage {
	STAGE_RECORDS, /* the records alone; the reason goes on after "NSD would " */
	STAGE_NEW,     /* FILE.new, before it replaces a file that is served */
	STAGE_FILE     /* FILE, which the server was told of and does not answer with */
};

/* What became of a FILE that the server was told of and does not answer with. */
enum primary_outcome {
	OUTCOME_UNKNOWN, /* it may come yet */
	OUTCOME_LOADING, /* the server says that it is loading */
	OUTCOME_FAILED,  /* the server is done, and something that can be mended was in the way */
	OUTCOME_REFUSED  /* the server is done, and will always refuse these bytes */
};

struct primary_kind {
	const char *daemon;     /* "named": the subject of messages */
	bool broken_is_refused; /* SERVFAIL: FILE failed to load, so ask why at once */
	bool tree;              /* FILE is named as zonefile_name() does for a tree */
	const char *too_long;   /* the reason for a name that does not fit such a tree */

	/* Owner.  Whose is w's zone, and from which file?  w->answer is the server's, w->file is
	 * set.  An enum primary_owner. */
	int (*owner)(struct primary *p, const struct work *w, struct err *err);

	/* Tell.  Makes the server see each work that is due: works become told, or end. */
	int (*tell)(struct primary *p, struct work_batch *batch, struct err *err);
	/* The same of one work whose FILE changed afterwards.  OP_PUT: load FILE again; OP_DEL: the
	 * zone is new, forget it and remove FILE, or leave that to include_clear(). */
	int (*tell_one)(struct primary *p, struct work_batch *batch, struct work *w,
	    enum work_op op, struct err *err);
	/* After all works have ended: what is left to clear up.  May be NULL. */
	int (*finish)(struct primary *p, struct work_batch *batch, struct err *err);

	/* Proof.  Does the server show w's zone, though its serial was the same before?  Of a
	 * planned work that looks unchanged, too.  1, 0.  With w NULL: waits until the server is
	 * done with all that it was told.  1: what it does not show now it lost; 0: unknown. */
	int (*shows)(struct primary *p, const struct work *w, struct err *err);
	/* An enum primary_outcome of w, which the server does not answer with; `why` gets the
	 * server's own words, if it has any. */
	int (*outcome)(struct primary *p, const struct work *w, struct err *why, struct err *err);

	/* Refusal.  Does the server refuse the zone at this stage, and why? */
	bool (*refuses)(struct primary *p, const struct work *w, enum primary_stage stage,
	    char *reason, size_t size);
};

/* Options zones_dir and server (default: 127.0.0.1:53).  -1: configuration error; close it all the
 * same.  The kind sets p->list, which primary_close() closes. */
int primary_open(struct primary *p, const struct primary_kind *kind, const struct conf_target *t,
    struct err *err);
void primary_close(struct primary *p);
/* Opens zones_dir and reads p->list.  -1: down. */
int primary_ready(struct primary *p, struct err *err);
int primary_apply(struct primary *p, struct push_item *items, size_t count, struct err *err);
/* The server answers over DNS, and zones_dir takes a file.  -1: down. */
int primary_probe(struct primary *p, struct err *err);

/* For a probe that failed.  When the server does not answer over DNS either, the last good files
 * replace those that it never confirmed, so that it does not die of them at its next start.  Adds
 * to `err` what was done. */
void primary_probe_dead(struct primary *p, struct err *err);

/* What a server holds, for `list`. */
struct primary_list;
struct primary_list *primary_list_new(void);
void primary_list_free(struct primary_list *l);
/* One more zone, with its file in zones_dir, or NULL: the server has it from elsewhere. */
void primary_list_add(
    struct primary_list *l, struct primary *p, const char *zone, const char *file);
/* One more zone as the server itself told it; NULL: it has no data. */
void primary_list_zone(struct primary_list *l, const char *zone, const struct zone *z);
/* One more zone, which is another's.  The server is not asked about it. */
void primary_list_foreign(struct primary_list *l, const char *zone);
/* All files "*.db" directly in zones_dir. */
int primary_list_files(struct primary_list *l, struct primary *p, struct err *err);
/* Asks the server for all serials and prints; a digest only where file and server agree. */
int primary_list_print(struct primary_list *l, struct primary *p, FILE *out, struct err *err);

#endif
