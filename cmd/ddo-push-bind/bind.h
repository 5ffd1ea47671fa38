/* bind: what the parts of ddo-push-bind share. */
#ifndef DDO_BIND_BIND_H
#define DDO_BIND_BIND_H

#include "control.h"
#include "dnsq.h"
#include "include.h"
#include "push.h"

struct bind {
	const char *zones_dir, *view, *server, *checkzone;
	struct control *control;
	struct dnsq *dns;
	struct include *include; /* NULL: mode addzone */
	int dir;                 /* of zones_dir; -1 until bind_ready() */
};

enum step {
	STEP_NONE, /* decided: its result is set, or will be without named doing anything */
	STEP_ADD,  /* named does not have it, or (include) has it elsewhere */
	STEP_RELOAD,
	STEP_DEL
};

struct work { /* one item on its way */
	struct push_item *item;
	char file[NAME_FILE_SIZE];
	enum step step;
	bool told;       /* named was told, now it must show */
	bool by_time;    /* the serial stays the same: the time of loading is the proof */
	char *old_path;  /* include: the zone's file outside of zones_dir until now, or NULL */
	char loaded[64]; /* named's words for that time, before */
};

struct batch {
	struct work *works;
	struct dnsq_item *answers; /* of works[i] */
	size_t count;
	bool reconfig; /* named has to read its configuration again */
};

int bind_ready(
    struct bind *b, struct err *err); /* opens zones_dir, reads the include file; -1: down */
void bind_path(const struct bind *b, const char *file, struct buf *out);

/* One command about a zone: "reload ZONE" or, with a view, "reload ZONE IN VIEW", and `tail`. As
 * control_run(). */
int bind_tell(struct bind *b, const char *verb, const char *zone, const char *tail,
    struct buf *text, struct err *err);

/* When named loaded the zone, in its own words; "" when it does not say.  -1: named is gone. */
int bind_loaded(struct bind *b, const char *zone, char out[64], struct err *err);

enum owner { OWNER_NOBODY, OWNER_US, OWNER_OTHER };

/* Whose is the zone that named has under this name?  -1: named is gone. */
int bind_owner(struct bind *b, const struct work *w, struct err *err);

int bind_apply(void *ctx, struct push_item *items, size_t count, struct err *err);
int bind_list(void *ctx, FILE *out, struct err *err);

/* plan.c: what is to be done, and the files.  -1: the target is down. */
int plan_batch(struct bind *b, struct batch *batch, struct err *err);
/* tell.c: makes named see what was planned, or undoes what it refused. */
int tell_batch(struct bind *b, struct batch *batch, struct err *err);
/* Takes the new file back: the last good one returns, a new zone leaves nothing behind. */
int tell_undo(struct bind *b, struct batch *batch, struct work *w, struct err *err);
int tell_reload(struct bind *b, struct work *w, struct err *err);
int tell_reconfig(struct bind *b, struct batch *batch, struct err *err);
/* check.c: does named-checkzone, as strict as named itself, refuse FILE?  Then `reason` has its
 * words. */
bool check_refuses(const struct bind *b, const struct work *w, char *reason, size_t size);
/* confirm.c: waits until named answers so, finds out why when it does not. */
int confirm_batch(struct bind *b, struct batch *batch, struct err *err);

int work_fail(struct work *w, enum push_result result, const char *fmt, ...)
    __attribute__((format(printf, 3, 4))); /* always 0 */

#endif
