/* primary: how zones get into a server that is primary for them and reads them from files.
 *
 * primary_apply() is a push program's apply(): it asks the server for every SOA, leaves alone what
 * is somebody else's, writes the files (zonefile.h), has the kind tell the server, and waits until
 * the server itself answers as it should.  A zone that the server refuses gets its last good file
 * back; a new one leaves nothing.  What differs from server to server is in struct primary_kind;
 * its functions get the struct primary that they belong to and return -1 when the server is gone
 * (err), unless said otherwise.
 */
#ifndef DDO_PRIMARY_H
#define DDO_PRIMARY_H

#include "dns/dnsq.h"
#include "dns/name.h"
#include "push/files/zonefile.h"
#include "push/main.h"

enum primary_step {
	STEP_NONE, /* decided: its result is set, or will be without the server doing anything */
	STEP_ADD,  /* the server does not have it, or has it elsewhere */
	STEP_RELOAD,
	STEP_DEL
};

/* What became of a FILE that the server was told of and does not answer with. */
enum primary_state {
	PRIMARY_UNKNOWN, /* it may come yet */
	PRIMARY_LOADING, /* the server says that it is at it */
	PRIMARY_FAILED,  /* it is done with it, and something that can be mended was in the way */
	PRIMARY_REFUSED  /* it is done with it, and these bytes it always will refuse */
};

enum primary_owner { OWNER_NOBODY, OWNER_US, OWNER_OTHER };

struct primary_work { /* one item on its way */
	struct push_item *item;
	char file[NAME_FILE_SIZE]; /* in zones_dir */
	enum primary_step step;
	bool told;        /* the server was told, now it must show */
	bool checked;     /* whether the server refuses it */
	bool again;       /* taken back, for the server lost what it was told with it */
	bool same_serial; /* as what is served: the serial alone proves nothing */
	char *old_path;   /* the zone's file outside of zones_dir until now, or NULL */
	char mark[64];    /* the kind's, for shows() */
};

struct primary_batch {
	struct primary_work *works;
	struct dnsq_item *answers; /* of works[i] */
	size_t count;
	bool reconfig; /* the server has to read its configuration again */
};

struct include;

struct primary {
	const char *zones_dir, *server;
	struct dnsq *dns;
	int dir; /* of zones_dir; -1 until primary_ready() */
	const struct primary_kind *kind;
};

struct primary_kind {
	const char *daemon; /* "named": who it is that refuses */
	/* A zone without data (SERVFAIL) is one that failed to load: its file is looked at now. */
	bool broken_is_refused;
	/* Called before each batch and list; may be NULL. */
	int (*ready)(struct primary *p, struct err *err);
	/* The zone's file in zones_dir.  -1: it cannot have one. */
	int (*file)(struct primary *p, const char *zone, char out[NAME_FILE_SIZE], struct err *err);
	/* Whose is the zone that the server has under this name?  An enum primary_owner. */
	int (*owner)(struct primary *p, const struct primary_work *w, const struct dnsq_item *a,
	    struct err *err);
	/* Has the server this zone, though ours, from another file?  May be NULL. */
	bool (*elsewhere)(struct primary *p, const struct primary_work *w);
	/* May be NULL: does it hold exactly this zone?  1, 0.  Asked about one that looks
	 * unchanged.
	 */
	int (*holds)(struct primary *p, const struct primary_work *w, struct err *err);
	/* May be NULL: does the server die of this zone?  Then it never gets to see it. */
	bool (*dies_of)(const struct zone *z, char *reason, size_t size);
	/* May be NULL: the file in which zones are declared, NULL when there is none. */
	struct include *(*list)(struct primary *p);
	/* May be NULL: is FILE.new refused?  Asked before it replaces a file that is served. */
	bool (*precheck)(
	    struct primary *p, const struct primary_work *w, char *reason, size_t size);
	/* Takes down in w->mark how the server stands before a change that keeps the serial; may be
	 * NULL. */
	int (*mark)(struct primary *p, struct primary_work *w, struct err *err);
	/* Makes the server see what was planned: sets `told`, or a result. */
	int (*tell)(struct primary *p, struct primary_batch *batch, struct err *err);
	/* Tells it of one changed file. */
	int (*reload)(struct primary *p, struct primary_work *w, struct err *err);
	/* Has it loaded the new file, though the serial is the same?  1, 0. */
	int (*shows)(struct primary *p, const struct primary_work *w, struct err *err);
	/* May be NULL: waits until the server is through with all that it was told.  1: what it
	 * does not show now it lost, when loading something failed as a whole; 0: nobody can tell.
	 */
	int (*through)(struct primary *p, struct err *err);
	/* Does the server refuse FILE, and why? */
	bool (*refuses)(struct primary *p, const struct primary_work *w, char *reason, size_t size);
	/* Takes a zone that is new out of the server; its file goes afterwards. */
	int (*forget)(struct primary *p, struct primary_batch *batch, struct primary_work *w,
	    struct err *err);
	/* Of a zone that it does not answer with: an enum primary_state, and the server's own words
	 * in `why`, which may stay as it is. */
	int (*words)(
	    struct primary *p, const struct primary_work *w, struct err *why, struct err *err);
	/* Behind all else; may be NULL. */
	int (*finish)(struct primary *p, struct primary_batch *batch, struct err *err);
};

/* Options zones_dir and server (default 127.0.0.1:53).  -1: configuration error; close all the
 * same. */
int primary_open(struct primary *p, const struct primary_kind *kind, const struct conf_target *t,
    struct err *err);
void primary_close(struct primary *p);
int primary_ready(struct primary *p, struct err *err); /* opens zones_dir; -1: down */
int primary_apply(struct primary *p, struct push_item *items, size_t count, struct err *err);
/* The server answers over DNS, and zones_dir takes a file.  -1: down. */
int primary_probe(struct primary *p, struct err *err);

/* For a probe that failed: when the server does not answer over DNS either, and files of changes
 * that it never confirmed are in zones_dir, the last good ones come back, and so its next start is
 * not the end of it again.  Says so behind `err`. */
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
/* One more zone, which the server has from somebody else.  It is not asked about. */
void primary_list_foreign(struct primary_list *l, const char *zone);
/* All files "*.db" directly in zones_dir. */
int primary_list_files(struct primary_list *l, struct primary *p, struct err *err);
/* Asks the server for all serials and prints; a digest only where file and server agree. */
int primary_list_print(struct primary_list *l, struct primary *p, FILE *out, struct err *err);

void primary_path(const struct primary *p, const char *file, struct buf *out); /* absolute */
bool primary_has_file(const struct primary *p, const struct primary_work *w);
/* The server refuses a file, or does not load it: the last good one returns and is told, a new zone
 * leaves nothing.  ZONEFILE_ODD: a file is in the way (err). */
int primary_undo(
    struct primary *p, struct primary_batch *batch, struct primary_work *w, struct err *err);

int work_fail(struct primary_work *w, enum push_result result, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));                   /* always 0 */
int work_foreign(struct primary *p, struct primary_work *w); /* fails: it is somebody else's */

#endif
