/* knot: what the parts of ddo-push-knot share.
 *
 * Each .c file here has one task: declared.c (what knotd's configuration says about zones),
 * transaction.c (knotd's one transaction), declare.c (changes to the configuration), zones.c (what
 * knotd has), check.c (what it refuses), tell.c (the changes).  Functions return -1 when knotd is
 * gone (err), unless said otherwise.  Those that get a struct primary are hooks of struct
 * primary_kind (primary.h).
 */
#ifndef DDO_KNOT_KNOT_H
#define DDO_KNOT_KNOT_H

#include "ctl.h"
#include "push/files/primary.h"

struct knot {
	struct primary p; /* first: its functions get this */
	const char *template, *checkzone, *control;
	bool zonefile_only;
	struct ctl *ctl;
	int note; /* transaction.c: its descriptor, or -1 */
};

/* declared.c.  Gives every zone that is declared, or the one, to take(); the path that it is read
 * from is in `path`, "" when it is unknown.  1: no such zone. */
typedef void declared_taker(void *arg, const char *zone, const char *path);
int declared_read(
    struct knot *k, const char *zone, declared_taker *take, void *arg, struct err *err);
/* Is this the file that ddo has for the zone? */
bool declared_ours(const struct knot *k, const char *zone, const char *path);
/* The same of a value of "file". */
bool declared_is_file(const struct knot *k, const char *zone, const char *file);
/* Has knotd the template that new zones are declared with?  -1: no, or knotd is gone. */
int declared_template(struct knot *k, struct err *err);
/* Adds to err when knotd's configuration lets it listen nowhere. */
void declared_listen(struct knot *k, struct err *err);
/* false: knotd runs on a configuration file, so what ddo declares ends with it. */
bool declared_lasts(const struct knot *k);

/* transaction.c.  knotd has one configuration transaction, for the first who asks.  A note in
 * zones_dir, locked while its writer lives, tells what ours is about.  So a transaction that a
 * killed ddo-push-knot left is known, and those of others are left alone.  They return as
 * ctl_command().  When transaction_begin() was 0, transaction_end() ends it with "conf-commit" or
 * "conf-abort"; after a commit that knotd refused (1) it has to be aborted. */
int transaction_begin(struct knot *k, struct work *const *works, size_t count, struct err *err);
int transaction_end(struct knot *k, const char *how, struct err *err);
/* After a batch: removes the note that one left who got as far as the commit. */
int transaction_tidy(struct primary *p, struct work_batch *batch, struct err *err);

/* declare.c.  One transaction: declares what is to be added, takes out what is to be deleted.
 * 1: knotd refuses it, err has its words. */
int declare(struct knot *k, struct work *const *works, size_t count, struct err *err);

/* zones.c */
/* Does knotd have this zone, declared or as a member of a catalog?  1, 0. */
int knot_has(struct knot *k, const char *zone, struct err *err);
int knot_owner(struct primary *p, const struct work *w, struct err *err);
int knot_shows(struct primary *p, const struct work *w, struct err *err);
int knot_outcome(struct primary *p, const struct work *w, struct err *why, struct err *err);
int knot_list(void *ctx, FILE *out, struct err *err);

/* tell.c */
int knot_tell_batch(struct primary *p, struct work_batch *batch, struct err *err);
int knot_tell_one(
    struct primary *p, struct work_batch *batch, struct work *w, enum work_op op, struct err *err);

/* check.c */
bool knot_refuses(
    struct primary *p, const struct work *w, enum primary_stage stage, char *reason, size_t size);

extern const struct push_options knot_options; /* options.c */

#endif
