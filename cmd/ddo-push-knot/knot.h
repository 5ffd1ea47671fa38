/* knot: what the parts of ddo-push-knot share. */
#ifndef DDO_KNOT_KNOT_H
#define DDO_KNOT_KNOT_H

#include "ctl.h"
#include "push/files/primary.h"

struct knot {
	struct primary p; /* first: its functions get this */
	const char *template, *checkzone, *control;
	bool zonefile_only;
	struct ctl *ctl;
	int note; /* transaction.c */
};

/* declared.c */
/* Gives every zone that is declared, or the one, to take(); the path that it is read from is in
 * `path`, "" when nobody can tell.  1: no such zone.  -1: knotd is gone. */
typedef void declared_taker(void *arg, const char *zone, const char *path);
int declared_read(
    struct knot *k, const char *zone, declared_taker *take, void *arg, struct err *err);
/* Is this the file that ddo has for the zone? */
bool declared_ours(const struct knot *k, const char *zone, const char *path);

/* The same of a value of "file". */
bool declared_is_file(const struct knot *k, const char *zone, const char *file);

/* Has knotd the template that new zones are to be declared with?  -1: no, or knotd is gone. */
int declared_template(struct knot *k, struct err *err);

/* One transaction: declares what is to be added, takes out what is to be deleted.  1: knotd refuses
 * it, err has its words; -1: it is gone. */
int declare(struct knot *k, struct primary_work *const *works, size_t count, struct err *err);

/* transaction.c: knotd has one configuration transaction, for whoever is first.  A note in
 * zones_dir, locked while its writer lives, tells what ours is about, so that one which a killed
 * ddo-push-knot left is known, and everybody else's is left alone.  As ctl_run(); when
 * transaction_begin() was 0, transaction_end() ends it with "conf-commit" or "conf-abort", and
 * after a commit that knotd refused (1) it has to be aborted. */
int transaction_begin(
    struct knot *k, struct primary_work *const *works, size_t count, struct err *err);
int transaction_end(struct knot *k, const char *how, struct err *err);
/* Behind a batch: removes a note that was left by one who got as far as the commit. */
int transaction_tidy(struct primary *p, struct primary_batch *batch, struct err *err);

/* zones.c, of struct primary_kind: */
int knot_file(struct primary *p, const char *zone, char out[NAME_FILE_SIZE], struct err *err);
int knot_owner(
    struct primary *p, const struct primary_work *w, const struct dnsq_item *a, struct err *err);
int knot_holds(struct primary *p, const struct primary_work *w, struct err *err);
int knot_shows(struct primary *p, const struct primary_work *w, struct err *err);
int knot_words(struct primary *p, const struct primary_work *w, struct err *why, struct err *err);
int knot_list(void *ctx, FILE *out, struct err *err);
/* Does knotd have this zone, declared or as a member of a catalog?  1, 0, -1: knotd is gone. */
int knot_has(struct knot *k, const char *zone, struct err *err);
/* tell.c */
int knot_tell_batch(struct primary *p, struct primary_batch *batch, struct err *err);
int knot_reload(struct primary *p, struct primary_work *w, struct err *err);
bool knot_refuses(struct primary *p, const struct primary_work *w, char *reason, size_t size);
int knot_forget(
    struct primary *p, struct primary_batch *batch, struct primary_work *w, struct err *err);

extern const struct push_options knot_options; /* options.c */

#endif
